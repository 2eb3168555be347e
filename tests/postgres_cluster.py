"""A PostgreSQL of the tests' own: made in a temporary folder, on a loopback port, stopped afterwards."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

OWNER = "postgres"  # the server refuses to run as root
HERE = "127.0.0.1"
PASSWORD = "open sesame/@#"  # noqa: S105  # with every character that an address must escape
STOP = 'trap "" INT TERM; read -r _; "$0" "$@"; rm -rf "${2%/data}"'  # once nobody holds the pipe any more
QUICK = "-c fsync=off -c shared_buffers=32MB -c max_connections=10 -c jit=off -c unix_socket_directories="


@contextmanager
def postgres_cluster() -> Iterator[int]:
    """Its port; the user is ``OWNER`` with ``PASSWORD``. Skips where there is no server or nobody to run it as."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("there is no PostgreSQL on this machine: apt-get install postgresql")
    if os.geteuid() != 0:
        pytest.skip("only root can run a PostgreSQL as another user")
    initdb, control = programs[-1], programs[-1].with_name("pg_ctl")
    owner = pwd.getpwnam(OWNER)
    folder = Path(tempfile.mkdtemp(prefix="causalviz-postgres-"))  # the tests' own folders are closed to the owner
    secret, data = folder / "password", folder / "data"
    secret.write_text(PASSWORD)
    for path in (folder, secret):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    with socket.socket() as free:
        free.bind((HERE, 0))
        port = free.getsockname()[1]

    def run(*command: str | Path) -> None:
        subprocess.run(
            command, check=True, cwd=folder, user=OWNER, group=OWNER, extra_groups=[], stdout=subprocess.DEVNULL
        )

    run(initdb, "-D", data, "-U", OWNER, f"--pwfile={secret}", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8",
        "--no-sync")  # fmt: skip
    run(control, "-D", data, "-l", folder / "log", "-w", "-o", f"{QUICK} -h {HERE} -p {port}", "start")
    stop = ("sh", "-c", STOP, control, "-D", data, "-m", "immediate", "-w", "stop")
    with subprocess.Popen(
        stop, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, user=OWNER, group=OWNER, extra_groups=[]
    ):
        yield port  # leaving closes the pipe, and so does the death of the tests
