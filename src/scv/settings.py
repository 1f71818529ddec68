"""All settings, in one class: from the environment (SCV_*), else from files under the home folder.

Secrets come from the environment or from 0600 files and are never printed.
"""

import json
import os
import secrets
from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from scv.errors import SettingsError


def find_project_root() -> Path:
    """The checkout that this package was installed from: the folder that holds dbt_project and infra.

    SCV_PROJECT_ROOT names another; SettingsError where neither is a checkout.
    """
    named = os.environ.get("SCV_PROJECT_ROOT")
    candidates = [Path(named)] if named else list(Path(__file__).resolve().parents)
    for folder in candidates:
        if (folder / "pyproject.toml").is_file() and (folder / "infra" / "migrations").is_dir():
            return folder.resolve()
    raise SettingsError(
        "The project's folder (with pyproject.toml and infra/migrations) was not found. "
        "Install with `make` from a checkout, or name it in SCV_PROJECT_ROOT."
    )


class Settings(BaseSettings):
    """Every setting of the project; each can be given as SCV_<NAME> in the environment."""

    model_config = SettingsConfigDict(
        env_prefix="SCV_",
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    project_root: Path = Field(
        default_factory=find_project_root,
        description="The checkout: where dbt_project, expectations and infra are.",
    )
    home: Path = Field(
        default_factory=lambda: find_project_root() / "var",
        description="Folder of everything that is not in git: database, secrets, logs. Default var/.",
    )
    warehouse_url: SecretStr | None = Field(
        default=None,
        description="URL of an existing PostgreSQL (15 or later) as scv_admin, instead of the embedded one.",
    )
    pg_bin: Path | None = Field(
        default=None,
        description="The bin folder of another PostgreSQL installation to use for the embedded server.",
    )
    pg_port: int | None = Field(
        default=None,
        ge=1024,
        le=65535,
        description="Port for the embedded server; without it a free one is picked and kept.",
    )
    record_key_secret: SecretStr | None = Field(
        default=None,
        description="Secret of the record keys. Without it, the file secrets/record_key under home is used, "
        "and made on first use. Losing it changes every key, so keep a copy.",
    )
    database: str = Field(
        default="scv",
        pattern=r"^[a-z_][a-z0-9_]{0,62}$",
        description="Name of the warehouse's database on the embedded server.",
    )
    connections: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="Connection name to SQLAlchemy URL or folder, as JSON. Without it, the file "
        "connections.json under home is read.",
    )
    true_links: Path | None = Field(
        default=None,
        description="For tests: a Parquet file (record_key, person_id) that stands in for the linkage's own "
        "partition.",
    )
    review_limit: int = Field(
        default=200,
        ge=0,
        description="How many doubtful links stand in the review queue after a night: what stewards can answer "
        "by the next one.",
    )
    smtp_host: str | None = Field(
        default=None, description="Mail server for failure messages; without it no mail is sent."
    )
    smtp_port: int = Field(default=25, ge=1, le=65535, description="Port of the mail server.")
    smtp_user: str | None = Field(default=None, description="User name at the mail server, if it wants one.")
    smtp_password: SecretStr | None = Field(default=None, description="Password at the mail server.")
    smtp_starttls: bool = Field(default=True, description="Whether to encrypt the talk with the mail server.")
    mail_from: str = Field(default="scv@localhost", description="Sender of failure messages.")
    mail_to: list[str] = Field(
        default_factory=list, description="Who is told when a night fails: JSON list of addresses."
    )

    @field_validator("home", "project_root", "pg_bin", mode="after")
    @classmethod
    def _make_absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else Path(os.path.abspath(value.expanduser()))  # noqa: PTH100 - keeps symbolic links

    @property
    def secrets_dir(self) -> Path:
        """Folder of the generated secrets, 0700."""
        return self.home / "secrets"

    @property
    def dbt_dir(self) -> Path:
        """The dbt project."""
        return self.project_root / "dbt_project"

    def record_key_bytes(self) -> bytes:
        """The secret of the record keys; the file is made on first use where the environment has none."""
        if self.record_key_secret is not None:
            return self.record_key_secret.get_secret_value().encode()
        return read_or_make_secret(self.secrets_dir / "record_key").encode()

    def connection_target(self, name: str) -> str:
        """The SQLAlchemy URL or folder path of a named connection; SettingsError where it is not known.

        The result may hold a password: never print it.
        """
        if name in self.connections:
            return self.connections[name].get_secret_value()
        path = self.home / "connections.json"
        known = json.loads(path.read_text()) if path.is_file() else {}
        if name in known:
            return str(known[name])
        names = ", ".join(sorted({*self.connections, *known})) or "none"
        raise SettingsError(
            f"Connection '{name}' is not known. Add it to SCV_CONNECTIONS (JSON) or to {path}. "
            f"Known: {names}."
        )


def write_secret(path: Path, value: str) -> None:
    """Write a secret into a 0600 file in a 0700 folder, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_or_make_secret(path: Path) -> str:
    """The secret in a file, made at random (256 bits, hex) where the file does not exist yet."""
    if not path.is_file():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        write_secret(temporary, secrets.token_hex(32))
        # A link, unlike a rename, fails when another process was first: its secret then counts.
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    value = path.read_text().strip()
    if not value:
        raise SettingsError(f"The secret file {path} is empty. Restore it from your copy, or delete it.")
    return value


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once; call `get_settings.cache_clear()` to read again."""
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"SCV_{'_'.join(str(part) for part in item['loc']).upper()}: {item['msg']}"
            for item in error.errors(include_input=False, include_context=False)
        )
        raise SettingsError(f"Settings that cannot be used: {problems}") from None
