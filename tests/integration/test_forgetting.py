"""Nights in which no row changes and yet the tables must: the parser learns, and people are erased."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from tests.support.canaries import Canary, find_in_database
from tests.support.raw_rows import (
    build_night,
    build_open_night,
    key_of,
    make_raw_tables,
    open_night,
    put_rows,
)

from scv.db.warehouse import connect
from scv.names import store
from scv.names.model import ParsedName, Person
from scv.names.parser import parse_name
from scv.night.ledger import NightContext
from scv.night.worklist import list_changed_records
from scv.publish import publish_night
from scv.settings import Settings

pytestmark = pytest.mark.postgres

FIRST, SECOND, THIRD, FOURTH, FIFTH = (date(2026, 3, day) for day in range(2, 7))
PLACES = (
    "raw_names", "raw_council_tax", "raw_grants", "raw_adult_social_care", "raw_correspondence",
    "quarantine", "intermediate", "build", "build_restricted", "review", "marts", "restricted",
)  # fmt: skip
ACCOUNTS = [
    {"account_ref": 100, "account_cd": "1", "lead_liab_name": "MR JOHN & MRS ANNE SMITH"},
    {"account_ref": 300, "account_cd": "3", "lead_liab_name": "Mr Amir Khan"},
]
# The person that is erased: on an account, in a form, in social care as somebody in danger, and in a letter.
CANARY = {
    ("council_tax", "ctaccount"): {
        "account_ref": 200, "account_cd": "2", "lead_liab_name": "Ms Zqana Zqbyrne",
        "for_addr1": "7 ZQFORWARD LANE", "for_postcode": "AB1 2CD",
    },
    ("grants", "applications"): {
        "application_ref": "G1", "scheme": "HSF", "full_name": "Ms Zqana Zqbyrne",
        "address": "8 Zqform Road", "postcode": "AB1 2CD", "email": "zqana@example.org", "phone": "07700 900123",
        "submitted_on": date(2026, 2, 1),
    },
    ("adult_social_care", "dm_persons"): {
        "person_id": 5, "first_name": "Zqana", "last_name": "Zqbyrne", "full_name": "Zqana Zqbyrne",
        "email_address": "zqsafe@example.org", "restricted": "Y",
    },
    ("adult_social_care", "dm_addresses"): {
        "address_id": 6, "ref_addresses_people_id": 5, "address": "9 Zqrefuge Street", "post_code": "AB1 2CD",
        "is_display_address": "Y",
    },
    ("correspondence", "print_items"): {
        "job_ref": "J1", "department": "council_tax", "account_ref": "2002", "class": "bill",
        "addressee_block": "Ms Zqana Zqbyrne", "address": "10 Zqletter Hill", "postcode": "AB1 2CD",
        "created_on": date(2026, 2, 1), "handover_date": date(2026, 2, 2),
    },
}  # fmt: skip
SEEN = [Canary("zq", "any", "any", "any")]


def letter(number: int, account: str, name: str) -> dict[str, Any]:
    """A letter to one of the others."""
    return dict(CANARY["correspondence", "print_items"]) | {
        "job_ref": f"J{number}", "account_ref": account, "addressee_block": name, "address": "1 High Street",
    }  # fmt: skip


def khan() -> set[str]:
    """Keys of the rows with that name."""
    return {
        key_of("council_tax", "ctaccount", ACCOUNTS[1]),
        key_of("correspondence", "print_items", letter(3, "3003", "Mr Amir Khan")),
    }


def read_khan(name: str) -> ParsedName:
    """The parser of a later version, which reads one name in another way."""
    if name == "Mr Amir Khan":
        return ParsedName(name, "person", False, (Person("Mr", "Amir", "", "Khan-Lately", ""),))
    return parse_name(name)


@pytest.fixture(scope="module")
def council(warehouse: Settings) -> Iterator[Settings]:
    """Two nights; in the second the person that is erased later takes another name."""
    make_raw_tables(warehouse)
    put_rows(warehouse, "council_tax", "ctaccount", ACCOUNTS, FIRST)
    for (system, table), row in CANARY.items():
        put_rows(warehouse, system, table, [row], FIRST)
    others = [letter(2, "1001", "Mr John Smith"), letter(3, "3003", "Mr Amir Khan")]
    put_rows(warehouse, "correspondence", "print_items", others, FIRST)
    build_night(warehouse, FIRST, None)
    married = dict(CANARY["grants", "applications"]) | {
        "full_name": "Mrs Zqana Zqmoss",
        "address": "8 Zqnew Road",
    }
    put_rows(warehouse, "grants", "applications", [married], SECOND)
    put_rows(warehouse, "council_tax", "ctaccount", [ACCOUNTS[1] | {"lead_liab_pos": 1}], SECOND)
    build_night(warehouse, SECOND, FIRST)
    publish(SECOND)
    yield warehouse


def publish(night: date) -> None:
    """Publish what was built."""
    with connect("publisher") as connection:
        connection.execute(
            "insert into audit.night (night, cutoff, status) values (%s, now(), 'running')", (night,)
        )
    publish_night(night, require_checks=False, release=True)


def work_list(night: date) -> set[str]:
    """Keys of tonight's work list."""
    with connect("transform") as connection:
        return {
            key
            for (key,) in connection.execute("select record_key from work.record where night = %s", (night,))
        }


def find_canaries() -> set[str]:
    """Tables with a value of the person that is erased."""
    with connect("admin") as connection:
        return {sighting.where for sighting in find_in_database(SEEN, connection, PLACES)}


def periods(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    """The periods of one whom nobody erased."""
    return connection.execute(
        "select valid_from, valid_to, surname from build.dim_customer where forename = 'John' order by 1"
    ).fetchall()


@pytest.fixture(scope="module")
def later_parser(council: Settings) -> Iterator[None]:
    """From here on names are read by a later version."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "_VERSION", "next")
        patch.setattr(store, "parse_names", lambda names: map(read_khan, names))
        yield


@pytest.mark.usefixtures("later_parser")
def test_a_new_parser_puts_on_the_work_list_what_it_reads_in_another_way(council: Settings) -> None:
    open_night(council, THIRD, SECOND)
    listed = list_changed_records(NightContext(THIRD, SECOND))
    assert work_list(THIRD) == khan()
    assert (listed.records, listed.erased) == (2, 0)
    # killed here and run again, the night still knows
    assert list_changed_records(NightContext(THIRD, SECOND)) == listed


@pytest.mark.usefixtures("later_parser")
def test_what_the_new_parser_reads_and_who_was_erased_is_in_the_tables_of_the_next_night(
    council: Settings,
) -> None:
    assert {
        "raw_names.parsed_name", "intermediate.int_address_texts", "intermediate.int_customers__history",
        "intermediate.int_correspondence__items", "build.dim_customer", "build_restricted.customer_address",
        "marts.dim_customer", "restricted.customer_address",
    } <= find_canaries()  # fmt: skip
    with connect("transform") as connection:
        others = periods(connection)
    keys = {key_of(system, table, row) for (system, table), row in CANARY.items()}
    with connect("admin") as connection:
        connection.execute(
            "insert into erasure.tombstone (record_key, reason, created_on) select unnest(%s::text[]), 'request', %s",
            (list(keys), THIRD),
        )
    # broken off before anything is built, the night is left out
    open_night(council, THIRD, SECOND)
    assert list_changed_records(NightContext(THIRD, SECOND)).erased == len(keys)
    open_night(council, FOURTH, SECOND)
    assert list_changed_records(NightContext(FOURTH, SECOND)).erased == len(keys)
    assert work_list(FOURTH) == khan() | keys
    build_open_night(FOURTH)
    publish(FOURTH)
    assert find_canaries() == set()
    with connect("transform") as connection:
        assert periods(connection) == others
        names = connection.execute(
            """
            select surname from intermediate.int_person_records__standardised where forename = 'Amir'
            union all
            select surname from intermediate.int_correspondence__addressees where forename = 'Amir'
            union all
            select surname from build.dim_customer where forename = 'Amir' and is_current
            """
        ).fetchall()
    assert names == [("Khan-Lately",)] * 3


@pytest.mark.usefixtures("later_parser")
def test_a_night_later_nothing_is_erased_again_and_nothing_comes_back(council: Settings) -> None:
    put_rows(council, "correspondence", "print_items", [letter(4, "1001", "Mr John Smith")], FIFTH)
    open_night(council, FIFTH, FOURTH)
    assert list_changed_records(NightContext(FIFTH, FOURTH)).erased == 0
    build_open_night(FIFTH)
    assert find_canaries() == set()
    with connect("transform") as connection:
        texts = connection.execute("select count(*) from intermediate.int_address_texts").fetchone()
    assert texts is not None and texts[0] > 0
