"""`hj212 decode`: what the frames of a capture say, one JSON object each, without a store."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from desktop.commands.options import Json
from desktop.errors import WorldError
from domain.hj212 import Frame, FrameError, MalformedSegmentError, Message, Oddity, Unframer, read_message

hj212 = typer.Typer(help="The protocol of monitors (HJ 212).", no_args_is_help=True)

_STANDARD_INPUT = "-"
_CHUNK = 1 << 16


def register(app: typer.Typer) -> None:
    app.add_typer(hj212, name="hj212")


@hj212.command()
def decode(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="Bytes as they came; - for standard input.")],
    as_json: Json = False,
) -> None:
    """Decode a capture, as it came from the line; the code is 1 when a frame of it is not to be believed.

    Garbage between frames is skipped, and told on the terminal.
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
    """Print what the frames say, and return whether all are to be believed."""
    unframer = Unframer()
    all_ok = True
    for frame in _frames(stream, unframer):
        values = frame_values(frame)
        all_ok = all_ok and values["ok"]
        line = json.dumps(values, ensure_ascii=False) if as_json else _line(values)
        sys.stdout.write(line + "\n")
    if unframer.skipped:
        sys.stderr.write(f"帧外有 {unframer.skipped:,} 字节无法识别，已跳过。\n")
    return all_ok


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
    mark = "●" if values["ok"] else "■"
    said = ";".join(f"{name}={value}" for name, value in values["fields"].items() if name != "CP")
    groups = ";".join(
        ",".join(f"{name}={value}" for name, value in group.items())
        for group in values["fields"].get("CP", ())
    )
    kind = f" ({values['crc_kind']})" if values["crc_kind"] else ""
    why = "" if values["ok"] else f" {values['error']}{kind}"
    odd = f" [{', '.join(values['oddities'])}]" if values["oddities"] else ""
    return f"{mark}{why} {values['edition'] or '?'} {said} | {groups}{odd}"
