"""Name lines as departments write them: one person, a couple, an estate, or nobody."""

from collections.abc import Callable
from random import Random

from scv.demo.recording import Written

Line = Callable[[Written], str]


def _first(w: Written) -> str:
    return " ".join(part for part in (w.forename, w.middle) if part)


SINGLE: tuple[tuple[int, Line], ...] = (
    (40, lambda w: f"{w.title} {w.forename} {w.surname}"),
    (15, lambda w: f"{w.title} {w.initial} {w.surname}".upper()),
    (10, lambda w: f"{w.title} {w.initial} {w.surname}"),
    (11, lambda w: f"{w.surname} {w.forename} {w.title}".upper()),
    (6, lambda w: f"{w.surname.upper()}, {_first(w)}"),
    (5, lambda w: f"{w.surname}, {w.title} {w.initial}" + (f" {w.middle[0]}" if w.middle else "")),
    (8, lambda w: f"{w.forename} {w.surname}"),
    (5, lambda w: f"{w.title} {w.forename} {w.surname}".upper()),
)
JOINT_SAME: tuple[Callable[[Written, Written], str], ...] = (
    lambda a, b: f"{a.title} & {b.title} {a.initial} {a.surname}".upper(),
    lambda a, b: f"{a.title} and {b.title} {a.surname}".upper(),
    lambda a, b: f"{a.surname}, {a.title} & {b.title}".upper(),
    lambda a, b: f"{a.title} {a.forename} {a.surname} and {b.title} {b.forename} {b.surname}",
    lambda a, b: f"{a.forename} & {b.forename} {a.surname}",
    lambda a, b: f"{a.title} {a.initial} & {b.title} {b.initial} {a.surname}",
)
JOINT_OTHER: tuple[Callable[[Written, Written], str], ...] = (
    lambda a, b: f"{a.title} {a.initial} {a.surname} & {b.title} {b.initial} {b.surname}",
    lambda a, b: f"{a.title} {a.initial} {a.surname}/{b.title} {b.initial} {b.surname}",
    lambda a, b: f"{a.title} {a.forename} {a.surname} and {b.title} {b.forename} {b.surname}",
)
ESTATE: tuple[Line, ...] = (
    lambda w: f"Exors of the late {w.title} {w.initial} {w.surname}".upper(),
    lambda w: f"Executors of {w.forename} {w.surname}".upper(),
    lambda w: f"Exor {w.forename} {w.surname} (decd)".upper(),
    lambda w: f"Exec of {w.title} {w.initial} {w.surname} Decd",
    lambda w: f"Pers reps of {w.title} {w.initial} {w.surname}".upper(),
    lambda w: f"The Personal Representatives of {w.title} {w.initial} {w.surname}",
    lambda w: f"P/R of {w.initial} {w.surname} dec'd".upper(),
    lambda w: f"Estate of {w.title} {w.initial} {w.surname}".upper(),
    lambda w: f"The estate of the late {w.forename} {w.surname}".upper(),
    lambda w: f"Exors of {w.title} {w.initial} {w.surname}".upper(),
)
DECEASED: tuple[Line, ...] = (
    lambda w: f"{w.surname} {w.title} {w.forename} decd".upper(),
    lambda w: f"{w.forename} {w.surname} dec'd",
    lambda w: f"{w.title} {w.forename} {w.surname} (Deceased)",
    lambda w: f"{w.surname}, {w.forename} - DECEASED",
    lambda w: f"Late {w.title} {w.forename} {w.surname}",
    lambda w: f"{w.title} {w.initial} {w.surname} decd".upper(),
)
ORGANISATIONS = (
    "ACME LETTINGS LTD",
    "Homes for All Housing Association",
    "WESTMERE PROPERTY COMPANY LTD",
    "Smith & Jones Solicitors LLP",
    "NORTHGATE ESTATES LIMITED",
    "The Trustees of Byrne Charity",
    "RIVERSIDE STUDENT HOMES PLC",
)
PLACEHOLDERS = ("THE OCCUPIER", "OCCUPIER", "VOID", "UNKNOWN", "TEST RECORD DO NOT USE")


def choose_style(rnd: Random) -> int:
    """The style in which a clerk writes single names, as an index into SINGLE."""
    return rnd.choices(range(len(SINGLE)), [weight for weight, _ in SINGLE])[0]


def single_line(written: Written, style: int, width: int = 200) -> str:
    """One person's name line; a style that does not fit the width gives way to a shorter one."""
    line = SINGLE[style][1](written)
    if written.suffix and style in (0, 6):
        line = f"{line} {written.suffix}"
    if len(line) > width:
        line = SINGLE[2][1](written)
    return " ".join(line.split())[:width]


def joint_line(rnd: Random, one: Written, two: Written, width: int = 200) -> str | None:
    """A couple's name line in one field; None where no form fits the width."""
    if one.surname.upper() == two.surname.upper():
        forms = list(JOINT_SAME)
        if (one.title, two.title) != ("Mr", "Mrs"):
            forms = forms[3:]
    else:
        forms = list(JOINT_OTHER)
    rnd.shuffle(forms)
    for form in forms:
        line = form(one, two)
        if len(line) <= width and len(one.forename) > 0 and len(two.forename) > 0:
            return line
    return None


def _fitting(rnd: Random, forms: tuple[Line, ...], written: Written, width: int) -> str:
    lines = [form(written) for form in forms]
    fitting = [line for line in lines if len(line) <= width]
    return " ".join((rnd.choice(fitting) if fitting else min(lines, key=len)).split())[:width]


def estate_line(rnd: Random, written: Written, width: int = 200) -> str:
    """A line to the executors or representatives of somebody who died."""
    return _fitting(rnd, ESTATE, written, width)


def deceased_line(rnd: Random, written: Written, width: int = 200) -> str:
    """The person's own line with a word that says they died."""
    return _fitting(rnd, DECEASED, written, width)
