"""Adult social care: persons, their addresses and telephones, events and direct payments."""

from typing import Any

from scv.demo.book import Book, Evidence, KnownMove
from scv.demo.calendar import OPEN, instant
from scv.demo.clients import Heard, follow, mail_pictures
from scv.demo.mailbag import Mailbag
from scv.demo.people import Person
from scv.demo.recording import Clerk
from scv.demo.tables import TableSpec


def _table(name: str, key: str, columns: dict[str, str], hidden: tuple[str, ...] = ()) -> TableSpec:
    return TableSpec("adult_social_care", name, (key,), {key: "int", **columns}, hidden)


TABLES = (
    _table(
        "dm_persons",
        "person_id",
        {
            "title": "text",
            "first_name": "text",
            "last_name": "text",
            "full_name": "text",
            "nhs_id": "text",
            "date_of_birth": "iso",
            "date_of_death": "iso",
            "date_of_death_recorded_at": "iso_ts",
            "gender": "text",
            "email_address": "text",
            "restricted": "text",
            "ethnicity": "text",
        },
        ("ethnicity",),
    ),
    _table(
        "dm_addresses",
        "address_id",
        {
            "ref_addresses_people_id": "int",
            "address": "text",
            "post_code": "text",
            "unique_id": "text",
            "start_date": "iso",
            "end_date": "iso",
            "is_contact_address": "text",
            "is_display_address": "text",
        },
    ),
    _table("dm_telephone_numbers", "number_id", {"person_id": "int", "number": "text"}),
    _table(
        "cld_events",
        "event_id",
        {
            "person_id": "int",
            "client_type": "text",
            "event_type": "text",
            "event_start_date": "iso",
            "event_end_date": "iso",
            "event_outcome": "text",
            "service_type": "text",
            "service_component": "text",
            "delivery_mechanism": "text",
            "primary_support_reason": "text",
        },
        ("primary_support_reason",),
    ),
    _table("direct_payments", "payment_id", {"person_id": "int", "payment_date": "iso", "amount": "num"}),
)
ROOM = 20_000
"""Persons of one block in the numbering; other numbers have ten times as many."""


class AdultSocialCare:
    """Fills the tables of one block."""

    system = "adult_social_care"

    def __init__(self, book: Book) -> None:
        self.book, self.world = book, book.world
        self.clerk = Clerk(book.world, self.system)
        self.rates = book.world.rates.section(self.system)
        self.mail = Mailbag(self.system, self.clerk)
        self.rows = {rows.spec.name: rows for rows in book.open(TABLES)}
        self._numbers = dict.fromkeys(self.rows, 0)

    def fill(self) -> None:
        """Old people and some others who are known to the service."""
        for person in self.world.persons:
            if person.stays and self._is_known(person):
                self._add_person(person)
        self.mail.schedule(self.world.rates["letters.adult_social_care.general"], "appointment", "ASC-VISIT")

    def _is_known(self, person: Person) -> bool:
        if self.clerk.must_hold(person):
            return True
        age = person.age(self.world.span.first)
        share = self.rates["known"] * (1.0 if age > 75 else 0.1 if age >= 18 else 0.0)
        return self.clerk.chance(share)

    def _number(self, table: str) -> int:
        self._numbers[table] += 1
        room = ROOM if table == "dm_persons" else ROOM * 10
        return self.world.block * room + self._numbers[table]

    def _add_person(self, person: Person) -> None:
        clerk, span = self.clerk, self.world.span
        low = max(person.stays[0].start, span.start - 1_500)
        high = min(person.stays[-1].end, person.died, span.end)
        if high <= low + 10:
            return
        known = clerk.rnd.randrange(low, high - 5)
        if clerk.must_hold(person):
            known = max(low, min(known, span.first - 400))
        if person.stay_on(known) is None:
            return
        news = follow(clerk, person, known)
        self._add_record(person, known, news, first=True)
        maiden = len(person.names) > 1 and person.names[1][0] > known
        if (maiden and clerk.chance(0.3)) or clerk.is_case(person, "same_person_twice"):
            # The same person gets a second number when she comes back under her new name.
            again = span.first - 200 if clerk.must_hold(person) else known + clerk.rnd.randrange(30, 300)
            if person.stay_on(again) is not None and again < span.end:
                self._add_record(person, again, [], first=False)

    def _add_record(self, person: Person, known: int, news: list[Heard], first: bool) -> None:
        clerk, number = self.clerk, self._number("dm_persons")
        written = clerk.write(person, known)
        values: dict[str, Any] = {
            "person_id": number,
            "title": written.title,
            "first_name": written.forename,
            "last_name": written.surname,
            "full_name": f"{written.forename} {written.surname}",
            "nhs_id": person.nhs if clerk.chance(0.9) else None,
            "date_of_birth": written.born,
            "gender": person.sex,
            "email_address": person.email or None if clerk.chance(0.4) else None,
            "restricted": "N",
            "ethnicity": "A",
        }
        changes: list[tuple[int, dict[str, Any]]] = []
        for heard in news:
            if heard.kind == "name":
                full = f"{written.forename} {heard.surname}"
                changes.append(
                    (heard.day, {"title": heard.title, "last_name": heard.surname, "full_name": full})
                )
            elif heard.kind == "death":
                recorded = instant(heard.day, clerk.rnd.randrange(32_400, 61_200))
                died = {"date_of_death": heard.happened, "date_of_death_recorded_at": recorded}
                changes.append((heard.day, died))
                self._note_death(number, person, heard.day, recorded)
        if person.unsafe_from < OPEN and (
            clerk.must_hold(person) or clerk.chance(self.rates["restricted_flag"])
        ):
            changes.append((max(known, person.unsafe_from + 3), {"restricted": "Y"}))
        self.rows["dm_persons"].add_history(known, OPEN, values, changes)
        account = self.mail.open_account(str(number))
        self.book.record(self.rows["dm_persons"], (number,), person, known, OPEN, str(number))
        stay = person.stay_on(known)
        assert stay is not None
        address = clerk.address(stay.occupancy.dwelling)
        pictures = mail_pictures(clerk, written, address, known, news, 0, after_death="stop")
        self.mail.add_lines(account, OPEN if first else known + 60, pictures)
        self._add_addresses(number, person, known, news, pictures)
        if person.mobile and clerk.chance(0.7):
            phone = {
                "number_id": self._number("dm_telephone_numbers"),
                "person_id": number,
                "number": person.mobile,
            }
            self.rows["dm_telephone_numbers"].add(known, OPEN, phone)
        self._add_services(number, person, known, news)

    def _note_death(self, number: int, person: Person, day: int, recorded: int) -> None:
        self.book.evidence.append(
            Evidence(
                self.system,
                "dm_persons",
                (str(number),),
                person.pid,
                7,
                person.died,
                recorded,
                day,
                day,
                OPEN,
            )
        )

    def _add_addresses(
        self,
        number: int,
        person: Person,
        known: int,
        news: list[Heard],
        pictures: list[tuple[int, dict[str, Any]]],
    ) -> None:
        moves = [(known, known, pictures[0][1]["address"])]
        for heard, (day, fields) in zip(news, pictures[1:], strict=False):
            if heard.kind == "move":
                moves.append((day, heard.happened, fields["address"]))
        for place, (day, since, address) in enumerate(moves):
            later = moves[place + 1] if place + 1 < len(moves) else None
            values = {
                "address_id": self._number("dm_addresses"),
                "ref_addresses_people_id": number,
                "address": address.one_line,
                "post_code": address.postcode or None,
                "unique_id": address.uprn or None,
                "start_date": since,
                "end_date": None,
                "is_contact_address": "Y",
                "is_display_address": "Y",
            }
            ended = (
                {"end_date": later[1], "is_contact_address": "N", "is_display_address": "N"} if later else {}
            )
            self.rows["dm_addresses"].add_history(day, OPEN, values, [(later[0], ended)] if later else [])
            if later is not None:
                self.book.moves.append(
                    KnownMove(
                        self.system, person.pid, address.dwelling, later[2].dwelling, later[1], None, later[0]
                    )
                )

    def _add_services(self, number: int, person: Person, known: int, news: list[Heard]) -> None:
        clerk, span = self.clerk, self.world.span
        stopped = next((h.day for h in news if h.kind in ("death", "gone")), OPEN)
        self._event(number, known, known + 14, "Request", "Assessment", None)
        kind = clerk.rnd.choices(("Community", "Residential Care", "Nursing Care", "none"), (55, 8, 5, 32))[0]
        if kind == "none":
            return
        start, direct = known + 21, kind == "Community" and clerk.chance(0.25)
        service = f"Long Term Support: {kind}"
        self._event(number, start, None, "Service", None, service, direct, stopped)
        review = max(start, span.start) + 300
        while review < min(stopped, span.end):
            self._event(number, review, review, "Review", "No change", None)
            review += 365
        if direct:
            first = max(start, span.start - 60)
            amount = round(clerk.rnd.uniform(300, 1_400), 2)
            for day in range(first + 28 - first % 28, min(stopped, span.end), 28):
                payment = {"payment_id": self._number("direct_payments"), "person_id": number}
                self.rows["direct_payments"].add(day, OPEN, payment | {"payment_date": day, "amount": amount})

    def _event(
        self,
        number: int,
        start: int,
        end: int | None,
        kind: str,
        outcome: str | None,
        service: str | None,
        direct: bool = False,
        stopped: int = OPEN,
    ) -> None:
        if start >= min(stopped, self.world.span.end):
            return
        values = {
            "event_id": self._number("cld_events"),
            "person_id": number,
            "client_type": "Service User",
            "event_type": kind,
            "event_start_date": start,
            "event_end_date": end,
            "event_outcome": outcome,
            "service_type": service,
            "service_component": "Direct Payment" if direct else "Home Support" if service else None,
            "delivery_mechanism": ("Direct Payment" if direct else "CASSR Commissioned Support")
            if service
            else None,
        }
        ending = [(stopped, {"event_end_date": stopped, "event_outcome": "Service ended"})]
        self.rows["cld_events"].add_history(start, OPEN, values, ending if kind == "Service" else [])
