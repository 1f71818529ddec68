"""Education: pupils on roll, and parents as their contacts."""

from random import Random
from typing import Any

from scv.demo.book import Book
from scv.demo.calendar import OPEN, YEAR
from scv.demo.clients import Heard, follow, mail_pictures
from scv.demo.mailbag import Mailbag
from scv.demo.people import Person
from scv.demo.places import WrittenAddress
from scv.demo.recording import Clerk
from scv.demo.tables import TableSpec

ADDRESS = {"address1": "text", "address2": "text", "address3": "text", "postcode": "text"}
TABLES = (
    TableSpec(
        "education",
        "pupils",
        ("pupil_id",),
        {
            "pupil_id": "text",
            "upn": "text",
            "surname": "text",
            "forename": "text",
            "middle_names": "text",
            "preferred_surname": "text",
            "dob": "dmy",
            "sex": "text",
            "nc_year": "text",
            "enrolment_status": "text",
            "fsm_start": "dmy",
            "fsm_end": "dmy",
            "sen_provision": "text",
            "school_urn": "text",
            **ADDRESS,
            "uprn": "text",
            "admission_date": "dmy",
            "leaving_date": "dmy",
            "first_language": "text",
        },
        ("first_language",),
    ),
    TableSpec(
        "education",
        "contacts",
        ("pupil_id", "contact_no"),
        {
            "pupil_id": "text",
            "contact_no": "int",
            "title": "text",
            "forename": "text",
            "surname": "text",
            "relationship": "text",
            "priority": "int",
            "email": "text",
            "phone": "text",
            **ADDRESS,
        },
    ),
)


class Education:
    """Fills the tables of one block."""

    system = "education"

    def __init__(self, book: Book) -> None:
        self.book, self.world = book, book.world
        self.clerk = Clerk(book.world, self.system)
        self.rates = book.world.rates.section(self.system)
        self.mail = Mailbag(self.system, self.clerk)
        self.pupils, self.contacts = book.open(TABLES)
        self.on_roll = 0

    def fill(self) -> None:
        """Everybody of school age within the span."""
        span = self.world.span
        for person in self.world.persons:
            starts = person.born + int(4.6 * YEAR)
            leaves = person.born + int(16.6 * YEAR)
            if person.stays and starts < span.end and leaves > span.start and self.clerk.chance(0.95):
                self._enrol(person, starts, leaves)
        rates = self.world.rates.section("letters.education")
        self.mail.schedule(rates["notify"], "general", "EDU-NEWS", "email")
        self.mail.schedule(rates["general"], "general", "EDU-LETTER")

    def _enrol(self, person: Person, starts: int, leaves: int) -> None:
        clerk, span = self.clerk, self.world.span
        admitted = max(starts, person.stays[0].start + 10)
        stay = person.stay_on(admitted)
        if stay is None or admitted >= min(leaves, span.end):
            return
        self.on_roll += 1
        number = f"{self.world.block * 50_000 + self.on_roll:07d}"
        news = follow(clerk, person, admitted)
        gone = next((h.day for h in news if h.kind in ("gone", "death")), OPEN)
        left = min(leaves, gone)
        if left <= span.start:
            return
        written = clerk.write(person, admitted, upper=False)
        temporary = clerk.chance(self.rates["temporary_upn"])
        upn = f"{person.upn[:-1]}{clerk.rnd.choice('ABCDEF')}" if temporary else person.upn
        year = min(13, max(0, int((span.first - person.born) / YEAR) - 4))
        free = clerk.chance(self.rates["free_meals"])
        parents = self._parents(person, admitted)
        address = clerk.address(stay.occupancy.dwelling)
        values: dict[str, Any] = {
            "pupil_id": number,
            "upn": upn,
            "surname": written.surname,
            "forename": written.forename,
            "middle_names": written.middle or None,
            "dob": written.born,
            "sex": "U" if clerk.chance(0.002) else person.sex,
            "nc_year": "R" if year == 0 else str(year),
            "enrolment_status": "C",
            "fsm_start": admitted if free else None,
            "sen_provision": clerk.rnd.choices(("N", "K", "E"), (84, 12, 4))[0],
            "school_urn": str(140_000 + clerk.rnd.randrange(24)),
            "uprn": address.uprn or None,
            "admission_date": admitted,
            **_lines(address),
        }
        if parents and clerk.chance(self.rates["preferred_surname"]):
            values["preferred_surname"] = parents[-1].names[-1][2]
        pictures = mail_pictures(clerk, written, address, admitted, news, 6, after_death="stop")
        changes = [
            (day, {**_lines(fields["address"]), "uprn": fields["address"].uprn or None})
            for day, fields in pictures[1:]
        ]
        changes.append((left, {"leaving_date": left, "enrolment_status": None}))
        # Leavers stay in the extract until the end of the summer, then they are taken off.
        off = left + 120 if left < OPEN else OPEN
        self.pupils.add_history(admitted, off, values, changes)
        self.book.record(self.pupils, (number,), person, admitted, off)
        self._add_contacts(number, person, parents, admitted, left, off)

    def _parents(self, child: Person, day: int) -> list[Person]:
        stay = child.stay_on(day)
        others = [s.person for s in stay.occupancy.stays if s.start <= day < s.end] if stay else []
        grown = [p for p in others if 15.5 * YEAR < child.born - p.born < 50 * YEAR]
        grown.sort(key=lambda p: (p.sex != "F", p.pid))
        return grown[:2]

    def _add_contacts(
        self, number: str, child: Person, parents: list[Person], start: int, left: int, off: int
    ) -> None:
        clerk = self.clerk
        if len(parents) > 1 and not clerk.chance(self.rates["second_contact"]):
            parents = parents[:1]
        for place, parent in enumerate(parents, start=1):
            stay = parent.stay_on(start)
            if stay is None:
                continue
            local = Random(f"{self.world.seed}/parent/{parent.pid}/{child.pid % 3}")
            clerk.rnd, usual = local, clerk.rnd
            written, news = clerk.write(parent, start), follow(clerk, parent, start)
            address = clerk.address(stay.occupancy.dwelling)
            pictures = mail_pictures(clerk, written, address, start, news, 0, after_death="stop")
            clerk.rnd = usual
            values: dict[str, Any] = {
                "pupil_id": number,
                "contact_no": place,
                "title": written.title,
                "forename": written.forename,
                "surname": written.surname,
                "relationship": "Mother" if parent.sex == "F" else "Father",
                "priority": place,
                "email": parent.email or None,
                "phone": parent.mobile or None,
                **_lines(address),
            }
            changes = self._contact_changes(news, pictures)
            self.contacts.add_history(start, off, values, changes)
            self.book.record(self.contacts, (number, place), parent, start, off, number)
            if place == 1:
                self.mail.add_lines(self.mail.open_account(number), left, pictures)

    @staticmethod
    def _contact_changes(
        news: list[Heard], pictures: list[tuple[int, dict[str, Any]]]
    ) -> list[tuple[int, dict[str, Any]]]:
        changes: list[tuple[int, dict[str, Any]]] = []
        for heard, (day, fields) in zip(news, pictures[1:], strict=False):
            if heard.kind == "move":
                changes.append((day, _lines(fields["address"])))
            elif heard.kind == "name":
                changes.append((day, {"title": heard.title, "surname": heard.surname}))
        return changes


def _lines(address: WrittenAddress) -> dict[str, str | None]:
    lines = {f"address{n + 1}": address.lines[n] or None for n in range(3)}
    return {**lines, "postcode": address.postcode or None}
