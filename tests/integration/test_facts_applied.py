"""Facts are in force as soon as they are applied, once each, for whoever the record is of, and gone when withdrawn."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from psycopg import errors
from typer.testing import CliRunner

from scv.cli.disclosure import app as disclosure_app
from scv.cli.facts import app as facts_app
from scv.db.warehouse import Role, connect
from scv.errors import InputError, SourceDataError
from scv.facts import ApplyResult, apply_notices, list_released
from scv.keys import joint_person_key, record_key
from scv.linkage.lookup import CANDIDATES, FOUND, KNOWN, Matches
from scv.settings import Settings

pytestmark = pytest.mark.postgres

TODAY = date(2026, 3, 2)
ANN, BOB, LOST = "C" + "A" * 20, "C" + "B" * 20, "C" + "L" * 20
NOTICE = {"source_department": "housing", "known_at": "2026-03-01"}
SUPPORT = {
    "kind": "support", "need_code": "print_hard_to_read", "action_code": "large_print", "channel_code": "telephone",
    "condition_code": "explicit_consent", "share_scope": "revenues housing", "disclosed_on": "2026-03-01",
    "starts_on": "2026-03-01", "review_due": "2026-09-01",
}  # fmt: skip


@pytest.fixture
def council(warehouse: Settings, admin: psycopg.Connection) -> Iterator[Settings]:
    """Three customers: one by an account, one the second of its joint line, one whose record went at a merge."""
    admin.execute("alter table facts.fact disable trigger facts_stay")
    admin.execute("delete from facts.fact")
    admin.execute("alter table facts.fact enable trigger facts_stay")
    admin.execute("truncate link.membership, link.customer_event")
    for key, customer, end in (
        (key_of_account(), ANN, None),
        (joint_person_key(key_of_account(), 2), BOB, None),
        ("f" * 32, LOST, date(2026, 2, 1)),
    ):
        admin.execute(
            "insert into link.membership (record_key, customer_id, valid_from, valid_to) values (%s, %s, %s, %s)",
            [key, customer, date(2026, 1, 1), end],
        )
    yield warehouse


def key_of_account() -> str:
    return record_key(Settings().record_key_bytes(), "council_tax", "ctaccount", 100)


def apply(*notices: dict[str, str], on: date = TODAY) -> ApplyResult:
    return apply_notices(
        [(n, NOTICE | notice) for n, notice in enumerate(notices, start=1)], "N. Officer", on
    )


def in_force(on: date = TODAY, role: Role = "linkage", **where: Any) -> list[tuple[str, str]]:
    told_before = where.get("told_before", datetime(9999, 1, 1, tzinfo=UTC))
    with connect(role) as connection:
        return connection.execute(
            "select kind, customer_id from facts.in_force(%s, %s) order by fact_id", [on, told_before]
        ).fetchall()


def said(result: ApplyResult) -> list[str]:
    return [
        f"{row.row} {refusal.field}: {refusal.message}" for row in result.refused for refusal in row.refusals
    ]


def test_a_person_is_named_by_customer_record_or_key_in_a_system(council: Settings) -> None:
    named = [
        {"customer_id": ANN},
        {"record_key": key_of_account()},
        {"system": "council_tax", "table": "ctaccount", "key": "100"},
        {"system": "council_tax", "table": "ctaccount", "key": "100", "person_no": "2"},
    ]
    told = [{"kind": "safe_contact", "starts_on": "2026-03-01", "reference": f"R{n}"} for n in range(4)]
    result = apply(*[fact | name for fact, name in zip(told, named, strict=True)])
    assert (result.recorded, result.refused) == (4, ())
    assert in_force() == [("safe_contact", ANN)] * 3 + [("safe_contact", BOB)]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ({"customer_id": LOST}, "1 customer_id: expected the id of a customer of now"),
        ({"record_key": "e" * 32}, "1 person: expected a record that is linked now"),
        ({"system": "council_tax", "table": "ctaccount", "key": "999"}, "1 person: expected a record that is linked now"),
        ({"system": "council_tax", "key": "100"}, "1 person: expected as table one that holds persons: ctaccount, ctliab_person"),
        ({"system": "payroll", "key": "100"}, "1 person: expected as system one of "),
        ({"system": "council_tax", "table": "ctaccount", "key": "100|2"}, "1 person: expected as key the cells of account_ref"),
        ({"system": "council_tax", "table": "ctaccount", "key": "100", "person_no": "two"}, "1 person: expected as person_no"),
    ],
)  # fmt: skip
def test_nobody_is_guessed(council: Settings, name: dict[str, str], told: str) -> None:
    result = apply(
        {"kind": "death", "reference": "R1", "evidence_code": "relative", **name},
        {"kind": "death", "reference": "R2", "evidence_code": "relative", "customer_id": ANN},
    )
    assert [line.startswith(told) for line in said(result)] == [True], said(result)
    assert in_force() == [("death", ANN)]


def test_who_is_described_is_taken_only_where_one_person_is_meant(
    council: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, str | None]] = []

    def find(connection: psycopg.Connection, descriptions: pa.Table) -> Matches:
        asked.extend(descriptions.to_pylist())
        verdicts = [
            ("matched", ANN, key_of_account()),
            ("doubtful", BOB, "e" * 32),
            ("unmatched", None, None),
        ]
        rows = [
            {"item_id": item["item_id"], "verdict": verdict, "customer_id": customer, "record_key": key}
            for item, (verdict, customer, key) in zip(descriptions.to_pylist(), verdicts, strict=True)
        ]
        return Matches(pa.Table.from_pylist(rows, schema=FOUND), CANDIDATES.empty_table())

    monkeypatch.setattr("scv.linkage.lookup.find_people", find)
    described = {"kind": "death", "evidence_code": "relative", "surname": "Quill"}
    result = apply(
        {"kind": "death", "evidence_code": "relative", "reference": "R0", "customer_id": BOB},
        described | {"reference": "R1", "birth_date": "1960-01-01"},
        described | {"reference": "R2", "address": "1 Mill Lane"},
        described | {"reference": "R3", "uprn": "100"},
    )
    assert [item["birth_date"] for item in asked] == ["1960-01-01", None, None]
    assert set(asked[0]) - {"item_id"} <= KNOWN
    assert [line.split(";")[0] for line in said(result)] == [
        "3 person: expected a description that fits one person only",
        "4 person: expected a description of somebody on file",
    ]
    assert in_force() == [("death", BOB), ("death", ANN)]


def test_a_notice_told_twice_is_written_once(council: Settings) -> None:
    notice = SUPPORT | {"customer_id": ANN, "reference": "R1"}
    assert apply(notice).recorded == 1
    again = apply(
        notice,
        notice | {"known_at": "2026-03-02"},
        SUPPORT | {"record_key": key_of_account(), "reference": "R1"},
    )
    assert (again.recorded, again.known, again.refused) == (0, 3, ())
    for change in ({"customer_id": BOB}, {"action_code": "braille"}):
        assert said(apply(notice | change))[0].startswith("1 reference: expected a new one")
    assert apply(notice | {"source_department": "benefits"}).recorded == 1
    assert len(in_force()) == 2


def test_a_fact_follows_its_person_through_merges_and_past_the_end_of_its_record(
    council: Settings, admin: psycopg.Connection
) -> None:
    apply(SUPPORT | {"customer_id": BOB, "reference": "R1"})
    admin.execute("update link.membership set valid_to = %s where customer_id = %s", [TODAY, BOB])
    assert in_force() == []
    admin.execute(
        "insert into link.customer_event (night, cause, old_customer_id, new_customer_id) values (%s, 'merged', %s, %s)",
        [TODAY, BOB, ANN],
    )
    assert in_force() == [("support", ANN)]
    admin.execute(
        "insert into link.membership (record_key, customer_id, valid_from) select record_key, %s, %s"
        " from link.membership where customer_id = %s",
        [LOST, TODAY, BOB],
    )
    assert in_force() == [("support", LOST)]


def test_a_withdrawal_takes_a_fact_out_and_past_days_keep_what_they_knew(council: Settings) -> None:
    apply(SUPPORT | {"customer_id": ANN, "reference": "R1"})
    taken = {"kind": "withdrawal", "refers_to": "R1", "reference": "W1", "known_at": "2026-03-02"}
    assert apply(taken).recorded == 1
    assert in_force() == []
    assert in_force(told_before=datetime(2026, 3, 2, tzinfo=UTC)) == [("support", ANN)]
    for wrong in ({"refers_to": "R9"}, {"refers_to": "W1"}, {"refers_to_department": "benefits"}):
        assert said(apply(taken | {"reference": "W2"} | wrong))[0].startswith(
            "1 refers_to: expected the reference of"
        )


def test_a_word_that_somebody_lives_takes_back_the_deaths_told_until_then(council: Settings) -> None:
    apply(
        {"kind": "death", "reference": "D1", "evidence_code": "third_party", "customer_id": ANN},
        {"kind": "death", "reference": "D2", "evidence_code": "registrar_entry", "customer_id": BOB},
        {"kind": "death_reversed", "reference": "D3", "customer_id": ANN, "known_at": "2026-03-02"},
    )
    assert in_force() == [("death", BOB), ("death_reversed", ANN)]
    apply({"kind": "death", "reference": "D4", "evidence_code": "relative", "customer_id": ANN, "known_at": "2026-03-03"}, on=date(2026, 3, 3))  # fmt: skip
    assert in_force() == [("death", BOB), ("death_reversed", ANN), ("death", ANN)]
    apply({"kind": "withdrawal", "reference": "W1", "refers_to": "D3", "known_at": "2026-03-02"})
    assert [kind for kind, customer in in_force() if customer == ANN] == ["death", "death"]


def test_periods_are_half_open_and_a_moratorium_may_end_early(council: Settings) -> None:
    apply(
        {"kind": "moratorium", "reference": "M1", "moratorium_code": "standard", "starts_on": "2026-03-01", "ends_on": "2026-04-30", "customer_id": ANN},
        {"kind": "moratorium_ended", "reference": "M2", "refers_to": "M1", "ends_on": "2026-03-20"},
        SUPPORT | {"customer_id": BOB, "reference": "R1", "expires_on": "2026-03-10"},
        SUPPORT | {"customer_id": BOB, "reference": "R2", "action_code": ""},
    )  # fmt: skip
    assert in_force(date(2026, 3, 9)) == [("moratorium", ANN), ("support", BOB)]
    assert in_force(date(2026, 3, 10)) == [("moratorium", ANN)]
    assert in_force(date(2026, 3, 19)) == [("moratorium", ANN)]
    assert in_force(date(2026, 3, 20)) == in_force(date(2026, 2, 28)) == []


def test_a_refused_row_keeps_no_other_waiting_and_the_command_says_which(
    council: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "notices.jsonl"
    death = NOTICE | {"kind": "death", "evidence_code": "relative", "customer_id": ANN}
    rows = [death | {"reference": "D1", "note": "beaten by her son"}, death | {"reference": "D2"}]
    path.write_text("\n".join(map(json.dumps, rows)))
    found = CliRunner().invoke(facts_app, ["apply", str(path), "--by", "4711", "--date", "2026-03-02"])
    assert found.exit_code == SourceDataError.exit_code
    assert "row 1: row: expected only the fields" in found.stdout
    assert "recorded=1 known=0 refused=1" in found.stdout
    assert "beaten" not in found.stdout
    with pytest.raises(InputError, match="--by takes"):
        apply_notices([], "x", TODAY)


def test_disclosures_are_recorded_by_the_front_of_their_own(council: Settings, tmp_path: Path) -> None:
    row = {name: value for name, value in SUPPORT.items() if name != "kind"}
    row |= {"record_key": key_of_account(), "recorded_by": "housing", "reference": "HSG/1"}
    path = tmp_path / "disclosures.csv"
    path.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n")
    arguments = ["record", str(path), "--by", "N. Officer", "--date", "2026-03-02"]
    assert "recorded=1 known=0 refused=0" in CliRunner().invoke(disclosure_app, arguments).stdout
    assert "recorded=0 known=1 refused=0" in CliRunner().invoke(disclosure_app, arguments).stdout
    assert in_force() == [("support", ANN)]


def test_what_was_held_for_a_death_taken_back_is_released_with_the_word_that_did_it(
    council: Settings, admin: psycopg.Connection
) -> None:
    with connect("transform", autocommit=True) as transform:
        transform.execute(
            "create table intermediate.int_death_evidence__graded (evidence_key text, customer_id text, known_at timestamptz)"
        )
        transform.execute(
            "insert into intermediate.int_death_evidence__graded values ('e1', %s, '2026-02-20'), ('e2', %s, '2026-02-20')",
            [ANN, BOB],
        )
    death = {"kind": "death", "evidence_code": "certificate_seen"}
    apply(death | {"reference": "D1", "customer_id": ANN}, death | {"reference": "D2", "customer_id": BOB})
    told = dict(admin.execute("select reference, fact_id from facts.fact").fetchall())
    admin.execute(
        "insert into letters.screening (screening_id, profile, screened_on, file_hash, items)"
        " values ('S', 'p', %s, 'h', 5)",
        [TODAY],
    )
    for item, action, data_class, keys, others in (
        ("by_register", "hold", "death", ["e1"], []),
        ("by_notice", "redirect", "death", [f"fact:{told['D1']}"], ["unsafe_address"]),
        ("of_another", "hold", "death", ["e2"], []),
        ("sent", "send", "death", ["e1"], []),
        ("for_a_move", "hold", "address", ["e1"], []),
    ):
        admin.execute(
            "insert into letters.verdict (screening_id, item_key, action, rule_code, reason_code, data_class,"
            " match_code, other_rules, evidence_keys) values ('S', %s, %s, 'r', 'r', %s, 'matched', %s, %s)",
            [item, action, data_class, others, keys],
        )
    assert list_released(TODAY) == []
    apply({"kind": "death_reversed", "reference": "L1", "customer_id": ANN, "known_at": "2026-03-02"})
    found = [(item.item_key, item.is_held_otherwise, item.reference) for item in list_released(TODAY)]
    assert found == [("by_notice", True, "L1"), ("by_register", False, "L1")]
    output = CliRunner().invoke(facts_app, ["released", "--date", "2026-03-02"]).stdout
    assert output.endswith("released=2\n")
    apply({"kind": "withdrawal", "reference": "W1", "refers_to": "L1", "known_at": "2026-03-02"})
    assert list_released(TODAY) == []


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("linkage", "update facts.fact set ends_on = null"),
        ("linkage", "delete from facts.fact"),
        ("linkage", "select need_code from facts.fact"),
        ("publisher", "select need_code from facts.fact"),
        ("transform", "insert into facts.fact (kind) values ('death')"),
        ("loader", "update facts.fact set ends_on = null"),
        ("reader", "select * from facts.told"),
        ("restricted_reader", "select * from facts.told"),
        ("admin", "update facts.fact set ends_on = null"),
        ("admin", "truncate facts.fact"),
    ],
)
def test_facts_are_only_added_and_reasons_are_for_few(council: Settings, role: Role, statement: str) -> None:
    with connect(role) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)


def test_erasing_a_record_erases_what_was_told_of_it(council: Settings) -> None:
    apply(
        SUPPORT | {"customer_id": ANN, "reference": "R1"},
        {"kind": "support_met", "refers_to": "R1", "reference": "R2"},
        SUPPORT | {"customer_id": BOB, "reference": "R3"},
    )
    with connect("loader") as connection:
        connection.execute("delete from facts.fact where subject_record_key = %s", [key_of_account()])
    assert in_force(role="transform") == in_force(role="publisher") == [("support", BOB)]
