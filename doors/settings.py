"""Settings from the environment: where things stand, which database, which language."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

from ledger.errors import EvenhandError

CHECKOUT = Path(__file__).resolve().parent.parent


class SettingsError(EvenhandError):
    """An environment variable holds what the system cannot start with."""

    exit_code = 2
    http_status = 500


@dataclass(frozen=True)
class Settings:
    """What the doors need to know about their surroundings."""

    instance: Path
    audit_logs: Path
    database_url: str
    production: bool
    secret_key: str

    @property
    def publications(self) -> Path:
        """Folder of the published zone maps."""
        return self.instance / "publications"

    @property
    def plans(self) -> Path:
        """Folder in which plans that were added are kept."""
        return self.instance / "plans"

    @property
    def keys(self) -> Path:
        """Folder of the encrypted signing keys."""
        return self.instance / "keys"


def from_environment() -> Settings:
    """Read EVENHAND_INSTANCE, EVENHAND_AUDIT_LOGS, DATABASE_URL and EVENHAND_ENV.

    Raises:
        SettingsError: in production the audit logs would stand inside the checkout.
    """
    instance = Path(os.environ.get("EVENHAND_INSTANCE", CHECKOUT / "instance")).resolve()
    audit_logs = Path(os.environ.get("EVENHAND_AUDIT_LOGS", CHECKOUT / "audit_logs")).resolve()
    production = os.environ.get("EVENHAND_ENV", "development") == "production"
    if production and audit_logs.is_relative_to(CHECKOUT):
        raise SettingsError(
            "EVENHAND_AUDIT_LOGS points to %(path)s, inside the program's folder, where a redeployment could erase "
            "the ledger; set it to a folder outside.",
            path=audit_logs,
        )
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Settings(
        instance=instance,
        audit_logs=audit_logs,
        database_url=_database_url(instance),
        production=production,
        secret_key=_secret_key(instance),
    )


def _database_url(instance: Path) -> str:
    url = os.environ.get("DATABASE_URL", f"sqlite:///{instance / 'evenhand.sqlite'}")
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


def _secret_key(instance: Path) -> str:
    """Session key: from EVENHAND_SECRET_KEY, else made once and kept readable by the owner alone."""
    given = os.environ.get("EVENHAND_SECRET_KEY")
    if given:
        return given
    path = instance / "secret_key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii")


def current() -> Settings:
    """The running application's settings."""
    found: Settings = current_app.config["SETTINGS"]
    return found
