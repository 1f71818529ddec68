"""What kind of name a surname is, by its letters: to see whether errors fall on some names more than on others.

The list in `data/name_origins.csv` holds common surnames, and beginnings and endings that are typical of a
naming tradition. It says something about a name and nothing about its bearer: a Khan may be a Methodist from
Hull, a Smith from Lagos. It is used for counts over many people, never to weigh a link, and is stored nowhere.
"""

import csv
from functools import lru_cache
from importlib.resources import files

NO_NAME, OTHER = "no surname", "no pattern (mostly British)"


@lru_cache(maxsize=1)
def _patterns() -> dict[str, dict[str, str]]:
    text = (
        files("scv.linkage.evaluation")
        .joinpath("data/name_origins.csv")
        .read_text(encoding="utf-8")
        .split("\n")
    )
    found: dict[str, dict[str, str]] = {"surname": {}, "beginning": {}, "ending": {}}
    for row in csv.DictReader(line for line in text if not line.startswith("#")):
        for part in row["texts"].split():
            found[row["where"]].setdefault(part, row["origin"])
    return found


def find_origin(surname: str | None) -> str:
    """The naming tradition that a folded surname (small letters a to z) looks like.

    A listed surname counts first, then the longest ending, then the longest beginning.
    """
    if not surname:
        return NO_NAME
    patterns = _patterns()
    if surname in patterns["surname"]:
        return patterns["surname"][surname]
    for length in range(min(6, len(surname) - 2), 1, -1):
        if surname[-length:] in patterns["ending"]:
            return patterns["ending"][surname[-length:]]
    for length in range(min(6, len(surname) - 3), 0, -1):
        if surname[:length] in patterns["beginning"]:
            return patterns["beginning"][surname[:length]]
    return OTHER
