"""Changing things as pictures: what is there on a day holds until the next picture."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

Value = TypeVar("Value")


def spans(
    pictures: list[tuple[int, Any]], end: int, part: Callable[[Any], Value]
) -> Iterator[tuple[int, int, Value]]:
    """One part of the pictures as (from, to, value), equal neighbours merged; None parts are left out."""
    since, value = None, None
    for day, picture in pictures:
        new = part(picture)
        if since is not None and new == value:
            continue
        if since is not None and value is not None and since < min(day, end):
            yield since, min(day, end), value
        since, value = day, new
    if since is not None and value is not None and since < end:
        yield since, end, value


def set_spans(
    pictures: list[tuple[int, Any]], end: int, part: Callable[[Any], dict[Any, Any]]
) -> Iterator[tuple[Any, int, int, Any]]:
    """Each key of a dictionary part as (key, from, to, value), over the days on which it is there."""
    keys: dict[Any, None] = {}
    for _, picture in pictures:
        keys.update(dict.fromkeys(part(picture)))
    for key in keys:
        for start, stop, value in spans(pictures, end, partial(_part_of, part, key)):
            yield key, start, stop, value


def _part_of(part: Callable[[Any], dict[Any, Any]], key: Any, picture: Any) -> Any:
    return part(picture).get(key)
