"""The named cases: households put into the first block on purpose, for tests to look up."""

from typing import TYPE_CHECKING

from scv.demo.calendar import OPEN, YEAR
from scv.demo.events import relocate
from scv.demo.people import Person

if TYPE_CHECKING:
    from scv.demo.world import Life


DEATH_RATE = 0.0105
"""Deaths per resident and year, roughly."""


def stage_cases(life: "Life") -> None:
    """Found the households of all cases and write their scripts."""
    first = life.span.first
    _twins(life)
    _father_and_son(life)
    _survivor(life, first)
    _widow(life, first)
    _wrongly_dead(life, first)
    _eight_systems(life, first)
    _maiden_name(life, first)
    _lone(life, "temporary_nino", "M", 41, "Kamil", "Wójcik", ("hr_payroll", "council_tax"))
    _lone(life, "default_birth_date", "F", 66, "Edna", "Thornwick", ("housing", "council_tax"), council=True)
    _same_person_twice(life, first)


def _person(life: "Life", sex: str, age: float, forename: str, surname: str, title: str) -> Person:
    person = life.founder.make_person(life.span.start, sex, age, surname, "english")
    person.forename, person.middle = forename, ""
    person.names = [(-OPEN, title, surname)]
    person.died = OPEN
    if age >= 16:
        person.email = f"{forename}.{surname}.{person.pid}@example.org".lower()
        person.mobile = f"07700900{person.pid % 1000:03d}"
    return person


def _settle(
    life: "Life", case: str, members: list[Person], named: list[Person], council: bool = False
) -> None:
    dwelling = None
    if council:
        owned = [n for n in life.vacant if life.dwellings[n - life.first].council_owned]
        dwelling = owned[0] if owned else life.vacant[0]
        life.dwellings[dwelling - life.first].council_owned = True
        life.vacant.remove(dwelling)
    life.settle(members, life.span.start - 1_000, dwelling)
    for person in members:
        person.stays[-1].start = max(person.stays[-1].start, person.born)
    life.cast[case] = named
    life.protected |= {person.pid for person in members}


def _force(life: "Life", person: Person, *systems: str) -> None:
    life.forced |= {(system, person.pid) for system in systems}


def _marry(one: Person, two: Person) -> None:
    one.partner, two.partner = two, one
    one.married = two.married = True


def _child(life: "Life", age: float, forename: str, surname: str, sex: str) -> Person:
    child = _person(life, sex, age, forename, surname, "Miss" if sex == "F" else "Master")
    child.child = True
    return child


def _twins(life: "Life") -> None:
    father = _person(life, "M", 38, "Graham", "Ellery", "Mr")
    mother = _person(life, "F", 37, "Nicola", "Ellery", "Mrs")
    _marry(father, mother)
    one = _child(life, 9, "Oscar", "Ellery", "M")
    two = _child(life, 9, "Felix", "Ellery", "M")
    two.born = one.born
    _settle(life, "twins", [father, mother, one, two], [one, two])


def _father_and_son(life: "Life") -> None:
    father = _person(life, "M", 57, "John", "Smith", "Mr")
    son = _person(life, "M", 27, "John", "Smith", "Mr")
    father.suffix, son.suffix, son.child = "Sr", "Jr", True
    for person in (father, son):
        _force(life, person, "permits", "contacts", "council_tax")
    _settle(life, "father_and_son", [father, son], [father, son])


def _survivor(life: "Life", first: int) -> None:
    man = _person(life, "M", 37, "Craig", "Harlow", "Mr")
    woman = _person(life, "F", 35, "Dawn", "Harlow", "Mrs")
    _marry(man, woman)
    child = _child(life, 7, "Ruby", "Harlow", "F")
    _force(life, woman, "housing_benefit", "adult_social_care", "permits", "contacts", "council_tax")
    _settle(life, "survivor_new_address", [man, woman, child], [woman, man])

    def part(life: "Life", day: int) -> None:
        woman.partner = man.partner = None
        woman.former.append(man)
        man.former.append(woman)
        household = woman.household
        if household is not None:
            relocate(life, day, household, [woman, child])
        woman.unsafe_from = day

    life.script(first - 200, part)


def _widow(life: "Life", first: int) -> None:
    husband = _person(life, "M", 79, "Walter", "Penhale", "Mr")
    wife = _person(life, "F", 77, "Doreen", "Penhale", "Mrs")
    _marry(husband, wife)
    husband.died = first - 60
    for system in ("council_tax", "registrar", "housing_benefit", "housing", "adult_social_care", "permits"):
        life.learning[system, husband.pid] = OPEN
    life.learning["tell_us_once", husband.pid] = first - 50
    _force(life, husband, "council_tax")
    _force(life, wife, "council_tax")
    _settle(life, "widow", [husband, wife], [wife, husband])


def _wrongly_dead(life: "Life", first: int) -> None:
    person = _person(life, "M", 68, "Desmond", "Quartermain", "Mr")
    _force(life, person, "council_tax", "permits", "contacts")
    life.wrongly_dead.append((person, "tell_us_once", first - 44, first + 1))
    _settle(life, "wrongly_dead", [person], [person])


def _eight_systems(life: "Life", first: int) -> None:
    woman = _person(life, "F", 39, "Yasmin", "Oduya", "Ms")
    child = _child(life, 6, "Zoe", "Oduya", "F")
    systems = ("council_tax", "housing_benefit", "housing", "adult_social_care")
    _force(life, woman, *systems, "hr_payroll", "grants", "permits", "contacts")
    _settle(life, "eight_systems_resident", [woman, child], [woman], council=True)


def _maiden_name(life: "Life", first: int) -> None:
    man = _person(life, "M", 33, "Rhys", "Calloway", "Mr")
    woman = _person(life, "F", 31, "Imogen", "Fairbourne", "Miss")
    man.partner, woman.partner = woman, man
    woman.names.append((first - 300, "Mrs", "Calloway"))
    _force(life, woman, "permits", "contacts", "hr_payroll", "council_tax")
    _settle(life, "maiden_name", [man, woman], [woman])


def _lone(
    life: "Life",
    case: str,
    sex: str,
    age: int,
    forename: str,
    surname: str,
    systems: tuple[str, ...],
    council: bool = False,
) -> None:
    person = _person(life, sex, age, forename, surname, "Mr" if sex == "M" else "Mrs")
    _force(life, person, *systems)
    _settle(life, case, [person], [person], council)


def _same_person_twice(life: "Life", first: int) -> None:
    woman = _person(life, "F", 72, "Marjorie", "Tregarth", "Mrs")
    woman.names.append((first - 350, "Mrs", "Lovelace"))
    _force(life, woman, "adult_social_care", "council_tax")
    _settle(life, "same_person_twice", [woman], [woman])


def mark_wrongly_dead(life: "Life") -> None:
    """Some living persons are taken for dead by one system for some weeks."""
    rnd, span = life.rnd, life.span
    years = (span.end - span.start) / YEAR
    count = round(life.residents * DEATH_RATE * years * life.rates["deaths.wrong"])
    people = [p for p in life.founder.persons if p.age(span.first) > 50 and p.pid not in life.protected]
    for number in range(max(3, count)):
        day = rnd.randrange(span.start, span.end - 60)
        until = day + 12 + int(rnd.expovariate(1 / life.rates["deaths.wrong_days"]))
        if number < 3:
            # Even the smallest council has some that were taken back before its first night.
            day, until = span.first - 90 - 60 * number, span.first - 40 - 60 * number
        person = next(
            (p for p in rnd.sample(people, min(20, len(people))) if p.is_here(day) and p.is_here(until + 30)),
            None,
        )
        if person is not None:
            feed = ("tell_us_once", "registrar", "housing_benefit")[number % 3]
            life.wrongly_dead.append((person, feed, day, until))
