"""Why two records are one person, or are not: the evidence of any pair of live records, in bits.

The pair is compared on the spot, by the same code and model as a night compares it; an edge that a night
kept says the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scv.db.warehouse import connect, translate_db_errors
from scv.errors import InputError
from scv.linkage import store
from scv.linkage.comparisons import BY_NAME
from scv.linkage.duck import open_memory, run
from scv.linkage.evidence import EFFECTS, probability
from scv.linkage.model import Model, prepare_values
from scv.linkage.partition import Edges, bits_of_levels, compare
from scv.linkage.record_store import fetch_records
from scv.linkage.scoring import Scorer

# How two people agree on these is told only to those who may read them.
IDENTIFIERS = ("nino", "nhs_number", "upn", "person_number")
OTHER_EVIDENCE = "other_evidence"
Kind = Literal["prior", "comparison", "effect"]


@dataclass(frozen=True)
class Part:
    """One piece of evidence: `level` says how the two agree, `match_weight` what that says in bits, and
    `term_frequency` how many more for a rare value (fewer for a common one)."""

    kind: Kind
    name: str
    level: str
    match_weight: float
    term_frequency: float


@dataclass(frozen=True)
class Explanation:
    """The evidence of a pair; the bits of its parts add up to `weight`. `is_found` says whether a night
    compares the two because they share a blocking key; `decision` is the newest that stands, with its number
    and who decided when; it outranks the weights."""

    weight: float
    probability: float
    parts: tuple[Part, ...]
    is_found: bool
    is_one_customer: bool
    decision: str | None
    decision_id: int | None
    decided: str | None
    model: str


def explain_pair(first: str, second: str, *, restricted: bool = False) -> Explanation:
    """What speaks for and against two live records being one person.

    Without `restricted`, identifiers are summed up as other evidence. InputError where a key is of no live
    record or no model is in force, DatabaseError where the warehouse refuses (with `restricted`, whoever may
    not log in as the restricted reader).
    """
    if restricted:
        with (
            translate_db_errors("reading how two records agree on identifiers", "link.edge_explanation"),
            connect("restricted_reader") as reader,
        ):
            reader.execute("select from link.edge_explanation limit 0")
    low, high = sorted((first, second))
    with (
        translate_db_errors("explaining a link", "link.record"),
        connect("linkage") as connection,
        connection.transaction(),
        open_memory() as con,
    ):
        connection.execute("create temporary table asked (record_key text) on commit drop")
        connection.execute("insert into pg_temp.asked values (%s), (%s)", [low, high])
        keys = fetch_records(connection, con, "select record_key from pg_temp.asked")
        model = store.read_model(connection)
        if model is None:
            raise InputError("No model is in force. Run a night first: scv night")
        if keys != [low, high]:
            missing = " and ".join(key for key in sorted({low, high} - set(keys))) or "twice the same"
            raise InputError(f"Two keys of live person records are needed; not one: {missing}.")
        prepare_values(con, model)
        run(con, "create table pair as select 0::bigint as join_key_l, 1::bigint as join_key_r")
        edges = compare(Scorer(con, model.parameters, model.frequencies), "pair", None)
        row = connection.execute(
            """
            select
                exists (select from link.edge where record_key_l = %(low)s and record_key_r = %(high)s),
                count(*) = 2 and count(distinct customer_id) = 1
            from link.membership
            where valid_to is null and record_key in (%(low)s, %(high)s)
            """,
            {"low": low, "high": high},
        ).fetchone()
        decided = connection.execute(
            "select decision, decision_id, decided_by || ', ' || decided_at::date from link.decision_in_force"
            " where record_key_l = %s and record_key_r = %s and decision <> 'withdrawn'",
            [low, high],
        ).fetchone()
    parts = list(_list_parts(edges, model))
    return Explanation(
        weight=round(float(edges.weight[0]), 3),
        probability=round(float(probability(edges.weight)[0]), 6),
        parts=tuple(parts if restricted else _sum_identifiers(parts)),
        is_found=bool(row and row[0]),
        is_one_customer=bool(row and row[1]),
        decision=decided[0] if decided else None,
        decision_id=decided[1] if decided else None,
        decided=decided[2] if decided else None,
        model=model.version,
    )


def _list_parts(edges: Edges, model: Model) -> Iterable[Part]:
    parameters = model.parameters
    yield Part("prior", "prior", "", round(float(np.log2(parameters.same)), 3), 0.0)
    for place, name in enumerate(parameters.comparisons):
        level = int(edges.levels[0, place])
        bits = float(bits_of_levels(parameters, name)[level])
        rarity = float(edges.frequency[0, place])
        yield Part("comparison", name, BY_NAME[name].labels[level], round(bits, 3), round(rarity, 3))
    for place, name in enumerate(EFFECTS):
        yield Part("effect", name, "", round(float(edges.effects[0, place]), 3), 0.0)


def _sum_identifiers(parts: list[Part]) -> Iterable[Part]:
    hidden = [part for part in parts if part.name in IDENTIFIERS]
    for part in parts:
        if part.kind == "effect" and hidden:
            bits = sum(each.match_weight + each.term_frequency for each in hidden)
            yield Part("comparison", OTHER_EVIDENCE, "", round(bits, 3), 0.0)
            hidden = []
        if part.name not in IDENTIFIERS:
            yield part
