"""Keeps what names mean in the warehouse: raw_names.parsed_name and raw_names.parsed_person."""

import itertools
from collections.abc import Iterable, Iterator

from psycopg import Connection

from scv.db.warehouse import translate_db_errors
from scv.names.bulk import parse_names
from scv.names.model import PARSER_VERSION, ParsedName

BATCH = 10_000
_VERSION = str(PARSER_VERSION)

_MISSING = """
select written.full_name
from unnest(%s::text[]) as written (full_name)
where not exists (
    select from raw_names.parsed_name as known
    where known.full_name = written.full_name and known.parser_version = %s
)
"""
_OUTDATED = """
select full_name from raw_names.parsed_name
where parser_version <> %(version)s and (%(last)s::text is null or full_name > %(last)s)
order by full_name
limit %(batch)s
"""
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
    """Parse and store the names that are not stored yet by this version of the parser; give their number.

    Takes names exactly as the raw cells have them, never None. Streams: at most a few batches are in
    memory, and `distinct_names` may read from the same connection. Works inside the caller's
    transaction if there is one, else commits its own. Names that an older version parsed are all parsed again first.
    Raises DatabaseError.
    """
    with translate_db_errors("storing parsed names", "raw_names.parsed_name"), connection.transaction():
        renewed = _store(connection, _find_outdated(connection))
        return renewed + _store(connection, _find_missing(connection, distinct_names))


def _store(connection: Connection, full_names: Iterator[str]) -> int:
    stored = 0
    parsed = parse_names(full_names)
    while batch := list(itertools.islice(parsed, BATCH)):
        _write(connection, list({name.full_name: name for name in batch}.values()))
        stored += len(batch)
    return stored


def _find_missing(connection: Connection, full_names: Iterable[str]) -> Iterator[str]:
    names = iter(full_names)
    while batch := list(itertools.islice(names, BATCH)):
        # a text in the warehouse has no NUL, so no raw cell can ask for such a name
        wanted = [name for name in dict.fromkeys(batch) if "\x00" not in name]
        for (full_name,) in connection.execute(_MISSING, [wanted, _VERSION]).fetchall():
            yield full_name


def _find_outdated(connection: Connection) -> Iterator[str]:
    place: dict[str, object] = {"version": _VERSION, "last": None, "batch": BATCH}
    while batch := connection.execute(_OUTDATED, place).fetchall():
        yield from (full_name for (full_name,) in batch)
        place["last"] = batch[-1][0]


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
