"""Settings come from the environment or files, and secrets are never shown."""

import json
import stat
from pathlib import Path

import pytest

from scv.errors import SettingsError
from scv.settings import Settings, find_project_root, get_settings, read_or_make_secret, write_secret


def test_every_setting_is_described() -> None:
    assert len(Settings.model_fields) >= 10
    for name, field in Settings.model_fields.items():
        assert field.description and len(field.description) > 10, name


def test_the_project_root_holds_the_migrations() -> None:
    assert (find_project_root() / "infra" / "migrations" / "env.py").is_file()


def test_a_project_root_that_is_no_checkout_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SCV_PROJECT_ROOT", str(tmp_path))
    with pytest.raises(SettingsError, match="SCV_PROJECT_ROOT"):
        find_project_root()


def test_secrets_are_not_printed(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        record_key_secret="canary-1",
        warehouse_url="postgresql://u:canary-2@h/d",
        connections={"a": "canary-3"},
    )
    assert "canary" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_a_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCV_PG_PORT", "canary")
    get_settings.cache_clear()
    with pytest.raises(SettingsError, match="SCV_PG_PORT") as caught:
        get_settings()
    assert "canary" not in str(caught.value)
    monkeypatch.undo()
    get_settings.cache_clear()


def test_a_secret_is_made_once_in_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "record_key"
    first = read_or_make_secret(path)
    assert len(first) == 64
    assert read_or_make_secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["record_key"]


def test_an_empty_secret_file_is_refused_rather_than_used(tmp_path: Path) -> None:
    write_secret(tmp_path / "record_key", "")
    with pytest.raises(SettingsError, match="is empty"):
        read_or_make_secret(tmp_path / "record_key")


def test_the_record_key_secret_of_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    assert Settings(home=tmp_path, record_key_secret="given").record_key_bytes() == b"given"
    assert not (tmp_path / "secrets").exists()
    assert len(Settings(home=tmp_path).record_key_bytes()) == 64


def test_a_connection_comes_from_the_settings_else_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "connections.json").write_text(
        json.dumps({"src_housing": "sqlite:///a", "src_grants": "/files"})
    )
    settings = Settings(home=tmp_path, connections={"src_housing": "sqlite:///b"})
    assert settings.connection_target("src_housing") == "sqlite:///b"
    assert settings.connection_target("src_grants") == "/files"
    with pytest.raises(SettingsError, match=r"'src_nothing' is not known.*src_grants, src_housing"):
        settings.connection_target("src_nothing")
