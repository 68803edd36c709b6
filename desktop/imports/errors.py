"""The two ways in which a file can fail: as a whole, or in one row."""

from desktop.errors import WorldError


class FileError(WorldError):
    """The file or its mapping cannot be read; nothing of it goes in."""


class MappingError(FileError):
    """What the mapping says does not fit the store: no file goes in by it, whatever is in the file."""


class RowError(ValueError):
    """One row cannot be read; the others still go in. `column` is the source's name for it, or ""."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"「{column}」{reason}" if column else reason)
        self.column = column
        self.reason = reason
