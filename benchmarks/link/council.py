"""Person records of the synthetic council, as many as are asked for.

One council is made by the demonstration and read back as the link input of its first night. A larger one is
that council again and again, each copy with other birth dates, streets, postcodes and numbers and with the
same distribution of names: people of different copies share names, as people of a larger council do.
"""

import hashlib
import os
import random
import re
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

BASE_RESIDENTS = 12_000
KEPT_WORDS = {
    "FLAT", "HOUSE", "COURT", "STREET", "ROAD", "AVENUE", "LANE", "CLOSE", "DRIVE", "CRESCENT", "PLACE", "TERRACE",
    "GARDENS", "SQUARE", "GROVE", "APARTMENT",
}  # fmt: skip
NEWEST = date(2026, 3, 1)
_WORD = re.compile(r"[A-Za-z]{4,}")
_DIGITS = re.compile(r"\d{5,}")


def make_base(folder: Path, residents: int = BASE_RESIDENTS) -> Path:
    """The link input of a demonstration's first night as Parquet; its warehouse stays under `folder`/home."""
    path = folder / f"council_{residents}.parquet"
    if path.is_file():
        return path
    environment = os.environ | {"SCV_HOME": str(folder / "home")}
    scv = [sys.executable, "-m", "scv.cli.main"]
    command = [*scv, "demo", "--no-airflow", "--residents", str(residents), "--nights", "1", "--json"]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    dump = "import sys; from benchmarks.link.council import dump_input; dump_input(sys.argv[1])"
    subprocess.run([sys.executable, "-c", dump, str(path)], env=environment, check=True)
    return path


def dump_input(path: str) -> None:
    """Write the link input of the warehouse in SCV_HOME as Parquet."""
    from scv.db.warehouse import connect
    from scv.linkage.record_store import read_input

    with connect("linkage") as connection:
        tables = list(read_input(connection))
    pq.write_table(pa.concat_tables(tables), path)


def multiply(base: pa.Table, records: int) -> pa.Table:
    """At least the first `records` rows of as many copies of the base as it takes."""
    names = _Surnames(base.column("surname").to_pylist())
    copies = [_copy(base, number, names) for number in range(-(-records // base.num_rows))]
    return pa.concat_tables(copies).slice(0, records)


class _Surnames:
    """Surnames in order of how common they are, and of each misspelt one the name that was meant."""

    def __init__(self, values: list[str | None]) -> None:
        counts = Counter(value.title() for value in values if value)
        self.ranked = [
            name for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if count >= 5
        ]
        known = set(self.ranked)
        self.meant = {name: _find_meant(name, known) for name in counts}

    def shuffle(self, number: int) -> dict[str, str]:
        """A surname for each surname, about as common: families are other families in each copy."""
        chance = random.Random(number)
        other: dict[str, str] = {}
        start, width = 0, 4
        while start < len(self.ranked):
            block = self.ranked[start : start + width]
            other |= zip(block, chance.sample(block, len(block)), strict=True)
            start, width = start + width, width * 2
        return other


def _find_meant(name: str, known: set[str]) -> str | None:
    """The common surname that is one slip away: a letter left out, too many, wrong, or two changed over."""
    if name in known:
        return name
    letters = "abcdefghijklmnopqrstuvwxyz"
    lower = name.lower()
    for i in range(len(lower) + 1):
        slips = [
            lower[:i] + lower[i + 1 :],
            lower[:i] + lower[i + 1 : i + 2] + lower[i : i + 1] + lower[i + 2 :],
        ]
        slips += [lower[:i] + letter + lower[i + 1 :] for letter in letters]
        slips += [lower[:i] + letter + lower[i:] for letter in letters]
        for slip in slips:
            if slip.title() in known:
                return slip.title()
    return None


def _copy(base: pa.Table, number: int, names: _Surnames) -> pa.Table:
    if number == 0:
        return base
    change = _Change(number, names)
    columns = {}
    for name in base.column_names:
        function = getattr(change, name, None)
        values = base.column(name)
        if function is not None:
            encoded = values.combine_chunks().dictionary_encode()
            changed = [None if value is None else function(value) for value in encoded.dictionary.to_pylist()]
            values = pa.array(changed, pa.string()).take(encoded.indices)
        columns[name] = values
    return pa.table(columns)


class _Change:
    """What is other in a copy, by column."""

    def __init__(self, number: int, names: _Surnames) -> None:
        self.names, self.families = names, names.shuffle(number)
        letters = "abcdefghiklmnoprstuw"
        self.number = number
        self.prefix = letters[number % 20] + "aeiou"[number // 20 % 5]
        self.area = letters[number % 20] + letters[number // 20 % 20]
        self.days = timedelta(days=number * 1583 % 9000 - 4500)
        chance = random.Random(number)
        # Streets are written in a cipher: slips stay slips, and no street sounds like one of another copy.
        kinds = ("aeiou", "bcdfghjklmnpqrstvwxyz")
        cipher = {a: b for kind in kinds for a, b in zip(kind, chance.sample(kind, len(kind)), strict=True)}
        self.cipher = str.maketrans(cipher | {a.upper(): b.upper() for a, b in cipher.items()})

    def _hash(self, value: str) -> str:
        return hashlib.md5(f"{self.number}|{value}".encode()).hexdigest()

    def key(self, value: str) -> str:
        return self._hash(value)

    account_key = other_account_key = key

    def entry(self, value: str) -> str:
        source, _, name = value.rpartition(".")
        return f"{source}.{self._hash(name)}"

    def surname(self, value: str) -> str:
        meant = self.names.meant.get(value.title())
        if meant is None:
            return value.translate(self.cipher)
        other = self.families[meant]
        if meant == value.title():
            return other.upper() if value.isupper() else other
        # A slip in one name becomes a slip in the other.
        place = int(self._hash(value)[:6], 16) % (len(other) - 1) + 1
        return other[:place] + other[place + 1 :]

    def birth_date(self, value: str) -> str:
        try:
            moved = date.fromisoformat(value) + self.days
        except ValueError:
            return value
        return (moved if moved < NEWEST else moved - 2 * timedelta(days=4500)).isoformat()

    def address(self, value: str) -> str:
        return _WORD.sub(
            lambda word: word[0] if word[0].upper() in KEPT_WORDS else word[0].translate(self.cipher), value
        )

    former_address = address

    def postcode(self, value: str) -> str:
        return self.area.upper() + value[2:]

    former_postcode = postcode

    def _shift(self, value: str) -> str:
        return _DIGITS.sub(lambda found: _shift_digits(found[0], self.number), value)

    uprn = nino = upn = person_number = phone = _shift

    def nhs_number(self, value: str) -> str | None:
        return _with_check_digit(_shift_digits(re.sub(r"\D", "", value)[:9], self.number))

    def email(self, value: str) -> str:
        return self.prefix + value


@lru_cache(maxsize=1 << 18)
def _shift_digits(digits: str, number: int) -> str:
    """Other digits, different ones for each copy, the first two kept."""
    tail = int(hashlib.md5(f"{number}|{digits}".encode()).hexdigest()[:12], 16) % 10 ** (len(digits) - 2)
    return digits[:2] + str(tail).zfill(len(digits) - 2)


def _with_check_digit(nine: str) -> str | None:
    check = 11 - sum(int(d) * (10 - i) for i, d in enumerate(nine)) % 11
    return None if check == 10 else nine + str(check % 11)


def changed_night(records: pa.Table, count: int) -> pa.Table:
    """`count` rows of a night: two thirds have moved to where somebody else lives, a quarter have somebody else's
    surname, the others are new people who have somebody else's forename."""
    step = records.num_rows // count
    places = np.arange(0, count * step, step)
    rows, others = (
        records.take(pa.array(places)),
        records.take(pa.array((places + step // 2 + 1) % records.num_rows)),
    )
    out: dict[str, Any] = {name: rows.column(name).to_pylist() for name in rows.column_names}
    other = {
        name: others.column(name).to_pylist()
        for name in ("address", "postcode", "uprn", "surname", "forename")
    }
    for i in range(count):
        if i % 12 == 0:
            out["key"][i] = hashlib.md5(f"new|{out['key'][i]}".encode()).hexdigest()
            changed = ("forename",)
        else:
            changed = ("surname",) if i % 4 == 0 else ("address", "postcode", "uprn")
        for name in changed:
            out[name][i] = other[name][i]
    return pa.table({name: pa.array(values, pa.string()) for name, values in out.items()})
