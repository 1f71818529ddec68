"""Life in one block of the town, day by day: births, deaths, moves, marriages, separations.

A block is a self-contained part of the town, so that a large council is simulated piece by piece.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import numpy as np

from scv.demo.calendar import OPEN, YEAR
from scv.demo.cases import mark_wrongly_dead, stage_cases
from scv.demo.events import EVENTS
from scv.demo.parameters import Parameters
from scv.demo.people import Founder, Household, Occupancy, Person, Stay
from scv.demo.places import Dwelling, build_dwellings


@dataclass(frozen=True)
class Span:
    """The simulated time: history from `start`, first night at `first`, nothing after `end` (day numbers)."""

    start: int
    first: int
    end: int


@dataclass
class World:
    """Everything that really happened in one block."""

    seed: int
    block: int
    span: Span
    rates: Parameters
    dwellings: list[Dwelling]
    persons: list[Person]
    occupancies: list[Occupancy]
    cast: dict[str, list[Person]] = field(default_factory=dict)
    forced: set[tuple[str, int]] = field(default_factory=set)
    """(system, person number) pairs that a department must hold, for the named cases."""
    staff: dict[int, str] = field(default_factory=dict)
    """Payroll numbers of those who work for the council."""
    learning: dict[tuple[str, int], int] = field(default_factory=dict)
    """Day on which a system hears of the person's death, for the named cases; OPEN is never."""
    wrongly_dead: list[tuple[Person, str, int, int]] = field(default_factory=list)
    """Living persons whom a system marks dead from a day to a day."""

    @property
    def first_dwelling(self) -> int:
        return self.dwellings[0].number

    def dwelling(self, number: int) -> Dwelling:
        """A dwelling by its number."""
        return self.dwellings[number - self.first_dwelling]


class Life:
    """Founds a block's households and lets them live; `run` returns the world."""

    def __init__(self, seed: int, block: int, residents: int, span: Span, rates: Parameters) -> None:
        self.rnd = Random(f"{seed}/{block}/life")
        self.rates, self.span, self.seed, self.block = rates, span, seed, block
        self.founder = Founder(self.rnd, block * 1_000_000, rates)
        count = int(residents / rates["world.mean_household"] * (1 + rates["world.vacant_dwellings"])) + 12
        self.dwellings = build_dwellings(self.rnd, count, block, rates)
        self.first = self.dwellings[0].number
        self._own_council_homes()
        self.vacant = [d.number for d in self.dwellings]
        self.rnd.shuffle(self.vacant)
        self.households: list[Household] = []
        self.occupancies: list[Occupancy] = []
        self.due: dict[int, list[tuple[str, object]]] = {}
        self.residents = residents
        self.cast: dict[str, list[Person]] = {}
        self.forced: set[tuple[str, int]] = set()
        self.learning: dict[tuple[str, int], int] = {}
        self.wrongly_dead: list[tuple[Person, str, int, int]] = []
        self.protected: set[int] = set()
        """Persons of the named cases: what happens to them is written down, not drawn."""
        counts = np.random.default_rng([seed, block, 7])
        days = span.end - span.start
        homes = residents / rates["world.mean_household"]
        per_day = {name: rates[f"world.{name}_rate"] * homes / YEAR for name in EVENTS if name != "birth"}
        per_day["birth"] = rates["world.birth_rate"] * residents / YEAR
        self.counts = {name: counts.poisson(per_day[name], days) for name in EVENTS}

    def _own_council_homes(self) -> None:
        share = self.rates["housing.council_tenants"]
        by_code: dict[str, list[Dwelling]] = {}
        for dwelling in self.dwellings:
            by_code.setdefault(dwelling.postcode, []).append(dwelling)
        for group in by_code.values():
            if self.rnd.random() < share * (1.8 if group[0].flat else 0.75):
                for dwelling in group:
                    dwelling.council_owned = True

    # -- moving in and out -------------------------------------------------------------------------

    def settle(self, members: list[Person], start: int, dwelling: int | None = None) -> Household | None:
        """Move people into a dwelling (a vacant one where none is named); None where nothing is free."""
        if dwelling is None:
            if not self.vacant:
                return None
            place = self.rnd.randrange(len(self.vacant))
            self.vacant[place], self.vacant[-1] = self.vacant[-1], self.vacant[place]
            dwelling = self.vacant.pop()
        tenure = "council"
        if not self.dwellings[dwelling - self.first].council_owned:
            oldest = max(p.age(start) for p in members)
            owners = 0.75 if oldest > 60 else 0.62 if oldest > 38 else 0.30
            tenure = (
                "own" if self.rnd.random() < owners else self.rnd.choice(("private", "private", "social"))
            )
        occupancy = Occupancy(len(self.occupancies), dwelling, start, tenure)
        self.occupancies.append(occupancy)
        household = Household(members, occupancy)
        for person in members:
            self.join(person, occupancy, start)
            person.household = household
        self.households.append(household)
        return household

    def join(self, person: Person, occupancy: Occupancy, day: int) -> None:
        """A person starts to live in an occupancy."""
        stay = Stay(person, occupancy, day)
        person.stays.append(stay)
        occupancy.stays.append(stay)
        if person.died != OPEN:
            self.due.setdefault(person.died, []).append(("death", person))

    def leave(self, person: Person, household: Household, day: int) -> None:
        """A person stops to live with a household."""
        person.stays[-1].end = day
        household.members.remove(person)
        person.household = None

    def close(self, household: Household, day: int, cause: str, successor: Occupancy | None = None) -> None:
        """An occupancy ends; its dwelling is let again some weeks later."""
        occupancy = household.occupancy
        occupancy.end, occupancy.cause, occupancy.successor = day, cause, successor
        for stay in occupancy.stays:
            stay.end = min(stay.end, day)
        self.households.remove(household)
        free = day + self.rnd.randrange(10, 60)
        self.due.setdefault(free, []).append(("free", occupancy.dwelling))

    # -- the days ----------------------------------------------------------------------------------

    def script(self, day: int, action: "Callable[[Life, int], None]") -> None:
        """Have something happen on a day."""
        self.due.setdefault(day, []).append(("script", action))

    def run(self) -> World:
        """Found the households, then live every day of the span."""
        if self.block == 0:
            stage_cases(self)
        living = len(self.protected)
        while living < self.residents:
            members = self.founder.make_household(self.span.start)
            years = min(30.0, self.rnd.expovariate(1 / 9.0))
            oldest = max(p.born for p in members if not p.child)
            since = max(self.span.start - int(years * YEAR), oldest + int(17 * YEAR))
            household = self.settle(members, since)
            if household is None:
                break
            for person in members:
                if person.child:
                    person.stays[-1].start = max(since, person.born)
                elif self.rnd.random() < self.rates["world.safe_at_start"]:
                    person.unsafe_from = self.span.start - self.rnd.randrange(1, 400)
            living += len(members)
        for day in range(self.span.start, self.span.end):
            for what, thing in self.due.pop(day, []):
                self._fall_due(day, what, thing)
            place = day - self.span.start
            for name, action in EVENTS.items():
                for _ in range(self.counts[name][place]):
                    action(self, day)
        mark_wrongly_dead(self)
        return World(
            self.seed,
            self.block,
            self.span,
            self.rates,
            self.dwellings,
            self.founder.persons,
            self.occupancies,
            cast=self.cast,
            forced=self.forced,
            learning=self.learning,
            wrongly_dead=self.wrongly_dead,
        )

    def _fall_due(self, day: int, what: str, thing: object) -> None:
        if what == "free" and isinstance(thing, int):
            self.vacant.append(thing)
        elif what == "empty" and isinstance(thing, Household) and thing in self.households:
            self.close(thing, day, "death")
        elif what == "script" and callable(thing):
            thing(self, day)
        elif what == "death" and isinstance(thing, Person) and thing.stays[-1].end == OPEN:
            self._die(thing, day)

    def _guardian(self, bereft: Household) -> Household:
        """A household that takes in an orphan."""
        while True:
            household = self.rnd.choice(self.households)
            if household is not bereft and not any(p.pid in self.protected for p in household.members):
                return household

    def _die(self, person: Person, day: int) -> None:
        household = person.household
        if person.left != OPEN or day != person.died or household is None:
            return
        self.leave(person, household, day)
        if person.partner:
            person.former.append(person.partner)
            person.partner.former.append(person)
            person.partner.partner = None
        if not any(p.age(day) >= 16 for p in household.members):
            for orphan in list(household.members):
                self.leave(orphan, household, day)
                guardian = self._guardian(household)
                guardian.members.append(orphan)
                self.join(orphan, guardian.occupancy, day)
                orphan.household = guardian
            self.due.setdefault(day + self.rnd.randrange(70, 300), []).append(("empty", household))
