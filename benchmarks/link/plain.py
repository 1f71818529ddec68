"""Plain Splink 5, as its tutorials do it, with our blocking on our standard records: what we are measured against.

python -m benchmarks.link.plain STANDARD.parquet MODEL.json [--train]

Prints one line of JSON: seconds of training (or of loading the trained model), of prediction and of clustering,
pairs and peak memory. Writes the trained model beside MODEL.json, and reads it without --train.
"""

import json
import logging
import resource
import sys
import time
from pathlib import Path

import splink.comparison_library as cl
from benchmarks.link.ours import read_standard
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from scv.linkage.blocking import RULES, Rule, rules_named
from scv.linkage.duck import open_memory

THRESHOLD = 0.95


def blocking_rules(names: list[str]) -> list[object]:
    """Our rules as Splink's; rules of one family also meet each other."""
    rules = rules_named(names)
    found: list[object] = [block_on(*rule.keys) for rule in rules if not rule.family]
    by_name = {rule.name: rule for rule in (*RULES, *rules)}
    for rule in rules:
        if rule.family:
            found += [_meet(rule, by_name[rule.family]), _meet(by_name[rule.family], rule)]
    return found


def _meet(left: Rule, right: Rule) -> str:
    return " and ".join(f"l.{a} = r.{b}" for a, b in zip(left.keys, right.keys, strict=True))


def main() -> None:
    """Train or load, predict, cluster."""
    records, model_path = Path(sys.argv[1]), Path(sys.argv[2])
    own = model_path.with_suffix(".splink.json")
    logging.getLogger("splink").setLevel(logging.ERROR)
    rules = blocking_rules(json.loads(model_path.read_text())["rules"])
    con = open_memory()
    read_standard(con, records)
    con.execute("alter table records add column forename_surname varchar")
    con.execute("update records set forename_surname = forename || ' ' || surname")
    api = DuckDBAPI(connection=con)
    table = api.register("records", dataset_display_name="records")
    started, seconds = time.perf_counter(), {}
    if "--train" in sys.argv:
        linker = Linker(table, _settings(rules))
        certain = [block_on("forename", "surname", "birth_date"), block_on("nino")]
        linker.training.estimate_probability_two_random_records_match(certain, recall=0.7)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for rule in (block_on("forename", "surname"), block_on("birth_date"), block_on("nino")):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        linker.misc.save_model_to_json(str(own), overwrite=True)
    else:
        linker = Linker(table, str(own))
    seconds["train" if "--train" in sys.argv else "load"], started = _lap(started)
    predicted = linker.inference.predict(threshold_match_probability=0.01)
    seconds["predict"], started = _lap(started)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, THRESHOLD)
    persons = con.execute(f"select count(distinct cluster_id) from {clusters.physical_name}").fetchone()
    seconds["cluster"], started = _lap(started)
    pairs = con.execute(f"select count(*) from {predicted.physical_name}").fetchone()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": seconds, "edges": pairs[0], "persons": persons[0], "peak_mb": peak}))


def _settings(rules: list[object]) -> SettingsCreator:
    comparisons = [
        cl.ForenameSurnameComparison(
            "forename", "surname", forename_surname_concat_col_name="forename_surname"
        ),
        cl.ExactMatch("middle_initial"),
        cl.DateOfBirthComparison("birth_date", input_is_string=True),
        cl.ExactMatch("sex"),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("address", [1, 4]).configure(term_frequency_adjustments=True),
        *(
            cl.DamerauLevenshteinAtThresholds(name, [1, 2])
            for name in ("person_number", "nino", "email", "phone")
        ),
    ]
    return SettingsCreator(
        unique_id_column_name="rid",
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=rules,
        comparisons=comparisons,
        retain_matching_columns=False,
    )


def _lap(started: float) -> tuple[float, float]:
    now = time.perf_counter()
    return round(now - started, 2), now


if __name__ == "__main__":
    main()
