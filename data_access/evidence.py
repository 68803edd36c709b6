"""Keeps the files that show what was found on site: by SHA-256, in the store, of a type told by content.

The database computes the checksum again and looks at how a file begins; nobody changes or deletes one. Who
sees a ticket sees its files, but for the wall; who works on site may add to them (gate/evidence.sql).
"""

import hashlib
import unicodedata

import filetype
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import DBAPIError

from data_access.errors import StoreError
from data_access.gate.session import person_of, refusal_in
from data_access.picture_size import picture_size
from data_access.schema_evidence import evidence
from domain.evidence import LARGEST, MOST_PIXELS, EvidenceFile, MediaType

LONGEST_NAME = 200
SCANNED = 8192
"""Bytes from the start in which a file says what it is."""

_KINDS = {
    "image/jpeg": MediaType.JPEG,
    "image/png": MediaType.PNG,
    "image/heic": MediaType.HEIC,
    "application/pdf": MediaType.PDF,
    "video/mp4": MediaType.MP4,
}
_SHOWN = {"name", "sha256", "media_type", "size", "kept_at", "kept_by"}


class EvidenceError(StoreError):
    """A file cannot be kept as evidence, or is not what its checksum says."""


def examine(content: bytes, largest: int = LARGEST) -> MediaType:
    """Return what a file is, by its content alone.

    Raises:
        EvidenceError: it is empty, too large, of another type, or a picture too large to be shown.
    """
    if not content:
        raise EvidenceError("文件是空的。", "请重新拍照或导出后再添加。")
    if len(content) > largest:
        raise EvidenceError(
            f"文件有 {len(content) / (1 << 20):.1f} MB，超过 {largest >> 20} MB。", "请压缩或分段后再添加。"
        )
    guessed = filetype.guess_mime(content[:SCANNED])
    found = _KINDS.get(str(guessed))
    if found is None:
        raise EvidenceError(
            f"不能作为证据的文件类型{f'（{guessed}）' if guessed else ''}。",
            "可添加 JPEG、PNG、HEIC 照片，PDF 或 MP4；类型按内容判断，改扩展名无用。",
        )
    if found in (MediaType.JPEG, MediaType.PNG):
        size = picture_size(content)
        if size is None:
            raise EvidenceError("照片已损坏，读不出尺寸。", "请重新拍照或导出后再添加。")
        if size[0] * size[1] > MOST_PIXELS:
            raise EvidenceError(f"照片有 {size[0]}×{size[1]} 像素，过大。", "请缩小后再添加。")
    return found


def keep(connection: Connection, ticket: str, name: str, content: bytes, largest: int = LARGEST) -> str:
    """Keep a file with a ticket and return its SHA-256 in hex; one that is kept already stays as it is.

    Raises:
        EvidenceError: it cannot be kept.
        RefusedError: this person may add nothing to this ticket.
    """
    kind = examine(content, largest)
    shown = shown_name(name)
    if person_of(connection) is None:
        checksum = hashlib.sha256(content).hexdigest()
        values = {
            "ticket": ticket,
            "sha256": checksum,
            "media_type": kind.value,
            "name": shown,
            "size": len(content),
            "content": content,
            "kept_at": func.transaction_timestamp(),
            "kept_by": func.session_user(),
        }
        known = select(evidence.c.sha256).where(evidence.c.ticket == ticket, evidence.c.sha256 == checksum)
        if connection.execute(known).scalar() is None:
            connection.execute(insert(evidence).values(values))
        return checksum
    try:
        with connection.begin_nested():
            kept = select(func.keep_evidence(ticket, shown, kind.value, content))
            return str(connection.execute(kept).scalar_one())
    except DBAPIError as error:
        refusal = refusal_in(error)
        if refusal is None:
            raise
        raise refusal from error


def files_of(connection: Connection, ticket: str) -> dict[str, EvidenceFile]:
    """Return what is kept with a ticket, by checksum, without the contents."""
    columns = [evidence.c[name] for name in sorted(_SHOWN)]
    rows = connection.execute(select(*columns).where(evidence.c.ticket == ticket))
    return {
        row.sha256: EvidenceFile(
            row.sha256, MediaType(row.media_type), row.name, row.size, row.kept_at, row.kept_by
        )
        for row in rows
    }


def content_of(connection: Connection, ticket: str, sha256: str) -> bytes | None:
    """Return a file's content, None when it is not kept or not for this person.

    Raises:
        EvidenceError: it is not what its checksum says, or is not of its type.
    """
    row = connection.execute(
        select(evidence.c.content, evidence.c.media_type).where(
            evidence.c.ticket == ticket, evidence.c.sha256 == sha256
        )
    ).one_or_none()
    if row is None:
        return None
    content = bytes(row.content)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EvidenceError("证据内容与校验和不符，可能被改动。", "不要打开；请管理员运行 verify 查证。")
    if examine(content, len(content)) != row.media_type:
        raise EvidenceError("证据内容与登记的类型不符。", "不要打开；请管理员运行 verify 查证。")
    return content


def shown_name(name: str) -> str:
    """Return a file's name as a text in one line: its last part, without control characters, shortened."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip()
    return seen[:LONGEST_NAME] or "未命名"
