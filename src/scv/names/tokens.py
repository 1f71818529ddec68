"""From a written name to its tokens: words, and the marks that stand between them."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from scv.names.text import fold, mend_digits
from scv.names.vocabulary import Vocabulary, load_vocabulary


class Token(NamedTuple):
    """A word as written and as compared; a mark has itself as key, a number has the key `#`."""

    raw: str
    key: str

    @property
    def is_initial(self) -> bool:
        """Whether it is a single letter of a script with capitals."""
        return len(self.raw) == 1 and self.raw.lower() != self.raw.upper()


@dataclass(slots=True)
class Marked:
    """The tokens of the name itself, and what was written around it."""

    tokens: list[Token]
    deceased: bool = False
    estate: bool = False
    # words stood in front (`executors of`, `the late`) behind which the forename comes first
    forename_first: bool = False


NUMBER = "#"
MARKS = frozenset([",", "&", "+", "/", ";", "(", ")", "-"])
# Between persons.
CONNECTORS = frozenset(["&", "+", "/", ";", "and", "or"])

_PIECES = re.compile(r"[^\s,&+/;()\[\]{}<>|]+|[,&+/;()\[\]{}]")
_NICKNAME = re.compile(r'"[^"]*"|(?<=\s)\'[^\' ]+\'(?=\s)')
_SLASHED = re.compile(
    r"(?<![\w/])(?:(?P<careof>c/o|c/-)|(?P<tradingas>t/as?)|(?P<notapplicable>n/[ak])|(?P<knownas>[afn]/?k/?a(?=\W))"
    r"|(?P<relationof>[wsdh]/o)|(?P<reps>p/rs?|p/reps?)|(?P<and>(?:and|&)/or))(?!\w)",
    re.IGNORECASE,
)
_PERSONAL_REPRESENTATIVES = re.compile(r"(?<!\w)p\.?\s*/?\s*r\.?'?s?\s+of(?!\w)", re.IGNORECASE)
_DOTTED_LETTERS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?\.?")
_EDGES = "'\".:!?*_#~^=\\@%$£€°…"


def is_word(token: Token) -> bool:
    """Whether the token is a word rather than a mark or a number."""
    return token.key not in MARKS and token.key != NUMBER


def is_title_at(tokens: list[Token], i: int, vocabulary: Vocabulary) -> int:
    """How many tokens the title at `i` has; 0 if there is none. Leaves out titles that are names as well."""
    if i + 1 < len(tokens) and (tokens[i].key, tokens[i + 1].key) in vocabulary.titles:
        return 2
    return 1 if (tokens[i].key,) in vocabulary.titles else 0


def has_title(tokens: list[Token], vocabulary: Vocabulary) -> bool:
    """Whether any title stands in the tokens."""
    return any(is_title_at(tokens, i, vocabulary) for i in range(len(tokens)))


def has_only_titles(tokens: list[Token], vocabulary: Vocabulary) -> bool:
    """Whether all words are titles."""
    return all((token.key,) in vocabulary.titles for token in tokens if is_word(token))


def tokenise(text: str) -> list[Token]:
    """Split a cleaned name. Digits typed for letters are mended; numbers stay, as tokens of their own kind."""
    vocabulary = load_vocabulary()
    if "/" in text:
        text = _SLASHED.sub(_expand_slashed, text)
    if '"' in text or "'" in text:
        text = _NICKNAME.sub(" ", text)
    if " of" in text or " OF" in text or " Of" in text:
        text = _PERSONAL_REPRESENTATIVES.sub("persreps of", text)
    tokens: list[Token] = []
    for piece in _PIECES.findall(text):
        if piece in MARKS:
            tokens.append(Token(piece, piece))
        elif piece in "[{":
            tokens.append(Token("(", "("))
        elif piece in "]}":
            tokens.append(Token(")", ")"))
        elif piece.isalpha():
            # the Irish particle is no initial O
            tokens.append(Token(piece, "ó" if piece in ("Ó", "ó") else fold(piece)))
        else:
            _add_word(tokens, piece, vocabulary)
    return _join_halves(tokens, vocabulary)


def _expand_slashed(match: re.Match[str]) -> str:
    meaning = match.lastgroup or ""
    return {"reps": " persreps ", "and": " & "}.get(meaning, f" {meaning} ")


def _add_word(tokens: list[Token], piece: str, vocabulary: Vocabulary) -> None:
    """Add a piece that is not all letters: full stops, dashes, apostrophes, digits."""
    if piece[0] == "-" and piece.strip("-") and piece[-1] != "-":
        tokens.append(Token("-", "-"))
    dangling = piece[-1] == "-" and bool(piece.strip("-"))
    word = piece.strip("-").strip(_EDGES)
    if not word:
        if set(piece) == {"-"}:
            tokens.append(Token("-", "-"))
        return
    for part in _split_at_stops(word, vocabulary) if "." in word else (word,):
        core = part.strip(_EDGES + "-")
        if any(c.isdigit() for c in core):
            mended = mend_digits(core)
            tokens.append(Token(core, NUMBER) if mended is None else Token(mended, fold(mended)))
        elif any(c.isalpha() for c in core):
            tokens.append(Token(core, fold(core)))
    if dangling:
        tokens.append(Token("~", "~"))


def _split_at_stops(word: str, vocabulary: Vocabulary) -> list[str]:
    """`Ph.D` and `O.B.E.` are one word each; `J.P.` are two initials, `Mr.J.Smith` three words."""
    joined = word.replace(".", "")
    key = fold(joined)
    whole = (vocabulary.honours, vocabulary.legal_forms, vocabulary.death, vocabulary.placeholders)
    if any(key in words for words in whole):
        return [joined]
    if _DOTTED_LETTERS.fullmatch(word):
        return [part for part in word.split(".") if part]
    if joined.replace("/", "").isdigit():
        return [joined]
    return [part for part in word.split(".") if part]


def _join_halves(tokens: list[Token], vocabulary: Vocabulary) -> list[Token]:
    """`OKAFOR- BYRNE` is one word, and so is `O NEILL`."""
    if not any(token.key == "~" or token.key == "o" for token in tokens):
        return tokens
    joined: list[Token] = []
    for token in tokens:
        last = joined[-1].key if joined else ""
        if last == "~":
            joined.pop()
            if is_word(token) and joined and is_word(joined[-1]):
                before = joined.pop()
                joined.append(Token(f"{before.raw}-{token.raw}", f"{before.key}-{token.key}"))
                continue
        if last == "o" and token.key in vocabulary.irish:
            joined[-1] = Token(f"{joined[-1].raw}'{token.raw}", f"o'{token.key}")
            continue
        joined.append(token)
    return [token for token in joined if token.key != "~"]
