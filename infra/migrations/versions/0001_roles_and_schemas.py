"""Roles, schemas and what each role may do: least privilege from the first day.

A role gets exactly the schemas that its step reads and writes. Nobody but admin can make a schema;
the schemas of new departmental systems come out of audit.create_raw_schema.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = r"""
do $$
declare
    role_name text;
begin
    foreach role_name in array array[
        'scv_loader', 'scv_transform', 'scv_linkage', 'scv_publisher', 'scv_reader', 'scv_restricted_reader'
    ] loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I with login', role_name);
        end if;
        -- Admin must be a member to make schemas for a role and to set its default privileges. (The
        -- membership of a role's maker does not include its rights from version 16 on.)
        if not (select rolsuper from pg_roles where rolname = current_user) then
            execute format('grant %I to %I', role_name, current_user);
        end if;
        execute format('grant connect on database %I to %I', current_database(), role_name);
    end loop;
    execute format('revoke connect, temporary on database %I from public', current_database());
    execute format(
        'grant temporary on database %I to scv_loader, scv_transform, scv_linkage, scv_publisher',
        current_database()
    );
end
$$;

grant scv_reader to scv_restricted_reader;

revoke create on schema public from public;

create schema extensions;
create schema typed;
create schema raw_names;
create schema quarantine;
create schema erasure;
create schema control;
create schema work;
create schema link;
create schema marts;
create schema restricted;
create schema alerts;
create schema seeds authorization scv_transform;
create schema staging authorization scv_transform;
create schema intermediate authorization scv_transform;
create schema build authorization scv_transform;
create schema build_restricted authorization scv_transform;
create schema review authorization scv_transform;

-- who may look into which schema
grant usage on schema extensions, typed to public;
grant usage on schema audit to scv_loader, scv_transform, scv_linkage, scv_publisher;
grant usage on schema raw_names to scv_loader, scv_transform;
grant usage on schema quarantine to scv_loader;
grant usage on schema erasure to scv_loader;
grant usage on schema control to scv_loader, scv_transform, scv_linkage, scv_publisher;
grant usage on schema work to scv_loader, scv_transform, scv_linkage, scv_publisher;
grant usage on schema link to scv_transform, scv_linkage, scv_publisher;
grant usage on schema intermediate to scv_linkage;
grant usage on schema seeds, build, build_restricted, review to scv_publisher;
grant usage, create on schema marts, restricted to scv_publisher;
grant usage on schema alerts to scv_publisher;
grant usage on schema marts, alerts to scv_reader;
grant usage on schema restricted to scv_restricted_reader;

-- what the roles see of tables that are made later
alter default privileges for role scv_transform in schema intermediate grant select on tables to scv_linkage;
alter default privileges for role scv_transform in schema seeds, build, build_restricted, review
    grant select on tables to scv_publisher;
alter default privileges for role scv_publisher in schema marts grant select on tables to scv_reader;
alter default privileges for role scv_publisher in schema restricted
    grant select on tables to scv_restricted_reader;

create function audit.create_raw_schema(schema_name text) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if schema_name is null or schema_name !~ '^raw_[a-z][a-z0-9_]{0,50}$' or schema_name = 'raw_names' then
        raise exception 'a raw schema is named raw_<system>, in lower case' using errcode = '42602';
    end if;
    if exists (select from pg_namespace where nspname = schema_name) then
        return;
    end if;
    execute format('create schema %I authorization scv_loader', schema_name);
    execute format('grant usage on schema %I to scv_transform', schema_name);
    execute format(
        'alter default privileges for role scv_loader in schema %I grant select on tables to scv_transform',
        schema_name
    );
end
$$;

comment on function audit.create_raw_schema(text) is
    'Makes the schema of a new departmental system: owned by the loader, readable by transform.';

revoke execute on function audit.create_raw_schema(text) from public;
grant execute on function audit.create_raw_schema(text) to scv_loader;
"""


def upgrade() -> None:
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(SQL)
