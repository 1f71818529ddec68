"""Person records in the one form in which they are compared.

`standardise` takes the columns of a flat file or of the link input and gives an Arrow table with
one row per record, sorted by record key, `rid` counting from 0 in that order. Everything in a row
comes from that row alone: a record looks the same on every night and in every file.
"""

from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from scv.linkage import text

# Columns that are compared or blocked on, in the order of the table.
COLUMNS = (
    "forename", "forename_root", "initial", "middle", "middle_initial", "surname", "surname_part", "surname_sound",
    "names_sorted", "suffix", "birth_date", "birth_year", "birth_days", "sex", "address", "address_key", "postcode",
    "outcode", "uprn", "nino", "person_number", "nhs_number", "upn", "email", "phone", "account_key",
    "other_account_key", "former_address", "former_key", "former_postcode", "home_from", "home_to", "entry",
)  # fmt: skip

_FOLDS: dict[str, Callable[[str | None], str | None]] = {
    "birth_date": text.fold_date,
    "address": text.fold_address,
    "postcode": text.fold_postcode,
    "uprn": text.fold_number,
    "nino": text.fold_nino,
    "person_number": text.fold_number,
    "nhs_number": text.fold_nhs,
    "upn": text.fold_upn,
    "email": text.fold_email,
    "phone": text.fold_phone,
    "account_key": text.fold,
    "other_account_key": text.fold,
    "former_address": text.fold_address,
    "former_postcode": text.fold_postcode,
    "home_from": text.fold_date,
    "home_to": text.fold_date,
    "entry": text.fold,
}


def _text(table: pa.Table, name: str) -> pa.Array:
    if name not in table.column_names:
        return pa.nulls(table.num_rows, pa.string())
    return table.column(name).cast(pa.string()).combine_chunks()


def _fold(column: pa.Array, function: Callable[[str | None], str | None]) -> pa.Array:
    """Apply a function once per distinct value."""
    encoded = column.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    folded = pa.array([function(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return folded.take(encoded.indices)


def _last_part(name: str) -> str:
    return name.rsplit(" ", 1)[-1]


class _Names:
    """Splits the name columns of a row into comparable parts; remembers the words of each distinct value."""

    def __init__(self) -> None:
        self._words: dict[str | None, list[str]] = {None: []}
        self._roots = text.nickname_roots()
        self._unknown = text.placeholders()["name"]

    def words(self, value: str | None) -> list[str]:
        found = self._words.get(value)
        if found is None:
            found = [word for word in text.name_words(value) if word not in self._unknown]
            self._words[value] = found
        return found

    def split(
        self, forename: str | None, middle: str | None, surname: str | None, full: str | None
    ) -> tuple[Any, ...]:
        """forename, root, initial, middle names, their initial, surname, its last part, sorted pair of names."""
        first, last, between = self.words(forename), self.words(surname), self.words(middle)
        if full is not None:
            whole = self.words(full)
            if not first and not last and whole:
                first, last = whole[:1], whole[-1:] if len(whole) > 1 else []
            elif not last and len(whole) > 1 and surname is not None:
                last = whole[-1:]
            elif not first and len(whole) > 1:
                first = whole[:1]
            taken = set(first) | set(last)
            between = between or [word for word in whole if word not in taken]
        first, between = first[:1], first[1:] + between
        given = first[0] if first else None
        family = "".join(last) or None
        middles = " ".join(between) or None
        return (
            given,
            self._roots.get(given, given) if given else None,
            given[0] if given else None,
            middles,
            middles[0] if middles else None,
            family,
            last[-1] if last else None,
            "|".join(sorted((given, family))) if given and family else None,
        )


def _parse_full_names(values: Iterable[str | None]) -> dict[str, tuple[str | None, ...]]:
    """First person of each distinct full name, as the project's name parser reads it."""
    from scv.names import parse_name  # late: only files without forename and surname need it

    parsed: dict[str, tuple[str | None, ...]] = {}
    for value in values:
        if value is None or value in parsed:
            continue
        people = parse_name(value).people
        if people:
            one = people[0]
            parsed[value] = (one.title, one.forename, one.middle_names, one.surname, one.suffix)
    return parsed


def standardise(table: pa.Table, key: str, source: str) -> pa.Table:
    """Standard form of a table of person records.

    `table` has text columns named as in the flat file or the link input (dates may be dates); absent
    columns count as empty. `key` is the column with the record key, unique and never null; `source`
    the column with the unit within which one person should stand once. Gives `rid` int64, `key`,
    `source` and the text columns of COLUMNS (`birth_days` int32), sorted by key.
    """
    table = table.take(pc.sort_indices(table, [(key, "ascending")]))
    raw = {
        name: _text(table, name)
        for name in ("title", "forename", "middle_names", "surname", "suffix", "full_name")
    }
    lists = {name: column.to_pylist() for name, column in raw.items()}
    nameless = [
        full if full is not None and first is None and last is None else None
        for first, last, full in zip(lists["forename"], lists["surname"], lists["full_name"], strict=True)
    ]
    if any(value is not None for value in nameless):
        parsed = _parse_full_names(nameless)
        for i, value in enumerate(nameless):
            if value in parsed:
                for name, part in zip(
                    ("title", "forename", "middle_names", "surname", "suffix"), parsed[value], strict=True
                ):
                    lists[name][i] = lists[name][i] or part
    names = _Names()
    parts = [
        names.split(*row)
        for row in zip(
            lists["forename"], lists["middle_names"], lists["surname"], lists["full_name"], strict=True
        )
    ]
    columns: dict[str, pa.Array] = {}
    split = (
        "forename",
        "forename_root",
        "initial",
        "middle",
        "middle_initial",
        "surname",
        "surname_part",
        "names_sorted",
    )
    for position, name in enumerate(split):
        columns[name] = pa.array([row[position] for row in parts], pa.string())
    # A lone name may be the surname: it is found by its sound.
    columns["surname_sound"] = _fold(pc.coalesce(columns["surname_part"], columns["forename"]), text.phonetic)
    columns["suffix"] = pc.coalesce(
        _fold(pa.array(lists["suffix"], pa.string()), text.name_suffix),
        _fold(raw["surname"], text.name_suffix),
        _fold(raw["full_name"], text.name_suffix),
    )
    for name, function in _FOLDS.items():
        columns[name] = _fold(_text(table, name), function)
    columns["sex"] = pc.coalesce(
        _fold(_text(table, "sex"), text.fold_sex),
        _fold(pa.array(lists["title"], pa.string()), text.title_sex),
    )
    columns["birth_year"] = pc.utf8_slice_codeunits(columns["birth_date"], 0, 4)
    columns["birth_days"] = _fold_days(columns["birth_date"])
    columns["address_key"] = _fold(columns["address"], text.address_key)
    columns["former_key"] = _fold(columns["former_address"], text.address_key)
    # The outward half of a postcode: all but the last three characters.
    columns["outcode"] = _fold(
        columns["postcode"], lambda value: value[:-3] if value and len(value) > 4 else value
    )
    out = {
        "rid": pa.array(range(table.num_rows), pa.int64()),
        "key": _text(table, key),
        "source": _text(table, source),
    }
    # Filled by `ages`, which knows the model.
    age = {"age_class": pa.nulls(table.num_rows, pa.string())}
    return pa.table({**out, **{name: columns[name] for name in COLUMNS}, **age})


def _fold_days(dates: pa.Array) -> pa.Array:
    """Days on a scale of 365.25 a year, also for impossible dates: only for how far two dates lie apart."""
    encoded = dates.dictionary_encode()
    days = [
        None if value is None else int(int(value[:4]) * 365.25 + int(value[5:7]) * 30.44 + int(value[8:10]))
        for value in encoded.dictionary.to_pylist()
    ]
    return pa.array(days, pa.int32()).take(encoded.indices)


def filled_columns(records: pa.Table, share: float = 0.02) -> list[str]:
    """Columns of the standard form in which at least this share of the records has a value."""
    rows = max(records.num_rows, 1)
    return [name for name in COLUMNS if 1 - records.column(name).null_count / rows >= share]
