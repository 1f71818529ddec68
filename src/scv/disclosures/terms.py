"""Whether a text tells of a diagnosis, of abuse or of an offence; the text itself goes nowhere.

The list of words is terms.yml beside this module. It finds what officers usually write, not what is well
hidden: the real protection is that there is no field for free text.
"""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

import yaml

Category = Literal["diagnosis", "abuse", "offence"]
# In a text, these stand inside a word (women's, Alzheimer’s); everything else that is no letter ends one.
_APOSTROPHES = re.compile(r"['’‘`´]")
_NO_LETTERS = re.compile(r"[^a-z]+")


def find_terms(text: str) -> frozenset[Category]:
    """The kinds of terms that a text holds; empty where it holds none."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    words = f" {_NO_LETTERS.sub(' ', _APOSTROPHES.sub('', plain))} "
    return frozenset(category for category, pattern in _patterns().items() if pattern.search(words))


@lru_cache(maxsize=1)
def _patterns() -> dict[Category, re.Pattern[str]]:
    terms = yaml.safe_load(Path(__file__).with_name("terms.yml").read_text(encoding="utf-8"))
    return {category: _compile(terms[category]) for category in get_args(Category)}


def _compile(terms: list[str]) -> re.Pattern[str]:
    choices = "|".join(re.escape(term).replace(r"\*", "[a-z]*").replace(r"\ ", " ") for term in terms)
    return re.compile(f" (?:{choices})(?= )")
