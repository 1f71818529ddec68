"""How a night's links and findings compare with the truth."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import sql

from scv.db import warehouse
from scv.demo.truth import AFTER_DEATH, JOINT, KNOWN_LEVEL, SUPERSEDED
from scv.keys import joint_person_key, record_key
from scv.linkage.evaluation.measures import number_labels, score_partition
from scv.settings import get_settings

MOVE_SYSTEMS = ("council_tax", "housing_benefit", "housing", "adult_social_care", "children_social_care")
RULES = (AFTER_DEATH, JOINT, SUPERSEDED)


def score(home: Path, night: date, connection: psycopg.Connection | None = None) -> dict[str, Any]:
    """Compare the last night's links and letter findings with the truth under `home`.

    Returns the entries of summary.json: `people`, `letters_to_deceased` (the first rule's counts),
    `rules` (counts of each letter rule), `missed_causes` and `wrong_causes` (rule -> cause -> count).
    The truth must stand at that night. Without a connection the warehouse is asked as the publisher.
    """
    if connection is None:
        with warehouse.connect("publisher") as opened:
            return score(home, night, opened)
    secret = get_settings().record_key_bytes()
    customers = _read_membership(connection, night)
    records = pq.read_table(home / "truth" / "records.parquet").to_pylist()
    persons: dict[str, int] = {}
    accounts: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    dated: dict[tuple[int, str], list[str]] = defaultdict(list)
    for row in records:
        key = _key_of(secret, row)
        persons[key] = row["person_id"]
        if row["system"] in MOVE_SYSTEMS:
            dated[row["person_id"], row["system"]].append(key)
        if row["account_ref"]:
            accounts[row["system"], row["account_ref"], row["person_id"]].append(key)
    known = {key: customers[key] for key in persons.keys() & customers.keys()}
    links = score_partition(number_labels(persons[key] for key in known), number_labels(known.values()))
    reasons = _Links(accounts, dated, _evidence_customers(home, secret, known), known)
    rules, missed, wrong = {}, {}, {}
    found_by_rule = {rule: _read_findings(connection, rule) for rule in RULES}
    truth = _read_items(home, secret)
    for rule in RULES:
        own = {key: row for key, row in truth.items() if rule in row}
        rules[rule], misses = compare({k: r[rule] for k, r in own.items()}, found_by_rule[rule])
        missed[rule] = dict(Counter(reasons.explain(own[key][rule]) for key in misses))
        wrongly = [k for k, doubtful in found_by_rule[rule].items() if not doubtful and k not in own]
        wrong[rule] = dict(Counter("true_under_another_rule" if k in truth else "not_true" for k in wrongly))
    return {
        "people": {
            "records": len(customers),
            "customers": len(set(customers.values())),
            "pairwise_f1": links.pairwise.f1,
            "bcubed_f1": links.b_cubed.f1,
            "pairwise_precision": round(links.pairwise.precision, 6),
            "pairwise_recall": round(links.pairwise.recall, 6),
            "bcubed_precision": round(links.b_cubed.precision, 6),
            "bcubed_recall": round(links.b_cubed.recall, 6),
            "records_without_customer": len(persons.keys() - customers.keys()),
        },
        "letters_to_deceased": rules[AFTER_DEATH],
        "rules": rules,
        "missed_causes": missed,
        "wrong_causes": wrong,
    }


def read_true_persons(home: Path, secret: bytes) -> pa.Table:
    """Record key and person of every record, as of the last simulated night: record_key, person_id as text."""
    keys: list[str] = []
    persons: list[str] = []
    for batch in pq.ParquetFile(home / "truth" / "records.parquet").iter_batches():
        rows = batch.to_pylist()
        keys += [_key_of(secret, row) for row in rows]
        persons += [str(row["person_id"]) for row in rows]
    return pa.table({"record_key": keys, "person_id": persons})


def write_true_links(home: Path, path: Path) -> None:
    """Write (record_key, person_id) of every record as Parquet: what SCV_TRUE_LINKS takes in place of linkage."""
    pq.write_table(read_true_persons(home, get_settings().record_key_bytes()), path)


def compare(
    truth: Mapping[str, Mapping[str, Any]], found: Mapping[str, bool]
) -> tuple[dict[str, int], list[str]]:
    """Counts of one rule, and the keys of what was missed.

    `truth` maps item keys to rows of the truth, `found` item keys to whether the finding is doubtful.
    True items that the departments' records cannot show, or that may mean two persons, count neither
    for nor against; what is found in doubt is counted apart.
    """
    fair = {key for key, row in truth.items() if row["derivable"] and not row["doubtful"]}
    sure = {key for key, doubtful in found.items() if not doubtful}
    unsure = found.keys() - sure
    missed = sorted(fair - found.keys())
    counts = {
        "true": len(fair),
        "found": len(fair & sure),
        "missed": len(missed),
        "wrong": len(sure - truth.keys()),
        "doubtful": len(unsure),
        "not_derivable": sum(not row["derivable"] for row in truth.values()),
    }
    return counts, missed


def _key_of(secret: bytes, row: Mapping[str, Any]) -> str:
    key = record_key(secret, row["system"], row["table_name"], *row["pk"].split("|"))
    return joint_person_key(key, row["person_no"])


def _read_membership(connection: psycopg.Connection, night: date) -> dict[str, str]:
    rows = connection.execute(
        """
        select record_key, customer_id from link.membership
        where valid_from <= %(night)s and (valid_to is null or valid_to > %(night)s)
        """,
        {"night": night},
    ).fetchall()
    return {str(key): str(customer) for key, customer in rows}


def _read_findings(connection: psycopg.Connection, rule: str) -> dict[str, bool]:
    """Item key -> whether its finding is doubtful; an item with a sure and a doubtful one is sure."""
    rows = connection.execute(
        sql.SQL("select finding_subject_keys[1], bool_and(is_doubtful) from review.{} group by 1").format(
            sql.Identifier(f"rpt_{rule}")
        )
    ).fetchall()
    return {str(key): bool(doubtful) for key, doubtful in rows}


def _read_items(home: Path, secret: bytes) -> dict[str, dict[str, dict[str, Any]]]:
    """Item key -> rule -> row of the truth."""
    items: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in pq.read_table(home / "truth" / "items.parquet").to_pylist():
        key = record_key(secret, "correspondence", row["table_name"], row["ref"])
        items[key][row["rule_code"]] = row
    return items


def _evidence_customers(home: Path, secret: bytes, known: Mapping[str, str]) -> dict[int, set[str]]:
    """Person -> the customers that hold evidence of the person's death."""
    customers: dict[int, set[str]] = defaultdict(set)
    for row in pq.read_table(home / "truth" / "deaths.parquet").to_pylist():
        if row["level"] >= KNOWN_LEVEL:
            key = record_key(secret, row["system"], row["table_name"], *row["pk"].split("|"))
            if key in known:
                customers[row["person_id"]].add(known[key])
    return customers


@dataclass(frozen=True)
class _Links:
    """Who was linked with whom, to say why an item was missed.

    `accounts`: (system, account, person) -> record keys; `dated`: (person, system) -> record keys in
    systems that date addresses; `deaths`: person -> customers with evidence; `known`: key -> customer.
    """

    accounts: Mapping[tuple[str, str, int], list[str]]
    dated: Mapping[tuple[int, str], list[str]]
    deaths: Mapping[int, set[str]]
    known: Mapping[str, str]

    def _customers(self, keys: Iterable[str]) -> set[str]:
        return {self.known[key] for key in keys if key in self.known}

    def explain(self, row: Mapping[str, Any]) -> str:
        """What is odd about the item, else where the links failed, else the rule itself."""
        if row["cause"] != "department_not_told":
            return str(row["cause"])
        person, department = row["person_id"], row["department"]
        mine = self._customers(self.accounts.get((department, row["account_ref"], person), []))
        if not mine:
            return "addressee_without_customer"
        if row["rule_code"] == SUPERSEDED:
            others = [name for name in MOVE_SYSTEMS if name != department]
            knowing = self._customers(key for name in others for key in self.dated.get((person, name), ()))
        else:
            knowing = self.deaths.get(person, set())
        return "links_hold_but_not_found" if mine & knowing else "addressee_not_linked_to_evidence"
