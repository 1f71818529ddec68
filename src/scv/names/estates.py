"""Names that address the representatives of a dead person: `executors of`, `estate of`, `REPSMRS`."""

from scv.names.tokens import (
    CONNECTORS,
    MARKS,
    Marked,
    Token,
    has_only_titles,
    has_title,
    is_title_at,
    is_word,
)
from scv.names.vocabulary import Vocabulary

_COMMA = Token(",", ",")


def find_estate(tokens: list[Token], vocabulary: Vocabulary) -> tuple[int, int] | None:
    """Where the words stand that address the representatives of a dead person; None if nowhere."""
    for i in range(len(tokens)):
        end = i + _is_estate_word(tokens, i, vocabulary, first=True)
        if end == i:
            continue
        while end < len(tokens) and (
            tokens[end].key in vocabulary.estate_between
            or _is_estate_word(tokens, end, vocabulary, first=False)
        ):
            end += 1
        keys = [token.key for token in tokens[i:end]]
        start = i
        while start and tokens[start - 1].key in ("the", "all"):
            start -= 1
        if _makes_estate(keys, tokens, i, end, vocabulary):
            while tokens[end - 1].key in ("&", "+", "and"):
                end -= 1
            return start, end
    return None


def _is_estate_word(tokens: list[Token], i: int, vocabulary: Vocabulary, *, first: bool) -> bool:
    """Whether the word is one of `executors of the estate of`; `Per` and `Next` only in front of others."""
    key = tokens[i].key
    if key in vocabulary.representatives_of:
        following = tokens[i + 1].key if i + 1 < len(tokens) else ""
        return (
            following in vocabulary.representatives
            or following in vocabulary.representatives_of
            or (key == "next" and following == "of")
        )
    return key in vocabulary.estate_words or (
        first and (key in vocabulary.estate_family or key in vocabulary.estate_widows)
    )


def _makes_estate(keys: list[str], tokens: list[Token], start: int, end: int, vocabulary: Vocabulary) -> bool:
    """Whether the run of words is about an estate, and not a name or an organisation with such a word in it."""
    before = any(map(is_word, tokens[:start]))
    has_of = "of" in keys
    in_front = not before and end < len(tokens)
    names_before = sum(is_word(token) and (token.key,) not in vocabulary.titles for token in tokens[:start])
    # `Mr Smith Executor`, but not `Miss Gladys Executor`
    behind_name = names_before > 1 or (
        names_before == 1 and tokens[start - 1].key not in vocabulary.forenames
    )
    for i, key in enumerate(keys):
        if key in vocabulary.executors:
            if key not in vocabulary.unsure_executors or has_of or in_front or behind_name:
                return True
        elif key in vocabulary.representatives:
            led = i > 0 and any(k in vocabulary.representatives_of for k in keys[:i])
            if led or (has_of and "of" in keys[i:]) or (in_front and is_title_at(tokens, end, vocabulary)):
                return True
        elif key in vocabulary.estates:
            if (
                "of" in keys[i:]
                or "late" in keys[i:]
                or (in_front and _is_name_of_two(tokens[end:], vocabulary))
            ):
                return True
        elif key in vocabulary.estate_widows:
            if "of" in keys[i:]:
                return True
        elif key in vocabulary.estate_family and "of" in keys[i:] and "late" in keys[i:]:
            return True
    return False


def _is_name_of_two(tokens: list[Token], vocabulary: Vocabulary) -> bool:
    """A title or two words follow, none of them a firm's: `ESTATE MR J SMITH`, not `ESTATE ROSE`."""
    firm = vocabulary.organisation_words | vocabulary.unsure_organisation_words | vocabulary.legal_forms
    return len(tokens) > 1 and all(is_word(token) and token.key not in firm for token in tokens)


def strip_estate(marked: Marked, vocabulary: Vocabulary) -> None:
    """Take out `executors of` and the like; keeps the dead person's name, which mostly follows."""
    found = find_estate(marked.tokens, vocabulary)
    if found is None and marked.deceased:
        found = _find_trustees(marked.tokens)
    if found is None:
        return
    before, after = marked.tokens[: found[0]], marked.tokens[found[1] :]
    marked.estate = True
    marked.deceased = True
    again = find_estate(after, vocabulary)
    if again is not None and not any(map(is_word, after[: again[0]])):
        after = after[again[1] :]
    after = after[1:] if after and after[0].key in MARKS else after
    if not any(map(is_word, after)):
        marked.tokens = before
    elif not any(map(is_word, before)) or has_only_titles(before, vocabulary):
        marked.tokens = before + after
        marked.forename_first = True
    elif before[-1].key in CONNECTORS and before[-1].key != "/":
        marked.tokens = before + after
        marked.estate = False  # a living person beside the representatives
        marked.forename_first = True
    elif _lacks_surname(after, vocabulary) and not has_title(before, vocabulary):
        marked.tokens = [*(token for token in before if is_word(token)), _COMMA, *after]
    else:
        marked.tokens = after
        marked.forename_first = True


def _find_trustees(tokens: list[Token]) -> tuple[int, int] | None:
    """`Trustees of J Smith decd`: of a dead person they are representatives, else an organisation."""
    keys = [token.key for token in tokens]
    start = 1 if keys[:1] == ["the"] else 0
    return (0, start + 2) if keys[start : start + 2] == ["trustees", "of"] else None


def _lacks_surname(tokens: list[Token], vocabulary: Vocabulary) -> bool:
    words = [token for token in tokens if is_word(token) and (token.key,) not in vocabulary.titles]
    return all(token.is_initial or (len(words) == 1 and token.key in vocabulary.forenames) for token in words)


def split_glued(tokens: list[Token], vocabulary: Vocabulary) -> list[Token]:
    """`repsmrs` is `reps` and `mrs`, `exorsofmr` is `exors`, `of` and `mr`."""
    split: list[Token] = []
    for token in tokens:
        parts = _unglue(token, vocabulary) if token.key.startswith(vocabulary.estate_heads) else None
        split += parts or [token]
    return split


def _unglue(token: Token, vocabulary: Vocabulary) -> list[Token] | None:
    key = token.key
    for head in vocabulary.estate_heads:
        if not key.startswith(head) or key == head or key in vocabulary.special:
            continue
        rest = key[len(head) :]
        middle = next((m for m in vocabulary.estate_middles if rest.startswith(m)), "")
        tail = rest[len(middle) :]
        if tail and (tail,) not in vocabulary.titles:
            continue
        parts = [head, *(["of"] if "of" in middle or not middle else []), *([tail] if tail else [])]
        return [Token(part, part) for part in parts]
    return None
