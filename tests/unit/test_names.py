"""Names as departments write them: every line of tests/data/*names.csv comes out as listed there."""

import csv
from pathlib import Path

import pytest

from scv.names import Person, parse_name
from scv.names.text import capitalise, mend_digits

DATA = Path(__file__).parents[1] / "data"


def read_cases(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


CASES = read_cases("names.csv") + read_cases("more_names.csv")


def read_people(listed: str) -> tuple[Person, ...]:
    return tuple(Person(*(person.split("|") + [""] * 5)[:5]) for person in listed.split(";") if person)


def test_there_are_cases() -> None:
    assert len(CASES) > 850
    assert len({case["full_name"] for case in CASES}) > 850


@pytest.mark.parametrize("case", CASES, ids=[case["full_name"] or "(blank)" for case in CASES])
def test_name_means_what_is_listed(case: dict[str, str]) -> None:
    parsed = parse_name(case["full_name"])
    assert parsed.full_name == case["full_name"]
    assert parsed.people == read_people(case["people"])
    assert (parsed.kind, parsed.deceased) == (case["kind"], case["deceased"] == "true")


def test_no_name_at_all_is_a_placeholder() -> None:
    assert parse_name(None) == ("", "placeholder", False, ())


def test_the_name_comes_back_as_it_was_written() -> None:
    assert parse_name("  Mr\tJohn  Smith ").full_name == "  Mr\tJohn  Smith "


DEAD = [
    "decd", "dec'd", "d'ced", "def'd", "deceased", "de'd", "desd", "d'cead", "dece'd", "dea's", "dec`d", "DECD.", "(decd)", "(dec)",
    "(dec'd)", "(deceased)", "(DCD)", "-decd", "[deceased]", "- deceased", "- dec", "- DEC'D", "*deceased*", "(Dec.)", "(now deceased)",
    "(the late)", "(late)", "- late", "(died)", "rip", "R.I.P.", "(RIP)", "Dec d", "dec", "Dec’d", "DECD 12/03/2024", "died 2 May 2020",
    "decased", "desceased", "dcsd", "(Mr decd)", "(deceased 1.2.23)", ", deceased", ", decd", "Deceased.",
]  # fmt: skip


@pytest.mark.parametrize("marker", DEAD)
def test_every_spelling_of_deceased_behind_a_name_is_read(marker: str) -> None:
    parsed = parse_name(f"Mr John Smith {marker}")
    assert (parsed.kind, parsed.deceased, parsed.people) == (
        "person",
        True,
        (Person("Mr", "John", "", "Smith"),),
    )


EXECUTORS = [
    "exors of", "exor", "exors", "exor of", "exec of", "execs of", "exec", "executor of", "executors of", "executrix of", "exrs of",
    "the executors of", "the exors of the late", "executors for", "executors of the estate of", "executors of the estate of the late",
    "executor(s) of", "exor(s) of", "pers reps of", "pers rep of", "pers reps", "pers. reps. of", "per reps of", "personal rep of",
    "personal reps of", "personal representative of", "personal representatives of", "the personal representatives of the late",
    "legal reps of", "legal personal representatives of", "lpr of", "p/r of", "p/rs of", "pr of", "prs of", "p.r. of", "prep", "preps of",
    "reps of", "rep of", "representatives of", "reps of the late", "estate of", "the estate of", "estate of the late", "est of", "est. of",
    "estate late", "administrators of", "administrator of the estate of", "next of kin of", "nok of", "trustees of the estate of",
]  # fmt: skip


@pytest.mark.parametrize("capitals", [False, True])
@pytest.mark.parametrize("words", EXECUTORS)
def test_every_way_to_write_to_the_representatives_is_read(words: str, capitals: bool) -> None:
    name = f"{words} Mr John Smith"
    parsed = parse_name(
        name.upper() if capitals else name.capitalize().replace("mr john smith", "Mr John Smith")
    )
    assert (parsed.kind, parsed.deceased, parsed.people) == (
        "estate",
        True,
        (Person("Mr", "John", "", "Smith"),),
    )


@pytest.mark.parametrize(
    ("glued", "title"),
    [("REPSMRS", "Mrs"), ("REPMR", "Mr"), ("REPSMR", "Mr"), ("EXORSMISS", "Miss"), ("EXORSOFMR", "Mr")],
)
def test_words_glued_to_a_title_are_taken_apart(glued: str, title: str) -> None:
    parsed = parse_name(f"{glued} A OKAFOR")
    assert (parsed.kind, parsed.people) == ("estate", (Person(title, "A", "", "Okafor"),))


@pytest.mark.parametrize(
    "surname",
    """Late Estate Dec Church Bank School Trust Council House Homes Hall Temple Club Store Group Void Tenant Owner Trenthome Storey
    Moves Groupe Testa Renton Homer Lettings Accountant Executive Exley Repton Prepeluh Limitedson Coe Unitt Deceaux Estatey Voideux
    Marks Parish Senior Major Bishop Judge Lord Master Nee Ma Null Company College Park Banks""".split(),
)
def test_a_surname_that_looks_like_another_word_stays_a_surname(surname: str) -> None:
    for name in (f"Mr Anthony {surname}", f"MR ANTHONY {surname.upper()}", f"{surname}, Mr Anthony"):
        assert parse_name(name) == (name, "person", False, (Person("Mr", "Anthony", "", surname),))


@pytest.mark.parametrize("cut", range(20, 33))
def test_a_name_cut_off_by_its_column_invents_nobody(cut: int) -> None:
    whole = "MR JONATHAN SMITHSON & MRS JANE SMITHSON"[:cut]
    parsed = parse_name(whole)
    assert parsed.people[0] == Person("Mr", "Jonathan", "", "Smithson")
    assert all(person.surname == "Smithson" or cut < 32 for person in parsed.people)
    assert len(parsed.people) <= 2


@pytest.mark.parametrize(
    ("written", "name"),
    [("MACDONALD", "Macdonald"), ("MCDONALD", "McDonald"), ("O'NEILL", "O'Neill"), ("D'ARCY-O'HARA", "D'Arcy-O'Hara"), ("SA'ID", "Sa'id"),
     ("ÅNGSTRÖM", "Ångström"), ("İBRAHİM", "Ibrahim"), ("smith", "Smith")],
)  # fmt: skip
def test_capitals_become_a_name(written: str, name: str) -> None:
    assert capitalise(written).replace("İ", "I") == name


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("J0HN", "JOHN"), ("SM1TH", "SMITH"), ("A1AN", "ALAN"), ("WI11IAM", "WILLIAM"), ("Pau1", "Paul"), ("5COTT", "SCOTT"), ("0'BRIEN", "O'BRIEN"),
     ("OKAF0R-BYRNE", "OKAFOR-BYRNE"), ("12", None), ("12A", None), ("5TH", None)],
)  # fmt: skip
def test_digits_become_the_letters_they_were_typed_for(typed: str, meant: str | None) -> None:
    assert mend_digits(typed) == meant
