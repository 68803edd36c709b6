"""What an exported dossier consists of: its files, and how events and seals stand in them as JSON.

The JSON is the same for the same store and the same moment, byte for byte.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from domain.dossier_proof import Record
from domain.evidence import MediaType
from domain.seal import Seal, SealedHead

FORMAT = "qingshao-dossier/1"

MANIFEST = "manifest.json"
"""Lists every other file with its size and SHA-256, but for SUM, which is its own."""
SUM = "manifest.sha256"
DOSSIER, EVIDENCE, READ_ME, PAPER = "dossier.json", "evidence.json", "README.txt", "dossier.pdf"
EVENTS, FILES, SEALS = "events", "evidence", "seals"
"""Folders."""

MOST_FILES = 20_000
MOST_BYTES = 8 << 30
"""Of a dossier altogether, unpacked: evidence is at most 200 files of 100 MiB a ticket."""
MOST_JSON = 256 << 20
"""Of one JSON file, which is read whole."""

ENDINGS: Mapping[str, str] = {
    MediaType.JPEG: ".jpg",
    MediaType.PNG: ".png",
    MediaType.HEIC: ".heic",
    MediaType.PDF: ".pdf",
    MediaType.MP4: ".mp4",
}
"""A copy's ending follows from its content, whatever its sender called it."""


def json_bytes(values: object) -> bytes:
    """Return values as the one JSON text of a dossier: two blanks a level, UTF-8 as it is, a line's end."""
    return (json.dumps(values, ensure_ascii=False, indent=2, default=_plain) + "\n").encode()


def record_values(record: Record) -> dict[str, Any]:
    """Return an event with all that its hash covers; `data` is the text that was hashed."""
    return {
        "seq": record.seq,
        "kind": record.kind,
        "at": _exact(record.at),
        "role": record.role,
        "person": record.person,
        "body": record.body,
        "data": record.data,
        "recorded_at": _exact(record.recorded_at),
        "previous": record.previous.hex(),
        "hash": record.hash.hex(),
    }


def record_of(stream: str, values: Mapping[str, Any]) -> Record:
    """Return the event that `record_values` was made from.

    Raises:
        ValueError: a field is missing or of another kind.
    """
    try:
        body = values["body"]
        texts = [values[name] for name in ("kind", "role", "person", "data")]
        if not all(isinstance(text, str) for text in texts) or not isinstance(body, str | None):
            raise ValueError("字段类型不符")
        if set(values) != _FIELDS or type(values["seq"]) is not int:
            raise ValueError("字段不符")
        kind, role, person, data = texts
        return Record(
            stream,
            values["seq"],
            kind,
            _moment(values["at"]),
            role,
            person,
            body,
            data,
            _moment(values["recorded_at"]),
            bytes.fromhex(values["previous"]),
            bytes.fromhex(values["hash"]),
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"事件的字段不符：{error}") from error


_FIELDS = {"seq", "kind", "at", "role", "person", "body", "data", "recorded_at", "previous", "hash"}


def seal_values(seal: Seal, heads: Sequence[SealedHead]) -> dict[str, Any]:
    """Return a sealed day with all the heads that its hash covers."""
    return {
        "day": seal.day.isoformat(),
        "until": _exact(seal.until),
        "streams": seal.streams,
        "events": seal.events,
        "previous": seal.previous.hex(),
        "hash": seal.hash.hex(),
        "heads": [f"{head.stream} {head.seq} {head.hash.hex()}" for head in heads],
    }


def seal_of(values: Mapping[str, Any]) -> tuple[Seal, tuple[SealedHead, ...]]:
    """Return the day that `seal_values` was made from.

    Raises:
        ValueError: a field is missing or of another kind.
    """
    try:
        until = _moment(values["until"])
        seal = Seal(
            date.fromisoformat(values["day"]),
            until,
            int(values["streams"]),
            int(values["events"]),
            bytes.fromhex(values["previous"]),
            bytes.fromhex(values["hash"]),
            until,
        )
        heads = []
        for line in values["heads"]:
            stream, seq, digits = line.rsplit(" ", 2)
            heads.append(SealedHead(stream, int(seq), bytes.fromhex(digits)))
        return seal, tuple(heads)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"日封的字段不符：{error}") from error


def _exact(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(text: object) -> datetime:
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        raise ValueError(f"{text}：时间没有时区")
    return moment


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no place in JSON")
