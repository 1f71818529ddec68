"""Our one query over pairs says what Splink's own `predict` says, level by level."""

import logging

import numpy as np
from splink import DuckDBAPI, Linker, SettingsCreator
from tests.support.people import Town, as_records

from scv.linkage import blocking
from scv.linkage.duck import load, open_memory, read, run
from scv.linkage.partition import prepare
from scv.linkage.records import filled_columns, standardise
from scv.linkage.scoring import Scorer, splink_settings
from scv.linkage.training import train


def test_comparison_vectors_are_those_of_splink() -> None:
    records = standardise(as_records(Town(150, seed=3).rows), "key", "source")
    with open_memory() as con:
        load(con, "records", records)
        model = train(con, filled_columns(records), "a town of the tests")
        prepare(con, model)
        assert blocking.create_pairs(con, "pair") > 1000
        run(con, "create table pair_for_splink as select *, '0' as match_key from pair")
        settings = splink_settings(model.parameters)
        for comparison in settings["comparisons"]:
            for level in comparison["comparison_levels"]:
                # How rare a value is changes the weight and not the vector.
                level.pop("tf_adjustment_column", None)
                level.pop("tf_adjustment_weight", None)
        api = DuckDBAPI(connection=con)
        logging.getLogger("splink").setLevel(logging.ERROR)
        linker = Linker(api.register("records"), SettingsCreator.from_path_or_dict(settings))
        linker.table_management.register_blocked_pairs_for_predict(api.register("pair_for_splink"))
        said = linker.inference.predict(warning_mode="never").physical_name
        names = model.parameters.comparisons
        columns = ", ".join(f"gamma_{name}::tinyint as gamma_{name}" for name in names)
        theirs = read(con, f"select rid_l, rid_r, {columns} from {said} order by rid_l, rid_r")
        left, right, agreement = next(Scorer(con, model.parameters, model.frequencies).score("pair"))
    assert np.array_equal(left, theirs["rid_l"].to_numpy())
    assert np.array_equal(right, theirs["rid_r"].to_numpy())
    for name in names:
        assert np.array_equal(agreement.gamma[name], theirs[f"gamma_{name}"].to_numpy()), name
        assert len(np.unique(agreement.gamma[name])) > 1, name
