"""No secret in what the program writes, in its list of processes, or in what its children inherit.

The program is run with an address that holds a password, made to fail in the ways of databases. All that it
wrote is searched.
"""

import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import make_url, text

from data_access.store import Store, create_engine_for
from desktop import confidential
from desktop.logs import OneLine

ROOT = Path(__file__).parents[2]
SECRET = "kJ7-geheim-Q2"
PATIENCE_SECONDS = 60


def with_secret(url: str) -> str:
    """The address with a password; the tests' server lets everybody in, and passes over it."""
    return make_url(url).set(password=SECRET).render_as_string(hide_password=False)


def run(folder: Path, address: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", *arguments],
        cwd=ROOT,
        env=variables(folder, address),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_SECONDS,
    )


def variables(folder: Path, address: str) -> dict[str, str]:
    return os.environ | {
        "QINGSHAO_DATA": str(folder),
        "QINGSHAO_DATABASE_URL": address,
        "QINGSHAO_LOG_LEVEL": "DEBUG",
    }


def assert_unwritten(folder: Path, *texts: str) -> None:
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".log" for path in written)
    for path in written:
        assert SECRET.encode() not in path.read_bytes(), path
    for said in texts:
        assert SECRET not in said


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://seat:{SECRET}@127.0.0.1:9/none",
        f"postgresql://seat:{SECRET}@127.0.0.1:door/none",
        f"postgresql://seat:a@{SECRET}@127.0.0.1:9/none",
        f"postgresql://127.0.0.1:9/none?user=seat&password={SECRET}",
        f"seat:{SECRET}",
    ],
)
def test_an_address_that_leads_nowhere(tmp_path: Path, address: str) -> None:
    told = run(tmp_path, address, "tickets", "--json")
    assert told.returncode == 2, told.stderr
    assert_unwritten(tmp_path, told.stdout, told.stderr)


def test_the_doctor_tells_no_password(tmp_path: Path, database_url: str) -> None:
    told = run(tmp_path, with_secret(database_url), "doctor", "--json")
    assert '"database"' in told.stdout
    assert_unwritten(tmp_path, told.stdout, told.stderr)


def test_a_fault_of_ours(tmp_path: Path, database_url: str) -> None:
    engine = create_engine_for(database_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE ticket RENAME TO away"))
    engine.dispose()
    told = run(tmp_path, with_secret(database_url), "tickets")
    assert told.returncode == 70
    assert "SELECT" not in told.stderr
    assert "relation" not in told.stderr
    log = (tmp_path / "log" / "qingshao.log").read_text("utf-8")
    assert "Traceback" in log
    assert_unwritten(tmp_path, told.stdout, told.stderr)


def test_a_program_that_loses_its_database(tmp_path: Path, database_url: str, store: Store) -> None:
    """`collect` with all connections cut; its command line and those of its children bear no password."""
    program = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "main.py", "collect"],
        cwd=ROOT,
        env=variables(tmp_path, with_secret(database_url)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        _wait_for(program, store)
        assert_processes_silent(program.pid)
        for _ in range(3):
            _cut_all(store)
            time.sleep(0.5)
        # A crash: the interpreter writes where each thread was.
        program.send_signal(6)
    finally:
        said, complained = program.communicate(timeout=PATIENCE_SECONDS)
    assert "Fatal Python error" in complained
    assert_unwritten(tmp_path, said, complained)


def test_the_maps_browser_inherits_no_password(tmp_path: Path, database_url: str) -> None:
    """`snapshot` with the map: Chromium's processes are children of ours."""
    program = subprocess.Popen(
        [sys.executable, "main.py", "snapshot", str(tmp_path / "pictures"), "--page", "map"],
        cwd=ROOT,
        env=variables(tmp_path, with_secret(database_url)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    seen: set[int] = set()
    try:
        while program.poll() is None:
            seen |= assert_processes_silent(program.pid)
            time.sleep(0.05)
    finally:
        if program.poll() is None:
            program.kill()
        said, complained = program.communicate(timeout=PATIENCE_SECONDS)
    assert program.returncode == 0, complained
    assert seen, "the browser was not seen"
    assert_unwritten(tmp_path, said, complained)


def assert_processes_silent(program: int) -> set[int]:
    """Search the program's command line, and its children's with their environment; return the children."""
    seen = set()
    try:
        parent = psutil.Process(program)
        assert SECRET not in " ".join(parent.cmdline())
        children = parent.children(recursive=True)
    except psutil.Error:
        return seen
    for child in children:
        try:
            assert SECRET not in " ".join(child.cmdline()), child
            # A child that was only just forked still has its parent's memory.
            if child.name() != parent.name():
                assert SECRET not in str(child.environ()), child
                seen.add(child.pid)
        except psutil.Error:
            continue
    return seen


def _wait_for(program: "subprocess.Popen[str]", store: Store) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and program.poll() is None:
        if store.read(_sweeps):
            return
        time.sleep(0.2)
    raise AssertionError("the program never came to its work")


def _sweeps(connection: object) -> int:
    statement = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'qingshao sweep'"
    return int(connection.execute(text(f"{statement} AND datname = current_database()")).scalar_one())


def _cut_all(store: Store) -> None:
    def work(connection: object) -> None:
        statement = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        )
        connection.execute(text(f"{statement} AND pid <> pg_backend_pid()"))

    store.write(work)


# --- what the lines are searched for ---------------------------------------------------------------------


@pytest.fixture
def _forgotten() -> Iterator[None]:
    confidential.forget()
    yield
    confidential.forget()


@pytest.mark.usefixtures("_forgotten")
@pytest.mark.parametrize(
    "line",
    [
        f"postgresql+psycopg://seat:{SECRET}@host/db is away",
        f"host=h user=u password={SECRET} dbname=d",
        f"password='{SECRET} with blanks' sslmode=verify-full",
        f"{{'password': '{SECRET}', 'user': 'u'}}",
        f"PGPASSWORD={SECRET} psql",
        f"ALTER ROLE u PASSWORD = '{SECRET}'",
        f"?user=u&password={SECRET}&sslmode=require",
    ],
)
def test_a_password_is_known_by_where_it_stands(line: str) -> None:
    assert SECRET not in confidential.without_secrets(line)


@pytest.mark.usefixtures("_forgotten")
def test_a_known_password_is_hidden_wherever_it_stands() -> None:
    confidential.keep_those_of("postgresql://seat:p%40ss-w%C3%B6rt@host/db?sslpassword=der-schluessel")
    for form in ("p%40ss-w%C3%B6rt", "p@ss-wört", "der-schluessel"):
        assert form not in confidential.without_secrets(f"it says {form} somewhere")


@pytest.mark.usefixtures("_forgotten")
def test_the_log_hides_it_in_tracebacks() -> None:
    confidential.keep(SECRET)
    try:
        raise ValueError(f"what about {SECRET}?")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "it failed: %s", (SECRET,), sys.exc_info())
    line = OneLine().format(record)
    assert SECRET not in line
    assert "it failed: ***" in line


@pytest.mark.usefixtures("_forgotten")
@pytest.mark.parametrize("line", ["", "started: tickets", "http://127.0.0.1:80/x", "a@b", "密码错误"])
def test_other_lines_stay(line: str) -> None:
    assert confidential.without_secrets(line) == line
