"""Characters and words of a name: cleaning, folding, mending digits, capitals."""

import itertools
import re
import unicodedata

from scv.names.vocabulary import load_vocabulary

_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("‘’ʼ`´′＇", "'"),
        **dict.fromkeys("“”„″", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\u00ad", None),
        "\u00a0": " ",
    }
)
_FOLDED = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)
_LETTERS_OF_DIGITS = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b", "9": "g",
}  # fmt: skip
_VOWELS = frozenset("aeiouy")
# Before an apostrophe these make the next letter a capital: O'Neill, D'Arcy, De'Ath, but Sa'id.
_ELISIONS = frozenset(["o", "d", "l", "m", "n", "t", "de"])
_ORDINAL = re.compile(r"\d+(st|nd|rd|th)")


def clean(text: str) -> str:
    """One Unicode form, plain apostrophes, quotes and dashes, no control or invisible characters."""
    if text.isascii():
        plain = text.replace("`", "'")
        return plain if plain.isprintable() else "".join(c if c.isprintable() else " " for c in plain)
    composed = unicodedata.normalize("NFKC", text.translate(_TYPOGRAPHY)).translate(_TYPOGRAPHY)
    return "".join(" " if unicodedata.category(c) in ("Cc", "Zs", "Zl", "Zp") else c for c in composed)


def fold(word: str) -> str:
    """The form in which words are compared: lower case, without accents."""
    lowered = word.lower()
    if lowered.isascii():
        return lowered
    decomposed = unicodedata.normalize("NFD", lowered.translate(_FOLDED))
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn")


def mend_digits(word: str) -> str | None:
    """The word with its digits read as the letters they were typed for; None if it is no word but a number.

    `J0HN` is John, `SM1TH` Smith, `A1AN` Alan: known words decide between letters, otherwise the neighbours.
    """
    key = fold(word)
    vocabulary = load_vocabulary()
    if (key,) in vocabulary.suffixes:
        return word
    digits = sum(c.isdigit() for c in key)
    letters = sum(c.isalpha() for c in key)
    if letters < digits or (letters < 2 and "0" not in key) or _ORDINAL.fullmatch(key) or digits > 4:
        return None
    mended = "-".join(_mend_part(part) for part in key.split("-"))
    in_capitals = word.upper() == word
    if len(key) != len(word):  # folding changed the length (ß, æ): keep to the folded form
        return mended.upper() if in_capitals else mended
    return "".join(
        original if not original.isdigit() else letter.upper() if in_capitals or i == 0 else letter
        for i, (original, letter) in enumerate(zip(word, mended, strict=True))
    )


def _mend_part(part: str) -> str:
    vocabulary = load_vocabulary()
    choices = [_LETTERS_OF_DIGITS.get(c, c) for c in part]
    for letters in itertools.product(*choices):
        candidate = "".join(letters)
        if vocabulary.is_known(candidate):
            return candidate
    return "".join(_likely_letter(part, i) for i in range(len(part)))


def _likely_letter(part: str, i: int) -> str:
    """For a one, `i` between consonants and `l` beside a vowel; for other digits the letter they look like."""
    if part[i] != "1":
        return _LETTERS_OF_DIGITS.get(part[i], part[i])[0]
    neighbours = {
        _LETTERS_OF_DIGITS.get(c, c)[0] for c in (part[i - 1 : i] + part[i + 1 : i + 2]) if c != "1"
    }
    return "l" if neighbours & _VOWELS else "i"


def capitalise(word: str) -> str:
    """A word in capitals or small letters as a name is written: Macdonald, McDonald, O'Neill, Okafor-Byrne."""
    return "-".join(_capitalise_part(part) for part in word.split("-"))


def _capitalise_part(part: str) -> str:
    if "'" in part:
        before, after = part.split("'", 1)
        rest = capitalise(after) if before.lower() in _ELISIONS and len(after) > 1 else after.lower()
        return f"{capitalise(before)}'{rest}"
    lowered = part.lower().replace("i̇", "i")
    if lowered.startswith("mc") and len(lowered) > 3:
        return "Mc" + lowered[2:].capitalize()
    return lowered[:1].upper() + lowered[1:]
