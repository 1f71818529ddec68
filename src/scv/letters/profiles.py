"""What a deliverer's files look like and which policy their items follow: letters/profiles/<name>.yml."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from scv.errors import InputError, SettingsError
from scv.manifests import Identifier

Policy = Literal["hold", "send"]
POSTED = frozenset(["letter", "print"])


class Part(BaseModel):
    """Base: frozen, and a word that we do not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Csv(Part):
    """How a CSV file is written; it ends with a line end, so that a cut one is seen."""

    delimiter: str = Field(
        default=",", min_length=1, max_length=1, description="What stands between two cells."
    )
    encoding: Literal["utf-8", "utf-8-sig", "latin-1", "cp1252"] = Field(
        default="utf-8", description="Encoding of the text."
    )


class Columns(Part):
    """Where in the file each thing stands, by the deliverer's name of the column."""

    item_id: str = Field(description="Number of the item; unique within a file.")
    addressee: str = Field(description="Name lines as printed.")
    letter_class: str = Field(description="Class of the item: bill, reminder, recovery, ...")
    department: str | None = Field(default=None, description="System whose department sends it.")
    account_ref: str | None = Field(default=None, description="Account reference as printed.")
    template: str | None = Field(default=None, description="Template of the item.")
    channel: str | None = Field(default=None, description="letter, email or sms; else all are letters.")
    address: str | None = Field(default=None, description="Address as printed.")
    postcode: str | None = Field(default=None, description="Postcode as printed.")
    uprn: str | None = Field(default=None, description="Property number, where the deliverer has it.")
    email: str | None = Field(default=None, description="E-mail address that it goes to.")
    phone: str | None = Field(default=None, description="Telephone number that it goes to.")
    letter_format: str | None = Field(default=None, description="Format; else all are standard.")
    body: str | None = Field(default=None, description="Text; read in memory, never stored.")
    carries_other_address: str | None = Field(
        default=None, description="In place of a body: true or false, whether it holds another address."
    )

    def given(self) -> dict[str, str]:
        """Our name to the deliverer's, of every column that the profile names."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class Rules(Part):
    """What the gate needs to know of the deliverer's items, and what it does where it cannot know."""

    recovery_classes: tuple[str, ...] = Field(
        default=("recovery",), description="Classes that recover a debt."
    )
    redirect_classes: tuple[str, ...] = Field(
        default=(), description="Classes of which there is a template to personal representatives."
    )
    address_change_templates: tuple[str, ...] = Field(
        default=(), description="Templates that confirm a changed address."
    )
    own_postcodes: tuple[str, ...] = Field(default=(), description="Postcodes of the council's own offices.")
    recovery_rest_days: int = Field(
        default=56,
        ge=0,
        description="Days after a death was known in which the estate is not asked for debts.",
    )
    unmatched: Policy = Field(default="send", description="Items that match nobody.")
    unmatched_recovery: Policy = Field(default="hold", description="The same, of a recovery class.")
    doubtful: Policy = Field(
        default="send", description="Items that may mean several persons, with nothing against any of them."
    )
    doubtful_recovery: Policy = Field(default="hold", description="The same, of a recovery class.")


class Profile(Part):
    """One deliverer's files. `system` and `table` name its log in the warehouse, so that keys of items agree."""

    name: Identifier = Field(description="Name on the command line: that of the file.")
    title: str = Field(min_length=3, description="Name that people use.")
    system: Identifier = Field(description="System whose manifest describes the deliverer's log.")
    table: Identifier = Field(description="Table of that log.")
    file_format: Literal["csv", "json", "json_lines", "parquet"] = Field(description="Kind of file.")
    csv: Csv = Field(default=Csv(), description="How a CSV file is written.")
    columns: Columns = Field(description="Where each thing stands.")
    rules: Rules = Field(default=Rules(), description="What its items are, and the declared policy.")

    @model_validator(mode="after")
    def _check(self) -> "Profile":
        columns = list(self.columns.given().values())
        if len(set(columns)) < len(columns):
            raise ValueError("columns: expected each column of the file once")
        return self


def load_profile(root: Path, name: str) -> Profile:
    """The profile of a name; InputError where there is none, SettingsError where it is not as expected."""
    folder = root / "letters" / "profiles"
    names = list_profiles(root)
    if name not in names:
        raise InputError(f"There is no profile '{name}' in {folder}. Known: {', '.join(names) or 'none'}.")
    path = folder / f"{name}.yml"
    try:
        return Profile.model_validate(
            {"name": name, **(yaml.safe_load(path.read_text(encoding="utf-8")) or {})}
        )
    except (yaml.YAMLError, TypeError) as error:
        raise SettingsError(f"{path} is not a profile ({type(error).__name__}).") from None
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'profile'}: {item['msg']}"
            for item in error.errors()
        )
        raise SettingsError(f"{path}: {said}.") from None


def list_profiles(root: Path) -> list[str]:
    """Names of the profiles of a checkout."""
    return sorted(path.stem for path in (root / "letters" / "profiles").glob("*.yml"))
