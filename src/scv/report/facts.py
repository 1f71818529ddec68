"""What the report of a night says: counts, codes and opaque names only, never a value of a person."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Audience = Literal["stewards", "engineers"]


@dataclass(frozen=True)
class TableLoad:
    """One source table tonight: rows read and what became of them; `message` is the loader's own."""

    table: str
    status: str
    read: int
    loaded: int
    quarantined: int
    tombstoned: int
    new: int
    changed: int
    deleted: int
    returned: int
    message: str | None


@dataclass(frozen=True)
class SystemLoad:
    """One departmental system tonight; status is whole, stale, half, failed or missing."""

    system: str
    owner: str
    status: str
    read: int
    read_before: int | None
    loaded: int
    quarantined: int
    tombstoned: int
    new: int
    changed: int
    deleted: int
    returned: int
    seconds: float
    last_whole_night: date | None
    tables: tuple[TableLoad, ...]

    @property
    def touched(self) -> int:
        """Rows that are not as they were last night."""
        return self.new + self.changed + self.deleted + self.returned


@dataclass(frozen=True)
class People:
    """Person records, the customers they were linked to, and what the night changed about who is who.

    `pairs_to_review` stand in the review queue, the most useful of all `doubtful_links`.
    """

    records: int
    records_before: int | None
    customers: int
    customers_before: int | None
    events: dict[str, int]
    pairs_to_review: int
    doubtful_links: int
    decision_conflicts: int
    customers_by_system_count: dict[int, int]


@dataclass(frozen=True)
class RuleFindings:
    """Findings of one rule as of the night; doubtful ones are counted apart from open ones."""

    rule_code: str
    title: str
    severity: str
    owner: str
    meaning: str
    first_steps: tuple[str, ...]
    open: int
    open_before: int | None
    doubtful: int
    new: int
    reopened: int
    resolved: int
    reversed: int
    overdue: int
    due_today: int

    @property
    def fresh(self) -> int:
        """Findings that the night brought: new ones, and ones that came back."""
        return self.new + self.reopened

    @property
    def gone(self) -> int:
        """Findings that the night closed, for whatever cause."""
        return self.resolved + self.reversed


@dataclass(frozen=True)
class Publication:
    """Rows that the night changed in one published table."""

    table: str
    inserted: int
    updated: int
    deleted: int

    @property
    def touched(self) -> int:
        """Rows that are not as they were last night."""
        return self.inserted + self.updated + self.deleted


@dataclass(frozen=True)
class FailedCheck:
    """An expectation that was not met; `observed` holds counts."""

    suite: str
    subject: str
    severity: str
    observed: dict[str, float]
    meaning: str


@dataclass(frozen=True)
class Checks:
    """How many expectations were judged at each stage, and those that were not met."""

    judged: dict[str, int]
    failed: tuple[FailedCheck, ...]


@dataclass(frozen=True)
class Step:
    """One step of the night; `seconds_before` is the same step of the night before."""

    step: str
    words: str
    status: str
    seconds: float | None
    seconds_before: float | None
    peak_mb: int | None
    problem: str | None


@dataclass(frozen=True)
class RunAlert:
    """Trouble of the run itself that somebody should know of."""

    system: str
    kind: str
    message: str


@dataclass(frozen=True)
class NightLine:
    """One night among the last ones."""

    night: date
    status: str
    read: int
    touched: int
    open_findings: int
    new_findings: int
    seconds: float


@dataclass(frozen=True)
class Advice:
    """What somebody should do next, in words; `items` spell it out, `command` is what to type, if anything is."""

    audience: Audience
    text: str
    items: tuple[str, ...] = ()
    command: str | None = None


@dataclass(frozen=True)
class NightReport:
    """Everything that the report of one night says."""

    night: date
    previous_night: date | None
    status: str
    problem: str | None
    held: tuple[str, ...]
    started_at: datetime | None
    finished_at: datetime | None
    systems: tuple[SystemLoad, ...]
    people: People
    findings: tuple[RuleFindings, ...]
    publication: tuple[Publication, ...]
    checks: Checks
    steps: tuple[Step, ...]
    alerts: tuple[RunAlert, ...]
    last_nights: tuple[NightLine, ...]
    advice: tuple[Advice, ...] = ()

    @property
    def seconds(self) -> float:
        """Seconds of all steps together, one after the other."""
        return sum(step.seconds or 0 for step in self.steps)

    @property
    def whole_systems(self) -> int:
        """Systems whose data is of tonight."""
        return sum(system.status == "whole" for system in self.systems)

    @property
    def open_findings(self) -> int:
        """Open findings of all rules, doubtful ones left out."""
        return sum(rule.open for rule in self.findings)
