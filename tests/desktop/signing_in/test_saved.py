"""The file of a seat: servers and names, for its owner only, and never a password."""

import json
import os
import stat
from pathlib import Path

import pytest

from desktop.errors import WorldError
from desktop.signing_in.saved import MOST_LOGINS, Remembered, SavedServers
from domain.servers import Server, Tls

CITY = Server("市局", "db.city.gov.cn", "5432", "qingshao", root_certificate="/etc/root.crt")
OLD = Server("旧库", "10.0.0.8", tls=Tls.REQUIRE)


def test_what_is_kept_is_there_at_the_next_start(tmp_path: Path) -> None:
    saved = SavedServers(tmp_path / "config" / "servers.json")
    saved.keep(Remembered((CITY, OLD)))
    saved.note(OLD, "wang.lei")
    saved.note(CITY, "chen.li")
    again = SavedServers(saved.file).known
    assert again == Remembered((CITY, OLD), "市局", ("chen.li", "wang.lei"))
    assert again.server == CITY


@pytest.mark.skipif(os.name != "posix", reason="modes are a thing of POSIX")
def test_only_its_owner_reads_it_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    saved = SavedServers(tmp_path / "servers.json")
    saved.keep(Remembered((CITY,)))
    assert stat.S_IMODE(saved.file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [saved.file]
    assert "password" not in saved.file.read_text(encoding="utf-8").lower()


def test_a_changed_server_stands_in_its_place_and_a_namesake_is_replaced() -> None:
    known = Remembered((CITY, OLD))
    renamed = Server("市生态环境局", "db.city.gov.cn")
    assert known.with_server(renamed, CITY).servers == (renamed, OLD)
    namesake = Server("旧库", "db2.city.gov.cn")
    assert known.with_server(namesake).servers == (CITY, namesake)
    assert known.without(CITY).servers == (OLD,)


def test_the_last_persons_are_few_and_each_is_there_once() -> None:
    known = Remembered((CITY,))
    for number in range(10):
        known = known.after(CITY, f"p{number % 8}")
    assert len(known.logins) == MOST_LOGINS
    assert known.logins[:3] == ("p1", "p0", "p7")


@pytest.mark.faults_expected
@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"servers": [{"name": 1}]}', '{"servers": [{"name": "a", "host": "b", "tls": "x"}]}'],
)
def test_a_broken_file_is_as_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "servers.json"
    file.write_text(text, encoding="utf-8")
    saved = SavedServers(file)
    assert saved.known == Remembered()
    saved.keep(Remembered((CITY,)))
    assert json.loads(file.read_text(encoding="utf-8"))["servers"][0]["host"] == "db.city.gov.cn"


@pytest.mark.faults_expected
def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WorldError, match="cannot be written"):
        SavedServers(tmp_path / "file" / "servers.json").keep(Remembered())
