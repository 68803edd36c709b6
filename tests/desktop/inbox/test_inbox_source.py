"""One source of the inbox over a real store: once each, put away, and its link on screen (X11, T23, Y01)."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data_access.gate.roles import ENGINE
from data_access.inbox_turn import InboxTurn
from data_access.store import Store, create_engine_for
from desktop.imports.errors import FileError, MappingError
from desktop.inbox import source as source_module
from desktop.inbox.arrivals import DONE, FAILED, IN_WORK
from desktop.time import now
from domain.overview import FeedState
from tests.desktop.imports.sources import COLUMNS, FIRST, csv_text, write_xlsx
from tests.desktop.inbox.conftest import (
    link,
    names,
    put,
    rows,
    source_folder,
    source_of,
    take_all,
    tickets,
    url_of,
)


def test_files_of_any_kind_are_imported_in_the_order_of_their_age(kept: Store, tmp_path: Path) -> None:
    """A later export continues what an earlier one brought; the other way round it would contradict it."""
    folder = source_folder(tmp_path, "age")
    done = (*FIRST[:4], "2026-03-06 09:30:00", *FIRST[5:])
    put(folder, "a-later.csv", csv_text([done]), age=10)
    put(folder, "b-earlier.csv", csv_text([(*FIRST[:4], "", *FIRST[5:])]), age=20)
    write_xlsx(folder / "c-latest.xlsx", [("A9", *FIRST[1:])])
    take_all(source_of(kept, folder, tmp_path / "spool"))
    assert tickets(kept, "age") == {"A1": 4, "A9": 4}
    assert names(folder / DONE) == ["a-later.csv", "b-earlier.csv", "c-latest.xlsx"]
    assert names(folder / IN_WORK) == names(folder / FAILED) == []
    assert [path.name for path in folder.iterdir() if path.is_file()] == ["mapping.toml"]
    assert list((tmp_path / "spool").iterdir()) == []


def test_the_same_name_again_is_another_file_and_the_same_content_changes_nothing(
    kept: Store, tmp_path: Path
) -> None:
    folder = source_folder(tmp_path, "again")
    source = source_of(kept, folder, tmp_path / "spool")
    put(folder, "export.csv", rows("1"))
    take_all(source)
    first = tickets(kept, "again")
    put(folder, "export.csv", rows("1", "2"))
    take_all(source)
    assert tickets(kept, "again") == first | {"2": first["1"]}
    assert sorted(len(path.read_text("utf-8").splitlines()) for path in (folder / DONE).iterdir()) == [2, 3]


def test_rejected_rows_lie_beside_the_file_and_can_be_mended(kept: Store, tmp_path: Path) -> None:
    folder = source_folder(tmp_path, "mend")
    bad = ("B2", "", "", "2026-02-30", *FIRST[4:])
    put(folder, "工单.csv", csv_text([FIRST, bad]))
    source = source_of(kept, folder, tmp_path / "spool")
    take_all(source)
    assert list(tickets(kept, "mend")) == ["A1"]
    assert names(folder / DONE) == ["工单.csv", "工单.csv.rejects.csv"]
    rejects = next(path for path in (folder / DONE).iterdir() if path.name.endswith(".rejects.csv"))
    text = rejects.read_text("utf-8-sig")
    assert "2026-02-30" in text
    assert COLUMNS[0] in text
    (folder / rejects.name).write_text(text.replace("2026-02-30", "2026-02-28"), "utf-8")
    take_all(source)
    assert sorted(tickets(kept, "mend")) == ["A1", "B2"]


@pytest.mark.faults_expected
def test_a_file_that_cannot_be_read_goes_aside_with_the_reason_and_the_next_one_goes_in(
    kept: Store, tmp_path: Path
) -> None:
    folder = source_folder(tmp_path, "bad")
    put(folder, "坏.xlsx", "PK and then nothing of a workbook", age=20)
    put(folder, "别的表.csv", "甲,乙\n1,2\n", age=10)
    put(folder, "good.csv", rows("1"))
    take_all(source_of(kept, folder, tmp_path / "spool"))
    assert list(tickets(kept, "bad")) == ["1"]
    assert names(folder / DONE) == ["good.csv"]
    assert names(folder / FAILED) == ["别的表.csv", "别的表.csv.txt", "坏.xlsx", "坏.xlsx.txt"]
    texts = {
        path.name.split("-")[-1]: path.read_text("utf-8-sig") for path in (folder / FAILED).glob("*.txt")
    }
    assert "工作簿" in texts["坏.xlsx.txt"]
    assert "上一级文件夹" in texts["坏.xlsx.txt"]
    assert "缺少映射里写的列" in texts["别的表.csv.txt"]
    assert "「编号」" in texts["别的表.csv.txt"]


def test_a_mapping_that_makes_no_sense_touches_no_file_and_says_no_word(kept: Store, tmp_path: Path) -> None:
    folder = source_folder(tmp_path, "broken", channel="urban_grid")
    path = put(folder, "a.csv", rows("1"))
    put(folder, "heartbeat", "")
    mapping = folder / "mapping.toml"
    good = mapping.read_text("utf-8")
    source = source_of(kept, folder, tmp_path / "spool")
    mapping.unlink()
    with pytest.raises(FileError, match=r"mapping\.toml"):
        source.look()
    mapping.write_text(good.replace("policy", "polcy"), "utf-8")
    with pytest.raises(FileError, match="polcy"):
        source.look()
    assert path.exists()
    assert link(kept, "urban_grid", now()).state is FeedState.NOT_CONNECTED
    # One that names what the store has not is found out with the first file, which waits.
    mapping.write_text(good.replace("source-due", "no-such"), "utf-8")
    with pytest.raises(MappingError, match="no-such"):
        take_all(source)
    assert names(folder / IN_WORK) == ["a.csv"]
    mapping.write_text(good, "utf-8")
    take_all(source)
    assert list(tickets(kept, "broken")) == ["1"]
    assert names(folder / DONE) == ["a.csv"]
    assert link(kept, "urban_grid", now()).state is FeedState.OK


def test_a_folder_into_which_nothing_can_be_moved_imports_nothing(kept: Store, tmp_path: Path) -> None:
    """As root tests may write anywhere: something of the folder's name is in the way instead."""
    folder = source_folder(tmp_path, "locked")
    path = put(folder, "a.csv", rows("1"))
    put(folder, IN_WORK, "in the way")
    os.utime(folder / IN_WORK, (time.time() + 60, time.time() + 60))
    source = source_of(kept, folder, tmp_path / "spool")
    with pytest.raises(OSError, match=IN_WORK):
        take_all(source)
    assert path.exists()
    assert tickets(kept, "locked") == {}
    (folder / IN_WORK).unlink()
    take_all(source)
    assert list(tickets(kept, "locked")) == ["1"]


def test_a_file_whose_sender_only_paused_is_read_again_when_it_is_whole(
    kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = source_folder(tmp_path, "pause")
    whole = rows("1", "2", "3")
    sender = put(folder, "a.csv", rows("1")).open("a", encoding="utf-8", newline="")
    import_tickets = source_module.import_tickets

    def import_and_go_on(*arguments: object) -> object:
        report = import_tickets(*arguments)  # type: ignore[arg-type]
        with sender:  # the sender has held it open, and writes where it lies now
            sender.write(whole[len(rows("1")) :])
        return report

    monkeypatch.setattr(source_module, "import_tickets", import_and_go_on)
    source = source_of(kept, folder, tmp_path / "spool")
    take_all(source)
    monkeypatch.undo()
    assert names(folder / IN_WORK) == ["a.csv"]
    assert names(folder / DONE) == []
    take_all(source)
    assert sorted(tickets(kept, "pause")) == ["1", "2", "3"]
    assert names(folder / DONE) == ["a.csv"]


@pytest.mark.faults_expected
def test_a_fault_of_ours_is_tried_again_and_then_keeps_no_other_file_waiting(
    kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = source_folder(tmp_path, "fault")
    put(folder, "a.csv", rows("1"))

    def fail(*_: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(source_module, "import_tickets", fail)
    source = source_of(kept, folder, tmp_path / "spool")
    for _ in range(source_module.TRIES - 1):
        with pytest.raises(FileError, match="程序出错"):
            take_all(source)
        assert names(folder / IN_WORK) == ["a.csv"]
    take_all(source)
    assert names(folder / FAILED) == ["a.csv", "a.csv.txt"]
    assert caplog.text.count("ZeroDivisionError: ours") == 1


def test_the_link_follows_files_and_the_heartbeat_and_nothing_else(kept: Store, tmp_path: Path) -> None:
    """T23, Y01: a silent source turns lagging, then silent, by the 60 seconds that 12345 promised."""
    folder = source_folder(tmp_path, "12345", channel="12345")
    source = source_of(kept, folder, tmp_path / "spool")

    def state_after(seconds: float) -> tuple[FeedState, datetime | None]:
        for _ in range(3):
            source.look()
        health = link(kept, "12345", now() + timedelta(seconds=seconds))
        return health.state, health.last_seen

    assert state_after(0) == (FeedState.NOT_CONNECTED, None)
    came = put(folder, "heartbeat", "", age=30).stat().st_mtime
    assert state_after(0) == (FeedState.OK, datetime.fromtimestamp(came, UTC))
    assert state_after(40)[0] is FeedState.LAGGING
    assert state_after(700)[0] is FeedState.SILENT
    before = now()
    # A copy keeps the time of what it was copied from; it came now all the same.
    put(folder, "a.csv", rows("1"), age=5000)
    take_all(source)
    state, heard = state_after(0)
    assert state is FeedState.OK
    assert heard is not None
    assert before - timedelta(seconds=1) < heard <= now()
    os.utime(folder / "heartbeat", (came - 500, came - 500))
    assert state_after(0) == (FeedState.OK, heard), "an older word changes nothing"


def test_a_clock_that_is_ahead_hides_no_silence(kept: Store, tmp_path: Path) -> None:
    clock = [now()]
    folder = source_folder(tmp_path, "ahead", channel="wechat")
    source = source_of(kept, folder, tmp_path / "spool", lambda: clock[0])
    put(folder, "heartbeat", "", age=-86400)
    source.look()
    heard = link(kept, "wechat", clock[0]).last_seen
    assert heard == clock[0]
    clock[0] += timedelta(hours=1)
    source.look()
    assert link(kept, "wechat", clock[0]).last_seen == heard
    assert link(kept, "wechat", clock[0]).state is FeedState.SILENT


@pytest.mark.faults_expected
def test_a_channel_of_its_own_may_be_named_and_must_exist(
    kept: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = source_folder(tmp_path, "named", channel="导入")
    mapping = folder / "mapping.toml"
    text = mapping.read_text("utf-8")
    source = source_of(kept, folder, tmp_path / "spool")
    put(folder, "heartbeat", "")
    mapping.write_text(text.replace("[source]", '[source]\nchannel = "没有的"'), "utf-8")
    source.look()
    assert "没有的" in caplog.text
    mapping.write_text(text.replace("[source]", '[source]\nchannel = "移动执法"'), "utf-8")
    os.utime(folder / "heartbeat")
    source.look()
    assert link(kept, "enforcement", now()).state is FeedState.OK


def test_the_engine_of_a_citys_server_may_do_all_of_it(kept: Store, tmp_path: Path) -> None:
    """`collect` signs in as the engine there, which owns nothing."""
    engine = Store(create_engine_for(url_of(kept)), None, ENGINE)
    try:
        folder = source_folder(tmp_path, "engine", channel="report")
        put(folder, "a.csv", rows("1"))
        take_all(source_of(engine, folder, tmp_path / "spool"))
        turn = InboxTurn(engine)
        assert turn.held()
        turn.close()
    finally:
        engine.close()
    assert list(tickets(kept, "engine")) == ["1"]
    assert link(kept, "report", now()).state is FeedState.OK
