"""How common a value is, frozen when a model is trained.

What many records share says little. Names, dates and addresses are counted by records; numbers, telephones
and e-mails by people, as far as names tell them apart: five records of one person do not make her number
common, three people on one telephone do. A value stands in clear only where so many records share it that it
is nobody's own, a number never; in place of the others stand keyed hashes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import duckdb
import numpy as np
import pyarrow as pa

from scv.linkage.arrays import Floats
from scv.linkage.duck import read, run

# A value stands in clear only where at least so many records share it.
CLEAR_FROM = 10
# A value that fewer than one record in so many has is rare; how rare makes no difference.
RARE = 50_000
# A number counts as shared from so many people on; a value of more than MOST_SHARING is a default.
SHARED_FROM, MOST_SHARING = 3, 20
NUMBERS = ("nino", "person_number", "nhs_number", "upn", "email", "phone")
# People as names tell them apart: spellings of one name and nicknames do not count twice.
PEOPLE = "count(distinct coalesce(left(forename_root, 1), '') || coalesce(surname_sound, ''))"


@dataclass(frozen=True)
class Frequencies:
    """`shares` gives, by column, the share of each listed value, in clear or hashed and keyed with `secret`;
    "" stands for all others."""

    shares: dict[str, dict[str, float]]
    secret: bytes = field(default=b"", repr=False)

    @cached_property
    def seal(self) -> str:
        """What tells one secret from another without giving it away; part of the model's content."""
        with duckdb.connect(":memory:") as con:
            return str(run(con, "select " + _hash_sql("'seal'"), [self._salt])[0][0])

    @property
    def _salt(self) -> str:
        return self.secret.hex()

    def chance_of_exact(self, column: str) -> float:
        """Chance that two random records agree on a value."""
        shares = self.shares[column]
        common = sum(share * share for value, share in shares.items() if value)
        rest = max(1 - sum(share for value, share in shares.items() if value), 0.0)
        return float(common + rest * shares[""])

    def read_rarity(self, con: duckdb.DuckDBPyConnection, column: str) -> Floats:
        """log2 of the share of each record's value, for the table `records` in order of rid."""
        shares = self.shares[column]
        known = pa.table(
            {
                "value": pa.array(list(shares), pa.string()),
                "share": pa.array(list(shares.values()), pa.float64()),
            }
        )
        con.register("arrow_shares", known)
        # Hashing every record's value is dear, and few columns have both kinds.
        hashed = any(value.startswith("#") for value in shares)
        value = _hash_sql("r.value") if hashed else "r.value"
        run(
            con,
            "create or replace temp table rarity as"
            f" select r.value, coalesce(c.share, s.share, {shares['']!r}::double) as share"
            f" from (select distinct {column} as value from records where {column} is not null) r"
            f" left join arrow_shares c on c.value = r.value left join arrow_shares s on s.value = {value}",
            [self._salt] if hashed else None,
        )
        con.unregister("arrow_shares")
        found = read(
            con,
            f"select coalesce(s.share, {shares['']!r}::double) as share from records r"
            f" left join rarity s on s.value = r.{column} order by r.rid",
        )
        rarity: Floats = np.log2(found["share"].to_numpy())
        run(con, "drop table rarity")
        return rarity


def _hash_sql(value: str) -> str:
    """A number sign and sixteen hexadecimal digits; takes the secret as parameter."""
    return f"'#' || left(md5(concat(?, '|', {value})), 16)"


def learn_frequencies(con: duckdb.DuckDBPyConnection, columns: Iterable[str], secret: bytes) -> Frequencies:
    """Count the table `records`."""
    found = Frequencies({}, secret)
    for column in columns:
        found.shares[column] = _count(con, column, found._salt)
    return found


def _count(con: duckdb.DuckDBPyConnection, column: str, salt: str) -> dict[str, float]:
    number = column in NUMBERS
    counts = (
        f"(select {column} as value, {PEOPLE if number else 'count(*)'} as n from records"
        f" where {column} is not null group by 1)"
    )
    total = max(int(run(con, f"select coalesce(sum(n), 0) from {counts}")[0][0]), 1)
    least = SHARED_FROM if number else max(2, -(-total // RARE))
    # What is not listed is as common as such values are on average, going by records.
    typical = run(con, f"select coalesce(sum(n * n) / nullif(sum(n), 0), 1) from {counts} where n < {least}")[
        0
    ][0]
    clear = "false" if number else f"n >= {CLEAR_FROM}"
    rows = run(
        con,
        f"select case when {clear} then value else {_hash_sql('value')} end as listed, n from {counts}"
        f" where n >= {least} order by listed",
        [salt],
    )
    return {"": float(f"{typical / total:.8g}")} | {value: float(f"{n / total:.8g}") for value, n in rows}
