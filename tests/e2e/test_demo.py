"""The demonstration as a newcomer runs it, in Airflow, and its summary."""

import json

import pytest
from tests.support.council import Council


def test_the_demo_runs_its_nights_in_airflow_and_sums_them_up(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("demo")
    folder.chmod(0o711)
    council = Council(folder / "home with a space")
    try:
        done = council.scv(
            "demo", "--residents", "1000", "--nights", "2", "--home", str(council.home), "--json"
        )
        summary = json.loads(done.stdout)
        assert summary == json.loads((council.home / "summary.json").read_text())
        assert len(summary["nights"]) == 2
        for night in summary["nights"]:
            assert set(night) >= {"date", "sources", "people", "letters_to_deceased", "seconds", "peak_mb"}
            assert len(night["sources"]) == 12
            for counts in night["sources"].values():
                assert counts["read"] >= counts["loaded"] > 0 or counts["read"] == counts["quarantined"] == 0
            assert set(night["people"]) == {"records", "customers", "pairwise_f1", "bcubed_f1"}
            assert set(night["letters_to_deceased"]) == {"true", "found", "missed", "wrong", "doubtful"}
        assert summary["nights"][0]["people"]["bcubed_f1"] > 0.9
        assert (council.home / "reports" / f"{summary['nights'][-1]['date']}.html").is_file()
    finally:
        council.remove()
