"""Runs PostgreSQL's own programs for backups: pg_dump, pg_restore and psql.

A backup is a plain archive of pg_dump (format custom): it can be read by any later PostgreSQL, with or
without Qingshao. The programs get the address by their environment and the password by a file that only this
user can read, never by their arguments, which everybody on the machine can see.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from typing import IO

from sqlalchemy import URL, make_url

from data_access.errors import StoreError
from data_access.programs import bundled

Progress = Callable[[str], None]
"""Called with the name of each table, when it is its turn."""

KNOWN_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
"""Where distributions put the programs of several versions side by side."""
TABLE = re.compile(r'(?:dumping contents of|processing data for) table "(?:\w+\.)?(\w+)"')
ENCRYPTED = ("require", "verify-ca", "verify-full")
BY_ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "hostaddr": "PGHOSTADDR",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "gssencmode": "PGGSSENCMODE",
    "krbsrvname": "PGKRBSRVNAME",
    "passfile": "PGPASSFILE",
}


class ProgramError(StoreError):
    """One of the programs failed; `said` is what it wrote."""

    def __init__(self, message: str, way_out: str, said: str) -> None:
        super().__init__(message, way_out)
        self.said = said


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive says of itself. `revision` is its schema's; None: it holds no store of Qingshao."""

    created: str
    server: str
    revision: str | None


@dataclass(frozen=True, slots=True)
class Clients:
    """The programs for one server, and how they reach it."""

    folder: Path
    environment: Mapping[str, str]

    def dump(self, file: Path, progress: Progress) -> None:
        """Write the whole database to a new archive.

        Raises:
            ProgramError: it cannot be written; what was written of it is left to the caller.
        """
        self._follow(["pg_dump", "--format=custom", "--no-password", "--verbose", "--file", file], progress)

    def contents(self, file: Path) -> Contents:
        """Return what an archive holds.

        Raises:
            ProgramError: it is no archive, or one of a newer PostgreSQL.
        """
        listed = self._said(["pg_restore", "--list", file])
        revision = None
        if re.search(r"TABLE DATA \S+ alembic_version ", listed):
            data = self._said(["pg_restore", "--data-only", "--table=alembic_version", "--file=-", file])
            found = re.search(r"^COPY .*alembic_version.*\n(\S+)$", data, re.MULTILINE)
            revision = found.group(1) if found and found.group(1) != "\\." else None
        return Contents(
            _field(r"Archive created at (.+)", listed),
            _field(r"Dumped from database version: (\S+)", listed),
            revision,
        )

    def script(self, file: Path, section: str, progress: Progress) -> Iterator[bytes]:
        """Yield the statements that make a section of an archive (pre-data, data, post-data), in pieces.

        Raises:
            ProgramError: the archive is broken; what came until then must not be committed.
        """
        how = ["--verbose", "--no-owner", "--no-privileges", f"--section={section}", "--file=-"]
        arguments: list[str | Path] = ["pg_restore", *how, file]
        with self._start(arguments, subprocess.PIPE) as program:
            listener = _Listener(program, progress)
            assert program.stdout is not None
            try:
                yield from _transaction_timeout_left_out(program.stdout)
            finally:
                program.stdout.close()
                listener.end()
        _check(program, listener)

    @contextmanager
    def session(self) -> Iterator[Callable[[bytes], None]]:
        """Yield what sends statements to psql; the first that fails ends it, and its transaction is undone.

        Raises:
            ProgramError: a statement failed.
        """
        arguments: list[str | Path] = ["psql", "-XAtq", "--no-password", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        with self._start(arguments, subprocess.DEVNULL, subprocess.PIPE) as program:
            listener = _Listener(program, _ignore)
            assert program.stdin is not None
            lost = False
            try:
                yield partial(_send, program.stdin)
                program.stdin.close()
            except BrokenPipeError:
                lost = True  # it has said why
            except BaseException:
                # Without a COMMIT, the end of its input undoes all of it.
                _close(program.stdin)
                program.wait()
                listener.end()
                raise
            listener.end()
        _check(program, listener, failed=lost)

    def _follow(self, arguments: list[str | Path], progress: Progress) -> None:
        with self._start(arguments, subprocess.DEVNULL) as program:
            listener = _Listener(program, progress)
            listener.end()
        _check(program, listener)

    def _said(self, arguments: list[str | Path]) -> str:
        with self._start(arguments, subprocess.PIPE) as program:
            listener = _Listener(program, _ignore)
            assert program.stdout is not None
            said = program.stdout.read().decode(errors="replace")
            listener.end()
        _check(program, listener)
        return said

    def _start(
        self, arguments: list[str | Path], output: int, entry: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        program = shutil.which(str(arguments[0]), path=str(self.folder))
        if program is None:
            raise StoreError(f"{self.folder} 中没有 {arguments[0]}", "安装 PostgreSQL 的客户端程序后再试。")
        return subprocess.Popen(  # noqa: S603 - a program of PostgreSQL's, and no shell
            [program, *arguments[1:]],
            stdin=entry,
            stdout=output,
            stderr=subprocess.PIPE,
            env={**os.environ, **self.environment},
        )


@contextmanager
def clients_for(url: str, server_version: int, data: Path) -> Iterator[Clients]:
    """Yield the programs that fit a server, which is at a SQLAlchemy URL with the password in it, if any.

    Args:
        url: of the database.
        server_version: its major version: an older pg_dump refuses a newer server.
        data: our data folder, where programs may have to be copied to.

    Raises:
        StoreError: no programs fit.
    """
    parsed = make_url(url)
    encrypted = str(parsed.query.get("sslmode", "")) in ENCRYPTED
    folder = _programs(server_version, data, encrypted=encrypted)
    with tempfile.TemporaryDirectory(prefix="qingshao-") as private:
        yield Clients(folder, _environment(parsed, Path(private)))


def _programs(server_version: int, data: Path, *, encrypted: bool) -> Path:
    # Those that Qingshao brings are built without OpenSSL.
    own = bundled(data)
    if not encrypted and _major_version(own) >= server_version:
        return own
    on_path = shutil.which("pg_dump")
    folders = [path for name in KNOWN_FOLDERS for path in Path("/").glob(name[1:])]
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    versions = {
        folder: _major_version(folder) for folder in folders if shutil.which("pg_dump", path=str(folder))
    }
    fitting = [folder for folder, version in versions.items() if version >= server_version]
    if not fitting:
        raise StoreError(
            f"本机没有可用于 PostgreSQL {server_version} 服务器的 pg_dump（自带的不含 TLS）",
            f"安装 postgresql-client-{server_version} 或更新版本，或在数据库服务器本机上运行。",
        )
    return min(fitting, key=lambda folder: versions[folder])


def _major_version(folder: Path) -> int:
    """Return the major version of the programs in a folder, 0 where there are none."""
    program = shutil.which("pg_dump", path=str(folder))
    if program is None:
        return 0
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"\) (\d+)", said.stdout)
    return int(found.group(1)) if found else 0


def _environment(url: URL, private: Path) -> dict[str, str]:
    wanted = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    wanted |= {name: str(value) for name, value in (("host", url.host), ("port", url.port)) if value}
    if "," in wanted.get("host", ""):
        wanted.setdefault("target_session_attrs", "read-write")
    # What the programs say is read here, so in one language.
    environment = {"LC_ALL": "C", "PGCLIENTENCODING": "UTF8", "PGAPPNAME": "qingshao backup"}
    environment |= {BY_ENVIRONMENT[name]: value for name, value in wanted.items() if name in BY_ENVIRONMENT}
    if url.database:
        environment["PGDATABASE"] = url.database
    if url.username:
        environment["PGUSER"] = url.username
    if url.password:
        secret = private / "password"
        secret.touch(mode=0o600)
        escaped = str(url.password).replace("\\", "\\\\").replace(":", "\\:")
        secret.write_text(f"*:*:*:*:{escaped}\n", encoding="utf-8")
        environment["PGPASSFILE"] = str(secret)
    return environment


def _ignore(_table: str) -> None:
    pass


class _Listener:
    """Reads what a program says of its errors and its progress, in a thread: a full pipe would stop it."""

    def __init__(self, program: subprocess.Popen[bytes], progress: Progress) -> None:
        assert program.stderr is not None
        self._stream = program.stderr
        self._progress = progress
        self.lines: list[str] = []
        self._thread = Thread(target=self._listen, name="backup program", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Wait until it has said all."""
        self._thread.join()

    def _listen(self) -> None:
        for line in self._stream:
            said = line.decode(errors="replace").strip()
            table = TABLE.search(said)
            if table is not None:
                self._progress(table.group(1))
            self.lines = [*self.lines[-19:], said]


def _transaction_timeout_left_out(stream: IO[bytes]) -> Iterator[bytes]:
    # Programs from version 17 on set it, and a server before 17 does not know it.
    head = b""
    while b"client_encoding" not in head and (piece := stream.read(1 << 14)):
        head += piece
    yield re.sub(rb"^SET transaction_timeout = 0;$", b"", head, count=1, flags=re.MULTILINE)
    while piece := stream.read(1 << 20):
        yield piece


def _send(stream: IO[bytes], statements: bytes) -> None:
    stream.write(statements)


def _close(stream: IO[bytes]) -> None:
    with suppress(BrokenPipeError):
        stream.close()


def _check(program: subprocess.Popen[bytes], listener: _Listener, *, failed: bool = False) -> None:
    if program.returncode == 0 and not failed:
        return
    said = "\n".join(listener.lines)
    errors = [line for line in listener.lines if re.search(r"error|fatal|could not|ERROR|FATAL", line)]
    first = errors[0] if errors else (listener.lines or [f"code {program.returncode}"])[-1]
    first = re.sub(r"^\S*(?:pg_dump|pg_restore|psql)\S*: (?:error: )?(?:<stdin>:\d+: )?", "", first)
    if "No space left on device" in said:
        raise ProgramError("磁盘已满", "腾出空间后再试；没有改动任何数据。", said)
    if re.search(r"not appear to be a valid (?:tar )?archive|input file is too short", said):
        raise ProgramError("这个文件不是备份", "请选择用 backup 命令写成的文件。", said)
    if re.search(r"unsupported version .* in file header", said):
        raise ProgramError(
            "这个备份由更新版本的 PostgreSQL 写成", "请用与写备份时相同或更新的青哨版本恢复。", said
        )
    if re.search(r"end of file|corrupt|could not (?:uncompress|read)|crc|checksum", said):
        raise ProgramError(f"备份文件已损坏或不完整：{first}", "请换一份备份；没有改动任何数据。", said)
    raise ProgramError(first, "没有改动任何数据；请按上面的原因处理后再试。", said)


def _field(pattern: str, listed: str) -> str:
    found = re.search(pattern, listed)
    return found.group(1).strip() if found else ""
