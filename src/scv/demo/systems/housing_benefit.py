"""Housing benefit: claims, households and their members, incomes, awards, requests for evidence."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from scv.demo.book import Book, Evidence, KnownMove
from scv.demo.calendar import OPEN, YEAR, instant, to_date, to_day
from scv.demo.clients import Heard, follow
from scv.demo.evidence_requests import ask_for_evidence
from scv.demo.mailbag import Mailbag
from scv.demo.namelines import estate_line, joint_line, single_line
from scv.demo.naming import check_digit
from scv.demo.people import Occupancy, Person, Stay
from scv.demo.recording import Clerk, Written
from scv.demo.systems.council_tax import CouncilTax
from scv.demo.systems.council_tax_names import namesakes
from scv.demo.systems.housing_benefit_tables import TABLES

FAR_FUTURE = 47_481
"""2099-12-31: an open end, kept as text."""
INCOMES = (
    ("WAGE", "Earnings of an employee"),
    ("UC", "Universal Credit"),
    ("SP", "State pension"),
    ("PC", "Pension Credit"),
    ("ESA", "Employment and Support Allowance"),
    ("CB", "Child Benefit"),
)


@dataclass
class Claim:
    """One claim while it is being built."""

    number: int
    claimant: Person
    partner: Person | None
    applied: int
    ended: int
    mail: int
    ref: str
    written: dict[int, Written]


class HousingBenefit:
    """Fills the tables of one block."""

    system = "housing_benefit"

    def __init__(self, book: Book, tax: CouncilTax) -> None:
        self.book, self.world, self.tax = book, book.world, tax
        self.clerk = Clerk(book.world, self.system)
        self.rates = book.world.rates.section(self.system)
        self.mail = Mailbag(self.system, self.clerk)
        self.rows = {rows.spec.name: rows for rows in book.open(TABLES)}
        self.claims: list[Claim] = []
        self.requests = 0
        self.claimed: set[int] = set()
        self._heard: dict[int, int] = {}

    def fill(self) -> None:
        """Claims of poor households, then their mail."""
        for code, text in INCOMES if self.world.block == 0 else ():
            self.rows["hbinccode"].add(0, OPEN, {"inc_code": code, "inc_desc": text})
        for occupancy in self.world.occupancies:
            self._maybe_claim(occupancy)
        rates = self.world.rates.section("letters.housing_benefit")
        self.mail.schedule(rates["general"], "award", "HB-AWARD")
        emailed = [c.mail for c in self.claims if c.claimant.email]
        self.mail.schedule(rates["notify"], "general", "HB-NOTICE", "email", only=emailed)

    def _maybe_claim(self, occupancy: Occupancy) -> None:
        world, clerk = self.world, self.clerk
        heads = [s.person for s in occupancy.stays if s.start <= occupancy.start and not s.person.child]
        if not heads or heads[0].pid in self.claimed:
            return
        held = [p for p in heads if clerk.must_hold(p) and p.stays[-1].occupancy is occupancy]
        forced = held[0] if held else None
        poor = {"council": 3.6, "social": 3.2, "private": 0.9, "own": 0.3}[occupancy.tenure]
        if forced is None and any(clerk.must_hold(p) for p in heads):
            return
        if forced is None and not clerk.chance(min(0.7, self.rates["claims"] * poor)):
            return
        low = max(occupancy.start, world.span.start - 2_000)
        high = min(occupancy.end, world.span.end)
        applied = low + int((high - low) * clerk.rnd.random() * 0.8) + 5
        if forced is not None:
            applied = min(occupancy.start + 20, world.span.first - 20)
        claimant = forced or heads[0]
        if not applied < high or applied >= claimant.died or claimant.age(applied) < 18:
            return
        stay = claimant.stay_on(applied)
        if stay is not None:
            self._add_claim(claimant, stay, applied)

    def _add_claim(self, claimant: Person, stay: Stay, applied: int) -> None:
        clerk, number = self.clerk, 500_000 + self.world.block * 20_000 + len(self.claims)
        ref = f"{number}{check_digit(number)}"
        family = [s.person for s in stay.occupancy.stays if s.start <= applied < s.end]
        partner = next((p for p in family if p is claimant.partner or p in claimant.former), None)
        self.claimed |= {claimant.pid} | ({partner.pid} if partner else set())
        ended = OPEN
        if clerk.chance(0.25) and not clerk.must_hold(claimant):
            ended = applied + int(clerk.rnd.uniform(0.5, 5) * YEAR)
        claim = Claim(number, claimant, partner, applied, ended, self.mail.open_account(ref), ref, {})
        self.claims.append(claim)
        news = follow(clerk, claimant, applied)
        partner_news = follow(clerk, partner, applied) if partner else []
        dead = next((h.day for h in news if h.kind == "death"), OPEN)
        gone = next((h.day for h in news if h.kind == "gone"), OPEN)
        partner_dead = next((h.day for h in partner_news if h.kind == "death"), OPEN)
        self._heard[claimant.pid] = dead
        if partner is not None:
            self._heard[partner.pid] = partner_dead
        survives = partner is not None and partner.died > claimant.died
        if dead < OPEN and not survives:
            claim.ended = min(claim.ended, dead + 1)
        claim.ended = min(claim.ended, gone)
        homes = self._homes(claim, stay, news)
        for house, (start, dwelling, stop, occupancy) in enumerate(homes, start=1):
            self._add_home(claim, house, start, dwelling, stop, occupancy, last=house == len(homes))
        self._write_claim(claim, ended_by_death=claim.ended == dead + 1)
        self._write_mail(claim, homes, news, partner_news, dead, partner_dead, survives)
        self._write_awards(claim)

    def _homes(self, claim: Claim, stay: Stay, news: list[Heard]) -> list[tuple[int, int, int, Occupancy]]:
        """The homes that the claim shows: (from, dwelling, to, occupancy); moves that are heard of only."""
        homes = [(claim.applied, stay.occupancy.dwelling, OPEN, stay.occupancy)]
        for heard in news:
            if heard.kind != "move" or heard.day >= claim.ended:
                continue
            occupancy = next(s.occupancy for s in claim.claimant.stays if s.start == heard.happened)
            start, dwelling, _, old = homes[-1]
            homes[-1] = (start, dwelling, max(heard.day, start + 1), old)
            homes.append((max(heard.day, start + 1), heard.dwelling, OPEN, occupancy))
            for person in filter(None, (claim.claimant, claim.partner)):
                if person is claim.claimant or any(s.person is person for s in occupancy.stays):
                    move = KnownMove(
                        self.system, person.pid, dwelling, heard.dwelling, heard.happened, None, homes[-1][0]
                    )
                    self.book.moves.append(move)
        return homes

    def _add_home(
        self, claim: Claim, house: int, start: int, dwelling: int, stop: int, occupancy: Occupancy, last: bool
    ) -> None:
        clerk, number = self.clerk, claim.number
        moved_in = next((s.start for s in occupancy.stays if s.person is claim.claimant), start)
        address = clerk.address(dwelling, upper=True)
        values: dict[str, Any] = {
            "claim_id": number,
            "house_id": house,
            "from_date": moved_in if house > 1 else start,
        }
        values |= {f"addr{n + 1}": line or None for n, line in enumerate(address.lines)}
        values |= {"post_code": address.postcode or None, "uprn": address.uprn or None, "to_date": FAR_FUTURE}
        self.rows["hbhousehold"].add_history(start, OPEN, values, [(stop, {"to_date": stop - 1})])
        account = self.tax.by_occupancy[occupancy.number]
        ref = account.ref
        if clerk.chance(self.rates["wrong_reference"]):
            ref = ref[:-1] if clerk.chance(0.5) else ref[:-1] + ("3" if ref[-1] != "3" else "7")
        self.rows["hbctaxclaim"].add(start, OPEN, {"claim_id": number, "ctax_ref": ref})
        people = [s for s in occupancy.stays if s.start < (stop if stop < OPEN else self.world.span.end)]
        people = [s for s in people if s.end > start or s.person is claim.claimant]
        people.sort(
            key=lambda s: (s.person is not claim.claimant, s.person is not claim.partner, s.person.pid)
        )
        for member, stay in enumerate(people, start=1):
            self._add_member(claim, house, member, stay, start, last)
        self._add_incomes(claim, house, start, stop)

    def _add_member(self, claim: Claim, house: int, member: int, stay: Stay, start: int, last: bool) -> None:
        clerk, person = self.clerk, stay.person
        shown = start if stay.start <= start else clerk.hears("move", stay.start)
        if shown >= self.world.span.end:
            return
        written = claim.written.setdefault(person.pid, clerk.write(person, min(shown, person.died - 1)))
        kind = 1 if person is claim.claimant else 2 if person is claim.partner else 4
        if kind == 4 and person.age(start) < 18:
            kind = 3
        values: dict[str, Any] = {
            "claim_id": claim.number,
            "house_id": house,
            "member_id": member,
            "title": written.title[:4],
            "forename": written.forename,
            "surname": written.surname,
            "birth_date": written.born,
            "gender": 1 if person.sex == "M" else 2,
            "nino": (written.nino or None) if person.age(shown) >= 16 else None,
            "type": kind,
            "student_ind": "Y" if kind == 4 and person.age(start) < 22 else "N",
            "disable_ind": "N",
        }
        changes, end = list[tuple[int, dict[str, Any]]](), OPEN
        for day, title, surname in clerk.name_changes(person, start):
            written = written.renamed(title, surname)
            changes.append((day, {"title": title[:4], "surname": written.surname}))
        if last:
            changes += self._deaths(claim, house, member, person, shown)
        if last and stay.end < min(person.died, person.left) and kind != 1:
            end = max(clerk.hears("move", stay.end), shown + 1)
        self.rows["hbmember"].add_history(shown, end, values, changes)
        key = (claim.number, house, member)
        self.book.record(self.rows["hbmember"], key, person, shown, end, claim.ref)

    def _deaths(
        self, claim: Claim, house: int, member: int, person: Person, shown: int
    ) -> list[tuple[int, dict[str, Any]]]:
        """The date of death on the member's row: when it is told, and taken away again where it was wrong."""
        told: list[tuple[int, int, int]] = []
        if person.died < self.world.span.end and person.stays[-1].end == person.died:
            told.append((self.heard_death(person), person.died, OPEN))
        told += [(d + 5, d, u) for p, s, d, u in self.world.wrongly_dead if p is person and s == self.system]
        changes: list[tuple[int, dict[str, Any]]] = []
        for day, died, until in told:
            if day == OPEN or day <= shown:
                continue
            recorded = instant(day, self.clerk.rnd.randrange(32_400, 61_200))
            changes.append((day, {"deceased_date": died, "deceased_recorded_at": recorded}))
            if until < OPEN:
                changes.append((until, {"deceased_date": None, "deceased_recorded_at": None}))
            key = (str(claim.number), str(house), str(member))
            self.book.evidence.append(
                Evidence(self.system, "hbmember", key, person.pid, 7, died, recorded, day, day, until)
            )
        return changes

    def heard_death(self, person: Person) -> int:
        """The one day on which benefits hear of a death, whichever row of the person is asked about."""
        if person.pid not in self._heard:
            self._heard[person.pid] = self.clerk.hears("death", person.died, person)
        return self._heard[person.pid]

    def _write_claim(self, claim: Claim, ended_by_death: bool) -> None:
        clerk, written = self.clerk, claim.written[claim.claimant.pid]
        touched = instant(claim.applied, 36_000)
        values: dict[str, Any] = {
            "claim_id": claim.number,
            "check_digit": claim.ref[-1],
            "name": f"{written.surname},{written.forename}".upper()[:72],
            "status_ind": "1",
            "application_date": claim.applied,
            "review_date": claim.applied + 365,
            "unsafe_addr_ind": "0",
            "suspend_pay_ind": "N",
            "updated_at": touched,
            "pot_violent": "N",
        }
        changes: list[tuple[int, dict[str, Any]]] = []
        unsafe = claim.claimant.unsafe_from
        flagged = clerk.must_hold(claim.claimant) or clerk.chance(self.rates["unsafe_flag"])
        if unsafe < OPEN and flagged:
            day = max(unsafe + 5, claim.applied)
            changes.append((day, {"unsafe_addr_ind": "1", "updated_at": instant(day, 50_000)}))
        if claim.ended < self.world.span.end:
            ending = {
                "status_ind": "2",
                "cancel_date": claim.ended,
                "suspend_pay_ind": "Y" if ended_by_death else "N",
            }
            changes.append((claim.ended, ending | {"updated_at": instant(claim.ended, 58_000)}))
        self.rows["hbclaim"].add_history(claim.applied, OPEN, values, changes)

    def _write_mail(
        self,
        claim: Claim,
        homes: list[tuple[int, int, int, Occupancy]],
        news: list[Heard],
        partner_news: list[Heard],
        dead: int,
        partner_dead: int,
        survives: bool,
    ) -> None:
        """Letters go to the claimant, or to the couple; after a death to the survivor or the estate."""
        clerk, style = self.clerk, clerk_style(self.clerk)
        mine, theirs = claim.written[claim.claimant.pid], None
        if claim.partner is not None and clerk.chance(0.3):
            theirs = claim.written.get(claim.partner.pid)
        dwellings = {start: clerk.address(dwelling, upper=True) for start, dwelling, _, _ in homes}
        days = {claim.applied: "start"} | dict.fromkeys(dwellings, "move")
        days |= {h.day: "name" for h in news + partner_news if h.kind == "name"}
        days |= {day: "death" for day in (dead, partner_dead) if day < OPEN}
        pictures, address = list[tuple[int, dict[str, Any]]](), dwellings[homes[0][0]]
        family = [p for p in (claim.claimant, claim.partner) if p is not None]
        for day in sorted(d for d in days if d >= claim.applied):
            address = dwellings.get(day, address)
            for heard in news:
                if heard.kind == "name" and heard.day == day:
                    mine = mine.renamed(heard.title, heard.surname)
            living: tuple[Person, ...] = (claim.claimant,)
            name, estate = single_line(mine, style), False
            both = joint_line(clerk.rnd, mine, theirs) if theirs and day < min(dead, partner_dead) else None
            if day >= dead and survives and claim.partner is not None:
                partner = claim.written.get(claim.partner.pid) or clerk.write(claim.partner, day)
                name, living = single_line(partner, style), (claim.partner,)
            elif day >= dead:
                name, living, estate = estate_line(clerk.rnd, mine), (), True
            elif both and claim.partner is not None:
                name, living = both, (claim.claimant, claim.partner)
            fields = {"name": name, "address": address, "living": living, "estate": estate}
            fields |= {"email": claim.claimant.email, "doubtful": namesakes(living, family)}
            pictures.append((day, fields))
        self.mail.add_lines(claim.mail, claim.ended + (150 if claim.ended == dead + 1 else 40), pictures)
        self._ask(claim)

    def _ask(self, claim: Claim) -> None:
        rate = self.world.rates["letters.housing_benefit.evidence"]
        for request in ask_for_evidence(self.clerk, rate, claim.applied, claim.ended):
            self.requests += 1
            number = self.world.block * 100_000 + self.requests
            values = {"request_id": number, "claim_id": claim.number, "member_id": 1}
            request.write(self.rows["hbevidence"], values)
            self.mail.send([claim.mail], [request.asked + 1], "evidence_request", "HB-EVID")

    def _add_incomes(self, claim: Claim, house: int, start: int, stop: int) -> None:
        clerk, old = self.clerk, claim.claimant.age(start) >= 66
        codes = (
            ["SP"] + (["PC"] if clerk.chance(0.4) else [])
            if old
            else [clerk.rnd.choice(("WAGE", "UC", "ESA"))]
        )
        for number, code in enumerate(codes, start=1):
            amount = round(clerk.rnd.uniform(60, 320), 2)
            since = to_date(start).isoformat() if not clerk.chance(self.rates["bad_date"]) else "see file"
            values: dict[str, Any] = {
                "claim_id": claim.number,
                "house_id": house,
                "income_id": number,
                "member_id": 1,
            }
            values |= {"inc_code": code, "inc_amt": amount, "freq_len": 1, "freq_period": "W"}
            closing = [(stop, {"to_date": stop - 1})]
            self.rows["hbincome"].add_history(
                start, OPEN, values | {"from_date": since, "to_date": FAR_FUTURE}, closing
            )

    def _write_awards(self, claim: Claim) -> None:
        """Awards are reset every April; the last one stays open until the claim ends."""
        clerk, kind = self.clerk, "CTS" if self.clerk.chance(0.55) else "HB"
        start, number = max(claim.applied, self.world.span.start - 365), 0
        while start < min(claim.ended, self.world.span.end):
            number += 1
            day = to_date(start)
            april = to_day(date(day.year + ((day.month, day.day) >= (4, 1)), 4, 1))
            stop = min(april, claim.ended)
            dhp = clerk.chance(0.04)
            amount = round(clerk.rnd.uniform(8, 40) if kind == "CTS" else clerk.rnd.uniform(50, 160), 2)
            values: dict[str, Any] = {
                "claim_id": claim.number,
                "award_id": number,
                "from_date": start,
                "to_date": FAR_FUTURE,
            }
            values |= {"model_amt": amount, "type_ind": "DHP" if dhp else kind}
            closing = [(max(stop, start), {"to_date": stop - 1})]
            self.rows["hbrentass"].add_history(start, OPEN, values, closing)
            start = april


def clerk_style(clerk: Clerk) -> int:
    """Benefit letters are addressed in one of three plain styles."""
    return clerk.rnd.choice((0, 2, 7))
