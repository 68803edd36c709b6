"""Files of the inbox, without a store: which are whole, and that a move loses and overwrites nothing."""

import os
from pathlib import Path

import pytest

from desktop import settings
from desktop.inbox.arrivals import EMPTY_SECONDS, IN_WORK, Arrivals, is_for_import
from desktop.inbox.moving import LONGEST_BYTES, move, stamped_name
from tests.desktop.inbox.conftest import put


def found(arrivals: Arrivals, at: float) -> list[str]:
    return [arrival.path.name for arrival in arrivals.look(at)]


def test_a_file_is_whole_when_it_is_as_it_was_at_the_look_before(tmp_path: Path) -> None:
    arrivals = Arrivals(tmp_path)
    path = put(tmp_path, "a.csv", "one")
    assert found(arrivals, 0) == []
    with path.open("a") as stream:
        stream.write("two")
    assert found(arrivals, 3) == []
    os.utime(path, ns=(0, 1))  # as long as it was, and written since
    assert found(arrivals, 6) == []
    assert found(arrivals, 9) == ["a.csv"]


def test_what_was_begun_comes_first_and_then_what_is_older(tmp_path: Path) -> None:
    (tmp_path / IN_WORK).mkdir()
    put(tmp_path, "young.csv", "x", age=10)
    put(tmp_path, "old.csv", "x", age=20)
    put(tmp_path / IN_WORK, "begun.csv", "x")
    arrivals = Arrivals(tmp_path)
    assert found(arrivals, 0) == []
    assert found(arrivals, 3) == ["begun.csv", "old.csv", "young.csv"]


def test_an_empty_file_may_be_one_that_is_only_made(tmp_path: Path) -> None:
    put(tmp_path, "empty.csv", "")
    arrivals = Arrivals(tmp_path)
    assert [found(arrivals, at) for at in (0, 3, EMPTY_SECONDS)] == [[], [], ["empty.csv"]]


@pytest.mark.parametrize(
    "name",
    [".a.csv", "a.csv.part", "A.TMP", "a.csv.filepart", "~$a.xlsx", "mapping.toml", "heartbeat", "Thumbs.db"],
)
def test_what_is_not_finished_or_no_export_is_left_alone(name: str) -> None:
    assert not is_for_import(name)
    assert is_for_import("a.csv")
    assert is_for_import("工单.xlsx")
    assert is_for_import("a.csv.rejects.csv")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_is_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").symlink_to(put(tmp_path, "secret.csv", "x"))
    arrivals = Arrivals(tmp_path / "in")
    assert [found(arrivals, at) for at in (0, 3)] == [[], []]


def test_a_move_overwrites_nothing(tmp_path: Path) -> None:
    for count, name in enumerate(["a.csv", "a-2.csv", "a-3.csv"]):
        moved = move(put(tmp_path, "a.csv", f"{count}"), tmp_path / "done", "a.csv")
        assert (moved.name, moved.read_text()) == (name, f"{count}")
    assert not (tmp_path / "a.csv").exists()
    assert (tmp_path / "done" / "a.csv").read_text() == "0"


def test_a_move_that_fails_leaves_the_file_and_no_trace(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        move(tmp_path / "gone.csv", tmp_path / "done", "gone.csv")
    assert list((tmp_path / "done").iterdir()) == []


@pytest.mark.parametrize(
    "name", ["工单.csv", "很长" * 40 + ".csv", "a." + "b" * 240, os.fsdecode(b"\xb9\xa4.csv")]
)
def test_a_name_with_its_time_can_be_written_everywhere(name: str, tmp_path: Path) -> None:
    kept = stamped_name(name, "20261122-180501")
    assert kept.startswith("20261122-180501-")
    assert len(kept.encode("utf-8")) <= LONGEST_BYTES + 50
    (tmp_path / f"{kept}.rejects.csv").write_text("x", "utf-8")


def test_the_folder_is_a_setting_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "qingshao.toml"
    file.write_text('inbox = "from-file"\n', "utf-8")
    monkeypatch.delenv("QINGSHAO_INBOX", raising=False)
    assert settings.load(file).inbox == Path("from-file").absolute()
    monkeypatch.setenv("QINGSHAO_INBOX", "")
    assert settings.load(file).inbox is None
    monkeypatch.setenv("QINGSHAO_INBOX", str(tmp_path))
    assert settings.load(file).inbox == tmp_path
