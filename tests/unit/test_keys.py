"""Keys are opaque, stable and told apart."""

import hashlib
import hmac

from scv.keys import finding_key, keyed_hash, record_key

SECRET = b"not a real secret"


def test_a_record_key_is_the_first_half_of_the_keyed_hash_of_system_table_and_primary_key() -> None:
    expected = hmac.new(SECRET, b"housing\x1ftenancies\x1fT1\x1f2", hashlib.sha256).hexdigest()[:32]
    assert record_key(SECRET, "housing", "tenancies", "T1", 2) == expected


def test_parts_of_a_key_do_not_run_into_each_other() -> None:
    assert record_key(SECRET, "housing", "tenancies", "12", "3") != record_key(
        SECRET, "housing", "tenancies", "1", "23"
    )


def test_another_secret_gives_other_keys() -> None:
    assert keyed_hash(SECRET, "a") != keyed_hash(b"another", "a")


def test_a_finding_is_known_by_its_rule_and_its_subjects_in_order() -> None:
    first = finding_key(SECRET, "letter_after_known_death", "aa", "bb")
    assert first == finding_key(SECRET, "letter_after_known_death", "aa", "bb")
    assert first != finding_key(SECRET, "letter_after_known_death", "bb", "aa")
    assert first != finding_key(SECRET, "death_not_shared", "aa", "bb")
