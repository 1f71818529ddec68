"""Which pairs of records are compared at all: those that share a blocking key.

Every rule is an equality. A key that more records share than `MAX_BLOCK` when the model is trained
is a default value or a hostel: it is frozen into the model as a key that blocks nothing, so that
whether a pair is compared depends on its two records and the model alone. A night reports the rules of
keys that have grown past the bound since.

What a rule catches is said with it, and after the semicolon how many pairs it makes per hundred
records: measured on 100,000 records of the synthetic council (`benchmarks/link`). Numbers, telephones,
e-mails and accounts make 1 to 45 each.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from scv.linkage.duck import run

MAX_BLOCK = 300
# A blocking key as PostgreSQL has it, where all numbers are signed.
SIGNED = f"(key::hugeint - {1 << 63})::bigint"
# Pairs a record that one rule may make in a large council.
MAX_EACH = 3
MAX_LOOSE_EACH = 10
MAX_LOOSE_PAIRS = 500_000


@dataclass(frozen=True)
class Rule:
    """A blocking rule: SQL expressions over one record that must be equal and not null in both."""

    name: str
    keys: tuple[str, ...]
    needs: tuple[str, ...]
    catches: str
    # Rules of one family share their keys: what one record has now is found where another had it before.
    family: str = ""

    @property
    def key_sql(self) -> str:
        """One 64-bit number per record; null where a part is missing."""
        parts = ", ".join(f"cast({key} as varchar)" for key in self.keys)
        nulls = " or ".join(f"({key}) is null" for key in self.keys)
        family = self.family or self.name
        return f"case when {nulls} then null else md5_number_lower(concat_ws('|', '{family}', {parts})) end"


def _rule(name: str, catches: str, *keys: str, needs: tuple[str, ...], family: str = "") -> Rule:
    return Rule(name, keys, needs, catches, family)


RULES = (
    _rule("names", "both names, in either order; 117", "names_sorted", needs=("names_sorted",)),
    _rule(
        "name_starts",
        "slips late in both names; 42",
        "substr(forename, 1, 3)",
        "substr(surname, 1, 4)",
        "coalesce(birth_year, postcode, address_key)",
        needs=("forename", "surname"),
    ),
    _rule(
        "sound_birth",
        "changed forename, slips in the surname; 27",
        "surname_sound",
        "birth_date",
        needs=("surname", "birth_date"),
    ),
    _rule(
        "root_birth",
        "changed surname, nickname; 25",
        "forename_root",
        "birth_date",
        needs=("forename", "birth_date"),
    ),
    _rule(
        "initial_sound_year",
        "slips in the date and in both names; 29",
        "initial",
        "surname_sound",
        "birth_year",
        needs=("forename", "surname", "birth_date"),
    ),
    _rule(
        "root_monthday",
        "a slip in the year; 24",
        "forename_root",
        "surname_sound",
        "substr(birth_date, 6)",
        needs=("forename", "surname", "birth_date"),
    ),
    _rule(
        "root_sound_middle",
        "same names as sounded, with the middle initial; 0.2",
        "forename_root",
        "surname_sound",
        "middle_initial",
        needs=("forename", "surname", "middle"),
    ),
    _rule(
        "root_sound_sex",
        "same names as sounded; 146",
        "forename_root",
        "surname_sound",
        needs=("forename", "surname"),
    ),
    _rule(
        "birth_postcode", "both names changed; 23", "birth_date", "postcode", needs=("birth_date", "postcode")
    ),
    _rule(
        "birth_address",
        "both names changed; 17",
        "birth_date",
        "address_key",
        needs=("birth_date", "address_key"),
    ),
    _rule(
        "root_postcode",
        "changed surname without a date; 89",
        "forename_root",
        "postcode",
        needs=("forename", "postcode"),
    ),
    _rule(
        "sound_postcode",
        "changed or short forename without a date; 94",
        "surname_sound",
        "postcode",
        "initial",
        needs=("surname", "postcode"),
    ),
    _rule(
        "root_address",
        "changed surname without a date; 50",
        "forename_root",
        "address_key",
        needs=("forename", "address_key"),
    ),
    _rule(
        "initial_address",
        "short forename, changed surname; 77",
        "initial",
        "address_key",
        needs=("forename", "address_key"),
    ),
    _rule(
        "sound_address",
        "changed forename without a date; 146",
        "surname_sound",
        "address_key",
        needs=("surname", "address_key"),
    ),
    _rule("uprn", "address written another way; 30", "uprn", "initial", needs=("uprn", "forename")),
    _rule(
        "initial_surname_outcode",
        "short forename; 288",
        "initial",
        "surname_sound",
        "outcode",
        needs=("forename", "surname", "outcode"),
    ),
    _rule(
        "birth_middle",
        "changed names; 0.0",
        "birth_date",
        "middle_initial",
        "sex",
        needs=("birth_date", "middle", "sex"),
    ),
    _rule("birth_initial", "changed surname; 30", "birth_date", "initial", needs=("birth_date", "forename")),
    _rule(
        "birth_sound",
        "names swapped or changed; 28",
        "birth_date",
        "substr(surname, 1, 2)",
        needs=("birth_date", "surname"),
    ),
    _rule(
        "sound_postcode_sex",
        "no forename, no full address",
        "surname_sound",
        "postcode",
        "sex",
        needs=("surname", "postcode", "sex"),
    ),
    _rule(
        "name_address",
        "names swapped at one home",
        "forename",
        "address_key",
        needs=("forename", "address_key"),
    ),
    _rule(
        "name_address_swapped",
        "names swapped at one home",
        "surname",
        "address_key",
        needs=("surname", "address_key"),
        family="name_address",
    ),
    _rule(
        "root_former",
        "moved away, changed surname",
        "forename_root",
        "former_key",
        needs=("forename", "former_address"),
        family="root_address",
    ),
    _rule(
        "initial_former",
        "moved away, short forename",
        "initial",
        "former_key",
        needs=("forename", "former_address"),
        family="initial_address",
    ),
    _rule(
        "sound_former",
        "moved away, changed forename",
        "surname_sound",
        "former_key",
        needs=("surname", "former_address"),
        family="sound_address",
    ),
    _rule(
        "sound_former_postcode",
        "moved away, home written another way",
        "surname_sound",
        "former_postcode",
        "initial",
        needs=("surname", "former_address"),
        family="sound_postcode",
    ),
    _rule(
        "other_account",
        "names the other's account",
        "other_account_key",
        needs=("other_account_key",),
        family="account_key",
    ),
    *(
        _rule(column, "the same number", column, needs=(column,))
        for column in ("nino", "person_number", "nhs_number", "upn", "email", "phone", "account_key")
    ),
)

# Rules that pay in files with many versions of few people and explode in large ones: taken into a model, in
# this order, while each makes at most MAX_LOOSE_EACH pairs a record and all together MAX_LOOSE_PAIRS.
LOOSE_RULES = (
    _rule(
        "root_year",
        "changed surname, slips in the date; 122",
        "forename_root",
        "birth_year",
        needs=("forename", "birth_date"),
    ),
    _rule(
        "sound_year",
        "changed forename, slips in the date; 57",
        "surname_sound",
        "birth_year",
        needs=("surname", "birth_date"),
    ),
    _rule(
        "sound_outcode",
        "changed forename without a date",
        "surname_sound",
        "outcode",
        needs=("surname", "outcode"),
    ),
    _rule(
        "root_outcode",
        "changed surname without a date",
        "forename_root",
        "outcode",
        needs=("forename", "outcode"),
    ),
    _rule("year_outcode", "both names changed", "birth_year", "outcode", needs=("birth_date", "outcode")),
    _rule("sound_initial", "no date and no home", "surname_sound", "initial", needs=("surname", "forename")),
    _rule("birth", "the date alone; 63", "birth_date", needs=("birth_date",)),
    _rule("postcode", "the postcode alone", "postcode", needs=("postcode",)),
    _rule("address", "the home alone", "address_key", needs=("address_key",)),
    _rule(
        "swap_middle",
        "forename and middle name swapped; 0.8",
        "surname_sound",
        "middle_initial",
        needs=("surname", "middle"),
    ),
)

# Pairs that show how members of one household differ: the home alone. Only training looks at them.
HOME_RULES = (
    _rule("home_address", "members of one household", "address", needs=("address",)),
    _rule("home_postcode", "people of one postcode", "postcode", needs=("postcode",)),
)


def rules_named(names: Iterable[str]) -> list[Rule]:
    """The rules of these names, in their order."""
    by_name = {rule.name: rule for rule in (*RULES, *LOOSE_RULES)}
    return [by_name[name] for name in names]


def choose_rules(filled: list[str]) -> list[Rule]:
    """The rules whose columns are filled."""
    return [rule for rule in RULES if all(column in filled for column in rule.needs)]


def create_keys(con: duckdb.DuckDBPyConnection, rules: list[Rule], records: str = "records") -> None:
    """Table block_key(key, rid): the blocking keys of every record, unusable ones of the model left out.

    Needs the table `stop_key(key)`.
    """
    keys = ", ".join(rule.key_sql for rule in rules)
    stopped = run(con, "select count(*) from stop_key")[0][0]
    run(
        con,
        "create or replace table block_key as select key, rid from"
        f" (select unnest([{keys}]) as key, rid from {records}) k where key is not null"
        + (" and key not in (select key from stop_key)" if stopped else ""),
    )


def find_stop_keys(con: duckdb.DuckDBPyConnection) -> list[int]:
    """Keys of block_key that more than MAX_BLOCK records share."""
    rows = run(con, f"select key from block_key group by key having count(*) > {MAX_BLOCK} order by key")
    return [int(row[0]) for row in rows]


def find_busy_keys(con: duckdb.DuckDBPyConnection, rules: Iterable[Rule], records: int) -> set[int]:
    """The largest keys of each rule that makes more than its share of pairs, so many that it no longer does.

    Rules of names alone make more pairs a record the larger the council; what their common names find, others
    find by date and place.
    """
    share = max(MAX_EACH * records, MAX_LOOSE_PAIRS)
    found: set[int] = set()
    for rule in rules:
        parts = ", ".join(rule.keys)
        filled = " and ".join(f"({key}) is not null" for key in rule.keys)
        rows = run(
            con,
            "select n, count(*) * (n * (n - 1) // 2) from"
            f" (select count(*) as n from records where {filled} group by {parts}) g group by n order by n",
        )
        pairs = 0
        for size, added in rows:
            pairs += int(added)
            if pairs > share:
                keys = run(
                    con,
                    f"select key from (select {rule.key_sql} as key from records) k where key is not null"
                    f" group by key having count(*) >= {size}",
                )
                found.update(int(row[0]) for row in keys)
                break
    return found


def name_crowds(con: duckdb.DuckDBPyConnection, rules: list[Rule], keys: list[int]) -> dict[str, int]:
    """By rule, how many of these keys (as PostgreSQL has them) are its; needs `records` that have them."""
    found = {}
    for rule in rules:
        row = run(
            con,
            f"select count(distinct key) from (select {rule.key_sql} as key from records) k"
            f" where {SIGNED} in (select unnest(?::bigint[]))",
            [keys],
        )[0]
        if row[0]:
            found[rule.name] = int(row[0])
    return found


def set_stop_keys(con: duckdb.DuckDBPyConnection, keys: Sequence[int]) -> None:
    """Table stop_key of the model's frozen keys."""
    run(con, "create or replace table stop_key (key ubigint)")
    if keys:
        run(con, "insert into stop_key select unnest(?::ubigint[])", [list(keys)])


def create_pairs(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """Table of distinct candidate pairs (join_key_l < join_key_r). Gives the number of pairs."""
    run(
        con,
        f"create or replace table {table} as select distinct l.rid as join_key_l, r.rid as join_key_r"
        " from block_key l join block_key r on l.key = r.key and l.rid < r.rid",
    )
    return int(run(con, f"select count(*) from {table}")[0][0])
