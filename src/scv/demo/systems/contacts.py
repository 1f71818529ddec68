"""The contact centre: calls, visits and messages, with cross-references that agents made by hand."""

from typing import Any

from scv.demo.book import Book
from scv.demo.calendar import OPEN, instant, next_working_day
from scv.demo.people import Person
from scv.demo.recording import Clerk
from scv.demo.tables import TableSpec

CONTACT = TableSpec(
    "contacts",
    "cccontact",
    ("contact_no",),
    {
        "contact_no": "int",
        "contacted_at": "iso_ts",
        "channel": "text",
        "reason_code": "text",
        "outcome_code": "text",
        "title": "text",
        "forenames": "text",
        "surname": "text",
        "dob": "iso",
        "phone": "text",
        "email": "text",
        "postcode": "text",
        "notes": "text",
    },
    ("notes",),
)
LINK = TableSpec(
    "contacts",
    "cccontactlink",
    ("contact_no", "link_type", "reference"),
    {"contact_no": "int", "link_type": "text", "reference": "text", "made_by": "text"},
    ("made_by",),
)
LINK_TYPES = {"council_tax": "CT", "housing_benefit": "HB", "housing": "HSG"}
REASONS = ("PAYMENT", "BENEFIT", "REPAIR", "SCHOOL", "OTHER")


class Contacts:
    """Fills the contact centre of one block; run last, as it refers to the other systems' accounts."""

    system = "contacts"

    def __init__(self, book: Book) -> None:
        self.book, self.world = book, book.world
        self.clerk = Clerk(book.world, self.system)
        self.rates = book.world.rates.section(self.system)
        self.contacts, self.links = book.open((CONTACT, LINK))
        self.count = 0
        self.accounts: dict[int, list[tuple[str, str, int, int]]] = {}
        for record in book.records:
            if record.system in LINK_TYPES and record.account and not record.account.startswith("WL"):
                self.accounts.setdefault(record.pid, []).append(
                    (LINK_TYPES[record.system], record.account, record.start, record.end)
                )

    def fill(self) -> None:
        """Contacts at random; some because of a move, some to say that somebody died."""
        clerk, span = self.clerk, self.world.span
        for person in self.world.persons:
            if not person.stays or person.age(span.end) < 18:
                continue
            day = float(max(span.start, person.stays[0].start))
            last = min(span.end, person.died, person.left)
            if clerk.must_hold(person):
                self._add(person, span.first - 100, "BENEFIT")
            while True:
                day += clerk.rnd.expovariate(self.rates["rate"] / 365.25)
                if day >= last:
                    break
                self._add(person, next_working_day(int(day)), clerk.rnd.choice(REASONS))
            for stay in person.stays[1:]:
                if span.start < stay.start < span.end and clerk.chance(0.15):
                    self._add(person, next_working_day(stay.start + 6), "MOVE")
            if span.start < person.died < span.end and clerk.chance(0.25):
                self._report_death(person)

    def _report_death(self, person: Person) -> None:
        """A relative calls about somebody who died; the contact is the caller's, the reference the dead one's."""
        day = next_working_day(person.died + self.clerk.rnd.randrange(4, 40))
        caller = next((p for p in person.former if p.is_here(day)), None)
        if caller is not None:
            self._add(caller, day, "BEREAVEMENT", about=person)

    def _add(self, person: Person, day: int, reason: str, about: Person | None = None) -> None:
        clerk, span = self.clerk, self.world.span
        stay = person.stay_on(day)
        if stay is None or day >= span.end or day >= person.died or person.age(day) < 16:
            return
        self.count += 1
        number = self.world.block * 200_000 + self.count
        written = clerk.write(person, day)
        surname = written.surname
        if len(person.names) > 1 and clerk.chance(self.rates["maiden_name"]):
            surname = person.birth_surname
        values: dict[str, Any] = {
            "contact_no": number,
            "contacted_at": instant(day, clerk.rnd.randrange(30_000, 66_000)),
            "channel": clerk.rnd.choices(("PHONE", "VISIT", "EMAIL", "WEB"), (60, 10, 15, 15))[0],
            "reason_code": reason,
            "outcome_code": clerk.rnd.choices(("RESOLVED", "REFERRED", "CALLBACK"), (72, 18, 10))[0],
            "title": written.title,
            "forenames": written.forename,
            "surname": surname,
            "dob": written.born,
            "phone": person.mobile or None if clerk.chance(0.7) else None,
            "email": person.email or None if clerk.chance(0.4) else None,
            "postcode": self.world.dwelling(stay.occupancy.dwelling).postcode if clerk.chance(0.92) else None,
            "notes": "called about account",
        }
        self.contacts.add(day, OPEN, values)
        self.book.record(self.contacts, (number,), person, day)
        known = [a for a in self.accounts.get((about or person).pid, ()) if a[2] <= day < a[3]]
        if known and (about is not None or clerk.chance(self.rates["link"])):
            kind, reference, _, _ = clerk.rnd.choice(known)
            self.links.add(
                day,
                OPEN,
                {"contact_no": number, "link_type": kind, "reference": reference, "made_by": "agent"},
            )
