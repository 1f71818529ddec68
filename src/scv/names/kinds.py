"""Whether a name is a person's at all, or an organisation's or a placeholder's."""

from itertools import pairwise

from scv.names.tokens import CONNECTORS, NUMBER, Token, has_title, is_word
from scv.names.vocabulary import Vocabulary


def is_placeholder(tokens: list[Token], vocabulary: Vocabulary) -> bool:
    """Whether nobody is named: `THE OCCUPIER`, `VOID`, `TEST RECORD DO NOT USE`, `Mr Test`, an address."""
    keys = [token.key for token in tokens if is_word(token)]
    names = [key for key in keys if (key,) not in vocabulary.titles and key != "the"]
    if all(name in vocabulary.placeholders_alone or name in vocabulary.placeholders for name in names):
        return True
    if len(set("".join(names))) == 1 and len("".join(names)) > 2:
        return True
    text = f" {' '.join(keys)} "
    if any(phrase in text for phrase in vocabulary.placeholder_phrases):
        return True
    if any(name in vocabulary.placeholders for name in names) and all(
        name in vocabulary.placeholder_fillers or name in vocabulary.placeholders for name in names
    ):
        return True
    is_firm = any(key in vocabulary.legal_forms or key in vocabulary.organisation_words for key in keys)
    if any(name in vocabulary.placeholder_tests for name in names) and (
        not is_firm or all(_is_empty_word(name, vocabulary) for name in names)
    ):
        return True
    if has_title(tokens, vocabulary) or is_firm:
        return False
    leading = [name for name in names if name not in vocabulary.placeholder_fillers][:1]
    if leading and leading[0] in vocabulary.placeholders_in_front:
        return True
    return any(token.key == NUMBER for token in tokens) and any(
        name in vocabulary.address_words for name in names
    )


def _is_empty_word(key: str, vocabulary: Vocabulary) -> bool:
    return (
        key in vocabulary.placeholder_tests
        or key in vocabulary.placeholder_fillers
        or key in vocabulary.legal_forms
        or key in vocabulary.organisation_words
        or key in vocabulary.unsure_organisation_words
    )


def is_organisation(tokens: list[Token], vocabulary: Vocabulary) -> bool:
    """Whether the name is an organisation's, judged by whole words and the shape of the name."""
    keys = [token.key for token in tokens if is_word(token)]
    if any(key in vocabulary.legal_forms for key in keys[1:]):
        return True
    if _ends_like_firm(tokens, vocabulary):
        return True
    if has_title(tokens, vocabulary):
        return _is_titled_organisation(tokens, vocabulary)
    if any(pair in vocabulary.organisation_phrases for pair in pairwise(keys)):
        return True
    if keys and keys[0] == "the" and len(keys) > 1 and keys[1] not in vocabulary.titles_in_front:
        return True
    if any(key in vocabulary.organisation_connectors for key in keys[1:]):
        return True
    if any(key.endswith(("'s", "s'")) and len(key) > 3 for key in keys):
        return True
    if (
        len(keys) > 1
        and all(len(key) == 1 for key in keys)
        and any(token.key in CONNECTORS for token in tokens)
    ):
        return True
    return any(_is_firm_chunk(chunk, vocabulary) for chunk in _chunks(tokens))


def is_surely_organisation(tokens: list[Token], vocabulary: Vocabulary) -> bool:
    """The judgement where the name says that somebody is dead: then only a firm's own words count."""
    return any(
        token.key in vocabulary.legal_forms or token.key in vocabulary.organisation_words
        for token in tokens[1:]
    )


def _chunks(tokens: list[Token]) -> list[list[Token]]:
    chunks: list[list[Token]] = [[]]
    for token in tokens:
        if token.key in CONNECTORS or token.key == ",":
            chunks.append([])
        elif is_word(token):
            chunks[-1].append(token)
    return [chunk for chunk in chunks if chunk]


def _ends_like_firm(tokens: list[Token], vocabulary: Vocabulary) -> bool:
    """`J Smith & Sons`, `Hughes and Co`; with a title only `& Co`: `Mr J Smith & Son` are two persons."""
    chunks = _chunks(tokens)
    if len(chunks) < 2 or not any(token.key in ("&", "+", "and") for token in tokens):
        return False
    last = chunks[-1][0].key
    if last in ("co", "company"):
        return True
    is_titled = has_title(tokens, vocabulary) and "messrs" not in (token.key for token in tokens)
    return last in vocabulary.firm_members and not is_titled


def _is_titled_organisation(tokens: list[Token], vocabulary: Vocabulary) -> bool:
    """`Dr Patel Surgery` is a firm; `Mr Peter Church` and `Ms Rose Estate` are people."""
    for chunk in _chunks(tokens):
        words = [token for token in chunk if (token.key,) not in vocabulary.titles]
        sure = [
            token
            for i, token in enumerate(words)
            if token.key in vocabulary.organisation_words and (i or token.key not in vocabulary.forenames)
        ]
        unsure = [token for token in words if token.key in vocabulary.unsure_organisation_words]
        if len(sure) + len(unsure) > 1 and len(words) > 2 - bool(sure):
            return True
        if sure and not (len(words) <= 2 and (len(words) == 1 or _is_forename(words[0], vocabulary))):
            return True
    return False


def _is_firm_chunk(words: list[Token], vocabulary: Vocabulary) -> bool:
    """Judge words without a title: a surname that is a firm's word needs a forename or an initial beside it."""
    marked = [
        i
        for i, token in enumerate(words)
        if (token.key in vocabulary.organisation_words or token.key in vocabulary.unsure_organisation_words)
        and not (i == 0 and len(words) <= 3 and token.key in vocabulary.forenames)
    ]
    if not marked:
        return False
    if len(marked) > 1 or len(words) > 3 or words[marked[0]].key in vocabulary.organisation_words:
        return True
    if len(words) == 1:
        return False
    if words[marked[0]].key in vocabulary.surnames_with_title:
        return True
    if marked[0] == len(words) - 1:
        return not (_is_forename(words[0], vocabulary) or words[0].key in vocabulary.titles_in_front)
    if marked[0] == 0:
        return not (_is_forename(words[1], vocabulary) and words[1].raw.isupper())
    return not _is_forename(words[0], vocabulary)


def _is_forename(token: Token, vocabulary: Vocabulary) -> bool:
    return token.is_initial or any(part in vocabulary.forenames for part in token.key.split("-"))
