"""The parts of the purpose register as they are written in purposes/register.yml."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from scv.manifests import Identifier, LawfulBasis, Privacy

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=600)]
# Article 9(2) of the UK GDPR, by its letters (a), (b), (c), (f), (g), (h), (i) and (j).
Article9 = Literal[
    "explicit_consent", "employment_and_social_protection", "vital_interests", "legal_claims",
    "substantial_public_interest", "health_or_social_care", "public_health", "research_and_statistics",
]  # fmt: skip
# The paragraphs of Schedule 1 of the Data Protection Act 2018 that its section 10 asks for beside the article.
SCHEDULE_1: dict[str, range] = {
    "employment_and_social_protection": range(1, 2),
    "health_or_social_care": range(2, 3),
    "public_health": range(3, 4),
    "research_and_statistics": range(4, 5),
    "substantial_public_interest": range(6, 29),
}


class Entry(BaseModel):
    """Base of the register's parts: frozen, and a word that we do not know is an error, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Department(Entry):
    """Somebody who gives or uses data: the owner of systems, or a team that only reads."""

    name: Identifier = Field(description="Name that allowances use.")
    title: Words = Field(description="Name that people use.")
    systems: tuple[Identifier, ...] = Field(
        default=(), description="The systems that it owns, by the names of their manifests."
    )


class Purpose(Entry):
    """Something that data are used for."""

    name: Identifier = Field(description="Name that allowances and code use.")
    title: Words = Field(description="Name that people use.")
    description: Words = Field(description="What is done, and what is not.")
    shows_values: bool = Field(
        default=False, description="Whether people look at the values, rather than programs comparing them."
    )


class DataClass(Entry):
    """A kind of data that is allowed or denied as a whole."""

    name: Identifier = Field(description="Name that allowances and code use.")
    title: Words = Field(description="Name that people use.")
    description: Words = Field(description="What belongs to it.")
    is_special_category: bool = Field(
        default=False, description="Whether Article 9 protects it, so that an allowance needs a condition."
    )
    privacy: tuple[Privacy, ...] = Field(
        default=(),
        description="The manifests' privacy classes whose columns belong here, unless named elsewhere.",
    )
    columns: tuple[str, ...] = Field(
        default=(),
        description="Columns that belong here whatever their privacy class: system.table.column, or "
        "system.table.* for all that no other class names.",
    )
    link_columns: tuple[Identifier, ...] = Field(
        default=(), description="Columns of the link input that hold it, so that linkage compares them."
    )


class Condition(Entry):
    """Why special category data may be used: Article 9(2), and Schedule 1 where the Act asks for it."""

    article_9: Article9 = Field(description="Condition of Article 9(2) of the UK GDPR.")
    schedule_1: int | None = Field(
        default=None, description="Paragraph of Schedule 1 of the Data Protection Act 2018."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        wanted = SCHEDULE_1.get(self.article_9)
        if wanted is None and self.schedule_1 is not None:
            raise ValueError(f"schedule_1: expected none beside {self.article_9}, found {self.schedule_1}")
        if wanted is not None and self.schedule_1 not in wanted:
            numbers = str(wanted[0]) if len(wanted) == 1 else f"{wanted[0]} to {wanted[-1]}"
            found = "nothing" if self.schedule_1 is None else self.schedule_1
            raise ValueError(
                f"schedule_1: expected paragraph {numbers} beside {self.article_9}, found {found}"
            )
        return self


class Allowance(Entry):
    """One decision: these departments may use these classes of data for this purpose, for as long as it stands."""

    name: Identifier = Field(description="Name of the decision, used once.")
    departments: tuple[Identifier, ...] = Field(min_length=1, description="Who may.")
    purpose: Identifier = Field(description="What for.")
    data_classes: tuple[Identifier, ...] = Field(min_length=1, description="Which data.")
    lawful_basis: LawfulBasis = Field(description="Basis in Article 6 of the UK GDPR.")
    condition: Condition | None = Field(
        default=None, description="Condition for special category data; only with such classes."
    )
    gateway: Words = Field(description="The power that opens the way, and its limits, in words.")
    approved_by: Words = Field(description="The office that decided, never a person's name.")
    approved_on: date = Field(description="First day on which it stands.")
    review_due: date = Field(description="Day by which it is looked at again; after it, it is reported.")
    expires_on: date | None = Field(default=None, description="First day on which it no longer stands.")

    def stands(self, on: date) -> bool:
        """Whether it is in force on a day: from its approval until it expires."""
        return self.approved_on <= on and (self.expires_on is None or on < self.expires_on)

    def is_overdue(self, on: date) -> bool:
        """Whether it still stands although nobody looked at it by the day that was agreed."""
        return self.stands(on) and on > self.review_due

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.review_due <= self.approved_on:
            raise ValueError(f"review_due: expected a day after approved_on, found {self.review_due}")
        if self.expires_on is not None and self.expires_on <= self.approved_on:
            raise ValueError(f"expires_on: expected a day after approved_on, found {self.expires_on}")
        for field in ("departments", "data_classes"):
            names = getattr(self, field)
            if len(set(names)) != len(names):
                raise ValueError(f"{field}: expected each name once")
        return self
