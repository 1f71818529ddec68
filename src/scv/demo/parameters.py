"""The rates of the simulation, from one YAML file in the package."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml


@dataclass(frozen=True)
class Delay:
    """How a department hears of something: whether at all (share), and after how many days (log-normal)."""

    share: float
    median: float
    sigma: float


class Parameters:
    """Rates by dotted name, for instance `rates["world.move_rate"]`; KeyError where there is none."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self._flat = dict(_flatten(tree))
        self._sections: dict[str, dict[str, float]] = {}
        self._delays: dict[tuple[str, str], Delay] = {}

    def __getitem__(self, name: str) -> float:
        return self._flat[name]

    def section(self, prefix: str) -> dict[str, float]:
        """All rates under a dotted prefix, by their own names."""
        if prefix not in self._sections:
            start = prefix + "."
            found = {n[len(start) :]: v for n, v in self._flat.items() if n.startswith(start)}
            self._sections[prefix] = found
        return self._sections[prefix]

    def recording(self, system: str) -> dict[str, float]:
        """Shares of recording errors of a department: the defaults and what it does differently."""
        return {**self.section("recording.default"), **self.section(f"recording.{system}")}

    def delay(self, what: str, system: str) -> Delay:
        """How a system hears of a move, a new name or a death; never, where nothing is said."""
        key = (what, system)
        if key not in self._delays:
            found = self.section(f"learning.{what}.{system}")
            self._delays[key] = Delay(**found) if found else Delay(0.0, 1.0, 0.1)
        return self._delays[key]

    def floors(self) -> dict[str, float]:
        """The least value that a rate may have, by its dotted name."""
        return self.section("floors")


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def read_package_yaml(name: str) -> Any:
    """Parse a YAML file that is shipped beside this module."""
    return yaml.safe_load(resources.files("scv.demo").joinpath(name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def load_parameters() -> Parameters:
    """The shipped parameter file."""
    return Parameters(read_package_yaml("parameters.yml"))
