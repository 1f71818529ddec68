"""Which code weighed what is kept: other code may standardise or compare differently, so nothing of it is trusted."""

import hashlib
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

# Comparison functions are DuckDB's, and their meaning with them.
import duckdb


@lru_cache(maxsize=1)
def hash_code() -> str:
    """A hash of the package's code and lists and of DuckDB's version."""
    digest = hashlib.sha256(duckdb.__version__.encode())
    for name, content in sorted(_read(files("scv.linkage"), "")):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()[:16]


def _read(folder: Traversable, path: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for item in folder.iterdir():
        name = f"{path}/{item.name}"
        if item.is_dir() and item.name in ("data",):
            found += _read(item, name)
        elif item.is_file() and item.name.endswith((".py", ".csv")):
            found.append((name, item.read_bytes()))
    return found
