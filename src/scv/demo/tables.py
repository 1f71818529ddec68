"""Tables of the departmental systems, as rows with the days between which each version is shown.

A row with `_from` and `_to` is shown at the cut-off of night N when _from < N <= _to: what a
department does during a day shows at the midnight that ends it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scv.demo.calendar import OPEN


@dataclass(frozen=True)
class TableSpec:
    """A table: where it is, its key, and its columns with the form in which each is kept.

    Forms: text, int, big, num, bool; date (a real date), iso, dmy, dmyc (dates as text); ts (a real
    instant), iso_ts (an instant as text). Columns after `hidden` are not declared in the manifest.
    """

    system: str
    name: str
    key: tuple[str, ...]
    columns: dict[str, str]
    hidden: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.system}.{self.name}"


class Rows:
    """Collects the versions of a table's rows."""

    def __init__(self, spec: TableSpec) -> None:
        self.spec = spec
        self._names = tuple(spec.columns)
        self._rows: list[tuple[Any, ...]] = []
        self._bulk: list[pa.Table] = []

    def add(self, start: int, end: int, values: dict[str, Any]) -> None:
        """A row as shown from a day to a day."""
        if start < end:
            self._rows.append((*map(values.get, self._names), start, end))

    def add_history(
        self, start: int, end: int, values: dict[str, Any], changes: list[tuple[int, dict[str, Any]]]
    ) -> None:
        """A row that changes: each change (day, columns) begins a version, unless nothing differs."""
        state, since = dict(values), start
        for day, delta in sorted(changes, key=lambda change: change[0]):
            if day >= end:
                break
            if all(state.get(column) == value for column, value in delta.items()):
                continue
            if day > since:
                self.add(since, day, state)
                since = day
            state.update(delta)
        self.add(since, end, state)

    def add_bulk(self, start: Any, columns: dict[str, Any], end: Any = None) -> None:
        """Many rows at once, as numpy arrays by column (days and seconds as integers)."""
        count = len(start)
        arrays = {n: encode(self.spec.columns[n], columns.get(n), count) for n in self._names}
        arrays["_from"] = pa.array(np.asarray(start, dtype=np.int32))
        ends = np.full(count, OPEN, dtype=np.int32) if end is None else np.asarray(end, dtype=np.int32)
        arrays["_to"] = pa.array(ends)
        self._bulk.append(pa.table(arrays))

    def table(self) -> pa.Table:
        """All rows as one Arrow table."""
        count = len(self._rows)
        columns = list(zip(*self._rows, strict=True)) if count else [()] * (len(self._names) + 2)
        arrays = {
            name: encode(self.spec.columns[name], columns[place], count)
            for place, name in enumerate(self._names)
        }
        arrays["_from"] = pa.array(columns[-2], type=pa.int32())
        arrays["_to"] = pa.array(columns[-1], type=pa.int32())
        own = pa.table(arrays)
        return pa.concat_tables([own, *self._bulk]).combine_chunks()


_DATE_FORMS = {"iso": "%Y-%m-%d", "dmy": "%d/%m/%Y", "dmyc": "%d%m%Y"}
_INSTANT_FORM = "%Y-%m-%dT%H:%M:%SZ"


def encode(form: str, values: Any, count: int) -> pa.Array:
    """Values of one column in the form in which the system keeps them."""
    if values is None:
        values = [None] * count
    if isinstance(values, pa.Array) and pa.types.is_string(values.type):
        return values
    if form == "text":
        return _plain(values, pa.string())
    if form == "int":
        return _plain(values, pa.int32())
    if form == "big":
        return _plain(values, pa.int64())
    if form == "num":
        return _plain(values, pa.float64())
    if form == "bool":
        return _plain(values, pa.bool_())
    if form in ("ts", "iso_ts"):
        stamps = _plain(values, pa.int64()).cast(pa.timestamp("s", tz="UTC"))
        return stamps if form == "ts" else pc.strftime(stamps.cast(pa.timestamp("s")), _INSTANT_FORM)
    days = _plain(values, pa.int32()).cast(pa.date32())
    return days if form == "date" else pc.strftime(days.cast(pa.timestamp("s")), _DATE_FORMS[form])


def _plain(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values.cast(kind)
    if isinstance(values, np.ndarray) and values.dtype != object:
        return pa.array(values).cast(kind)
    return pa.array(values, type=kind)


def shown_at(table: pa.Table, night: int) -> pa.Table:
    """The rows that are shown at the cut-off of a night (day number), without the day columns."""
    mask = pc.and_(pc.less(table["_from"], night), pc.greater_equal(table["_to"], night))
    return table.filter(mask).drop_columns(["_from", "_to"])
