"""Moves files from folder to folder of a source so that none is ever lost or overwritten."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

LONGEST_BYTES = 200
"""Of a name in UTF-8: file systems allow 255, and endings such as `.rejects.csv` come behind it."""


def stamped_name(name: str, stamp: str) -> str:
    """Return the name to keep a file under: a time before its own, in characters that can be written."""
    clean = os.fsencode(name).decode("utf-8", "replace")
    stem, suffix = os.path.splitext(clean)
    room = LONGEST_BYTES - len(stamp.encode()) - len(suffix.encode()) - 1
    return f"{stamp}-{stem.encode()[: max(room, 0)].decode('utf-8', 'ignore')}{suffix[: LONGEST_BYTES // 4]}"


def move(path: Path, folder: Path, name: str) -> Path:
    """Move a file into a folder, which is made if need be, and return where it is now.

    Where the name is taken, the next number stands before its ending.

    Raises:
        OSError: it could not be moved and is where it was.
    """
    target = reserve(folder, name)
    try:
        # Over our own empty file: nobody else's can be there, and the step is one for the file system.
        path.replace(target)
    except OSError:
        give_up(target)
        raise
    return target


def reserve(folder: Path, name: str) -> Path:
    """Return a path in a folder that is ours from now on: an empty file that nobody had."""
    folder.mkdir(exist_ok=True)
    for wanted in _numbered(name):
        try:
            (folder / wanted).open("xb").close()
        except FileExistsError:
            continue
        return folder / wanted
    raise AssertionError("numbers do not end")


def give_up(target: Path) -> None:
    """Take a reserved path back, unless a file has come there: a share may do a move and report a failure."""
    try:
        if target.stat().st_size == 0:
            target.unlink()
    except OSError:
        return


def _numbered(name: str) -> Iterator[str]:
    yield name
    stem, suffix = os.path.splitext(name)
    for number in count(2):
        yield f"{stem}-{number}{suffix}"
