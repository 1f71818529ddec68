"""Which code weighed what is kept: other code may standardise or compare differently, so nothing of it is trusted."""

import hashlib
from functools import lru_cache
from importlib.resources import files

# Comparison functions are DuckDB's, and their meaning with them.
import duckdb

# All that a standard record, an edge or a partition depends on.
DECIDING = (
    "ages.py", "agglomeration.py", "blocking.py", "clusters.py", "comparisons.py", "data/nicknames.csv",
    "data/placeholders.csv", "evidence.py", "frequencies.py", "model.py", "night.py", "partition.py", "placeholders.py",
    "record_store.py", "records.py", "scoring.py", "store.py", "text.py",
)  # fmt: skip


@lru_cache(maxsize=1)
def hash_code() -> str:
    """A hash of the deciding code and lists and of DuckDB's version."""
    digest = hashlib.sha256(duckdb.__version__.encode())
    for name in DECIDING:
        digest.update(name.encode() + b"\0" + files("scv.linkage").joinpath(name).read_bytes() + b"\0")
    return digest.hexdigest()[:16]
