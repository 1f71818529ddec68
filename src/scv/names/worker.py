"""A process that parses chunks of names for `parse_names`: lists in on stdin, parsed names out on stdout."""

import sys

from scv.names.bulk import read_frame, write_frame
from scv.names.parser import parse_name


def main() -> None:
    """Answer every chunk until the input ends."""
    while (chunk := read_frame(sys.stdin.buffer)) is not None:
        write_frame(sys.stdout.buffer, [_as_plain(name) for name in chunk])


def _as_plain(full_name: str) -> tuple:
    """Without the name, which the other side has; plain tuples, which is what marshal takes."""
    parsed = parse_name(full_name)
    return (parsed.kind, parsed.deceased, tuple(map(tuple, parsed.people)))


if __name__ == "__main__":
    main()
