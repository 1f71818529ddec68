"""A system that delivers files: which of them are new, and each one landed with its hash."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import psycopg

from scv.errors import SourceDownError
from scv.extract import delimited, fixed_width, json_files, workbook
from scv.extract.files import find_files, hash_file
from scv.extract.landing import DeliveredFile, Delivery, copy_rows, create_text_landing
from scv.extract.ledger import SeenFile, hash_empty, name_copy, seen_files
from scv.extract.raw_tables import RawTable
from scv.extract.rows import BadRow, Cells, Rows
from scv.extract.sources import Amount, Request
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

    def count(self, table: Table) -> Amount:
        """Rows of a snapshot's file; of deltas, the files, and which of them are copies of others."""
        paths = find_files(self._system, table, self._folder)
        if table.delivery == "snapshot":
            rows = READERS[table.format].read_file(self._system, table, paths[-1])
            return Amount(rows=sum(1 for _ in rows))
        arrivals = _Arrivals(f"{self._system.name}.{table.name}", {}, is_delta=True)
        for path in paths:
            arrivals.is_new(path.name, hash_file(path))
        return Amount(files=len(paths), warnings=tuple(arrivals.warnings))

    def land(self, raw: RawTable, request: Request, warehouse: psycopg.Connection) -> Delivery:
        """Stream the new files into the text landing, oldest name first.

        A content that an earlier night has loaded is not loaded again, under whatever name it comes.
        """
        table = raw.table
        create_text_landing(warehouse, raw)
        seen = seen_files(warehouse, self._system.name, table.name, before=request.night)
        is_delta = table.delivery == "delta"
        arrivals = _Arrivals(f"{self._system.name}.{table.name}", seen, is_delta)
        files: list[DeliveredFile] = []
        for path in find_files(self._system, table, self._folder):
            digest = hash_file(path)
            if not arrivals.is_new(path.name, digest):
                continue
            if is_delta:
                arrivals.warnings += READERS[table.format].verify_file(self._system, table, path)
            counted = _Counted(READERS[table.format].read_file(self._system, table, path), arrivals.warnings)
            rows = copy_rows(warehouse, raw, counted, len(files) + 1)
            files.append(DeliveredFile(path.name, digest, rows))
        return Delivery(
            rows=sum(file.rows for file in files),
            partial=is_delta,
            files=tuple(files),
            copies=tuple(arrivals.copies),
            warnings=tuple(dict.fromkeys(arrivals.warnings)),
        )


class _Arrivals:
    """Which files of a table are to be read, and what there is to say about those that are not."""

    def __init__(self, label: str, seen: Mapping[str, SeenFile], is_delta: bool) -> None:
        self._label, self._seen, self._is_delta = label, seen, is_delta
        self._tonight: dict[str, str] = {}
        self.warnings: list[str] = []
        self.copies: list[DeliveredFile] = []

    def is_new(self, name: str, digest: str) -> bool:
        """Whether a file is to be read. A copy under a new name is said once, by the night that sees it first."""
        earlier = self._seen.get(digest) or self._seen.get(hash_empty(digest, name))
        if earlier is None and digest not in self._tonight:
            self._tonight[digest] = name
            return True
        original = earlier.name if earlier else self._tonight[digest]
        if original != name and name_copy(digest, name) not in self._seen:
            loaded = f", loaded in the night {earlier.night}" if earlier else ""
            said = f"{self._label}: file {name} has the same content as {original}{loaded}"
            if not self._is_delta:
                raise SourceDownError(
                    f"{said}: an old delivery under a new name. Yesterday's data stay. Ask the data owner "
                    "for the new file."
                )
            self.warnings.append(f"{said}: ignored")
            self.copies.append(DeliveredFile(name, digest, 0))
        # A snapshot that did not change is a snapshot like any other.
        return not self._is_delta


class _Counted:
    """Rows of a reader; what the reader returns at its end (warnings) is kept."""

    def __init__(self, rows: Rows, warnings: list[str]) -> None:
        self._rows, self._warnings = rows, warnings

    def __iter__(self) -> Iterator[Cells | BadRow]:
        said = yield from self._rows
        self._warnings.extend(said or ())
