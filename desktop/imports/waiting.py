"""Where known tickets with news wait until the whole file is read: in memory first, then on disk."""

import pickle
from collections.abc import Iterator, Sequence
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import NamedTuple

from data_access.bulk import Prepared
from desktop.imports.errors import FileError
from desktop.imports.tables import Row

LARGEST_IN_MEMORY = 64 << 20
"""Bytes; what goes beyond waits in a file without a name, which nobody else can open."""


class Waits(NamedTuple):
    """How a stored ticket goes on, and the row that says so."""

    prepared: Prepared
    row: Row


class Waiting:
    """Takes chunks and gives them back in the same order, without holding a large file in memory."""

    def __init__(self) -> None:
        self._stream = SpooledTemporaryFile(max_size=LARGEST_IN_MEMORY)  # noqa: SIM115 - closed by __exit__
        self._count = 0

    def __enter__(self) -> "Waiting":
        return self

    def put(self, chunk: Sequence[Waits]) -> None:
        """Keep a chunk.

        Raises:
            FileError: there is no room for it on the disk.
        """
        if not chunk:
            return
        try:
            pickle.dump(list(chunk), self._stream, pickle.HIGHEST_PROTOCOL)
        except OSError as error:
            raise FileError(f"写不了临时文件：{error.strerror}") from error
        self._count += 1

    def chunks(self) -> Iterator[list[Waits]]:
        """Return the chunks again. Nothing can be put after this."""
        self._stream.seek(0)
        for _ in range(self._count):
            yield pickle.load(self._stream)  # noqa: S301 - what this very object wrote

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
