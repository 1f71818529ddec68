"""The permanent tables: created and widened from the contracts, never narrowed.

Anything else than a new table or a new column would take something away from readers, so it is refused with
the name of the migration to write.
"""

from dataclasses import dataclass

import psycopg
from psycopg import sql

from scv.errors import PublishRefused
from scv.publish.contracts import CHANGED_AT, PublishedModel

# Who reads what is published; the restricted schema has its own reader.
READERS = {"marts": ("scv_reader", "scv_restricted_reader"), "restricted": ("scv_restricted_reader",)}

_COLUMNS = """
    select attribute.attname, pg_catalog.format_type(attribute.atttypid, attribute.atttypmod)
    from pg_catalog.pg_attribute as attribute
    where attribute.attrelid = pg_catalog.to_regclass(%s)
      and attribute.attnum > 0 and not attribute.attisdropped
    order by attribute.attnum
"""
_PRIMARY_KEY = """
    select attribute.attname
    from pg_catalog.pg_constraint as constraints
    cross join lateral pg_catalog.unnest(constraints.conkey) with ordinality as part (attnum, place)
    join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = constraints.conrelid and attribute.attnum = part.attnum
    where constraints.conrelid = pg_catalog.to_regclass(%s) and constraints.contype = 'p'
    order by part.place
"""


@dataclass(frozen=True)
class PreparedTable:
    """A permanent table that fits its model; `is_new` and `is_widened` say what was done to it just now."""

    model: PublishedModel
    is_new: bool
    is_widened: bool


def prepare_table(connection: psycopg.Connection, model: PublishedModel) -> PreparedTable:
    """Create the permanent table of a model, or add the columns it lacks; part of the caller's transaction.

    Raises PublishRefused where the model was not built as its contract says, or where the table would have
    to lose a column, change a type or change its key.
    """
    built = _read_columns(connection, f"{model.source_schema}.{model.name}")
    if set(built) != set(model.columns):
        raise PublishRefused(_explain_build(model, built))
    for column, kind in built.items():
        if kind in ("json", "xml", "point"):
            raise PublishRefused(
                f"{model.label}.{column} is of type {kind}, which cannot be compared. Declare it as "
                f"{'jsonb' if kind == 'json' else 'text'} in {model.path}; nothing was published."
            )
    present = _read_columns(connection, model.label)
    if not present:
        _create(connection, model, built)
        return PreparedTable(model, is_new=True, is_widened=False)
    _refuse_narrowing(connection, model, built, present)
    missing = [column for column in model.columns if column not in present]
    if missing:
        _widen(connection, model, built, missing)
    return PreparedTable(model, is_new=False, is_widened=bool(missing))


def list_orphans(connection: psycopg.Connection, models: tuple[PublishedModel, ...]) -> tuple[str, ...]:
    """Permanent tables that no model is published to any more; they keep the rows of their last night."""
    rows = connection.execute(
        """
        select relations.relnamespace::regnamespace::text || '.' || relations.relname
        from pg_catalog.pg_class as relations
        where relations.relnamespace::regnamespace::text = any(%s) and relations.relkind = 'r'
        order by 1
        """,
        [list(READERS)],
    ).fetchall()
    known = {model.label for model in models}
    return tuple(name for (name,) in rows if name not in known)


def _read_columns(connection: psycopg.Connection, relation: str) -> dict[str, str]:
    return dict(connection.execute(_COLUMNS, [relation]).fetchall())


def _create(connection: psycopg.Connection, model: PublishedModel, types: dict[str, str]) -> None:
    parts = [_column(column, types[column]) for column in model.columns]
    parts.append(sql.SQL("{} timestamptz not null").format(sql.Identifier(CHANGED_AT)))
    parts.append(
        sql.SQL("primary key ({})").format(sql.SQL(", ").join(map(sql.Identifier, model.primary_key)))
    )
    table = sql.Identifier(model.schema, model.name)
    connection.execute(sql.SQL("create table {} ({})").format(table, sql.SQL(", ").join(parts)))
    # BI tools refresh by it.
    connection.execute(sql.SQL("create index on {} ({})").format(table, sql.Identifier(CHANGED_AT)))
    for reader in READERS[model.schema]:
        connection.execute(sql.SQL("grant select on {} to {}").format(table, sql.Identifier(reader)))
    connection.execute(sql.SQL("comment on table {} is {}").format(table, sql.Literal(model.description)))
    _describe(connection, model, model.columns)


def _widen(
    connection: psycopg.Connection, model: PublishedModel, types: dict[str, str], missing: list[str]
) -> None:
    table = sql.Identifier(model.schema, model.name)
    for column in missing:
        connection.execute(
            sql.SQL("alter table {} add column {}").format(table, _column(column, types[column]))
        )
    _describe(connection, model, missing)


def _describe(
    connection: psycopg.Connection, model: PublishedModel, columns: tuple[str, ...] | list[str]
) -> None:
    for column in columns:
        if text := model.descriptions.get(column):
            name = sql.Identifier(model.schema, model.name, column)
            connection.execute(sql.SQL("comment on column {} is {}").format(name, sql.Literal(text)))


def _column(name: str, kind: str) -> sql.Composed:
    # The type is what format_type() said of the built table, so it is SQL already.
    return sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))


def _refuse_narrowing(
    connection: psycopg.Connection, model: PublishedModel, built: dict[str, str], present: dict[str, str]
) -> None:
    problems: list[tuple[str, str]] = []
    for column, kind in present.items():
        if column == CHANGED_AT:
            continue
        if column not in built:
            problems.append((f"column {column} is no longer in the contract", f"drop_{column}"))
        elif built[column] != kind:
            problems.append(
                (f"column {column} is {kind}, and the contract says {built[column]}", f"retype_{column}")
            )
    key = tuple(name for (name,) in connection.execute(_PRIMARY_KEY, [model.label]).fetchall())
    if key != model.primary_key:
        problems.append(
            (
                f"the key is ({', '.join(key)}), and the contract says ({', '.join(model.primary_key)})",
                "rekey",
            )
        )
    if not problems:
        return
    found = "; ".join(problem for problem, _ in problems)
    change = "_and_".join(dict.fromkeys(name for _, name in problems))
    raise PublishRefused(
        f"{model.label} cannot be brought to its contract in {model.path} without taking something away from "
        f"its readers: {found}. Either put the contract back, or, when its readers agree, write the "
        f"migration infra/migrations/versions/<next number>_{model.name}_{change}.py that changes {model.label}. "
        f"Nothing was published; the tables of the last published night stand."
    )


def _explain_build(model: PublishedModel, built: dict[str, str]) -> str:
    relation = f"{model.source_schema}.{model.name}"
    if not built:
        return (
            f"{relation} was not built, though {model.path} publishes it. Look at the step 'build' in "
            f"`scv report`; nothing was published."
        )
    missing = ", ".join(sorted(set(model.columns) - set(built))) or "none"
    unknown = ", ".join(sorted(set(built) - set(model.columns))) or "none"
    return (
        f"{relation} was not built as {model.path} says: missing columns {missing}, unknown columns "
        f"{unknown}. Run the night again from its build step; nothing was published."
    )
