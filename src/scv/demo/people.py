"""The residents of the simulation: persons, the homes they live in, and households being founded."""

from dataclasses import dataclass, field
from random import Random

from scv.demo.calendar import OPEN, YEAR
from scv.demo.naming import Naming, draw_mobile, draw_nhs_number, draw_nino, draw_title, draw_upn, write_email
from scv.demo.parameters import Parameters


@dataclass(slots=True, eq=False)
class Occupancy:
    """One household in one dwelling, from a day to a day; who lives there is told by the stays."""

    number: int
    dwelling: int
    start: int
    tenure: str
    end: int = OPEN
    cause: str = ""
    successor: "Occupancy | None" = None
    stays: "list[Stay]" = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Stay:
    """One person in one occupancy."""

    person: "Person"
    occupancy: Occupancy
    start: int
    end: int = OPEN


@dataclass(slots=True, eq=False)
class Person:
    """A resident. Days are day numbers; OPEN means not, or not yet."""

    pid: int
    sex: str
    born: int
    origin: str
    forename: str
    middle: str
    birth_surname: str
    names: list[tuple[int, str, str]]
    nino: str
    nhs: str
    upn: str
    mobile: str
    email: str
    suffix: str = ""
    died: int = OPEN
    left: int = OPEN
    partner: "Person | None" = None
    former: "list[Person]" = field(default_factory=list)
    married: bool = False
    unsafe_from: int = OPEN
    child: bool = False
    household: "Household | None" = None
    stays: list[Stay] = field(default_factory=list)

    def age(self, day: int) -> int:
        """Age in whole years on a day."""
        return int((day - self.born) / YEAR)

    def name_on(self, day: int) -> tuple[str, str]:
        """Title and surname that the person goes by on a day."""
        title, surname = self.names[0][1], self.names[0][2]
        for since, new_title, new_surname in self.names[1:]:
            if since <= day:
                title, surname = new_title, new_surname
        return title, surname

    def stay_on(self, day: int) -> Stay | None:
        """Where the person lives on a day."""
        for stay in reversed(self.stays):
            if stay.start <= day:
                return stay if day < stay.end else None
        return None

    def is_here(self, day: int) -> bool:
        """Whether the person is alive and a resident on a day."""
        return day < self.died and day < self.left and self.stay_on(day) is not None


@dataclass(slots=True, eq=False)
class Household:
    """People who live together now."""

    members: list[Person]
    occupancy: Occupancy


class Founder:
    """Makes persons and households of plausible ages, names and kinship."""

    KINDS = ("old", "single", "old_couple", "couple", "family", "grown", "lone", "sharers", "three", "carer")
    WEIGHTS = (13, 16, 12, 16, 19, 6, 9, 4, 3, 2)
    ARRIVING = (3, 26, 3, 20, 18, 2, 8, 18, 1, 1)

    def __init__(self, rnd: Random, first_pid: int, rates: Parameters) -> None:
        self.rnd = rnd
        self.rates = rates
        self.naming = Naming(rates.section("world.other_origins"))
        self.persons: list[Person] = []
        self._first_pid = first_pid

    def make_person(
        self, day: int, sex: str, age: float, surname: str, origin: str, married: bool = False
    ) -> Person:
        """A person of about that age on that day."""
        rnd = self.rnd
        born = day - int((age + rnd.random()) * YEAR)
        forename = self.naming.draw_forename(rnd, origin, sex, born)
        middle = ""
        if rnd.random() < self.rates["world.middle_name"]:
            middle = self.naming.draw_forename(rnd, origin, sex, born)
            middle = "" if middle == forename else middle
        adult = age >= 16
        has_mobile = rnd.random() < self.rates["world.mobile"] * (1.0 if age < 70 else 0.6)
        has_email = rnd.random() < self.rates["world.email"] * (1.0 if age < 70 else 0.5)
        person = Person(
            pid=self._first_pid + len(self.persons),
            sex=sex,
            born=born,
            origin=origin,
            forename=forename,
            middle=middle,
            birth_surname=surname,
            names=[(-OPEN, draw_title(rnd, sex, int(age), married), surname)],
            nino=draw_nino(rnd),
            nhs=draw_nhs_number(rnd),
            upn=draw_upn(rnd, 1970 + int((born + 5 * YEAR) / YEAR)),
            mobile=draw_mobile(rnd) if adult and has_mobile else "",
            email=write_email(rnd, forename, surname, born) if adult and has_email else "",
        )
        self._draw_death(person, day)
        self.persons.append(person)
        return person

    def _draw_death(self, person: Person, day: int) -> None:
        """Decide whether and when the person dies within the next four years (Gompertz)."""
        factor = self.rates["world.death_factor"] * (1.15 if person.sex == "M" else 0.85)
        for year in range(4):
            age = person.age(day) + year
            hazard = 0.0002 + 0.000021 * 2.718281828 ** (0.1 * age) + (0.003 if age < 1 else 0.0)
            if self.rnd.random() < hazard * factor:
                person.died = day + 1 + int((year + self.rnd.random()) * YEAR)
                return

    def _couple(self, day: int, age: float, origin: str) -> list[Person]:
        rnd, rates = self.rnd, self.rates
        married = rnd.random() < (0.92 if age > 60 else 0.78 if age > 35 else 0.45)
        his = self.naming.draw_surname(rnd, origin)
        her_origin = origin if rnd.random() < 0.9 else self.naming.draw_origin(rnd)
        hers = self.naming.draw_surname(rnd, her_origin)
        same_sex = rnd.random() < 0.02
        one = self.make_person(day, "F" if same_sex and rnd.random() < 0.5 else "M", age, his, origin)
        two_sex = one.sex if same_sex else "F"
        two = self.make_person(day, two_sex, max(17, age - rnd.gauss(2, 3)), hers, her_origin, married)
        if married and rnd.random() < rates["world.wife_takes_name"]:
            name = f"{hers}-{his}" if rnd.random() < rates["world.double_barrelled"] else his
            two.names = [(-OPEN, two.names[0][1], name)]
        for a, b in ((one, two), (two, one)):
            a.partner, a.married = b, married
        if rnd.random() < rates["world.shared_phone"] and one.mobile:
            two.mobile = one.mobile
        if rnd.random() < rates["world.shared_email"] and one.email:
            two.email = one.email
        return [one, two]

    def make_children(self, day: int, parents: list[Person], count: int, youngest: float) -> list[Person]:
        """Children of these parents, twins among them; sons may carry their father's forename."""
        rnd, rates, children = self.rnd, self.rates, list[Person]()
        surname = parents[0].names[0][2]
        age = youngest
        oldest = min(p.age(day) for p in parents) - 16.0
        for _ in range(count):
            if age > oldest and children:
                break
            child = self.make_person(day, rnd.choice("MF"), max(0.0, age), surname, parents[0].origin)
            child.child = True
            if child.sex == "M" and parents[0].sex == "M" and rnd.random() < rates["world.same_name_son"]:
                child.forename = parents[0].forename
            children.append(child)
            if rnd.random() < rates["world.twin_births"]:
                children.append(self.make_twin(day, child))
            age += 1.5 + rnd.random() * 3
        return children

    def make_twin(self, day: int, child: Person) -> Person:
        """A twin: the same surname and birth date, another forename."""
        twin = self.make_person(day, self.rnd.choice("MF"), 0.0, child.birth_surname, child.origin)
        twin.born, twin.child = child.born, True
        while twin.forename == child.forename:
            twin.forename = self.naming.draw_forename(self.rnd, child.origin, twin.sex, twin.born)
        return twin

    def make_household(self, day: int, arriving: bool = False) -> list[Person]:
        """The members of a new household, of a kind drawn with the frequencies of an English town."""
        rnd = self.rnd
        kind = rnd.choices(self.KINDS, self.ARRIVING if arriving else self.WEIGHTS)[0]
        origin = self.naming.draw_origin(rnd)
        if kind in ("old", "single"):
            age = 66 + rnd.betavariate(1.6, 2.0) * 30 if kind == "old" else rnd.uniform(20, 65)
            sex = "F" if rnd.random() < (0.66 if kind == "old" else 0.44) else "M"
            surname = self.naming.draw_surname(rnd, origin)
            bereft = kind == "old" and rnd.random() < 0.7
            person = self.make_person(day, sex, age, surname, origin, bereft)
            if bereft and sex == "F":
                person.birth_surname = self.naming.draw_surname(rnd, origin)
            return [person]
        if kind in ("old_couple", "couple"):
            low, high = (65, 90) if kind == "old_couple" else (21, 65)
            return self._couple(day, rnd.uniform(low, high), origin)
        if kind == "family":
            parents = self._couple(day, rnd.uniform(25, 50), origin)
            youngest = rnd.uniform(0, max(1.0, min(15.0, parents[1].age(day) - 20.0)))
            return parents + self.make_children(
                day, parents, rnd.choices((1, 2, 3, 4), (40, 42, 14, 4))[0], youngest
            )
        if kind == "grown":
            parents = self._couple(day, rnd.uniform(46, 66), origin)
            return parents + self.make_children(day, parents, rnd.choice((1, 1, 2)), rnd.uniform(17, 24))
        if kind == "lone":
            sex = "F" if rnd.random() < 0.87 else "M"
            parent = self.make_person(
                day, sex, rnd.uniform(22, 50), self.naming.draw_surname(rnd, origin), origin
            )
            youngest = rnd.uniform(0, max(1.0, min(15.0, parent.age(day) - 20.0)))
            return [parent, *self.make_children(day, [parent], rnd.choice((1, 1, 2, 3)), youngest)]
        if kind == "sharers":
            age = rnd.uniform(18, 30)
            return [self._stranger(day, age + rnd.random() * 3) for _ in range(rnd.randrange(2, 6))]
        elder_age = rnd.uniform(68, 92)
        surname = self.naming.draw_surname(rnd, origin)
        elder = self.make_person(day, rnd.choice("FFM"), elder_age, surname, origin, True)
        grown = self.make_person(
            day, rnd.choice("FM"), max(30, elder_age - rnd.uniform(24, 36)), surname, origin
        )
        if kind == "carer":
            return [elder, grown]
        partner = self._stranger(day, max(25, grown.age(day) - 2))
        partner.sex = "F" if grown.sex == "M" else "M"
        partner.forename = self.naming.draw_forename(rnd, partner.origin, partner.sex, partner.born)
        partner.names = [(-OPEN, "Mrs" if partner.sex == "F" else "Mr", partner.birth_surname)]
        grown.partner, partner.partner = partner, grown
        grown.married = partner.married = True
        pair = [grown, partner] if grown.sex == "M" else [partner, grown]
        return [*pair, elder, *self.make_children(day, pair, rnd.choice((1, 2, 3)), rnd.uniform(1, 12))]

    def _stranger(self, day: int, age: float) -> Person:
        origin = self.naming.draw_origin(self.rnd)
        surname = self.naming.draw_surname(self.rnd, origin)
        return self.make_person(day, self.rnd.choice("MF"), age, surname, origin)
