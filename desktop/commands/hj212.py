"""`hj212 decode`: what the frames of a capture say, one JSON object each, without a store."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from desktop.commands.options import Json
from desktop.errors import WorldError
from domain.hj212 import (
    CrcKind,
    Frame,
    FrameError,
    MalformedSegmentError,
    Message,
    Oddity,
    Unframer,
    read_message,
)

hj212 = typer.Typer(help="The protocol of monitors (HJ 212).", no_args_is_help=True)

_STANDARD_INPUT = "-"
_CHUNK = 1 << 16
_SECRETS = ("PW", "NEWPW")
_MASKED = "******"

_ERRORS = {
    FrameError.CRC: "校验错误：线路或设备改动了字节。请比对设备发出的原始报文与线路收到的字节",
    FrameError.CUT: "报文不完整，没有收到校验码。请检查线路，或设备是否把报文拆开发送",
    FrameError.ABSURD: "报文过长，没有结尾。请检查设备发送的是不是 HJ 212",
    FrameError.SEGMENT: "校验正确，但没有数据区（CP=&&）。请检查设备的组包程序",
}
_WRONG_ROUTINES = {
    CrcKind.MODBUS: (
        "校验方式不符：用的是普通 Modbus 的 CRC。请让厂家把设备的 CRC 程序改为 HJ 212 附录 A 的算法"
    ),
    CrcKind.MODBUS_BYTESWAPPED: (
        "校验方式不符：用的是普通 Modbus 的 CRC，且高低字节颠倒。"
        "请让厂家把设备的 CRC 程序改为 HJ 212 附录 A 的算法，高字节在前"
    ),
}
_ODDITIES = {
    Oddity.LENGTH: "长度与实际不符",
    Oddity.LENGTH_DIGITS: "长度只有三位",
    Oddity.TOO_LONG: "超过 1,024 个字符",
    Oddity.COMMA_IN_HEADER: "头部用了逗号",
    Oddity.NO_SEPARATOR: "CP 前缺分号",
    Oddity.BLANKS: "有多余空白",
    Oddity.ELLIPSIS: "有省略号",
    Oddity.NO_CLOSING: "缺结尾的 &&",
    Oddity.BEHIND_CLOSING: "结尾的 && 之后还有内容",
    Oddity.EMPTY_ITEM: "有空项",
    Oddity.NOT_UTF8: "有非 UTF-8 字节",
    Oddity.NO_QN: "没有 QN",
    Oddity.NO_FLAG: "没有 Flag",
    Oddity.UNKNOWN_VERSION: "版本位不认识",
    Oddity.BAD_FLAG: "Flag 不是数",
    Oddity.PART_NUMBERS: "分包号与 Flag 矛盾",
}


def register(app: typer.Typer) -> None:
    app.add_typer(hj212, name="hj212")


@hj212.command()
def decode(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="Bytes as they came; - for standard input.")],
    as_json: Json = False,
) -> None:
    """Decode a capture, as it came from the line.

    The code is 1 when a frame of it is not to be believed, or when there is none. Garbage between frames is
    skipped, and told on the terminal. Passwords are masked, except with --json.
    """
    all_ok = True
    if file == _STANDARD_INPUT:
        all_ok = _print_all(sys.stdin.buffer, as_json)
    else:
        try:
            with Path(file).open("rb") as stream:
                all_ok = _print_all(stream, as_json)
        except OSError as error:
            raise WorldError(f"读不了文件 {file}：{error.strerror}", "检查路径和权限。") from error
    if not all_ok:
        raise typer.Exit(1)


def _print_all(stream: BinaryIO, as_json: bool) -> bool:
    """Print what the frames say, and return whether there are any and all are to be believed."""
    unframer = Unframer()
    all_ok = True
    for frame in _frames(stream, unframer):
        values = frame_values(frame)
        all_ok = all_ok and values["ok"]
        line = json.dumps(values, ensure_ascii=False) if as_json else _line(values)
        sys.stdout.write(line + "\n")
    if unframer.skipped:
        sys.stderr.write(f"帧外有 {unframer.skipped:,} 字节无法识别，已跳过。\n")
    found = unframer.good + unframer.bad > 0
    if not found:
        sys.stderr.write("没有找到一帧 HJ 212 报文（以 ## 和四位长度开头）。请检查文件和抓包的位置。\n")
    return all_ok and found


def _frames(stream: BinaryIO, unframer: Unframer) -> Iterator[Frame]:
    # read1: what a pipe brings is shown when it comes.
    read = getattr(stream, "read1", stream.read)
    while chunk := read(_CHUNK):
        yield from unframer.feed(chunk)
    yield from unframer.finish()


def frame_values(frame: Frame) -> dict[str, Any]:
    """Return a frame as plain values: ok, error, crc_kind, edition, fields, and what is odd about it.

    `fields` has the header's items as sent, and under CP one object for each item of CP. It is there for a
    frame with a wrong check, too, where a segment can be made out: to be looked at, not to be believed.
    """
    message: Message | None = None
    error: FrameError | None = frame.error
    oddities: tuple[Oddity, ...] = frame.oddities
    try:
        message = read_message(frame.segment)
        oddities += message.oddities
    except MalformedSegmentError:
        error = error or FrameError.SEGMENT
    edition = message.edition if message else None
    return {
        "ok": error is None,
        "error": error,
        "crc_kind": frame.crc_kind if frame.crc_given else None,
        "edition": None if edition is None else int(edition),
        "fields": message.fields if message else {},
        "length": {"declared": frame.declared, "actual": len(frame.segment)},
        "crc_given": frame.crc_given,
        "oddities": list(oddities),
    }


def _line(values: dict[str, Any]) -> str:
    mark = "●" if values["ok"] else f"■ {_why(values)}。"
    said = _joined(";", {name: value for name, value in values["fields"].items() if name != "CP"})
    groups = ";".join(_joined(",", group) for group in values["fields"].get("CP", ()))
    odd = "、".join(_ODDITIES.get(oddity, oddity) for oddity in values["oddities"])
    return f"{mark} {values['edition'] or '?'} {said} | {groups}{f' [{odd}]' if odd else ''}"


def _why(values: dict[str, Any]) -> str:
    """Return what is wrong with a frame and what to do."""
    if values["error"] is FrameError.CRC and values["crc_kind"] in _WRONG_ROUTINES:
        return _WRONG_ROUTINES[values["crc_kind"]]
    return _ERRORS[values["error"]]


def _joined(separator: str, fields: Mapping[str, str]) -> str:
    return separator.join(
        f"{name}={_MASKED if name.upper() in _SECRETS and value else value}" for name, value in fields.items()
    )
