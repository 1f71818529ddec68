"""Which end of a name is the surname, and how many words it has."""

from scv.names.tokens import Token
from scv.names.vocabulary import Vocabulary


def surname_length(words: list[Token], vocabulary: Vocabulary) -> int:
    """How many words a surname at the start has: particles and the word they belong to (`de la Cruz`)."""
    length = 0
    while length < len(words) - 1 and words[length].key in vocabulary.particles:
        length += 1
    return min(length + 1, len(words))


def is_surname_first(
    words: list[Token], *, by_custom: bool, consult_lists: bool, vocabulary: Vocabulary
) -> bool:
    """Whether two or more words without a title in front have their surname first.

    Initials, capitals used for the surname only and particles decide; then, with `consult_lists`, the
    lists of forenames and surnames where they speak clearly; then the custom of the source.
    """
    first, last = words[0], words[-1]
    if first.is_initial:
        return False
    if last.is_initial:
        return True
    evidence = _surname_first_evidence(words, vocabulary)
    if first.raw.isupper() != last.raw.isupper() and first.raw.lower() != first.raw.upper():
        # the surname is the word in capitals, unless both words are known to be the other way round
        in_capitals = first if first.raw.isupper() else last
        if len(in_capitals.raw) > 2:
            return evidence > 1 or (in_capitals is first and evidence > -2)
    if first.key not in vocabulary.particles and any(
        word.key in vocabulary.particles for word in words[1:-1]
    ):
        return False
    if consult_lists and evidence:
        return evidence > 0
    return by_custom


def _surname_first_evidence(words: list[Token], vocabulary: Vocabulary) -> int:
    """Above zero where the lists say that the surname comes first, below zero for the forename."""
    opening = words[surname_length(words, vocabulary) - 1]
    first = (_is_in(words[0], vocabulary.forenames), _is_in(opening, vocabulary.surnames))
    last = (_is_in(words[-1], vocabulary.forenames), _is_in(words[-1], vocabulary.surnames))
    return (first[1] + last[0]) - (first[0] + last[1])


def _is_in(word: Token, list_: frozenset[str]) -> bool:
    return word.key in list_ or any(part in list_ for part in word.key.split("-"))


def split_surname_first(words: list[Token], vocabulary: Vocabulary) -> tuple[list[Token], list[Token]]:
    """Surname and forenames."""
    length = surname_length(words, vocabulary)
    return words[:length], words[length:]


def split_forename_first(
    words: list[Token], is_titled: bool, in_capitals: bool, vocabulary: Vocabulary
) -> tuple[list[Token], list[Token]]:
    """Forenames and surname. The surname is the last word with the particles before it."""
    if _is_all_surname(words, is_titled, in_capitals, vocabulary):
        return [], words
    start = len(words) - 1
    for i in range(1, len(words) - 1):
        if words[i].key in vocabulary.particles and not _is_vietnamese_middle(words, i, vocabulary):
            start = i
            break
    return words[:start], words[start:]


def _is_all_surname(words: list[Token], is_titled: bool, in_capitals: bool, vocabulary: Vocabulary) -> bool:
    """`Mr de Souza` has no forename; `Al Smith` and `Ms Di Smith` have one that looks like a particle."""
    if surname_length(words, vocabulary) < len(words):
        return False
    first, following = words[0], words[1]
    if first.raw.islower() or first.key not in vocabulary.particle_forenames:
        return True
    if is_titled or in_capitals:
        return first.key in ("al", "el") or following.key not in vocabulary.surnames
    return False


def _is_vietnamese_middle(words: list[Token], i: int, vocabulary: Vocabulary) -> bool:
    return words[0].key in vocabulary.vietnamese and not words[i].raw.islower()
