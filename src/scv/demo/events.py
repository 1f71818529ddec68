"""What may happen to a household on a day: each function picks whom it happens to, and does it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from scv.demo.calendar import OPEN
from scv.demo.people import Household, Person

if TYPE_CHECKING:
    from scv.demo.world import Life

TRIES = 60
"""A household is drawn at most so often until one fits; then nothing happens that day."""


def _draw(life: "Life", fits: Callable[[Household], bool]) -> Household | None:
    for _ in range(TRIES):
        household = life.rnd.choice(life.households)
        if any(person.pid in life.protected for person in household.members):
            continue
        if household.members and fits(household):
            return household
    return None


def _couple(household: Household) -> tuple[Person, Person] | None:
    for person in household.members:
        if person.partner is not None and person.partner.household is household:
            return person, person.partner
    return None


def _adults(household: Household, day: int) -> list[Person]:
    return [p for p in household.members if p.age(day) >= 18]


def bear(life: "Life", day: int) -> None:
    """A child, or twins, is born to a woman of 19 to 42 who has few children."""

    def mother(household: Household) -> Person | None:
        if len(household.members) > 5:
            return None
        chosen = [p for p in household.members if p.sex == "F" and 19 <= p.age(day) <= 42 and not p.child]
        return chosen[0] if chosen and (chosen[0].partner or life.rnd.random() < 0.25) else None

    household = _draw(life, lambda h: mother(h) is not None)
    if household is None:
        return
    parent = next(p for p in household.members if p.sex == "F" and 19 <= p.age(day) <= 42 and not p.child)
    father = parent.partner if parent.partner in household.members else None
    surname = (father or parent).name_on(day)[1]
    child = life.founder.make_person(day, life.rnd.choice("MF"), 0.0, surname, (father or parent).origin)
    child.born, child.child = day, True
    children = [child]
    if life.rnd.random() < life.rates["world.twin_births"]:
        children.append(life.founder.make_twin(day, child))
    for baby in children:
        household.members.append(baby)
        baby.household = household
        life.join(baby, household.occupancy, day)


def move(life: "Life", day: int) -> None:
    """A household moves within the town; renters and the young do so most."""

    def restless(household: Household) -> bool:
        chance = 0.35 if household.occupancy.tenure == "own" else 1.0
        oldest = max(p.age(day) for p in household.members)
        return household.occupancy.start < day - 90 and life.rnd.random() < chance * (
            0.4 if oldest > 70 else 1
        )

    household = _draw(life, restless)
    if household is not None and _adults(household, day):
        relocate(life, day, household, list(household.members))


def relocate(life: "Life", day: int, household: Household, movers: list[Person]) -> Household | None:
    """Move some or all members of a household into a vacant dwelling."""
    if not life.vacant:
        return None
    everyone = len(movers) == len(household.members)
    for person in movers:
        life.leave(person, household, day)
    founded = life.settle(movers, day)
    if founded is not None and everyone:
        life.close(household, day, "move", founded.occupancy)
    return founded


def emigrate(life: "Life", day: int) -> None:
    """A household leaves the town."""
    household = _draw(
        life, lambda h: bool(_adults(h, day)) and (h.occupancy.tenure != "own" or life.rnd.random() < 0.4)
    )
    if household is None:
        return
    for person in list(household.members):
        life.leave(person, household, day)
        person.left = day
    life.close(household, day, "out")


def immigrate(life: "Life", day: int) -> None:
    """A household arrives from elsewhere."""
    if life.vacant:
        life.settle(life.founder.make_household(day, arriving=True), day)


def leave_home(life: "Life", day: int) -> None:
    """A grown child moves out: to a home in the town, or away to study."""

    def grown(household: Household) -> list[Person]:
        return [p for p in household.members if p.child and 18 <= p.age(day) <= 32]

    household = _draw(life, lambda h: bool(grown(h)) and len(_adults(h, day)) > 1)
    if household is None:
        return
    person = grown(household)[0]
    person.child = False
    if life.rnd.random() < 0.4:
        life.leave(person, household, day)
        person.left = day
    else:
        relocate(life, day, household, [person])


def marry(life: "Life", day: int) -> None:
    """An unmarried couple marries; she may take his name."""

    def betrothed(household: Household) -> bool:
        couple = _couple(household)
        return couple is not None and not couple[0].married

    household = _draw(life, betrothed)
    couple = _couple(household) if household else None
    if couple is None:
        return
    couple[0].married = couple[1].married = True
    bride, groom = couple if couple[0].sex == "F" else couple[::-1]
    if bride.sex != "F":
        return
    title, surname = bride.name_on(day)
    if life.rnd.random() < life.rates["world.wife_takes_name"]:
        his = groom.name_on(day)[1]
        double = life.rnd.random() < life.rates["world.double_barrelled"]
        bride.names.append((day, "Mrs", f"{surname}-{his}" if double and "-" not in surname + his else his))
    elif title != "Dr":
        bride.names.append((day, "Ms", surname))


def pair(life: "Life", day: int) -> None:
    """Two people who live alone move together."""

    def alone(household: Household) -> bool:
        return len(household.members) == 1 and 20 <= household.members[0].age(day) <= 62

    host = _draw(life, alone)
    guest = _draw(
        life,
        lambda h: (
            alone(h)
            and host is not None
            and h is not host
            and h.members[0].sex != host.members[0].sex
            and abs(h.members[0].born - host.members[0].born) < 4_000
        ),
    )
    if host is None or guest is None:
        return
    person, other = guest.members[0], host.members[0]
    person.partner, other.partner = other, person
    person.married = other.married = False
    life.leave(person, guest, day)
    life.close(guest, day, "move", host.occupancy)
    host.members.append(person)
    person.household = host
    life.join(person, host.occupancy, day)


def separate(life: "Life", day: int) -> None:
    """A couple parts: one moves out; some must not be found by the other."""

    def young_couple(household: Household) -> bool:
        couple = _couple(household)
        return couple is not None and couple[0].age(day) < 62

    household = _draw(life, young_couple)
    couple = _couple(household) if household else None
    if couple is None or household is None or not life.vacant:
        return
    woman, man = couple if couple[0].sex == "F" else couple[::-1]
    unsafe = life.rnd.random() < life.rates["world.separation_unsafe"]
    leaver, stayer = (woman, man) if unsafe or life.rnd.random() < 0.45 else (man, woman)
    leaver.partner = stayer.partner = None
    leaver.former.append(stayer)
    stayer.former.append(leaver)
    movers = [leaver]
    if unsafe or leaver is woman:
        movers += [p for p in household.members if p.child and p.age(day) < 17]
    founded = relocate(life, day, household, movers)
    if founded is not None and unsafe:
        leaver.unsafe_from = day
    if woman.names[-1][2] != woman.birth_surname and life.rnd.random() < 0.2:
        woman.names.append((day + 150, "Ms", woman.birth_surname))
    if leaver.email == stayer.email and leaver.email:
        leaver.email = ""
    if leaver.unsafe_from == OPEN and leaver.mobile == stayer.mobile:
        leaver.mobile = ""


EVENTS: dict[str, Callable[["Life", int], None]] = {
    "birth": bear,
    "move": move,
    "out": emigrate,
    "in": immigrate,
    "leave_home": leave_home,
    "marriage": marry,
    "pairing": pair,
    "separation": separate,
}
