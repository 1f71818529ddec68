"""One stretch of a name, between `&` and `&`: its titles, suffix, and the words that are left, by where they stood."""

from dataclasses import dataclass, field

from scv.names.tokens import CONNECTORS, NUMBER, Token, is_title_at
from scv.names.vocabulary import Vocabulary

_CIVIL = frozenset(["Mr", "Mrs", "Ms", "Miss", "Mx"])


@dataclass(slots=True)
class Part:
    """Words between commas: those before a title in the middle (`lead`) and the others (`words`)."""

    titles: list[str] = field(default_factory=list)
    lead: list[Token] = field(default_factory=list)
    words: list[Token] = field(default_factory=list)
    suffix: str = ""

    @property
    def is_titled_in_front(self) -> bool:
        """Whether a title opens it and a name follows."""
        return bool(self.titles) and not self.lead and bool(self.words)

    @property
    def names(self) -> list[Token]:
        """All words that are names."""
        return self.lead + self.words


def split_chunks(tokens: list[Token], vocabulary: Vocabulary) -> list[list[Token]]:
    """Split between persons: at `&`, `and`, `/`, and where a second title follows a whole titled name."""
    chunks: list[list[Token]] = [[]]
    for i, token in enumerate(tokens):
        if token.key in CONNECTORS:
            chunks.append([])
            continue
        current = chunks[-1]
        following = tokens[i + 1].key if i + 1 < len(tokens) else ","
        if (
            token.key in vocabulary.title_starts
            and is_title_at(tokens, i, vocabulary)
            and len(current) > 1
            and is_title_at(current, 0, vocabulary)
            and current[-1].key not in vocabulary.title_words
            and current[-1].key != ","
            and following != ","
            and following not in CONNECTORS
        ):
            chunks.append([])
        chunks[-1].append(token)
    return [chunk for chunk in chunks if any(token.key != "," for token in chunk)]


def read_part(tokens: list[Token], in_capitals: bool, vocabulary: Vocabulary) -> Part:
    """Sort the words of one stretch without commas into titles, suffix, honours (dropped) and names."""
    part = Part()
    i = 0
    while i < len(tokens):
        token = tokens[i]
        width, title = _read_title(tokens, i, part, in_capitals, vocabulary)
        if width:
            if part.words:
                part.lead += part.words
                part.words = []
            if title not in part.titles:
                part.titles.append(title)
            i += width
            continue
        width, suffix = _read_suffix(tokens, i, part, vocabulary)
        if width:
            part.suffix = suffix
            i += width
            continue
        is_number = token.key == NUMBER or token.raw[0].isdigit()
        if not is_number and not (token.key == "the" and not part.words):
            part.words.append(token)
        i += 1
    _drop_honours(part, in_capitals, vocabulary)
    return part


def _read_title(
    tokens: list[Token], i: int, part: Part, in_capitals: bool, vocabulary: Vocabulary
) -> tuple[int, str]:
    key = tokens[i].key
    if key not in vocabulary.title_starts:
        return 0, ""
    width = is_title_at(tokens, i, vocabulary)
    if width:
        return width, vocabulary.titles[tuple(token.key for token in tokens[i : i + width])]
    following = tokens[i + 1 :]
    if part.names or not following or key not in vocabulary.titles_in_front:
        return 0, ""
    if any(title in _CIVIL for title in part.titles):
        return 0, ""
    if in_capitals and not part.titles and key in vocabulary.surnames:
        # MAJOR JOHN and MAJOR MR JOHN have that surname, MAJOR JOHN SMITH is an officer
        names = [token for token in following if (token.key,) not in vocabulary.suffixes]
        if len(names) == 1 and names[0].key in vocabulary.forenames:
            return 0, ""
        if any(vocabulary.titles.get((token.key,)) in _CIVIL for token in following):
            return 0, ""
    return 1, vocabulary.titles_in_front[key]


def _read_suffix(tokens: list[Token], i: int, part: Part, vocabulary: Vocabulary) -> tuple[int, str]:
    token = tokens[i]
    if token.key not in vocabulary.suffix_starts and token.key != "the":
        return 0, ""
    pair = tuple(t.key for t in tokens[i : i + 2])
    if len(pair) == 2 and pair in vocabulary.suffixes:
        return 2, vocabulary.suffixes[pair]
    suffix = vocabulary.suffixes.get((token.key,), "")
    names = part.names
    if not suffix or (not names and len(tokens) > 1):
        return 0, ""
    if token.key in ("junior", "senior"):  # John Senior is a name, John Smith Senior a father
        previous = names[-1] if names else None
        ends = all((t.key,) in vocabulary.titles or t.key in vocabulary.honours for t in tokens[i + 1 :])
        is_forename = previous is not None and (previous.is_initial or previous.key in vocabulary.forenames)
        if not names or not ends or (len(names) == 1 and (is_forename or not part.titles)):
            return 0, ""
    if token.key in ("ii", "iii", "iv") and not token.raw.isupper():
        return 0, ""
    return 1, suffix


def _drop_honours(part: Part, in_capitals: bool, vocabulary: Vocabulary) -> None:
    """Drop OBE, PhD and the like from the end; `Jack Ma` and `SMITH JP` keep what makes them whole."""
    for words in (part.words, part.lead):
        while words:
            last = words[-1]
            others = len(part.names) - 1
            is_honour = last.key in vocabulary.honours and (others or part.titles)
            is_degree = last.key in vocabulary.unsure_honours and last.raw.isupper()
            is_whole = (others > 1 and (part.titles or not in_capitals)) or (
                others == 1 and part.titles and _is_surname_only(part.names[0], vocabulary)
            )
            if not (is_honour or (is_degree and is_whole)):
                break
            words.pop()


def _is_surname_only(word: Token, vocabulary: Vocabulary) -> bool:
    return word.key in vocabulary.surnames and word.key not in vocabulary.forenames


def read_parts(chunk: list[Token], in_capitals: bool, vocabulary: Vocabulary) -> list[Part]:
    """The stretches of a chunk between commas; one of a suffix or a title alone joins its neighbour."""
    pieces: list[list[Token]] = [[]]
    for token in chunk:
        if token.key == ",":
            pieces.append([])
        else:
            pieces[-1].append(token)
    parts: list[Part] = []
    for piece in pieces:
        if not piece:
            continue
        if parts and all(
            token.key in vocabulary.honours or token.key in vocabulary.unsure_honours for token in piece
        ):
            continue
        part = read_part(piece, in_capitals, vocabulary)
        if parts and not part.names:
            if part.titles and not parts[-1].titles:  # `SMITH, MR`: the title stands behind
                parts[-1].lead, parts[-1].words = parts[-1].names, []
            parts[-1].titles += [title for title in part.titles if title not in parts[-1].titles]
            parts[-1].suffix = parts[-1].suffix or part.suffix
        elif part.names or part.titles:
            parts.append(part)
    return parts
