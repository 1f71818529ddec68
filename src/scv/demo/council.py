"""The synthetic council on disk: made once, then moved on night by night.

Everything is a pure function of seed, size and first night; the state folder holds what will change
after the first night, so that a step of one day only touches what changes on that day.
"""

import json
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scv.demo.blocks import Block, build_block
from scv.demo.calendar import OPEN, next_weekday, to_date, to_day
from scv.demo.named_cases import write_named_cases
from scv.demo.parameters import Parameters, load_parameters
from scv.demo.sinks import files
from scv.demo.sinks.layout import DELTAS, FILES, POSTGRES, SPECS, SQLITE, specs_of
from scv.demo.sinks.postgres import PostgresSink, make_database, make_reader, source_url
from scv.demo.sinks.sqlite import SqliteSink
from scv.demo.tables import TableSpec, shown_at
from scv.demo.world import Span
from scv.errors import InputError

STATE_VERSION = 1
Sink = PostgresSink | SqliteSink


@dataclass(frozen=True)
class CouncilFacts:
    """What a step has made: the night shown now, blocks, and rows written by 'system.table'."""

    night: date
    residents: int
    seed: int
    blocks: int
    rows: dict[str, int]


@dataclass(frozen=True)
class _State:
    version: int
    residents: int
    seed: int
    first_night: str
    night: str
    horizon: str
    blocks: int


class _Home:
    """The folders of a council."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.sources = home / "sources"
        self.state = home / "demo_state"
        self.truth = home / "truth"

    def read_state(self) -> _State:
        path = self.state / "state.json"
        if not path.is_file():
            raise InputError(f"There is no synthetic council under {self.home}. Make one with `scv demo`.")
        return _State(**json.loads(path.read_text()))

    def write_state(self, state: _State) -> None:
        path = self.state / "state.json"
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(asdict(state), indent=1))
        temporary.replace(path)

    def sqlite(self, system: str) -> Path:
        return self.sources / system / f"{system}.sqlite"

    def parts(self, name: str) -> list[Path]:
        """The kept tables of a name, one per block, in order."""
        return sorted((self.state / "blocks").glob(f"*/{name}.parquet"))


def create(
    home: Path,
    residents: int,
    seed: int,
    first_night: date,
    pg: psycopg.Connection | None = None,
    parameters: Parameters | None = None,
    nights: int = 1,
) -> CouncilFacts:
    """Make the council as its departments show it at the cut-off of the first night.

    It is simulated for `world.horizon_days` after that night, or as many times that as `nights` need.

    `pg` is a connection to the warehouse, whose server is to hold council_tax and housing_benefit too, as a login
    that may create databases and roles; without it these two are kept in SQLite as well. What is already
    there of an earlier council under `home` is replaced. Writes sources/, truth/ and connections.json.
    """
    if residents < 50:
        raise InputError(f"A council needs at least 50 residents; {residents} were asked for.")
    rates, places = parameters or load_parameters(), _Home(home)
    for folder in (places.sources, places.state, places.truth):
        shutil.rmtree(folder, ignore_errors=True)
    places.state.mkdir(parents=True)
    first = to_day(first_night)
    step = int(rates["world.horizon_days"])
    horizon = step * -(-nights // step)
    span = Span(first - int(rates["world.history_days"]), first, first + horizon)
    size = int(rates["world.block_residents"])
    blocks = max(1, round(residents / size))
    sinks = _open_new(places, pg)
    history = _History(places, span)
    counts: dict[str, int] = {}
    for number in range(blocks):
        share = residents // blocks + (1 if number < residents % blocks else 0)
        # No name for the block here: it must be gone before the next one is built.
        _land(places, build_block(seed, number, share, span, rates), number, span, sinks, history, counts)
        pa.default_memory_pool().release_unused()
    for system, sink in sinks.items():
        sink.finish_tables(specs_of(system))
        sink.commit()
        sink.close()
    history.finish(int(rates["letters.duplicate_file"]))
    _write_snapshots(places, first)
    state = _State(
        STATE_VERSION,
        residents,
        seed,
        first_night.isoformat(),
        first_night.isoformat(),
        to_date(span.end).isoformat(),
        blocks,
    )
    _write_connections(places, pg)
    _write_truth(places, first)
    places.write_state(state)
    return CouncilFacts(first_night, residents, seed, blocks, counts)


def advance(home: Path, night: date, pg: psycopg.Connection | None = None) -> CouncilFacts:
    """Move the council on to the cut-off of a night; a night that is already shown changes nothing.

    InputError where the night lies beyond the simulated horizon. Killed anywhere and run again, the
    result is the same.
    """
    places = _Home(home)
    state = places.read_state()
    shown, target = to_day(date.fromisoformat(state.night)), to_day(night)
    if target >= to_day(date.fromisoformat(state.horizon)):
        raise InputError(
            f"The council was simulated until {state.horizon}; {night} is beyond it. "
            "Make a new one with a later first night, or with more nights (`scv demo --nights`)."
        )
    counts: dict[str, int] = {}
    if target > shown:
        for system in (*POSTGRES, *SQLITE):
            _step_database(places, pg, system, shown, target, counts)
        for day in range(shown, target):
            _write_day(places, day, counts)
        _write_snapshots(places, target)
        _write_truth(places, target)
        state = _State(**(asdict(state) | {"night": night.isoformat()}))
        places.write_state(state)
    shown_now = date.fromisoformat(state.night)
    return CouncilFacts(shown_now, state.residents, state.seed, state.blocks, counts)


def _open_new(places: _Home, pg: psycopg.Connection | None) -> dict[str, Sink]:
    sinks: dict[str, Sink] = {}
    if pg is not None:
        pg.autocommit = True
        make_reader(pg, _source_password(places))
    for system in POSTGRES:
        if pg is None:
            sinks[system] = SqliteSink(places.sqlite(system))
        else:
            make_database(pg, system)
            sinks[system] = PostgresSink(pg, system)
    for system in SQLITE:
        sinks[system] = SqliteSink(places.sqlite(system))
    for system, sink in sinks.items():
        sink.create_tables(specs_of(system))
    return sinks


def _source_password(places: _Home) -> str:
    path = places.home / "secrets" / "scv_source"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text().strip()


def _land(
    places: _Home,
    block: Block,
    number: int,
    span: Span,
    sinks: dict[str, Sink],
    history: "_History",
    counts: dict[str, int],
) -> None:
    """Write one block: what shows at the first night, and keep what will change later."""
    folder = places.state / "blocks" / f"{number:04d}"
    folder.mkdir(parents=True)
    for name, table in block.tables.items():
        spec = SPECS[name]
        later = pc.greater_equal(table["_from"], span.first)
        if spec.system in DELTAS:
            past = table.filter(pc.invert(later))
            history.append(spec, past)
            counts[name] = counts.get(name, 0) + past.num_rows
            pq.write_table(table.filter(later), folder / f"{name}.parquet")
            continue
        if spec.system in FILES:
            kept = table.filter(pc.greater_equal(table["_to"], span.first))
            pq.write_table(kept, folder / f"{name}.parquet")
            counts[name] = counts.get(name, 0) + shown_at(kept, span.first).num_rows
            continue
        now = shown_at(table, span.first)
        sinks[spec.system].insert(spec, now)
        counts[name] = counts.get(name, 0) + now.num_rows
        ends = pc.and_(pc.greater_equal(table["_to"], span.first), pc.less(table["_to"], OPEN))
        pq.write_table(table.filter(pc.or_(later, ends)), folder / f"{name}.parquet")
    for name, table in block.truth.items():
        pq.write_table(table, folder / f"truth.{name}.parquet")


class _History:
    """Delta files of the time before the first night: one per table and month."""

    def __init__(self, places: _Home, span: Span) -> None:
        self.places, self.span = places, span
        self.files: dict[tuple[str, int], files.DeltaFile] = {}

    def append(self, spec: TableSpec, rows: pa.Table) -> None:
        """Add a block's rows, each to the file of its month; of a row's versions the month's last."""
        months = [
            (d.year * 12 + d.month) for d in map(to_date, range(self.span.start - 400, self.span.first))
        ]
        offset = self.span.start - 400
        month = pa.array([months[max(0, day - offset)] for day in rows["_from"].to_pylist()], pa.int32())
        latest = rows.append_column("_month", month)
        for value in sorted(set(month.to_pylist())):
            part = latest.filter(pc.equal(latest["_month"], value)).drop_columns(["_month"])
            self._file(spec, value).append(_last_versions(spec, part))

    def _file(self, spec: TableSpec, month: int) -> files.DeltaFile:
        key = (spec.id, month)
        if key not in self.files:
            year, number = divmod(month - 1, 12)
            after = date(year + 1, 1, 1) if number == 11 else date(year, number + 2, 1)
            last = min(to_day(after), self.span.first) - 1
            folder = self.places.sources / spec.system
            self.files[key] = files.DeltaFile(folder, spec, to_date(last).isoformat())
        return self.files[key]

    def finish(self, duplicates: int) -> None:
        """Close all files; some arrive a second time under another name."""
        for file in self.files.values():
            file.finish()
        printed = sorted(
            f.path for (name, _), f in self.files.items() if name == "correspondence.print_items"
        )
        for path in printed[3 : 3 + duplicates]:
            shutil.copyfile(path, path.with_name(f"{path.stem}_again{path.suffix}"))


def _last_versions(spec: TableSpec, rows: pa.Table) -> pa.Table:
    """Without day columns, each key once, as it stood last; ordered by day and key."""
    keys = list(spec.key)
    ordered = rows.sort_by([("_from", "ascending"), *((key, "ascending") for key in keys)])
    number = pa.array(range(ordered.num_rows), pa.int64())
    last = ordered.append_column("_n", number).group_by(keys).aggregate([("_n", "max")])["_n_max"]
    chosen = pc.sort_indices(last)
    return ordered.take(last.take(chosen)).drop_columns(["_from", "_to"])


def _step_database(
    places: _Home, pg: psycopg.Connection | None, system: str, shown: int, target: int, counts: dict[str, int]
) -> None:
    """Bring one database from one night to a later one, in one transaction."""
    if system in POSTGRES and not places.sqlite(system).is_file():
        if pg is None:
            raise InputError(f"{system} is kept in Postgres: a connection to its server is needed.")
        sink: Sink = PostgresSink(pg, system)
    else:
        sink = SqliteSink(places.sqlite(system))
    try:
        for spec in specs_of(system):
            for path in places.parts(spec.id):
                table = pq.read_table(path)
                begins, ends = table["_from"], table["_to"]
                ended = pc.and_(pc.greater_equal(ends, shown), pc.less(ends, target))
                began = pc.and_(pc.greater_equal(begins, shown), pc.less(begins, target))
                came = table.filter(pc.and_(began, pc.greater_equal(ends, target)))
                # Deleting what comes, too, makes a second run of the same step harmless.
                keys = table.filter(pc.or_(ended, began)).select(list(spec.key))
                sink.delete(spec, keys.group_by(list(spec.key)).aggregate([]))
                sink.insert(spec, came.drop_columns(["_from", "_to"]))
                counts[spec.id] = counts.get(spec.id, 0) + came.num_rows
        sink.commit()
    finally:
        sink.close()


def _write_day(places: _Home, day: int, counts: dict[str, int]) -> None:
    """The delta files that arrive on a day."""
    for system in DELTAS:
        for spec in specs_of(system):
            if spec.name == "registrar" and next_weekday(day, 1) != day:
                continue
            file = files.DeltaFile(places.sources / system, spec, to_date(day).isoformat())
            for path in places.parts(spec.id):
                rows = pq.read_table(path, filters=[("_from", "=", day)])
                counts[spec.id] = counts.get(spec.id, 0) + rows.num_rows
                file.append(_last_versions(spec, rows))
            file.finish()


def _write_snapshots(places: _Home, night: int) -> None:
    """The file systems that are rewritten whole."""

    def parts(spec: TableSpec) -> Iterator[pa.Table]:
        for path in places.parts(spec.id):
            yield shown_at(pq.read_table(path), night)

    for system in FILES:
        specs, folder = specs_of(system), places.sources / system
        if system == "grants" and specs:
            files.write_workbook(folder / "grants.xlsx", [(spec, parts(spec)) for spec in specs])
            continue
        for spec in specs:
            if system == "hr_payroll":
                files.write_fixed_snapshot(folder / "posts.txt", spec, parts(spec))
            else:
                files.write_csv_snapshot(folder / f"{spec.name}.csv", spec, parts(spec))


def _write_truth(places: _Home, night: int) -> None:
    """The truth as of a night, block by block."""
    places.truth.mkdir(parents=True, exist_ok=True)
    names = sorted({path.name for path in (places.state / "blocks").glob("*/truth.*.parquet")})
    for name in names:
        parts = sorted((places.state / "blocks").glob(f"*/{name}"))
        schema = pa.schema([f for f in pq.read_schema(parts[0]) if not f.name.startswith("_")])
        path = places.truth / name.removeprefix("truth.")
        temporary = path.with_suffix(".tmp")
        with pq.ParquetWriter(temporary, schema) as writer:
            for part in parts:
                writer.write_table(shown_at(pq.read_table(part), night))
        temporary.replace(path)
    write_named_cases(places.truth)


def _write_connections(places: _Home, pg: psycopg.Connection | None) -> None:
    known: dict[str, str] = {}
    for system in sorted({spec.system for spec in SPECS.values()}):
        if system in POSTGRES and pg is not None:
            known[f"src_{system}"] = source_url(pg, system, _source_password(places))
        elif system in (*POSTGRES, *SQLITE):
            known[f"src_{system}"] = f"sqlite:///{places.sqlite(system).absolute()}"
        else:
            known[f"src_{system}"] = str((places.sources / system).absolute())
    path = places.home / "connections.json"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(known, indent=1) + "\n")
