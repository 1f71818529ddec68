"""Council tax: accounts with name lines, occupations, properties and discounts."""

from typing import Any

from scv.demo.book import Book, Evidence, KnownMove
from scv.demo.calendar import OPEN, instant
from scv.demo.mailbag import Mailbag
from scv.demo.namelines import ORGANISATIONS, PLACEHOLDERS, choose_style
from scv.demo.naming import check_digit, draw_mobile
from scv.demo.people import Occupancy, Person
from scv.demo.pictures import set_spans, spans
from scv.demo.places import WrittenAddress, plain_address
from scv.demo.recording import Clerk
from scv.demo.systems.council_tax_names import Account, NameLines, Picture, namesakes
from scv.demo.systems.council_tax_tables import TABLES
from scv.demo.tables import Rows

FAR_FUTURE = 29_219 + 365 * 20
"""An open vacation date: 2069-12-27."""


class CouncilTax:
    """Fills the tables of one block; `fill` returns the accounts for the money side."""

    system = "council_tax"

    def __init__(self, book: Book) -> None:
        self.book, self.world = book, book.world
        self.clerk = Clerk(book.world, self.system)
        self.rates = book.world.rates.section(self.system)
        self.mail = Mailbag(self.system, self.clerk)
        self.rows: dict[str, Rows] = {rows.spec.name: rows for rows in book.open(TABLES)}
        self.accounts: list[Account] = []
        self.by_occupancy: dict[int, Account] = {}
        self.names = NameLines(book.world)
        self.pending_moves: list[tuple[Account, Occupancy]] = []

    def fill(self) -> list[Account]:
        """Properties, then an account for every occupancy."""
        for dwelling in self.world.dwellings:
            lines = plain_address(dwelling).lines
            uprn = dwelling.uprn if self.clerk.chance(0.97) else ""
            values = {f"addr{n + 1}": line or None for n, line in enumerate(lines)}
            values |= {"property_ref": dwelling.property_ref, "postcode": dwelling.postcode}
            values |= {"uprn": uprn or None, "wardcode": dwelling.ward, "band": dwelling.band}
            self.rows["ctproperty"].add(0, OPEN, values | {"deleted_ind": "N"})
        for occupancy in self.world.occupancies:
            self._add_account(occupancy)
        return self.accounts

    def _liable(self, occupancy: Occupancy) -> list[Person]:
        """Who is liable at the start: the couple, or up to four adults who share."""
        start = occupancy.start
        adults = [s.person for s in occupancy.stays if s.start <= start and s.person.age(start) >= 18]
        heads = [p for p in adults if not p.child] or [s.person for s in occupancy.stays][:1]
        for person in heads:
            partner = next((p for p in heads if p is person.partner or p in person.former), None)
            if partner is not None:
                pair = [person, partner] if person.sex == "M" else [partner, person]
                if any(self.clerk.must_hold(p) for p in pair):
                    return pair
                return pair[:1] if self.clerk.chance(self.rates["joint_second_missing"]) else pair
        heads.sort(key=lambda p: p.born)
        if len(heads) == 2 and heads[1].born - heads[0].born > 7_000:
            return heads[:1]
        return heads[:4]

    def _add_account(self, occupancy: Occupancy) -> None:
        world, clerk = self.world, self.clerk
        opened = occupancy.start
        if opened >= world.span.start:
            opened = clerk.hears("move", opened)
        number = 10_000_000 + world.block * 100_000 + len(self.accounts)
        closed = OPEN if occupancy.end == OPEN else max(clerk.hears("move", occupancy.end), opened + 1)
        ref = f"{number}{check_digit(number)}"
        account = Account(
            number,
            occupancy,
            opened,
            closed,
            ref,
            choose_style(clerk.rnd),
            clerk.chance(self.rates["joint_in_one_field"]),
            self.mail.open_account(ref),
        )
        self.accounts.append(account)
        self.by_occupancy[occupancy.number] = account
        for person in self._liable(occupancy):
            self._add_party(account, person, max(occupancy.start, 0))
        if any(clerk.must_hold(p) for p in account.parties):
            account.one_field = True
            days = [world.span.first + n for n in (-30, -12, 0, 1)]
            self.mail.send([account.mail] * len(days), days, "general", "CT-ADJUST")
        else:
            self._maybe_anonymous(account)
        pictures = self._pictures(account)
        self._write(account, pictures)

    def _add_party(self, account: Account, person: Person, day: int) -> None:
        written = self.clerk.write(person, day)
        if account.style in (1, 3, 7):
            written = self.clerk.write(person, day, upper=False)
        account.parties.append(person)
        account.written[person.pid] = written

    def _maybe_anonymous(self, account: Account) -> None:
        roll = self.clerk.rnd.random()
        if roll < self.rates["organisation_liable"]:
            account.fixed_name = self.clerk.rnd.choice(ORGANISATIONS)
        elif roll < self.rates["organisation_liable"] + self.rates["placeholder_liable"]:
            account.fixed_name = self.clerk.rnd.choice(PLACEHOLDERS)

    # -- what the account shows over time ------------------------------------------------------------

    def _pictures(self, account: Account) -> list[tuple[int, Picture]]:
        """The account's changes as the department hears of them: deaths, people leaving, new names."""
        clerk, changes = self.clerk, list[tuple[int, str, Person, str, str]]()
        for stay in account.occupancy.stays:
            person = stay.person
            if person.pid not in account.written:
                continue
            for day, title, surname in clerk.name_changes(person, account.occupancy.start):
                changes.append((day, "name", person, title, surname))
            if stay.end == person.died:
                heard = clerk.hears("death", person.died, person)
                how = "decd" if clerk.chance(self.rates["decd_in_name"]) else "dead"
                changes.append((heard, how, person, "", ""))
                account.lead_paid_until = min(account.lead_paid_until, person.died)
            elif stay.end < account.occupancy.end:
                changes.append((clerk.hears("move", stay.end), "left", person, "", ""))
        for stay in account.occupancy.stays:
            if stay.start > account.occupancy.start and stay.person.partner in account.parties:
                changes.append((clerk.hears("move", stay.start), "joined", stay.person, "", ""))
        pictures = [(account.opened, self.names.draw(account))]
        for day, what, person, title, surname in sorted(changes, key=lambda c: (c[0], c[2].pid)):
            if day == OPEN:
                continue
            if what == "name":
                account.written[person.pid] = account.written[person.pid].renamed(title, surname)
            elif what == "joined":
                if len(account.parties) < 4 and person not in account.parties:
                    self._add_party(account, person, day)
            else:
                account.gone[person.pid] = what
            day = max(day, account.opened)
            pictures.append((day, self.names.draw(account)))
        return pictures

    # -- rows ------------------------------------------------------------------------------------------

    def _write(self, account: Account, pictures: list[tuple[int, Picture]]) -> None:
        world, clerk, occupancy = self.world, self.clerk, account.occupancy
        dwelling = world.dwelling(occupancy.dwelling)
        base = {
            "account_ref": account.number,
            "account_cd": account.ref[-1],
            "paymeth_code": clerk.rnd.choice(("DD1", "DD15", "DD28", "CASH", "BACS")),
            "bank_note": "see file" if clerk.chance(0.01) else None,
        }
        forwarding = self._forwarding(account)
        for start, stop, lead in spans(pictures, OPEN, lambda p: p.lead):
            self.rows["ctaccount"].add_history(start, stop, base | lead, forwarding)
        for occurrence, start, stop, line in set_spans(pictures, OPEN, lambda p: p.others):
            values = {
                "account_ref": account.number,
                "liab_pers_occ": occurrence,
                "liab_name": line,
                "liab_pos": 1,
            }
            self.rows["ctliab_person"].add(start, stop, values)
        for (table, key, number), start, stop, pid in set_spans(pictures, OPEN, lambda p: p.people):
            person = next(p for p in account.parties if p.pid == pid)
            self.book.record(self.rows[table], key, person, start, stop, account.ref, number)
        for (table, key), start, stop, pid in set_spans(pictures, OPEN, lambda p: p.dead):
            self.book.evidence.append(
                Evidence(self.system, table, key, pid, 4, None, None, None, start, stop)
            )
        occupation = {"account_ref": account.number, "property_ref": dwelling.property_ref}
        occupation |= {"occupation_date": occupancy.start, "vacation_date": FAR_FUTURE, "live_ind": "Y"}
        ended = [(account.closed, {"vacation_date": occupancy.end, "live_ind": "N"})]
        self.rows["ctoccupation"].add_history(account.opened, OPEN, occupation, ended)
        self._write_discounts(account, pictures)
        self._write_contact(account)
        address = clerk.address(occupancy.dwelling)
        self.mail.add_lines(
            account.mail,
            account.closed,
            [(day, self._mail_fields(picture, account, address)) for day, picture in pictures],
        )

    def _mail_fields(self, picture: Picture, account: Account, address: WrittenAddress) -> dict[str, Any]:
        return {
            "name": picture.mail_name,
            "address": address,
            "living": picture.living,
            "estate": picture.estate,
            "mute": picture.mute,
            "doubtful": namesakes(picture.living, account.parties),
            "email": account.parties[0].email if account.parties else "",
        }

    def _forwarding(self, account: Account) -> list[tuple[int, dict[str, Any]]]:
        """The forwarding address that movers leave: on the account, with the time it was typed in."""
        clerk, occupancy = self.clerk, account.occupancy
        if account.closed == OPEN or occupancy.cause not in ("move", "out"):
            return []
        successor = occupancy.successor
        if successor is not None:
            self._note_account_move(account, successor)
        if not clerk.chance(self.rates["forwarding_address"]):
            return []
        typed = instant(account.closed, clerk.rnd.randrange(32_400, 61_200))
        if successor is None:
            number = clerk.rnd.randrange(1, 90)
            fields = {"for_addr1": f"{number} Harbour Road", "for_addr2": "Northport", "for_addr3": None}
            fields |= {"for_addr4": None, "for_postcode": f"XN{number % 9 + 1} {number % 7 + 1}AB"}
        else:
            address = clerk.address(successor.dwelling)
            fields = {f"for_addr{n + 1}": line or None for n, line in enumerate(address.lines)}
            fields["for_postcode"] = address.postcode or self.world.dwelling(successor.dwelling).postcode
        for person in account.parties:
            if person.pid not in account.gone and account.fixed_name is None:
                new = successor.dwelling if successor else -1
                self.book.moves.append(
                    KnownMove(
                        self.system,
                        person.pid,
                        occupancy.dwelling,
                        new,
                        occupancy.end,
                        account.closed,
                        account.closed,
                    )
                )
        return [(account.closed, fields | {"for_addr_last_updated": typed})]

    def _note_account_move(self, account: Account, successor: Occupancy) -> None:
        """Remember a closed account whose household has a new one: known once both show."""
        self.pending_moves.append((account, successor))

    def note_account_moves(self) -> None:
        """Persons on a closed account and on the later one of the new home: a move that extracts show."""
        for account, successor in self.pending_moves:
            later = self.by_occupancy[successor.number]
            shown = max(account.closed, later.opened)
            for person in account.parties:
                if person in later.parties and account.fixed_name is later.fixed_name is None:
                    self.book.moves.append(
                        KnownMove(
                            self.system,
                            person.pid,
                            account.occupancy.dwelling,
                            successor.dwelling,
                            successor.start,
                            None,
                            shown,
                        )
                    )

    def _write_discounts(self, account: Account, pictures: list[tuple[int, Picture]]) -> None:
        start, rows = account.occupancy.start, self.rows["ctdiscount"]
        adults = [s.person for s in account.occupancy.stays if s.start <= start and s.person.age(start) >= 18]
        base = {"account_ref": account.number, "end_date": None}
        closing = [(account.closed, {"end_date": account.occupancy.end})]
        if len(adults) == 1 and account.fixed_name is None:
            values = base | {"discount_code": "SPD", "start_date": max(start, account.opened - 20)}
            rows.add_history(account.opened, OPEN, values, closing)
        elif len(adults) > 1 and all(p.age(start) < 24 for p in adults):
            rows.add_history(
                account.opened, OPEN, base | {"discount_code": "STU", "start_date": start}, closing
            )
        elif self.clerk.chance(0.006):
            rows.add_history(
                account.opened, OPEN, base | {"discount_code": "SMI", "start_date": start}, closing
            )
        estate = next((day for day, picture in pictures if picture.estate), None)
        if estate is not None:
            rows.add_history(estate, OPEN, base | {"discount_code": "EXF", "start_date": estate}, closing)

    def _write_contact(self, account: Account) -> None:
        clerk, number = self.clerk, account.number
        if not account.parties or account.fixed_name is not None:
            return
        lead = account.parties[0]
        if lead.mobile and clerk.chance(self.rates["phone"]):
            second = account.parties[1].mobile if len(account.parties) > 1 else ""
            landline = f"01632960{clerk.rnd.randrange(1000):03d}" if clerk.chance(0.4) else second
            values = {"ref": number, "phonenum1": lead.mobile, "phonenum2": landline or None}
            if clerk.chance(0.02):
                values["phonenum1"] = draw_mobile(clerk.rnd)
            self.rows["syphone"].add(account.opened, OPEN, values)
        if lead.email and clerk.chance(self.rates["email"]):
            self.rows["syemail"].add(account.opened, OPEN, {"reference_id": number, "email_addr": lead.email})
