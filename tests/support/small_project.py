"""A project of two systems and three marts, and nights of it by hand: what checks, publishing and findings need.

The expectations are the real ones; only manifests and contracts are small. Rows are invented.
"""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import yaml

from scv.clock import cutoff
from scv.db.warehouse import connect
from scv.settings import Settings

TABLES = {"council_tax": ("ctaccount", "ctliab_person"), "permits": ("permit",)}
REVIEW_COLUMNS = (
    "finding_subject_keys text[], rule_code text, customer_id text, other_customer_id text, "
    "evidence_keys text[], system text, is_doubtful boolean, facts jsonb"
)
CUSTOMER_COLUMNS = {
    "customer_id": "text",
    "is_current": "boolean",
    "surname": "text",
    "birth_date": "date",
    "address_line": "text",
    "address_status": "text",
    "postcode": "text",
    "uprn": "text",
    "phone": "text",
    "email": "text",
    "death_status": "text",
    "record_count": "integer",
}
DEATH_COLUMNS = {"customer_id": "text", "death_status": "text", "death_date": "date"}
CONTACT_COLUMNS = {"customer_id": "text", "address_line": "text"}


def make_project(root: Path, real_root: Path) -> Path:
    """Write the small project into an empty folder and return it."""
    shutil.copytree(real_root / "expectations", root / "expectations")
    staging = root / "dbt_project" / "models" / "staging"
    for system, tables in TABLES.items():
        folder = staging / system
        folder.mkdir(parents=True)
        (folder / f"_{system}__sources.yml").write_text(yaml.safe_dump(_manifest(system, tables)))
    write_contracts(
        root,
        {
            "dim_customer": ("marts", ["customer_id"], CUSTOMER_COLUMNS),
            "dim_death": ("marts", ["customer_id"], DEATH_COLUMNS),
            "customer_contact": ("restricted", ["customer_id"], CONTACT_COLUMNS),
        },
    )
    return root


def write_contracts(root: Path, models: dict[str, tuple[str, list[str], dict[str, str]]]) -> None:
    """Write the contracts of the marts: name to schema, key and columns."""
    entries = [
        {
            "name": name,
            "description": f"One row per {key[0]}.",
            "config": {
                "contract": {"enforced": True},
                "meta": {"publish": {"schema": schema, "primary_key": key}},
            },
            "columns": [
                {"name": column, "data_type": kind, "description": f"The {column}."}
                for column, kind in columns.items()
            ],
        }
        for name, (schema, key, columns) in models.items()
    ]
    # A folder of its own for each version, as models are read once per path.
    path = root / "dbt_project" / "models" / "marts" / "_marts__models.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"version": 2, "models": entries}))


def _manifest(system: str, tables: tuple[str, ...]) -> dict[str, Any]:
    return {
        "version": 2,
        "sources": [
            {
                "name": system,
                "schema": f"raw_{system}",
                "config": {
                    "meta": {
                        "owner": f"{system}@example.gov.uk".replace("_", "-"),
                        "connection": f"src_{system}",
                        "format": "postgres",
                        "lawful_basis": "public_task",
                    }
                },
                "tables": [
                    {
                        "name": table,
                        "config": {
                            "meta": {
                                "location": table,
                                "primary_key": ["ref"],
                                "key_means_person": "unique",
                                "rows": {"min": 2, "max": 1000},
                                "freshness_hours": 36,
                                "retention_class": "six_years",
                            }
                        },
                        "columns": [
                            {
                                "name": "ref",
                                "data_type": "text",
                                "config": {"meta": {"privacy": "identifier"}},
                            },
                            {"name": "surname", "data_type": "text", "config": {"meta": {"privacy": "name"}}},
                        ],
                    }
                    for table in tables
                ],
            }
        ],
    }


class SmallWarehouse:
    """Writes what the loader, dbt and the night runner would have written, each as its own role."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def connect(self, role: Any) -> psycopg.Connection:
        """A connection of a role, in autocommit."""
        return connect(role, self.settings, autocommit=True)

    def begin_night(self, night: date, statuses: dict[str, str] | None = None, rows: int = 10) -> None:
        """Open a night in which every table was loaded, but for the systems in `statuses`."""
        with self.connect("publisher") as publisher:
            publisher.execute("delete from control.night_context")
            publisher.execute(
                "insert into control.night_context (night, cutoff) values (%s, %s)", [night, cutoff(night)]
            )
            publisher.execute(
                """
                insert into audit.night (night, cutoff, status) values (%s, %s, 'running')
                on conflict (night) do update set status = 'running'
                """,
                [night, cutoff(night)],
            )
        with self.connect("loader") as loader:
            for system, tables in TABLES.items():
                status = (statuses or {}).get(system, "loaded")
                for table in tables:
                    loader.execute(
                        "delete from audit.load where night = %s and table_name = %s", [night, table]
                    )
                    if status != "missing":
                        loader.execute(
                            """
                            insert into audit.load
                                (batch_id, night, system, table_name, status, rows_read, rows_loaded, rows_new,
                                 rows_unchanged, seconds)
                            values (%s, %s, %s, %s, %s, %s, %s, 1, %s, 0.5)
                            """,
                            [f"{night}/{system}", night, system, table, status, rows, rows, rows - 1],
                        )

    def load_raw(self, rows: int = 10, surname: str = "Byrne") -> None:
        """Fill the raw tables with current rows."""
        with self.connect("loader") as loader:
            for system, tables in TABLES.items():
                loader.execute("select audit.create_raw_schema(%s)", [f"raw_{system}"])
                for table in tables:
                    name = f"raw_{system}.{table}"
                    loader.execute(f"drop table if exists {name}")
                    loader.execute(
                        f"create table {name} (ref text, surname text, _record_key text, _valid_from timestamptz, "
                        f"_valid_to timestamptz)"
                    )
                    loader.execute(
                        f"insert into {name} select n::text, %s, md5(n::text), now(), null "
                        f"from generate_series(1, %s) as n",
                        [surname, rows],
                    )

    def build(self, relation: str, columns: dict[str, str], rows: list[dict[str, Any]]) -> None:
        """Make a table as dbt would: schema.name with typed columns and these rows."""
        with self.connect("transform") as transform:
            transform.execute(f"drop table if exists {relation} cascade")
            kinds = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            transform.execute(f"create table {relation} ({kinds})")
            for row in rows:
                names = ", ".join(row)
                marks = ", ".join(["%s"] * len(row))
                transform.execute(f"insert into {relation} ({names}) values ({marks})", list(row.values()))

    def build_customers(
        self, customers: list[dict[str, Any]], contacts: list[dict[str, Any]] | None = None
    ) -> None:
        """Build the three marts; a customer needs only what differs from the usual one."""
        usual = {
            "is_current": True,
            "surname": "Byrne",
            "birth_date": date(1960, 5, 4),
            "address_line": "1 Mill Lane",
            "address_status": "known",
            "death_status": "none",
            "record_count": 1,
        }
        self.build("build.dim_customer", CUSTOMER_COLUMNS, [{**usual, **customer} for customer in customers])
        self.build(
            "build.dim_death",
            DEATH_COLUMNS,
            [
                {"customer_id": customer["customer_id"], "death_status": customer["death_status"]}
                for customer in customers
                if customer.get("death_status", "none") != "none"
            ],
        )
        self.build("build_restricted.customer_contact", CONTACT_COLUMNS, contacts or [])

    def build_findings(self, rule: str, findings: list[dict[str, Any]]) -> None:
        """Build one review model; a finding needs `subject` and what differs from the usual one."""
        with self.connect("transform") as transform:
            transform.execute(f"drop table if exists review.rpt_{rule}")
            transform.execute(f"create table review.rpt_{rule} ({REVIEW_COLUMNS})")
            for finding in findings:
                transform.execute(
                    f"insert into review.rpt_{rule} values (%s, %s, %s, %s, %s, %s, %s, %s)",
                    [
                        [finding["subject"]],
                        finding.get("rule_code", rule),
                        finding.get("customer_id", "c1"),
                        finding.get("other_customer_id"),
                        finding.get("evidence_keys", []),
                        finding.get("system", "council_tax"),
                        finding.get("is_doubtful", False),
                        json.dumps(finding.get("facts", {})),
                    ],
                )

    def rows(self, statement: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """Rows as the publisher sees them."""
        with self.connect("publisher") as publisher:
            return publisher.execute(statement, values).fetchall()
