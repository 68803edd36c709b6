"""What may be kept as evidence, and what is known of a file that is kept."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.coordinates import Point

LARGEST = 50 << 20
"""Bytes of one file, unless the settings say otherwise; the database takes no more than 100 MiB."""
MOST_PIXELS = 100_000_000
"""Of a picture: a small file may unpack to gigabytes."""


class MediaType(StrEnum):
    """The kinds of files that are taken, told by their content."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    HEIC = "image/heic"
    PDF = "application/pdf"
    MP4 = "video/mp4"

    @property
    def is_picture(self) -> bool:
        """Whether the screen can show it as a picture."""
        return self in (MediaType.JPEG, MediaType.PNG, MediaType.HEIC)


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that is kept. `name` is what its sender called it: for the eye only, never a path."""

    sha256: str
    media_type: MediaType
    name: str
    size: int
    kept_at: datetime
    kept_by: str


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What a photo says of itself: a proposal, for it can be wrong or forged (Y06, Y28).

    `taken_at` is aware; `zone_known` False where the photo does not say of which zone its time is. `point` is
    read as WGS-84, `datum` is what the photo says of that. `problem` tells in words why nothing is known.
    """

    path: str
    name: str
    taken_at: datetime | None = None
    zone_known: bool = True
    point: Point | None = None
    datum: str = ""
    problem: str = ""
