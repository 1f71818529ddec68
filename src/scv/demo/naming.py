"""Names and numbers that people carry: drawn at random with the skew of real ones."""

from bisect import bisect
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Any

from scv.demo.calendar import to_date
from scv.demo.parameters import read_package_yaml

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
NINO_FIRST = "ABCEGHJKLMNPRSTWXYZ"
NINO_SECOND = "ABCEGHJKLMNPRSTWXYZ"
NINO_NEVER = {"GB", "NK", "TN", "ZZ", "KN", "BG", "NT"}


@lru_cache(maxsize=1)
def name_lists() -> Any:
    """The shipped lists of names, nicknames and streets."""
    return read_package_yaml("names.yml")


class Skewed:
    """A list drawn from with falling frequency: weight 1 / (rank + shift)."""

    def __init__(self, values: list[str], shift: float) -> None:
        self.values = values
        self._cumulated = list(accumulate(1.0 / (rank + shift) for rank in range(len(values))))

    def draw(self, rnd: Random) -> str:
        return self.values[bisect(self._cumulated, rnd.random() * self._cumulated[-1])]


class Naming:
    """Draws forenames and surnames by origin, sex and year of birth."""

    def __init__(self, origins: dict[str, float]) -> None:
        lists = name_lists()
        self._forenames: dict[tuple[str, str, str], Skewed] = {}
        for origin, groups in lists["forenames"].items():
            for group, values in groups.items():
                sex, _, era = group.partition("_")
                self._forenames[origin, sex, era] = Skewed(list(dict.fromkeys(values)), 5.0)
        surnames = lists["surnames"]
        tails = surnames["english_tails"]
        # The long tail: two in five of the English surnames are made of two parts and are rare.
        self._rare = [head + tail for head in surnames["english_heads"] for tail in tails]
        # The commonest English surname is borne by about one in a hundred, as Smith is.
        self._surnames = {
            o: Skewed(v, 20.0 if o == "english" else 5.0)
            for o, v in surnames.items()
            if o in lists["forenames"]
        }
        self._origins = list(origins)
        self._cumulated = list(accumulate(origins.values()))

    def draw_origin(self, rnd: Random) -> str:
        """An origin of names; English unless one of the others is drawn."""
        place = bisect(self._cumulated, rnd.random())
        return self._origins[place] if place < len(self._origins) else "english"

    def draw_surname(self, rnd: Random, origin: str) -> str:
        """A surname of that origin."""
        if origin == "english" and rnd.random() < 0.42:
            return self._rare[int(len(self._rare) * rnd.random() ** 1.3)]
        return self._surnames[origin].draw(rnd)

    def draw_forename(self, rnd: Random, origin: str, sex: str, born: int) -> str:
        """A forename of that origin and sex, in the fashion of the year of birth (born: day number)."""
        group = "male" if sex == "M" else "female"
        if origin != "english":
            return self._forenames[origin, group, ""].draw(rnd)
        era = "old" if born < -5_000 else "mid" if born < 7_000 else "young"
        return self._forenames["english", group, era].draw(rnd)


def draw_title(rnd: Random, sex: str, age: int, married: bool) -> str:
    """The title a person goes by."""
    roll = rnd.random()
    if roll < 0.015 and age > 25:
        return "Dr"
    if roll < 0.018:
        return "Mx"
    if sex == "M":
        return "Mr" if age >= 16 else "Master" if roll < 0.3 else "Mr"
    if married:
        return "Mrs" if roll < 0.85 else "Ms"
    return "Miss" if age < 30 or roll < 0.6 else "Ms"


def draw_nino(rnd: Random) -> str:
    """A National Insurance number of valid form."""
    while True:
        prefix = rnd.choice(NINO_FIRST) + rnd.choice(NINO_SECOND)
        if prefix not in NINO_NEVER and prefix[1] != "O":
            return f"{prefix}{rnd.randrange(1_000_000):06d}{rnd.choice('ABCD')}"


def temporary_nino(born: int, sex: str) -> str:
    """The stand-in that offices write: TN, the birth date, the sex."""
    return f"TN{to_date(born):%d%m%y}{sex}"


def draw_nhs_number(rnd: Random) -> str:
    """An NHS number with a valid check digit."""
    while True:
        digits = [9, *(rnd.randrange(10) for _ in range(8))]
        check = 11 - sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return "".join(map(str, digits)) + str(check % 11)


def draw_upn(rnd: Random, year: int) -> str:
    """A Unique Pupil Number: check letter, authority, school, year, serial."""
    body = f"9{rnd.randrange(10, 99)}{rnd.randrange(2000, 6000)}{year % 100:02d}{rnd.randrange(1000):03d}"
    weights = sum(int(d) * (n + 2) for n, d in enumerate(body))
    return LETTERS[weights % 23] + body


def check_digit(number: int) -> str:
    """Check digit of an account number, modulus 11 with 10 written as 'X'."""
    total = sum(int(d) * w for w, d in enumerate(reversed(str(number)), start=2))
    rest = (11 - total % 11) % 11
    return "X" if rest == 10 else str(rest)


def draw_mobile(rnd: Random) -> str:
    """A mobile number."""
    return f"077009{rnd.randrange(100_000):05d}"


def write_email(rnd: Random, forename: str, surname: str, born: int) -> str:
    """An e-mail address made of the name, as most people's are."""
    fore, sur = fold(forename), fold(surname)
    form = rnd.randrange(4)
    number = str(to_date(born).year % 100) if rnd.random() < 0.5 else str(rnd.randrange(1000))
    local = (f"{fore}.{sur}", f"{fore[0]}{sur}", f"{fore}{sur}", f"{sur}.{fore}")[form] + number
    return f"{local}@example.{rnd.choice(('com', 'com', 'net', 'org'))}"


_FOLDED = str.maketrans("łśńóćążęźŁŚĄ", "lsnocazezLSA")


def fold(text: str) -> str:
    """Lower-case ASCII letters of a name."""
    return "".join(c for c in text.translate(_FOLDED).lower() if c.isascii() and c.isalpha())
