"""Nights of a tiny council by hand: what arrives, changes, vanishes and returns, and a warehouse to link them in.

The warehouse is driven through the linkage's public function and looked at through its tables alone.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from psycopg import sql
from tests.conftest import superuser
from tests.support.people import SURNAMES, Town

from scv.db.warehouse import connect
from scv.linkage.night import LinkResult, link_night
from scv.settings import Settings, get_settings

FIRST = date(2026, 3, 2)
MODEL = "int_person_records__link_input"
INPUT = f"intermediate.{MODEL}"
Row = dict[str, Any]


@dataclass(frozen=True)
class Decision:
    """A steward's word on two records: same, not_same or withdrawn."""

    low: str
    high: str
    decision: str


@dataclass(frozen=True)
class Night:
    """Everything that stands on a night, what is different from the night before, and what was decided since."""

    night: date
    records: Mapping[str, Row]
    new: frozenset[str]
    changed: frozenset[str]
    returned: frozenset[str]
    gone: frozenset[str]
    decisions: tuple[Decision, ...]

    @property
    def touched(self) -> frozenset[str]:
        """Record keys that are not as the night before."""
        return self.new | self.changed | self.returned | self.gone


def simulate(town: Town, nights: int, seed: int) -> list[Night]:
    """Nights in which records of the town arrive, change, vanish and return, as they were or changed.

    Two thirds are there from the start. A changed record may become somebody else. Stewards decide now and then, with
    the truth or against it, and take some of it back.
    """
    chance = random.Random(seed)
    waiting = list(town.rows)
    chance.shuffle(waiting)
    live = {row["record_key"]: row for row in waiting[: 2 * len(waiting) // 3]}
    del waiting[: len(live)]
    away: list[Row] = []
    decided: list[Decision] = []
    found = [Night(FIRST, dict(live), frozenset(live), *[frozenset[str]()] * 3, ())]
    while len(found) < nights:
        changed = {key: _change(live[key], town, chance) for key in chance.sample(sorted(live), 4)}
        gone = set(chance.sample(sorted(live.keys() - changed.keys()), 3))
        back = [away.pop(chance.randrange(len(away))) for _ in range(min(2, len(away)))]
        back = [_change(row, town, chance) if chance.random() < 0.3 else row for row in back]
        new, waiting = waiting[:2], waiting[2:]
        away += [live[key] for key in sorted(gone)]
        live = {key: row for key, row in live.items() if key not in gone}
        live |= changed | {row["record_key"]: row for row in back + new}
        said = tuple(_decide(town, live, decided, chance))
        decided += said
        found.append(
            Night(
                FIRST + timedelta(days=len(found)),
                dict(live),
                frozenset(row["record_key"] for row in new),
                frozenset(changed),
                frozenset(row["record_key"] for row in back),
                frozenset(gone),
                said,
            )
        )
    return found


def disturb(night: Night, before: Night, town: Town, seed: int) -> Night:
    """The same night as it looked at a first attempt: some records still as before or still there, some gone or wrong."""
    chance = random.Random(seed)
    records = dict(night.records)
    for key in chance.sample(sorted(records), 6):
        del records[key]
    for key in chance.sample(sorted(records), 4):
        records[key] = _change(records[key], town, chance)
    late = sorted(night.gone)[:2] + sorted(night.changed)[:2]
    records |= {key: before.records[key] for key in late}
    return replace(night, records=records)


def rearrange(last: Night, nights: int, seed: int) -> list[Night]:
    """Other nights that end in the same records, which all arrive in another order and stay as they are."""
    keys = sorted(last.records)
    random.Random(seed).shuffle(keys)
    nothing = frozenset[str]()
    found = []
    for number in range(nights):
        start, end = (len(keys) * part // nights for part in (number, number + 1))
        records = {key: last.records[key] for key in keys[:end]}
        night = FIRST + timedelta(days=number)
        found.append(Night(night, records, frozenset(keys[start:end]), nothing, nothing, nothing, ()))
    return found


def _change(row: Row, town: Town, chance: random.Random) -> Row:
    other = chance.choice(town.rows)
    who = ("title", "forename", "middle_names", "surname", "birth_date", "sex", "nino")
    where = ("address_line", "postcode", "uprn", "phone")
    former = {"former_address_line": row.get("address_line"), "former_postcode": row.get("postcode")}
    return row | chance.choice(
        [
            {name: other.get(name) for name in where},
            {name: other.get(name) for name in where} | former,
            {"surname": chance.choice(SURNAMES)},
            {"forename": (row["forename"] or "X")[0]},
            {"birth_date": None},
            {name: other.get(name) for name in who + where},
            {"phone": row.get("phone")},
        ]
    )


def _decide(
    town: Town, live: Mapping[str, Row], decided: list[Decision], chance: random.Random
) -> Iterator[Decision]:
    if chance.random() > 0.4:
        return
    keys = sorted(live)
    persons: dict[int, list[str]] = {}
    for key in keys:
        persons.setdefault(town.truth[key], []).append(key)
    several = [pair for pair in persons.values() if len(pair) > 1]
    kind = chance.choice(["same", "not_same", "not_same", "withdrawn"])
    if kind == "withdrawn" and decided:
        former = chance.choice(decided)
        yield Decision(former.low, former.high, "withdrawn")
    elif kind == "same":
        low, high = sorted(chance.sample(keys, 2))
        yield Decision(low, high, "same")
    elif several:
        low, high = sorted(chance.sample(chance.choice(several), 2))
        yield Decision(low, high, "not_same")


def _read_contract(settings: Settings) -> dict[str, str]:
    """Columns and types of the link input, as its dbt contract has them."""
    path = settings.dbt_dir / "models" / "intermediate" / "pre_link" / "_pre_link__models.yml"
    models = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    (columns,) = (model["columns"] for model in models if model["name"] == MODEL)
    return {column["name"]: column["data_type"] for column in columns}


class LinkWarehouse:
    """A warehouse in which only the link input was built."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._columns = _read_contract(settings)
        types = ", ".join(f"{name} {kind}" for name, kind in self._columns.items())
        with connect("transform", settings) as connection:
            connection.execute(f"create table {INPUT} ({types})")
            connection.execute(f"grant select on {INPUT} to scv_linkage")

    def put(self, night: Night, seed: int = 0) -> None:
        """Make the link input what it is on that night, rows in an order of their own."""
        keys = sorted(night.records)
        random.Random(seed).shuffle(keys)
        with connect("transform", self.settings) as connection, connection.cursor() as cursor:
            cursor.execute(f"truncate {INPUT}")
            with cursor.copy(f"copy {INPUT} from stdin") as copy:
                for key in keys:
                    copy.write_row([night.records[key].get(name) for name in self._columns])

    def decide(self, night: Night) -> None:
        """Record what stewards decided since the night before."""
        with connect("admin", self.settings) as connection:
            for said in night.decisions:
                connection.execute(
                    "insert into link.decision (decision, record_key_l, record_key_r, reason, decided_by, decided_at)"
                    " values (%s, %s, %s, 'seen on paper', 'tester', %s)",
                    [said.decision, said.low, said.high, night.night],
                )

    def link(self, night: date, *, full: bool = False) -> LinkResult:
        """Link a night in this warehouse; `full` works everything out anew."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SCV_DATABASE", self.settings.database)
            get_settings.cache_clear()
            try:
                return link_night(night, full=full)
            finally:
                patch.undo()
                get_settings.cache_clear()

    def copy_model(self, source: "LinkWarehouse") -> None:
        """Take the models of another warehouse, so that nothing is trained here."""
        for table in ("link.model", "link.model_level"):
            with (
                connect("admin", source.settings) as origin,
                origin.cursor() as cursor,
                cursor.copy(f"copy {table} to stdout") as copy,
            ):
                rows = b"".join(copy)
            with (
                connect("admin", self.settings) as target,
                target.cursor() as cursor,
                cursor.copy(f"copy {table} from stdin") as copy,
            ):
                copy.write(rows)

    def customers(self) -> dict[str, str]:
        """Record key to customer id, now."""
        return dict(
            self.query(
                "select record_key, customer_id from link.membership where valid_to is null order by 1"
            )
        )

    def persons(self) -> set[frozenset[str]]:
        """Groups of record keys, now."""
        groups: dict[str, set[str]] = {}
        for key, customer in self.customers().items():
            groups.setdefault(customer, set()).add(key)
        return {frozenset(keys) for keys in groups.values()}

    def written(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that nights wrote, in order, but for what names or counts the run itself."""
        return {
            "edge": self.query("select * from link.edge order by 1, 2"),
            "membership": self.query("select * from link.membership order by 1, 3, 2"),
            "customer_event": self.query(
                "select night, cause, old_customer_id, new_customer_id, record_key, because, because_key"
                " from link.customer_event order by 1, 2, 3, 4, 5"
            ),
            "review": self.query("select * from link.review order by 1, 2"),
            "conflict": self.query("select * from link.decision_conflict order by 1, 2"),
        }

    def events(self, night: date) -> list[dict[str, Any]]:
        """What happened to ids on a night."""
        names = ("cause", "old_customer_id", "new_customer_id", "record_key", "because", "because_key")
        statement = f"select {', '.join(names)} from link.customer_event where night = %s order by 1, 2, 3, 4"
        return [dict(zip(names, row, strict=True)) for row in self.query(statement, [night])]

    def query(self, statement: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """Rows as the linkage sees them."""
        with connect("linkage", self.settings) as connection:
            return connection.execute(statement, values).fetchall()

    @contextmanager
    def killed_at_commit(self) -> Iterator[None]:
        """Let every transaction that touches memberships fail where it commits, with all its work done."""
        with connect("admin", self.settings) as connection:
            connection.execute(
                "create function link.die() returns trigger language plpgsql as"
                " $$ begin raise exception 'killed' using errcode = 'operator_intervention'; end $$"
            )
            connection.execute(
                "create constraint trigger die after insert or update or delete on link.membership"
                " deferrable initially deferred for each row execute function link.die()"
            )
        try:
            yield
        finally:
            with connect("admin", self.settings) as connection:
                connection.execute("drop function link.die() cascade")


@contextmanager
def link_warehouses(template: Settings, names: Iterable[str]) -> Iterator[list[LinkWarehouse]]:
    """Copies of a migrated warehouse, each with an empty link input; dropped at the end."""
    made = [template.model_copy(update={"database": f"scv_nights_{name}"}) for name in names]
    with superuser(template) as connection:
        for settings in made:
            name = sql.Identifier(settings.database)
            connection.execute(
                sql.SQL("create database {} owner scv_admin template {}").format(
                    name, sql.Identifier(template.database)
                )
            )
            connection.execute(
                sql.SQL(
                    "grant connect, temporary on database {} to scv_transform, scv_linkage, scv_publisher"
                ).format(name)
            )
    try:
        yield [LinkWarehouse(settings) for settings in made]
    finally:
        with superuser(template) as connection:
            for settings in made:
                connection.execute(
                    sql.SQL("drop database {} with (force)").format(sql.Identifier(settings.database))
                )
