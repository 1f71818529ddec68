"""How a department writes a person down, and when it hears that something has changed."""

from dataclasses import dataclass, replace
from math import log
from random import Random

from scv.demo.calendar import OPEN, to_date, to_day
from scv.demo.naming import draw_nino, name_lists, temporary_nino
from scv.demo.people import Person
from scv.demo.places import WrittenAddress, write_address
from scv.demo.world import World

DEFAULT_BIRTH = -25_567
"""1900-01-01, what a form puts where the birth date is not known."""

_KEYS = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuiopsdfghjklzxcvbnmq", strict=False))


@dataclass(frozen=True, slots=True)
class Written:
    """A person as one record has it: names, birth (day number or None), sex, NINO (empty for none)."""

    person: Person
    title: str
    forename: str
    middle: str
    surname: str
    suffix: str
    born: int | None
    sex: str
    nino: str

    @property
    def initial(self) -> str:
        return self.forename[:1]

    def renamed(self, title: str, surname: str) -> "Written":
        """The same record after the department was told of a new name."""
        upper = self.surname.isupper()
        return replace(self, title=title, surname=surname.upper() if upper else surname)


class Clerk:
    """Writes one system's records of one block; its own stream of random numbers keeps systems apart."""

    def __init__(self, world: World, system: str, recording: str | None = None) -> None:
        self.world, self.system, self.rates = world, recording or system, world.rates
        self.rnd = Random(f"{world.seed}/{world.block}/{system}")
        self.faults = world.rates.recording(self.system)
        self._nicknames: dict[str, str] = name_lists()["nicknames"]

    def chance(self, share: float) -> bool:
        """True with that probability."""
        return self.rnd.random() < share

    def must_hold(self, person: Person) -> bool:
        """Whether a named case asks for this person to be known to this system."""
        return (self.system, person.pid) in self.world.forced

    def is_case(self, person: Person, case: str) -> bool:
        """Whether the person plays in a named case."""
        return person in self.world.cast.get(case, ())

    def hears(self, what: str, day: int, person: Person | None = None) -> int:
        """The day on which the department hears of a move, name or death of that day; OPEN for never."""
        if what == "death" and person is not None:
            arranged = self.world.learning.get((self.system, person.pid))
            if arranged is not None:
                return arranged
        delay = self.rates.delay(what, self.system)
        if self.rnd.random() >= delay.share:
            return OPEN
        return day + 1 + int(self.rnd.lognormvariate(log(delay.median), delay.sigma))

    def name_changes(self, person: Person, since: int) -> list[tuple[int, str, str]]:
        """When the department hears of names taken after a day: (day heard, title, surname)."""
        heard = [(self.hears("name", day), t, s) for day, t, s in person.names[1:] if day > since]
        return [change for change in heard if change[0] != OPEN]

    def address(self, dwelling: int, upper: bool = False) -> WrittenAddress:
        """A dwelling as this department writes it."""
        return write_address(self.rnd, self.world.dwelling(dwelling), self.rates, upper)

    def write(self, person: Person, day: int, upper: bool | None = None) -> Written:
        """The record of a person, made on a day, with this department's usual faults."""
        rnd, faults = self.rnd, self.faults
        title, surname = person.name_on(day)
        forename, middle = person.forename, person.middle
        if rnd.random() < faults["nickname"]:
            forename = self._nicknames.get(forename, forename)
        if rnd.random() < faults["typo_forename"]:
            forename = mistype(rnd, forename)
        if rnd.random() < faults["typo_surname"]:
            surname = mistype(rnd, surname)
        if rnd.random() < faults["digit_for_letter"]:
            surname = surname.replace("o", "0").replace("l", "1").replace("i", "1")
        if rnd.random() < faults["no_middle"]:
            middle = ""
        if rnd.random() < faults["initial_only"]:
            forename, middle = forename[:1], middle[:1]
        if rnd.random() < faults["swapped"]:
            forename, surname = surname, forename
        suffix = person.suffix if rnd.random() < 0.5 else ""
        if faults["upper"] and (rnd.random() < faults["upper"] if upper is None else upper):
            forename, middle, surname = forename.upper(), middle.upper(), surname.upper()
        return Written(
            person,
            title,
            forename,
            middle,
            surname,
            suffix,
            self._birth(person),
            person.sex,
            self._nino(person),
        )

    def _birth(self, person: Person) -> int | None:
        rnd, faults, born = self.rnd, self.faults, person.born
        if self.system == "housing" and self.is_case(person, "default_birth_date"):
            return DEFAULT_BIRTH
        if rnd.random() < faults["dob_default"]:
            return DEFAULT_BIRTH
        roll = rnd.random()
        if roll < faults["dob_missing"]:
            return None
        if roll < faults["dob_missing"] + faults["dob_typo"]:
            return born + rnd.choice((-3653, -365, -31, -10, -1, 1, 10, 31, 365, 3652))
        if roll < faults["dob_missing"] + faults["dob_typo"] + faults["dob_swap"]:
            day = to_date(born)
            return to_day(day.replace(month=day.day, day=day.month)) if day.day <= 12 else born
        return born

    def _nino(self, person: Person) -> str:
        rnd, faults = self.rnd, self.faults
        if self.system == "hr_payroll" and self.is_case(person, "temporary_nino"):
            return temporary_nino(person.born, person.sex)
        roll = rnd.random()
        if roll < faults["nino_missing"]:
            return ""
        roll -= faults["nino_missing"]
        if roll < faults["nino_temporary"]:
            return temporary_nino(person.born, person.sex)
        if roll < faults["nino_temporary"] + faults["nino_wrong"]:
            if person.partner is not None and rnd.random() < 0.5:
                return person.partner.nino
            return draw_nino(rnd) if rnd.random() < 0.2 else mistype_digit(rnd, person.nino)
        return person.nino


def mistype(rnd: Random, word: str) -> str:
    """One slip of the keyboard: a letter left out, doubled, swapped with the next, or a neighbour."""
    if len(word) < 3:
        return word
    place = rnd.randrange(1, len(word) - 1)
    kind = rnd.randrange(4)
    if kind == 0:
        return word[:place] + word[place + 1 :]
    if kind == 1:
        return word[: place + 1] + word[place:]
    if kind == 2:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    letter = word[place]
    return word[:place] + _KEYS.get(letter, letter) + word[place + 1 :]


def mistype_digit(rnd: Random, number: str) -> str:
    """A number with two neighbouring digits swapped, or one digit changed."""
    place = rnd.randrange(2, 7)
    if number[place] != number[place + 1]:
        return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    return number[:place] + str((int(number[place]) + 3) % 10) + number[place + 1 :]
