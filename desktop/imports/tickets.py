"""One row of a source made into one ticket with its events, each at its own time.

A mapping is compiled once into column positions; a row then costs a few dozen microseconds.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from math import nan
from operator import attrgetter
from typing import Any

from data_access.readers.keys import Keys
from desktop.imports.codes import TRUTHS, YES, Coder, check_length
from desktop.imports.errors import RowError
from desktop.imports.mapping import Mapping
from desktop.imports.steps import Steps
from desktop.imports.tables import Row, Table
from desktop.imports.times import TimeColumn, TimeReader
from desktop.imports.workbook import Rounded
from domain.chain import UNIT_SEPARATOR
from domain.coordinates import gcj02_to_wgs84
from domain.events import KINDS, Event, Received
from domain.intake import Complainant, NewTicket
from domain.urgency import ALIASES, Urgency

CLOCK_SKEW = timedelta(minutes=10)
"""How far a source's clock may be ahead of ours before its times count as impossible."""

LONGEST_NUMBER = 100

_TITLE_LENGTH = 30
# What a spreadsheet shows for a long number, and writes so into a CSV: 3.20300E+17.
_ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+\d+")
_by_time = attrgetter("at")


class TicketReader:
    """Makes tickets of the rows of one open table.

    A row is refused that was received after `now` or before `earliest`, the first day of its policy.
    `bodies.met` and `categories.met` hold what the rows so far have named; `notes` counts, by sentence,
    what was left out of rows that went in.
    """

    def __init__(
        self, mapping: Mapping, table: Table, now: datetime, earliest: datetime, known: Keys
    ) -> None:
        names, tables, default = mapping.columns, mapping.tables, mapping.defaults
        self._source = mapping.source
        self._columns = table.columns
        self._empty = frozenset(mapping.source.empty)
        times = TimeReader(mapping.source.zone, mapping.source.times, table.epoch)
        latest = now + CLOCK_SKEW
        self._earliest = earliest
        self._received = TimeColumn(self._at(names.received), names.received, times, latest)
        self._id = None if names.id == "content" else self._at(names.id)
        self._title, self._text, self._address = map(self._all_at, (names.title, names.text, names.address))
        self._lng, self._lat = self._at_or_none(names.lng), self._at_or_none(names.lat)
        self._name, self._phone = self._at_or_none(names.complainant), self._at_or_none(names.phone)
        self.bodies = Coder(names.body or "body", tables.body, known.bodies)
        self.categories = Coder(names.category or "category", tables.category, known.categories)
        areas = Coder(names.area or "area", tables.area, known.areas)
        channels = Coder(names.channel or "channel", tables.channel, known.channels)
        urgencies = Coder(names.urgency or "urgency", tables.urgency, _URGENCIES)
        secrecy = Coder(names.secrecy or "secrecy", tables.secrecy, TRUTHS)
        self.notes: Counter[str] = Counter()
        self._body = _Coded(self._at_or_none(names.body), self.bodies, default.body, self.notes)
        self._category = _Coded(
            self._at_or_none(names.category), self.categories, default.category, self.notes
        )
        self._area = _Coded(self._at_or_none(names.area), areas, default.area, self.notes)
        self._channel = _Coded(self._at_or_none(names.channel), channels, default.channel, self.notes)
        self._urgency = _Coded(self._at_or_none(names.urgency), urgencies, default.urgency, self.notes)
        self._secrecy = _Coded(self._at_or_none(names.secrecy), secrecy, None, self.notes)
        self._township = self._at_or_none(names.township)
        self._defaults = default
        self._first_lines: dict[str, int] = {}
        self._occurrences: Counter[bytes] = Counter()
        self._steps = Steps(mapping, table.columns, times, latest, self.notes)

    def read(self, row: Row) -> NewTicket:
        """Return the ticket of a row.

        Raises:
            RowError: the row cannot be read, contradicts itself, or its id was already in this file.
        """
        if row.problem is not None:
            raise RowError("", row.problem)
        cells = row.cells
        if self._empty:
            cells = ["" if cell in self._empty else cell for cell in cells]
        number = self._number(cells)
        received = self._received.read(cells)
        if received is None:
            raise RowError(self._received.name, "是空的，应为受理时间")
        if received < self._earliest:
            raise RowError(self._received.name, f"（{cells[self._received.position]}）早于所用规则的生效日")
        fact = self._fact(cells)
        body = self._body.read(cells)
        events = [Event(received, self._steps.receiver, fact)]
        self._steps.add(events, cells, received, body)
        # Stable: at the same moment the receipt comes first, then the steps in the mapping's order.
        events.sort(key=_by_time)
        person = self._complainant(cells)
        # A number is taken only by a row that could be read: its corrected copy may follow.
        first = self._first_lines.setdefault(number, row.line)
        if first != row.line:
            column = self._columns[self._id] if self._id is not None else ""
            raise RowError(column, f"的编号 {fact.external_id} 与第 {first} 行重复")
        return NewTicket(number, tuple(events), _digest(number, events, person), person)

    def _at(self, column: str) -> int:
        return self._columns.index(column)

    def _at_or_none(self, column: str | None) -> int | None:
        return None if column is None else self._columns.index(column)

    def _all_at(self, columns: Sequence[str] | None) -> tuple[int, ...]:
        return tuple(map(self._columns.index, columns or ()))

    def _number(self, cells: Sequence[str]) -> str:
        prefix = self._source.prefix
        if self._id is None:
            digest = sha256(UNIT_SEPARATOR.join(cells).encode()).digest()
            self._occurrences[digest] += 1
            count = self._occurrences[digest]
            return f"{prefix}{digest.hex()[:16]}" + (f"-{count}" if count > 1 else "")
        text = cells[self._id]
        if not text:
            raise RowError(self._columns[self._id], "是空的，应为编号")
        if isinstance(text, Rounded) or _ROUNDED.fullmatch(text):
            raise RowError(self._columns[self._id], "是超过 15 位的数字，末几位已丢失；请以文本格式保存编号")
        if len(text) > LONGEST_NUMBER:
            raise RowError(self._columns[self._id], f"有 {len(text):,} 个字符，编号不超过 {LONGEST_NUMBER}")
        if UNIT_SEPARATOR in text:
            raise RowError(self._columns[self._id], f"{text[:40]!r} 含有控制字符")
        return prefix + text

    def _fact(self, cells: Sequence[str]) -> Received:
        text = _joined(cells, self._text, "\n")
        address = _joined(cells, self._address, " ")
        title = _joined(cells, self._title, " ") or self._defaults.title
        if not title:
            title = (text or address).replace("\n", " ")[:_TITLE_LENGTH] or "（无标题）"
        lng, lat = self._place(cells)
        return Received(
            channel=self._channel.read(cells) or self._defaults.channel,
            title=title,
            text=text,
            urgency=_URGENCY[self._urgency.read(cells) or "ordinary"],
            category=self._category.read(cells),
            area=self._area.read(cells),
            township=self._township_of(cells),
            address=address,
            lng=lng,
            lat=lat,
            external_id=cells[self._id] if self._id is not None else None,
            urgency_as_written=(cells[self._urgency.position] or None)
            if self._urgency.position is not None
            else None,
            policy=self._source.policy,
        )

    def _township_of(self, cells: Sequence[str]) -> str | None:
        if self._township is None or not cells[self._township]:
            return self._defaults.township
        check_length(self._columns[self._township], cells[self._township])
        return cells[self._township]

    def _place(self, cells: Sequence[str]) -> tuple[float | None, float | None]:
        if self._lng is None or self._lat is None:
            return None, None
        if not (cells[self._lng] and cells[self._lat]):
            return None, None
        try:
            lng, lat = float(cells[self._lng]), float(cells[self._lat])
        except ValueError:
            lng = lat = nan
        # A complaint is not lost for its position; 0, 0 is what programs write that have none.
        if not (-180 <= lng <= 180 and -90 <= lat <= 90) or lng == lat == 0:
            self.notes["经纬度无法使用，记为没有位置"] += 1
            return None, None
        if self._source.crs == "GCJ-02":
            lng, lat = gcj02_to_wgs84(lng, lat)
            lng, lat = round(lng, 7), round(lat, 7)
        return lng, lat

    def _complainant(self, cells: Sequence[str]) -> Complainant | None:
        name = cells[self._name] if self._name is not None else ""
        phone = cells[self._phone] if self._phone is not None else ""
        secrecy = self._secrecy.read(cells) == YES
        return Complainant(name, phone, secrecy) if name or phone or secrecy else None


class _Coded:
    """A column that is read through a code table, with what holds where it is absent or empty."""

    def __init__(self, position: int | None, coder: Coder, default: str | None, notes: Counter[str]) -> None:
        self.position = position
        self._notes = notes
        self._coder = coder
        self._default = coder.translate(default) if default is not None else None

    def read(self, cells: Sequence[str]) -> str | None:
        if self.position is None:
            return self._default
        word = cells[self.position]
        found = self._coder.translate(word)
        if found is None and word:
            self._notes[f"「{self._coder.column}」的值不在代码表中，已略去"] += 1
        return found or self._default


def _joined(cells: Sequence[str], positions: Sequence[int], separator: str) -> str:
    if len(positions) == 1:
        return cells[positions[0]]
    return separator.join(cells[position] for position in positions if cells[position])


def _digest(number: str, events: Sequence[Event], person: Complainant | None) -> bytes:
    """Return the SHA-256 of what a row says once translated: the same from CSV and from XLSX."""
    said = [number, "" if person is None else f"{person.name} {person.phone} {person.secrecy}"]
    for event in events:
        kind = type(event.fact).__name__
        said.append(f"{kind} {event.at} {event.actor.body} {_values(kind)(event.fact)}")
    return sha256(UNIT_SEPARATOR.join(said).encode()).digest()


@cache
def _values(kind: str) -> Callable[[Any], Any]:
    """Return what reads all fields of a kind of fact at once."""
    names = [field.name for field in fields(KINDS[kind])]
    return attrgetter(*names) if names else str


_URGENCY = {urgency.value: urgency for urgency in Urgency}
_URGENCIES = {word: urgency.value for word, urgency in ALIASES.items()}
