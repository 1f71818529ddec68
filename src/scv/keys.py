"""Opaque keys: the only names that records and findings have past staging.

The same key can be computed in SQL by `audit.record_key(secret, ...)`; a test holds the two equal.
"""

import hashlib
import hmac

UNIT_SEPARATOR = "\x1f"
KEY_BYTES = 16


def keyed_hash(secret: bytes, *parts: object) -> str:
    """Hex of the first 16 bytes of HMAC-SHA256 over the parts as text, joined by the unit separator."""
    message = UNIT_SEPARATOR.join(str(part) for part in parts).encode()
    return hmac.new(secret, message, hashlib.sha256).digest()[:KEY_BYTES].hex()


def record_key(secret: bytes, system: str, table: str, *primary_key: object) -> str:
    """Key of one row of one departmental table, and of the first person in it."""
    return keyed_hash(secret, system, table, *primary_key)


def joint_person_key(row_key: str, person_no: int) -> str:
    """Key of the second, third ... person of a joint name line, from the key of its row.

    It needs no secret, so that SQL without one computes the same (dbt's macro `person_no_key`).
    """
    if person_no == 1:
        return row_key
    return hashlib.sha256(f"{row_key}#{person_no}".encode()).digest()[:KEY_BYTES].hex()


def finding_key(secret: bytes, rule_code: str, *subject_keys: str) -> str:
    """Key of a finding: the rule and its subjects (record or item keys), in the order the rule gives them."""
    return keyed_hash(secret, rule_code, *subject_keys)
