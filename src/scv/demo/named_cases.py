"""The named cases of the truth, with the keys of their records, for tests to look up."""

import json
from pathlib import Path

import pyarrow.parquet as pq


def write_named_cases(truth: Path) -> None:
    """Write named_cases.json: case -> list of persons, each with the records that are theirs."""
    records: dict[int, list[dict[str, object]]] = {}
    cases = pq.read_table(truth / "cases.parquet").to_pylist()
    wanted = {row["person_id"] for row in cases}
    played = pq.read_table(truth / "records.parquet", filters=[("person_id", "in", wanted)])
    for row in played.to_pylist():
        records.setdefault(row["person_id"], []).append(
            {
                "system": row["system"],
                "table": row["table_name"],
                "pk": row["pk"].split("|"),
                "person_no": row["person_no"],
            }
        )
    named: dict[str, list[dict[str, object]]] = {}
    for row in sorted(cases, key=lambda r: (r["case"], r["part"])):
        person = {"person_id": row["person_id"], "records": records.get(row["person_id"], [])}
        named.setdefault(row["case"], []).append(person)
    (truth / "named_cases.json").write_text(json.dumps(named, indent=1) + "\n")
