"""A trained model: everything that decides a pair's weight, frozen, as one JSON document."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from scv.linkage.ages import Ages
from scv.linkage.evidence import Parameters

FORMAT = 1


@dataclass(frozen=True)
class Model:
    """`version` is a hash of the content; `frequencies` by column the share of each common value;
    `rules` the blocking rules in use; `stop_keys` the blocking keys that block nothing."""

    version: str
    description: str
    parameters: Parameters
    frequencies: dict[str, dict[str, float]]
    rules: list[str]
    stop_keys: list[int]
    ages: Ages

    @classmethod
    def create(
        cls,
        parameters: Parameters,
        frequencies: dict[str, dict[str, float]],
        rules: list[str],
        stop_keys: list[int],
        ages: Ages,
        description: str,
    ) -> "Model":
        """A model as it will be after a round trip through JSON, so that training and later nights agree."""
        tidy = {
            column: {value: float(f"{share:.8g}") for value, share in shares.items()}
            for column, shares in frequencies.items()
        }
        body = {
            "format": FORMAT,
            "description": description,
            "parameters": parameters.as_dict(),
            "frequencies": tidy,
            "rules": rules,
            "stop_keys": stop_keys,
            "adult_from": ages.adult_from,
            "adult_sources": list(ages.sources),
        }
        return cls.from_dict(body)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "format": FORMAT,
            "description": self.description,
            "parameters": self.parameters.as_dict(),
            "frequencies": self.frequencies,
            "rules": self.rules,
            "stop_keys": self.stop_keys,
            "adult_from": self.ages.adult_from,
            "adult_sources": list(self.ages.sources),
        }

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> "Model":
        """What `as_dict` gave; the version follows from the content."""
        content = {key: value for key, value in body.items() if key != "description"}
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
        return cls(
            f"person_{digest}",
            body["description"],
            Parameters.from_dict(body["parameters"]),
            body["frequencies"],
            list(body["rules"]),
            list(body["stop_keys"]),
            Ages(body["adult_from"], tuple(body["adult_sources"])),
        )
