"""X14: `hj212 decode`, as whoever stands before a device uses it."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from desktop import cli
from desktop.commands import hj212

GOOD = (
    b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
    b"CP=&&RtdInterval=30&&1C80\r\n"
)
MODBUS = GOOD.replace(b"1C80", b"0759")
NO_SEGMENT = b"##0000FFFF\r\n"
VERSIONS = {0: 2005, 1: 2017, 2: 2025}
Decode = Callable[..., Result]


@pytest.fixture
def decode(tmp_path: Path) -> Iterator[Decode]:
    """`hj212 decode` with these arguments and this standard input; no data folder can be made."""
    (tmp_path / "file").touch()
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    app = typer.Typer(cls=cli.app.info.cls, pretty_exceptions_enable=False)
    app.callback(invoke_without_command=True)(cli._open)
    hj212.register(app)

    def run(*arguments: str, given: bytes = b"") -> Result:
        data = str(tmp_path / "file" / "data")
        return CliRunner().invoke(app, ["--data", data, "hj212", "decode", *arguments], input=given)

    yield run
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(False)


def test_every_public_packet(shared_data: Path, tmp_path: Path, decode: Decode) -> None:
    """One object a frame with ok, error, crc_kind, edition and fields, from a file with garbage in it."""
    with (shared_data / "hj212" / "packets.jsonl").open(encoding="utf-8") as file:
        packets = [json.loads(line) for line in file]
    capture = tmp_path / "capture.bin"
    capture.write_bytes(b"\x00noise".join(packet["packet"].encode() for packet in packets))
    done = decode(str(capture), "--json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 1, "some of them are not to be believed"
    assert len(found) == len(packets)
    for packet, decoded in zip(packets, found, strict=True):
        assert decoded["ok"] is packet["valid"]
        assert decoded["error"] == (None if packet["valid"] else "crc")
        assert decoded["crc_kind"] == packet["crc_kind"]
        assert decoded["fields"] == packet["fields"]
        assert decoded["edition"] == VERSIONS[int(packet["fields"].get("Flag", 0)) >> 2]
    assert f" {5 * (len(packets) - 1)} " in done.stderr, "the garbage is told"


@pytest.mark.parametrize(
    ("given", "code", "expected"),
    [
        (GOOD, 0, [(True, None, "hj212", 2017)]),
        (GOOD[:-2], 0, [(True, None, "hj212", 2017)]),
        (GOOD + MODBUS, 1, [(True, None, "hj212", 2017), (False, "crc", "modbus", 2017)]),
        (GOOD[:50], 1, [(False, "cut", None, None)]),
        (NO_SEGMENT, 1, [(False, "segment", "hj212", None)]),
        (b"", 1, []),
        (bytes(300), 1, []),
        (b"#noise#" * 700, 1, []),
    ],
)
def test_from_standard_input(
    given: bytes, code: int, expected: list[tuple[object, ...]], decode: Decode
) -> None:
    done = decode("-", "--json", given=given)
    frames = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == code
    assert [(each["ok"], each["error"], each["crc_kind"], each["edition"]) for each in frames] == expected
    assert ("没有找到一帧" in done.stderr) is (not expected), "an end in silence tells nobody anything"


def test_in_words(decode: Decode) -> None:
    done = decode("-", given=GOOD + MODBUS)
    first, second = done.stdout.splitlines()
    assert done.exit_code == 1
    assert first.startswith("● 2017 QN=20160801085857223;ST=32;")
    assert first.endswith("| RtdInterval=30")
    assert second.startswith("■ 校验方式不符：用的是普通 Modbus 的 CRC。请让厂家")
    assert "。 2017 QN=20160801085857223;" in second


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (GOOD.replace(b"1C80", b"5907"), "高低字节颠倒"),
        (GOOD.replace(b"1C80", b"0000"), "■ 校验错误：线路或设备改动了字节"),
        (GOOD[:50], "■ 报文不完整"),
        (NO_SEGMENT, "■ 校验正确，但没有数据区"),
        (GOOD.replace(b"##0101", b"##0100"), "[长度与实际不符]"),
    ],
)
def test_what_is_wrong_is_said_and_what_to_do(given: bytes, said: str, decode: Decode) -> None:
    assert said in decode("-", given=given).stdout


def test_a_password_is_not_shown_to_who_looks_over_the_shoulder(decode: Decode) -> None:
    """Frames with a wrong check have it, too; --json tells all, to programs."""
    shown = decode("-", given=GOOD + MODBUS).stdout
    assert "100000" not in shown
    assert shown.count(";PW=******;MN=010000A8900016F000169DC0;") == 2
    assert json.loads(decode("-", "--json", given=GOOD).stdout)["fields"]["PW"] == "100000"


@pytest.mark.faults_expected
def test_a_file_that_is_not_there(tmp_path: Path, decode: Decode) -> None:
    done = decode(str(tmp_path / "none"), "--json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "读不了文件" in json.loads(done.stderr)["error"]["message"]
