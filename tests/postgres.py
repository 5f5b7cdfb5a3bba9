"""A throw-away PostgreSQL: made, started on a socket in a temporary folder, and removed again."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))


def binaries() -> Path | None:
    """The folder of the newest installed server's binaries."""
    if SERVERS:
        return SERVERS[-1]
    found = shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def running_server() -> Iterator[str]:
    """Yield the URL of an empty database on a server of its own."""
    folder = Path(tempfile.mkdtemp(prefix="evenhand-pg-", dir="/tmp"))
    user = server_user()
    if user is not None:
        shutil.chown(folder, user)
    try:
        call(user, "initdb", "-D", folder / "data", "-U", "evenhand", "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        call(user, "pg_ctl", "-D", folder / "data", "-w", "-o", options, "-l", folder / "log", "start")
        try:
            yield f"postgresql+psycopg://evenhand@/postgres?host={folder}"
        finally:
            call(user, "pg_ctl", "-D", folder / "data", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def server_user() -> str | None:
    """PostgreSQL refuses to run as root; then it runs as Debian's `postgres`, else as `nobody`."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def call(user: str | None, program: str, *arguments: object) -> None:
    folder = binaries()
    assert folder is not None
    command = [str(folder / program), *map(str, arguments)]
    subprocess.run(command, check=True, user=user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
