"""What wrong and missed pairs look like: on which of name, birth date and home their two records agree."""

from dataclasses import dataclass

import duckdb

from scv.linkage.duck import run

# Past this many pairs of one kind, whole groups of records are drawn by a fixed hash until as many are reached.
MAX_PAIRS = 2_000_000
MOST = 12


@dataclass(frozen=True)
class Pattern:
    """Pairs that agree alike; `share` is of all wrong or of all missed pairs that were looked at."""

    forename: str
    surname: str
    birth_date: str
    home: str
    pairs: int
    share: float


def describe_wrong(con: duckdb.DuckDBPyConnection) -> tuple[Pattern, ...]:
    """The commonest kinds of pairs that were linked and are two people."""
    return _describe(con, "customer", "person")


def describe_missed(con: duckdb.DuckDBPyConnection) -> tuple[Pattern, ...]:
    """The commonest kinds of pairs that are one person and were not linked."""
    return _describe(con, "person", "customer")


def _describe(con: duckdb.DuckDBPyConnection, inside: str, across: str) -> tuple[Pattern, ...]:
    """Pairs with the same `inside` and another `across`."""
    rows = run(
        con,
        f"""
        with mixed as (
            select {inside}, sum(count(*) ** 2) over (order by hash({inside}), {inside}) as so_far
            from record group by {inside} having min({across}) < max({across})
        ),
        pair as (
            select
                case when l.forename = r.forename then 'same' when l.initial is null or r.initial is null then 'missing'
                    when length(l.forename) = 1 or length(r.forename) = 1
                    then if(l.initial = r.initial, 'initial only', 'differs')
                    when l.initial = r.initial then 'same initial' else 'differs' end as forename,
                {_agreement("surname")} as surname,
                {_agreement("birth_date")} as birth_date,
                case when l.address = r.address then 'same' when l.postcode = r.postcode then 'same postcode'
                    when coalesce(l.address, l.postcode) is null or coalesce(r.address, r.postcode) is null
                    then 'missing' else 'differs' end as home
            from mixed join record l using ({inside})
            join record r on l.{inside} = r.{inside} and l.n < r.n and l.{across} <> r.{across}
            where so_far <= {MAX_PAIRS} or so_far = (select min(so_far) from mixed)
        )
        select forename, surname, birth_date, home, count(*) as pairs, count(*) / sum(count(*)) over ()
        from pair group by all order by pairs desc, forename, surname, birth_date, home limit {MOST}
        """,
    )
    return tuple(Pattern(*row) for row in rows)


def _agreement(column: str) -> str:
    return (
        f"case when l.{column} = r.{column} then 'same'"
        f" when l.{column} is null or r.{column} is null then 'missing' else 'differs' end"
    )
