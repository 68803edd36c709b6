"""The inbox as `collect` runs it: files come in by themselves, whatever is wrong elsewhere (X11, T23)."""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from data_access.errors import StoreError
from data_access.inbox_turn import InboxTurn
from data_access.readers.board import open_tickets
from data_access.store import Store
from desktop.inbox import service
from desktop.inbox.arrivals import DONE, FAILED, IN_WORK, Arrivals
from desktop.inbox.service import Inbox
from tests.desktop.inbox.conftest import SHANGHAI, names, put, rows, source_folder, tickets

LOOK = 0.05


@asynccontextmanager
async def taking_in(store: Store, folder: Path) -> AsyncIterator[Inbox]:
    running = Inbox(store, folder / "inbox", folder / "data", SHANGHAI, LOOK)
    running.start()
    try:
        yield running
    finally:
        await running.stop()


async def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited too long"
        await asyncio.sleep(0.02)


def rewrite(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


async def test_a_file_that_comes_while_it_runs_is_on_the_board_and_in_the_log(
    kept: Store, tmp_path: Path
) -> None:
    folder = source_folder(tmp_path / "inbox", "comes")
    async with taking_in(kept, tmp_path):
        await until((folder.parent / "comes").is_dir)
        open_one = rows("1").replace("2026-03-06 09:30:00", "")
        put(folder, "a.csv", open_one)
        await until(lambda: names(folder / DONE) == ["a.csv"])
        # A source may be set up meanwhile.
        later = source_folder(tmp_path / "inbox", "later")
        put(later, "b.csv", rows("2"))
        await until(lambda: names(later / DONE) == ["b.csv"])
    assert (list(tickets(kept, "comes")), list(tickets(kept, "later"))) == (["1"], ["2"])
    assert "comes-1" in kept.read(lambda c: open_tickets(c, ["comes-1"])).number


async def test_a_half_written_file_is_not_touched_until_it_is_whole(kept: Store, tmp_path: Path) -> None:
    folder = source_folder(tmp_path / "inbox", "half")
    whole = rows("1", "2")
    part = put(folder, "b.csv.part", rows("3"))
    async with taking_in(kept, tmp_path):
        with (folder / "a.csv").open("w", encoding="utf-8") as stream:
            for begin in range(0, len(whole), 10):
                stream.write(whole[begin : begin + 10])
                stream.flush()
                await asyncio.sleep(LOOK / 3)
                assert tickets(kept, "half") == {}
        await until(lambda: names(folder / DONE) == ["a.csv"])
        assert part.exists()
        part.rename(folder / "b.csv")
        await until(lambda: names(folder / DONE) == ["a.csv", "b.csv"])
    assert sorted(tickets(kept, "half")) == ["1", "2", "3"]


@pytest.mark.faults_expected
async def test_one_broken_source_stops_no_other_and_is_told_of_once(
    kept: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    broken = source_folder(tmp_path / "inbox", "broken")
    rewrite(broken / "mapping.toml", "received", "recieved")
    put(broken, "a.csv", rows("1"))
    waits = source_folder(tmp_path / "inbox", "waits")
    rewrite(waits / "mapping.toml", "source-due", "no-such")
    put(waits, "a.csv", rows("1"))
    sound = source_folder(tmp_path / "inbox", "sound")
    async with taking_in(kept, tmp_path):
        for name in ("a.csv", "b.csv", "c.csv"):
            put(sound, name, rows(name))
            await until(lambda name=name: name in names(sound / DONE))  # type: ignore[misc]
        await until(lambda: "no-such" in caplog.text)
        await asyncio.sleep(5 * LOOK)
        assert sum("recieved" in line for line in caplog.messages) == 1
        assert sum("no-such" in line for line in caplog.messages) == 1
        assert (tickets(kept, "broken"), tickets(kept, "waits")) == ({}, {})
        rewrite(broken / "mapping.toml", "recieved", "received")
        rewrite(waits / "mapping.toml", "no-such", "source-due")
        await until(lambda: names(broken / DONE) == names(waits / DONE) == ["a.csv"])
    assert sum("goes on" in line and "recieved" in line for line in caplog.messages) == 1
    assert sum("goes on" in line and "no-such" in line for line in caplog.messages) == 1


@pytest.mark.faults_expected
async def test_a_folder_that_goes_away_is_told_of_once_and_goes_on_when_it_is_back(
    kept: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    inbox = tmp_path / "inbox"
    folder = source_folder(inbox, "gone")
    async with taking_in(kept, tmp_path):
        put(folder, "a.csv", rows("1"))
        await until(lambda: names(folder / DONE) == ["a.csv"])
        inbox.rename(tmp_path / "unmounted")
        await until(lambda: "文件夹无法访问" in caplog.text)
        await asyncio.sleep(5 * LOOK)
        assert sum("文件夹无法访问" in line for line in caplog.messages) == 1
        (tmp_path / "unmounted").rename(inbox)
        put(folder, "b.csv", rows("2"))
        await until(lambda: names(folder / DONE) == ["a.csv", "b.csv"])
        # A share that is unmounted leaves an empty folder behind.
        folder.rename(tmp_path / "aside")
        await until(lambda: "读不到映射文件" in caplog.text)
        (tmp_path / "aside").rename(folder)
        put(folder, "c.csv", rows("3"))
        await until(lambda: "c.csv" in names(folder / DONE))
    assert sum("goes on" in line and "文件夹无法访问" in line for line in caplog.messages) == 1


@pytest.mark.faults_expected
async def test_a_source_whose_share_hangs_is_told_of_and_holds_up_nothing_else(
    kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service, "HANGS_SECONDS", 0.2)
    hangs, sound = (source_folder(tmp_path / "inbox", key) for key in ("hangs", "besides"))
    answers, look = threading.Event(), Arrivals.look

    def look_or_hang(arrivals: Arrivals, at: float) -> object:
        if arrivals._folder == hangs:
            answers.wait(30)
        return look(arrivals, at)

    monkeypatch.setattr(Arrivals, "look", look_or_hang)
    async with taking_in(kept, tmp_path):
        put(hangs, "a.csv", rows("1"))
        put(sound, "a.csv", rows("1"))
        await until(lambda: names(sound / DONE) == ["a.csv"] and "没有响应" in caplog.text)
        answers.set()
        await until(lambda: names(hangs / DONE) == ["a.csv"])


@pytest.mark.faults_expected
async def test_while_the_database_is_away_files_wait_in_order(
    kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = source_folder(tmp_path / "inbox", "away")
    async with taking_in(kept, tmp_path):
        put(folder, "a.csv", rows("1"))
        await until(lambda: names(folder / DONE) == ["a.csv"])

        def away(_: object) -> None:
            raise StoreError("数据库无法访问")

        monkeypatch.setattr(kept, "write", lambda *_, **__: away(_))
        put(folder, "b.csv", rows("2"))
        await until(lambda: "数据库无法访问" in caplog.text)
        await asyncio.sleep(5 * LOOK)
        monkeypatch.undo()
        await until(lambda: names(folder / DONE) == ["a.csv", "b.csv"])
    assert names(folder / FAILED) == names(folder / IN_WORK) == []


async def test_one_program_takes_it_in_and_another_takes_over(kept: Store, tmp_path: Path) -> None:
    folder = source_folder(tmp_path / "inbox", "turns")
    holder = InboxTurn(kept)
    assert holder.held()
    async with taking_in(kept, tmp_path):
        put(folder, "a.csv", rows("1"))
        await asyncio.sleep(8 * LOOK)
        assert (folder / "a.csv").exists()
        assert holder.held()
        holder.close()
        await until(lambda: names(folder / DONE) == ["a.csv"])
        assert not holder.held()
    assert holder.held()
    holder.close()


async def test_a_turn_whose_connection_was_lost_is_taken_again(kept: Store, tmp_path: Path) -> None:
    folder = source_folder(tmp_path / "inbox", "lost")
    ended = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'qingshao inbox'"
    )
    async with taking_in(kept, tmp_path) as running:
        await until(lambda: running._ours is True)
        assert kept.write(lambda c: c.execute(ended).scalars().all()) == [True]
        put(folder, "a.csv", rows("1"))
        await until(lambda: names(folder / DONE) == ["a.csv"])


async def test_copies_that_a_killed_program_left_are_removed(kept: Store, tmp_path: Path) -> None:
    source_folder(tmp_path / "inbox", "copies")
    left = tmp_path / "data" / "inbox" / "tmpabc"
    left.mkdir(parents=True)
    put(left, "complainants.csv", rows("1"))
    async with taking_in(kept, tmp_path):
        await until(lambda: not left.exists())


@pytest.mark.faults_expected
@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may do anything"
)
async def test_a_folder_that_cannot_be_written_imports_nothing(kept: Store, tmp_path: Path) -> None:
    folder = source_folder(tmp_path / "inbox", "readonly")
    put(folder, "a.csv", rows("1"))
    folder.chmod(0o555)
    try:
        async with taking_in(kept, tmp_path):
            await asyncio.sleep(10 * LOOK)
            assert tickets(kept, "readonly") == {}
            folder.chmod(0o755)
            await until(lambda: names(folder / DONE) == ["a.csv"])
    finally:
        folder.chmod(0o755)
