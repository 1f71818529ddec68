"""The letter gate over a small council: a day's files judged, held against the truth, and proved afterwards."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.support.council import FIRST_NIGHT, Council

from scv.errors import InputError
from scv.letters.screening import Result, screen_file
from scv.linkage.lookup import find_people
from scv.settings import get_settings

pytestmark = pytest.mark.postgres

NIGHT = str(FIRST_NIGHT)
PRINT_COLUMNS = (
    "job_ref", "department", "account_ref", "template", "class", "addressee_block", "address", "postcode", "uprn",
    "body",
)  # fmt: skip


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Council]:
    """A council of 2,000 after one night; its settings are those of this process as well."""
    council = Council(tmp_path_factory.mktemp("council"))
    council.home.chmod(0o711)
    council.make()
    council.scv("night", "--date", NIGHT)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SCV_HOME", "SCV_RECORD_KEY_SECRET"):
            patch.setenv(name, council.environment[name])
        get_settings.cache_clear()
        yield council
    get_settings.cache_clear()
    council.remove()


@dataclass(frozen=True)
class Screened:
    """What a screening said of itself, and each line of its verdicts."""

    result: Result
    items: dict[str, dict[str, str]]


def screen(source: Path, profile: str, out: Path, reader: str = "print_room") -> Screened:
    """Screen a file on the night's day."""
    result = screen_file(source, profile, out, FIRST_NIGHT, reader)
    with (out / "verdicts.csv").open(newline="") as file:
        return Screened(result, {row["item_id"]: row for row in csv.DictReader(file)})


def write_print_file(path: Path, rows: list[dict[str, str]]) -> Path:
    """A print house's file of these items."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, PRINT_COLUMNS, delimiter="|", restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def deliveries(council: Council, kind: str, count: int) -> list[Path]:
    """The last files that the print house or the gateway delivered: the last days and months."""
    return sorted((council.home / "sources" / "correspondence" / kind).iterdir())[-count:]


def tell(connection: psycopg.Connection, kind: str, record_key: str, **given: Any) -> None:
    """A fact, as it stands once it was applied."""
    row = {
        "kind": kind, "subject_record_key": record_key, "known_at": "2026-03-02T09:00:00Z", "starts_on": "2026-03-01",
        "source_department": "benefits", "recorded_by": "42", "reference": f"{kind} {record_key}", "fingerprint": "x",
        **given,
    }  # fmt: skip
    columns, places = ", ".join(row), ", ".join(["%s"] * len(row))
    connection.execute(f"insert into facts.fact ({columns}) values ({places})", list(row.values()))


@pytest.fixture(scope="module")
def residents(council: Council) -> list[dict[str, Any]]:
    """Living people, unlike one another, who live alone on a council tax account that is in use."""
    with council.connect("linkage") as connection:
        cursor = connection.execute(
            """
            select
                input.record_key, membership.customer_id, input.title, input.forename, input.surname, input.address_line,
                input.postcode, input.uprn, input.account_ref
            from intermediate.int_person_records__link_input as input
            inner join link.membership as membership
                on input.record_key = membership.record_key and membership.valid_to is null
            where
                input.source_system = 'council_tax' and input.party_no = 1 and input.is_live_record
                and input.name_kind = 'person' and length(input.forename) > 1 and not input.name_says_deceased
                and input.account_to_date is null
                and not exists (
                    select from intermediate.int_account_parties as others
                    where others.account_ref = input.account_ref and others.record_key <> input.record_key
                )
                and not exists (
                    select from intermediate.int_moves__known as moves where moves.customer_id = membership.customer_id
                )
                and not exists (
                    select from intermediate.int_customers__safe_flag as flagged
                    where flagged.customer_id = membership.customer_id
                )
            order by input.record_key limit 60
            """
        )
        names = [column.name for column in cursor.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    with council.connect("reader") as connection:
        dead = {row[0] for row in connection.execute("select customer_id from marts.dim_death").fetchall()}
    return [row for row in found if row["customer_id"] not in dead]


def letter_to(resident: dict[str, Any], job: str, **changed: str) -> dict[str, str]:
    """A plain bill to a resident at home."""
    name = " ".join(part for part in (resident["title"], resident["forename"], resident["surname"]) if part)
    return {
        "job_ref": job, "department": "council_tax", "account_ref": resident["account_ref"], "template": "CT-BILL",
        "class": "bill", "addressee_block": name, "address": resident["address_line"],
        "postcode": resident["postcode"] or "", "uprn": resident["uprn"] or "", "body": "Your bill.", **changed,
    }  # fmt: skip


def test_no_letter_to_somebody_known_dead_is_sent(council: Council, tmp_path: Path) -> None:
    wrong: dict[str, set[str]] = defaultdict(set)
    for row in pq.read_table(council.home / "truth" / "items.parquet").to_pylist():
        wrong[row["ref"]].add(row["rule_code"])
    judged, stopped, matches = 0, set(), defaultdict(int)
    for kind, profile in (("print", "print_house"), ("notify", "notify")):
        for number, source in enumerate(deliveries(council, kind, 4)):
            found = screen(source, profile, tmp_path / f"{kind}{number}")
            judged += found.result.items
            assert found.result.items == len(found.items)
            for match, count in found.result.matches.items():
                matches[match] += count
            stopped |= {item for item, row in found.items.items() if row["action"] != "send"}
            after_death = {
                item for item in found.items
                if wrong[item] & {"letter_after_known_death", "joint_letter_after_one_death"}
            }  # fmt: skip
            assert after_death <= stopped
    assert judged > 800
    assert len([item for item in stopped if wrong[item]]) >= 5
    persons = judged - matches["not_a_person"]
    assert matches["doubtful"] <= 0.02 * persons
    assert matches["unmatched"] <= 0.02 * persons


def test_a_screening_is_the_same_bytes_each_time_and_splits_the_file(
    council: Council, tmp_path: Path
) -> None:
    source = deliveries(council, "print", 3)[0]
    first = screen(source, "print_house", tmp_path / "first")
    second = screen(source, "print_house", tmp_path / "second")
    assert first.result.screening_id == second.result.screening_id
    files = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "second").iterdir())
    for name in files:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
    with source.open(newline="") as file:
        heading, *given = csv.reader(file, delimiter="|")
    split = []
    for action in first.result.actions:
        with (tmp_path / "first" / f"{action}.csv").open(newline="") as file:
            part_heading, *rows = csv.reader(file, delimiter="|")
        assert part_heading == heading
        split += rows
    assert sorted(split) == sorted(given)


def test_what_went_out_is_held_against_what_was_advised(council: Council, tmp_path: Path) -> None:
    source, out = deliveries(council, "print", 3)[0], tmp_path / "out"
    command = ("letters", "screen", "--profile", "print_house", "--json")
    council.scv(*command, str(source), "--out", str(out), "--date", NIGHT)
    good = council.scv(*command, str(out / "send.csv"), "--since-dispatch", str(out))
    assert json.loads(good.stdout)["against_advice"] == {}
    assert json.loads(good.stdout)["not_sent"] == 0
    bad = council.scv(*command, str(source), "--since-dispatch", str(out), check=False)
    assert bad.returncode == 12
    assert sum(json.loads(bad.stdout)["against_advice"].values()) > 0


def test_what_is_told_counts_for_the_next_screening(
    council: Council, residents: list[dict[str, Any]], tmp_path: Path
) -> None:
    dead, recovering, reading, plain = residents[:4]
    with council.connect("linkage") as connection:
        tell(connection, "death", dead["record_key"], level=9, evidence_code="tell_us_once")
        tell(
            connection,
            "moratorium",
            recovering["record_key"],
            moratorium_code="standard",
            ends_on="2026-04-30",
        )
        tell(
            connection, "support", reading["record_key"], need_code="sight", action_code="large_print",
            share_scope=["revenues"], disclosed_on="2026-03-01", channel_code="telephone", condition_code="consent",
        )  # fmt: skip
    rows = [
        letter_to(dead, "1"),
        letter_to(recovering, "2"),
        letter_to(recovering, "3", **{"class": "recovery"}),
        letter_to(reading, "4"),
        letter_to(reading, "5", department="housing", account_ref=""),
        letter_to(plain, "6"),
        letter_to(plain, "7", addressee_block="Mr Zebedee Quilliam-Frost", **{"class": "recovery"}),
        letter_to(plain, "8", addressee_block="The Occupier"),
        letter_to(
            dead, "9", addressee_block=f"The Personal Representatives of {dead['forename']} {dead['surname']}"
        ),
    ]
    source = write_print_file(tmp_path / "day.csv", rows)
    found = screen(source, "print_house", tmp_path / "out").items
    assert {item: (row["action"], row["rule"]) for item, row in found.items()} == {
        "1": ("hold", "letter_after_known_death"),
        "2": ("send", "none"),
        "3": ("hold", "withheld"),  # the print room is not told of debts
        "4": ("change_format", "support_format"),
        "5": ("send", "none"),  # housing is not in the scope
        "6": ("send", "none"),
        "7": ("hold", "unmatched_addressee"),
        "8": ("send", "none"),
        "9": ("send", "none"),
    }
    assert found["7"]["match"] == "unmatched"
    assert all(row["evidence_keys"] == "" for row in found.values())
    assert {row["reason"] for row in found.values() if row["rule"] == "withheld"} == {"withheld"}
    with council.connect("linkage") as connection:
        tell(connection, "death_reversed", dead["record_key"], known_at="2026-03-02T10:00:00Z")
    again = screen(source, "print_house", tmp_path / "again").items
    assert again["1"]["action"] == "send"


def test_the_posted_new_address_of_a_person_in_danger_is_stopped(
    council: Council, residents: list[dict[str, Any]], tmp_path: Path
) -> None:
    survivor, other, refuge = residents[10], residents[11], residents[12]
    with council.connect("linkage") as connection:
        tell(connection, "safe_contact", survivor["record_key"])
    known = f"Your address is {refuge['address_line']}, {refuge['postcode']}."
    name = letter_to(survivor, "x")["addressee_block"]
    rows = [
        letter_to(survivor, "single", body=known),
        letter_to(
            survivor,
            "joint",
            addressee_block=f"{name} & {letter_to(other, 'x')['addressee_block']}",
            body=known,
        ),
        letter_to(survivor, "no body", body=""),
        letter_to(survivor, "plain"),
        letter_to(survivor, "elsewhere", address=other["address_line"], postcode=other["postcode"], uprn=""),
        letter_to(
            other, "about", account_ref=survivor["account_ref"], body=f"{survivor['address_line']} is new."
        ),
    ]
    source = write_print_file(tmp_path / "day.csv", rows)
    found = screen(source, "print_house", tmp_path / "out").items
    assert {item: row["action"] for item, row in found.items()} == {
        "single": "hold", "joint": "hold", "no body": "hold", "plain": "send", "elsewhere": "hold", "about": "hold",
    }  # fmt: skip
    assert found["single"]["rule"] == found["single"]["reason"] == "withheld"
    trained = screen(source, "print_house", tmp_path / "trained", "safeguarding").items
    assert sorted(trained) == ["about", "elsewhere", "joint", "no body", "single"]
    assert trained["elsewhere"]["reason"] == "former_address"
    assert trained["no body"]["reason"] == "not_checkable"
    assert sorted(path.name for path in (tmp_path / "trained").iterdir()) == ["manifest.json", "verdicts.csv"]


def test_the_warehouse_keeps_codes_and_keys_alone(council: Council) -> None:
    with council.connect("linkage") as connection:
        kept = connection.execute("select to_jsonb(v)::text from letters.verdict as v").fetchall()
        assert kept
        words = {
            word for row in connection.execute(
                "select surname, address_line from intermediate.int_person_records__link_input"
                " where length(surname) > 6 order by record_key limit 500"
            ).fetchall() for word in row if word
        }  # fmt: skip
    text = " ".join(row[0] for row in kept)
    assert not [word for word in words if word in text]


def test_a_department_outside_the_register_sees_nothing(council: Council, tmp_path: Path) -> None:
    source = deliveries(council, "print", 1)[0]
    with pytest.raises(InputError, match="purpose register"):
        screen(source, "print_house", tmp_path / "out", "finance")
    assert not (tmp_path / "out").exists()


def test_a_sender_sees_its_own_items_alone(council: Council, tmp_path: Path) -> None:
    source = deliveries(council, "print", 4)[0]
    everything = screen(source, "print_house", tmp_path / "all").items
    with source.open(newline="") as file:
        sent_by = {row["job_ref"]: row["department"] for row in csv.DictReader(file, delimiter="|")}
    own = screen(source, "print_house", tmp_path / "own", "housing").items
    assert own
    assert set(own) == {item for item in everything if sent_by[item] == "housing"}
    assert sorted(path.name for path in (tmp_path / "own").iterdir()) == ["manifest.json", "verdicts.csv"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda text: text[: len(text) // 2], "cut"),
        (lambda text: text.replace("addressee_block", "name", 1), "addressee_block"),
        (lambda text: text + text.splitlines()[1] + "\n", "there before"),
    ],
)
def test_a_file_that_cannot_be_read_whole_is_refused(
    council: Council, tmp_path: Path, damage: Any, said: str
) -> None:
    text = deliveries(council, "print", 1)[0].read_text()
    source = tmp_path / "bad.csv"
    source.write_text(damage(text))
    with council.connect("linkage") as connection:
        before = connection.execute("select count(*) from letters.verdict").fetchone()
    with pytest.raises(InputError, match=said):
        screen(source, "print_house", tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv"]
    with council.connect("linkage") as connection:
        assert connection.execute("select count(*) from letters.verdict").fetchone() == before


def test_people_are_found_by_what_is_known_of_them(council: Council, residents: list[dict[str, Any]]) -> None:
    meant = residents[20]
    rows = [
        {"item_id": "whole", "forename": meant["forename"], "surname": meant["surname"],
         "address": meant["address_line"], "postcode": meant["postcode"]},
        {"item_id": "slip", "forename": meant["forename"], "surname": meant["surname"][:2] + meant["surname"][3:],
         "address": meant["address_line"], "postcode": meant["postcode"]},
        {"item_id": "nobody", "forename": "Zebedee", "surname": "Quilliam", "address": meant["address_line"],
         "postcode": meant["postcode"]},
    ]  # fmt: skip
    with council.connect("linkage") as connection:
        found = find_people(connection, pa.Table.from_pylist(rows)).best.to_pylist()
    by_item = {row["item_id"]: row for row in found}
    assert by_item["whole"]["customer_id"] == by_item["slip"]["customer_id"] == meant["customer_id"]
    assert by_item["whole"]["probability"] > 0.99
    assert by_item["nobody"]["verdict"] == "unmatched"
