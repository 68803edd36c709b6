"""Evidence: kept by checksum, of a type told by its content, within bounds, by who may, and never changed."""

import hashlib
import struct
import zlib
from contextlib import suppress

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data_access import evidence
from data_access.evidence import EvidenceError
from data_access.picture_size import picture_size
from data_access.rules import load_rules
from data_access.store import Store
from data_access.verify import verify
from domain.evidence import MediaType
from domain.people import Role
from domain.rights import Reason, RefusedError
from tests.data_access.gate.conftest import SignIn


def png(width: int = 3, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (width + 1) * min(height, 10))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int = 640, height: int = 480) -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0" + frame + b"\xff\xd9"


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
MP4 = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2" + b"\0" * 40
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40

KINDS = {
    MediaType.PNG: png(),
    MediaType.JPEG: jpeg(),
    MediaType.PDF: PDF,
    MediaType.MP4: MP4,
    MediaType.HEIC: HEIC,
}


@pytest.mark.parametrize("kind", MediaType)
def test_what_a_file_is_is_told_by_its_content(kind: MediaType) -> None:
    assert evidence.examine(KINDS[kind]) is kind


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "空"),
        (b"MZ\x90\0" + b"\0" * 100, "类型"),
        (b"\x7fELF" + b"\0" * 100, "类型"),
        (b"PK\x03\x04" + b"\0" * 100, "类型"),
        (b"<html><script>1</script>", "类型"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "类型"),
        (b"GIF89a" + b"\0" * 100, "类型"),
        ("照片.jpg".encode(), "类型"),
        (png(100_000, 100_000), "像素"),
        (jpeg(60_000, 60_000), "像素"),
        (png()[:14], "损坏"),
        (b"\xff\xd8\xff" + b"\0" * 50, "损坏"),
    ],
)
def test_what_is_not_taken(content: bytes, says: str) -> None:
    with pytest.raises(EvidenceError, match=says) as refused:
        evidence.examine(content)
    assert refused.value.way_out


def test_a_file_is_not_larger_than_allowed() -> None:
    assert evidence.examine(PDF, len(PDF)) is MediaType.PDF
    with pytest.raises(EvidenceError, match="超过"):
        evidence.examine(PDF + b"\0" * (1 << 20), 1 << 20)


def test_sizes_of_pictures() -> None:
    assert picture_size(png(7, 5)) == (7, 5)
    assert picture_size(jpeg(640, 480)) == (640, 480)
    assert picture_size(PDF) is None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([b"", png()[:20], jpeg()[:22], MP4[:12], PDF[:8]]))
def test_any_bytes_are_taken_or_refused(tail: bytes, head: bytes) -> None:
    with suppress(EvidenceError):
        assert evidence.examine(head + tail) in MediaType


def test_a_file_is_kept_once_and_comes_back(city: Store) -> None:
    content = png()
    checksum = city.write(lambda c: evidence.keep(c, "T-1", "../../现场\u202e.png", content))
    assert checksum == hashlib.sha256(content).hexdigest()
    assert city.write(lambda c: evidence.keep(c, "T-1", "again.png", content)) == checksum
    (kept,) = city.read(lambda c: evidence.files_of(c, "T-1")).values()
    assert (kept.name, kept.media_type, kept.size) == ("现场.png", MediaType.PNG, len(content))
    assert city.read(lambda c: evidence.content_of(c, "T-1", checksum)) == content
    assert city.read(lambda c: evidence.content_of(c, "T-2", checksum)) is None


@pytest.mark.parametrize(
    "name", ["a/b/c.jpg", "C:\\Users\\x\\c.jpg", "..\\c.jpg", "\x00c.jpg", "c.jpg\u202e"]
)
def test_a_name_is_no_path(name: str) -> None:
    assert evidence.shown_name(name) == "c.jpg"


def test_who_may_keep_and_see(city: Store, sign_in: SignIn, bodies: tuple[str, str]) -> None:
    one, two = (sign_in(Role.HANDLER, body) for body in bodies)
    checksum = one.write(lambda c: evidence.keep(c, "T-1", "a.png", png()))
    assert one.read(lambda c: evidence.content_of(c, "T-1", checksum)) == png()
    for ticket, reason in (("T-2", Reason.OTHER_BODY), ("T-9", Reason.UNKNOWN_TICKET)):
        with pytest.raises(RefusedError) as refused:
            one.write(lambda c, ticket=ticket: evidence.keep(c, ticket, "a.png", png()))
        assert refused.value.reason is reason
    assert two.read(lambda c: evidence.files_of(c, "T-1")) == {}
    assert two.read(lambda c: evidence.content_of(c, "T-1", checksum)) is None
    for role in (Role.DUTY, Role.DISCIPLINE, Role.LEADER, Role.ADMIN):
        seat = sign_in(role)
        assert seat.read(lambda c: evidence.content_of(c, "T-1", checksum)) == png()
        if role is Role.DUTY:
            # With the records of a case, which the office keeps, too.
            assert seat.write(lambda c: evidence.keep(c, "T-2", "b.pdf", PDF))
            continue
        with pytest.raises(RefusedError):
            seat.write(lambda c: evidence.keep(c, "T-1", "b.pdf", PDF))
    assert sign_in(Role.WALL).read(lambda c: evidence.files_of(c, "T-1")) == {}
    assert len(city.read(lambda c: evidence.files_of(c, "T-1"))) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO evidence (ticket, sha256, media_type, name, size, content)"
        " VALUES ('T-1', repeat('a', 64), 'image/png', 'x', 1, 'x')",
        "UPDATE evidence SET name = 'x'",
        "DELETE FROM evidence",
        "TRUNCATE evidence",
        "SELECT keep_evidence('T-1', 'x', 'image/png', 'MZ')",
        "SELECT keep_evidence('T-1', 'x', 'text/html', '<html>')",
        "SELECT keep_evidence('T-1', repeat('x', 201), 'application/pdf', '%PDF-1')",
        "SELECT keep_evidence('T-1', 'x', 'application/pdf', '')",
    ],
)
def test_what_the_database_refuses_a_handler(
    city: Store, sign_in: SignIn, bodies: tuple[str, str], statement: str
) -> None:
    city.write(lambda c: evidence.keep(c, "T-1", "a.png", png()))
    seat = sign_in(Role.HANDLER, bodies[0])
    with pytest.raises(DBAPIError) as refused:
        seat.write(lambda c: c.execute(text(statement)))
    assert isinstance(
        refused.value.orig, (psycopg.errors.InsufficientPrivilege, psycopg.errors.CheckViolation)
    )
    assert len(city.read(lambda c: evidence.files_of(c, "T-1"))) == 1


@pytest.mark.parametrize(
    "statement", ["UPDATE evidence SET name = 'x'", "DELETE FROM evidence", "TRUNCATE evidence"]
)
def test_not_even_the_owner_changes_one(city: Store, statement: str) -> None:
    city.write(lambda c: evidence.keep(c, "T-1", "a.png", png()))
    with pytest.raises(DBAPIError, match="append-only"):
        city.write(lambda c: c.execute(text(statement)))


def test_a_file_that_was_changed_with_triggers_off_is_not_opened_and_found(city: Store) -> None:
    checksum = city.write(lambda c: evidence.keep(c, "T-1", "a.png", png()))
    for statement in (
        "ALTER TABLE evidence DISABLE TRIGGER ALL",
        "ALTER TABLE evidence DROP CONSTRAINT evidence_is_what_its_sum_says",
        "ALTER TABLE evidence DROP CONSTRAINT evidence_has_its_size",
        "UPDATE evidence SET content = content || '\\x00'",
    ):
        city.write(lambda c, statement=statement: c.execute(text(statement)))
    with pytest.raises(EvidenceError, match="校验和不符"):
        city.read(lambda c: evidence.content_of(c, "T-1", checksum))
    flaw = city.scratch(lambda c: verify(c, load_rules(c))).flaw
    assert flaw is not None
    assert flaw.stream == f"evidence/T-1/{checksum}"
