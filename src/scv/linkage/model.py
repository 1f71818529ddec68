"""A trained model: everything that decides a pair's weight, frozen, as one JSON document."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from scv.errors import InputError
from scv.linkage.ages import Ages, set_ages
from scv.linkage.evidence import Parameters
from scv.linkage.frequencies import Frequencies
from scv.linkage.placeholders import blank_values

FORMAT = 2
# Says where a model comes from, and changes no weight.
ABOUT = ("description", "trained_on", "figures")


@dataclass(frozen=True)
class Model:
    """`version` is a hash of the content; `frequencies` how common values are; `rules` the blocking rules in
    use; `stop_keys` the blocking keys that block nothing; `placeholders` the defaults that the data showed;
    `identifier_systems` the systems between which an identifier may be matched (all, for a column that it
    lacks). `description`, `trained_on` (a date) and `figures` say where it comes from and change no weight."""

    version: str
    parameters: Parameters
    frequencies: Frequencies
    rules: tuple[str, ...]
    stop_keys: tuple[int, ...]
    ages: Ages
    placeholders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    identifier_systems: Mapping[str, Sequence[str]] = field(default_factory=dict)
    description: str = ""
    trained_on: str | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def create(
        cls,
        parameters: Parameters,
        frequencies: Frequencies,
        rules: Sequence[str],
        stop_keys: Sequence[int],
        ages: Ages,
        placeholders: Mapping[str, Sequence[str]],
        identifier_systems: Mapping[str, Sequence[str]],
        **about: Any,
    ) -> "Model":
        """A model as it will be after a round trip through JSON, so that training and later nights agree.

        `about`: description, trained_on and figures.
        """
        model = cls(
            "",
            parameters,
            frequencies,
            tuple(rules),
            tuple(stop_keys),
            ages,
            placeholders,
            identifier_systems,
            **about,
        )
        return cls.from_dict(model.as_dict(), frequencies.secret)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "format": FORMAT,
            "description": self.description,
            "trained_on": self.trained_on,
            "figures": dict(self.figures),
            "parameters": self.parameters.as_dict(),
            "frequencies": self.frequencies.shares,
            "seal": self.frequencies.seal,
            "rules": list(self.rules),
            "stop_keys": list(self.stop_keys),
            "adult_from": self.ages.adult_from,
            "adult_sources": list(self.ages.sources),
            "placeholders": {column: list(values) for column, values in self.placeholders.items()},
            "identifier_systems": {
                column: sorted(names) for column, names in self.identifier_systems.items()
            },
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any], secret: bytes = b"") -> "Model":
        """What `as_dict` gave; the version follows from the content.

        InputError where it is of another format, or its hashes were keyed with another secret.
        """
        if body.get("format") != FORMAT:
            raise InputError(
                f"The model has format {body.get('format')}, expected {FORMAT}: train a new one with 'scv link train'."
            )
        frequencies = Frequencies(dict(body["frequencies"]), secret)
        if frequencies.seal != body["seal"]:
            raise InputError(
                "The model's hashes were keyed with another secret than this warehouse has: it comes from another"
                " council's data. Train one here with 'scv link train'."
            )
        content = {key: value for key, value in body.items() if key not in ABOUT}
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
        return cls(
            f"person_{digest}",
            Parameters.from_dict(body["parameters"]),
            frequencies,
            tuple(body["rules"]),
            tuple(body["stop_keys"]),
            Ages(body["adult_from"], tuple(body["adult_sources"])),
            dict(body["placeholders"]),
            dict(body["identifier_systems"]),
            body["description"],
            body["trained_on"],
            dict(body["figures"]),
        )


def prepare_values(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Make the table `records` (standard form) what the model compares: no defaults, no identifier outside the
    systems between which it may be matched, and who is an adult."""
    blank_values(con, model.placeholders, model.identifier_systems)
    set_ages(con, model.ages)
