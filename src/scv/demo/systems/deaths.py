"""Notices of death: the registrar's weekly list and the daily Tell Us Once file."""

from scv.demo.book import Book, Evidence
from scv.demo.calendar import OPEN, instant, next_weekday, next_working_day
from scv.demo.people import Person
from scv.demo.recording import Clerk
from scv.demo.tables import TableSpec

REGISTRAR = TableSpec(
    "deaths",
    "registrar",
    ("entry_no",),
    {
        "entry_no": "text",
        "surname": "text",
        "forenames": "text",
        "sex": "text",
        "date_of_birth": "dmy",
        "date_of_death": "dmy",
        "usual_address": "text",
        "postcode": "text",
        "registered_on": "dmy",
        "entry_status": "text",
        "cancelled_on": "dmy",
        "informant": "text",
    },
    ("informant",),
)
TELL_US_ONCE = TableSpec(
    "deaths",
    "tell_us_once",
    ("reference",),
    {
        "reference": "text",
        "deceased.forename": "text",
        "deceased.surname": "text",
        "deceased.birth_date": "iso",
        "deceased.date_of_death": "iso",
        "deceased.nino": "text",
        "deceased.address": "text",
        "deceased.postcode": "text",
        "notified_at": "iso_ts",
        "status": "text",
        "withdrawn_at": "iso_ts",
        "informant.relationship": "text",
    },
    ("informant.relationship",),
)
TUESDAY = 1


class Deaths:
    """Both feeds of one block."""

    def __init__(self, book: Book) -> None:
        self.book, self.world = book, book.world
        self.rates = book.world.rates.section("deaths")
        self.registrar, self.notices = book.open((REGISTRAR, TELL_US_ONCE))
        self.entries = 0
        self.notified = 0

    def fill(self) -> None:
        """A notice for each death that reaches a feed; and some for people who are alive."""
        clerks = {name: Clerk(self.world, name) for name in ("registrar", "tell_us_once")}
        for person in self.world.persons:
            if person.died < self.world.span.end and person.stays and person.stays[-1].end == person.died:
                if person.died < self.world.span.start:
                    continue
                self._notify(clerks, person, person.died, OPEN)
        for person, feed, wrongly, until in self.world.wrongly_dead:
            if feed in clerks:
                self._notify({feed: clerks[feed]}, person, wrongly, until)

    def _notify(self, clerks: dict[str, Clerk], person: Person, died: int, until: int) -> None:
        wrong = until != OPEN
        for feed, clerk in clerks.items():
            heard = died + 4 if wrong else clerk.hears("death", died, person)
            if feed == "registrar" and not wrong and clerk.chance(self.rates["registrar_late"]):
                heard += clerk.rnd.randrange(60, 180)
            if heard >= OPEN:
                continue
            heard = next_working_day(heard)
            told = died - clerk.rnd.randrange(1, 9) if clerk.chance(self.rates["wrong_date"]) else died
            (self._register if feed == "registrar" else self._tell)(clerk, person, told, heard, until)

    def _register(self, clerk: Clerk, person: Person, died: int, heard: int, until: int) -> None:
        shown = next_weekday(heard + 1, TUESDAY)
        self.entries += 1
        entry = f"R{self.world.block:03d}{self.entries:06d}"
        written, stay = clerk.write(person, died), person.stays[-1]
        address = clerk.address(stay.occupancy.dwelling)
        values = {
            "entry_no": entry,
            "surname": written.surname,
            "forenames": f"{written.forename} {written.middle}".strip(),
            "sex": person.sex,
            "date_of_birth": written.born,
            "date_of_death": died,
            "usual_address": address.one_line,
            "postcode": address.postcode,
            "registered_on": heard,
            "entry_status": "A",
            "informant": "CHILD" if clerk.chance(0.5) else "SPOUSE",
        }
        taken_back = OPEN if until == OPEN else max(next_weekday(until, TUESDAY), shown + 7)
        change = [(taken_back, {"entry_status": "C", "cancelled_on": taken_back - 2})]
        self.registrar.add_history(shown, OPEN, values, change)
        self.book.record(self.registrar, (entry,), person, shown)
        self.book.evidence.append(
            Evidence("deaths", "registrar", (entry,), person.pid, 10, died, None, None, shown, taken_back)
        )

    def _tell(self, clerk: Clerk, person: Person, died: int, heard: int, until: int) -> None:
        self.notified += 1
        reference = f"TUO{self.world.block:03d}{self.notified:07d}"
        recorded = instant(heard, clerk.rnd.randrange(32_400, 61_200))
        late = clerk.rnd.randrange(1, 4) if clerk.chance(self.rates["tell_us_once_late_file"]) else 0
        written, shown = clerk.write(person, died), heard + late
        address = clerk.address(person.stays[-1].occupancy.dwelling)
        values = {
            "reference": reference,
            "deceased.forename": written.forename,
            "deceased.surname": written.surname,
            "deceased.birth_date": written.born,
            "deceased.date_of_death": died,
            "deceased.nino": written.nino or None,
            "deceased.address": address.one_line,
            "deceased.postcode": address.postcode,
            "notified_at": recorded,
            "status": "ACTIVE",
            "withdrawn_at": None,
            "informant.relationship": "CHILD",
        }
        taken_back = OPEN if until == OPEN else max(until, shown + 1)
        back_at = None if until == OPEN else instant(taken_back, 43_200)
        self.notices.add_history(
            shown, OPEN, values, [(taken_back, {"status": "WITHDRAWN", "withdrawn_at": back_at})]
        )
        self.book.record(self.notices, (reference,), person, shown)
        self.book.evidence.append(
            Evidence(
                "deaths",
                "tell_us_once",
                (reference,),
                person.pid,
                9,
                died,
                recorded,
                heard,
                shown,
                taken_back,
                back_at,
            )
        )
