"""Many names: in this process while they are few, in worker processes when they are many."""

import itertools
import marshal
import os
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import scv
from scv.names.model import ParsedName, Person
from scv.names.parser import parse_name

# Starting workers costs a few tenths of a second: that many names take as long.
PARALLEL_FROM = 20_000
CHUNK = 5_000
WORKER = ["-m", "scv.names.worker"]
_LENGTH = struct.Struct("<Q")


def parse_names(full_names: Iterable[str], workers: int | None = None) -> Iterator[ParsedName]:
    """Parse names in the order given, streaming: at most a few chunks per worker are in memory.

    `workers`: how many processes; as many as this process may use processors if left out, and none
    while the names are fewer than `PARALLEL_FROM`. The result does not depend on it.
    """
    names = iter(full_names)
    wanted = workers if workers is not None else len(os.sched_getaffinity(0))
    if wanted < 2:
        yield from map(parse_name, names)
        return
    first = list(itertools.islice(names, PARALLEL_FROM))
    if len(first) < PARALLEL_FROM:
        yield from map(parse_name, first)
        return
    yield from _parse_in_workers(itertools.chain(first, names), wanted)


def _parse_in_workers(names: Iterator[str], wanted: int) -> Iterator[ParsedName]:
    """Hand chunks round: a worker gets its next chunk when its last one has been read, so nothing can block."""
    idle = [_Worker() for _ in range(wanted)]
    workers = tuple(idle)
    busy: deque[tuple[_Worker, list[str]]] = deque()
    try:
        while True:
            while idle and (chunk := list(itertools.islice(names, CHUNK))):
                worker = idle.pop()
                worker.send(chunk)
                busy.append((worker, chunk))
            if not busy:
                return
            worker, chunk = busy.popleft()
            answers = worker.receive()
            if following := list(itertools.islice(names, CHUNK)):
                worker.send(following)
                busy.append((worker, following))
            else:
                idle.append(worker)
            for name, (kind, deceased, people) in zip(chunk, answers, strict=True):
                yield ParsedName(name, kind, deceased, tuple(map(Person._make, people)))
    finally:
        for worker in workers:
            worker.stop()


class _Worker:
    """A process of scv.names.worker. Plain pipes: no fork of a process that may have threads or connections."""

    def __init__(self) -> None:
        source = str(Path(scv.__file__).parents[1])
        path = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH", "")]))
        self._process = subprocess.Popen(
            [sys.executable, *WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )

    def send(self, chunk: list[str]) -> None:
        assert self._process.stdin is not None
        write_frame(self._process.stdin, chunk)

    def receive(self) -> list:
        assert self._process.stdout is not None
        answers = read_frame(self._process.stdout)
        if answers is None:
            raise RuntimeError(f"A process that parses names ended early, with code {self._process.wait()}.")
        return answers

    def stop(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue  # it ended before: nothing is left to tell it
        self._process.kill()
        self._process.wait()


def write_frame(stream: IO[bytes], content: list) -> None:
    """Write a list of plain values, with its length in front."""
    data = marshal.dumps(content)
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def read_frame(stream: IO[bytes]) -> list | None:
    """Read what write_frame wrote; None at the end of the stream."""
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    return marshal.loads(stream.read(_LENGTH.unpack(header)[0]))
