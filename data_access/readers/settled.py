"""A list that was settled at one moment: the keys of all its rows in their order, packed into one block.

A page of it is read by its keys, wherever it lies: no OFFSET, no row twice, none missed, whatever is written
meanwhile. A million keys take some 20 MB and come in one answer, so that no row costs Python anything.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from sqlalchemy import ColumnElement, Text, func, literal_column
from sqlalchemy.dialects.postgresql import aggregate_order_by

SEPARATOR = "\x1f"
_MARK = SEPARATOR.encode()
SORT_MEMORY = "64MB"
"""A settled list is sorted in memory: for the length of its transaction only."""
NEAR = 2000
"""A row that others pushed aside is looked for within so many rows first."""


class Settled:
    """Keys by row. Rows are counted from 0."""

    def __init__(self, parts: Iterable[str | None]) -> None:
        """Take in the keys, part after part, each joined by `SEPARATOR`; an empty part is None."""
        text = SEPARATOR.join(part for part in parts if part)
        self._block = f"{SEPARATOR}{text}{SEPARATOR}".encode() if text else _MARK
        marks = np.frombuffer(self._block, np.uint8) == _MARK[0]
        self._marks = np.flatnonzero(marks).astype(np.int64 if len(self._block) >= 2**31 else np.int32)

    def __len__(self) -> int:
        return len(self._marks) - 1

    def keys(self, first: int, last: int) -> list[str]:
        """Return the keys of the rows from first up to, not including, last; fewer where the list ends."""
        first, last = max(first, 0), min(last, len(self))
        if first >= last:
            return []
        block = self._block[int(self._marks[first]) + 1 : int(self._marks[last])]
        return block.decode().split(SEPARATOR)

    def rows_near(self, keys: Iterable[str], row: int) -> dict[str, int]:
        """Return the rows of those keys that stand within `NEAR` rows of a row."""
        first = max(0, row - NEAR)
        here = {key: first + place for place, key in enumerate(self.keys(first, row + NEAR))}
        return {key: here[key] for key in keys if key in here}

    def row_of(self, key: str) -> int | None:
        """Return the row of a key, wherever it stands; None when it is not in the list."""
        place = self._block.find(_MARK + key.encode() + _MARK)
        return None if place < 0 else int(np.searchsorted(self._marks, place))


def in_order(key: ColumnElement[str], by: Sequence[ColumnElement[object]]) -> ColumnElement[str]:
    """Return the aggregate that joins the keys of all rows in an order, for one part of a `Settled`."""
    separator = literal_column("E'\\x1f'", Text)
    return func.string_agg(key, aggregate_order_by(separator, *by))
