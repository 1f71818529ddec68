"""Scoring candidate pairs: Splink finds how two records agree, `evidence` weighs it."""

import logging
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator

from scv.linkage.arrays import Ints
from scv.linkage.comparisons import BY_NAME
from scv.linkage.duck import read, run
from scv.linkage.evidence import Agreement, Parameters

# Pairs per call of Splink: bounds memory, at some kilobyte a pair.
BATCH = 300_000
ID = "rid"


def splink_settings(parameters: Parameters) -> dict[str, Any]:
    """The model as a Splink settings dictionary, with m and u of each level."""
    comparisons = []
    for name in parameters.comparisons:
        settings = BY_NAME[name].as_splink()
        top = len(settings["comparison_levels"]) - 2
        for position, level in enumerate(settings["comparison_levels"]):
            if not level.get("is_null_level"):
                value = top - position + 1
                if name in parameters.m:
                    level["m_probability"] = float(parameters.m[name][value])
                if name in parameters.u:
                    level["u_probability"] = float(parameters.u[name][value])
        comparisons.append(settings)
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": ID,
        "probability_two_random_records_match": parameters.same,
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": True,  # otherwise Splink leaves the comparison vector out
        "retain_intermediate_calculation_columns": True,
    }


class Scorer:
    """Splink on the table `records` of a DuckDB connection, with frozen term frequencies.

    `frequencies` gives, by column, the table of (value, share) that the model was trained with; a value
    that it lacks is as rare as one record.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, parameters: Parameters, frequencies: dict[str, dict[str, float]]
    ):
        self._con = con
        self.parameters = parameters
        self._registered = 0
        self._api = DuckDBAPI(connection=con)
        settings = SettingsCreator.from_path_or_dict(splink_settings(parameters))
        records = self._api.register("records", dataset_display_name="records")
        self._linker = Linker(records, settings)
        logging.getLogger("splink").setLevel(logging.ERROR)
        for name in parameters.comparisons:
            column = BY_NAME[name].frequency
            if column:
                self._register_frequencies(column, frequencies[column])
        positions = {source: i for i, source in enumerate(parameters.sources)}
        rows = run(con, "select source from records order by rid")
        self._sources = np.array([positions.get(row[0], -1) for row in rows], np.int16)

    def _register_frequencies(self, column: str, shares: dict[str, float]) -> None:
        rarest = shares[""]
        known = pa.table(
            {
                "value": pa.array(list(shares), pa.string()),
                "share": pa.array(list(shares.values()), pa.float64()),
            }
        )
        self._con.register("arrow_shares", known)
        run(
            self._con,
            f"create or replace table tf_{column} as"
            f" select r.{column}, coalesce(s.share, {rarest!r}::double) as tf_{column}"
            f" from (select distinct {column} from records where {column} is not null) r"
            f" left join arrow_shares s on s.value = r.{column}",
        )
        self._con.unregister("arrow_shares")
        table = self._api.register(f"tf_{column}", dataset_display_name=f"tf_{column}")
        self._linker.table_management.register_term_frequency_lookup(table, column)

    def score(self, pairs: str) -> Iterator[tuple[Ints, Ints, Agreement]]:
        """Batches of (rid_l, rid_r, agreement) for a table of join_key_l, join_key_r, match_key.

        Batches come in order of the pairs, so that the same table gives the same batches.
        """
        run(
            self._con,
            "create or replace table pair_numbered as"
            " select *, (row_number() over (order by join_key_l, join_key_r) - 1)"
            f" // {BATCH} as batch from {pairs}",
        )
        batches = run(self._con, "select coalesce(max(batch) + 1, 0) from pair_numbered")[0][0]
        for batch in range(batches):
            self._registered += 1  # Splink takes a name once only
            name = f"pair_batch_{self._registered}"
            run(
                self._con,
                f"create table {name} as select join_key_l, join_key_r, match_key from pair_numbered"
                f" where batch = {batch}",
            )
            table = self._api.register(name, dataset_display_name=name)
            self._linker.table_management.register_blocked_pairs_for_predict(table)
            scored = self._linker.inference.predict(warning_mode="never")
            yield self._read(scored.physical_name)
            scored.drop_table_from_database_and_remove_from_cache()
            run(self._con, f"drop table {name}")
        run(self._con, "drop table if exists pair_numbered")

    def _read(self, table: str) -> tuple[Ints, Ints, Agreement]:
        names = self.parameters.comparisons
        adjusted = [name for name in names if BY_NAME[name].frequency]
        wanted = [f"gamma_{name}::tinyint as gamma_{name}" for name in names]
        wanted += [f"mw_tf_adj_{name}::double as mw_tf_adj_{name}" for name in adjusted]
        result = read(
            self._con, f"select rid_l, rid_r, {', '.join(wanted)} from {table} order by rid_l, rid_r"
        )
        left, right = result["rid_l"].to_numpy(), result["rid_r"].to_numpy()
        agreement = Agreement(
            gamma={name: result[f"gamma_{name}"].to_numpy() for name in names},
            frequency={name: result[f"mw_tf_adj_{name}"].to_numpy() for name in adjusted},
            source_l=self._sources[left],
            source_r=self._sources[right],
        )
        return left, right, agreement
