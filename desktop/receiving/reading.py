"""What the frames of one connection come to: values to store, with the answers that are due then.

Who is not registered, or does not know the password, is told nothing and is listed; so is a device whose
clock is wrong beyond use. A frame that cannot be believed is never answered: the device sends it again.
"""

import hmac
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta, tzinfo

from data_access.stations import CHECK, MODBUS, PASSWORD, RETIRED, TIME, UNKNOWN, Refusal, Seen
from domain.hj212 import (
    CrcKind,
    Factors,
    Frame,
    FrameError,
    Joined,
    Joiner,
    MalformedSegmentError,
    Message,
    Oddity,
    Unframer,
    answer,
    brings_values,
    read_message,
    read_upload,
)
from domain.stations import Sample, Station

AHEAD = timedelta(minutes=10)
"""How far ahead of ours a device's clock may be: what it says of a moment that is yet to come would stand, as
the first, where the true value belongs."""
LONGEST_NAME = 40
"""Characters kept of a stranger's name: the standard's has 24."""
MOST_GARBLED = 2
"""Frames with a wrong check, in a row, of a device that was heard: they are the line's fault, not its own."""
MOST_TOLD = 1000
"""Kinds of unregistered factors and oddities told in the log, each once."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message to store: its values, that its station spoke, and what to answer once it is stored."""

    samples: tuple[Sample, ...]
    seen: Seen
    answers: tuple[bytes, ...]


@dataclass(slots=True)
class Counts:
    """What came since the start, in frames but for `connections` and `dropped` (connections), `given_up`
    (messages of which not all parts came), `restarts` (of devices), `strangers` (values of factors that
    nobody registered) and `skipped` (bytes)."""

    connections: int = 0
    dropped: int = 0
    good: int = 0
    bad: int = 0
    refused: int = 0
    odd: int = 0
    given_up: int = 0
    restarts: int = 0
    strangers: int = 0
    skipped: int = 0
    answered: int = 0
    stored: int = 0

    def since(self, before: "Counts") -> str:
        """Return what has come since an earlier count, in words for the log."""
        grown = {item.name: getattr(self, item.name) - getattr(before, item.name) for item in fields(self)}
        return ", ".join(f"{name} {number}" for name, number in grown.items() if number)


@dataclass(slots=True)
class Desk:
    """What all connections share: who is registered, what is counted, who was refused since the last look.

    `registry` is replaced as a whole; `back` is how old a value may be when it comes. In `zone`, the city's,
    a station's last day ends.
    """

    factors: Factors
    back: timedelta
    registry: Mapping[str, Station] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    refusals: dict[tuple[str, str], Refusal] = field(default_factory=dict)
    zone: tzinfo = UTC
    _told: set[tuple[str, str]] = field(default_factory=set)
    _garbled: dict[str, int] = field(default_factory=dict)
    """Frames with a wrong check since the last good one, of the registered devices that were heard."""

    def refuse(self, mn: str, reason: str, now: datetime, address: str) -> None:
        """List a refused device, or once more, and count the frame."""
        self.counts.refused += 1
        self._list(mn, reason, now, address)

    def heard(self, mn: str) -> None:
        """Know that a registered device can make a right check."""
        self._garbled[mn] = 0

    def disbelieve(self, frame: Frame, now: datetime, address: str) -> None:
        """List who sent a frame with a wrong check, so far as that can be told; the frame counts as bad.

        The check of Modbus says that every byte came as it was sent. Any other wrong one may be the line's:
        only a registered name is believed of it, and of who was heard before it takes some in a row.
        """
        if frame.error is not FrameError.CRC:
            return
        try:
            mn = read_message(frame.segment).mn
        except MalformedSegmentError:
            mn = ""
        if frame.crc_kind in (CrcKind.MODBUS, CrcKind.MODBUS_BYTESWAPPED):
            self._list(mn, MODBUS, now, address)
        elif mn in self.registry:
            garbled = self._garbled.get(mn, MOST_GARBLED) + 1
            self._garbled[mn] = garbled
            if garbled > MOST_GARBLED:
                self._list(mn, CHECK, now, address)

    def _list(self, mn: str, reason: str, now: datetime, address: str) -> None:
        # It is said by whoever reached the port: nothing of it may trouble the store or a screen.
        key = (
            "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in mn[:LONGEST_NAME]),
            reason,
        )
        known = self.refusals.get(key)
        if known is None and len(self.refusals) >= MOST_TOLD:
            return
        frames, since = (1, now) if known is None else (known.frames + 1, known.since)
        self.refusals[key] = Refusal(key[0], reason, now, address, frames, since)

    def take_refusals(self) -> tuple[Refusal, ...]:
        """Return who was refused since the last call."""
        taken = tuple(self.refusals.values())
        self.refusals.clear()
        return taken

    def tell_once(self, station: Station, what: str) -> None:
        """Say in the log what is unusual about a device, once each."""
        if (station.key, what) not in self._told and len(self._told) < MOST_TOLD:
            self._told.add((station.key, what))
            _log.info("station %s (%s): %s", station.key, station.mn, what)


class Line:
    """The reading end of one connection. `bad_since` and `refused_since` count frames, and `waste` bytes,
    since the last message of a registered device: by them a connection that talks nonsense is told.
    """

    def __init__(self, desk: Desk, address: str) -> None:
        self._desk = desk
        self._address = address
        self._unframer = Unframer()
        self._joiner = Joiner()
        self._skipped = 0
        self.bad_since = 0
        self.refused_since = 0
        self.waste = 0
        self.known = False

    def feed(self, data: bytes, now: datetime) -> Iterator[Arrived]:
        """Take in what came, and yield what is to be stored, in order."""
        for frame in self._unframer.feed(data):
            yield from self._read(frame, now)
        skipped = self._unframer.skipped - self._skipped
        self._skipped = self._unframer.skipped
        self.waste += skipped
        self._desk.counts.skipped += skipped

    def finish(self) -> None:
        """Say that the connection is gone: what waited for its other parts is given up."""
        self._joiner.finish()
        self._tell_given_up()

    def _tell_given_up(self) -> None:
        for one in self._joiner.take_given_up():
            self._desk.counts.given_up += 1
            station = self._desk.registry.get(one.mn)
            _log.debug("%s: %d of %d parts of a %s came", one.mn, one.came, one.parts, one.cn[:LONGEST_NAME])
            if station is not None:
                what = (
                    "were not understood, and not answered"
                    if one.unread
                    else "were stored, others never came"
                )
                said = f"a {one.cn[:LONGEST_NAME]} in parts was given up: those that came {what}"
                self._desk.tell_once(station, said)

    def _read(self, frame: Frame, now: datetime) -> Iterator[Arrived]:
        if not frame.ok:
            self._count_bad(frame)
            self._desk.disbelieve(frame, now, self._address)
            return
        try:
            message = read_message(frame.segment)
        except MalformedSegmentError:
            self._count_bad(frame)
            return
        station = self._admit(message, now)
        if station is None:
            self.refused_since += 1
            return
        self._desk.counts.good += 1
        self.bad_since = self.refused_since = self.waste = 0
        self.known = True
        self._desk.heard(message.mn)
        joined = self._joiner.add(message, now)
        self._tell_given_up()
        if joined is not None:
            yield from self._take(joined, station, frame, now)

    def _admit(self, message: Message, now: datetime) -> Station | None:
        station = self._desk.registry.get(message.mn)
        if station is None:
            self._desk.refuse(message.mn, UNKNOWN, now, self._address)
        elif not station.serves(now.astimezone(self._desk.zone).date()):
            self._desk.refuse(message.mn, RETIRED, now, self._address)
            return None
        elif station.password and not hmac.compare_digest(message.pw.encode(), station.password.encode()):
            self._desk.refuse(message.mn, PASSWORD, now, self._address)
            return None
        return station

    def _take(self, joined: Joined, station: Station, frame: Frame, now: datetime) -> Iterator[Arrived]:
        desk = self._desk
        upload = read_upload(joined.message, station, desk.factors)
        earliest, latest = now - desk.back, now + AHEAD
        samples = tuple(s for s in upload.samples if earliest <= s.at <= latest)
        timeless = brings_values(joined.message) and Oddity.BAD_DATA_TIME in upload.oddities
        if not samples and (upload.samples or timeless):
            # Its clock is wrong or unsaid: what it says happened cannot be kept, so it is not answered.
            desk.refuse(joined.message.mn, TIME, now, self._address)
            return
        odd = {*frame.oddities, *joined.message.oddities, *upload.oddities}
        desk.counts.odd += bool(odd)
        for oddity in odd:
            desk.tell_once(station, f"not as the standard writes it: {oddity.value}")
        desk.counts.strangers += len(upload.strangers)
        for factor in upload.strangers:
            desk.tell_once(station, f"sends {factor[:LONGEST_NAME]}, which is not registered and not kept")
        if upload.restarted_at is not None:
            desk.counts.restarts += 1
            _log.debug("station %s was started at %s", station.key, upload.restarted_at.isoformat())
        edition = joined.message.edition
        yield Arrived(
            samples,
            Seen(
                station.number,
                now,
                max((s.at for s in samples), default=None),
                None if edition is None else int(edition),
                self._address,
            ),
            tuple(reply for source in joined.sources if (reply := answer(source)) is not None),
        )

    def _count_bad(self, frame: Frame) -> None:
        self._desk.counts.bad += 1
        self.bad_since += 1
        self.waste += len(frame.raw)
