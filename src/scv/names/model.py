"""What a written name means: the shapes that the parser gives back."""

from typing import Literal, NamedTuple

# Raise this with every change of the parser or its word lists: stored names are then parsed again.
PARSER_VERSION = 1

Kind = Literal["person", "joint", "estate", "organisation", "placeholder"]
KINDS: tuple[Kind, ...] = ("person", "joint", "estate", "organisation", "placeholder")


class Person(NamedTuple):
    """One person named; parts that are not given are empty."""

    title: str = ""
    forename: str = ""
    middle_names: str = ""
    surname: str = ""
    suffix: str = ""


class ParsedName(NamedTuple):
    """A name as written and what it means.

    `kind`: person, joint (several persons), estate (addressed to the representatives of a dead
    person, who is the person given), organisation or placeholder; the last two have no people.
    `deceased`: the name itself says that somebody in it is dead.
    """

    full_name: str
    kind: Kind
    deceased: bool
    people: tuple[Person, ...]
