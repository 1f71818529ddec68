"""Blue badges, concessionary passes and residents' parking permits."""

from typing import Any

from scv.demo.book import Book
from scv.demo.calendar import OPEN, YEAR
from scv.demo.clients import follow, mail_pictures
from scv.demo.mailbag import Mailbag
from scv.demo.people import Person
from scv.demo.places import WrittenAddress
from scv.demo.recording import Clerk
from scv.demo.tables import TableSpec

PERMIT = TableSpec(
    "permits",
    "permit",
    ("permit_no",),
    {
        "permit_no": "text",
        "permit_type": "text",
        "title": "text",
        "forename": "text",
        "surname": "text",
        "dob": "iso",
        "nino": "text",
        "addr1": "text",
        "addr2": "text",
        "addr3": "text",
        "postcode": "text",
        "uprn": "text",
        "phone": "text",
        "email": "text",
        "issued_on": "iso",
        "expires_on": "iso",
        "cancelled_on": "iso",
        "vehicle_reg": "text",
        "eligibility": "text",
    },
    ("vehicle_reg", "eligibility"),
)
YEARS = {"BB": 3, "CP": 5, "RP": 1}


class Permits:
    """Fills the register of one block."""

    system = "permits"

    def __init__(self, book: Book) -> None:
        self.book, self.world = book, book.world
        self.clerk = Clerk(book.world, self.system)
        self.rates = book.world.rates.section(self.system)
        self.mail = Mailbag(self.system, self.clerk)
        (self.permits,) = book.open((PERMIT,))
        self.count = 0

    def fill(self) -> None:
        """Passes for the old, badges for some of them and few others, parking for adults with cars."""
        first = self.world.span.first
        for person in self.world.persons:
            age = person.age(first)
            if not person.stays or age < 18:
                continue
            forced = self.clerk.must_hold(person)
            badge = self.rates["blue_badge"] * (1.0 if age > 78 else 0.45 if age > 65 else 0.05)
            wants = {
                "CP": self.rates["pass"] if age >= 66 else 0.01,
                "BB": badge,
                "RP": self.rates["parking"] if age < 75 else 0.02,
            }
            for kind, share in wants.items():
                if self.clerk.chance(share) or (forced and kind == "RP"):
                    self._issue(person, kind, forced)
        rates = self.world.rates.section("letters.permits")
        self.mail.schedule(rates["general"], "general", "PMT-INFO")
        self.mail.schedule(rates["notify"], "general", "PMT-MAIL", "email")

    def _issue(self, person: Person, kind: str, forced: bool) -> None:
        clerk, span = self.clerk, self.world.span
        valid = int(YEARS[kind] * YEAR)
        low = max(person.stays[0].start, span.start - valid)
        high = min(person.died, person.left, span.end)
        if high - low < 20:
            return
        issued = clerk.rnd.randrange(low, high - 10)
        issued = max(low, min(issued, span.first - 30)) if forced else issued
        stay = person.stay_on(issued)
        if stay is None:
            return
        news, written = follow(clerk, person, issued), clerk.write(person, issued)
        address = clerk.address(stay.occupancy.dwelling)
        stop = "stop"
        pictures = mail_pictures(clerk, written, address, issued, news, 0, after_death=stop)
        cancelled = next((h.day for h in news if h.kind in ("death", "gone")), OPEN)
        base: dict[str, Any] = {
            "permit_type": kind,
            "title": written.title,
            "forename": written.forename,
            "surname": written.surname,
            "dob": written.born,
            "nino": written.nino or None,
            "phone": person.mobile or None,
            "email": person.email or None,
            "vehicle_reg": None,
            "eligibility": "AUTO",
            **_lines(address),
        }
        changes: list[tuple[int, dict[str, Any]]] = []
        for heard, (day, fields) in zip(news, pictures[1:], strict=False):
            if heard.kind == "move":
                changes.append((day, _lines(fields["address"])))
            elif heard.kind == "name":
                changes.append((day, {"title": heard.title, "surname": heard.surname}))
        self._write(person, kind, base, changes, pictures, issued, valid, cancelled)

    def _write(
        self,
        person: Person,
        kind: str,
        base: dict[str, Any],
        changes: list[tuple[int, dict[str, Any]]],
        pictures: list[tuple[int, dict[str, Any]]],
        issued: int,
        valid: int,
        cancelled: int,
    ) -> None:
        """A permit and its renewals: under the same number, or under a new one (the old row stays)."""
        clerk, span = self.clerk, self.world.span
        while True:
            self.count += 1
            number = f"{kind}{self.world.block:03d}{self.count:06d}"
            expires, renewals = issued + valid, list[tuple[int, dict[str, Any]]]()
            account = self.mail.open_account(number)
            anew = False
            while expires < span.end and expires < cancelled and person.is_here(expires):
                self.mail.send([account], [expires - 35], "renewal", f"PMT-{kind}")
                anew = clerk.chance(self.rates["renewed_under_new_number"])
                if anew or clerk.chance(0.15):
                    break
                expires += valid
                renewals.append((expires - valid - 10, {"expires_on": expires}))
            first_expiry = issued + valid
            values = base | {"permit_no": number, "issued_on": issued, "expires_on": first_expiry}
            ending = [(cancelled, {"cancelled_on": cancelled})]
            later = [(max(day, issued), change) for day, change in changes]
            self.permits.add_history(issued, OPEN, values, [*later, *renewals, *ending])
            self.book.record(self.permits, (number,), person, issued, OPEN, number)
            if not person.is_here(min(expires, span.end - 1)) and expires < cancelled:
                # Nobody told: the reminder to renew goes out all the same.
                self.mail.send([account], [expires - 35], "renewal", f"PMT-{kind}")
            lines = [(max(day, issued), fields) for day, fields in pictures if day <= issued][-1:]
            lines += [(day, fields) for day, fields in pictures if day > issued]
            self.mail.add_lines(account, min(expires + 30, OPEN), lines)
            if not anew or expires >= span.end:
                return
            issued = expires


def _lines(address: WrittenAddress) -> dict[str, str | None]:
    values = {f"addr{n + 1}": address.lines[n] or None for n in range(3)}
    return {**values, "postcode": address.postcode or None, "uprn": address.uprn or None}
