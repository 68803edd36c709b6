"""What one emulated device has to send at a moment, and what it still owes: without a clock and a network."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from desktop.demo.incidents import Mishap
from desktop.demo.measured import LENGTH, last_beat, last_period, samples
from desktop.demo.signals import Signals
from domain.hj212 import write_upload
from domain.stations import Span, Station

BACK = {Span.DAY: timedelta(days=2), Span.HOUR: timedelta(hours=24), Span.MINUTE: timedelta(hours=2)}
"""How far back a device sends what it could not send in time."""
FLAGS = {0: 1, 1: 9}
"""By the rest of a device's number by `FIELD`: 1 is of the edition of 2005, 9 of 2025; all others say 5, of
2017: what is in the field is a mixture. All of them want an answer."""
FIELD = 17


@dataclass(frozen=True, slots=True)
class Letter:
    """An upload of a period or a moment, as one frame or several sub-packets; `frames` counts these."""

    span: Span
    at: datetime
    data: bytes
    frames: int


class Device:
    """An emulated station. `last` has the begin of the newest period that the platform has, by span."""

    def __init__(self, station: Station, signals: Signals, last: Mapping[Span, datetime]) -> None:
        self.station = station
        self._signals = signals
        self._last = dict(last)
        self._flag = FLAGS.get(station.number % FIELD, 5)
        self._sent = 0

    def is_silent(self, now: datetime) -> bool:
        """Whether the device has lost its line, or its power."""
        return any(i.mishap is Mishap.SILENT for i in self._signals.incidents.at(self.station, now))

    def owed(self, now: datetime) -> Iterator[Letter]:
        """Yield what is to be sent now, the oldest first; what was not answered comes again the next time."""
        if self.is_silent(now):
            return
        for span, back in BACK.items():
            newest, length = last_period(span, now), timedelta(seconds=LENGTH[span])
            last = self._last.get(span)
            at = newest if last is None else max(last + length, newest - back)
            while at <= newest:
                yield from self._letter(span, at, now)
                at += length
        at = last_beat(self.station, now)
        if self._last.get(Span.REAL_TIME, at - timedelta(seconds=1)) < at:
            yield from self._letter(Span.REAL_TIME, at, now)

    def answered(self, letter: Letter) -> None:
        """Note that the platform has it."""
        last = self._last.get(letter.span)
        self._last[letter.span] = letter.at if last is None else max(last, letter.at)

    def next_at(self, now: datetime) -> datetime:
        """Return when the device speaks next."""
        return last_beat(self.station, now) + timedelta(seconds=self.station.every_seconds)

    def _letter(self, span: Span, at: datetime, now: datetime) -> Iterator[Letter]:
        found = list(samples(self.station, self._signals, span, at))
        if not found:
            self._last[span] = at  # it measured nothing then, and never will have
            return
        station = self.station
        # What is sent in one go has numbers of its own: a QN is a time to the millisecond.
        self._sent = (self._sent + 1) % 100
        data = write_upload(
            station.kind,
            station.mn,
            station.password,
            span,
            at,
            found,
            sent_at=now.replace(microsecond=0) + timedelta(milliseconds=10 * self._sent),
            flag=self._flag,
        )
        yield Letter(span, at, data, data.count(b"\r\n"))
