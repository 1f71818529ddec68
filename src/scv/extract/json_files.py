"""JSON files: a list of objects, read one object at a time, whatever the size of the file."""

import codecs
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from scv.extract.faults import bad_file, half_file, missing_columns, wrong_layout
from scv.extract.files import open_file
from scv.extract.rows import BadRow, Rows, input_names, make_picker
from scv.manifests import System, Table

BLOCK = 256 * 1024
LARGEST_OBJECT = 8 * 1024 * 1024
_BLANKS = " \t\r\n"
_MISSING = object()


def verify_file(system: System, table: Table, path: Path) -> list[str]:
    """Read the first object only: declared paths may be absent there, so only the shape is judged."""
    with open_file(system, table, path) as file:
        next(_objects(system, table, path, file), None)
    return []


def read_file(system: System, table: Table, path: Path) -> Rows:
    """One row per object, as cells in declared order.

    SourceSchemaError where a declared path is in no object at all; keys at the top that are not declared
    are returned as warnings (the generator's value).
    """
    names = input_names(table)
    paths = [name.split(".") for name in names]
    pick = make_picker(table, names)
    unseen = set(names)
    declared = {*table.never_read, *(path[0] for path in paths)}
    new: set[str] = set()
    count = 0
    with open_file(system, table, path) as file:
        for item in _objects(system, table, path, file):
            count += 1
            if not isinstance(item, dict):
                yield BadRow("not_an_object")
                continue
            if len(item) > len(declared) or unseen:
                new.update(key for key in item if key not in declared and key.isidentifier())
            row = []
            for name, steps in zip(names, paths, strict=True):
                value = _find(item, steps)
                if value is _MISSING:
                    value = None
                elif name in unseen:
                    unseen.discard(name)
                row.append(_write(value))
            yield pick(row)
    if count and unseen:
        raise missing_columns(
            system, table, sorted(unseen), sorted(declared - {n.split(".")[0] for n in unseen} | new)
        )
    return [f"{system.name}.{table.name}: new key '{key}', not read" for key in sorted(new)]


def _find(item: Any, steps: list[str]) -> Any:
    for step in steps:
        if item is None:
            # An object given as null: the paths below it are there, with nothing in them.
            return None
        if not isinstance(item, dict) or step not in item:
            return _MISSING
        item = item[step]
    return item


def _write(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _objects(system: System, table: Table, path: Path, file: IO[bytes]) -> Iterator[Any]:
    """The elements of the list, decoded one by one; numbers stay as they were written."""
    decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refuse_constant)
    text = _Text(system, table, path, file)
    if text.peek() != "[":
        raise wrong_layout(system, table, path.name, "a JSON list of objects", "something else at its start")
    text.skip(1)
    if text.peek() == "]":
        text.skip(1)
        return _finish(system, table, path, text)
    while True:
        yield text.take_value(decoder)
        sign = text.peek()
        text.skip(1)
        if sign == "]":
            return _finish(system, table, path, text)
        if sign != ",":
            if not sign:
                raise half_file(system, table, f"file {path.name}: the list is cut off before its end")
            raise bad_file(system, table, path.name, "not JSON between two objects")


def _finish(system: System, table: Table, path: Path, text: "_Text") -> None:
    if text.peek():
        raise bad_file(system, table, path.name, "something follows the list")


def _refuse_constant(_: str) -> None:
    """NaN and Infinity are no JSON: as a cell they are nothing."""
    return


class _Text:
    """The undecoded rest of the file, as a buffer that is filled when needed."""

    def __init__(self, system: System, table: Table, path: Path, file: IO[bytes]) -> None:
        self._system, self._table, self._path, self._file = system, table, path, file
        self._decode: Callable[..., str] = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._buffer, self._place, self._is_over = "", 0, False

    def peek(self) -> str:
        """The next character that is no blank, without taking it; empty at the end."""
        while True:
            while self._place < len(self._buffer):
                character = self._buffer[self._place]
                if character not in _BLANKS:
                    return character
                self._place += 1
            if not self._fill():
                return ""

    def skip(self, count: int) -> None:
        """Take characters."""
        self._place += count

    def take_value(self, decoder: json.JSONDecoder) -> Any:
        """The next value, filling the buffer until it is whole."""
        self.peek()
        while True:
            try:
                value, end = decoder.raw_decode(self._buffer, self._place)
                # A number at the buffer's end may go on in the next block.
                if end < len(self._buffer) or not self._fill():
                    self._place = end
                    return value
            except ValueError:
                if len(self._buffer) - self._place > LARGEST_OBJECT:
                    what = f"an object of more than {LARGEST_OBJECT // 1024**2} MB, or not JSON"
                    raise bad_file(self._system, self._table, self._path.name, what) from None
                if not self._fill():
                    raise half_file(
                        self._system,
                        self._table,
                        f"file {self._path.name}: cut off in an object, or not JSON",
                    ) from None

    def _fill(self) -> bool:
        if self._is_over:
            return False
        block = self._file.read(BLOCK)
        try:
            more = self._decode(block, final=not block)
        except UnicodeDecodeError:
            raise wrong_layout(
                self._system, self._table, self._path.name, "encoding utf-8", "bytes of another encoding"
            ) from None
        self._is_over = not block
        self._buffer = self._buffer[self._place :] + more
        self._place = 0
        return bool(block)
