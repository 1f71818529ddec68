"""Notices at the door: each kind with its fields, one way to name a person, no stories, and dates that can be."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from scv.disclosures import load_codes
from scv.errors import InputError
from scv.facts.evidence import load_evidence_codes
from scv.facts.files import MISSHAPEN, read_disclosures, read_notices
from scv.facts.notices import KINDS, Books, Fact, read_notice
from scv.purposes import load_register

TODAY = date(2026, 3, 2)
COMMON = {"source_department": "housing", "reference": "HSG-2026/17", "known_at": "2026-03-01"}
PERSON = {"customer_id": "C00000000000000000001"}
DEATH = {
    **COMMON,
    **PERSON,
    "kind": "death",
    "evidence_code": "certificate_seen",
    "date_of_death": "2026-02-20",
}
SUPPORT = {
    **COMMON,
    **PERSON,
    "kind": "support",
    "need_code": "print_hard_to_read",
    "action_code": "large_print",
    "channel_code": "telephone",
    "condition_code": "explicit_consent",
    "share_scope": "revenues housing",
    "disclosed_on": "2026-03-01",
    "starts_on": "2026-03-01",
    "review_due": "2027-03-01",
}
MORATORIUM = {
    **COMMON,
    **PERSON,
    "kind": "moratorium",
    "moratorium_code": "standard",
    "starts_on": "2026-03-01",
}
MORATORIUM |= {"ends_on": "2026-04-30"}
REVIEWED = {**COMMON, "kind": "support_reviewed", "refers_to": "HSG-2026/1", "review_due": "2026-09-01"}
ENDED = {**COMMON, "kind": "moratorium_ended", "refers_to": "HSG-2026/1", "ends_on": "2026-03-05"}


@pytest.fixture(scope="module")
def books(project_root: Path) -> Books:
    """The code lists and the register of the project."""
    return Books(load_codes(project_root), load_evidence_codes(project_root), load_register(project_root))


def refusals(books: Books, notice: dict[str, str]) -> list[str]:
    read = read_notice(notice, books, TODAY)
    assert not isinstance(read, Fact)
    return [f"{refusal.field}: {refusal.message}" for refusal in read]


@pytest.mark.parametrize(
    "notice",
    [
        DEATH,
        {**COMMON, **PERSON, "kind": "death_reversed"},
        {**COMMON, "kind": "death_reversed", "surname": "Quill", "birth_date": "1960-01-01"},
        SUPPORT,
        {**SUPPORT, "action_code": ""},
        {**COMMON, "kind": "support_met", "refers_to": "HSG-2026/1", "refers_to_department": "revenues"},
        REVIEWED,
        {**COMMON, **PERSON, "kind": "safe_contact", "starts_on": "2026-03-01"},
        MORATORIUM,
        {**MORATORIUM, "moratorium_code": "mental_health_crisis", "ends_on": ""},
        ENDED,
        {**COMMON, "kind": "withdrawal", "refers_to": "HSG-2026/1"},
    ],
)
def test_each_kind_is_taken_with_its_fields(books: Books, notice: dict[str, str]) -> None:
    read = read_notice(notice, books, TODAY)
    assert isinstance(read, Fact), read
    assert read.kind == notice["kind"]


def test_all_kinds_are_tried_above() -> None:
    assert len(KINDS) == 9


def test_a_death_takes_its_level_from_how_it_was_learnt(books: Books) -> None:
    read = read_notice({**DEATH, "known_at": "2026-03-01T23:30:00+01:00"}, books, TODAY)
    assert isinstance(read, Fact)
    assert (read.level, read.date_of_death) == (8, date(2026, 2, 20))
    assert read.known_at == datetime(2026, 3, 1, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("notice", "told"),
    [
        ({**DEATH, "kind": "rumour"}, "kind: expected one of death, "),
        ({**DEATH, "evidence_code": "dream"}, "evidence_code: expected one of registrar_entry, "),
        ({**DEATH, "date_of_death": "2026-03-02"}, "date_of_death: expected a day that is not after the day on which it was known"),
        ({**DEATH, "known_at": "2026-03-03"}, "known_at: expected a day that is not in the future"),
        ({**DEATH, "known_at": "2026-03-01T10:00"}, "known_at: expected a day as YYYY-MM-DD, or an instant with its offset"),
        ({**DEATH, "known_at": "2026-02-30"}, "known_at: expected a day and time of the calendar"),
        ({**DEATH, "source_department": "elves"}, "source_department: expected one of revenues, "),
        ({**DEATH, "reference": "Mrs Quill"}, "reference: expected 2 to 40 letters, digits"),
        ({**DEATH, "reference": "suicide-7"}, "reference: expected a number that tells nothing; what was given tells of "),
        ({**DEATH, "record_key": "0" * 32}, "person: expected exactly one of customer_id, record_key, system and a description"),
        ({**DEATH, "customer_id": ""}, "person: expected exactly one of customer_id, record_key, system and a description"),
        ({**DEATH, "full_name": "Ann Quill"}, "person: expected exactly one of customer_id, record_key, system and a description"),
        ({**DEATH, "customer_id": "", "full_name": "Ann Quill"}, "person: expected in a description full_name or surname, and with it one of birth_date"),
        ({**DEATH, "customer_id": "", "forename": "Ann", "birth_date": "1960-01-01"}, "person: expected in a description full_name or surname"),
        ({**DEATH, "customer_id": "", "surname": "Quill", "nino": "QQ123456C", "uprn": "1"}, "row: expected only the fields kind, "),
        ({**DEATH, "cause": "x"}, "row: expected only the fields kind, "),
        ({**DEATH, "need_code": "offline"}, "row: expected only the fields kind, "),
        ({**SUPPORT, "need_code": "blind"}, "need_code: expected one of print_hard_to_read, "),
        ({**SUPPORT, "share_scope": "revenues finance"}, "share_scope: expected departments that the purpose register allows support"),
        ({**SUPPORT, "source_department": "human_resources"}, "source_department: expected departments that the purpose register"),
        ({**SUPPORT, "customer_id": ""}, "person: expected exactly one of"),
        ({**MORATORIUM, "ends_on": "2026-05-01"}, "ends_on: expected a day after the start and at most 60 days later"),
        ({**MORATORIUM, "ends_on": ""}, "ends_on: expected a day after the start and at most 60 days later"),
        ({**MORATORIUM, "moratorium_code": "holiday"}, "moratorium_code: expected one of standard, mental_health_crisis"),
        ({**REVIEWED, "review_due": "2027-03-03"}, "review_due: expected a day after the review, within a year of it"),
        ({**REVIEWED, "refers_to": ""}, "refers_to: expected the reference of an earlier notice, found nothing"),
        ({**REVIEWED, **PERSON}, "row: expected only the fields kind, "),
        ({**ENDED, "ends_on": ""}, "ends_on: expected a date as YYYY-MM-DD, found nothing"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_not_repeated(
    books: Books, notice: dict[str, str], told: str
) -> None:
    found = refusals(books, notice)
    assert len(found) == 1
    assert found[0].startswith(told)
    assert not any(word in found[0] for word in ("elves", "Quill", "suicide", "rumour", "dream", "blind"))


def test_lines_of_json_and_rows_of_csv_are_the_same_notices(tmp_path: Path) -> None:
    lines, table = tmp_path / "n.jsonl", tmp_path / "n.csv"
    scope = {"share_scope": ["revenues", "housing"], "person_no": 2, "ends_on": None}
    lines.write_text(json.dumps({"kind": "support", **scope}) + "\n\n")
    table.write_text("kind,share_scope,person_no,ends_on\nsupport,revenues housing,2,\n")
    assert [given for _, given in read_notices(lines)] == [given for _, given in read_notices(table)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("n.jsonl", '{"kind": "death"}\n{"kind": '),
        ("n.csv", ""),
        ("n.csv", "kind,kind\n"),
        ("n.csv", 'kind\n"dea'),
    ],
)
def test_a_file_that_is_not_whole_is_refused_whole(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match="othing was recorded"):
        read_notices(tmp_path / name)


@pytest.mark.parametrize("line", ["[1]", '{"note": {"a": 1}}', '{"kind": true}'])
def test_a_line_of_another_shape_is_no_notice(books: Books, tmp_path: Path, line: str) -> None:
    path = tmp_path / "n.ndjson"
    path.write_text(line)
    [(number, notice)] = read_notices(path)
    assert number == 1
    assert MISSHAPEN in notice
    assert refusals(books, {**DEATH, **notice, "kind": "death"})


def test_a_file_of_disclosures_is_a_file_of_notices_of_support(books: Books, tmp_path: Path) -> None:
    row = {name: value for name, value in SUPPORT.items() if name not in ("kind", "known_at", *PERSON)}
    row["recorded_by"] = row.pop("source_department")
    row["record_key"] = "0123456789abcdef0123456789abcdef"
    path = tmp_path / "d.csv"
    path.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n")
    [(_, notice)] = read_disclosures(path, TODAY)
    read = read_notice(notice, books, TODAY)
    assert isinstance(read, Fact)
    assert (read.source_department, read.known_at) == ("housing", datetime(2026, 3, 2, tzinfo=UTC))
