"""The word lists of the parser, read once from the package's data folder."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Vocabulary:
    """Words by what they mean in a name; all keys are folded (see text.fold)."""

    titles: Mapping[tuple[str, ...], str]
    titles_in_front: Mapping[str, str]
    title_starts: frozenset[str]
    title_words: frozenset[str]
    titles_of_several: Mapping[str, str]
    suffixes: Mapping[tuple[str, ...], str]
    suffix_starts: frozenset[str]
    honours: frozenset[str]
    unsure_honours: frozenset[str]
    death: frozenset[str]
    death_with_rest: frozenset[str]
    death_at_end: frozenset[str]
    death_in_brackets: frozenset[str]
    executors: frozenset[str]
    unsure_executors: frozenset[str]
    representatives: frozenset[str]
    representatives_of: frozenset[str]
    estates: frozenset[str]
    estate_widows: frozenset[str]
    estate_family: frozenset[str]
    estate_between: frozenset[str]
    estate_heads: tuple[str, ...]
    estate_middles: tuple[str, ...]
    estate_words: frozenset[str]
    cut_words: frozenset[str]
    cut_phrases: frozenset[tuple[str, ...]]
    front_words: frozenset[str]
    front_phrases: tuple[tuple[str, ...], ...]
    unnamed: frozenset[str]
    firm_members: frozenset[str]
    roles: frozenset[str]
    placeholders: frozenset[str]
    placeholders_alone: frozenset[str]
    placeholder_fillers: frozenset[str]
    placeholder_phrases: tuple[str, ...]
    placeholder_tests: frozenset[str]
    placeholders_in_front: frozenset[str]
    address_words: frozenset[str]
    legal_forms: frozenset[str]
    organisation_words: frozenset[str]
    unsure_organisation_words: frozenset[str]
    surnames_with_title: frozenset[str]
    organisation_phrases: frozenset[tuple[str, ...]]
    organisation_connectors: frozenset[str]
    particles: Mapping[str, str]
    particle_forenames: frozenset[str]
    vietnamese: frozenset[str]
    irish: frozenset[str]
    truncation_lengths: frozenset[int]
    forenames: frozenset[str]
    surnames: frozenset[str]
    special: frozenset[str]

    def is_known(self, key: str) -> bool:
        """Whether the word is on any list: used to choose the letter that a digit stands for."""
        return key in self.special or key in self.forenames or key in self.surnames or (key,) in self.titles


def _spellings(table: Mapping[str, list[str]]) -> dict[tuple[str, ...], str]:
    return {tuple(spelling.split()): written for written, list_ in table.items() for spelling in list_}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(list_: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(phrase.split()) for phrase in list_)


def _read_list(name: str) -> frozenset[str]:
    lines = (files("scv.names") / "data" / name).read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def load_vocabulary() -> Vocabulary:
    """Read the word lists; the result is shared."""
    words: dict[str, Any] = tomllib.loads(
        (files("scv.names") / "data" / "words.toml").read_text(encoding="utf-8")
    )
    titles = _spellings(words["titles"])
    in_front = {spelling[0]: written for spelling, written in _spellings(words["titles_in_front"]).items()}
    suffixes = _spellings(words["suffixes"])
    death, estate, cut = words["death"], words["estate"], words["cut"]
    placeholder, organisation, rules = words["placeholder"], words["organisation"], words["particle_rules"]
    parts: dict[str, Any] = {
        "titles": titles,
        "titles_in_front": in_front,
        "title_starts": frozenset(spelling[0] for spelling in titles) | frozenset(in_front),
        "title_words": frozenset(word for spelling in titles for word in spelling) | frozenset(in_front),
        "titles_of_several": words["titles_of_several"],
        "suffixes": suffixes,
        "suffix_starts": frozenset(spelling[0] for spelling in suffixes),
        "honours": _words(words["honours"]["sure"]),
        "unsure_honours": _words(words["honours"]["unsure"]),
        "death": _words(death["sure"]),
        "death_with_rest": _words(death["with_rest"]),
        "death_at_end": _words(death["at_end"]),
        "death_in_brackets": _words(death["in_brackets"]) | _words(death["sure"]),
        "executors": _words(estate["executors"]),
        "unsure_executors": _words(estate["executors_unsure"]),
        "representatives": _words(estate["representatives"]),
        "representatives_of": _words(estate["representatives_of"]),
        "estates": _words(estate["estates"]),
        "estate_widows": _words(estate["widows"]),
        "estate_family": _words(estate["family"]),
        "estate_between": _words(estate["between"]),
        "estate_heads": tuple(sorted(estate["heads"].split(), key=len, reverse=True)),
        "estate_middles": tuple(sorted(estate["middles"].split(), key=len, reverse=True)),
        "cut_words": _words(cut["from_word"]),
        "cut_phrases": frozenset(_phrases(cut["from_phrase"])),
        "front_words": _words(cut["in_front"]),
        "front_phrases": _phrases(cut["in_front_phrases"]),
        "unnamed": _words(cut["unnamed"]),
        "firm_members": _words(cut["firm_members"]),
        "roles": _words(cut["roles"]),
        "placeholders": _words(placeholder["sure"]),
        "placeholders_alone": _words(placeholder["alone"]),
        "placeholder_fillers": _words(placeholder["filler"]),
        "placeholder_phrases": tuple(f" {phrase} " for phrase in placeholder["phrases"]),
        "placeholder_tests": _words(placeholder["tests"]),
        "placeholders_in_front": _words(placeholder["in_front"]),
        "address_words": _words(placeholder["address"]),
        "legal_forms": _words(organisation["legal"]),
        "organisation_words": _words(organisation["sure"]),
        "unsure_organisation_words": _words(organisation["unsure"]),
        "surnames_with_title": _words(organisation["with_title"]),
        "organisation_phrases": frozenset(_phrases(organisation["phrases"])),
        "organisation_connectors": _words(organisation["connectors"]),
        "particles": words["particles"],
        "particle_forenames": _words(rules["also_forenames"]),
        "vietnamese": _words(rules["vietnamese"]),
        "irish": _words(rules["irish"]),
        "truncation_lengths": frozenset(words["truncation"]["characters"]),
        "forenames": _read_list("forenames.txt"),
        "surnames": _read_list("surnames.txt"),
    }
    parts["estate_words"] = parts["executors"] | parts["representatives"] | parts["estates"]
    parts["special"] = _special(parts)
    assert parts.keys() == {field.name for field in fields(Vocabulary)}
    return Vocabulary(**parts)


def _special(parts: Mapping[str, Any]) -> frozenset[str]:
    """Words that lead away from the short way through the parser; names without any are the great majority."""
    listed = (
        "death death_at_end executors unsure_executors representatives representatives_of estates estate_widows "
        "estate_family cut_words front_words roles placeholders placeholders_alone placeholder_tests "
        "placeholders_in_front address_words legal_forms organisation_words unsure_organisation_words "
        "organisation_connectors firm_members"
    )
    words = frozenset().union(*(parts[name] for name in listed.split()))
    phrases = (*parts["cut_phrases"], *parts["front_phrases"], *parts["organisation_phrases"])
    last_words = {phrase[-1] for phrase in phrases} | {
        phrase.split()[-1] for phrase in parts["placeholder_phrases"]
    }
    return words | last_words | {"late", "and", "or", "the"}
