"""Cells computed while a file is read, out of text that is never stored."""

import re
from collections.abc import Callable, Collection

POSTCODE = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?)\s{0,2}([0-9][A-Z]{2})\b")


def contains_other_address(
    own_postcodes: Collection[str], body: str | None, postcode: str | None
) -> str | None:
    """Whether a letter's body holds a UK postcode other than the item's own and the council's offices.

    'true', 'false', or None where there is no body to judge.
    """
    if not body or not body.strip():
        return None
    own = {_squeeze(item) for item in own_postcodes}
    if postcode:
        own.add(_squeeze(postcode))
    found = (outward + inward for outward, inward in POSTCODE.findall(body.upper()))
    return "true" if any(item not in own for item in found) else "false"


def _squeeze(postcode: str) -> str:
    return "".join(postcode.upper().split())


Derivation = Callable[..., str | None]
DERIVATIONS: dict[str, Derivation] = {"contains_other_address": contains_other_address}
