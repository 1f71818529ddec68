"""Each role may do what its step does, and nothing else."""

import psycopg
import pytest
from psycopg import errors

from scv.db.warehouse import SERVICE_ROLES, Role, connect
from scv.settings import Settings

TRANSFORM_SCHEMAS = ["seeds", "staging", "intermediate", "build", "build_restricted", "review"]


@pytest.fixture(scope="module", autouse=True)
def tables(warehouse: Settings) -> None:
    """One table in each schema that a role fills at run time, made by that role."""
    with connect("loader", warehouse, autocommit=True) as loader:
        loader.execute("select audit.create_raw_schema('raw_housing')")
        loader.execute("create table raw_housing.tenancies (id text)")
    with connect("transform", warehouse, autocommit=True) as transform:
        for schema in TRANSFORM_SCHEMAS:
            transform.execute(f"create table {schema}.thing (id text)")
            transform.execute(f"create view {schema}.view_of_thing as select id from {schema}.thing")
    with connect("publisher", warehouse, autocommit=True) as publisher:
        for schema in ("marts", "restricted"):
            publisher.execute(f"create table {schema}.thing (id text)")


READABLE: dict[Role, set[str]] = {
    "loader": {
        *["raw_housing.tenancies", "raw_names.parsed_name", "quarantine.row", "audit.load", "audit.file"],
        *["erasure.tombstone", "work.record", "work.customer", "control.night_context"],
    },
    "transform": {
        *[
            "raw_housing.tenancies",
            "raw_names.parsed_name",
            "link.membership",
            "control.night_context",
            "audit.load",
        ],
        *["work.record", "work.customer", *[f"{schema}.view_of_thing" for schema in TRANSFORM_SCHEMAS]],
    },
    "linkage": {
        "intermediate.thing",
        "intermediate.view_of_thing",
        "link.edge",
        "work.record",
        "work.customer",
    },
    "publisher": {
        *["build.thing", "build_restricted.thing", "review.view_of_thing", "seeds.thing", "link.membership"],
        *[
            "audit.night",
            "marts.thing",
            "restricted.thing",
            "alerts.finding",
            "control.night_context",
            "work.record",
        ],
    },
    "reader": {"marts.thing", "alerts.finding", "alerts.run_alert"},
    "restricted_reader": {"marts.thing", "alerts.finding", "restricted.thing"},
}
UNREADABLE: dict[Role, set[str]] = {
    "loader": {"staging.thing", "link.edge", "marts.thing", "restricted.thing", "build_restricted.thing"},
    "transform": {"quarantine.row", "erasure.tombstone", "marts.thing", "restricted.thing", "alerts.finding"},
    "linkage": {
        "raw_housing.tenancies",
        "raw_names.parsed_name",
        "quarantine.row",
        "build_restricted.thing",
        "marts.thing",
    },
    "publisher": {
        "raw_housing.tenancies",
        "raw_names.parsed_name",
        "quarantine.row",
        "intermediate.thing",
        "staging.thing",
    },
    "reader": {
        *[
            "restricted.thing",
            "raw_housing.tenancies",
            "build.thing",
            "link.edge",
            "audit.load",
            "quarantine.row",
        ],
        *["raw_names.parsed_name", "intermediate.thing", "review.thing", "work.record", "erasure.tombstone"],
    },
    "restricted_reader": {"raw_housing.tenancies", "build_restricted.thing", "link.edge", "quarantine.row"},
}


def pairs(of: dict[Role, set[str]]) -> list[tuple[Role, str]]:
    return [(role, table) for role in of for table in sorted(of[role])]


@pytest.mark.parametrize(("role", "table"), pairs(READABLE))
def test_a_role_reads_what_its_step_needs(warehouse: Settings, role: Role, table: str) -> None:
    with connect(role, warehouse) as connection:
        connection.execute(f"select * from {table}")


@pytest.mark.parametrize(("role", "table"), pairs(UNREADABLE))
def test_a_role_reads_nothing_else(warehouse: Settings, role: Role, table: str) -> None:
    with connect(role, warehouse) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(f"select * from {table}")


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("loader", "insert into link.model values ('v', '{}', current_date, '')"),
        ("loader", "insert into erasure.tombstone values ('k', '', current_date)"),
        ("loader", "insert into alerts.run_alert values (current_date, '', '', '')"),
        ("transform", "insert into link.model values ('v', '{}', current_date, '')"),
        ("transform", "insert into raw_housing.tenancies values ('1')"),
        ("transform", "insert into control.night_context values (true, current_date, now())"),
        ("linkage", "update link.decision set reason = ''"),
        ("linkage", "delete from link.decision"),
        ("linkage", "insert into work.record values (current_date, 'k')"),
        ("publisher", "insert into build.thing values ('1')"),
        ("publisher", "insert into link.model values ('v', '{}', current_date, '')"),
        ("publisher", "alter table alerts.finding add column x text"),
        ("reader", "insert into marts.thing values ('1')"),
        ("reader", "update alerts.finding set severity = ''"),
        ("reader", "create temporary table t (id text)"),
        ("restricted_reader", "delete from restricted.thing"),
        ("loader", "select audit.create_raw_schema('raw_housing'), 1/0 from alerts.finding"),
        ("transform", "select audit.create_raw_schema('raw_other')"),
        ("reader", "select audit.record_key('x'::bytea, 'a', 'b', 'c')"),
    ],
)
def test_a_role_changes_nothing_else(warehouse: Settings, role: Role, statement: str) -> None:
    with connect(role, warehouse) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("loader", "insert into quarantine.row (system, table_name, night, reason_code, payload) values ('a', 'b', current_date, 'c', '{}')"),
        ("loader", "insert into work.record values (current_date, 'k')"),
        ("loader", "insert into raw_names.parsed_name values ('x', 'person', false, '1')"),
        ("linkage", "insert into link.decision (record_key_l, record_key_r, decision, reason, decided_by, decided_at) values ('a', 'b', 'same', '', '', now())"),
        ("linkage", "insert into work.customer values (current_date, 'c')"),
        ("linkage", "truncate link.edge"),
        ("publisher", "insert into control.night_context (night, cutoff) values (current_date, now())"),
        ("publisher", "alter table marts.thing add column more text"),
        ("publisher", "insert into audit.night (night, cutoff, status) values (current_date, now(), 'running')"),
        ("transform", "create temporary table t (id text)"),
    ],
)  # fmt: skip
def test_a_role_changes_what_its_step_keeps(warehouse: Settings, role: Role, statement: str) -> None:
    with connect(role, warehouse) as connection:
        connection.execute(statement)
        connection.rollback()


@pytest.mark.parametrize("role", SERVICE_ROLES)
def test_no_role_is_powerful_or_makes_schemas(
    admin: psycopg.Connection, warehouse: Settings, role: Role
) -> None:
    found = admin.execute(
        "select rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls from pg_roles where rolname = %s",
        [f"scv_{role}"],
    ).fetchone()
    assert found == (False,) * 5
    with connect(role, warehouse) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("create schema mine")
    with connect(role, warehouse) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("create table public.mine (id text)")


def test_admin_is_no_superuser(admin: psycopg.Connection) -> None:
    found = admin.execute(
        "select current_user, rolsuper from pg_roles where rolname = current_user"
    ).fetchone()
    assert found == ("scv_admin", False)


def test_a_raw_schema_belongs_to_the_loader_and_is_made_once(
    admin: psycopg.Connection, warehouse: Settings
) -> None:
    with connect("loader", warehouse, autocommit=True) as loader:
        loader.execute("select audit.create_raw_schema('raw_permits')")
        loader.execute("select audit.create_raw_schema('raw_permits')")
        loader.execute("drop schema raw_permits")


@pytest.mark.parametrize(
    "name",
    ["marts", "raw_", "raw_Housing", 'raw_x"; drop schema marts; --', "raw_names", None, "raw_" + "x" * 60],
)
def test_a_raw_schema_with_another_kind_of_name_is_refused(warehouse: Settings, name: str | None) -> None:
    with connect("loader", warehouse) as loader, pytest.raises(errors.InvalidName):
        loader.execute("select audit.create_raw_schema(%s)", [name])


def test_every_table_of_the_migrations_is_described(admin: psycopg.Connection) -> None:
    found = admin.execute(
        """
        select n.nspname || '.' || c.relname, obj_description(c.oid, 'pg_class')
        from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
        where
            c.relkind = 'r' and pg_get_userbyid(c.relowner) = 'scv_admin' and n.nspname !~ '^pg_'
            and c.relname <> 'alembic_version'
        """
    ).fetchall()
    assert len(found) >= 20
    assert [
        name for name, description in found if not (description or "").startswith(("One row", "One "))
    ] == []
