"""From the tokens of a name to the people in it: who has which title, forenames and surname."""

from dataclasses import dataclass, field

from scv.names.chunks import Part, read_parts, split_chunks
from scv.names.model import Person
from scv.names.order import is_surname_first, split_forename_first, split_surname_first, surname_length
from scv.names.text import capitalise
from scv.names.tokens import Token
from scv.names.vocabulary import Vocabulary

_BEFORE_UNNAMED = frozenset(["the", "a", "an", "his", "her", "current", "any"])


@dataclass(slots=True)
class Draft:
    """A person being put together; `open` are words of which it is not decided yet what they are."""

    titles: list[str] = field(default_factory=list)
    forenames: list[Token] = field(default_factory=list)
    surname: list[Token] = field(default_factory=list)
    suffix: str = ""
    open: list[Token] = field(default_factory=list)
    # the title stood in front, so the forename comes first; or behind, so the surname probably does
    titled_in_front: bool = False
    titled_behind: bool = False
    # the surname stood before a comma or before the title
    surname_given: bool = False
    # who lends the surname: `Mrs` in `Mr & Mrs J Smith` has it from `Mr`
    partner: "Draft | None" = None

    @property
    def is_title_only(self) -> bool:
        """Whether no name was read at all."""
        return bool(self.titles) and not (self.open or self.forenames or self.surname)


def read_people(
    tokens: list[Token], in_capitals: bool, forename_first: bool, may_be_cut: bool, vocabulary: Vocabulary
) -> tuple[Person, ...]:
    """The people named.

    `in_capitals`: the source wrote capitals only, so that a name without a title has its surname first
    unless `forename_first` says otherwise; `may_be_cut`: the last word may be incomplete.
    """
    drafts: list[Draft] = []
    chunks = split_chunks(tokens, vocabulary)
    for chunk in chunks:
        if len(chunks) > 1 and len(chunk) == 1 and chunk[0].key in ("lord", "lady"):
            drafts.append(Draft(titles=[vocabulary.titles_in_front[chunk[0].key]]))
        else:
            drafts += _read_chunk(chunk, in_capitals, drafts, vocabulary)
    drafts = _share_titles(drafts)
    _spread_titles_of_several(drafts, vocabulary)
    _decide_order(drafts, in_capitals, forename_first, vocabulary)
    if may_be_cut:
        _complete_last(drafts, vocabulary)
    _share_surnames(drafts)
    people = (_finish(draft, in_capitals, vocabulary) for draft in drafts)
    return tuple(person for person in people if person.forename or person.surname)


def _read_chunk(
    chunk: list[Token], in_capitals: bool, before: list[Draft], vocabulary: Vocabulary
) -> list[Draft]:
    keys = [token.key for token in chunk if token.key != ","]
    unnamed = keys[-1] in vocabulary.unnamed or keys[-1] in vocabulary.firm_members
    if before and unnamed and all(key in _BEFORE_UNNAMED for key in keys[:-1]):
        return []
    parts = read_parts(chunk, in_capitals, vocabulary)
    if not parts:
        return []
    if len(parts) > 1 and _is_list(parts, vocabulary):
        return [_draft(part) for part in parts]
    first = parts[0]
    if len(parts) == 1 or (
        first.is_titled_in_front and len(first.words) > surname_length(first.words, vocabulary)
    ):
        return [_draft(first)]
    titles = [title for i, part in enumerate(parts) for title in part.titles]
    suffix = next((part.suffix for part in parts if part.suffix), "")
    forenames = [word for part in parts[1:] for word in part.names]
    return [Draft(titles=titles, surname=first.names, forenames=forenames, suffix=suffix, surname_given=True)]


def _is_list(parts: list[Part], vocabulary: Vocabulary) -> bool:
    """Whether commas stand between persons (`Mr A Khan, Mrs B Khan`) and not behind a surname (`Khan, Mr A`)."""
    if all(part.is_titled_in_front for part in parts):
        return True
    if all(len(part.words) == 1 and part.words[0].is_initial for part in parts[:-1]):
        return True
    return all(_is_whole_name(part, vocabulary) for part in parts)


def _is_whole_name(part: Part, vocabulary: Vocabulary) -> bool:
    words = part.words
    if len(words) < 2 or all(word.is_initial for word in words):
        return False
    ends_in_initial = words[-1].is_initial and not words[0].is_initial
    starts_as_name = words[0].is_initial or words[0].key in vocabulary.forenames
    return part.is_titled_in_front or ends_in_initial or starts_as_name


def _draft(part: Part) -> Draft:
    if part.lead and part.words:
        return Draft(
            part.titles, forenames=part.words, surname=part.lead, suffix=part.suffix, surname_given=True
        )
    if part.lead:
        return Draft(part.titles, open=part.lead, suffix=part.suffix, titled_behind=True)
    return Draft(part.titles, open=part.words, suffix=part.suffix, titled_in_front=bool(part.titles))


def _share_titles(drafts: list[Draft]) -> list[Draft]:
    """`Mr & Mrs J Smith`: the name belongs to the first title; `Mr & Mrs J & A Smith`: one to each."""
    if len(drafts) == 1:
        return drafts
    shared: list[Draft] = []
    waiting: list[Draft] = []
    drafts = list(drafts)
    while drafts:
        draft = drafts.pop(0)
        if draft.is_title_only and drafts:
            waiting.append(draft)
            continue
        if not waiting:
            _take_back_forename(shared, draft, bool(drafts))
            shared.append(draft)
            continue
        group = [*waiting, draft]
        waiting = []
        titles = [member.titles for member in group]
        partners = len(group) - 1
        untitled = [member for member in drafts[:partners] if not member.titles and member.open]
        if len(untitled) == partners and len(titles) == len(group):
            names = [draft, *untitled]
            del drafts[:partners]
            for title, name in zip(titles, names, strict=True):
                name.titles, name.titled_in_front = title, True
            shared += names
        else:
            first, others = draft, group[1:-1]
            last = Draft(titles=draft.titles)
            first.titles = titles[0]
            for other in (*others, last):
                other.partner = first
            shared += [first, *others, last]
    return shared


def _spread_titles_of_several(drafts: list[Draft], vocabulary: Vocabulary) -> None:
    """`Messrs J & K Smith`: each of them is Mr."""
    if drafts and drafts[0].titles and drafts[0].titles[0] in vocabulary.titles_of_several:
        for draft in drafts[1:]:
            draft.titles = draft.titles or drafts[0].titles


def _take_back_forename(shared: list[Draft], draft: Draft, more: bool) -> None:
    """`SMITH, MR & MRS J` is `MR & MRS J SMITH` with the surname in front: the forename is the first one's."""
    if (
        len(shared) != 1
        or more
        or not draft.titled_in_front
        or not all(word.is_initial for word in draft.open)
    ):
        return
    first = shared[0]
    if first.surname_given and not first.forenames:
        first.forenames, draft.open = draft.open, []
    elif first.titled_behind and len(first.open) == 1:
        first.surname, first.forenames, first.open, draft.open = first.open, draft.open, [], []


def _decide_order(
    drafts: list[Draft], in_capitals: bool, forename_first: bool, vocabulary: Vocabulary
) -> None:
    """Decide for the open words of each draft which are forenames and which the surname."""
    several = [draft for draft in drafts if len(draft.open) > 1]
    lenders = [
        draft
        for draft in drafts
        if draft.surname_given or (draft.open and not draft.open[0].is_initial) or draft in several
    ]
    opens_with_forename = len(drafts) > 1 and len(drafts[0].open) == 1 and bool(several)
    surname_first_by_custom = (
        in_capitals
        and not forename_first
        and not opens_with_forename
        and not any(draft.titled_in_front and draft in several for draft in drafts)
    )
    for i, draft in enumerate(drafts):
        if not draft.open:
            continue
        if draft not in several:
            _place_single(
                draft,
                drafts[:i],
                any(other is not draft for other in lenders),
                opens_with_forename,
                vocabulary,
            )
        elif draft.titled_in_front or not is_surname_first(
            draft.open,
            by_custom=surname_first_by_custom or draft.titled_behind,
            consult_lists=in_capitals or draft.titled_behind or forename_first or len(drafts) > len(several),
            vocabulary=vocabulary,
        ):
            is_titled = bool(draft.titles)
            draft.forenames, draft.surname = split_forename_first(
                draft.open, is_titled, in_capitals, vocabulary
            )
        else:
            draft.surname, draft.forenames = split_surname_first(draft.open, vocabulary)


def _place_single(
    draft: Draft, before: list[Draft], can_borrow: bool, opens_with_forename: bool, vocabulary: Vocabulary
) -> None:
    """One word: a surname, unless another person can lend one and the word is an initial or a forename."""
    word = draft.open[-1]
    is_forename = word.key in vocabulary.forenames
    is_surname = word.key in vocabulary.surnames
    if not can_borrow:
        borrows = False
    elif word.is_initial or (not is_surname and any(other.surname_given for other in before)):
        borrows = True
    elif not any(other.surname for other in before):
        borrows = is_forename or not is_surname or (opens_with_forename and not draft.titles)
    else:
        borrows = is_forename and (not is_surname or not draft.titles)
    if borrows:
        draft.forenames = draft.open
    else:
        draft.surname = draft.open


def _complete_last(drafts: list[Draft], vocabulary: Vocabulary) -> None:
    """A last word that the column cut off: the beginning of the partner's surname stands for that surname."""
    if len(drafts) < 2 or not drafts[-1].surname:
        return
    last, partners = drafts[-1], [draft.surname for draft in drafts[:-1] if draft.surname]
    stump = last.surname[-1].key
    for surname in partners:
        whole = surname[-1].key
        if whole != stump and whole.startswith(stump) and len(last.surname) <= len(surname):
            last.surname = surname
            return
    if not last.forenames and partners and stump not in vocabulary.surnames:
        # half a word is neither a forename nor a surname that anybody has
        last.surname = []


def _share_surnames(drafts: list[Draft]) -> None:
    """A surname that is missing is taken from the next person, else from the one before."""
    for draft in drafts:
        if draft.partner:
            draft.surname = draft.surname or draft.partner.surname
    following: list[Token] = []
    for draft in reversed(drafts):
        draft.surname = draft.surname or following
        following = draft.surname
    before: list[Token] = []
    for draft in drafts:
        draft.surname = draft.surname or before
        before = draft.surname


def _finish(draft: Draft, in_capitals: bool, vocabulary: Vocabulary) -> Person:
    titles = [vocabulary.titles_of_several.get(title, title) for title in draft.titles]
    forenames = [_write_forename(word, in_capitals, vocabulary) for word in draft.forenames]
    surname = [
        _write_surname(word, i, draft.surname, in_capitals, vocabulary)
        for i, word in enumerate(draft.surname)
    ]
    return Person(
        title=" ".join(titles),
        forename=forenames[0] if forenames else "",
        middle_names=" ".join(forenames[1:]),
        surname=" ".join(surname),
        suffix=draft.suffix,
    )


def _needs_capitals(raw: str, in_capitals: bool) -> bool:
    """Capitals throughout, or a small first letter: recast; anything else is kept as written."""
    return raw.islower() or (raw.isupper() and (in_capitals or len(raw) > 2))


def _write_forename(word: Token, in_capitals: bool, vocabulary: Vocabulary) -> str:
    if not _needs_capitals(word.raw, in_capitals):
        return word.raw
    is_initials = (
        len(word.raw) <= 3 and not set(word.key) & set("aeiouy") and word.key not in vocabulary.forenames
    )
    return word.raw.upper() if is_initials and word.raw.isascii() else capitalise(word.raw)


def _write_surname(
    word: Token, i: int, surname: list[Token], in_capitals: bool, vocabulary: Vocabulary
) -> str:
    is_particle = i < len(surname) - 1 and word.key in vocabulary.particles
    if is_particle and (word.raw.islower() or word.raw.isupper()):
        return word.raw if word.raw.islower() and not in_capitals else vocabulary.particles[word.key]
    return capitalise(word.raw) if _needs_capitals(word.raw, in_capitals) else word.raw
