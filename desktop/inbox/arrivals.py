"""What lies in a source's folder, and which of it is whole: a file that is still being written is left alone.

The folder is looked at every few seconds. The system's own events for files would be quicker, but network
shares, over which other platforms hand over, give none of what another machine does.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAPPING = "mapping.toml"
HEARTBEAT = "heartbeat"
IN_WORK, DONE, FAILED = "导入中", "已导入", "未导入"
"""Folders beside the files, named for the people who put them there."""

EMPTY_SECONDS = 60.0
"""How long an empty file is waited for: some programs make a file first and write it later."""

_OURS = {MAPPING, HEARTBEAT}
_NOT_FILES_OF_ROWS = {"thumbs.db", "desktop.ini"}
_UNFINISHED = (".part", ".filepart", ".tmp", ".crdownload")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that is whole. `changed` and `came` are nanoseconds since the epoch, by the folder's machine:
    when it was written, and when it came to lie there (a copy keeps the time of what it was copied from).
    """

    path: Path
    size: int
    changed: int
    came: int

    @property
    def in_work(self) -> bool:
        """Whether it was begun already."""
        return self.path.parent.name == IN_WORK


@dataclass(frozen=True, slots=True)
class _Seen:
    size: int
    changed: int
    since: float


class Arrivals:
    """Looks at one folder again and again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[Path, _Seen] = {}

    def look(self, at: float) -> list[Arrival]:
        """Return the files that are as they were at an earlier look, those begun first, then by age.

        `at` is a moment of a clock that nobody sets, in seconds.

        Raises:
            OSError: the folder cannot be looked at.
        """
        before, self._seen = self._seen, {}
        ready: list[Arrival] = []
        for path in (*_files(self._folder / IN_WORK, must_be=False), *_files(self._folder)):
            try:
                # By its path: what a folder's list says of a file that is open elsewhere may be old.
                found = path.stat()
            except FileNotFoundError:
                continue
            was = before.get(path)
            same = was is not None and (was.size, was.changed) == (found.st_size, found.st_mtime_ns)
            seen = was if same and was is not None else _Seen(found.st_size, found.st_mtime_ns, at)
            self._seen[path] = seen
            if seen.since < at and (seen.size or at - seen.since >= EMPTY_SECONDS):
                in_work = path.parent.name == IN_WORK
                # Our own move set the other time of a file that was begun.
                came = found.st_mtime_ns if in_work else max(found.st_mtime_ns, found.st_ctime_ns)
                ready.append(Arrival(path, seen.size, seen.changed, came))
        return sorted(ready, key=_order)


def size_and_time(path: Path) -> tuple[int, int]:
    """Return what changes when somebody goes on writing: size, and time in nanoseconds."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def is_for_import(name: str) -> bool:
    """Whether a file of this name is a source's, and not ours, the system's, or one that is not finished."""
    lower = name.lower()
    return not (
        name.startswith((".", "~$"))
        or lower.endswith(_UNFINISHED)
        or lower in _OURS
        or lower in _NOT_FILES_OF_ROWS
    )


def _files(folder: Path, *, must_be: bool = True) -> Iterator[Path]:
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        if must_be:
            raise
        return
    with entries:
        for entry in entries:
            # Not through links: a source must not have us read what lies elsewhere on this machine.
            if is_for_import(entry.name) and stat.S_ISREG(_mode(entry)):
                yield folder / entry.name


def _mode(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_mode
    except FileNotFoundError:
        return 0


def _order(arrival: Arrival) -> tuple[bool, int, str]:
    return not arrival.in_work, arrival.changed, arrival.path.name
