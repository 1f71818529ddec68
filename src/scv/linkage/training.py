"""Training a model without labels: expectation maximisation over three kinds of pairs.

Chance (u) comes from random pairs; the shares of agreement among the same person (m) and among
members of one household (h) from the blocked pairs, which hold nearly all of both. Nothing depends
on the order of rows: records are sorted by key, random pairs come from a seed.
"""

from collections.abc import Collection, Mapping
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from scv.linkage import blocking
from scv.linkage.ages import learn_ages, set_ages
from scv.linkage.arrays import Ints
from scv.linkage.clusters import Decisions, cluster, find_components, pairs_inside
from scv.linkage.comparisons import BY_NAME, Comparison, choose_comparisons
from scv.linkage.duck import run
from scv.linkage.evidence import Agreement, Parameters, probability, weigh
from scv.linkage.frequencies import Frequencies, learn_frequencies
from scv.linkage.maximisation import bound_duplicates, expect_duplicates, learn_same, maximise, share_levels
from scv.linkage.model import Model
from scv.linkage.placeholders import blank_values, find_placeholders
from scv.linkage.scoring import Scorer

SEED = 20260302
RANDOM_PAIRS = 200_000
TRAINING_PAIRS = 400_000
# Findings of pairs by blocking keys (several a pair) past which only some records' pairs are made.
FOUND_PAIRS = 10_000_000
MAX_HOME_BLOCK = 12
# Pairs inside clusters that refine m, how often, and how sure a common cluster makes a pair.
CLUSTER_PAIRS = 200_000
CLUSTER_ROUNDS = 3
CLUSTER_TRUST = 0.98


def train(
    con: duckdb.DuckDBPyConnection,
    filled: list[str],
    description: str,
    *,
    trained_on: date | None = None,
    identifier_systems: Mapping[str, Collection[str]] | None = None,
    one_each: Collection[str] = (),
    secret: bytes = b"",
) -> Model:
    """Train on the table `records` (standard form, rid counting from 0); leaves its block keys in place.

    `identifier_systems` gives the systems between which an identifier may be matched, by column; `one_each` the
    sources of which somebody vouches that a person stands there once; `secret` keys the hashes in the model.
    """
    systems = {column: sorted(names) for column, names in (identifier_systems or {}).items()}
    defaults = find_placeholders(con, filled)
    blank_values(con, defaults, systems)
    ages = learn_ages(con)
    set_ages(con, ages)
    comparisons = choose_comparisons([*filled, "age_class"] if ages.sources else filled)
    records = int(run(con, "select count(*) from records")[0][0])
    rules, stop_keys = _choose_blocking(con, filled, records)
    frequencies = learn_frequencies(con, [c.frequency for c in comparisons if c.frequency], secret)
    parameters = Parameters([c.name for c in comparisons])
    units = run(con, "select source, count(*) from records group by source order by source")
    parameters.sources, parameters.source_sizes = [row[0] for row in units], [int(row[1]) for row in units]
    _start(parameters, comparisons)
    by_chance = _score_random(con, parameters, frequencies, records)
    for comparison in comparisons:
        parameters.u[comparison.name] = share_levels(
            by_chance.gamma[comparison.name], np.ones(len(by_chance)), comparison
        )
        if comparison.frequency:
            parameters.u[comparison.name][-1] = max(frequencies.chance_of_exact(comparison.frequency), 1e-9)
    left, right, agreement, share = _score_training_pairs(con, parameters, frequencies, filled)
    maximise(parameters, comparisons, agreement, share, records)
    bound_duplicates(parameters, one_each)
    _refine(con, parameters, frequencies, left, right, agreement, records)
    figures = {
        "records": records,
        "by_source": dict(zip(parameters.sources, parameters.source_sizes, strict=True)),
        "pairs_learnt_from": len(agreement),
        "share_of_candidate_pairs": round(share, 6),
        "pairs_of_one_person_expected": round(parameters.same * records * (records - 1) / 2),
        "records_doubled_in_source_expected": expect_duplicates(parameters),
        "stopped_keys": len(stop_keys),
        "defaults_found": {column: len(values) for column, values in defaults.items()},
    }
    return Model.create(
        parameters,
        frequencies,
        [rule.name for rule in rules],
        stop_keys,
        ages,
        defaults,
        systems,
        description=description,
        trained_on=trained_on.isoformat() if trained_on else None,
        figures=figures,
    )


def _choose_blocking(
    con: duckdb.DuckDBPyConnection, filled: list[str], records: int
) -> tuple[list[blocking.Rule], list[int]]:
    rules = blocking.choose_rules(filled)
    budget = blocking.MAX_LOOSE_PAIRS
    for rule in blocking.LOOSE_RULES:
        if all(column in filled for column in rule.needs):
            pairs = run(
                con,
                "select coalesce(sum(n * (n - 1) // 2), 0)::bigint from (select count(*) as n from"
                f" (select {rule.key_sql} as key from records) k where key is not null group by key) b"
                f" where n <= {blocking.MAX_BLOCK}",
            )[0][0]
            if pairs <= min(blocking.MAX_LOOSE_EACH * records, budget):
                rules.append(rule)
                budget -= pairs
    blocking.set_stop_keys(con, [])
    blocking.create_keys(con, rules)
    stop_keys = sorted({*blocking.find_stop_keys(con), *blocking.find_busy_keys(con, rules, records)})
    if stop_keys:
        blocking.set_stop_keys(con, stop_keys)
        run(con, "delete from block_key where key in (select key from stop_key)")
    return rules, stop_keys


def _start(parameters: Parameters, comparisons: list[Comparison]) -> None:
    """Shares to start from: agreement is the rule among the same person, chance is flat."""
    for comparison in comparisons:
        levels = len(comparison.levels) + 1
        start = np.full(levels, 0.25 / (levels - 1))
        start[-1] = 0.75
        parameters.m[comparison.name] = start
        parameters.u[comparison.name] = np.full(levels, 1 / levels)
        parameters.h[comparison.name] = np.full(levels, 1 / levels)


def _score_random(
    con: duckdb.DuckDBPyConnection,
    parameters: Parameters,
    frequencies: Frequencies,
    records: int,
) -> Agreement:
    random = np.random.default_rng(SEED)
    left, right = random.integers(0, records, (2, RANDOM_PAIRS))
    keep = left != right
    low, high = np.minimum(left, right)[keep], np.maximum(left, right)[keep]
    con.register("arrow_pairs", _pair_table(low, high))
    run(con, "create or replace table pair_random as select distinct * from arrow_pairs")
    con.unregister("arrow_pairs")
    return _score_all(Scorer(con, parameters, frequencies), "pair_random")[2]


def _pair_table(low: Ints, high: Ints) -> pa.Table:
    return pa.table({"join_key_l": low, "join_key_r": high})


def _score_training_pairs(
    con: duckdb.DuckDBPyConnection,
    parameters: Parameters,
    frequencies: Frequencies,
    filled: list[str],
) -> tuple[Ints, Ints, Agreement, float]:
    """The blocked pairs and the pairs of small homes, how they agree, and which share of them this is.

    In large files all pairs of some records are looked at, and of these some pairs.
    """
    for rule in blocking.HOME_RULES:
        if all(column in filled for column in rule.needs):
            run(
                con,
                "create or replace table home_key as select key, rid, count(*) over (partition by key) as n from"
                f" (select {rule.key_sql} as key, rid from records) k where key is not null"
                f" qualify n <= {MAX_HOME_BLOCK}",
            )
            break
    else:
        run(con, "create or replace table home_key (key ubigint, rid bigint, n bigint)")
    keys = "(select key, rid from block_key union all select key, rid from home_key)"
    # A pair that several keys find counts several times here.
    found = run(
        con,
        "select coalesce(sum(n * (n - 1) // 2), 0)::bigint from"
        f" (select count(*) as n from {keys} group by key) b",
    )[0][0]
    some = min(1.0, FOUND_PAIRS / max(found, 1))
    sample = (
        f" where md5_number_lower(l.rid::varchar) % 1000000 < {int(some * 1_000_000)}" if some < 1 else ""
    )
    run(
        con,
        "create or replace table pair_training as select distinct l.rid as join_key_l, r.rid as join_key_r"
        f" from {keys} l join {keys} r on l.key = r.key and l.rid < r.rid{sample}",
    )
    pairs = int(run(con, "select count(*) from pair_training")[0][0])
    share = min(1.0, TRAINING_PAIRS / max(pairs, 1))
    if share < 1:
        limit = int(share * 1_000_000)
        run(
            con,
            "delete from pair_training"
            f" where md5_number_lower(join_key_l || '|' || join_key_r) % 1000000 >= {limit}",
        )
    share *= some
    return (*_score_all(Scorer(con, parameters, frequencies), "pair_training"), share)


def _score_all(scorer: Scorer, pairs: str) -> tuple[Ints, Ints, Agreement]:
    lefts, rights, parts = zip(*scorer.score(pairs), strict=True)
    agreement = Agreement(
        {name: np.concatenate([part.gamma[name] for part in parts]) for name in parts[0].gamma},
        {name: np.concatenate([part.frequency[name] for part in parts]) for name in parts[0].frequency},
        np.concatenate([part.source_l for part in parts]),
        np.concatenate([part.source_r for part in parts]),
    )
    return np.concatenate(lefts), np.concatenate(rights), agreement


def _refine(
    con: duckdb.DuckDBPyConnection,
    parameters: Parameters,
    frequencies: Frequencies,
    left: Ints,
    right: Ints,
    agreement: Agreement,
    records: int,
) -> None:
    """Learn m once more from whole clusters: blocked pairs agree on something by choice, fellows need not."""
    weight = weigh(parameters, agreement).total
    label = find_components(records, left, right, weight, Decisions()).label
    inside_l, inside_r = pairs_inside(label)
    if not len(inside_l):
        return
    part = max(1, len(inside_l) // CLUSTER_PAIRS)
    kept = label[inside_l] % part == 0
    inside_l, inside_r = inside_l[kept], inside_r[kept]
    con.register("arrow_pairs", _pair_table(inside_l, inside_r))
    run(con, "create or replace table pair_inside as select * from arrow_pairs")
    con.unregister("arrow_pairs")
    _, _, inside = _score_all(Scorer(con, parameters, frequencies), "pair_inside")
    for _ in range(CLUSTER_ROUNDS):
        weights = weigh(parameters, inside)
        person = cluster(label, inside_l, inside_r, weights.total, Decisions()).person
        # Not where the pair itself looks more like a household: one wrong cluster would teach the next.
        trust = CLUSTER_TRUST * probability(weights.same - weights.home)
        same = np.maximum(probability(weights.total), (person[inside_l] == person[inside_r]) * trust)
        comparisons = [BY_NAME[name] for name in parameters.comparisons]
        learn_same(parameters, comparisons, inside, same)
