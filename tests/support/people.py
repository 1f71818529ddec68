"""A tiny council of person records with known truth: households, and every system's way of writing people down.

Made for the linkage's own tests; deterministic by seed. Columns are those of the link input.
"""

import hashlib
import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

MEN = """James John Robert Michael William David Richard Thomas Charles Christopher Daniel Matthew Anthony Mark Paul Steven
Andrew Kenneth George Edward Brian Kevin Peter Simon Alan Stuart Mohammed Ahmed Imran Rajesh Olu Kwame Piotr Tomasz Luis
Graham Keith Colin Nigel Derek Adam Liam Jack Harry Oscar Leo Noah Ethan Ryan Jacob Samuel Benjamin Joseph""".split()
WOMEN = """Mary Patricia Jennifer Elizabeth Linda Barbara Susan Jessica Margaret Sarah Karen Nancy Helen Sandra Ashley Emily
Donna Michelle Carol Amanda Dorothy Melissa Deborah Stephanie Rebecca Laura Sharon Fatima Aisha Priya Ngozi Agnieszka Rosa
Gillian Janet Christine Julie Alison Tracey Sophie Chloe Grace Amelia Ivy Freya Ella Lucy Hannah Victoria""".split()
SURNAMES = """Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts
Green Hall Wood Jackson Clarke Patel Khan Ali Begum Hussain Ahmed Okafor Mensah Kowalski Nowak Silva Murphy Kelly Ryan Campbell
Stewart Murray Hughes Edwards Turner Parker Cook Bell Baker Carter Phillips Mitchell Cooper Richardson Cox Ward Morris Rogers
Gray Foster Holmes Palmer Mills Barnes Knight Butler Barker Harvey Lawson Fletcher Gibson Mason Hunt Dixon Webb Ellis""".split()
STREETS = "High Church Park Victoria Station Mill Queens Kings Albert North South Grove Bridge Hill Manor School London York".split()
NICKNAMES = {"James": "Jim", "Robert": "Bob", "William": "Bill", "Elizabeth": "Liz", "Michael": "Mike", "Margaret": "Peggy",
             "Richard": "Dick", "Deborah": "Debbie", "Susan": "Sue", "Thomas": "Tom", "Andrew": "Andy"}  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A resident; `born_as` is a surname before marriage."""

    number: int
    forename: str
    surname: str
    sex: str
    birth_date: date
    home: int
    middle: str | None = None
    suffix: str | None = None
    born_as: str | None = None
    nino: str = ""
    nhs_number: str = ""
    upn: str = ""
    phone: str = ""
    email: str = ""


@dataclass
class Home:
    """A dwelling with its household."""

    number: int
    address: str
    postcode: str
    uprn: str
    people: list[Person] = field(default_factory=list)


def _nhs(random_: random.Random) -> str:
    while True:
        digits = [random_.randrange(10) for _ in range(9)]
        check = 11 - sum(d * (10 - i) for i, d in enumerate(digits)) % 11
        if check % 11 < 10:
            return "".join(map(str, [*digits, check % 11]))


class Town:
    """Households of a town, and what each system holds about them."""

    def __init__(self, homes: int, seed: int = 1, today: date = date(2026, 3, 2)) -> None:
        self.random = random.Random(seed)
        self.today = today
        self.homes: list[Home] = []
        self._people = 0
        self.rows: list[dict[str, Any]] = []
        self.truth: dict[str, int] = {}
        for number in range(homes):
            self.homes.append(self._settle(number))
        for home in self.homes:
            self._write_down(home)

    def person(self, home: int, forename: str, surname: str, sex: str, born: date, **extra: Any) -> Person:
        """A new resident with numbers of his or her own."""
        self._people += 1
        r = self.random
        letters = "ABCEGHJKLMPRSTWXYZ"
        # Prefixes starting with A are all in use and none is administrative.
        nino = f"A{r.choice(letters)}{r.randrange(10**6):06d}{r.choice('ABCD')}"
        return Person(
            self._people, forename, surname, sex, born, home,
            middle=extra.pop("middle", r.choice([None, None, r.choice(MEN if sex == "M" else WOMEN)])),
            nino=nino, nhs_number=_nhs(r), upn=f"A{r.randrange(10**12):012d}", phone=f"07{r.randrange(10**9):09d}",
            email=f"{forename}.{surname}{r.randrange(100)}@example.org".lower(), **extra,
        )  # fmt: skip

    def _born(self, low: int, high: int) -> date:
        return self.today - timedelta(days=self.random.randrange(low * 365, high * 365))

    def _settle(self, number: int) -> Home:
        r = self.random
        street = r.choice(STREETS)
        home = Home(number, f"{r.randrange(1, 150)} {street} {r.choice(['Street', 'Road', 'Avenue'])}, Newtown",
                    f"NT{r.randrange(1, 9)} {r.randrange(1, 9)}{r.choice('ABDEFGH')}{r.choice('ABDEFGH')}", f"1000{number:08d}")  # fmt: skip
        surname = r.choice(SURNAMES)
        age = r.randrange(22, 90)
        head_sex = r.choice("MF")
        head = self.person(
            number, r.choice(MEN if head_sex == "M" else WOMEN), surname, head_sex, self._born(age, age + 1)
        )
        home.people.append(head)
        if r.random() < 0.6:
            sex = "F" if head_sex == "M" else "M"
            married = r.random() < 0.7
            own = r.choice(SURNAMES)
            home.people.append(
                self.person(number, r.choice(MEN if sex == "M" else WOMEN), surname if married else own, sex,
                            self._born(max(20, age - 5), age + 5), born_as=own if married and sex == "F" else None)
            )  # fmt: skip
        if age < 60:
            for _ in range(r.choice([0, 0, 1, 1, 2, 3])):
                sex = r.choice("MF")
                born = self._born(0, min(19, age - 18) + 1)
                home.people.append(
                    self.person(number, r.choice(MEN if sex == "M" else WOMEN), surname, sex, born)
                )
                if r.random() < 0.03:
                    home.people.append(
                        self.person(number, r.choice(MEN if sex == "M" else WOMEN), surname, sex, born)
                    )
        elif r.random() < 0.05 and head_sex == "M":
            home.people.append(
                self.person(number, head.forename, surname, "M", self._born(age - 30, age - 25), suffix="JR")
            )
        return home

    def add(self, person: Person | None, system: str, table: str, **columns: Any) -> str:
        """One record, its key derived from its number; `person` None stands for nobody else's."""
        key = hashlib.sha256(f"{system}|{table}|{len(self.rows)}|{self.today}".encode()).hexdigest()[:32]
        row = {
            "record_key": key,
            "source_system": system,
            "source_table": table,
            "source_row_key": key,
            **columns,
        }
        self.rows.append(row)
        self.truth[key] = person.number if person else -len(self.rows)
        return key

    def _slip(self, name: str, rate: float = 0.03) -> str:
        r = self.random
        if len(name) < 5 or r.random() > rate:
            return name
        i = r.randrange(1, len(name) - 2)
        return r.choice(
            [
                name[:i] + name[i + 1 :],
                name[:i] + name[i + 1] + name[i] + name[i + 2 :],
                name[:i] + "e" + name[i:],
            ]
        )

    def _name(
        self, p: Person, *, initial: float = 0.0, formal: float = 0.5, maiden: float = 0.0
    ) -> dict[str, Any]:
        r = self.random
        forename = NICKNAMES.get(p.forename, p.forename) if r.random() < 0.1 else p.forename
        surname = p.born_as if p.born_as and r.random() < maiden else p.surname
        return {
            "title": {"M": "MR", "F": "MRS" if p.born_as else "MS"}[p.sex] if r.random() < formal else None,
            "forename": p.forename[0] if r.random() < initial else self._slip(forename),
            "middle_names": p.middle if p.middle and r.random() < 0.6 else None,
            "surname": self._slip(surname),
            "suffix": p.suffix,
        }

    def _at(self, home: Home, *, uprn: bool = True, old: float = 0.0) -> dict[str, Any]:
        r = self.random
        if r.random() < old:
            home = r.choice(self.homes) if self.homes else home
        address = (
            home.address
            if r.random() < 0.7
            else home.address.replace("Street", "St").replace("Road", "Rd").upper()
        )
        return {"address_line": address, "postcode": home.postcode, "uprn": home.uprn if uprn else None}

    def _write_down(self, home: Home) -> None:
        r = self.random
        adults = [p for p in home.people if (self.today - p.birth_date).days > 18 * 365]
        children = [p for p in home.people if p not in adults]
        account = hashlib.sha256(f"account {home.number}".encode()).hexdigest()[:32]
        for p in adults[:4]:
            self.add(
                p,
                "council_tax",
                "liable",
                **self._name(p, initial=0.35, formal=0.9),
                **self._at(home),
                account_key=account,
            )
        benefit = r.random() < 0.3
        if benefit:
            for p in home.people:
                self.add(p, "housing_benefit", "hbmember", **self._name(p, maiden=0.05), **self._at(home, uprn=False),
                         birth_date=p.birth_date, sex=p.sex if r.random() < 0.8 else None,
                         nino=p.nino if p in adults and r.random() < 0.9 else None, account_key=account)  # fmt: skip
        if r.random() < 0.25:
            for p in home.people:
                born = p.birth_date if r.random() < 0.85 else (date(1900, 1, 1) if r.random() < 0.5 else None)
                self.add(p, "housing", "member", **self._name(p, initial=0.1, maiden=0.05), **self._at(home), birth_date=born,
                         phone=p.phone if r.random() < 0.5 else adults[0].phone if adults else None, account_key=account)  # fmt: skip
        for p in adults:
            age = (self.today - p.birth_date).days // 365
            if r.random() < (0.35 if age > 70 else 0.04):
                self.add(p, "adult_social_care", "dm_persons", **self._name(p, maiden=0.03), **self._at(home, uprn=False, old=0.05),
                         birth_date=p.birth_date, sex=p.sex, nhs_number=p.nhs_number if r.random() < 0.9 else None)  # fmt: skip
            if r.random() < 0.08:
                self.add(p, "hr_payroll", "posts", **self._name(p, maiden=0.1), **self._at(home, uprn=False, old=0.1),
                         birth_date=p.birth_date, nino=p.nino, sex=p.sex)  # fmt: skip
            if r.random() < 0.15:
                self.add(
                    p,
                    "permits",
                    "holders",
                    **self._name(p),
                    **self._at(home),
                    birth_date=p.birth_date,
                    email=p.email,
                )
            if r.random() < 0.1:
                self.add(p, "grants", "applications", **self._name(p), birth_date=p.birth_date, email=p.email,
                         phone=p.phone, **self._at(home, uprn=False))  # fmt: skip
            if r.random() < (0.12 if age > 70 else 0.003):
                self.add(p, "deaths", "registrations", **self._name(p, formal=0.0), **self._at(home, uprn=False),
                         birth_date=p.birth_date, sex=p.sex, nino=p.nino if r.random() < 0.5 else None)  # fmt: skip
        for p in children:
            if (self.today - p.birth_date).days > 4 * 365:
                self.add(p, "education", "pupils", **self._name(p, formal=0.0), **self._at(home, uprn=False),
                         birth_date=p.birth_date, sex=p.sex, upn=p.upn if r.random() < 0.95 else "A12345678901X")  # fmt: skip
                for parent in adults[:2]:
                    if r.random() < 0.7:
                        self.add(parent, "education", "contacts", **self._name(parent), **self._at(home, uprn=False),
                                 phone=parent.phone if r.random() < 0.7 else None, email=parent.email if r.random() < 0.5 else None)  # fmt: skip

    def marry(self, person: Person, surname: str) -> Person:
        """The same person with another surname."""
        return replace(person, born_as=person.surname, surname=surname)


TEXT_COLUMNS = (
    "title", "forename", "middle_names", "surname", "suffix", "birth_date", "sex", "postcode", "uprn", "nino", "nhs_number",
    "upn", "person_number", "email", "phone", "account_key",
)  # fmt: skip


def as_records(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of the link input in the names that the linkage reads them under, before they are standardised."""
    columns = {
        name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in TEXT_COLUMNS
    }
    sources = [f"{row['source_system']}.{row['source_table']}" for row in rows]
    return pa.table(
        {name: pa.array(values, pa.string()) for name, values in columns.items()}
        | {
            "key": [row["record_key"] for row in rows],
            "source": sources,
            "address": pa.array([row.get("address_line") for row in rows], pa.string()),
            "entry": [
                f"{s}.{row.get('account_key') or row['record_key']}"
                for s, row in zip(sources, rows, strict=True)
            ],
        }
    )
