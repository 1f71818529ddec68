"""Airflow with its user interface over a living council: a scheduled night runs by itself."""

import json
import socket
import time
import urllib.request

import pytest
from tests.support.council import Council


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_scheduled_night_runs_and_the_page_answers_on_loopback(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("service")
    folder.chmod(0o711)
    council = Council(folder / "home")
    port = _free_port()
    try:
        said = council.scv("airflow", "up", "--demo", "--residents", "500", "--port", str(port)).stdout
        assert f"http://127.0.0.1:{port}" in said
        password = json.loads((council.home / "airflow" / "passwords.json").read_text())["admin"]
        assert password not in said
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as page:
            assert b"<title>Airflow" in page.read()
        # Another start on the same port says so instead of half starting.
        assert council.scv("airflow", "up", "--port", str(port), check=False).returncode == 2
        status = _await_published(council, seconds=420)
        assert status == "published"
    finally:
        council.scv("airflow", "down", check=False)
        council.remove()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=2)


def _await_published(council: Council, seconds: int) -> str:
    deadline = time.monotonic() + seconds
    status = "never begun"
    while time.monotonic() < deadline and status not in ("published", "blocked"):
        with council.connect() as connection:
            row = connection.execute("select status from audit.night order by night desc limit 1").fetchone()
        status = row[0] if row else status
        time.sleep(2)
    return status
