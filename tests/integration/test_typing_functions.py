"""The typing functions of the warehouse give a value or null, and never an error."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scv.db.warehouse import connect
from scv.settings import Settings

FORMATS = [
    "iso",
    "dmy",
    "dmy_slash",
    "dmy_compact",
    "ymd_compact",
    "dmonthy",
    "excel_serial",
    "no such format",
]
FUNCTIONS = [
    *[f"typed.to_date({{}}, '{name}')" for name in FORMATS],
    *[f"typed.to_timestamp({{}}, '{name}')" for name in FORMATS],
    "typed.to_numeric({})",
    "typed.to_numeric({}, 12, 2)",
    "typed.to_numeric({}, 3, 2)",
    "typed.to_numeric({}, 40, 5)",
    "typed.to_integer({})",
    "typed.to_bigint({})",
    "typed.to_boolean({})",
]
GARBAGE = [
    *[
        "",
        " ",
        "\t\n",
        "x",
        "-",
        "+",
        ".",
        "-.",
        ",",
        "£",
        "()",
        "(-)",
        "--5",
        "1e5",
        "1e400",
        "NaN",
        "Infinity",
        "-infinity",
    ],
    *[
        "0000-00-00",
        "0000-01-01",
        "2024-02-30",
        "2023-02-29",
        "9999-12-31",
        "10000-01-01",
        "2024-13-01",
        "2024-00-10",
    ],
    *[
        "31/04/2024",
        "00/00/0000",
        "32/01/2024",
        "1/1/1",
        "99999999",
        "00000000",
        "31022024",
        "20240231",
        "20241301",
    ],
    *[
        "2024-01-01T24:00:00",
        "2024-01-01 23:60:00",
        "2024-01-01T00:00:60Z",
        "2024-01-01T00:00:00+99:99",
        "2024-01-01+25",
    ],
    *[
        "9" * 400,
        "-" + "9" * 59,
        "9" * 19,
        "9223372036854775808",
        "2147483648",
        "-2147483649",
        "0." + "0" * 500 + "1",
    ],
    *[
        "1" * 18,
        "1" * 19,
        "999999",
        "9999999",
        "9999999999.995",
        "99999999999",
        "1,2,3",
        "1,234,567.891",
        ",123",
        "12,34",
    ],
    *[
        "٣٤",
        "２０２４-０１-０１",
        "2024\u201301\u201302",
        "\u00a012\u00a0",
        "\ufeff2024-01-01",
        "𝟙𝟚",
        "'; drop table x; --",
        "%s %",
        "\\",
        "\\x41",
    ],
    *[
        "infinity",
        "epoch",
        "now",
        "today",
        "allballs",
        "1/2",
        "0x1F",
        "1_000",
        "0b1",
        "jan 1 2024",
        "29-feb-2023",
        "31-jun-2024",
    ],
]
TEXT = st.one_of(
    st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30),
    st.from_regex(r"[0-9 +\-/.,:TZ£()]{0,25}", fullmatch=True),
    st.from_regex(
        r"[0-9]{1,4}[-/. ]?[0-9]{1,2}[-/. ]?[0-9]{1,4}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?",
        fullmatch=True,
    ),
)


@pytest.fixture(scope="module")
def session(warehouse: Settings) -> Iterator[psycopg.Connection]:
    with connect("loader", warehouse, autocommit=True) as connection:
        yield connection


def run_on_all(session: psycopg.Connection, values: list[str]) -> None:
    expressions = ", ".join(f"count({function.format('value')})" for function in FUNCTIONS)
    session.execute(f"select {expressions} from unnest(%s::text[]) as t (value)", [values])


def test_garbage_in_a_column_raises_nothing(session: psycopg.Connection) -> None:
    run_on_all(session, GARBAGE)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_garbage_as_a_constant_raises_nothing(session: psycopg.Connection, function: str) -> None:
    # The planner computes constants ahead of time, which must not skip the guards of the casts.
    for value in GARBAGE:
        literal = psycopg.sql.Literal(value).as_string(session)
        session.execute("select " + function.format(literal).replace("%", "%%"), [])
        session.execute(
            f"select {function.format(literal)} from generate_series(1, 2)".replace("%", "%%"), []
        )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXT, min_size=1, max_size=60))
def test_no_text_raises(session: psycopg.Connection, values: list[str]) -> None:
    run_on_all(session, values)


@pytest.mark.parametrize(
    ("value", "format_name", "expected"),
    [
        ("2026-03-02", "iso", date(2026, 3, 2)),
        ("2024-02-29", "iso", date(2024, 2, 29)),
        ("1900-02-29", "iso", None),
        ("2000-02-29", "iso", date(2000, 2, 29)),
        ("2026-12-31", "iso", date(2026, 12, 31)),
        ("2026-04-31", "iso", None),
        (" 2026-3-2 ", "iso", date(2026, 3, 2)),
        ("2026-03-02 00:00:00", "iso", date(2026, 3, 2)),
        ("2026-03-02T10:11:12.5Z", "iso", date(2026, 3, 2)),
        ("02/03/2026", "iso", None),
        ("02/03/2026", "dmy_slash", date(2026, 3, 2)),
        ("31/12/2999", "dmy_slash", date(2999, 12, 31)),
        ("2/3/2026", "dmy_slash", date(2026, 3, 2)),
        ("31/02/2026", "dmy_slash", None),
        ("02-03-2026", "dmy_slash", None),
        ("02-03-2026", "dmy", date(2026, 3, 2)),
        ("2.3.2026", "dmy", date(2026, 3, 2)),
        ("20260302", "ymd_compact", date(2026, 3, 2)),
        ("02032026", "dmy_compact", date(2026, 3, 2)),
        ("2-Mar-2026", "dmonthy", date(2026, 3, 2)),
        ("29 February 2024", "dmonthy", date(2024, 2, 29)),
        ("45000", "excel_serial", date(2023, 3, 15)),
        (None, "iso", None),
        ("", "iso", None),
    ],
)
def test_dates(
    session: psycopg.Connection, value: str | None, format_name: str, expected: date | None
) -> None:
    assert session.execute("select typed.to_date(%s::text, %s)", [value, format_name]).fetchone() == (
        expected,
    )


def test_every_day_of_eight_years_comes_back_in_every_format(session: psycopg.Connection) -> None:
    wrong = session.execute(
        """
        select count(*)
        from generate_series(date '1999-01-01', date '2006-12-31', interval '1 day') as t (instant),
            lateral (values
                ('iso', 'YYYY-MM-DD'), ('dmy_slash', 'DD/MM/YYYY'), ('dmy', 'DD.MM.YYYY'),
                ('ymd_compact', 'YYYYMMDD'), ('dmy_compact', 'DDMMYYYY'), ('dmonthy', 'DD-Mon-YYYY')
            ) as f (name, pattern)
        where typed.to_date(to_char(instant, pattern), name) is distinct from instant::date
        """
    ).fetchone()
    assert wrong == (0,)


@pytest.mark.parametrize(
    ("value", "format_name", "expected"),
    [
        ("2026-01-05T09:00:00Z", "iso", datetime(2026, 1, 5, 9, 0, tzinfo=UTC)),
        ("2026-07-05 09:00:00", "iso", datetime(2026, 7, 5, 8, 0, tzinfo=UTC)),
        ("2026-01-05 09:00:00", "iso", datetime(2026, 1, 5, 9, 0, tzinfo=UTC)),
        ("2026-07-31 09:00", "iso", datetime(2026, 7, 31, 8, 0, tzinfo=UTC)),
        ("2026-07-05T09:00:00+02:00", "iso", datetime(2026, 7, 5, 7, 0, tzinfo=UTC)),
        ("2026-07-05T09:00:00-0530", "iso", datetime(2026, 7, 5, 14, 30, tzinfo=UTC)),
        ("2026-07-05T09:00:00.123456Z", "iso", datetime(2026, 7, 5, 9, 0, 0, 123456, tzinfo=UTC)),
        ("2026-07-01", "iso", datetime(2026, 6, 30, 23, 0, tzinfo=UTC)),
        ("05/07/2026 09:00", "dmy_slash", datetime(2026, 7, 5, 8, 0, tzinfo=UTC)),
        ("2026-07-05 25:00:00", "iso", None),
        ("2026-02-30T09:00:00Z", "iso", None),
    ],
)
def test_instants(
    session: psycopg.Connection, value: str, format_name: str, expected: datetime | None
) -> None:
    assert session.execute("select typed.to_timestamp(%s, %s)", [value, format_name]).fetchone() == (
        expected,
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12.50", "12.50"),
        ("-12.5", "-12.50"),
        ("£1,234.50", "1234.50"),
        ("-£12", "-12.00"),
        ("(12.50)", "-12.50"),
        ("12.50-", "-12.50"),
        (" 7 ", "7.00"),
        (".5", "0.50"),
        ("9999999999.99", "9999999999.99"),
        ("9999999999.995", None),
        ("10000000000", None),
        ("1,23", None),
        ("1.2.3", None),
        ("NaN", None),
        ("1e5", None),
    ],
)
def test_money(session: psycopg.Connection, value: str, expected: str | None) -> None:
    found = session.execute("select typed.to_numeric(%s, 12, 2)", [value]).fetchone()
    assert found == (None if expected is None else Decimal(expected),)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("typed.to_integer('2147483647')", 2147483647),
        ("typed.to_integer('-2147483648')", -2147483648),
        ("typed.to_integer('2147483648')", None),
        ("typed.to_integer('12.0')", 12),
        ("typed.to_integer('12.5')", None),
        ("typed.to_bigint('999999999999999999')", 999999999999999999),
        ("typed.to_bigint('9999999999999999999')", None),
        ("typed.to_boolean(' YES ')", True),
        ("typed.to_boolean('0')", False),
        ("typed.to_boolean('perhaps')", None),
    ],
)
def test_whole_numbers_and_truth_values(
    session: psycopg.Connection, expression: str, expected: object
) -> None:
    assert session.execute(f"select {expression}").fetchone() == (expected,)


def test_typing_is_put_in_line_by_the_planner(session: psycopg.Connection) -> None:
    plan = session.execute(
        "explain (verbose, costs off) select typed.to_date(t.value), typed.to_integer(t.value) from unnest(array['']) as t (value)"
    ).fetchall()
    text = "\n".join(row[0] for row in plan)
    assert "make_date" in text
    assert "to_date" not in text and "to_integer" not in text
