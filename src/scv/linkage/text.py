"""Folding one value at a time into the form in which records are compared.

Every function takes text or None and gives text or None: None where nothing usable is left.
Nothing here looks at other records, so a value always folds to the same thing.
"""

import csv
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

TITLES_MALE = {"mr", "master", "sir", "lord", "fr", "mister", "mstr"}
TITLES_FEMALE = {"mrs", "miss", "ms", "lady", "dame", "mme", "madam", "sister"}
TITLES_ANY = {
    "dr",
    "rev",
    "revd",
    "prof",
    "professor",
    "mx",
    "capt",
    "captain",
    "col",
    "major",
    "maj",
    "cllr",
    "hon",
    "the",
    "reverend",
    "doctor",
    "late",
    "saint",
    "st",
    "executor",
    "executors",
}
TITLES = TITLES_MALE | TITLES_FEMALE | TITLES_ANY
SUFFIXES = {
    "jr": "jr",
    "jnr": "jr",
    "junior": "jr",
    "sr": "sr",
    "snr": "sr",
    "senior": "sr",
    "ii": "ii",
    "iii": "iii",
    "iv": "iv",
    "2nd": "ii",
    "3rd": "iii",
}
HONOURS = {
    "baronet",
    "bt",
    "bart",
    "obe",
    "mbe",
    "cbe",
    "kc",
    "qc",
    "mp",
    "esq",
    "esquire",
    "phd",
    "md",
    "jp",
    "deceased",
    "decd",
    "dec'd",
    "decd'd",
    "kbe",
    "frs",
    "kcb",
    "viscount",
    "earl",
    "baron",
}
# Prefixes that HMRC never allocates to a person, or uses for temporary and administrative numbers.
NINO_ADMINISTRATIVE = {
    "bg",
    "gb",
    "nk",
    "kn",
    "tn",
    "nt",
    "zz",
    "oo",
    "cr",
    "fy",
    "mw",
    "nc",
    "pp",
    "pz",
    "py",
}
NINO = re.compile(r"^[abceghj-prstw-z][abceghj-nprstw-z]\d{6}[a-d]?$")
ROAD_WORDS = {
    "street": "st",
    "road": "rd",
    "avenue": "ave",
    "av": "ave",
    "lane": "ln",
    "close": "cl",
    "drive": "dr",
    "crescent": "cres",
    "cresent": "cres",
    "place": "pl",
    "court": "ct",
    "terrace": "ter",
    "gardens": "gdns",
    "garden": "gdns",
    "square": "sq",
    "grove": "gr",
    "flat": "flat",
    "apartment": "flat",
    "apt": "flat",
    "unit": "flat",
    "house": "house",
    "saint": "st",
    "circuit": "cct",
    "parade": "pde",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
}
NOT_A_STREET = {"flat", "the", "room", "floor", "first", "second", "third", "ground", "top", "house"}

_SPACES = re.compile(r"[^a-z0-9]+")
_LOST_LETTER = re.compile(r"(?<=[a-z])\?(?=[a-z])")
_NAME_CHARS = re.compile(r"[^a-z'\- ]+")


@lru_cache(maxsize=1)
def nickname_roots() -> dict[str, str]:
    """Every nickname of the list with its root; a name under several roots takes the first one listed."""
    roots: dict[str, str] = {}
    with (files("scv.linkage") / "data" / "nicknames.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        roots[row["root"]] = row["root"]
    for row in rows:
        for name in row["names"].split():
            roots.setdefault(name, row["root"])
    return roots


@lru_cache(maxsize=1)
def placeholders() -> dict[str, frozenset[str]]:
    """Values that mean "unknown", by field, in folded form."""
    found: dict[str, set[str]] = {}
    with (files("scv.linkage") / "data" / "placeholders.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["field"], set()).add(row["value"])
    return {field: frozenset(values) for field, values in found.items()}


def fold(value: str | None) -> str | None:
    """Lower case without accents, outer space removed; transliterates what has no ASCII base letter."""
    if not value:
        return None
    text = value.strip().lower()
    if not text.isascii():
        for letter, ascii_form in (
            ("ß", "ss"),
            ("ø", "o"),
            ("ł", "l"),
            ("đ", "d"),
            ("æ", "ae"),
            ("œ", "oe"),
            ("þ", "th"),
            ("ð", "d"),
            ("ı", "i"),
            ("’", "'"),
            ("‘", "'"),
            ("–", "-"),
            ("‐", "-"),
        ):
            text = text.replace(letter, ascii_form)
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return text or None


def name_words(value: str | None) -> list[str]:
    """The words of a name without titles, honours, suffixes, digits and punctuation; hyphens split words."""
    text = fold(value)
    if text is None:
        return []
    if any(c.isdigit() for c in text):
        # A digit among letters is a slip of the finger or of a scanner; ordinals ("5th") are no names.
        text = re.sub(r"\b\d+(st|nd|rd|th)?\b", " ", text).replace("0", "o").replace("1", "l")
    # A question mark inside a word is a letter that an older system could not write.
    text = _LOST_LETTER.sub("", text)
    words = _NAME_CHARS.sub(" ", text.replace(".", " ")).replace("-", " ").split()
    kept = [w.strip("'").replace("'", "") for w in words]
    return [w for w in kept if w and w not in TITLES and w not in HONOURS and w not in SUFFIXES]


def name_suffix(value: str | None) -> str | None:
    """Jr, Sr, II, III at the end of a name, in one spelling."""
    text = fold(value)
    if text is None:
        return None
    words = text.replace(".", " ").replace(",", " ").split()
    return SUFFIXES.get(words[-1]) if words else None


def title_sex(value: str | None) -> str | None:
    """The sex that a title tells: m, f or None."""
    text = fold(value)
    words = text.replace(".", " ").split() if text else []
    for word in words[:1]:
        if word in TITLES_MALE:
            return "m"
        if word in TITLES_FEMALE:
            return "f"
    return None


def fold_sex(value: str | None) -> str | None:
    """m or f; anything else is unknown."""
    text = fold(value)
    if text in ("m", "male", "man", "boy", "1"):
        return "m"
    if text in ("f", "female", "woman", "girl", "2"):
        return "f"
    return None


def fold_date(value: str | None) -> str | None:
    """ISO date where one can be read (ISO, UK day-first, or eight digits), default dates blanked."""
    text = (value or "").strip()
    if not text:
        return None
    match = re.match(r"^(\d{4})-(\d{1,2})-(\d{1,2})", text)
    if match:
        year, month, day = match.groups()
    else:
        match = re.match(r"^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})", text)
        if match:
            day, month, year = match.groups()
        elif re.match(r"^\d{8}$", text):
            year, month, day = text[:4], text[4:6], text[6:]
        else:
            return None
    # Impossible days are kept: a slip in one part still agrees in the others.
    iso = f"{year}-{int(month):02d}-{int(day):02d}"
    return None if iso in placeholders()["birth_date"] or int(year) > 2100 else iso


def fold_nino(value: str | None) -> str | None:
    """First eight characters of a National Insurance number that can identify; others are no evidence."""
    text = _SPACES.sub("", fold(value) or "")
    if not NINO.match(text) or text[:2] in NINO_ADMINISTRATIVE:
        return None
    return text[:8]


def fold_number(value: str | None) -> str | None:
    """Letters and digits of an official number; too short or a known placeholder is no number."""
    text = _SPACES.sub("", fold(value) or "")
    if len(text) < 4 or text in placeholders()["person_number"] or len(set(text)) == 1:
        return None
    return text


def fold_upn(value: str | None) -> str | None:
    """Unique pupil number of 13 characters; temporary ones (a letter at the end) are no evidence."""
    text = _SPACES.sub("", fold(value) or "")
    return text if re.match(r"^[a-z]\d{12}$", text) else None


def fold_nhs(value: str | None) -> str | None:
    """NHS number of ten digits whose check digit is right."""
    text = re.sub(r"\D", "", value or "")
    if len(text) != 10 or len(set(text)) == 1:
        return None
    check = 11 - sum(int(d) * (10 - i) for i, d in enumerate(text[:9])) % 11
    return text if check % 11 == int(text[9]) else None


def fold_email(value: str | None) -> str | None:
    """Address in lower case; without an @ or a known placeholder is none."""
    text = fold(value)
    if text is None or "@" not in text or text in placeholders()["email"]:
        return None
    return text


def fold_phone(value: str | None) -> str | None:
    """Digits in national form (0...); fewer than seven, repeated digits and placeholders are none."""
    digits = re.sub(r"\D", "", value or "")
    if digits.startswith("0044"):
        digits = "0" + digits[4:]
    elif digits.startswith("44") and len(digits) == 12:
        digits = "0" + digits[2:]
    if len(digits) < 7 or digits in placeholders()["phone"] or len(set(digits)) <= 2:
        return None
    return digits


def fold_postcode(value: str | None) -> str | None:
    """Postcode without spaces, default ones blanked."""
    text = _SPACES.sub("", fold(value) or "")
    return None if not text or text in placeholders()["postcode"] or len(text) < 3 else text


def fold_address(value: str | None) -> str | None:
    """Words of an address in one spelling of road words, separated by one space."""
    words = _SPACES.sub(" ", fold(value) or "").split()
    text = " ".join(ROAD_WORDS.get(w, w) for w in words)
    return None if not text or text in placeholders()["address"] else text


def address_key(address: str | None) -> str | None:
    """House and flat numbers with the first word of the street: what typing slips leave alone most often."""
    if address is None:
        return None
    words = address.split()
    numbers = [w for w in words if any(c.isdigit() for c in w)][:3]
    street = [
        w for w in words if w.isalpha() and len(w) > 2 and w not in NOT_A_STREET and w not in ROAD_WORDS
    ]
    if not street:
        return None
    return "".join(sorted(numbers)) + street[0][:6]


_PHONETIC_STEPS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"^(?:kn|gn|pn)", "n"),
        (r"^wr", "r"),
        (r"^ps", "s"),
        (r"^x", "s"),
        (r"^mac", "mc"),
        (r"ph", "f"),
        (r"gh", "g"),
        (r"sch|sh|ch|tch", "x"),
        (r"ck", "k"),
        (r"c(?=[eiy])", "s"),
        (r"[cq]", "k"),
        (r"z", "s"),
        (r"v", "f"),
        (r"dg", "j"),
        (r"g(?=[eiy])", "j"),
        (r"(?<=.)[aeiouyhw]", ""),
        (r"(.)\1+", r"\1"),
    )
)


def phonetic(name: str | None) -> str | None:
    """How a name sounds, roughly: up to five letters, equal for common spellings of one name."""
    if not name:
        return None
    code = name
    for pattern, replacement in _PHONETIC_STEPS:
        code = pattern.sub(replacement, code)
    if code[:1] in "aeiouy":
        code = "a" + code[1:]
    return code[:5]
