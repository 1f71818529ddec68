"""Many names at once: the same answers, in order, whatever the number of processes; and the command line."""

import csv
import io
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scv.cli.names import names as names_command
from scv.errors import InputError
from scv.names import bulk, parse_name, parse_names

DATA = Path(__file__).parents[1] / "data"


def make_names(count: int) -> list[str]:
    with (DATA / "more_names.csv").open(encoding="utf-8", newline="") as lines:
        listed = [row["full_name"] for row in csv.DictReader(lines)]
    return [f"{name} {number}" for number, name in zip(range(count), itertools.cycle(listed), strict=False)]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_many_names_come_back_in_order_whatever_the_workers(
    monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setattr(bulk, "PARALLEL_FROM", 100)
    monkeypatch.setattr(bulk, "CHUNK", 70)
    written = make_names(1000)
    assert list(parse_names(iter(written), workers=workers)) == [parse_name(name) for name in written]


def test_few_names_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    assert [parsed.kind for parsed in parse_names(["VOID", "Mr J Smith"], workers=2)] == [
        "placeholder",
        "person",
    ]


def test_names_are_read_only_as_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PARALLEL_FROM", 50)
    monkeypatch.setattr(bulk, "CHUNK", 10)
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        for taken in itertools.count(1):
            yield f"Mr J Smith {taken}"

    parsed = parse_names(endless(), workers=2)
    assert next(parsed).people[0].surname == "Smith"
    assert taken <= 90
    parsed.close()


def test_a_worker_that_dies_is_an_error_and_not_a_short_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PARALLEL_FROM", 10)
    monkeypatch.setattr(bulk, "CHUNK", 5)
    monkeypatch.setattr(bulk, "WORKER", ["-c", "import sys; sys.stdin.buffer.read(100); sys.exit(3)"])
    with pytest.raises(RuntimeError, match="code 3"):
        list(parse_names(make_names(100), workers=2))


def test_the_command_writes_one_json_line_for_each_row(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    source = tmp_path / "names.csv"
    source.write_text('id,full_name\n1,MR & MRS J SMITH\n2,\n3,"Þórsson, Jón"\n', encoding="utf-8-sig")
    names_command(source)
    first, second, third = (json.loads(line) for line in capfdbinary.readouterr().out.splitlines())
    assert first == {
        "full_name": "MR & MRS J SMITH",
        "kind": "joint",
        "deceased": False,
        "people": [
            {"title": "Mr", "forename": "J", "middle_names": "", "surname": "Smith", "suffix": ""},
            {"title": "Mrs", "forename": "", "middle_names": "", "surname": "Smith", "suffix": ""},
        ],
    }
    assert (second["full_name"], second["kind"], second["people"]) == ("", "placeholder", [])
    assert third["people"][0]["forename"] == "Jón"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"name,id\nMr J Smith,1\n", "no column 'full_name'. Columns found: name, id"),
        (b"", "Columns found: none"),
        ("full_name\nJosé\n".encode("latin-1"), "not in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, content: bytes, says: str) -> None:
    source = tmp_path / "names.csv"
    source.write_bytes(content)
    with pytest.raises(InputError, match=says):
        names_command(source)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        names_command(tmp_path / "none.csv")


def test_a_worker_process_answers_in_frames() -> None:
    sent = io.BytesIO()
    bulk.write_frame(sent, ["Mr J Smith", "VOID"])
    answer = subprocess.run(
        [sys.executable, "-m", "scv.names.worker"], input=sent.getvalue(), capture_output=True, check=True
    )
    people = (("Mr", "J", "", "Smith", ""),)
    assert bulk.read_frame(io.BytesIO(answer.stdout)) == [
        ("person", False, people),
        ("placeholder", False, ()),
    ]
