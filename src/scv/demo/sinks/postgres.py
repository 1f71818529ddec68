"""Systems that are kept in Postgres databases beside the warehouse, readable by one login only."""

from collections.abc import Iterable
from io import BytesIO

import psycopg
import pyarrow as pa
import pyarrow.csv
import sqlalchemy
from psycopg import sql

from scv.demo.tables import TableSpec

TYPES = {
    "text": "text",
    "int": "integer",
    "big": "bigint",
    "num": "numeric(12,2)",
    "bool": "boolean",
    "date": "date",
    "iso": "varchar(37)",
    "ts": "timestamptz",
}


def database_of(admin: psycopg.Connection, system: str) -> str:
    """Name of a system's database: councils on one server differ by the database of their warehouse."""
    return f"{admin.info.dbname}_src_{system}"


def reader_of(admin: psycopg.Connection) -> str:
    """The login that reads the systems of a council, and nothing else."""
    return f"{admin.info.dbname}_source"


def source_url(admin: psycopg.Connection, system: str, password: str) -> str:
    """SQLAlchemy URL with which the pipeline reads a system. Holds a password: never print it."""
    info = admin.info
    on_socket = info.host.startswith("/")
    url = sqlalchemy.URL.create(
        "postgresql+psycopg",
        username=reader_of(admin),
        password=password,
        host=None if on_socket else info.host,
        port=None if on_socket else info.port,
        database=database_of(admin, system),
        query={"host": info.host, "port": str(info.port)} if on_socket else {},
    )
    return url.render_as_string(hide_password=False)


def make_reader(admin: psycopg.Connection, password: str) -> None:
    """Make the login that reads the sources, or give it this password."""
    reader = reader_of(admin)
    found = admin.execute("select 1 from pg_roles where rolname = %s", (reader,)).fetchone()
    verb = "alter" if found else "create"
    admin.execute(
        sql.SQL("{} role {} login password {}").format(
            sql.SQL(verb), sql.Identifier(reader), sql.Literal(password)
        )
    )


def make_database(admin: psycopg.Connection, system: str) -> None:
    """Make a system's database anew; `admin` must be in autocommit mode and may create databases."""
    name = sql.Identifier(database_of(admin, system))
    admin.execute(sql.SQL("drop database if exists {} with (force)").format(name))
    admin.execute(sql.SQL("create database {}").format(name))
    admin.execute(sql.SQL("revoke all on database {} from public").format(name))
    admin.execute(
        sql.SQL("grant connect on database {} to {}").format(name, sql.Identifier(reader_of(admin)))
    )


class PostgresSink:
    """One system's database, open for writing."""

    def __init__(self, admin: psycopg.Connection, system: str) -> None:
        info = admin.info
        self.connection = psycopg.connect(
            host=info.host,
            port=info.port,
            user=info.user,
            password=info.password,
            dbname=database_of(admin, system),
        )
        self.reader = reader_of(admin)

    def create_tables(self, specs: Iterable[TableSpec]) -> None:
        """Empty tables; their keys are added by `finish_tables`, after the bulk load."""
        for spec in specs:
            columns = [
                sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(TYPES[form]))
                for name, form in spec.columns.items()
            ]
            statement = sql.SQL("create table {} ({})").format(
                sql.Identifier(spec.name), sql.SQL(", ").join(columns)
            )
            self.connection.execute(statement)

    def finish_tables(self, specs: Iterable[TableSpec]) -> None:
        """Keys, the reader's rights, and statistics."""
        for spec in specs:
            table = sql.Identifier(spec.name)
            key = sql.SQL(", ").join(map(sql.Identifier, spec.key))
            self.connection.execute(sql.SQL("alter table {} add primary key ({})").format(table, key))
            self.connection.execute(
                sql.SQL("grant select on {} to {}").format(table, sql.Identifier(self.reader))
            )
            self.connection.execute(sql.SQL("analyze {}").format(table))

    def insert(self, spec: TableSpec, rows: pa.Table, table: str | None = None) -> None:
        """Append rows by COPY."""
        if not rows.num_rows:
            return
        buffer = BytesIO()
        options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
        pyarrow.csv.write_csv(rows, buffer, options)
        columns = sql.SQL(", ").join(map(sql.Identifier, rows.column_names))
        statement = sql.SQL("copy {} ({}) from stdin with (format csv)").format(
            sql.Identifier(table or spec.name), columns
        )
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(buffer.getbuffer())

    def delete(self, spec: TableSpec, keys: pa.Table) -> None:
        """Delete rows by key."""
        if not keys.num_rows:
            return
        name = f"gone_{spec.name}"
        key = sql.SQL(", ").join(map(sql.Identifier, spec.key))
        self.connection.execute(
            sql.SQL("create temp table {} as select {} from {} limit 0").format(
                sql.Identifier(name), key, sql.Identifier(spec.name)
            )
        )
        self.insert(spec, keys, name)
        same = sql.SQL(" and ").join(
            sql.SQL("t.{0} = g.{0}").format(sql.Identifier(column)) for column in spec.key
        )
        self.connection.execute(
            sql.SQL("delete from {} t using {} g where {}").format(
                sql.Identifier(spec.name), sql.Identifier(name), same
            )
        )
        self.connection.execute(sql.SQL("drop table {}").format(sql.Identifier(name)))

    def commit(self) -> None:
        """Make everything since the last commit visible."""
        self.connection.commit()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()
