"""What is written around a name: brackets, second names, care-of lines, words that say somebody is dead."""

import re

from scv.names.estates import find_estate
from scv.names.tokens import CONNECTORS, MARKS, NUMBER, Marked, Token, is_title_at, is_word
from scv.names.vocabulary import Vocabulary

_COMMA = Token(",", ",")
_AND = Token("&", "&")
# Dec'd in any spelling; names with an apostrophe (D'Souza, De'Ath, D'Sa) have other letters or another end.
_DECEASED = re.compile(r"d[ecafs']*'[ecafs']*d|d(?=[ecasi]*c)[ecasi]{4,}d")


def says_death(key: str, vocabulary: Vocabulary) -> bool:
    """Whether the word alone says that a person is dead, in whatever spelling."""
    return key in vocabulary.death or (key[0] == "d" and _DECEASED.fullmatch(key) is not None)


def drop_front(tokens: list[Token], vocabulary: Vocabulary) -> list[Token]:
    """Without `FAO`, `c/o`, `the parents of` and the like in front."""
    keys = tuple(token.key for token in tokens)
    for phrase in vocabulary.front_phrases:
        if keys[: len(phrase)] == phrase and len(keys) > len(phrase):
            return drop_front(tokens[len(phrase) :], vocabulary)
    if len(tokens) > 1 and (keys[0] in vocabulary.front_words or keys[0] in MARKS - {"("}):
        return drop_front(tokens[1:], vocabulary)
    return tokens


def cut_second_names(tokens: list[Token], vocabulary: Vocabulary) -> list[Token]:
    """Without what follows `nee`, `t/a`, `c/o`, `formerly`: another name, a firm, a postal helper."""
    for i in range(1, len(tokens) - 1):
        pair = (tokens[i].key, tokens[i + 1].key)
        if (tokens[i].key in vocabulary.cut_words or pair in vocabulary.cut_phrases) and any(
            map(is_word, tokens[:i])
        ):
            return tokens[:i]
    return tokens[:-2] if _ends_in_second_surname(tokens, vocabulary) else tokens


def cut_territory(tokens: list[Token], vocabulary: Vocabulary) -> list[Token]:
    """`Lord Smith of Kelvin` without the place; `Bishop of Trenton` has no name to keep."""
    for i in range(2, len(tokens)):
        if tokens[i].key == "of" and tokens[0].key in vocabulary.title_words and tokens[1].key != "the":
            return tokens[:i] if tokens[1].key not in vocabulary.special else tokens
    return tokens


def _ends_in_second_surname(tokens: list[Token], vocabulary: Vocabulary) -> bool:
    """`Mrs Anne Smith/Jones` is one person with two surnames."""
    return (
        len(tokens) > 4
        and tokens[-2].key == "/"
        and is_title_at(tokens, 0, vocabulary) > 0
        and not tokens[-1].is_initial
        and tokens[-1].key not in vocabulary.forenames
        and not any(token.key in CONNECTORS for token in tokens[:-2])
    )


def resolve_brackets(marked: Marked, vocabulary: Vocabulary) -> None:
    """Take brackets out: a death, an executor, a suffix or a title counts, a nickname or a note goes."""
    tokens, outside = marked.tokens, []
    i = 0
    while i < len(tokens):
        if tokens[i].key == ")":
            i += 1
            continue
        if tokens[i].key != "(":
            outside.append(tokens[i])
            i += 1
            continue
        end = next((j for j in range(i + 1, len(tokens)) if tokens[j].key == ")"), len(tokens))
        inside = [token for token in tokens[i + 1 : end] if token.key != "("]
        alone = not any(map(is_word, outside)) and not any(map(is_word, tokens[end:]))
        outside += inside if alone else _read_bracket(marked, inside, end == len(tokens), vocabulary)
        i = end + 1
    marked.tokens = outside


def _read_bracket(marked: Marked, inside: list[Token], is_open: bool, vocabulary: Vocabulary) -> list[Token]:
    """What of a bracket's content belongs to the name; notes that it says somebody is dead."""
    keys = [token.key for token in inside if is_word(token)]
    if not keys:
        return []
    if _says_death_in_brackets(keys, vocabulary) or (
        is_open
        and len(keys) == 1
        and len(keys[0]) > 1
        and ("deceased".startswith(keys[0]) or keys[0] == "decd")
    ):
        marked.deceased = True
        if find_estate(inside, vocabulary) is None:
            return []
    if inside[0].key in CONNECTORS or find_estate(inside, vocabulary) is not None:
        return inside
    if tuple(keys) in vocabulary.suffixes or all((key,) in vocabulary.titles for key in keys):
        return inside
    return inside if any(key in vocabulary.legal_forms for key in keys) else []


def _says_death_in_brackets(keys: list[str], vocabulary: Vocabulary) -> bool:
    content = [key for key in keys if key not in ("the", "now") and (key,) not in vocabulary.titles]
    if any(says_death(key, vocabulary) for key in content):
        return True
    return (
        bool(content)
        and content[0] in vocabulary.death_in_brackets
        and (len(content) == 1 or content[0] == "passed")
    )


def resolve_dashes(marked: Marked, vocabulary: Vocabulary) -> None:
    """Read what stands behind a dash: a death, a partner, forenames, half a double-barrelled name, or a note."""
    while any(token.key == "-" for token in marked.tokens):
        tokens = marked.tokens
        i = next(i for i, token in enumerate(tokens) if token.key == "-")
        end = next((j for j in range(i + 1, len(tokens)) if tokens[j].key == "-"), len(tokens))
        before, part, after = tokens[:i], tokens[i + 1 : end], tokens[end:]
        words = [token for token in part if is_word(token)]
        keys = [token.key for token in words]
        if not words or not _has_name(before, vocabulary):
            kept = before + part
        elif _says_death_in_brackets(keys, vocabulary):
            marked.deceased = True
            kept = before
        elif find_estate(part, vocabulary) is not None or tuple(keys) in vocabulary.suffixes:
            kept = before + part
        elif is_title_at(part, 0, vocabulary):
            whole = sum(map(is_word, before)) > 1
            kept = [*before, _AND if whole else _COMMA, *part]
        elif len(words) == 1 == len(part) and is_word(before[-1]) and keys[0] not in vocabulary.special:
            kept = [*before[:-1], Token(f"{before[-1].raw}-{part[0].raw}", f"{before[-1].key}-{keys[0]}")]
        elif any(key in vocabulary.legal_forms or key in vocabulary.organisation_words for key in keys):
            kept = before + part
        else:
            kept = before
        marked.tokens = kept + after


def _has_name(tokens: list[Token], vocabulary: Vocabulary) -> bool:
    """Whether anything but words about a death stands there."""
    found = find_estate(tokens, vocabulary)
    rest = tokens if found is None else tokens[: found[0]] + tokens[found[1] :]
    return any(is_word(token) and not says_death(token.key, vocabulary) for token in rest)


def strip_death(marked: Marked, vocabulary: Vocabulary) -> None:
    """Take out the words that say a person is dead, and the date that follows them."""
    kept: list[Token] = []
    skipping = False
    second_half = -1
    tokens = marked.tokens
    for i, token in enumerate(tokens):
        following = [following.key for following in tokens[i + 1 : i + 3]]
        if skipping and token.key in CONNECTORS:
            skipping = False
        # `DEC D` is a marker behind a name; in `Mr Dec D Smith` it is part of one
        is_split = (
            token.key == "dec" and following[:1] == ["d"] and not set(following[1:]) - CONNECTORS - {","}
        )
        if is_split or says_death(token.key, vocabulary):
            marked.deceased = True
            second_half = i + 1 if is_split else second_half
            skipping = skipping or token.key in vocabulary.death_with_rest or following[:1] == [NUMBER]
        elif not skipping and i != second_half:
            kept.append(token)
    marked.tokens = kept


def strip_death_at_end(marked: Marked, vocabulary: Vocabulary) -> None:
    """`John Smith Dec`: dead; `Jan Dec`: a name."""
    kept: list[Token] = []
    names = 0
    for i, token in enumerate(marked.tokens):
        ends = i + 1 == len(marked.tokens) or marked.tokens[i + 1].key in CONNECTORS
        if ends and token.key in vocabulary.death_at_end and names > 1:
            marked.deceased = True
            continue
        names = (
            0
            if token.key in CONNECTORS
            else names + (is_word(token) and (token.key,) not in vocabulary.titles)
        )
        kept.append(token)
    marked.tokens = kept


def strip_late(marked: Marked, vocabulary: Vocabulary) -> None:
    """Take out `the late` and a leading `late`; `Anthony Late` and `LATE ANTHONY` are names."""
    kept: list[Token] = []
    tokens = marked.tokens
    for i, token in enumerate(tokens):
        if token.key == "late" and _is_marker(tokens, i, vocabulary):
            marked.deceased = True
            marked.forename_first = True
            if kept and kept[-1].key == "the":
                kept.pop()
            continue
        kept.append(token)
    marked.tokens = kept


def _is_marker(tokens: list[Token], i: int, vocabulary: Vocabulary) -> bool:
    following = []
    for token in tokens[i + 1 :]:
        if token.key in CONNECTORS or token.key == ",":
            break
        following.append(token)
    if not following:
        return False
    if i and tokens[i - 1].key == "the":
        return True
    if i and tokens[i - 1].key not in CONNECTORS:
        return False
    if is_title_at(following, 0, vocabulary):
        return len(following) > 1
    if is_title_at(following, len(following) - 1, vocabulary):
        return False
    return len(following) > 1 or following[0].key not in vocabulary.forenames
