"""Extraction: departmental systems into raw_<system>, every version of every declared row."""

from scv.extract.erasure import erase_records
from scv.extract.nightly import extract_system
from scv.extract.results import LoadResult, SystemResult

__all__ = ["LoadResult", "SystemResult", "erase_records", "extract_system"]
