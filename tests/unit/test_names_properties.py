"""What holds of every name, whatever somebody typed."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from scv.names import KINDS, parse_name
from scv.names.vocabulary import load_vocabulary

VOCABULARY = load_vocabulary()
WORDS = sorted(
    VOCABULARY.special
    | {word for title in VOCABULARY.titles for word in title}
    | {word for suffix in VOCABULARY.suffixes for word in suffix}
    | VOCABULARY.honours
    | set(VOCABULARY.particles)
    | {
        "john",
        "anne",
        "smith",
        "okafor-byrne",
        "o'neill",
        "j",
        "macdonald",
        "j0hn",
        "sm1th",
        "þórsson",
        "j.p.",
    }
)
MARKS = ["&", ",", "/", "(", ")", " - ", "and", "+", ";", ".", "[", "'", '"']
words = st.sampled_from(WORDS).flatmap(lambda word: st.sampled_from([word, word.upper(), word.title()]))
written = st.lists(st.one_of(words, words, st.sampled_from(MARKS)), max_size=9).map(" ".join)
anything = st.one_of(written, st.text(max_size=60), st.text(alphabet="JOHNSMITH &,.'-/()01de", max_size=40))


@given(anything)
@example("")
@example("((((")
@example("& & &")
@example("exors of the late")
@example("-")
@settings(max_examples=1500, deadline=None)
def test_any_text_has_a_kind_and_people_just_where_somebody_is_named(text: str) -> None:
    parsed = parse_name(text)
    assert parsed.full_name == text
    assert parsed.kind in KINDS
    assert (parsed.people == ()) == (parsed.kind in ("organisation", "placeholder"))
    assert (parsed.kind == "joint") <= (len(parsed.people) > 1)
    assert (parsed.kind == "estate") <= parsed.deceased
    for person in parsed.people:
        assert person.surname or person.forename
        assert all(part == " ".join(part.split()) for part in person)
        assert not any(character in part for part in person for character in "&(),;/[]0123456789")
        assert person.suffix in ("", "Jr", "Sr", "II", "III", "IV")


@given(anything)
@settings(max_examples=500, deadline=None)
def test_the_same_text_always_means_the_same(text: str) -> None:
    assert parse_name(text) == parse_name(text)


@given(st.lists(words, min_size=1, max_size=6), st.sampled_from(["  ", "\t", " \u00a0 ", "\r\n"]))
@settings(max_examples=500, deadline=None)
def test_blanks_mean_nothing(parts: list[str], blank: str) -> None:
    # a name of a column's width may be cut off, and blanks around it are not part of its width
    assert parse_name(" ".join(parts))[1:] == parse_name(blank + " ".join(parts) + blank)[1:]


plain_forenames = st.sampled_from(["John", "Anne", "Chidi", "Zoë", "Jean-Luc", "Priya"])
plain_surnames = st.sampled_from(["Smith", "Okafor-Byrne", "O'Neill", "Macdonald", "Nair", "Þórsson"])
plain_titles = st.sampled_from(["Mr", "Mrs", "Ms", "Miss", "Mx", "Dr", "Rev"])


@given(plain_titles, plain_forenames, plain_surnames)
def test_a_name_means_the_same_in_every_order(title: str, forename: str, surname: str) -> None:
    meant = parse_name(f"{title} {forename} {surname}").people
    for form in (
        f"{surname}, {title} {forename}",
        f"{surname.upper()} {title.upper()} {forename.upper()}",
        f"{surname.upper()} {forename.upper()} {title.upper()}",
        f"{title.upper()} {forename.upper()} {surname.upper()}",
        f"{surname.upper()}, {forename}, {title}",
        f"EXORS OF {title.upper()} {forename.upper()} {surname.upper()}",
        f"{title} {forename} {surname} (Decd)",
        f"{title} {forename} {surname} OBE",
        f"{title} {forename} {surname} c/o Mrs A Other",
    ):
        assert parse_name(form).people == meant, form


@given(plain_titles, plain_forenames, plain_surnames, plain_titles, plain_forenames, plain_surnames)
def test_two_names_joined_are_the_two_people(t1: str, f1: str, s1: str, t2: str, f2: str, s2: str) -> None:
    one, two = f"{t1} {f1} {s1}", f"{t2} {f2} {s2}"
    expected = parse_name(one).people + parse_name(two).people
    for joint in (f"{one} & {two}", f"{one} and {two}", f"{one}/{two}", f"{one}, {two}", f"{one} {two}"):
        if len(joint) in VOCABULARY.truncation_lengths:
            continue
        for form in (joint, joint.upper().replace(" AND ", " and ")):
            parsed = parse_name(form)
            assert (parsed.kind, parsed.people) == ("joint", expected), form


@given(plain_titles, plain_forenames, plain_surnames)
def test_a_parsed_name_written_plainly_parses_to_itself(title: str, forename: str, surname: str) -> None:
    (person,) = parse_name(f"{surname.upper()} {title.upper()} {forename.upper()}").people
    plain = " ".join(
        part for part in (person.title, person.forename, person.middle_names, person.surname) if part
    )
    assert parse_name(plain).people == (person,)
