"""Housing: tenancies of council homes, their members, the name on letters, arrears actions."""

from typing import Any

from scv.demo.book import Book, Evidence, KnownMove
from scv.demo.calendar import OPEN, next_working_day
from scv.demo.clients import Heard, follow
from scv.demo.mailbag import Mailbag
from scv.demo.namelines import choose_style, deceased_line, estate_line, joint_line, single_line
from scv.demo.people import Occupancy, Person
from scv.demo.places import plain_address
from scv.demo.recording import DEFAULT_BIRTH, Clerk, Written
from scv.demo.systems.council_tax_names import namesakes
from scv.demo.systems.housing_tables import SPECIAL, TABLES

SPECIAL_VALUES = {
    "hiv_positive": ("Y", "N", None),
    "crim_rec": ("SPENT", "NONE", None),
    "pregnant": ("Y", "N", None),
    "sex_orient": ("HETEROSEXUAL", "GAY", "BI", None),
    "transgender": ("N", "Y", None),
    "religion_belief": ("CHRISTIAN", "MUSLIM", "NONE", None),
}
ARREARS = (("RLT1", 40), ("RLT2", 75), ("NOSP", 120), ("CORT", 210), ("EVIC", 320))


class Housing:
    """Fills the tenancy side of one block; rents and the waiting list are other modules'."""

    system = "housing"

    def __init__(self, book: Book) -> None:
        self.book, self.world = book, book.world
        self.clerk = Clerk(book.world, self.system)
        self.rates = book.world.rates.section(self.system)
        self.mail = Mailbag(self.system, self.clerk)
        self.rows = {rows.spec.name: rows for rows in book.open(TABLES)}
        self.tenancies: list[tuple[str, int, int, int, int]] = []
        """(tag_ref, mail account, start, end shown, day of the last payment)"""

    def fill(self) -> None:
        """Council homes, their tenancies and the mail of both."""
        for dwelling in self.world.dwellings:
            if dwelling.council_owned:
                address = plain_address(dwelling)
                values = {"prop_ref": dwelling.property_ref[1:], "short_address": address.one_line[:200]}
                values |= {"post_code": dwelling.postcode, "uprn": dwelling.uprn}
                self.rows["property"].add(0, OPEN, values)
        for occupancy in self.world.occupancies:
            if occupancy.tenure == "council":
                self._add_tenancy(occupancy)
        rates = self.world.rates.section("letters.housing")
        self.mail.schedule(rates["general"], "general", "HSG-RENT")
        self.mail.schedule(rates["notify"], "reminder", "HSG-SMS", "sms")
        self.mail.schedule(rates["general"] * 0.08, "general", "HSG-NOTE", "letter")

    def _tenants(self, occupancy: Occupancy) -> list[Person]:
        heads = [s.person for s in occupancy.stays if s.start <= occupancy.start]
        heads = [p for p in heads if p.age(occupancy.start) >= 18 and not p.child] or heads[:1]
        for person in heads:
            partner = next((p for p in heads if p is person.partner or p in person.former), None)
            if partner is not None and self.clerk.chance(0.8):
                return [person, partner]
        return heads[:1]

    def _add_tenancy(self, occupancy: Occupancy) -> None:
        clerk, number = self.clerk, len(self.tenancies) + 1
        house_ref = f"{self.world.block * 10_000 + number:07d}"
        tag_ref = f"{house_ref}/01"
        tenants = self._tenants(occupancy)
        news = {p.pid: follow(clerk, p, occupancy.start) for p in tenants}
        account = self.mail.open_account(tag_ref)
        opened = occupancy.start
        ended = OPEN if occupancy.end == OPEN else max(clerk.hears("move", occupancy.end), opened + 1)
        dwelling = self.world.dwelling(occupancy.dwelling)
        weekly = round(clerk.rnd.uniform(78, 145), 2)
        tenancy: dict[str, Any] = {
            "tag_ref": tag_ref,
            "prop_ref": dwelling.property_ref[1:],
            "house_ref": house_ref,
            "cot": occupancy.start,
            "eot": DEFAULT_BIRTH,
            "tenure": clerk.rnd.choices(("SEC", "INT", "LEA", "TLA"), (80, 9, 7, 4))[0],
            "cur_bal": round(clerk.rnd.gauss(60, 240), 2),
            "rent": weekly,
            "u_saff_rentacc": f"19{house_ref}",
            "terminated": 0,
        }
        ending = [(ended, {"eot": occupancy.end, "terminated": 1})]
        self.rows["tenagree"].add_history(opened, OPEN, tenancy, ending)
        written = self._add_members(occupancy, house_ref, tag_ref, tenants, news)
        self._note_moves(occupancy, tenants, ended)
        dead = self._death_days(tenants, news)
        self._add_lines(occupancy, account, house_ref, tenants, written, news, dead, ended)
        self._add_actions(tag_ref, account, tenants, dead, opened, ended)
        last_paid = tenants[0].died if len(tenants) == 1 else OPEN
        self.tenancies.append((tag_ref, account, opened, ended, last_paid))

    def _add_members(
        self,
        occupancy: Occupancy,
        house_ref: str,
        tag_ref: str,
        tenants: list[Person],
        news: dict[int, list[Heard]],
    ) -> dict[int, Written]:
        clerk, written = self.clerk, dict[int, Written]()
        stays = [s for s in occupancy.stays if s.start < self.world.span.end]
        stays.sort(key=lambda s: (s.person not in tenants, s.start, s.person.pid))
        for number, stay in enumerate(stays, start=1):
            person = stay.person
            shown = stay.start if stay.start <= occupancy.start else clerk.hears("move", stay.start)
            if shown >= self.world.span.end or shown >= person.died:
                continue
            record = written[person.pid] = clerk.write(person, shown)
            values: dict[str, Any] = {
                "house_ref": house_ref,
                "person_no": number,
                "title": record.title[:10],
                "forename": record.forename[:24],
                "surname": record.surname[:20],
                "dob": DEFAULT_BIRTH if record.born is None else record.born,
                "gender": person.sex,
                "ni_no": record.nino or None if person.age(shown) >= 16 else None,
                "responsible": int(person in tenants),
                "at_risk": 0,
            }
            values |= {name: clerk.rnd.choice(SPECIAL_VALUES[name]) for name in SPECIAL}
            changes: list[tuple[int, dict[str, Any]]] = [
                (h.day, {"title": h.title, "surname": h.surname[:20]})
                for h in news.get(person.pid, [])
                if h.kind == "name"
            ]
            if person.unsafe_from < OPEN and clerk.chance(self.rates["at_risk_flag"]):
                changes.append((max(shown, person.unsafe_from + 7), {"at_risk": 1}))
            end = OPEN
            if person not in tenants and stay.end < occupancy.end:
                end = max(clerk.hears("move", stay.end), shown + 1)
            self.rows["member"].add_history(shown, end, values, changes)
            self.book.record(self.rows["member"], (house_ref, number), person, shown, end, tag_ref)
        return written

    def _note_moves(self, occupancy: Occupancy, tenants: list[Person], ended: int) -> None:
        """Tenants who exchange one council home for another: both tenancies show."""
        later = occupancy.successor
        if later is None or later.tenure != "council" or ended == OPEN:
            return
        for person in tenants:
            if any(s.person is person for s in later.stays):
                self.book.moves.append(
                    KnownMove(
                        self.system,
                        person.pid,
                        occupancy.dwelling,
                        later.dwelling,
                        later.start,
                        None,
                        max(ended, later.start),
                    )
                )

    @staticmethod
    def _death_days(tenants: list[Person], news: dict[int, list[Heard]]) -> dict[int, int]:
        """When housing hears of each tenant's death; OPEN for never."""
        return {p.pid: next((h.day for h in news[p.pid] if h.kind == "death"), OPEN) for p in tenants}

    def _add_lines(
        self,
        occupancy: Occupancy,
        account: int,
        house_ref: str,
        tenants: list[Person],
        written: dict[int, Written],
        news: dict[int, list[Heard]],
        dead: dict[int, int],
        ended: int,
    ) -> None:
        """The correspondence name: the couple's, the survivor's, then the estate's."""
        clerk, style = self.clerk, choose_style(self.clerk.rnd)
        records = {p.pid: written.get(p.pid) or clerk.write(p, occupancy.start) for p in tenants}
        address, joint_seed = clerk.address(occupancy.dwelling), clerk.rnd.random()
        together = len(tenants) == 2 and clerk.chance(0.7)
        marked = clerk.chance(0.2)
        days = {occupancy.start} | {d for d in dead.values() if d < OPEN}
        days |= {h.day for p in tenants for h in news[p.pid] if h.kind == "name"}
        pictures: list[tuple[int, dict[str, Any]]] = []
        names: list[tuple[int, dict[str, Any]]] = []
        for day in sorted(d for d in days if d >= occupancy.start):
            for person in tenants:
                for heard in news[person.pid]:
                    if heard.kind == "name" and heard.day == day:
                        records[person.pid] = records[person.pid].renamed(heard.title, heard.surname)
            living = [p for p in tenants if dead[p.pid] > day]
            estate = not living
            if estate:
                form = deceased_line if marked else estate_line
                name, addressed = form(clerk.rnd, records[tenants[0].pid], 73), tuple[Person, ...]()
            elif len(living) == 2 and together:
                local = type(clerk.rnd)(joint_seed)
                one, two = (records[p.pid] for p in sorted(living, key=lambda p: p.sex, reverse=True))
                joint = joint_line(local, one, two, 73)
                name = joint or single_line(one, style, 73)
                pair = tuple(sorted(living, key=lambda p: p.sex, reverse=True))
                addressed = pair if joint else pair[:1]
            else:
                name, addressed = single_line(records[living[0].pid], style, 73), (living[0],)
            fields = {"name": name, "address": address, "living": addressed}
            fields |= {"estate": estate and not marked, "mute": estate and marked}
            fields |= {"phone": tenants[0].mobile, "email": tenants[0].email}
            fields["doubtful"] = namesakes(addressed, tenants)
            pictures.append((day, fields))
            names.append((day, {"con_name": name}))
        self.mail.add_lines(account, ended, pictures)
        contact = {"con_key": house_ref, "con_phone1": tenants[0].mobile or None}
        contact |= {"con_email": tenants[0].email or None, "con_address": address.one_line[:200]}
        contact["con_phone2"] = tenants[1].mobile or None if len(tenants) > 1 else None
        self.rows["contacts"].add_history(occupancy.start, OPEN, contact | names[0][1], names[1:])

    def _add_actions(
        self, tag_ref: str, account: int, tenants: list[Person], dead: dict[int, int], opened: int, ended: int
    ) -> None:
        """Arrears letters; and the code DEC, which pauses the case of a sole tenant who died."""
        clerk, span, actions = self.clerk, self.world.span, list[tuple[int, str]]()
        if clerk.chance(0.22):
            base = max(opened, span.start) + clerk.rnd.randrange(600)
            depth = clerk.rnd.choices((1, 2, 3, 4, 5), (45, 25, 18, 9, 3))[0]
            actions = [(next_working_day(base + delay), code) for code, delay in ARREARS[:depth]]
        day = dead[tenants[0].pid] if len(tenants) == 1 else OPEN
        actions = [(d, c) for d, c in actions if opened < d < min(ended, day, span.end)]
        if day < OPEN:
            actions.append((day, "DEC"))
        for number, (when, code) in enumerate(actions, start=1):
            values = {"tag_ref": tag_ref, "action_no": number, "action_code": code, "action_date": when}
            values |= {
                "action_balance": round(clerk.rnd.uniform(80, 2400), 2),
                "action_comment": "spoke to neighbour",
            }
            self.rows["araction"].add(when, OPEN, values)
            if code == "DEC":
                key = (tag_ref, str(number))
                self.book.evidence.append(
                    Evidence(self.system, "araction", key, tenants[0].pid, 5, None, None, None, when, OPEN)
                )
            else:
                kind = "reminder" if code.startswith("RLT") else "recovery"
                self.mail.send([account], [when + 1], kind, f"HSG-{code}")
