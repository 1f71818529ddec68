"""`scv link dataset`: a flat file without a warehouse."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.support.people import Town, as_records
from typer.testing import CliRunner

from scv.cli.link import app
from scv.errors import InputError
from scv.linkage.dataset import link_dataset


@pytest.fixture(scope="module")
def flat_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = as_records(Town(120, seed=5).rows)
    table = table.append_column("source_record_id", table.column("key")).append_column(
        "source_system", table.column("source")
    )
    path = tmp_path_factory.mktemp("flat") / "records.parquet"
    pq.write_table(table, path)
    return path


def test_every_record_is_in_the_result_once_and_any_order_gives_the_same(
    flat_file: Path, tmp_path: Path
) -> None:
    result = link_dataset(flat_file, tmp_path / "one.parquet", explain=tmp_path / "why.parquet")
    table = pq.read_table(flat_file)
    backwards = table.take(pc.sort_indices(table, [("source_record_id", "descending")]))
    pq.write_table(backwards, tmp_path / "backwards.parquet")
    link_dataset(tmp_path / "backwards.parquet", tmp_path / "two.parquet")
    one, two = pq.read_table(tmp_path / "one.parquet"), pq.read_table(tmp_path / "two.parquet")
    assert one.equals(two)
    assert one.column_names == ["source_system", "source_record_id", "person_id"]
    assert sorted(one.column("source_record_id").to_pylist()) == sorted(
        table.column("source_record_id").to_pylist()
    )
    assert pc.count_distinct(one.column("person_id")).as_py() == result.persons < result.records
    why = pq.read_table(tmp_path / "why.parquet")
    assert {"match_weight", "weight_forename", "weight_household", "same_person"} <= set(why.column_names)


def test_the_command_says_what_it_did(flat_file: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["dataset", str(flat_file), str(tmp_path / "out.parquet"), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["records"] == pq.read_table(flat_file).num_rows


def test_files_that_cannot_be_linked_are_refused_in_one_line(tmp_path: Path) -> None:
    twice = pa.table({"source_system": ["a", "a"], "source_record_id": ["1", "1"], "surname": ["x", "y"]})
    pq.write_table(twice, tmp_path / "twice.parquet")
    with pytest.raises(InputError, match="several records"):
        link_dataset(tmp_path / "twice.parquet", tmp_path / "out.parquet")
    pq.write_table(twice.drop_columns(["source_system"]), tmp_path / "keyless.parquet")
    with pytest.raises(InputError, match="source_system"):
        link_dataset(tmp_path / "keyless.parquet", tmp_path / "out.parquet")
    (tmp_path / "text.parquet").write_text("no parquet")
    with pytest.raises(InputError, match="Parquet"):
        link_dataset(tmp_path / "text.parquet", tmp_path / "out.parquet")
    with pytest.raises(InputError, match="threshold"):
        link_dataset(tmp_path / "twice.parquet", tmp_path / "out.parquet", threshold=1.0)


def test_one_record_is_one_person(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"source_system": ["a"], "source_record_id": ["1"], "surname": ["x"]}),
        tmp_path / "in.parquet",
    )
    assert link_dataset(tmp_path / "in.parquet", tmp_path / "out.parquet").persons == 1
