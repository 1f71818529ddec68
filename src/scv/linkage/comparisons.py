"""What is compared, and how finely: one Splink comparison per kind of evidence.

Only functions that DuckDB and Spark share are used. A comparison is taken into the model when its
columns are filled; each has a role in telling members of one household apart.
"""

from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["forename", "place", "person", "self"]


@dataclass(frozen=True)
class Comparison:
    """One kind of evidence: its levels (best first, a null level and an else level added), the column
    whose frequencies adjust the exact level, and what it says about members of one household:
    `forename` tells them apart, `place` they share; `person` and `self` are learnt from them, where `self`
    is what hardly anybody shares with the people at home and so tells who somebody is."""

    name: str
    needs: tuple[str, ...]
    null: str
    levels: tuple[tuple[str, str], ...]
    frequency: str | None = None
    role: Role = "person"
    # By level, best first: how many of the household members who are named after each other agree at it.
    namesakes: tuple[float, ...] = ()
    # How many of the levels, from the best, mean one home.
    same_home: int = 0
    # Comparison vector values of pairs in which a value is cut short, agreeing and differing: how often values
    # are cut short says nothing.
    short: tuple[int, int] | None = None

    def as_splink(self) -> dict[str, Any]:
        """The comparison as Splink's settings describe it."""
        levels: list[dict[str, Any]] = [
            {"sql_condition": self.null, "label_for_charts": "unknown", "is_null_level": True}
        ]
        for position, (label, sql) in enumerate(self.levels):
            level: dict[str, Any] = {"sql_condition": sql, "label_for_charts": label}
            if position == 0 and self.frequency:
                level |= {"tf_adjustment_column": self.frequency, "tf_adjustment_weight": 1.0}
            levels.append(level)
        levels.append({"sql_condition": "ELSE", "label_for_charts": "different"})
        return {"output_column_name": self.name, "comparison_levels": levels}

    @property
    def labels(self) -> dict[int, str]:
        """Label of each comparison vector value; -1 is unknown, 0 different."""
        top = len(self.levels)
        return {-1: "unknown", 0: "different", **{top - i: label for i, (label, _) in enumerate(self.levels)}}


def _either_null(column: str) -> str:
    return f'"{column}_l" is null or "{column}_r" is null'


def _same(column: str) -> str:
    return f'"{column}_l" = "{column}_r"'


def _is_initial(side: str) -> str:
    return f"length(forename_{side}) = 1"


_WHOLE = "length(forename_l) > 1 and length(forename_r) > 1"
_LONG = "length({0}_l) + length({0}_r) > 6 and length({0}_l) > 2 and length({0}_r) > 2"
_SHORT = f"({_is_initial('l')} or {_is_initial('r')})"
# One of the names stands exactly in the other's place, and the other one nearly does, or its initial.
_SWAPPED = " or ".join(
    f"(forename_{a} = surname_{b} and (jaro_winkler_similarity(surname_{a}, forename_{b}) >= 0.85"
    f" or (length(forename_{b}) = 1 and starts_with(surname_{a}, forename_{b}))))"
    for a, b in (("l", "r"), ("r", "l"))
)
_FORENAME = Comparison(
    "forename",
    ("forename",),
    _either_null("forename"),
    (
        ("same", _same("forename")),
        (
            "nickname or one slip",
            f"{_WHOLE} and ({_same('forename_root')}"
            f" or (damerau_levenshtein(forename_l, forename_r) <= 1 and {_LONG.format('forename')}))",
        ),
        (
            "only a surname given",
            "(surname_l is null and forename_l = surname_r) or (surname_r is null and forename_r = surname_l)",
        ),
        ("names swapped", _SWAPPED),
        (
            "same initial, one name short",
            f"{_SHORT} and (initial_l = initial_r or initial_l = substr(forename_root_r, 1, 1)"
            " or substr(forename_root_l, 1, 1) = initial_r)",
        ),
        ("alike", f"{_WHOLE} and jaro_winkler_similarity(forename_l, forename_r) >= 0.86"),
        (
            "known by a middle name",
            "(length(forename_l) > 1 and forename_l = split_part(middle_r, ' ', 1))"
            " or (length(forename_r) > 1 and forename_r = split_part(middle_l, ' ', 1))",
        ),
        ("other initial, one name short", _SHORT),
    ),
    frequency="forename",
    role="forename",
    short=(4, 1),
    namesakes=(1.0, 0.5, 0.0, 0.0, 0.0, 0.25, 0.5, 0.0),
)
_MIDDLE = Comparison(
    "middle_names",
    ("middle",),
    _either_null("middle"),
    (
        ("same", _same("middle") + " and length(middle_l) > 1"),
        (
            "same initial, one name short",
            "(length(middle_l) = 1 or length(middle_r) = 1) and middle_initial_l = middle_initial_r",
        ),
        (
            "alike",
            "length(middle_l) > 1 and length(middle_r) > 1 and (jaro_winkler_similarity(middle_l, middle_r) >= 0.86"
            " or starts_with(middle_l, middle_r) or starts_with(middle_r, middle_l))",
        ),
        ("same initial", _same("middle_initial")),
    ),
)
_SURNAME = Comparison(
    "surname",
    ("surname",),
    f"{_either_null('surname')} or {_SWAPPED}",
    (
        ("same", _same("surname")),
        ("one slip", f"damerau_levenshtein(surname_l, surname_r) <= 1 and {_LONG.format('surname')}"),
        (
            "part of a double name",
            "surname_part_l = surname_r or surname_part_r = surname_l or surname_part_l = surname_part_r",
        ),
        (
            "alike",
            "jaro_winkler_similarity(surname_l, surname_r) >= 0.88 or surname_sound_l = surname_sound_r",
        ),
        ("somewhat alike", "jaro_winkler_similarity(surname_l, surname_r) >= 0.78"),
    ),
    frequency="surname",
)
_SUFFIX = Comparison("suffix", ("suffix",), _either_null("suffix"), (("same", _same("suffix")),))
_BIRTH_DATE = Comparison(
    "birth_date",
    ("birth_date",),
    _either_null("birth_date"),
    (
        ("same", _same("birth_date")),
        (
            "day and month swapped",
            "birth_year_l = birth_year_r"
            " and substr(birth_date_l, 6, 2) = substr(birth_date_r, 9, 2)"
            " and substr(birth_date_l, 9, 2) = substr(birth_date_r, 6, 2)",
        ),
        ("one slip", "damerau_levenshtein(birth_date_l, birth_date_r) <= 1"),
        (
            "two of three parts",
            "(birth_year_l = birth_year_r"
            " and (substr(birth_date_l, 6, 2) = substr(birth_date_r, 6, 2)"
            " or substr(birth_date_l, 9, 2) = substr(birth_date_r, 9, 2)))"
            " or substr(birth_date_l, 6, 5) = substr(birth_date_r, 6, 5)",
        ),
        ("two slips", "damerau_levenshtein(birth_date_l, birth_date_r) <= 2"),
        ("within two years", "abs(birth_days_l - birth_days_r) <= 731"),
        ("within twelve years", "abs(birth_days_l - birth_days_r) <= 4383"),
    ),
    frequency="birth_date",
    role="self",
)
_SEX = Comparison("sex", ("sex",), _either_null("sex"), (("same", _same("sex")),))
_NO_HOME = " and ".join(f"({_either_null(column)})" for column in ("address", "uprn", "postcode"))
_NEAR_POSTCODE = (
    "(postcode_l is null or postcode_r is null or damerau_levenshtein(postcode_l, postcode_r) <= 1)"
)
_HOME = Comparison(
    "home",
    ("address",),
    _NO_HOME,
    (
        ("same address", _same("address")),
        ("same property number", _same("uprn")),
        ("same number and street", _same("address_key")),
        (
            "address with few slips",
            "abs(length(address_l) - length(address_r)) <= 3 and levenshtein(address_l, address_r) <= 3",
        ),
        (
            "address alike, postcode near",
            f"{_NEAR_POSTCODE} and jaro_winkler_similarity(address_l, address_r) >= 0.85",
        ),
        ("same postcode", _same("postcode")),
        ("address alike", "jaro_winkler_similarity(address_l, address_r) >= 0.88"),
        ("somewhat alike", "jaro_winkler_similarity(address_l, address_r) >= 0.75"),
        ("postcode near", "damerau_levenshtein(postcode_l, postcode_r) <= 1 or outcode_l = outcode_r"),
    ),
    frequency="address",
    role="place",
    same_home=6,  # a record without an address can agree on the postcode only
)
# Where files have no addresses, the postcode is the home.
_POSTCODE = Comparison(
    "postcode",
    ("postcode",),
    _either_null("postcode"),
    (
        ("same", _same("postcode")),
        ("one slip", "damerau_levenshtein(postcode_l, postcode_r) <= 1"),
        ("same outward half", _same("outcode")),
    ),
    frequency="postcode",
    role="place",
    same_home=2,
)


def _either_way(one: str, other: str) -> str:
    """A column agrees with the other one, or with itself."""
    return f"{one}_l = {one}_r or {one}_l = {other}_r or {other}_l = {one}_r"


# Where somebody lived before, against where the other record lives or lived.
_FORMER_HOME = Comparison(
    "former_home",
    ("former_address",),
    " and ".join(
        f"(former_address_{a} is null"
        f" or (address_{b} is null and postcode_{b} is null and former_address_{b} is null))"
        for a, b in (("l", "r"), ("r", "l"))
    ),
    (
        ("same address", _either_way("former_address", "address")),
        ("same number and street", _either_way("former_key", "address_key")),
        ("same postcode", _either_way("former_postcode", "postcode")),
    ),
)
# Who moves ends one account and begins another on one day; hardly anybody lives at two homes at a time.
_MOVE = Comparison(
    "move",
    ("home_from", "home_to"),
    "home_from_l is null or home_from_r is null or account_key_l = account_key_r"
    " or (home_to_l is null and home_to_r is null and address_key_l = address_key_r)",
    (
        (
            "one ends on the day on which the other begins",
            "home_to_l = home_from_r or home_to_r = home_from_l",
        ),
        (
            "one ends in the month in which the other begins",
            "substr(home_to_l, 1, 7) = substr(home_from_r, 1, 7)"
            " or substr(home_to_r, 1, 7) = substr(home_from_l, 1, 7)",
        ),
        ("one after the other", "home_to_l < home_from_r or home_to_r < home_from_l"),
    ),
)
# The account that a record stands on, or that it refers to.
_ACCOUNT = Comparison(
    "account_key",
    ("account_key",),
    "coalesce(account_key_l, other_account_key_l) is null"
    " or coalesce(account_key_r, other_account_key_r) is null",
    (
        (
            "same",
            f"{_either_way('account_key', 'other_account_key')} or other_account_key_l = other_account_key_r",
        ),
    ),
)
# A record without a birth date from a system that only adults stand in, against a birth date.
_AGE = Comparison(
    "age",
    ("age_class",),
    "age_class_l is null or age_class_r is null or (birth_date_l is null) = (birth_date_r is null)",
    (("both adult", _same("age_class")),),
)


def _identifier(column: str, *, slips: int, own: bool = True, but: str = "true") -> Comparison:
    levels = [("same", _same(column))]
    for count, label in ((1, "one slip"), (2, "two slips")):
        if slips >= count:
            levels.append((label, f"damerau_levenshtein({column}_l, {column}_r) <= {count} and {but}"))
    role: Role = "self" if own else "person"
    return Comparison(column, (column,), _either_null(column), tuple(levels), frequency=column, role=role)


# Addresses that differ in a number only are those of two people of one name.
_OTHER_LETTERS = "regexp_replace(email_l, '[0-9]', '', 'g') <> regexp_replace(email_r, '[0-9]', '', 'g')"
LIBRARY = (
    _FORENAME,
    _MIDDLE,
    _SURNAME,
    _SUFFIX,
    _BIRTH_DATE,
    _SEX,
    _HOME,
    _POSTCODE,
    _identifier("nino", slips=2),
    _identifier("person_number", slips=2),
    _identifier("nhs_number", slips=0),
    _identifier("upn", slips=0),
    _identifier("email", slips=1, but=_OTHER_LETTERS),
    _identifier("phone", slips=0, own=False),
    _ACCOUNT,
    _FORMER_HOME,
    _MOVE,
    _AGE,
    # Two people named side by side in one entry of one system (a joint name, the parties of an account).
    Comparison("entry", ("entry",), _either_null("entry"), (("same", _same("entry")),)),
)


def choose_comparisons(filled: list[str]) -> list[Comparison]:
    """The comparisons whose columns are filled, in the order of the library."""
    chosen = [comparison for comparison in LIBRARY if all(column in filled for column in comparison.needs)]
    return [comparison for comparison in chosen if comparison is not _POSTCODE or _HOME not in chosen]


BY_NAME = {comparison.name: comparison for comparison in LIBRARY}
