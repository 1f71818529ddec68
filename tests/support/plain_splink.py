"""Plain Splink on the same records, as its tutorials do it: two kinds of pairs, connected components. What to beat."""

import logging

import duckdb
import pyarrow as pa
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

IDENTIFIERS = ("nino", "nhs_number", "upn", "email", "phone")


def link_plainly(records: pa.Table, thresholds: tuple[float, ...]) -> dict[float, dict[str, str]]:
    """Record key to cluster at each threshold; `records` as the tests' `as_records` gives them."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    con = duckdb.connect()
    con.register("given", records)
    con.execute(
        "create table plain as select key as unique_id, lower(forename) as forename, lower(surname) as surname,"
        " lower(forename) || ' ' || lower(surname) as forename_surname, birth_date, sex, postcode,"
        f" lower(address) as address, {', '.join(IDENTIFIERS)} from given"
    ).fetchall()
    api = DuckDBAPI(connection=con)
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on("forename", "surname"),
            block_on("substr(forename,1,3)", "substr(surname,1,4)"),
            block_on("birth_date", "surname"),
            block_on("birth_date", "forename"),
            block_on("postcode", "forename"),
            block_on("postcode", "surname"),
            *(block_on(name) for name in IDENTIFIERS),
        ],
        comparisons=[
            cl.ForenameSurnameComparison(
                "forename", "surname", forename_surname_concat_col_name="forename_surname"
            ),
            cl.DateOfBirthComparison("birth_date", input_is_string=True),
            cl.ExactMatch("sex"),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("address", [1, 4]).configure(term_frequency_adjustments=True),
            *(cl.ExactMatch(name) for name in IDENTIFIERS),
        ],
    )
    linker = Linker(api.register("plain", dataset_display_name="plain"), settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("forename", "surname", "birth_date"), block_on("nino")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("forename", "surname"), block_on("birth_date"), block_on("postcode", "surname")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=0.01)
    found = {}
    for threshold in thresholds:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predicted, threshold_match_probability=threshold
        )
        rows = con.execute(f"select unique_id, cluster_id from {clusters.physical_name}").fetchall()
        found[threshold] = dict(rows)
    con.close()
    return found
