"""Small parts of the extraction that need no warehouse."""

import json

import pytest

from scv.errors import SettingsError
from scv.extract.addresses import contains_other_address
from scv.extract.connections import resolve_connection, source_url
from scv.extract.scaffold import to_identifier
from scv.settings import Settings


@pytest.mark.parametrize(
    ("body", "postcode", "expected"),
    [
        ("Dear customer", "AB1 2CD", "false"),
        ("Your home, AB1 2CD, is due", "AB1 2CD", "false"),
        ("Your home, ab12cd, is due", "AB1 2CD", "false"),
        ("You have moved to EF3 4GH", "AB1 2CD", "true"),
        ("You have moved to EC1A 1BB.", "AB1 2CD", "true"),
        ("Write to us at WM1 1ZZ", "AB1 2CD", "false"),
        ("You have moved to EF3 4GH", None, "true"),
        ("Form ABC1 2345 and B12 are due", "AB1 2CD", "false"),
        ("", "AB1 2CD", None),
        (None, "AB1 2CD", None),
    ],
)
def test_another_postcode_in_a_body_is_another_address(body, postcode, expected):
    assert contains_other_address(["WM1 1ZZ"], body, postcode) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgres://reader:pw@db.example/ctax", "postgresql+psycopg://reader:pw@db.example/ctax"),
        (
            json.dumps(
                {
                    "conn_type": "mysql",
                    "host": "h",
                    "login": "u",
                    "password": "p@w",
                    "schema": "uh",
                    "port": 3306,
                }
            ),
            "mysql+pymysql://u:p%40w@h:3306/uh",
        ),
    ],
)
def test_an_airflow_connection_is_a_connection(monkeypatch, tmp_path, given, expected):
    monkeypatch.setenv("AIRFLOW_CONN_SRC_THERE", given)
    target = resolve_connection("src_there", Settings(home=tmp_path))
    assert source_url("src_there", target).render_as_string(hide_password=False) == expected


@pytest.mark.parametrize(
    "given",
    [
        "fs:///data/in",
        "file:///data/in",
        json.dumps({"conn_type": "fs", "extra": json.dumps({"path": "/data/in"})}),
    ],
)
def test_an_airflow_folder_is_a_folder(monkeypatch, tmp_path, given):
    monkeypatch.setenv("AIRFLOW_CONN_SRC_THERE", given)
    assert resolve_connection("src_there", Settings(home=tmp_path)) == "/data/in"


def test_an_unknown_connection_is_told(tmp_path):
    with pytest.raises(SettingsError, match="'src_nowhere' is not known"):
        resolve_connection("src_nowhere", Settings(home=tmp_path))


def test_a_connection_that_is_no_url_is_told_without_its_text():
    with pytest.raises(SettingsError) as told:
        source_url("src_there", "Canary password")
    assert "Canary" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Date of Birth", "date_of_birth"),
        ("personID", "person_id"),
        ("2nd line", "c_2nd_line"),
        ("_id", "id"),
        ("£", "c"),
    ],
)
def test_names_become_identifiers(text, expected):
    assert to_identifier(text) == expected
