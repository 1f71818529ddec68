"""Payroll: one row per post, exported with fixed widths."""

from hashlib import sha256
from typing import Any

from scv.demo.book import Book
from scv.demo.calendar import OPEN, YEAR, to_date, to_day
from scv.demo.clients import follow, mail_pictures
from scv.demo.mailbag import Mailbag
from scv.demo.people import Person
from scv.demo.recording import Clerk
from scv.demo.tables import TableSpec

FAR_FUTURE = 376_199
"""2999-12-31: an open end."""
POSTS = TableSpec(
    "hr_payroll",
    "posts",
    ("person_ref", "position_ref"),
    {
        "person_ref": "text",
        "position_ref": "text",
        "ni_number": "text",
        "title": "text",
        "surname": "text",
        "forenames": "text",
        "sex": "text",
        "dob": "dmyc",
        "addr1": "text",
        "addr2": "text",
        "addr3": "text",
        "postcode": "text",
        "phone": "text",
        "email": "text",
        "start_date": "dmy",
        "end_date": "dmy",
        "std_hours": "int",
        "gross_to_date": "num",
        "last_paid": "dmy",
        "bank_hash": "text",
    },
)


class HrPayroll:
    """Fills the export of one block; run first, as council tax marks the accounts of staff."""

    system = "hr_payroll"

    def __init__(self, book: Book) -> None:
        self.book, self.world = book, book.world
        self.clerk = Clerk(book.world, self.system)
        self.rates = book.world.rates.section(self.system)
        self.mail = Mailbag(self.system, self.clerk)
        (self.posts,) = book.open((POSTS,))
        self.positions = 0

    def fill(self) -> None:
        """People of working age who work for the council at some time within the span."""
        span, share = self.world.span, self.rates["staff"] * (1 + 2 * self.rates["turnover"])
        for person in self.world.persons:
            age = person.age(span.first)
            if not person.stays or not 19 <= age <= 66:
                continue
            if self.clerk.must_hold(person) or self.clerk.chance(share * 1.75):
                self._employ(person)
        self.mail.schedule(self.world.rates["letters.hr_payroll.general"], "general", "HR-P60")

    def _employ(self, person: Person) -> None:
        clerk, span = self.clerk, self.world.span
        low = max(person.born + int(18 * YEAR), person.stays[0].start, span.start - 5_000)
        high = min(person.died, person.left, span.end)
        if high - low < 60:
            return
        start = clerk.rnd.randrange(low, high - 30)
        end = start + int(clerk.rnd.expovariate(self.rates["turnover"] / 1.5) * YEAR) + 90
        if clerk.must_hold(person):
            start, end = max(low, span.first - 700), OPEN
        stay = person.stay_on(start)
        if end <= span.start or stay is None:
            return
        reference = f"{self.world.block * 10_000 + len(self.world.staff) + 1:08d}"
        self.world.staff[person.pid] = reference
        news = follow(clerk, person, start)
        end = min(end, next((h.day for h in news if h.kind == "death"), OPEN))
        written = clerk.write(person, start)
        address = clerk.address(stay.occupancy.dwelling, upper=True)
        pictures = mail_pictures(clerk, written, address, start, news, 0, after_death="stop", upper=True)
        account = self.mail.open_account(reference)
        self.mail.add_lines(account, min(end + 30, OPEN), pictures)
        base: dict[str, Any] = {
            "person_ref": reference,
            "ni_number": written.nino or None,
            "title": written.title[:6],
            "surname": written.surname,
            "forenames": f"{written.forename} {written.middle}".strip(),
            "sex": person.sex,
            "dob": written.born,
            "phone": person.mobile or None,
            "email": (person.email or None) if len(person.email) <= 48 else None,
            "bank_hash": sha256(person.nino.encode()).hexdigest()[:32],
            **_lines(address),
        }
        changes: list[tuple[int, dict[str, Any]]] = []
        for heard, (day, fields) in zip(news, pictures[1:], strict=False):
            if heard.kind == "move":
                changes.append((day, _lines(fields["address"])))
            elif heard.kind == "name":
                changes.append((day, {"title": heard.title[:6], "surname": heard.surname.upper()}))
        second = clerk.must_hold(person) or clerk.chance(self.rates["second_post"])
        for number in range(2 if second else 1):
            self._add_post(person, base, changes, start + number * 90, end, number)

    def _add_post(
        self,
        person: Person,
        base: dict[str, Any],
        changes: list[tuple[int, Any]],
        start: int,
        end: int,
        number: int,
    ) -> None:
        clerk, span = self.clerk, self.world.span
        if start >= min(end, span.end):
            return
        self.positions += 1
        hours = clerk.rnd.choice((3700, 3700, 3700, 1850, 2200, 1600)) if number == 0 else 800
        monthly = round(clerk.rnd.uniform(11, 24) * hours / 100 * 4.33, 2)
        values = base | {
            "position_ref": f"P{self.world.block * 10_000 + self.positions:07d}",
            "start_date": start,
            "end_date": FAR_FUTURE,
            "std_hours": hours,
            "gross_to_date": 0.0,
            "last_paid": None,
        }
        pays: list[tuple[int, dict[str, Any]]] = list(changes)
        gross, day = 0.0, max(start, span.start)
        while day < min(end, span.end):
            when = to_date(day)
            last = when.replace(day=28)
            if last >= when:
                gross = monthly if when.month == 4 else gross + monthly
                pays.append((to_day(last), {"gross_to_date": round(gross, 2), "last_paid": to_day(last)}))
            following = last.replace(year=last.year + last.month // 12, month=last.month % 12 + 1, day=1)
            day = to_day(following)
        pays.append((end, {"end_date": end}))
        # Leavers drop out of the export after a year.
        off = end + 365 if end < OPEN else OPEN
        self.posts.add_history(start, off, values, pays)
        key = (base["person_ref"], values["position_ref"])
        self.book.record(self.posts, key, person, start, off, base["person_ref"])


def _lines(address: Any) -> dict[str, str | None]:
    lines = [line for line in address.lines if line]
    values = {f"addr{n + 1}": (lines[n][:32] if n < len(lines) else None) for n in range(3)}
    return {**values, "postcode": (address.postcode or None) and address.postcode[:8]}
