"""Errors by group: whether links are worse for some kinds of people or records than for others.

Sex, age and origin of name belong to the true person (what most of its records say), so that a record without a
birth date counts where its person does; completeness and system belong to the record.
"""

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np

from scv.linkage.arrays import Ints
from scv.linkage.duck import read, run
from scv.linkage.evaluation.cases import Cases
from scv.linkage.evaluation.measures import Fellows, Rate, share

AGES = (
    ("0 to 15", 0),
    ("16 to 24", 16),
    ("25 to 39", 25),
    ("40 to 59", 40),
    ("60 to 74", 60),
    ("75 and over", 75),
)
FIELDS = (("up to 4", 0), ("5 or 6", 5), ("7 or 8", 7), ("9 or 10", 9), ("11 or more", 11))
UNKNOWN = "not recorded"
# A last hundredth of birth dates may be slips into the future.
LAST_BIRTHS = 0.995


@dataclass(frozen=True)
class Group:
    """One group of records. `wrong` and `missed` count pairs at this group's end: a pair within the group counts
    once, a pair with another group half here and half there. `b_cubed` is the mean over the group's records."""

    label: str
    records: int
    wrong: float
    missed: float
    pairwise: Rate
    b_cubed: Rate


@dataclass(frozen=True)
class SystemPair:
    """Pairs of records between two systems (or inside one)."""

    first: str
    second: str
    true: int
    right: int
    wrong: int
    missed: int
    rate: Rate


def find_reference_date(con: duckdb.DuckDBPyConnection) -> date | None:
    """The end of the year in which the last births fall, slips into the future apart: what ages are counted from
    where nobody says. None where no birth date is recorded."""
    row = run(
        con, f"select quantile_disc(birth_date, {LAST_BIRTHS}) from record where birth_date is not null"
    )
    return date(int(row[0][0][:4]), 12, 31) if row and row[0][0] else None


def compare_groups(cases: Cases, fellows: Fellows, as_of: date | None) -> dict[str, tuple[Group, ...]]:
    """Groups by sex, age (at `as_of`), origin of name and completeness of the record."""
    kinds = {
        "sex": _person_labels(cases, "case sex when 'f' then 'female' when 'm' then 'male' end"),
        "age": _person_labels(cases, _age_sql(as_of) if as_of else "null::varchar"),
        "origin of surname": _person_labels(cases, "origin"),
        "filled fields": _record_labels(cases, _band_sql("filled", FIELDS)),
    }
    return {kind: _score_groups(fellows, *labelled) for kind, labelled in kinds.items()}


def compare_systems(con: duckdb.DuckDBPyConnection) -> tuple[SystemPair, ...]:
    """True, found and right pairs by pair of systems, the worst first."""

    def count(unit: str) -> str:
        return (
            f"(with unit as (select {unit}, system, count(*) as n from record group by all)"
            " select a.system as first, b.system as second,"
            " sum(case when a.system = b.system then a.n * (a.n - 1) // 2 else a.n * b.n end)::bigint as pairs"
            f" from unit a join unit b using ({unit}) where a.system <= b.system group by all)"
        )

    rows = run(
        con,
        "select first, second, t.pairs, coalesce(f.pairs, 0), coalesce(r.pairs, 0)"
        f" from {count('person')} t full join {count('customer')} f using (first, second)"
        f" full join {count('person, customer')} r using (first, second)"
        " where coalesce(t.pairs, 0) + coalesce(f.pairs, 0) > 0",
    )
    pairs = []
    for first, second, maybe_true, found, right in rows:
        true = maybe_true or 0
        rate = Rate(share(right, found), share(right, true))
        pairs.append(SystemPair(first, second, true, right, found - right, true - right, rate))
    return tuple(sorted(pairs, key=lambda pair: (-pair.wrong - pair.missed, pair.first, pair.second)))


def _age_sql(as_of: date) -> str:
    years = (
        f"floor(({as_of.year + (as_of.month - 1) / 12 + as_of.day / 365:.6f} - (substr(birth_date, 1, 4)::int"
    )
    years += " + (substr(birth_date, 6, 2)::int - 1) / 12.0 + substr(birth_date, 9, 2)::int / 365.0)))"
    return f"case when birth_date is null then null when {years} < 0 then '0 to 15' else {_band_sql(years, AGES)} end"


def _band_sql(value: str, bands: tuple[tuple[str, int], ...]) -> str:
    cases = " ".join(f"when {value} >= {start} then '{label}'" for label, start in reversed(bands))
    return f"case {cases} end"


def _person_labels(cases: Cases, label_sql: str) -> tuple[Ints, list[str]]:
    """Each record's group by what most records of its true person say, the first in the alphabet among equals."""
    return _record_labels(
        cases,
        "label",
        f"""
        (select record.n, best.label from record left join (
            select person, label from (select person, {label_sql} as label, count(*) as times from record group by all)
            where label is not null
            qualify row_number() over (partition by person order by times desc, label) = 1
        ) best using (person))
        """,
    )


def _record_labels(cases: Cases, label_sql: str, source: str = "record") -> tuple[Ints, list[str]]:
    table = read(cases.con, f"select n, coalesce({label_sql}, '{UNKNOWN}') as label from {source}")
    labels = sorted(set(table.column("label").to_pylist()), key=_order)
    position = {label: i for i, label in enumerate(labels)}
    codes: Ints = np.full(len(cases.true), -1, np.int64)
    codes[table.column("n").to_numpy()] = [position[label] for label in table.column("label").to_pylist()]
    return codes, labels


def _order(label: str) -> tuple[int, str]:
    bands = [name for name, _ in (*AGES, *FIELDS)]
    return (bands.index(label) if label in bands else len(bands) + (label == UNKNOWN), label)


def _score_groups(fellows: Fellows, codes: Ints, labels: list[str]) -> tuple[Group, ...]:
    groups = []
    for code, label in enumerate(labels):
        inside = codes == code
        found, true, both = (counts[inside] for counts in (fellows.found, fellows.true, fellows.both))
        right = int((both - 1).sum())
        groups.append(
            Group(
                label,
                int(inside.sum()),
                float((found - both).sum()) / 2,
                float((true - both).sum()) / 2,
                Rate(share(right, int((found - 1).sum())), share(right, int((true - 1).sum()))),
                Rate(float((both / found).mean()), float((both / true).mean())),
            )
        )
    return tuple(groups)
