"""The code lists of disclosures, read from the seeds, which are their one place."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field, ValidationError

from scv.errors import SettingsError
from scv.manifests import Identifier, LawfulBasis
from scv.purposes.entries import Article9, Condition, Entry


def _empty_to_none(value: object) -> object:
    return None if value == "" else value


class Need(Entry):
    """What is hard for a person."""

    need_code: Identifier = Field(description="Code of the need.")
    need_name: str = Field(min_length=3, description="What is hard, in words.")
    is_special_category: bool = Field(description="Whether it tells of health.")
    is_temporary: bool = Field(description="Whether it passes, so that an end must be set.")
    review_months: int = Field(ge=1, le=12, description="Months by which it is reviewed at the latest.")


class Action(Entry):
    """What was agreed to do."""

    action_code: Identifier = Field(description="Code of the action.")
    action_name: str = Field(min_length=3, description="What to do, in words.")
    action_kind: Identifier = Field(description="Kind of the action.")


class Channel(Entry):
    """How a person told the council."""

    channel_code: Identifier = Field(description="Code of the channel.")
    channel_name: str = Field(min_length=3, description="The channel in words.")


class Reason(Entry):
    """Why a need may be recorded."""

    condition_code: Identifier = Field(description="Code of the condition.")
    condition_name: str = Field(min_length=3, description="The condition in words.")
    lawful_basis: LawfulBasis = Field(description="Basis in Article 6 of the UK GDPR.")
    article_9: Annotated[Article9 | None, BeforeValidator(_empty_to_none)] = Field(
        description="Condition of Article 9(2); none where the need is no special category."
    )
    schedule_1: Annotated[int | None, BeforeValidator(_empty_to_none)] = Field(
        description="Paragraph of Schedule 1 of the Data Protection Act 2018."
    )

    def model_post_init(self, context: object) -> None:
        """Article and paragraph must fit together as in the purpose register."""
        if self.article_9 is not None:
            Condition(article_9=self.article_9, schedule_1=self.schedule_1)


@dataclass(frozen=True)
class CodeLists:
    """The four lists, by code."""

    needs: dict[str, Need]
    actions: dict[str, Action]
    channels: dict[str, Channel]
    conditions: dict[str, Reason]


_Row = TypeVar("_Row", bound=Entry)


def load_codes(root: Path) -> CodeLists:
    """The code lists of a checkout; SettingsError names file, line and what was expected."""
    seeds = root / "dbt_project" / "seeds"
    return CodeLists(
        needs=read_codes(seeds / "support_needs.csv", Need),
        actions=read_codes(seeds / "support_actions.csv", Action),
        channels=read_codes(seeds / "support_channels.csv", Channel),
        conditions=read_codes(seeds / "support_conditions.csv", Reason),
    )


def read_codes(path: Path, kind: type[_Row]) -> dict[str, _Row]:
    """The rows of one list by their first column, which is the code; SettingsError names file and line."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read ({type(error).__name__}). Restore it from git."
        ) from None
    found: dict[str, _Row] = {}
    for number, row in enumerate(rows, start=2):
        try:
            entry = kind.model_validate(row)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"]) or "row"
            raise SettingsError(f"{path}, line {number}: {field}: {first['msg']}.") from None
        code = next(iter(row.values()))
        if code in found:
            raise SettingsError(f"{path}, line {number}: expected each code once, found '{code}' again.")
        found[code] = entry
    return found
