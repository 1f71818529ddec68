"""What stands from the nights before: views and seeds, as long as nothing that they are made of has changed.

Making sure of each of them would be most of a later night's work before linkage. They depend on the project's files,
on which tables were landed (a system without any is read as empty), and on being there: a fingerprint of all three is
kept as the comment on the schema `staging`, which belongs to the role that builds.
"""

import hashlib
from datetime import date
from pathlib import Path

from psycopg import Connection, sql

from scv.db import warehouse
from scv.db.warehouse import translate_db_errors
from scv.settings import Settings, get_settings
from scv.transform.results import DbtRun
from scv.transform.runner import run_dbt

_RELATIONS = r"""
select string_agg(concat_ws('.', namespace.nspname, relations.relname, relations.relkind), ','
    order by namespace.nspname, relations.relname)
from pg_catalog.pg_class as relations
inner join pg_catalog.pg_namespace as namespace on relations.relnamespace = namespace.oid
where (namespace.nspname like 'raw\_%%' and relations.relkind = 'r')
    or (namespace.nspname in ('staging', 'intermediate', 'seeds') and relations.relname = any(%s))
"""
# Where what is built before linkage is written down.
_FOLDERS = ("models/staging", "models/intermediate/pre_link", "seeds")


def build_staging(night: date, *, full: bool = False, settings: Settings | None = None) -> DbtRun:
    """Build all models before linkage, and test them; views and seeds only where they may have changed.

    `full` builds everything, kept tables too. Raises what run_dbt raises.
    """
    settings = settings or get_settings()
    stands = not full and _read_mark(settings) == _fingerprint(settings)
    run = run_dbt(
        "build", "pre_link_kept" if stands else "pre_link", night, full_refresh=full, settings=settings
    )
    _write_mark(_fingerprint(settings), settings)
    return run


def _fingerprint(settings: Settings) -> str:
    names = [
        path.stem
        for folder in _FOLDERS
        for path in (settings.dbt_dir / folder).rglob("*")
        if path.suffix in (".sql", ".csv")
    ]
    with _connect(settings) as connection:
        row = connection.execute(_RELATIONS, [names]).fetchone()
    relations = row[0] if row and row[0] else ""
    content = hashlib.sha256(f"{relations} {fingerprint_project(settings)}".encode())
    return f"built from {content.hexdigest()[:32]}"


def fingerprint_project(settings: Settings) -> str:
    """What tells one version of the dbt project's files from another: 32 hexadecimal digits."""
    content = hashlib.sha256()
    for path in _list_files(settings.dbt_dir):
        content.update(path.relative_to(settings.dbt_dir).as_posix().encode())
        content.update(path.read_bytes())
    return content.hexdigest()[:32]


def _list_files(folder: Path) -> list[Path]:
    """All files of the project but what dbt itself writes beside it when it is run by hand."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in ("target", "logs")
    )


def _read_mark(settings: Settings) -> str | None:
    with _connect(settings) as connection:
        row = connection.execute("select obj_description('staging'::regnamespace, 'pg_namespace')").fetchone()
    return row[0] if row else None


def _write_mark(mark: str, settings: Settings) -> None:
    with _connect(settings) as connection:
        connection.execute(sql.SQL("comment on schema staging is {}").format(sql.Literal(mark)))


def _connect(settings: Settings) -> Connection:
    with translate_db_errors("looking what stands from the nights before", "staging"):
        return warehouse.connect("transform", settings)
