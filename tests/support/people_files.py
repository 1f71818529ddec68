"""People in a CSV file, declared, delivered and refused."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.integration.extract.conftest import Council

COLUMNS = {"id": "integer", "surname": "text", "born": ("date", {"format": "dmy_slash"})}
HEADER = "id,surname,born\n"
ROWS = "".join(f"{number},Name {number},01/02/1970\n" for number in range(1, 41))


def declare_csv(council: "Council", dialect: dict[str, Any] | None = None, **fields: Any) -> str:
    """A system of one CSV file; returns its name."""
    name = council.name()
    table = {"name": "people", "location": "people.csv", "columns": COLUMNS, "csv": dialect or {}, **fields}
    council.declare(name, "csv", [table])
    return name


def load_people(council: "Council") -> str:
    """A CSV system with forty rows loaded; returns its name."""
    name = declare_csv(council)
    assert council.load_csv(name, HEADER + ROWS).status == "loaded"
    return name


def replace_file(council: "Council", system: str, content: str | bytes, file: str = "people.csv") -> None:
    """Deliver another file in place of the last one."""
    data = content if isinstance(content, bytes) else content.encode()
    (council.files(system) / file).write_bytes(data)


def expect_refusal(council: "Council", system: str, status: str, error: str, *words: str) -> None:
    """The second night is not applied, says why, and keeps what was there."""
    held = council.versions(system)
    result = council.extract(system, 2)
    assert (result.status, result.error) == (status, error)
    for word in words:
        assert word in str(result.message)
    assert council.versions(system) == held
    entry = council.ledger(system, 2)
    assert (entry["status"], entry["message"], entry["rows_read"]) == (status, result.message, 0)
