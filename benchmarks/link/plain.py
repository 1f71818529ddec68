"""Plain Splink 5, as its tutorials do it, with our blocking on our standard records: what we are measured against.

python -m benchmarks.link.plain STANDARD.parquet MODEL.json [--train]

Prints one line of JSON: seconds of training (or of loading the trained model), of blocking, prediction and
clustering, pairs and peak memory. Writes the trained model beside MODEL.json, and reads it without --train.
"""

import json
import logging
import resource
import sys
import time
from pathlib import Path

import splink.comparison_library as cl
from benchmarks.link.ours import SECRET, read_standard
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from scv.linkage import blocking
from scv.linkage.duck import open_memory
from scv.linkage.model import Model
from scv.linkage.partition import prepare

THRESHOLD = 0.95
# What Splink needs beyond what we allow ourselves; its peak is printed.
MEMORY = "8GB"


def main() -> None:
    """Train or load, predict, cluster."""
    records, model_path = Path(sys.argv[1]), Path(sys.argv[2])
    own = model_path.with_suffix(".splink.json")
    logging.getLogger("splink").setLevel(logging.ERROR)
    model = Model.from_dict(json.loads(model_path.read_text()), SECRET)
    con = open_memory(memory_limit=MEMORY)
    read_standard(con, records)
    con.execute("alter table records add column forename_surname varchar")
    con.execute("update records set forename_surname = forename || ' ' || surname")
    api = DuckDBAPI(connection=con)
    table = api.register("records", dataset_display_name="records")
    started, seconds = time.perf_counter(), {}
    if "--train" in sys.argv:
        linker = Linker(table, _settings())
        certain = [block_on("forename", "surname", "birth_date"), block_on("nino")]
        linker.training.estimate_probability_two_random_records_match(certain, recall=0.7)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for rule in (block_on("forename", "surname"), block_on("birth_date"), block_on("nino")):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        linker.misc.save_model_to_json(str(own), overwrite=True)
    else:
        linker = Linker(table, str(own))
    seconds["train" if "--train" in sys.argv else "load"], started = _lap(started)
    # The same candidate pairs as ours, by the same rules and stop keys, made within its time.
    prepare(con, model)
    blocking.create_pairs(con, "pair")
    con.execute("create table pair_of_ours as select *, '0' as match_key from pair")
    linker.table_management.register_blocked_pairs_for_predict(api.register("pair_of_ours"))
    seconds["block"], started = _lap(started)
    predicted = linker.inference.predict(threshold_match_probability=0.01)
    seconds["predict"], started = _lap(started)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, THRESHOLD)
    persons = con.execute(f"select count(distinct cluster_id) from {clusters.physical_name}").fetchone()
    seconds["cluster"], started = _lap(started)
    pairs = con.execute(f"select count(*) from {predicted.physical_name}").fetchone()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": seconds, "edges": pairs[0], "persons": persons[0], "peak_mb": peak}))


def _settings() -> SettingsCreator:
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
        blocking_rules_to_generate_predictions=[],
        comparisons=comparisons,
        retain_matching_columns=False,
    )


def _lap(started: float) -> tuple[float, float]:
    now = time.perf_counter()
    return round(now - started, 2), now


if __name__ == "__main__":
    main()
