"""What a row tells about the steps of its ticket: due times, to whom it was given, what was done when."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from desktop.imports.codes import TRUTHS, YES, Coder
from desktop.imports.errors import RowError
from desktop.imports.mapping import DoneColumn, Mapping
from desktop.imports.times import TimeColumn, TimeReader
from domain.events import (
    Accepted,
    Arrived,
    Closed,
    Dispatched,
    DueSupplied,
    Event,
    Fact,
    FedBack,
    Filed,
    Penalised,
    PostChecked,
    Rectified,
    Revisited,
    Signed,
)
from domain.nodes import Node
from domain.people import IMPORTED_BY, PLATFORM, Actor, Role

SPANS = {
    "days after received": timedelta(days=1),
    "hours after received": timedelta(hours=1),
    "minutes after received": timedelta(minutes=1),
}
_BY_OFFICE = frozenset({Node.ACCEPT, Node.DISPATCH, Node.REVISIT, Node.CLOSE})


class Steps:
    """Makes the events that follow `Received` of a row. `notes` counts what was left out, by sentence."""

    def __init__(
        self,
        mapping: Mapping,
        columns: Sequence[str],
        times: TimeReader,
        latest: datetime,
        notes: Counter[str],
    ) -> None:
        source = mapping.source
        self._source = source.title or source.key
        self._name = f"{IMPORTED_BY}{source.key}"
        self._plain = Actor(Role.SYSTEM, self._name)
        self._office = Actor(Role.SYSTEM, self._name, PLATFORM)
        self._bodies: dict[str | None, Actor] = {None: self._plain}
        self._notes = notes
        self._dues = [
            (due, TimeColumn(columns.index(due.column), due.column, times, None)) for due in mapping.due
        ]
        self._dones = [_Done(done, mapping, columns, times, latest) for done in mapping.done]
        self._dispatches_at_once = all(done.node is not Node.DISPATCH for done in mapping.done)

    @property
    def receiver(self) -> Actor:
        """Who is on record for the receipt: the source itself."""
        return self._plain

    def add(self, events: list[Event], cells: Sequence[str], received: datetime, body: str | None) -> None:
        """Append the row's events, each at its own time.

        Raises:
            RowError: a cell cannot be read, or a step lies before the receipt or in the future.
        """
        for due, column in self._dues:
            moment = column.read(cells)
            if moment is not None or due.absent == "never":
                events.append(Event(received, self._plain, DueSupplied(due.node, moment, self._source)))
        if body is not None and self._dispatches_at_once:
            # The source does not say when it gave the ticket away: it had a body from the start.
            events.append(Event(received, self._office, Dispatched(body)))
        for done in self._dones:
            at = done.time(cells, received)
            if at is None:
                if done.has_text(cells):
                    self._notes[
                        f"有「{done.text_column}」而没有「{done.column.name}」，该环节未记为完成"
                    ] += 1
                continue
            fact = done.fact(cells, body)
            if fact is not None:
                events.append(Event(at, self._actor(done.node, body), fact))

    def _actor(self, node: Node, body: str | None) -> Actor:
        if node in _BY_OFFICE:
            return self._office
        if node is Node.POST_CHECK:
            return self._plain
        found = self._bodies.get(body)
        if found is None:
            found = self._bodies[body] = Actor(Role.SYSTEM, self._name, body)
        return found


class _Done:
    """One `[[done]]` of the mapping, compiled."""

    def __init__(
        self, done: DoneColumn, mapping: Mapping, columns: Sequence[str], times: TimeReader, latest: datetime
    ) -> None:
        self.node = done.node
        self.column = TimeColumn(columns.index(done.column), done.column, times, latest)
        self.text_column = done.text or ""
        self._received = columns.index(mapping.columns.received)
        self._received_column = mapping.columns.received
        self._span = SPANS.get(done.unit)
        self._text = columns.index(done.text) if done.text is not None else None
        self._verdict = columns.index(done.verdict) if done.verdict is not None else None
        self._verdicts = Coder(done.verdict or "", mapping.tables.verdict, TRUTHS)
        self._by = done.by or mapping.source.title or mapping.source.key
        self._make: Callable[[str], Fact] = _FACTS.get(done.node, self._told)

    def time(self, cells: Sequence[str], received: datetime) -> datetime | None:
        """Return when the step was done, None where the cell is empty."""
        text = cells[self.column.position]
        if self._span is None:
            moment = self.column.read(cells)
            if moment is not None and moment < received:
                # In the hour that comes twice a year the later reading may be the one that was meant.
                moment = self.column.times.second_reading(moment)
            if moment is not None and moment < received:
                start = f"「{self._received_column}」（{cells[self._received]}）"
                raise RowError(self.column.name, f"（{text}）早于受理时间{start}")
            return moment
        if not text:
            return None
        try:
            moment = received + float(text) * self._span
        except (ValueError, OverflowError) as error:
            raise RowError(self.column.name, f"应为数字，而不是 {text[:40]!r}") from error
        if moment < received:
            raise RowError(self.column.name, f"（{text[:40]}）是负数")
        self.column.check(moment, text)
        return moment

    def has_text(self, cells: Sequence[str]) -> bool:
        """Whether the row tells what was done."""
        return self._text is not None and bool(cells[self._text])

    def fact(self, cells: Sequence[str], body: str | None) -> Fact | None:
        """Return the fact, or None where the row does not say enough to state one."""
        text = cells[self._text] if self._text is not None else ""
        if self.node is Node.DISPATCH:
            return Dispatched(body) if body is not None else None
        if self._verdict is None:
            return self._make(text)
        verdict = self._verdicts.translate(cells[self._verdict])
        if verdict is None:
            raise RowError(self._verdicts.column, "没有结论")
        passed = verdict == YES
        return Revisited(passed, text) if self.node is Node.REVISIT else PostChecked(passed, text)

    def _told(self, text: str) -> Fact:
        return FedBack(self._by, text)


def _accepted(_: str) -> Fact:
    return Accepted()


def _signed(_: str) -> Fact:
    return Signed()


def _arrived(text: str) -> Fact:
    return Arrived(note=text)


_FACTS: dict[Node, Callable[[str], Fact]] = {
    Node.ACCEPT: _accepted,
    Node.SIGN: _signed,
    Node.ARRIVE: _arrived,
    Node.RECTIFY: Rectified,
    Node.FILE: Filed,
    Node.PENALISE: Penalised,
    Node.CLOSE: Closed,
}
