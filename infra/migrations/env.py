"""Runs the migrations on the connection that scv.db.migrations hands over, as admin."""

from alembic import context
from sqlalchemy import Connection

# Any number will do, as long as nothing else locks it: two starts at once must migrate in turn.
MIGRATION_LOCK = 7_268_001

connection: Connection = context.config.attributes["connection"]
connection.exec_driver_sql(f"select pg_advisory_lock({MIGRATION_LOCK})")
connection.exec_driver_sql("create schema if not exists audit")
context.configure(
    connection=connection,
    target_metadata=None,
    version_table="alembic_version",
    version_table_schema="audit",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
connection.exec_driver_sql(f"select pg_advisory_unlock({MIGRATION_LOCK})")
connection.commit()
