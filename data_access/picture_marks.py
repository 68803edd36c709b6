"""How a picture looks, in 256 bits (ImageHash's difference hash): what was compressed again, scaled or cut a
little differs in a few of them, another picture in about half.

Two marks that differ in at most 15 bits have at least one of their 16 parts in common: the like of a picture
is found by an index of the parts, whatever the store holds (decisions/0017).
"""

import logging
import warnings
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from sqlalchemy import ARRAY, Connection, Integer, Text, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from data_access import schema
from domain.evidence import MediaType

SIDE = 16
"""Bits in a row, and rows."""
DRAFT = (256, 256)
"""A JPEG is opened at an eighth of its size where that is more than this: hundredfold faster."""
LARGEST_UNPACKED = 40_000_000
"""Pixels of a picture that can only be opened whole."""
FEWEST_BITS = 24
"""With fewer bits set, or unset, a picture has no features of its own: a blank wall is like any other."""
MOST_ALIKE = 400
"""Candidates looked at for one picture, at the most."""

_log = logging.getLogger(__name__)


def mark_of(content: bytes, media_type: MediaType) -> bytes | None:
    """Return how a picture looks, 32 bytes; None for what is no picture, too large, or without features."""
    if media_type not in (MediaType.JPEG, MediaType.PNG):
        return None
    # Loaded with the first picture: most programs never look at one, and start sooner without.
    import imagehash
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content)) as picture:
                if media_type is MediaType.JPEG:
                    picture.draft("L", DRAFT)
                if picture.width * picture.height > LARGEST_UNPACKED:
                    return None
                upright = ImageOps.exif_transpose(picture)
                bits = imagehash.dhash(upright, hash_size=SIDE).hash
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        _log.info("a picture cannot be opened: %s", error)
        return None
    count = int(np.count_nonzero(bits))
    if not FEWEST_BITS <= count <= bits.size - FEWEST_BITS:
        return None
    return np.packbits(bits).tobytes()


def differing_bits(one: bytes, other: bytes) -> int:
    """Return in how many bits two marks differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def parts_of(mark: bytes) -> list[int]:
    """Return the parts to find a mark by: each row's bits with its place, but for rows without features."""
    rows = [int.from_bytes(mark[2 * place : 2 * place + 2]) for place in range(SIDE)]
    return [(place << SIDE) | row for place, row in enumerate(rows) if row not in (0, 0xFFFF)]


def keep_marks(connection: Connection, sums: Sequence[str], most: int) -> int:
    """Look at those pictures that nobody has looked at yet, `most` at a time; return how many there were."""
    file, mark = schema.evidence.c, schema.picture_mark.c
    known = select(mark.sha256).where(mark.sha256 == file.sha256).exists()
    rows = connection.execute(
        select(file.sha256, func.min(file.ticket).label("ticket"))
        .where(file.sha256 == func.any(literal(list(sums), ARRAY(Text))), ~known)
        .group_by(file.sha256)
        .limit(most)
    ).all()
    for row in rows:
        kept = connection.execute(
            select(file.content, file.media_type).where(file.ticket == row.ticket, file.sha256 == row.sha256)
        ).one()
        found = mark_of(bytes(kept.content), MediaType(kept.media_type))
        values = {"sha256": row.sha256, "mark": found, "parts": [] if found is None else parts_of(found)}
        connection.execute(insert(schema.picture_mark).values(values).on_conflict_do_nothing())
    return len(rows)


def pictures_like(connection: Connection, sha256: str, most_bits: int) -> dict[str, int]:
    """Return the sums of pictures that look like one, with in how many bits they differ."""
    table = schema.picture_mark.c
    mark = connection.execute(select(table.mark).where(table.sha256 == sha256)).scalar()
    if mark is None:
        return {}
    parts = literal(parts_of(mark), ARRAY(Integer))
    rows = connection.execute(
        select(table.sha256, table.mark)
        .where(table.parts.op("&&")(parts), table.sha256 != sha256)
        .limit(MOST_ALIKE)
    )
    found = {row.sha256: differing_bits(mark, row.mark) for row in rows}
    return {other: bits for other, bits in found.items() if bits <= most_bits}
