"""The cases that a council knows by heart, each in a home of its own."""

from datetime import date
from typing import Any

from tests.support.people import Person, Town


def add_named_cases(town: Town) -> dict[str, list[str]]:
    """Add the records of every case to the town; gives their keys by case."""
    cases = (
        _twins, _father_and_son, _maiden_name, _default_birth_date, _temporary_nino, _twice_in_one_system, _couple,
        _names_swapped, _nickname, _initial_only, _transliteration, _hyphen, _survivor_and_perpetrator,
    )  # fmt: skip
    return {case.__name__.removeprefix("_"): case(town) for case in cases}


def _at(number: int) -> dict[str, Any]:
    return {
        "address_line": f"{number} Named Case Lane, Newtown",
        "postcode": f"NT9 {number % 9}ZZ",
        "uprn": f"2000{number:08d}",
    }


def _who(person: Person, **changed: Any) -> dict[str, Any]:
    return {
        "forename": person.forename,
        "surname": person.surname,
        "sex": person.sex,
        "birth_date": person.birth_date,
    } | changed


def _twins(town: Town) -> list[str]:
    anna, amy = (
        town.person(901, name, "Ellersby", "F", date(2015, 5, 4), middle=None) for name in ("Anna", "Amy")
    )
    at = _at(901)
    return [
        town.add(anna, "education", "pupils", **_who(anna), **at, upn=anna.upn),
        town.add(amy, "education", "pupils", **_who(amy), **at, upn=amy.upn),
        town.add(anna, "housing_benefit", "hbmember", **_who(anna), **at),
        town.add(amy, "housing_benefit", "hbmember", **_who(amy), **at),
    ]


def _father_and_son(town: Town) -> list[str]:
    father = town.person(902, "Albert", "Fenwright", "M", date(1938, 2, 3), middle=None)
    son = town.person(902, "Albert", "Fenwright", "M", date(1966, 9, 21), middle=None, suffix="Jr")
    at = _at(902)
    return [
        town.add(
            father, "adult_social_care", "dm_persons", **_who(father), **at, nhs_number=father.nhs_number
        ),
        town.add(son, "hr_payroll", "posts", **_who(son), **at, nino=son.nino),
        town.add(father, "deaths", "registrations", **_who(father), **at),
        town.add(son, "housing_benefit", "hbmember", **_who(son), **at, nino=son.nino),
    ]


def _maiden_name(town: Town) -> list[str]:
    bride = town.person(903, "Harriet", "Quillmore", "F", date(1984, 7, 19))
    at = _at(903)
    return [
        town.add(bride, "hr_payroll", "posts", **_who(bride, surname="Dunstable"), **at, nino=bride.nino),
        town.add(bride, "housing_benefit", "hbmember", **_who(bride), **at, nino=bride.nino),
        town.add(bride, "permits", "holders", **_who(bride), **at, email=bride.email),
    ]


def _default_birth_date(town: Town) -> list[str]:
    old, young = (
        town.person(904, name, "Harkaway", "M", born)
        for name, born in (("George", date(1950, 1, 2)), ("Oscar", date(1985, 3, 4)))
    )
    unknown = date(1900, 1, 1)
    return [
        town.add(old, "housing", "member", **_who(old, birth_date=unknown), **_at(904)),
        town.add(young, "housing", "member", **_who(young, birth_date=unknown), **_at(905)),
    ]


def _temporary_nino(town: Town) -> list[str]:
    one = town.person(906, "Nora", "Pellingham", "F", date(1971, 1, 6))
    two = town.person(907, "Edith", "Strangway", "F", date(1962, 2, 5))
    return [
        town.add(one, "housing_benefit", "hbmember", **_who(one), **_at(906), nino="TN060171F"),
        town.add(two, "hr_payroll", "posts", **_who(two), **_at(907), nino="TN060171F"),
    ]


def _twice_in_one_system(town: Town) -> list[str]:
    twice = town.person(908, "Wilfred", "Ottershaw", "M", date(1947, 11, 30))
    at = _at(908) | {"nhs_number": twice.nhs_number}
    return [
        town.add(twice, "adult_social_care", "dm_persons", **_who(twice, forename=forename), **at)
        for forename in ("Wilfred", "Wilf")
    ]


def _couple(town: Town) -> list[str]:
    mr = town.person(909, "John", "Tarrington", "M", date(1951, 4, 4))
    mrs = town.person(909, "Jean", "Tarrington", "F", date(1953, 6, 6))
    at = _at(909)
    liable = {"forename": "J", "surname": "Tarrington", "account_key": "a909"} | at
    return [
        town.add(mr, "council_tax", "liable", title="MR", **liable),
        town.add(mrs, "council_tax", "liable", title="MRS", **liable),
        town.add(mr, "adult_social_care", "dm_persons", **_who(mr), **at),
        town.add(mrs, "adult_social_care", "dm_persons", **_who(mrs), **at),
        town.add(mr, "deaths", "registrations", **_who(mr), **at),
    ]


def _names_swapped(town: Town) -> list[str]:
    swapped = town.person(910, "Piotr", "Wisniewski", "M", date(1979, 8, 8))
    at = _at(910)
    return [
        town.add(swapped, "hr_payroll", "posts", **_who(swapped), **at, nino=swapped.nino),
        town.add(
            swapped, "grants", "applications", **_who(swapped, forename="Wiśniewski", surname="Piotr"), **at
        ),
    ]


def _nickname(town: Town) -> list[str]:
    peggy = town.person(911, "Margaret", "Oldershaw", "F", date(1944, 10, 2))
    at = _at(911)
    return [
        town.add(peggy, "adult_social_care", "dm_persons", **_who(peggy), **at),
        town.add(peggy, "permits", "holders", **_who(peggy, forename="Peggy"), **at),
    ]


def _initial_only(town: Town) -> list[str]:
    person = town.person(912, "Dominic", "Featherbee", "M", date(1968, 1, 12))
    at = _at(912)
    return [
        town.add(person, "hr_payroll", "posts", **_who(person), **at, nino=person.nino),
        town.add(person, "council_tax", "liable", title="MR", forename="D", surname="Featherbee", **at),
    ]


def _transliteration(town: Town) -> list[str]:
    person = town.person(913, "Muhammad", "Yousafzai", "M", date(1990, 12, 24))
    at = _at(913)
    return [
        town.add(person, "hr_payroll", "posts", **_who(person), **at, nino=person.nino),
        town.add(person, "permits", "holders", **_who(person, forename="Mohammed", surname="Yusufzai"), **at),
    ]


def _hyphen(town: Town) -> list[str]:
    person = town.person(914, "Clara", "Hartwell-Moss", "F", date(1987, 6, 17))
    at = _at(914)
    return [
        town.add(person, "hr_payroll", "posts", **_who(person), **at, nino=person.nino),
        town.add(person, "housing", "member", **_who(person, surname="Hartwell Moss"), **at),
        town.add(person, "permits", "holders", **_who(person, surname="Moss"), **at),
    ]


def _survivor_and_perpetrator(town: Town) -> list[str]:
    """Two people of one name, one address and one telephone, which no weight can tell apart."""
    survivor = town.person(915, "Alex", "Ravensdene", "F", date(1991, 3, 8))
    perpetrator = town.person(915, "Alex", "Ravensdene", "M", date(1989, 5, 30))
    at = _at(915) | {"phone": survivor.phone}
    nameless = {"forename": "Alex", "surname": "Ravensdene"}
    return [
        town.add(survivor, "housing_benefit", "hbmember", **_who(survivor), **at, nino=survivor.nino),
        town.add(survivor, "housing", "member", **_who(survivor), **at),
        town.add(perpetrator, "grants", "applications", **nameless, **at),
    ]
