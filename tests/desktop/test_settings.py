"""Settings: where each value comes from, and a clear word about a bad one."""

import sys
from pathlib import Path

import pytest

from desktop import settings
from desktop.errors import WorldError


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch, tmp_path):
    for name in ("DATA", "DATABASE_URL", "ZONE", "LOG_LEVEL"):
        monkeypatch.delenv(f"QINGSHAO_{name}", raising=False)
    monkeypatch.setattr(settings, "default_config_file", lambda: tmp_path / "none.toml")


def _file(folder: Path, text: str) -> Path:
    file = folder / "qingshao.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_command_line_beats_environment_beats_file(monkeypatch, tmp_path):
    file = _file(tmp_path, 'data = "/from/file"\nlog_level = "DEBUG"\nzone = "Asia/Urumqi"\n')
    assert settings.load(file).data == Path("/from/file").absolute()
    monkeypatch.setenv("QINGSHAO_DATA", "/from/environment")
    loaded = settings.load(file)
    assert (loaded.data, loaded.log_level, loaded.zone) == (
        Path("/from/environment").absolute(),
        "DEBUG",
        "Asia/Urumqi",
    )
    assert settings.load(file, Path("/from/line")).data == Path("/from/line").absolute()


def test_defaults_need_no_file():
    loaded = settings.load()
    assert loaded.database_url is None
    assert str(loaded.city_zone) == "Asia/Shanghai"
    assert loaded.log_file.is_relative_to(loaded.data)


def test_an_empty_database_url_means_the_embedded_one(monkeypatch):
    monkeypatch.setenv("QINGSHAO_DATABASE_URL", "")
    assert settings.load().database_url is None


def test_settings_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        settings.load().zone = "UTC"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('zone = "Asia/Nowhere"', "Asia/Nowhere"),
        ('log_level = "LOUD"', "log_level"),
        ("colour = 1", "colour"),
        ("data = [", "cannot be read"),
    ],
)
def test_a_bad_value_is_named(tmp_path, text, word):
    with pytest.raises(WorldError) as caught:
        settings.load(_file(tmp_path, text))
    assert word in caught.value.message


def test_a_missing_file_is_named():
    with pytest.raises(WorldError, match=r"nowhere\.toml"):
        settings.load(Path("nowhere.toml"))


@pytest.mark.skipif(sys.platform != "linux", reason="root of a Linux machine")
def test_root_keeps_its_data_out_of_homes(monkeypatch):
    monkeypatch.setattr(settings.os, "geteuid", lambda: 0)
    assert settings.default_data_folder() == Path("/var/lib/qingshao")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("0.0.0.0:9212", ("0.0.0.0", 9212)),
        ("9212", ("", 9212)),
        (":9212", ("", 9212)),
        ("[::1]:9212", ("::1", 9212)),
        ("devices.city.example:1", ("devices.city.example", 1)),
    ],
)
def test_an_address_for_devices_has_a_port(text, address):
    """X14."""
    assert settings.split_address(text) == address


@pytest.mark.parametrize("text", ["host", "host:", "host:99999", "host:-1", "host:²"])
def test_an_address_without_one_is_refused(monkeypatch, text):
    monkeypatch.setenv("QINGSHAO_HJ212", text)
    with pytest.raises(WorldError, match="hj212"):
        settings.load()


def test_a_seat_is_heard_unless_it_is_told_not_to_be(monkeypatch, tmp_path):
    """Y05."""
    monkeypatch.delenv("QINGSHAO_SOUND")
    assert settings.load().sound
    file = _file(tmp_path, "sound = false\nsilence_minutes = 5\n")
    assert (settings.load(file).sound, settings.load(file).silence_minutes) == (False, 5)
    monkeypatch.setenv("QINGSHAO_SOUND", "true")
    assert settings.load(file).sound
    with pytest.raises(WorldError, match="silence_minutes"):
        settings.load(_file(tmp_path, "silence_minutes = 31\n"))
