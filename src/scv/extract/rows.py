"""What a reader hands to the landing: rows of cells as text, in declared order, or a row that it could not cut."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter

from scv.extract.addresses import DERIVATIONS
from scv.manifests import Table

Cells = Sequence[str | None]


@dataclass(frozen=True)
class BadRow:
    """A row whose cells cannot be told apart. `cells` is None where keeping them would keep undeclared ones."""

    reason: str
    cells: Cells | None = None


# A reader may return warnings at its end.
Rows = Generator[Cells | BadRow, None, list[str] | None]


def make_picker(table: Table, found: Sequence[str]) -> Callable[[Sequence], Sequence[str | None]]:
    """A function from a row in the order `found` to the declared cells in declared order.

    Derived columns are computed on the way; what they are computed from is not passed on.
    """
    place = {name: number for number, name in enumerate(found)}
    if not table.derive:
        numbers = [place[column.source] for column in table.columns]
        if len(numbers) == 1:
            only = numbers[0]
            return lambda row: (row[only],)
        return itemgetter(*numbers)

    def lookup(number: int) -> Callable[[Sequence], str | None]:
        return itemgetter(number)

    def derived(name: str) -> Callable[[Sequence], str | None]:
        function = partial(DERIVATIONS[name], table.own_postcodes)
        inputs = [place[source] for source in table.derive[name]]
        return lambda row: function(*(row[number] for number in inputs))

    makers = [
        derived(column.name) if column.name in table.derive else lookup(place[column.source])
        for column in table.columns
    ]
    return lambda row: [make(row) for make in makers]


def input_names(table: Table) -> tuple[str, ...]:
    """Everything that must be in a file: declared columns, and what derived ones are computed from."""
    names = [column.source for column in table.read_columns]
    names += [name for inputs in table.derive.values() for name in inputs if name not in names]
    return tuple(dict.fromkeys(names))
