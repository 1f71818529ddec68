"""Names as departments write them: one string in, what it means out."""

from scv.names.estates import split_glued, strip_estate
from scv.names.kinds import is_organisation, is_placeholder, is_surely_organisation
from scv.names.markers import (
    cut_second_names,
    cut_territory,
    drop_front,
    resolve_brackets,
    resolve_dashes,
    strip_death,
    strip_death_at_end,
    strip_late,
)
from scv.names.model import Kind, ParsedName, Person
from scv.names.people import read_people
from scv.names.text import clean
from scv.names.tokens import CONNECTORS, MARKS, NUMBER, Marked, Token, has_title, is_word, tokenise
from scv.names.vocabulary import Vocabulary, load_vocabulary


def parse_name(full_name: str | None) -> ParsedName:
    """What a written name means; any text is accepted, None and blanks are placeholders.

    The same text always gives the same result: nothing but the text and the word lists is consulted.
    """
    raw = full_name or ""
    vocabulary = load_vocabulary()
    text = clean(raw).strip()
    tokens = tokenise(text)
    if not any(map(is_word, tokens)):
        return ParsedName(raw, "placeholder", False, ())
    marked = Marked(tokens)
    if not _is_plain(tokens, vocabulary):
        kind = _read_markers(marked, vocabulary)
        if kind is not None:
            return ParsedName(raw, kind, marked.deceased and kind == "placeholder", ())
    in_capitals = _is_in_capitals(marked.tokens, vocabulary)
    people = read_people(
        marked.tokens,
        in_capitals,
        marked.forename_first,
        len(text) in vocabulary.truncation_lengths,
        vocabulary,
    )
    return ParsedName(raw, _kind(people, marked), marked.deceased, people)


def _kind(people: tuple[Person, ...], marked: Marked) -> Kind:
    if not people:
        return "placeholder"
    if marked.estate:
        return "estate"
    return "joint" if len(people) > 1 else "person"


def _is_plain(tokens: list[Token], vocabulary: Vocabulary) -> bool:
    """Whether there are words of names and titles only: no mark, no word from any other list."""
    return all(
        token.key not in vocabulary.special
        and (token.key not in MARKS or token.key == ",")
        and token.key != NUMBER
        and "'" not in token.key
        and len(token.key) < 24
        and not token.key.startswith(vocabulary.estate_heads)
        and (token.key[0] != "d" or token.key in vocabulary.forenames or token.key in vocabulary.surnames)
        and (len(token.key) < 3 or token.key != token.key[0] * len(token.key))
        for token in tokens
    )


def _read_markers(marked: Marked, vocabulary: Vocabulary) -> Kind | None:
    """Take everything out of the tokens that is no name; gives the kind if nobody is named."""
    marked.tokens = drop_front(split_glued(marked.tokens, vocabulary), vocabulary)
    if is_placeholder(marked.tokens, vocabulary):
        marked.deceased = any(token.key in vocabulary.death for token in marked.tokens)
        return "placeholder"
    resolve_brackets(marked, vocabulary)
    resolve_dashes(marked, vocabulary)
    marked.tokens = cut_second_names(marked.tokens, vocabulary)
    strip_death(marked, vocabulary)
    strip_estate(marked, vocabulary)
    if marked.estate:
        firm = vocabulary.legal_forms | vocabulary.organisation_words
        if marked.tokens and all(token.key in firm for token in marked.tokens):
            return "organisation"  # `Executors & Trustees Ltd`
        _drop_solicitors(marked, vocabulary)
    marked.tokens = cut_territory(marked.tokens, vocabulary)
    strip_late(marked, vocabulary)
    strip_death_at_end(marked, vocabulary)
    if is_placeholder(marked.tokens, vocabulary):
        return "placeholder"
    judge = is_surely_organisation if marked.deceased else is_organisation
    if judge(marked.tokens, vocabulary):
        return "organisation"
    _drop_roles(marked, vocabulary)
    return None


def _drop_solicitors(marked: Marked, vocabulary: Vocabulary) -> None:
    """Behind a comma an estate's name may be followed by the firm that acts for it."""
    commas = [i for i, token in enumerate(marked.tokens) if token.key == ","]
    for i in commas:
        before, after = marked.tokens[:i], marked.tokens[i + 1 :]
        if (
            any(map(is_word, before))
            and is_organisation(after, vocabulary)
            and not is_organisation(before, vocabulary)
        ):
            marked.tokens = before
            return


def _drop_roles(marked: Marked, vocabulary: Vocabulary) -> None:
    """`Mr J Smith Tenant`, `Mrs A Khan, Owner`: what somebody is to the property; `Ms Ann Owner` is a name."""
    words = [token for token in marked.tokens if is_word(token)]
    names = [token for token in words if (token.key,) not in vocabulary.titles]
    alone = not any(token.key in CONNECTORS for token in words)
    if alone and len(names) > 2 and names[-1].key in vocabulary.roles and has_title(words, vocabulary):
        marked.tokens = [token for token in marked.tokens if token is not names[-1]]


def _is_in_capitals(tokens: list[Token], vocabulary: Vocabulary) -> bool:
    """Whether all words of names are in capitals; titles and single letters do not tell."""
    names = [token.raw for token in tokens if len(token.raw) > 1 and (token.key,) not in vocabulary.titles]
    cased = [raw for raw in names if raw.lower() != raw.upper()]
    return bool(cased) and all(raw.isupper() for raw in cased)
