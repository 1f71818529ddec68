"""Values that mean "unknown" although no list names them, found by how many share them.

A default is typed for people who have nothing in common. It is found once, when a model is trained, and
frozen with it: were it counted each night, one new record could change what another one is worth.
"""

from collections.abc import Mapping, Sequence

import duckdb

from scv.linkage.duck import run
from scv.linkage.frequencies import MOST_SHARING, NUMBERS, PEOPLE

# A birth date is a default where so many people share it and it is so many times as common as other dates are,
# also as the same day of the years around it: 1 January stands for a year that is all that is known.
DATE_TIMES, DATE_LEAST = 10, 30


def find_placeholders(con: duckdb.DuckDBPyConnection, filled: Sequence[str]) -> dict[str, list[str]]:
    """Defaults by column of the table `records`; only values that at least twenty people share."""
    found = {}
    for column in NUMBERS:
        if column in filled:
            rows = run(
                con,
                f"select {column} from records where {column} is not null group by 1"
                f" having {PEOPLE} >= {MOST_SHARING} order by 1",
            )
            found[column] = [row[0] for row in rows]
    if "birth_date" in filled:
        rows = run(
            con,
            "with d as (select birth_date, birth_year::int as year, substr(birth_date, 6) as day,"
            f" {PEOPLE} as n from records where birth_date is not null group by all),"
            " near as (select d.birth_date, coalesce(max(o.n), 0) as n from d left join d o"
            " on o.day = d.day and o.year <> d.year and abs(o.year - d.year) <= 2 group by 1)"
            f" select birth_date from d join near using (birth_date) where d.n >= {DATE_LEAST}"
            f" and d.n >= {DATE_TIMES} * greatest(near.n, (select median(n) from d)) order by 1",
        )
        found["birth_date"] = [row[0] for row in rows]
    return {column: values for column, values in found.items() if values}


def blank_values(
    con: duckdb.DuckDBPyConnection,
    placeholders: Mapping[str, Sequence[str]],
    identifier_systems: Mapping[str, Sequence[str]],
) -> None:
    """Blank what is no evidence in the table `records`: defaults, and identifiers outside the systems between
    which they may be matched (a column that `identifier_systems` lacks may be matched everywhere)."""
    for column, values in sorted(placeholders.items()):
        blanked = [column, "birth_year", "birth_days"] if column == "birth_date" else [column]
        run(
            con,
            f"update records set {', '.join(f'{name} = null' for name in blanked)}"
            f" where {column} in (select unnest(?::varchar[]))",
            [list(values)],
        )
    for column, systems in sorted(identifier_systems.items()):
        run(
            con,
            f"update records set {column} = null where {column} is not null"
            " and split_part(source, '.', 1) not in (select unnest(?::varchar[]))",
            [list(systems)],
        )
