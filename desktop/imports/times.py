"""Times as sources write them, made into aware UTC moments, fast: a file has one in nearly every cell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from openpyxl.utils.datetime import from_excel

from desktop.imports.errors import RowError

EARLIEST = 1970
LATEST = 2200
"""Years that a time may lie in; policies begin in 1970."""

_WRITTEN = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[ T]*(\d{1,2})[:时点](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?秒?|分)?)?",
)
_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d))?")
_AWARE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)")
_SERIAL = re.compile(r"\d{1,7}(\.\d+)?")

_DAY = timedelta(days=1)


class TimeReader:
    """Reads the times of one source: local to `zone` unless they carry an offset of their own.

    Of a local time that comes twice (the end of summer time) the first one is meant; one that never was
    (its start) means the moment of the change. So the order of a city's own times is kept.
    """

    def __init__(self, zone: ZoneInfo, formats: Sequence[str] = (), epoch: datetime | None = None) -> None:
        self._zone = zone
        self._formats = tuple(formats)
        self._epoch = epoch
        self._offsets: dict[int, timedelta | None] = {}

    def read(self, text: str) -> datetime:
        """Return the moment that a text names.

        Raises:
            ValueError: the text is no time, or no day of any calendar; the message is for the screen.
        """
        try:
            moment = self._parse(text)
        except (ValueError, OverflowError) as error:
            raise ValueError(f"不是有效的日期时间：{text[:40]!r}") from error
        if not EARLIEST <= moment.year <= LATEST:
            raise ValueError(f"年份 {moment.year} 不在 {EARLIEST}–{LATEST} 之间")
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        return self.to_utc(moment)

    def to_utc(self, local: datetime) -> datetime:
        """Return the UTC moment of a naive local time."""
        day = local.toordinal()
        try:
            offset = self._offsets[day]
        except KeyError:
            offset = self._offsets[day] = self._offset_of_day(local)
        if offset is not None:
            return (local - offset).replace(tzinfo=UTC)
        return self._on_a_day_of_change(local)

    def second_reading(self, moment: datetime) -> datetime:
        """Return the other moment with the same local time, or the same one if it comes only once."""
        return moment.astimezone(self._zone).replace(fold=1).astimezone(UTC)

    def _parse(self, text: str) -> datetime:
        if len(text) == 19 and text[4] == "-" and text[10] in " T" and not self._formats:
            return datetime.fromisoformat(text)
        for form in self._formats:
            try:
                return datetime.strptime(text, form)  # noqa: DTZ007 - made aware by the caller
            except ValueError:
                continue
        if found := _WRITTEN.fullmatch(text) or _DIGITS.fullmatch(text):
            year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
            return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - as above
        if _AWARE.fullmatch(text):
            return datetime.fromisoformat(text)
        if self._epoch is not None and _SERIAL.fullmatch(text):
            moment = from_excel(float(text), self._epoch)
            if isinstance(moment, datetime):
                return (moment + timedelta(milliseconds=1)).replace(microsecond=0)
        raise ValueError(text)

    def _offset_of_day(self, local: datetime) -> timedelta | None:
        """Return the offset that holds all day long, or None on a day on which it changes."""
        start = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=self._zone)
        offsets = {start.utcoffset(), (start - _DAY / 24).utcoffset(), (start + _DAY).utcoffset()}
        return offsets.pop() if len(offsets) == 1 else None

    def _on_a_day_of_change(self, local: datetime) -> datetime:
        first = local.replace(tzinfo=self._zone).astimezone(UTC)
        back = first.astimezone(self._zone).replace(tzinfo=None)
        if back == local.replace(fold=0):
            return first
        # In the gap: `first` counts on with the offset before the change, so it lies past the change by
        # as much as the local time lies past the start of the gap.
        second = local.replace(tzinfo=self._zone, fold=1).astimezone(UTC)
        low, high = second, first
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) / 2
            if middle.astimezone(self._zone).utcoffset() == first.astimezone(self._zone).utcoffset():
                high = middle
            else:
                low = middle
        return high.replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """One column of times. What it tells must not lie after `latest`, unless that is None (a due time)."""

    position: int
    name: str
    times: TimeReader
    latest: datetime | None

    def read(self, cells: Sequence[str]) -> datetime | None:
        """Return the moment in a row's cell, None where it is empty.

        Raises:
            RowError: the cell holds no time, or one that has not come yet.
        """
        text = cells[self.position]
        if not text:
            return None
        try:
            moment = self.times.read(text)
        except ValueError as error:
            raise RowError(self.name, str(error)) from error
        self.check(moment, text)
        return moment

    def check(self, moment: datetime, text: str) -> None:
        """Raise RowError when a moment, written as `text`, lies in the future."""
        if self.latest is not None and moment > self.latest:
            raise RowError(self.name, f"（{text[:40]}）晚于现在")
