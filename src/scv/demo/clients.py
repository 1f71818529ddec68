"""What departments hear about one client over time, and the name lines that follow from it."""

from dataclasses import dataclass
from typing import Any

from scv.demo.calendar import OPEN
from scv.demo.namelines import deceased_line, estate_line, single_line
from scv.demo.people import Person
from scv.demo.places import WrittenAddress
from scv.demo.recording import Clerk, Written


@dataclass(frozen=True, slots=True)
class Heard:
    """Something a department hears on a day: 'move', 'name', 'death' or 'gone' (left the town)."""

    day: int
    kind: str
    happened: int
    dwelling: int = -1
    title: str = ""
    surname: str = ""


def follow(clerk: Clerk, person: Person, since: int) -> list[Heard]:
    """All that the department hears about a person after a day, in the order in which it hears it."""
    heard: list[Heard] = []
    for stay in person.stays:
        if stay.start > since and stay.start < stay.end:
            day = clerk.hears("move", stay.start)
            heard.append(Heard(day, "move", stay.start, stay.occupancy.dwelling))
    for day, title, surname in clerk.name_changes(person, since):
        heard.append(Heard(day, "name", day, title=title, surname=surname))
    if since < person.died < OPEN and person.stays and person.stays[-1].end == person.died:
        heard.append(Heard(clerk.hears("death", person.died, person), "death", person.died))
    if since < person.left < OPEN:
        heard.append(Heard(clerk.hears("move", person.left), "gone", person.left))
    known = sorted((h for h in heard if h.day < OPEN), key=lambda h: (h.day, h.happened, h.kind))
    # News of an older move that comes after news of a newer one is not acted upon.
    kept, latest = list[Heard](), -OPEN
    for news in known:
        if news.kind == "move" and news.happened < latest:
            continue
        latest = max(latest, news.happened) if news.kind == "move" else latest
        kept.append(news)
    return kept


def start_dwelling(person: Person, day: int) -> int | None:
    """Where the person lives on a day; None where not in the town."""
    stay = person.stay_on(day)
    return stay.occupancy.dwelling if stay else None


def mail_pictures(
    clerk: Clerk,
    written: Written,
    address: WrittenAddress,
    start: int,
    news: list[Heard],
    style: int,
    *,
    after_death: str = "estate",
    upper: bool = False,
) -> list[tuple[int, dict[str, Any]]]:
    """Mail lines of a client who is written to alone; `after_death` is 'estate', 'marked' or 'stop'."""
    person = written.person
    fields: dict[str, Any] = {
        "name": single_line(written, style),
        "address": address,
        "living": (person,),
        "email": person.email,
        "phone": person.mobile,
    }
    pictures = [(start, fields)]
    for heard in news:
        if heard.kind == "move":
            fields = fields | {"address": clerk.address(heard.dwelling, upper)}
        elif heard.kind == "name":
            written = written.renamed(heard.title, heard.surname)
            fields = fields | {"name": single_line(written, style)}
        elif heard.kind == "gone":
            fields = fields | {"mute": True}
        elif after_death == "estate":
            fields = fields | {"name": estate_line(clerk.rnd, written), "living": (), "estate": True}
        else:
            name = deceased_line(clerk.rnd, written) if after_death == "marked" else fields["name"]
            fields = fields | {"name": name, "living": (), "mute": True}
        pictures.append((max(heard.day, start), fields))
        if heard.kind == "death":
            break
    return pictures
