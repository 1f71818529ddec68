"""What the simulation hands on, block by block: the systems' tables, and the truth behind them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from scv.demo.calendar import OPEN
from scv.demo.people import Person
from scv.demo.tables import Rows, TableSpec
from scv.demo.world import World


@dataclass(frozen=True, slots=True)
class TrueRecord:
    """Which person a record, or one of the persons in its name line, is; shown from a day to a day."""

    system: str
    table: str
    key: tuple[str, ...]
    person_no: int
    pid: int
    start: int
    end: int
    account: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """That a system says a person died: when it recorded it (UTC seconds, None where it does not say).

    `shown` is the first day whose midnight shows it, `withdrawn` the day on which it was taken back.
    """

    system: str
    table: str
    key: tuple[str, ...]
    pid: int
    level: int
    date_of_death: int | None
    recorded_at: int | None
    recorded_day: int | None
    shown: int
    withdrawn: int
    withdrawn_at: int | None = None


@dataclass(frozen=True, slots=True)
class KnownMove:
    """That a system says a person moved from one dwelling to another."""

    system: str
    pid: int
    old_dwelling: int
    new_dwelling: int
    moved_on: int
    recorded_day: int | None
    shown: int


@dataclass
class Book:
    """Collects one block."""

    world: World
    rows: dict[str, Rows] = field(default_factory=dict)
    records: list[TrueRecord] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    moves: list[KnownMove] = field(default_factory=list)
    cases: list[tuple[str, str, str, tuple[str, ...]]] = field(default_factory=list)

    def open(self, specs: Iterable[TableSpec]) -> list[Rows]:
        """Start tables, in the order given."""
        for spec in specs:
            self.rows[spec.id] = Rows(spec)
        return [self.rows[spec.id] for spec in specs]

    def record(
        self,
        rows: Rows,
        key: tuple[object, ...],
        person: Person,
        start: int,
        end: int = OPEN,
        account: str = "",
        person_no: int = 1,
    ) -> None:
        """Note whose record a row is."""
        if start < end:
            texts = tuple(str(part) for part in key)
            self.records.append(
                TrueRecord(
                    rows.spec.system, rows.spec.name, texts, person_no, person.pid, start, end, account
                )
            )
