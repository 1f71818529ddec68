"""Grants: applications through a web form into a workbook, payments, requests for evidence."""

from typing import Any

from scv.demo.book import Book
from scv.demo.calendar import OPEN, next_working_day
from scv.demo.clients import follow, mail_pictures
from scv.demo.evidence_requests import ask_for_evidence
from scv.demo.mailbag import Mailbag
from scv.demo.namelines import joint_line, single_line
from scv.demo.people import Person
from scv.demo.recording import Clerk
from scv.demo.tables import TableSpec

TABLES = (
    TableSpec(
        "grants",
        "applications",
        ("application_ref",),
        {
            "application_ref": "text",
            "scheme": "text",
            "full_name": "text",
            "dob": "dmy",
            "email": "text",
            "phone": "text",
            "address": "text",
            "postcode": "text",
            "submitted_on": "dmy",
            "amount_requested": "num",
            "decision": "text",
            "decided_on": "dmy",
            "reason_given": "text",
        },
        ("reason_given",),
    ),
    TableSpec(
        "grants",
        "payments",
        ("payment_ref",),
        {"payment_ref": "text", "application_ref": "text", "paid_on": "dmy", "amount": "num"},
    ),
    TableSpec(
        "grants",
        "evidence",
        ("request_ref",),
        {
            "request_ref": "text",
            "application_ref": "text",
            "evidence_type": "text",
            "requested_on": "dmy",
            "received_on": "dmy",
            "status": "text",
        },
    ),
)


class Grants:
    """Fills the workbook of one block."""

    system = "grants"

    def __init__(self, book: Book) -> None:
        self.book, self.world = book, book.world
        self.clerk = Clerk(book.world, self.system)
        self.rates = book.world.rates.section(self.system)
        self.mail = Mailbag(self.system, self.clerk)
        self.applications, self.payments, self.evidence = book.open(TABLES)
        self.count = self.paid = self.asked = 0

    def fill(self) -> None:
        """Applications at random days; poorer households apply more."""
        span = self.world.span
        years = (span.end - span.start) / 365.25
        for person in self.world.persons:
            if not person.stays or person.age(span.first) < 19:
                continue
            forced = self.clerk.must_hold(person)
            tenure = person.stays[0].occupancy.tenure
            share = self.rates["applications"] * years * (0.5 if tenure == "own" else 1.6) * 0.75
            if forced or self.clerk.chance(share):
                self._apply(person, forced)
                if self.clerk.chance(0.15):
                    self._apply(person, forced)
        rates = self.world.rates.section("letters.grants")
        self.mail.schedule(rates["general"], "general", "GR-LETTER")
        self.mail.schedule(rates["notify"], "general", "GR-MAIL", "email")

    def _apply(self, person: Person, forced: bool) -> None:
        clerk, span = self.clerk, self.world.span
        day = clerk.rnd.randrange(span.start, span.first - 30 if forced else span.end - 1)
        stay = person.stay_on(day)
        if stay is None or person.age(day) < 18:
            return
        self.count += 1
        reference = f"GR{self.world.block:03d}-{self.count:06d}"
        written = clerk.write(person, day)
        style = clerk.rnd.choices((0, 2, 4, 6, 3), (35, 10, 5, 45, 5))[0]
        name, together = single_line(written, style), [person]
        if person.partner in [s.person for s in stay.occupancy.stays] and clerk.chance(
            self.rates["joint_name"]
        ):
            assert person.partner is not None
            pair = sorted((person, person.partner), key=lambda p: p.sex, reverse=True)
            joint = joint_line(clerk.rnd, clerk.write(pair[0], day), clerk.write(pair[1], day))
            name, together = (joint, pair) if joint else (name, together)
        address = clerk.address(stay.occupancy.dwelling)
        decided = next_working_day(day + clerk.rnd.randrange(5, 40))
        awarded = clerk.chance(0.68)
        amount = round(clerk.rnd.choice((50, 100, 150, 200, 350, 500, 1200)) * 1.0, 2)
        values: dict[str, Any] = {
            "application_ref": reference,
            "scheme": clerk.rnd.choices(("HSF", "DHP", "DFG", "BUS"), (70, 14, 8, 8))[0],
            "full_name": name,
            "dob": written.born if len(together) == 1 else None,
            "email": person.email or None,
            "phone": person.mobile or None,
            "address": address.one_line,
            "postcode": address.postcode or None,
            "submitted_on": day,
            "amount_requested": amount,
            "decision": "PENDING",
            "reason_given": "boiler broke",
        }
        decision = {"decision": "AWARDED" if awarded else "REFUSED", "decided_on": decided}
        self.applications.add_history(day, OPEN, values, [(decided, decision)])
        for number, applicant in enumerate(together, start=1):
            self.book.record(self.applications, (reference,), applicant, day, OPEN, reference, number)
        account = self.mail.open_account(reference)
        pictures = mail_pictures(
            clerk, written, address, day, follow(clerk, person, day), style, after_death="stop"
        )
        pictures = [
            (d, f | ({"name": name, "living": tuple(together)} if f["living"] else {})) for d, f in pictures
        ]
        self.mail.add_lines(account, day + 540, pictures)
        self.mail.send([account], [decided + 1], "award", "GR-DECISION")
        if awarded and decided < span.end:
            self.paid += 1
            paid = {"payment_ref": f"PAY{self.world.block:03d}{self.paid:06d}", "application_ref": reference}
            self.payments.add(decided + 7, OPEN, paid | {"paid_on": decided + 7, "amount": amount})
        self._ask(reference, account, day, decided)

    def _ask(self, reference: str, account: int, day: int, decided: int) -> None:
        for request in ask_for_evidence(self.clerk, 6.0, day, decided):
            self.asked += 1
            values = {
                "request_ref": f"EV{self.world.block:03d}{self.asked:06d}",
                "application_ref": reference,
            }
            request.write(self.evidence, values)
            self.mail.send([account], [request.asked + 1], "evidence_request", "GR-EVID")
