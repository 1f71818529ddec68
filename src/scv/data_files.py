"""Data files of the checkout: YAML mappings with known keys, and errors that name the file and the key."""

from pathlib import Path
from typing import Any

import yaml

from scv.errors import SettingsError


def read_yaml(path: Path, required: set[str], optional: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Read a YAML mapping with exactly these keys; SettingsError names the file and the key."""
    if not path.is_file():
        raise SettingsError(f"{path} is missing. Restore it from git, or write it after its neighbours.")
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is not YAML: {error}") from None
    if not isinstance(data, dict):
        raise SettingsError(f"{path} must hold a mapping with {', '.join(sorted(required))}.")
    check_keys(path, "it", data, required, optional)
    return data


def check_keys(
    path: Path, what: str, data: dict[str, Any], required: set[str], optional: frozenset[str] = frozenset()
) -> None:
    """Hold a mapping to its keys: SettingsError names the file, what lacks a key, and the key."""
    missing = sorted(required - data.keys())
    unknown = sorted(data.keys() - required - optional)
    if missing:
        raise SettingsError(f"{path}: {what} lacks {', '.join(missing)}.")
    if unknown:
        allowed = ", ".join(sorted(required | optional))
        raise SettingsError(f"{path}: {what} has unknown {', '.join(unknown)}; allowed: {allowed}.")
