"""Support that was agreed with a person, as codes and dates and nothing else.

    codes, register = load_codes(root), load_register(root)
    read = read_disclosure({"need_code": "offline", ...}, codes, register, on=night)

A disclosure has no field for free text. `find_terms` says of any other text whether it tells of a
diagnosis or of abuse; like everything here it never repeats the text.
"""

from scv.disclosures.codes import CodeLists, load_codes
from scv.disclosures.door import Refusal
from scv.disclosures.entry import Disclosure, read_disclosure
from scv.disclosures.terms import find_terms

__all__ = ["CodeLists", "Disclosure", "Refusal", "find_terms", "load_codes", "read_disclosure"]
