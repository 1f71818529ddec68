"""One value at a time: what is folded together, and what is no evidence at all."""

import pyarrow as pa
import pytest

from scv.linkage import text
from scv.linkage.records import standardise


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("QQ123456C", None),  # Q is never used
        ("AB123456C", "ab123456"),
        ("ab 12 34 56 c", "ab123456"),
        ("AB123456", "ab123456"),
        ("TN010190F", None),  # temporary: TN and the birth date
        ("TN010190A", None),
        ("PP999999A", None),  # administrative
        ("AB12345C", None),
        (None, None),
    ],
)
def test_only_a_national_insurance_number_that_can_identify_counts(
    given: str | None, expected: str | None
) -> None:
    assert text.fold_nino(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("1900-01-01", None),
        ("01/01/1900", None),
        ("2099-12-31", None),
        ("1984-02-03", "1984-02-03"),
        ("3/2/1984", "1984-02-03"),
        ("19840203", "1984-02-03"),
        ("1984-02-03 00:00:00", "1984-02-03"),
        ("not known", None),
        ("", None),
    ],
)
def test_default_birth_dates_are_blank(given: str, expected: str | None) -> None:
    assert text.fold_date(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("4010232137", "4010232137"),
        ("401 023 2137", "4010232137"),
        ("4010232138", None),
        ("1111111111", None),
        (None, None),
    ],
)
def test_an_nhs_number_needs_its_check_digit(given: str | None, expected: str | None) -> None:
    assert text.fold_nhs(given) == expected


def test_a_temporary_pupil_number_is_no_evidence() -> None:
    assert text.fold_upn("A123456789012") == "a123456789012"
    assert text.fold_upn("A12345678901X") is None


def test_phones_compare_in_national_form_and_placeholders_not_at_all() -> None:
    assert text.fold_phone("+44 7911 123456") == text.fold_phone("07911 123456") == "07911123456"
    assert text.fold_phone("00000000000") is None


def test_names_lose_accents_titles_honours_and_typed_digits() -> None:
    assert text.name_words("Sir Zoë Müller-O'Brien OBE") == ["zoe", "muller", "obrien"]
    assert text.name_words("J0HN") == ["john"]
    assert text.name_suffix("John Smith Jnr.") == "jr"


def test_sounds_of_common_spellings_agree() -> None:
    assert text.phonetic("philips") == text.phonetic("fillips")
    assert text.phonetic("mcdonald") == text.phonetic("macdonald")
    assert text.phonetic("smith") != text.phonetic("jones")


def test_nicknames_share_a_root() -> None:
    roots = text.nickname_roots()
    assert roots["bill"] == roots["william"] == "william"
    assert roots["peggy"] == "margaret"


def test_addresses_compare_whatever_the_road_is_called() -> None:
    assert text.fold_address("12, High Street") == text.fold_address("12 HIGH ST")
    assert text.fold_address("No Fixed Abode") is None
    assert text.address_key(text.fold_address("Flat 2, 14 Torrens Street")) == "142torren"


def test_the_standard_form_does_not_depend_on_the_order_of_rows() -> None:
    rows = pa.table({"key": ["b", "a"], "source": ["x", "y"], "forename": ["Bill", None], "surname": ["Smith Jones", "sr."],
                     "full_name": [None, "alfred edwin brain sr."], "title": ["MR", None]})  # fmt: skip
    one = standardise(rows, "key", "source")
    assert one.equals(standardise(rows.take([1, 0]), "key", "source"))
    first, second = one.to_pylist()
    assert (first["forename"], first["middle"], first["surname"], first["suffix"]) == (
        "alfred",
        "edwin",
        "brain",
        "sr",
    )
    assert (second["forename_root"], second["surname"], second["surname_part"], second["sex"]) == (
        "william",
        "smithjones",
        "jones",
        "m",
    )


def test_a_lone_full_name_is_parsed_as_departments_write_it() -> None:
    rows = pa.table({"key": ["a"], "source": ["x"], "full_name": ["SMITH, Mrs Jane Anne"]})
    (row,) = standardise(rows, "key", "source").to_pylist()
    assert (row["forename"], row["middle"], row["surname"], row["sex"]) == ("jane", "anne", "smith", "f")


def test_a_letter_that_an_older_system_could_not_write_does_not_break_a_name() -> None:
    assert text.name_words("Ma?gorzata") == ["magorzata"]
    assert text.name_words("Smith?") == ["smith"]
