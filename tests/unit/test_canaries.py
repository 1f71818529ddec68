"""The canary finder finds: a search that cannot see would pass for ever."""

import gzip
import json
from pathlib import Path

from tests.support.canaries import CanaryCage, find_in_files, find_in_text

from scv.manifests import load_manifests


def test_every_system_gets_canaries_and_each_is_its_own(project_root: Path) -> None:
    cage = CanaryCage()
    systems = load_manifests(project_root)
    for system in systems.values():
        for table in system.tables:
            cage.plan(system, table)
            cage.plan_untypable(system, table)

    assert {canary.system for canary in cage.canaries} == set(systems)
    assert len({canary.text.lower() for canary in cage.canaries}) == len(cage.canaries) > 150


def test_a_canary_is_found_in_whatever_way_it_is_written(tmp_path: Path, project_root: Path) -> None:
    system = load_manifests(project_root)["council_tax"]
    canary = CanaryCage().make(system, system.tables[0], system.tables[0].columns[0])
    (tmp_path / "logs").mkdir()
    spellings = {
        "as it is.log": canary.text.encode(),
        "upper.log": f"error near {canary.text.upper()}!".encode(),
        "wide.txt": canary.text.encode("utf-16-le"),
        "hex.json": json.dumps({"bytes": canary.text.lower().encode().hex()}).encode(),
        "packed.gz": gzip.compress(canary.text.encode()),
    }
    for name, content in spellings.items():
        (tmp_path / "logs" / name).write_bytes(content)
    (tmp_path / "logs" / "clean.log").write_text("nothing to see")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "person.csv").write_text(canary.text)

    found = find_in_files([canary], tmp_path)

    assert {Path(sighting.where).name for sighting in found} == set(spellings)
    assert "council_tax.ctaccount.account_ref was written to" in str(found[0])


def test_a_canary_is_found_in_printed_text(project_root: Path) -> None:
    system = load_manifests(project_root)["council_tax"]
    canary = CanaryCage().make(system, system.tables[0], system.tables[0].columns[0])

    assert find_in_text([canary], "output", f"loaded {canary.text.upper()}")
    assert not find_in_text([canary], "output", "loaded 3 rows")
