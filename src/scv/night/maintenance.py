"""Housekeeping of the warehouse."""

from psycopg import sql

from scv.db import warehouse

# Who owns the tables of a schema may vacuum them; what migrations made is left to the server's own vacuum.
_OWNERS: tuple[tuple[warehouse.Role, str], ...] = (
    ("loader", "raw\\_%"),
    ("transform", "intermediate"),
    ("transform", "build%"),
    ("publisher", "marts"),
    ("publisher", "restricted"),
)


def vacuum_warehouse() -> int:
    """Vacuum and analyse the large schemas, each as its owner; returns the number of tables."""
    tables = 0
    for role, schemas in _OWNERS:
        with warehouse.connect(role, autocommit=True) as connection:
            names = connection.execute(
                """
                select schemaname, tablename from pg_catalog.pg_tables
                where schemaname like %s and tableowner = current_user order by 1, 2
                """,
                (schemas,),
            ).fetchall()
            for schema, table in names:
                connection.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(schema, table)))
            tables += len(names)
    return tables
