"""Children and adults: systems that only adults stand in say something about age even without a birth date."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from scv.linkage.duck import run

# Below this age nobody is liable, tenant or somebody's parent.
ADULT_YEARS = 16
# A source without birth dates is one of adults when nearly all of its records that are found under the
# same full name at the same home elsewhere are adults there (the rest: children named after a parent).
MOST_CHILDREN = 0.05
FEWEST_FOUND = 30


@dataclass(frozen=True)
class Ages:
    """`adult_from`: birth days (as in the records) up to which a person is an adult, frozen with the model;
    `sources`: units in which only adults stand."""

    adult_from: int | None
    sources: tuple[str, ...]


def learn_ages(con: duckdb.DuckDBPyConnection) -> Ages:
    """From the table `records`: who was a child at the newest birth dates, and which sources hold adults only."""
    newest = run(con, "select quantile_disc(birth_days, 0.998) from records")[0][0]
    if newest is None:
        return Ages(None, ())
    adult_from = int(newest - ADULT_YEARS * 365.25)
    rows = run(
        con,
        "select a.source from records a join records b on a.forename = b.forename and a.surname = b.surname"
        " and a.address_key = b.address_key where a.birth_days is null and b.birth_days is not null"
        f" and length(a.forename) > 1 group by a.source having count(*) >= {FEWEST_FOUND}"
        f" and avg((b.birth_days > {adult_from})::int) <= {MOST_CHILDREN} order by a.source",
    )
    return Ages(adult_from, tuple(row[0] for row in rows))


def set_ages(con: duckdb.DuckDBPyConnection, ages: Ages) -> None:
    """Fill the column `age_class` of the table `records`: child, adult or null."""
    sources: Sequence[str] = ages.sources
    run(con, "create or replace table adult_source (source varchar)")
    if sources:
        run(con, "insert into adult_source select unnest(?::varchar[])", [list(sources)])
    run(
        con,
        "update records set age_class = case when birth_days is null"
        " then case when source in (select source from adult_source) then 'adult' end"
        f" when birth_days > {ages.adult_from if ages.adult_from is not None else 'null'} then 'child'"
        " else 'adult' end",
    )
