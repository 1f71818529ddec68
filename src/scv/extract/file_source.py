"""A system that delivers files: which of them are new, and each one landed with its hash."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import psycopg

from scv.errors import SourceDownError
from scv.extract import delimited, fixed_width, json_files, workbook
from scv.extract.files import find_files, hash_file
from scv.extract.landing import DeliveredFile, Delivery, copy_rows, create_text_landing
from scv.extract.ledger import SeenFile, hash_empty, seen_files
from scv.extract.rows import BadRow, Cells, Rows
from scv.extract.sources import Request
from scv.manifests import System, Table

READERS: dict[str, ModuleType] = {
    "csv": delimited,
    "fixed_width": fixed_width,
    "xlsx": workbook,
    "json": json_files,
}


class FileSource:
    """Files in one folder."""

    def __init__(self, system: System, folder: Path) -> None:
        self._system, self._folder = system, folder

    def verify(self, table: Table) -> list[str]:
        """Hold the newest file's header against the manifest."""
        paths = find_files(self._system, table, self._folder)
        return READERS[table.format].verify_file(self._system, table, paths[-1]) if paths else []

    def count(self, table: Table) -> int | None:
        """Rows of a snapshot's file; those of deltas are not counted."""
        if table.delivery == "delta":
            return None
        path = find_files(self._system, table, self._folder)[-1]
        return sum(1 for _ in READERS[table.format].read_file(self._system, table, path))

    def land(self, table: Table, request: Request, warehouse: psycopg.Connection) -> Delivery:
        """Stream the new files into the text landing, oldest name first.

        A content that an earlier night has loaded is not loaded again, under whatever name it comes.
        """
        create_text_landing(warehouse, table)
        seen = seen_files(warehouse, self._system.name, table.name, before=request.night)
        is_delta = table.delivery == "delta"
        warnings: list[str] = []
        files: list[DeliveredFile] = []
        tonight: dict[str, str] = {}
        for path in find_files(self._system, table, self._folder):
            digest = hash_file(path)
            if _is_known(digest, path.name, seen, tonight, warnings, self._label(table), is_delta):
                continue
            tonight[digest] = path.name
            if is_delta:
                warnings += READERS[table.format].verify_file(self._system, table, path)
            counted = _Counted(READERS[table.format].read_file(self._system, table, path), warnings)
            rows = copy_rows(warehouse, table, counted, len(files) + 1)
            files.append(DeliveredFile(path.name, digest, rows))
        return Delivery(
            rows=sum(file.rows for file in files),
            partial=is_delta,
            files=tuple(files),
            warnings=tuple(dict.fromkeys(warnings)),
        )

    def _label(self, table: Table) -> str:
        return f"{self._system.name}.{table.name}"


def _is_known(
    digest: str,
    name: str,
    seen: dict[str, SeenFile],
    tonight: dict[str, str],
    warnings: list[str],
    label: str,
    is_delta: bool,
) -> bool:
    """Whether this content was loaded before; says so where it comes under a new name."""
    if digest in tonight:
        warnings.append(f"{label}: file {name} has the same content as {tonight[digest]}: ignored")
        return True
    earlier = seen.get(digest) or seen.get(hash_empty(digest, name))
    if earlier is None:
        return False
    if earlier.name != name:
        said = f"{label}: file {name} has the same content as {earlier.name}, loaded in the night {earlier.night}"
        if not is_delta:
            raise SourceDownError(
                f"{said}: an old delivery under a new name. Yesterday's data stay. Ask the data owner "
                "for the new file."
            )
        warnings.append(f"{said}: ignored")
    # A snapshot that did not change is a snapshot like any other.
    return is_delta


class _Counted:
    """Rows of a reader; what the reader returns at its end (warnings) is kept."""

    def __init__(self, rows: Rows, warnings: list[str]) -> None:
        self._rows, self._warnings = rows, warnings

    def __iter__(self) -> Iterator[Cells | BadRow]:
        said = yield from self._rows
        self._warnings.extend(said or ())
