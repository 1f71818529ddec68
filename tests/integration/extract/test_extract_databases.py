"""Departmental databases: declared columns only, types verified, watermarks, and what happens when one is down."""

import datetime as dt
import os
import shutil
import subprocess
import time

import pymysql
import pytest

pytestmark = pytest.mark.postgres

COLUMNS = {
    "id": "integer",
    "surname": "text",
    "born": ("date", {"format": "iso"}),
    "amount": "numeric",
    "posted_at": "timestamptz",
}
CREATE = """
create table people (id integer primary key, surname varchar(20), born char(10), amount numeric(10, 2),
    posted_at timestamptz, belief text)
"""
ROWS = [
    (1, "Byrne", "1970-01-31", "10.50", "2026-03-01T10:00:00Z", "Canary"),
    (2, "Okafor", None, None, "2026-03-01T11:00:00Z", "Canary"),
    (3, "Singh", "1990-03-03", "-3", "2026-03-01T12:00:00Z", "Canary"),
]
SHOWN = "id, surname, born::text, amount::text, posted_at::text"


def insert(source, rows):
    for row in rows:
        source.execute("insert into people values (%s, %s, %s, %s, %s, %s)", row)


@pytest.fixture
def people(council, source, source_login):
    """A Postgres system with three rows."""
    name = council.name()
    council.declare(name, "postgres", [{"name": "people", "columns": COLUMNS}])
    council.connect_to(name, source_login.url)
    source.execute(CREATE)
    insert(source, ROWS)
    return name


def test_postgres_is_copied_and_text_dates_are_typed(council, people):
    result = council.extract(people)
    assert result.status == "loaded", result.message
    assert council.current(people, columns=SHOWN) == [
        (1, "Byrne", "1970-01-31", "10.50", "2026-03-01 10:00:00+00"),
        (2, "Okafor", None, None, "2026-03-01 11:00:00+00"),
        (3, "Singh", "1990-03-03", "-3.00", "2026-03-01 12:00:00+00"),
    ]
    assert result.warnings == (f"{people}.people: column 'belief' is not declared, not read",)
    assert "Canary" not in str(council.query(f"select to_jsonb(r) from raw_{people}.people as r"))


def test_a_column_that_is_known_and_never_read_is_no_warning(council, people):
    council.declare(people, "postgres", [{"name": "people", "columns": COLUMNS, "never_read": ["belief"]}])
    assert council.extract(people).warnings == ()


def test_a_cell_that_cannot_be_typed_quarantines_its_row_until_it_is_mended(council, source, people):
    source.execute("update people set born = '31/01/1970' where id = 1")
    first = council.extract(people, 1).tables[0]
    assert (first.rows_read, first.rows_loaded, first.rows_quarantined) == (3, 2, 1)
    assert council.quarantined(people) == [("not_a_date", "born")]
    again = council.extract(people, 2).tables[0]
    assert again.rows_quarantined == 1 and len(council.quarantined(people)) == 1
    source.execute("update people set born = '1970-01-31' where id = 1")
    mended = council.extract(people, 3).tables[0]
    assert (mended.rows_loaded, mended.rows_new, mended.rows_quarantined) == (3, 1, 0)
    assert council.quarantined(people) == []


def test_a_row_that_spoils_keeps_its_last_good_version(council, source, people):
    council.extract(people, 1)
    source.execute("update people set born = 'unknown' where id = 1")
    result = council.extract(people, 2).tables[0]
    assert (result.rows_deleted, result.rows_quarantined) == (0, 1)
    assert council.current(people, columns="id, born::text")[0] == (1, "1970-01-31")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("alter table people rename column surname to last_name", ["has no column 'surname'", "last_name"]),
        (
            "alter table people alter column id type text",
            ["column 'id'", "expected type int2 or int4 or int8", "found text"],
        ),
        (
            "alter table people alter column born type date using born::date",
            ["column 'born'", "text", "found date"],
        ),
        ("alter table people rename to persons", ["is not there: expected 'people'", "found persons"]),
    ],
)
def test_a_changed_schema_stops_the_system(council, source, people, change, words):
    council.extract(people, 1)
    held = council.versions(people)
    source.execute(change)
    result = council.extract(people, 2)
    source.execute("drop table if exists persons")
    assert (result.status, result.error) == ("failed", "SourceSchemaError")
    for word in [*words, f"models/staging/{people}/_{people}__sources.yml"]:
        assert word in result.message
    assert council.versions(people) == held


def test_one_bad_table_leaves_the_whole_system_as_it_was(council, source, people):
    second = {"name": "pets", "columns": {"id": "integer"}}
    source.execute("create table pets (id text)")
    council.declare(people, "postgres", [{"name": "people", "columns": COLUMNS}, second])
    result = council.extract(people, 1)
    assert {table.status for table in result.tables} == {"failed"}
    assert council.query("select count(*) from pg_tables where schemaname = %s", f"raw_{people}") == [(0,)]


def test_too_many_bad_rows_stop_the_system_and_say_why(council, source, people):
    council.extract(people, 1)
    insert(source, [(n, "Canary", "Canary", None, None, None) for n in range(10, 20)])
    result = council.extract(people, 2)
    assert (result.status, result.error) == ("failed", "SourceDataError")
    assert "10 of 13 rows cannot be interpreted (not_a_date in born: 10)" in result.message
    assert "max_bad_ratio" in result.message and "Canary" not in result.message
    assert len(council.current(people)) == 3


def test_a_database_that_is_down_is_stale(council, people, source_login):
    council.extract(people, 1)
    council.connect_to(people, source_login.url.replace(f":{source_login.port}/", ":1/"))
    result = council.extract(people, 2)
    assert (result.status, result.error) == ("stale", "SourceDownError")
    assert source_login.password not in result.message
    assert len(council.current(people)) == 3


def test_a_failing_read_is_told_without_values(council, source, people):
    source.execute("alter table people add column broken integer generated always as (1) stored")
    source.execute("create view stale_people as select * from people")
    source.execute(
        "create or replace view stale_people as select id, (surname || repeat('x', 1 / (id - 3)))::varchar(20) as "
        "surname, born, amount, posted_at, belief, broken from people"
    )
    council.declare(people, "postgres", [{"name": "people", "location": "stale_people", "columns": COLUMNS}])
    result = council.extract(people, 1)
    source.execute("drop view stale_people")
    assert result.status == "stale" and "SQLSTATE 22012" in result.message
    assert "Singh" not in result.message


def test_a_watermark_reads_new_rows_and_a_full_reconcile_sees_deletes(council, source, people):
    table = {"name": "people", "columns": COLUMNS, "watermark": "posted_at", "watermark_overlap_hours": 1}
    council.declare(people, "postgres", [table])
    assert council.extract(people, 1).tables[0].rows_read == 3
    source.execute("delete from people where id = 1")
    insert(source, [(4, "Li", None, None, "2026-03-02T09:00:00Z", None)])
    result = council.extract(people, 2).tables[0]
    assert (result.rows_read, result.rows_new, result.rows_deleted, result.rows_unchanged) == (3, 1, 0, 2)
    assert len(council.current(people)) == 4
    held = council.versions(people)
    assert council.extract(people, 2).tables[0].rows_new == 1 and council.versions(people) == held
    full = council.extract(people, 3, full_reconcile=True).tables[0]
    assert (full.rows_read, full.rows_deleted) == (3, 1)


def test_two_runs_of_a_system_do_not_interleave(council, people):
    import threading

    threads = [threading.Thread(target=council.extract, args=(people, 1)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(council.versions(people)) == 3


def test_a_run_that_is_killed_leaves_nothing_behind(council, people, monkeypatch):
    from scv.extract import loading

    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(loading.quarantine, "close_mended", die)
    with pytest.raises(KeyboardInterrupt):
        council.extract(people, 1)
    monkeypatch.undo()
    assert council.query("select count(*) from pg_tables where schemaname = %s", f"raw_{people}") == [(0,)]
    assert council.extract(people, 1).tables[0].rows_new == 3


# --- through SQLAlchemy

SQLITE = "create table people (id integer primary key, surname text, born text, amount numeric, posted_at text, belief text)"


@pytest.fixture
def lite(council):
    """An SQLite system with three rows."""
    name = council.name()
    table = {"name": "people", "columns": COLUMNS, "watermark": "posted_at", "never_read": ["belief"]}
    council.declare(name, "sqlite", [table])
    source = council.sqlite(name)
    source.execute(SQLITE)
    source.executemany("insert into people values (?, ?, ?, ?, ?, ?)", ROWS)
    yield name
    source.close()


def test_sqlite_is_typed_from_text_and_read_above_its_watermark(council, lite):
    assert council.extract(lite, 1).tables[0].rows_new == 3
    assert council.current(lite, columns=SHOWN) == [
        (1, "Byrne", "1970-01-31", "10.5", "2026-03-01 10:00:00+00"),
        (2, "Okafor", None, None, "2026-03-01 11:00:00+00"),
        (3, "Singh", "1990-03-03", "-3", "2026-03-01 12:00:00+00"),
    ]
    source = council.sqlite(lite)
    source.execute("delete from people where id < 3")
    source.execute("insert into people values (4, 'Li', null, 1, '2026-03-05 09:00:00', null)")
    second = council.extract(lite, 2).tables[0]
    assert (second.rows_read, second.rows_new, second.rows_deleted) == (2, 1, 0)
    third = council.extract(lite, 3).tables[0]
    assert (third.rows_read, third.rows_unchanged) == (1, 1)
    source.close()


def test_a_quarantined_row_below_the_watermark_is_tried_again_each_night(council, lite):
    source = council.sqlite(lite)
    source.execute("update people set born = '03/04/1990' where id = 3")
    source.execute("insert into people values (4, 'Li', null, 1, '2026-03-20 09:00:00', null)")
    assert council.extract(lite, 1).tables[0].rows_quarantined == 1
    assert council.extract(lite, 2).tables[0].rows_read == 1
    columns = {**COLUMNS, "born": ("date", {"format": "dmy_slash"})}
    table = {"name": "people", "columns": columns, "watermark": "posted_at", "never_read": ["belief"]}
    council.declare(lite, "sqlite", [table])
    mended = council.extract(lite, 3).tables[0]
    assert (mended.rows_read, mended.rows_new) == (2, 1)
    assert council.current(lite, columns="id, born::text")[2] == (3, "1990-04-03")
    assert council.quarantined(lite) == []
    held = council.versions(lite)
    assert council.extract(lite, 3).tables[0].rows_new == 1
    assert council.versions(lite) == held
    source.close()


def test_a_missing_sqlite_file_is_stale_and_is_not_made(council, lite):
    council.connect_to(lite, f"sqlite:///{council.folder}/nowhere.sqlite")
    assert council.extract(lite, 1).status == "stale"
    assert not (council.folder / "nowhere.sqlite").exists()


def test_a_changed_type_in_sqlite_stops_the_system(council, lite):
    source = council.sqlite(lite)
    source.execute("drop table people")
    source.execute(SQLITE.replace("id integer", "id blob"))
    result = council.extract(lite, 1)
    source.close()
    assert (
        result.status == "failed"
        and "column 'id': expected type boolean or integer, found blob" in result.message
    )


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory):
    """A MariaDB server of its own; skipped by name where Debian's package is not installed."""
    daemon = shutil.which("mariadbd") or next(
        (path for path in ("/usr/sbin/mariadbd", "/usr/sbin/mysqld") if os.access(path, os.X_OK)), None
    )
    if daemon is None:
        pytest.skip("MariaDB is not installed: apt-get install -y mariadb-server")
    folder = tmp_path_factory.mktemp("mariadb")
    data, socket = folder / "data", f"/tmp/scv-mariadb-{os.getpid()}.sock"
    user = "nobody" if os.geteuid() == 0 else None
    for parent in (folder, *folder.parents):
        if parent == parent.parent or not str(parent).startswith("/tmp/"):
            break
        parent.chmod(parent.stat().st_mode | 0o055)
    if user:
        shutil.chown(folder, user)
    as_user = [f"--user={user}"] if user else []
    subprocess.run(
        [
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            *as_user,
        ],
        check=True,
        capture_output=True,
    )
    server = subprocess.Popen(
        [daemon, "--no-defaults", f"--datadir={data}", f"--socket={socket}", "--skip-networking", *as_user],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(300):
        try:
            pymysql.connect(unix_socket=socket, user="root").close()
            break
        except pymysql.err.OperationalError:
            time.sleep(0.1)
    yield socket
    server.terminate()
    server.wait(30)


def test_the_mysql_dialect_reads_mariadb(council, mariadb):
    with pymysql.connect(unix_socket=mariadb, user="root", autocommit=True) as connection:
        cursor = connection.cursor()
        cursor.execute("create or replace database council")
        cursor.execute(
            "create table council.people (id int primary key, surname varchar(20), born date, amount decimal(10, 2), "
            "posted_at datetime, belief text) character set utf8mb4"
        )
        cursor.executemany(
            "insert into council.people values (%s, %s, %s, %s, %s, %s)",
            [
                (1, "Byrne", "1970-01-31", "10.50", "2026-07-01 10:00:00", "Canary"),
                (2, "Nguyễn", None, None, None, "Canary"),
            ],
        )
        name = council.name()
        columns = {**COLUMNS, "born": "date"}
        table = {"name": "people", "columns": columns, "watermark": "posted_at", "never_read": ["belief"]}
        council.declare(name, "mysql", [table])
        council.connect_to(name, f"mysql://root@localhost/council?unix_socket={mariadb}&charset=utf8mb4")
        first = council.extract(name, 1)
        assert first.status == "loaded", first.message
        assert council.current(name, columns=SHOWN) == [
            (1, "Byrne", "1970-01-31", "10.50", "2026-07-01 09:00:00+00"),
            (2, "Nguyễn", None, None, None),
        ]
        cursor.execute("insert into council.people values (3, 'Li', null, 1, '2026-07-03 09:00:00', null)")
        second = council.extract(name, 2).tables[0]
        assert (second.rows_read, second.rows_new, second.rows_unchanged) == (3, 1, 2)
        cursor.execute("alter table council.people drop column surname, add column surname int")
        broken = council.extract(name, 3)
        assert broken.status == "failed" and "column 'surname'" in broken.message
        cursor.execute("drop database council")


def test_the_night_before_shows_the_rows_of_then(council, source, people):
    council.extract(people, 1)
    source.execute("update people set posted_at = %s where id = 1", [dt.datetime(2026, 3, 2, tzinfo=dt.UTC)])
    council.extract(people, 2)
    assert council.as_of(people, 1, "id, posted_at::text")[0] == (1, "2026-03-01 10:00:00+00")


def test_a_wider_whole_number_is_read_as_long_as_it_fits(council, source, people):
    source.execute("alter table people alter column id type bigint")
    insert(source, [(2**40, "Li", None, None, None, None)])
    result = council.extract(people, 1).tables[0]
    assert (result.rows_loaded, result.rows_quarantined) == (3, 1)
    assert council.quarantined(people) == [("not_a_whole_number", "id")]
