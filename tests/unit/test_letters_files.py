"""Files of deliverers: read whole or refused, split as they came; profiles and what they declare."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scv.errors import InputError, SettingsError
from scv.letters.files import PartWriter, read_rows
from scv.letters.items import read_item, read_place
from scv.letters.profiles import Profile, list_profiles, load_profile

ROWS = [
    {"no": "1", "name": "Mrs A Smith", "kind": "Bill", "text": 'One; "two"\nthree'},
    {"no": "2", "name": "", "kind": "recovery", "text": "At NT1 2AB"},
]


def make_profile(file_format: str, **columns: str) -> Profile:
    given = {"item_id": "no", "addressee": "name", "letter_class": "kind", "body": "text", **columns}
    return Profile.model_validate({
        "name": "p", "title": "A profile", "system": "correspondence", "table": "print_items",
        "file_format": file_format, "csv": {"delimiter": ";"}, "columns": given,
    })  # fmt: skip


def write(path: Path, rows: list[dict[str, str]], profile: Profile) -> Path:
    if profile.file_format == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path
    writer = PartWriter(path, profile, path)
    writer.write(rows)
    writer.close()
    return path


@pytest.mark.parametrize("file_format", ["csv", "json", "json_lines", "parquet"])
def test_a_part_reads_as_what_was_written(tmp_path: Path, file_format: str) -> None:
    profile = make_profile(file_format)
    source = write(tmp_path / "in", ROWS, profile)
    assert list(read_rows(source, profile)) == ROWS
    writer = PartWriter(tmp_path / "out", profile, source)
    for row in ROWS:
        writer.write([row])
    writer.close()
    writer.close()
    assert list(read_rows(tmp_path / "out", profile)) == ROWS


@pytest.mark.parametrize("file_format", ["csv", "json", "json_lines", "parquet"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_cut_file_is_refused(tmp_path: Path, file_format: str, share: float) -> None:
    profile = make_profile(file_format)
    source = write(tmp_path / "in", ROWS, profile)
    whole = source.read_bytes()
    source.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError, match=r"nothing was screened|Nothing was screened"):
        list(read_rows(source, profile))


@pytest.mark.parametrize("file_format", ["csv", "json", "json_lines", "parquet"])
def test_a_missing_column_is_named(tmp_path: Path, file_format: str) -> None:
    source = write(tmp_path / "in", ROWS, make_profile(file_format))
    with pytest.raises(InputError, match=r"lacks.* ref"):
        list(read_rows(source, make_profile(file_format, account_ref="ref")))


@pytest.mark.parametrize("number", ["1", "", " "])
def test_an_item_that_comes_twice_or_without_a_number_is_refused(tmp_path: Path, number: str) -> None:
    profile = make_profile("csv")
    source = write(tmp_path / "in", [*ROWS, {**ROWS[1], "no": number}], profile)
    with pytest.raises(InputError, match="item 3") as refused:
        list(read_rows(source, profile))
    assert "Smith" not in str(refused.value)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("[]\n")
    with pytest.raises(InputError, match="no item"):
        list(read_rows(tmp_path / "in", make_profile("json")))


def test_a_body_tells_whether_it_holds_another_address() -> None:
    profile = make_profile("csv")
    assert read_item({**ROWS[0]}, profile).carries_other_address is False
    assert read_item({**ROWS[1]}, profile).carries_other_address is True
    assert read_item({**ROWS[0], "text": ""}, profile).carries_other_address is None
    flagged = make_profile("csv", carries_other_address="flag")
    assert read_item({**ROWS[0], "flag": "TRUE"}, flagged).carries_other_address is True
    assert read_item({**ROWS[0], "flag": "false"}, flagged).letter_class == "bill"


def test_homes_are_told_apart_by_number_street_and_postcode() -> None:
    home = read_place("12 High St., Newtown", "nt1 2ab", None)
    assert home.is_same(read_place("12 HIGH STREET NEWTOWN", "NT1 2AB", None))
    assert home.is_same(read_place("12 High Street", None, None))
    assert not home.is_same(read_place("14 High Street, Newtown", "NT1 2AB", None))
    assert not home.is_same(read_place("12 High Street, Oldtown", "OT1 2AB", None))
    assert not read_place(None, "NT1 2AB", None).is_same(read_place(None, "NT1 2AB", None))
    assert read_place("The Barn", None, "100012").is_same(read_place("Old Barn", None, "100012"))


def test_every_profile_of_the_checkout_can_be_used(project_root: Path) -> None:
    assert list_profiles(project_root) == ["notify", "print_house"]
    for name in list_profiles(project_root):
        assert load_profile(project_root, name).rules.unmatched_recovery == "hold"


def test_a_profile_that_is_not_there_or_not_as_expected_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no profile 'x'"):
        load_profile(tmp_path, "x")
    folder = tmp_path / "letters" / "profiles"
    folder.mkdir(parents=True)
    given = {"title": "A profile", "system": "s", "table": "t", "file_format": "csv",
             "columns": {"item_id": "a", "addressee": "a", "letter_class": "c"}, "colour": "red"}  # fmt: skip
    (folder / "x.yml").write_text(json.dumps(given))
    with pytest.raises(SettingsError, match="colour"):
        load_profile(tmp_path, "x")
    (folder / "x.yml").write_text(
        json.dumps({name: value for name, value in given.items() if name != "colour"})
    )
    with pytest.raises(SettingsError, match="each column of the file once"):
        load_profile(tmp_path, "x")
