"""Files as a system delivers them: found, hashed, and opened with caps on what they unpack to."""

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast
from urllib.parse import unquote, urlsplit

from scv.errors import SourceDownError
from scv.extract.faults import bad_file
from scv.manifests import System, Table

COMPRESSED = (".gz", ".zip")
MEGABYTE = 1024 * 1024
# Below this, no ratio is judged: a few repeated lines compress very well.
RATIO_FLOOR = 8 * MEGABYTE


def find_folder(system: System, target: str) -> Path:
    """The folder of a file connection; SourceDownError where it is not there."""
    folder = Path(unquote(urlsplit(target).path) if target.startswith("file://") else target).expanduser()
    if not folder.is_dir():
        raise SourceDownError(
            f"{system.name}: the folder of connection '{system.connection}' is not there. "
            "Yesterday's data stay. Check that the share is mounted."
        )
    return folder


def find_files(system: System, table: Table, folder: Path) -> list[Path]:
    """The files of a table, by name. A snapshot has one (the last of a glob); a delta may have any number.

    The same name with .gz or .zip behind it is found too. SourceDownError where a snapshot has none, or
    where the folder of a delta is not there.
    """
    location = table.location.partition("#")[0]
    if any(character in location for character in "*?["):
        found = {path for ending in ("", *COMPRESSED) for path in folder.glob(location + ending)}
        paths = sorted((path for path in found if path.is_file()), key=lambda path: path.name)
        if table.delivery == "snapshot":
            paths = paths[-1:]
    else:
        named = [folder / (location + ending) for ending in ("", *COMPRESSED)]
        paths = [path for path in named if path.is_file()][:1]
    if not paths and (table.delivery == "snapshot" or not (folder / location).parent.is_dir()):
        raise SourceDownError(
            f"{system.name}.{table.name}: no file '{location}' in the folder of connection "
            f"'{system.connection}'. Yesterday's data stay. Ask the data owner, or change location "
            f"in {system.manifest}."
        )
    return paths


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(MEGABYTE):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def open_file(system: System, table: Table, path: Path) -> Iterator[IO[bytes]]:
    """A file's bytes, unpacked where it is .gz or .zip; SourceDataError where it unpacks to too much."""
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rb") as packed:
                yield _capped(cast(IO[bytes], packed), system, table, path)
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                members = [item for item in archive.infolist() if not item.is_dir()]
                if len(members) != 1:
                    raise bad_file(
                        system, table, path.name, f"expected one file in the zip, found {len(members)}"
                    )
                with archive.open(members[0]) as member:
                    yield _capped(member, system, table, path)
        else:
            with path.open("rb") as plain:
                yield _capped(plain, system, table, path)
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise bad_file(
            system, table, path.name, f"cannot be unpacked, it is damaged or cut off ({type(error).__name__})"
        ) from None
    except OSError as error:
        raise SourceDownError(
            f"{system.name}.{table.name}: the file {path.name} cannot be read ({type(error).__name__}). "
            "Yesterday's data stay. Check the share and the rights on it."
        ) from None


def check_workbook_size(system: System, table: Table, path: Path) -> None:
    """Refuse a workbook (a zip of XML) that unpacks to more than the manifest allows."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
    except zipfile.BadZipFile:
        raise bad_file(system, table, path.name, "not a workbook, or cut off") from None
    _judge(unpacked, path.stat().st_size, system, table, path)


def _judge(unpacked: int, packed: int, system: System, table: Table, path: Path) -> None:
    if unpacked > table.max_mb * MEGABYTE:
        raise bad_file(system, table, path.name, f"larger than {table.max_mb} MB (max_mb)")
    if unpacked > RATIO_FLOOR and unpacked > packed * table.max_compression_ratio:
        what = f"unpacks to more than {table.max_compression_ratio} times its size (max_compression_ratio)"
        raise bad_file(system, table, path.name, what)


def _capped(raw: IO[bytes], system: System, table: Table, path: Path) -> IO[bytes]:
    return io.BufferedReader(_CappedReader(raw, system, table, path), MEGABYTE)


class _CappedReader(io.RawIOBase):
    """Counts what comes out, and stops where it is more than the manifest allows."""

    def __init__(self, raw: IO[bytes], system: System, table: Table, path: Path) -> None:
        self._raw, self._system, self._table, self._path = raw, system, table, path
        self._packed = max(path.stat().st_size, 1)
        self._unpacked = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        block = self._raw.read(len(buffer))
        self._unpacked += len(block)
        _judge(self._unpacked, self._packed, self._system, self._table, self._path)
        buffer[: len(block)] = block
        return len(block)
