"""Council tax: the name lines of an account as they stand after each thing the department hears."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from scv.demo.calendar import OPEN
from scv.demo.namelines import deceased_line, estate_line, joint_line, single_line
from scv.demo.people import Occupancy, Person
from scv.demo.recording import Written
from scv.demo.world import World

NAME_WIDTH = 32


@dataclass
class Account:
    """One account while it is being built."""

    number: int
    occupancy: Occupancy
    opened: int
    closed: int
    ref: str
    style: int
    one_field: bool
    mail: int
    fixed_name: str | None = None
    parties: list[Person] = field(default_factory=list)
    written: dict[int, Written] = field(default_factory=dict)
    gone: dict[int, str] = field(default_factory=dict)
    lead_paid_until: int = OPEN


@dataclass(frozen=True)
class Picture:
    """What an account's name lines show at a time, and who is meant."""

    lead: dict[str, Any]
    others: dict[int, str]
    people: dict[tuple[str, tuple[str, ...], int], int]
    dead: dict[tuple[str, tuple[str, ...]], int]
    mail_name: str
    living: tuple[Person, ...]
    estate: bool
    mute: bool


class NameLines:
    """Draws the picture that an account shows; the same state always gives the same picture."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rates = world.rates.section("council_tax")

    def draw(self, account: Account) -> Picture:
        key: tuple[str, ...] = (str(account.number),)
        local = Random(f"{self.world.seed}/{account.number}")
        fixed = account.fixed_name
        if fixed is not None:
            return Picture({"lead_liab_name": fixed}, {}, {}, {}, fixed, (), False, False)
        living = [p for p in account.parties if p.pid not in account.gone]
        by_pid = {p.pid: p for p in account.parties}
        dead = [by_pid[pid] for pid, how in account.gone.items() if how in ("dead", "decd")]
        if not living:
            return self._draw_dead(account, local, dead or account.parties[:1])
        writes = [account.written[p.pid] for p in living]
        lead, people = self._line(account, local, writes[0]), {("ctaccount", key, 1): living[0].pid}
        mail_name, addressed, others = lead, living[:1], dict[int, str]()
        rest = list(range(1, len(living)))
        if account.one_field and len(living) >= 2:
            joint = joint_line(local, writes[0], writes[1], NAME_WIDTH)
            if joint is not None:
                lead = mail_name = joint
                people["ctaccount", key, 2] = living[1].pid
                addressed, rest = living[:2], rest[1:]
        for occurrence, place in enumerate(rest, start=2):
            line = self._line(account, local, writes[place], second=True)
            others[occurrence] = line
            people["ctliab_person", (*key, str(occurrence)), 1] = living[place].pid
        if len(addressed) == 1 and rest:
            one = f"{writes[0].title} {writes[0].forename} {writes[0].surname}"
            two = f"{writes[rest[0]].title} {writes[rest[0]].forename} {writes[rest[0]].surname}"
            mail_name, addressed = f"{one} & {two}", [living[0], living[rest[0]]]
        marked = dict[tuple[str, tuple[str, ...]], int]()
        for person in dead:
            if account.gone[person.pid] == "decd" and len(others) < 3:
                occurrence = max(others, default=1) + 1
                others[occurrence] = deceased_line(local, account.written[person.pid], NAME_WIDTH)
                people["ctliab_person", (*key, str(occurrence)), 1] = person.pid
                marked["ctliab_person", (*key, str(occurrence))] = person.pid
        fields = self._lead_fields(lead, writes[0], local)
        return Picture(fields, others, people, marked, mail_name, tuple(addressed), False, False)

    def _draw_dead(self, account: Account, local: Random, dead: list[Person]) -> Picture:
        """Nobody living is liable: the last who died stands in the line, as an estate or marked."""
        key: tuple[str, ...] = (str(account.number),)
        person = dead[-1]
        written = account.written[person.pid]
        if account.gone.get(person.pid) == "left":
            line = self._line(account, local, written)
            fields = self._lead_fields(line, written, local)
            return Picture(fields, {}, {("ctaccount", key, 1): person.pid}, {}, line, (), False, True)
        estate = account.gone.get(person.pid) == "dead"
        line = (estate_line if estate else deceased_line)(local, written, NAME_WIDTH)
        fields = {
            "lead_liab_name": line,
            "lead_liab_pos": 1,
            "person_status": "D" if local.random() < 0.3 else None,
        }
        people = {("ctaccount", key, 1): person.pid}
        return Picture(fields, {}, people, {("ctaccount", key): person.pid}, line, (), estate, not estate)

    def _line(self, account: Account, local: Random, written: Written, second: bool = False) -> str:
        line = single_line(
            written, 0 if second and account.style in (1, 3, 4, 5, 7) else account.style, NAME_WIDTH
        )
        roll = local.random()
        if roll < self.rates["truncated"]:
            return line[: max(8, len(line) - local.randrange(1, 4))]
        roll -= self.rates["truncated"]
        born_as = written.person.birth_surname
        if roll < self.rates["maiden_name"] and written.sex == "F" and born_as != written.surname:
            return f"{written.title} {written.forename} {written.surname} nee {born_as}"[:NAME_WIDTH]
        roll -= self.rates["maiden_name"]
        if roll < self.rates["care_of"] and not second:
            return f"{written.title} {written.initial} {written.surname} c/o Mrs A {written.surname}"[
                :NAME_WIDTH
            ]
        roll -= self.rates["care_of"]
        if roll < self.rates["digits_in_names"]:
            return line.upper().replace("O", "0").replace("I", "1")
        return line

    def _lead_fields(self, line: str, written: Written, local: Random) -> dict[str, Any]:
        fields: dict[str, Any] = {"lead_liab_name": line, "lead_liab_pos": 1}
        if local.random() < 0.6:
            fields |= {
                "lead_liab_title": written.title[:8],
                "lead_liab_forename": written.forename[:NAME_WIDTH],
                "lead_liab_surname": written.surname[:NAME_WIDTH],
            }
        staff = self.world.staff.get(written.person.pid)
        return fields | ({"employee_ind": "Y", "employee_no": staff} if staff else {"employee_ind": "N"})


def namesakes(living: tuple[Person, ...], parties: list[Person]) -> bool:
    """Whether a line to one person may as well mean another of the account: same initial and surname."""
    if len(living) != 1:
        return False
    one = living[0]
    return any(
        other is not one
        and other.forename[0] == one.forename[0]
        and other.names[-1][2] == one.names[-1][2]
        and other.sex == one.sex
        for other in parties
    )
