"""Keeps what names mean in the warehouse: raw_names.parsed_name and raw_names.parsed_person."""

import itertools
from collections.abc import Iterable, Iterator

from psycopg import Connection

from scv.db.warehouse import translate_db_errors
from scv.names.bulk import parse_names
from scv.names.model import PARSER_VERSION, ParsedName, Person

BATCH = 10_000
# Enough for the parser to use both cores.
RENEW_AT_ONCE = 50_000
_VERSION = str(PARSER_VERSION)

_MISSING = """
select written.full_name
from unnest(%s::text[]) as written (full_name)
where not exists (select from raw_names.parsed_name as known where known.full_name = written.full_name)
"""
_OUTDATED = """
select
    names.full_name, names.kind, names.deceased,
    coalesce(
        array_agg(
            array[
                coalesce(people.title, ''), coalesce(people.forename, ''), coalesce(people.middle_names, ''),
                coalesce(people.surname, ''), coalesce(people.suffix, '')
            ] order by people.person_no
        ) filter (where people.person_no is not null),
        '{}'
    )
from (
    select * from raw_names.parsed_name
    where parser_version <> %(version)s
    order by full_name
    limit %(batch)s
) as names
left join raw_names.parsed_person as people on names.full_name = people.full_name
group by names.full_name, names.kind, names.deceased
order by names.full_name
"""
_CONFIRM = "update raw_names.parsed_name set parser_version = %s where full_name = any(%s::text[])"
# Two systems that load side by side may bring the same names, in another order: one waits for the other.
_LOCK = "select pg_advisory_xact_lock(hashtext('raw_names.parsed_name'))"
_STORE_NAMES = """
insert into raw_names.parsed_name as known (full_name, kind, deceased, parser_version)
select * from unnest(%s::text[], %s::text[], %s::boolean[], %s::text[])
on conflict (full_name) do update
set kind = excluded.kind, deceased = excluded.deceased, parser_version = excluded.parser_version
where known.parser_version <> excluded.parser_version
"""
_CLEAR_PEOPLE = "delete from raw_names.parsed_person where full_name = any(%s::text[])"
_STORE_PEOPLE = """
insert into raw_names.parsed_person (full_name, person_no, title, forename, middle_names, surname, suffix)
select full_name, person_no, nullif(title, ''), nullif(forename, ''), nullif(middle_names, ''),
    nullif(surname, ''), nullif(suffix, '')
from unnest(%s::text[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
    as parsed (full_name, person_no, title, forename, middle_names, surname, suffix)
"""


def store_parsed_names(connection: Connection, distinct_names: Iterable[str]) -> int:
    """Parse and store the names that are not stored yet; give their number.

    Takes names exactly as the raw cells have them, never None. Streams: at most a few batches are in
    memory, and `distinct_names` may read from the same connection. Works inside the caller's
    transaction if there is one, else commits its own. Raises DatabaseError.
    """
    stored = 0
    with translate_db_errors("storing parsed names", "raw_names.parsed_name"), connection.transaction():
        parsed = parse_names(_find_missing(connection, distinct_names))
        while batch := list(itertools.islice(parsed, BATCH)):
            _write(connection, list({name.full_name: name for name in batch}.values()))
            stored += len(batch)
    return stored


def renew_parsed_names(connection: Connection) -> Iterator[list[str]]:
    """Parse again what an older version of the parser stored; give the names that now mean something else.

    Gives them in batches, each once it is written, in the caller's transaction: names are renewed once, so
    whoever has to work on them must have noted them when it ends. Raises DatabaseError.
    """
    wanted = {"version": _VERSION, "batch": RENEW_AT_ONCE}
    with translate_db_errors("renewing parsed names", "raw_names.parsed_name"):
        while outdated := connection.execute(_OUTDATED, wanted).fetchall():
            before = {
                full_name: ParsedName(full_name, kind, deceased, tuple(Person(*person) for person in people))
                for full_name, kind, deceased, people in outdated
            }
            changed = [name for name in parse_names(before) if name != before[name.full_name]]
            _write(connection, changed)
            connection.execute(_CONFIRM, [_VERSION, list(before)])
            yield [name.full_name for name in changed]


def _find_missing(connection: Connection, full_names: Iterable[str]) -> Iterator[str]:
    names = iter(full_names)
    while batch := list(itertools.islice(names, BATCH)):
        # a text in the warehouse has no NUL, so no raw cell can ask for such a name
        wanted = [name for name in dict.fromkeys(batch) if "\x00" not in name]
        for (full_name,) in connection.execute(_MISSING, [wanted]).fetchall():
            yield full_name


def _write(connection: Connection, names: list[ParsedName]) -> None:
    connection.execute(_LOCK)
    written = [name.full_name for name in names]
    connection.execute(
        _STORE_NAMES,
        [written, [name.kind for name in names], [name.deceased for name in names], [_VERSION] * len(names)],
    )
    connection.execute(_CLEAR_PEOPLE, [written])
    people = [
        (name.full_name, number, *person) for name in names for number, person in enumerate(name.people, 1)
    ]
    if people:
        connection.execute(_STORE_PEOPLE, [list(column) for column in zip(*people, strict=True)])
