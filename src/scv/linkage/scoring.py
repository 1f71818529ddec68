"""Scoring candidate pairs: Splink's comparisons say how two records agree, `evidence` weighs it.

The comparison vectors are what Splink's `predict` gives for the same settings, and a test holds the two
equal. They are computed by one query over narrow columns, without the wide tables that Splink keeps.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from splink import SettingsCreator

from scv.linkage.arrays import Ints
from scv.linkage.comparisons import BY_NAME
from scv.linkage.duck import read, run
from scv.linkage.evidence import Agreement, Parameters
from scv.linkage.frequencies import Frequencies

# Pairs per query: bounds memory.
BATCH = 500_000
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


@lru_cache(maxsize=4)
def _agreement_sql(comparisons: tuple[str, ...]) -> str:
    """One select item per comparison: its comparison vector value, by the levels as Splink reads them."""
    settings = SettingsCreator.from_path_or_dict(splink_settings(Parameters(list(comparisons)))).get_settings(
        "duckdb"
    )
    items = []
    for comparison in settings.comparisons:
        cases = " ".join(
            f"else {level.comparison_vector_value}"
            if level._is_else_level
            else f"when {level.sql_condition} then {level.comparison_vector_value}"
            for level in comparison.comparison_levels
        )
        items.append(f"(case {cases} end)::tinyint as gamma_{comparison.output_column_name}")
    return ", ".join(items)


class Scorer:
    """Compares pairs of the table `records` of a DuckDB connection (rid counting from 0).

    `frequencies` says how common values were when the model was trained.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, parameters: Parameters, frequencies: Frequencies):
        self._con = con
        self.parameters = parameters
        self._rarity = {
            name: frequencies.read_rarity(con, column)
            for name in parameters.comparisons
            if (column := BY_NAME[name].frequency)
        }
        positions = {source: i for i, source in enumerate(parameters.sources)}
        names, places = pa.array(list(positions), pa.string()), pa.array(list(positions.values()), pa.int16())
        known = pa.table({"source": names, "place": places})
        self._con.register("arrow_sources", known)
        self._sources: Ints = read(
            con,
            "select coalesce(s.place, -1)::smallint as place from records r"
            " left join arrow_sources s on s.source = r.source order by r.rid",
        )["place"].to_numpy()
        self._con.unregister("arrow_sources")
        self._columns = [
            row[0]
            for row in run(con, "select column_name from (describe records)")
            if row[0] not in (ID, "key", "source")
        ]

    def score(self, pairs: str) -> Iterator[tuple[Ints, Ints, Agreement]]:
        """Batches of (rid_l, rid_r, agreement) for a table of join_key_l, join_key_r, in order; the table goes."""
        run(
            self._con,
            f"create or replace table pair_ordered as select * from {pairs} order by join_key_l, join_key_r",
        )
        run(self._con, f"drop table {pairs}")
        total = int(run(self._con, "select count(*) from pair_ordered")[0][0])
        sides = ", ".join(f"{side}.{c} as {c}_{side}" for side in "lr" for c in self._columns)
        for start in range(0, total, BATCH):
            table = read(
                self._con,
                f"select rid_l, rid_r, {_agreement_sql(tuple(self.parameters.comparisons))} from ("
                f"select l.rid as rid_l, r.rid as rid_r, {sides} from"
                f" (select * from pair_ordered where rowid >= {start} and rowid < {start + BATCH}) p"
                " join records l on l.rid = p.join_key_l join records r on r.rid = p.join_key_r) both_records"
                " order by rid_l, rid_r",
            )
            yield self._agreement(table)
        run(self._con, "drop table pair_ordered")

    def _agreement(self, table: pa.Table) -> tuple[Ints, Ints, Agreement]:
        left, right = table["rid_l"].to_numpy(), table["rid_r"].to_numpy()
        gamma = {name: table[f"gamma_{name}"].to_numpy() for name in self.parameters.comparisons}
        frequency = {}
        for name, rarity in self._rarity.items():
            # As Splink adjusts: on the exact level, the share of this very value stands in for u.
            exact = gamma[name] == len(BY_NAME[name].levels)
            u = self.parameters.u[name][-1]
            frequency[name] = np.where(exact, np.log2(u) - rarity[left], 0.0)
        return left, right, Agreement(gamma, frequency, self._sources[left], self._sources[right])
