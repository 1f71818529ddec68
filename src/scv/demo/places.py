"""Streets, dwellings and how departments write addresses."""

from dataclasses import dataclass
from random import Random

from scv.demo.naming import name_lists
from scv.demo.parameters import Parameters

TOWN = "Westmere"
OFFICE_POSTCODE = "WM1 1ZZ"
"""The council's own: every letter's foot carries it."""

_UNIT_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_SHORT = {"Road": "Rd", "Street": "St", "Avenue": "Ave", "Close": "Cl", "Lane": "Ln", "Drive": "Dr"}
_SHORT |= {"Crescent": "Cres", "Gardens": "Gdns", "Terrace": "Tce", "Grove": "Gr", "Place": "Pl"}


@dataclass(slots=True)
class Dwelling:
    """One home: its number in the block, lines of the address, postcode, UPRN and that of the building."""

    number: int
    flat: str
    house: str
    street: str
    postcode: str
    uprn: str
    parent_uprn: str
    band: str
    property_ref: str
    ward: str
    council_owned: bool = False

    def lines(self) -> list[str]:
        """The address as it should be: two or three lines and the town."""
        road = f"{self.house} {self.street}"
        return [self.flat, road, TOWN] if self.flat else [road, TOWN]


@dataclass(frozen=True, slots=True)
class WrittenAddress:
    """An address as one department holds it: four lines, postcode, UPRN (empty text for none)."""

    lines: tuple[str, str, str, str]
    postcode: str
    uprn: str
    dwelling: int

    @property
    def one_line(self) -> str:
        return ", ".join(line for line in self.lines if line)


def postcode_of(index: int) -> str:
    """The n-th postcode of the town."""
    district, rest = divmod(index, 3_600)
    sector, unit = divmod(rest, 400)
    return f"WM{district + 2} {sector + 1}{_UNIT_LETTERS[unit // 20]}{_UNIT_LETTERS[unit % 20]}"


def build_dwellings(rnd: Random, count: int, block: int, rates: Parameters) -> list[Dwelling]:
    """The dwellings of one block, street by street; every block has its own postcodes and UPRNs."""
    lists = name_lists()
    names, kinds, courts = lists["streets"], lists["street_kinds"], lists["courts"]
    dwellings: list[Dwelling] = []
    postcode, first = block * 2_000, block * 100_000
    used: set[tuple[str, int]] = set()
    while len(dwellings) < count:
        street = f"{rnd.choice(names)} {rnd.choice(kinds)}"
        number, step, ward = 1, rnd.choice((1, 2)), f"E0500{rnd.randrange(8000, 8020)}"
        for _ in range(rnd.randrange(2, 6)):
            key = (street, postcode)
            postcode += 1
            if key in used or len(dwellings) >= count:
                continue
            used.add(key)
            code, band = postcode_of(postcode), rnd.choices("ABCDEFGH", (24, 20, 22, 16, 10, 5, 2, 1))[0]
            if rnd.random() < rates["world.flats"]:
                house, parent = f"{rnd.choice(courts)}, {number}", len(dwellings)
                for flat in range(1, rnd.randrange(9, 26)):
                    _append(dwellings, block, first, f"Flat {flat}", house, street, code, band, ward, parent)
                number += step
            else:
                for _ in range(rnd.randrange(12, 24)):
                    _append(dwellings, block, first, "", str(number), street, code, band, ward, None)
                    number += step
    return dwellings[:count]


def _append(
    dwellings: list[Dwelling],
    block: int,
    first: int,
    flat: str,
    house: str,
    street: str,
    postcode: str,
    band: str,
    ward: str,
    parent: int | None,
) -> None:
    number = len(dwellings)
    uprn = f"1000{first + number:08d}"
    building = f"1001{first + parent:08d}" if parent is not None else uprn
    ref = f"P{first + number:09d}"
    dwellings.append(Dwelling(first + number, flat, house, street, postcode, uprn, building, band, ref, ward))


def write_address(rnd: Random, dwelling: Dwelling, rates: Parameters, upper: bool = False) -> WrittenAddress:
    """A dwelling as an officer of some department once typed it, with the usual faults."""
    lines = dwelling.lines()
    if dwelling.flat and rnd.random() < rates["addresses.flat_at_end"]:
        lines = [f"{lines[1]} {lines[0]}", *lines[2:]]
    if rnd.random() < rates["addresses.abbreviated"]:
        lines = [_shorten(line) for line in lines]
    padded = [*lines, "", ""][:4]
    if rnd.random() < rates["addresses.wrong_slots"]:
        padded = ["", *padded[:3]] if rnd.random() < 0.5 else [padded[0], "", padded[1], padded[2]]
    postcode = dwelling.postcode
    roll = rnd.random()
    if roll < rates["addresses.postcode_missing"]:
        postcode = ""
    elif roll < rates["addresses.postcode_missing"] + rates["addresses.postcode_o_for_0"]:
        postcode = postcode.replace("0", "O") if "0" in postcode else postcode.replace("1", "I")
    elif rnd.random() < 0.03:
        postcode = postcode.replace(" ", "")
    roll = rnd.random()
    uprn = dwelling.uprn
    if roll < rates["addresses.uprn_null"]:
        uprn = ""
    elif dwelling.flat and rnd.random() < rates["addresses.uprn_parent"]:
        uprn = dwelling.parent_uprn
    if upper:
        padded = [line.upper() for line in padded]
    return WrittenAddress((padded[0], padded[1], padded[2], padded[3]), postcode, uprn, dwelling.number)


def plain_address(dwelling: Dwelling) -> WrittenAddress:
    """A dwelling written without a fault."""
    lines = [*dwelling.lines(), "", ""][:4]
    return WrittenAddress(
        (lines[0], lines[1], lines[2], lines[3]), dwelling.postcode, dwelling.uprn, dwelling.number
    )


def _shorten(line: str) -> str:
    head, _, last = line.rpartition(" ")
    return f"{head} {_SHORT[last]}" if last in _SHORT else line
