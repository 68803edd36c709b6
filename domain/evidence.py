"""What may be kept as evidence, and what is known of a file that is kept."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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
