"""Children's social care, in the shape of the Standard Safeguarding Dataset."""

import json
from typing import Any

from scv.demo.book import Book, Evidence, KnownMove
from scv.demo.calendar import OPEN
from scv.demo.clients import follow, mail_pictures
from scv.demo.mailbag import Mailbag
from scv.demo.people import Person
from scv.demo.places import WrittenAddress
from scv.demo.recording import Clerk
from scv.demo.tables import TableSpec


def _table(name: str, key: str, columns: dict[str, str], hidden: tuple[str, ...] = ()) -> TableSpec:
    return TableSpec("children_social_care", name, (key,), {key: "text", **columns}, hidden)


TABLES = (
    _table(
        "ssd_person",
        "pers_person_id",
        {
            "pers_forename": "text",
            "pers_surname": "text",
            "pers_sex": "text",
            "pers_dob": "iso",
            "pers_single_unique_id": "text",
            "pers_upn": "text",
            "pers_death_date": "iso",
            "pers_ethnicity": "text",
            "pers_nationality": "text",
        },
        ("pers_ethnicity", "pers_nationality"),
    ),
    _table(
        "ssd_address",
        "addr_table_id",
        {
            "addr_person_id": "text",
            "addr_address_json": "text",
            "addr_address_start_date": "iso",
            "addr_address_end_date": "iso",
        },
    ),
    _table(
        "ssd_cin_episodes",
        "cine_referral_id",
        {
            "cine_person_id": "text",
            "cine_referral_date": "iso",
            "cine_close_date": "iso",
            "cine_close_reason": "text",
            "cine_cin_primary_need_code": "text",
        },
        ("cine_cin_primary_need_code",),
    ),
    _table(
        "ssd_care_leavers",
        "clea_table_id",
        {
            "clea_person_id": "text",
            "clea_care_leaver_eligibility": "text",
            "clea_care_leaver_accommodation": "text",
            "clea_care_leaver_latest_contact": "iso",
        },
    ),
)


class ChildrenSocialCare:
    """Fills the tables of one block."""

    system = "children_social_care"

    def __init__(self, book: Book) -> None:
        self.book, self.world = book, book.world
        self.clerk = Clerk(book.world, self.system)
        self.rates = book.world.rates.section(self.system)
        self.mail = Mailbag(self.system, self.clerk)
        self.rows = {rows.spec.name: rows for rows in book.open(TABLES)}
        self.children = self.addresses = self.episodes = 0

    def fill(self) -> None:
        """Children in need, and young people who have left care."""
        first = self.world.span.first
        for person in self.world.persons:
            age = person.age(first)
            leaver = 17 <= age <= 24 and self.clerk.chance(self.rates["care_leavers"] * 4)
            if person.stays and (leaver or (age < 18 and self.clerk.chance(self.rates["known"]))):
                self._add_child(person, leaver)
        rate = self.world.rates["letters.children_social_care.general"]
        self.mail.schedule(rate, "appointment", "CSC-MEET")

    def _add_child(self, person: Person, leaver: bool) -> None:
        clerk, span = self.clerk, self.world.span
        low = max(person.stays[0].start, span.start - 900)
        high = min(person.stays[-1].end, person.died, span.end)
        if high <= low + 40:
            return
        known = clerk.rnd.randrange(low, high - 30)
        stay = person.stay_on(known)
        if stay is None:
            return
        self.children += 1
        number = f"SSD{self.world.block:03d}{self.children:06d}"
        written, news = clerk.write(person, known), follow(clerk, person, known)
        values: dict[str, Any] = {
            "pers_person_id": number,
            "pers_forename": written.forename,
            "pers_surname": written.surname,
            "pers_sex": person.sex,
            "pers_dob": written.born,
            "pers_single_unique_id": person.nhs if clerk.chance(0.6) else None,
            "pers_upn": person.upn if person.age(known) >= 5 and clerk.chance(0.7) else None,
            "pers_ethnicity": "WBRI",
        }
        died = next((h.day for h in news if h.kind == "death"), OPEN)
        self.rows["ssd_person"].add_history(known, OPEN, values, [(died, {"pers_death_date": person.died})])
        if died < OPEN:
            self.book.evidence.append(
                Evidence(
                    self.system, "ssd_person", (number,), person.pid, 7, person.died, None, None, died, OPEN
                )
            )
        self.book.record(self.rows["ssd_person"], (number,), person, known, OPEN, number)
        address = clerk.address(stay.occupancy.dwelling)
        pictures = mail_pictures(clerk, written, address, known, news, 6, after_death="stop")
        if leaver:
            self.mail.add_lines(self.mail.open_account(number), OPEN, pictures)
        homes = [(known, known, address)]
        for heard, (day, fields) in zip(news, pictures[1:], strict=False):
            if heard.kind == "move":
                homes.append((day, heard.happened, fields["address"]))
        self._add_addresses(number, person, homes)
        self._add_episode(number, known, leaver)

    def _add_addresses(
        self, number: str, person: Person, homes: list[tuple[int, int, WrittenAddress]]
    ) -> None:
        for place, (day, since, address) in enumerate(homes):
            later = homes[place + 1] if place + 1 < len(homes) else None
            self.addresses += 1
            text = {f"line{n + 1}": line for n, line in enumerate(address.lines)}
            text |= {"postcode": address.postcode, "uprn": address.uprn}
            values = {
                "addr_table_id": f"A{self.world.block:03d}{self.addresses:07d}",
                "addr_person_id": number,
                "addr_address_json": json.dumps(text, ensure_ascii=False),
                "addr_address_start_date": since,
            }
            ended = [(later[0], {"addr_address_end_date": later[1]})] if later else []
            self.rows["ssd_address"].add_history(day, OPEN, values, ended)
            if later is not None:
                self.book.moves.append(
                    KnownMove(
                        self.system, person.pid, address.dwelling, later[2].dwelling, later[1], None, later[0]
                    )
                )

    def _add_episode(self, number: str, known: int, leaver: bool) -> None:
        clerk = self.clerk
        self.episodes += 1
        closed = known + clerk.rnd.randrange(60, 700) if clerk.chance(0.6) else OPEN
        values = {
            "cine_referral_id": f"C{self.world.block:03d}{self.episodes:07d}",
            "cine_person_id": number,
            "cine_referral_date": known,
            "cine_cin_primary_need_code": "N1",
        }
        ended = [
            (
                closed,
                {"cine_close_date": closed, "cine_close_reason": clerk.rnd.choice(("RC1", "RC5", "RC8"))},
            )
        ]
        self.rows["ssd_cin_episodes"].add_history(known, OPEN, values, ended)
        if leaver:
            values = {
                "clea_table_id": f"L{self.world.block:03d}{self.episodes:07d}",
                "clea_person_id": number,
                "clea_care_leaver_eligibility": clerk.rnd.choice(
                    ("Relevant", "Former relevant", "Qualifying")
                ),
                "clea_care_leaver_accommodation": clerk.rnd.choice(("B", "U", "Z", "Y")),
                "clea_care_leaver_latest_contact": known + 5,
            }
            self.rows["ssd_care_leavers"].add(known + 5, OPEN, values)
