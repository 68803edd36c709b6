"""Proves a store: every chain from its first event, and that the caches equal a rebuild (T11, X13)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from data_access import bulk, log, replay, schema, tallies
from data_access.project import KINDS
from data_access.rules import Rules
from domain.chain import GENESIS, link
from domain.codec import encode, to_text


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first thing that does not fit: where, and why. `seq` is None for a cached row."""

    stream: str
    seq: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much was proved. `flaw` is None when all of it fits."""

    streams: int
    events: int
    cached_rows: int
    flaw: Flaw | None


class _Chain:
    """Checks records as they pass, and stops at the first that does not fit."""

    def __init__(self, progress: Callable[[int], None] | None) -> None:
        self.progress = progress
        self.streams = 0
        self.events = 0
        self.flaw: Flaw | None = None
        self._stream = ""
        self._seq = 0
        self._hash = GENESIS

    def passing(self, pages: Iterator[list[log.Recorded]]) -> Iterator[list[log.Recorded]]:
        for page in pages:
            for record in page:
                reason = self._check(record)
                if reason is not None:
                    self.flaw = Flaw(record.stream, record.seq, reason)
                    return
            if self.progress is not None:
                self.progress(self.events)
            yield page

    def _check(self, record: log.Recorded) -> str | None:
        if record.stream != self._stream:
            self._stream, self._seq, self._hash = record.stream, 0, GENESIS
            self.streams += 1
        self.events += 1
        if record.seq != self._seq + 1:
            return f"event {self._seq + 1} is missing"
        if record.previous != self._hash:
            return "its predecessor's hash does not fit"
        event = record.event
        kind, values = encode(event.fact)
        if to_text(values) != record.data:
            return "its data are not in canonical form"
        found = link(
            record.previous,
            record.stream,
            record.seq,
            kind,
            event.at,
            event.actor,
            record.data,
            record.recorded_at,
        )
        if found != record.hash:
            return "its content does not fit its hash"
        self._seq, self._hash = record.seq, record.hash
        return None


def verify(connection: Connection, rules: Rules, progress: Callable[[int], None] | None = None) -> Verdict:
    """Return whether the store proves itself; `progress` gets the number of events read so far.

    Needs a connection of `Store.scratch`. An event that cannot even be read counts as one that does not fit.
    """
    chain = _Chain(progress)
    try:
        replay.rebuilt(connection, rules, chain.passing(replay.streams(connection)))
    except log.UnreadableEventError as error:
        flaw = chain.flaw or Flaw(error.stream, error.seq, error.reason)
        return Verdict(chain.streams, chain.events, 0, flaw)
    if chain.flaw is not None:
        return Verdict(chain.streams, chain.events, 0, chain.flaw)
    rows = 0
    for kind in KINDS.values():
        for cache, key in kind.tables:
            stored, found = replay.in_schema(cache, "public"), replay.in_schema(cache, "pg_temp")
            rows += connection.execute(select(func.count()).select_from(stored)).scalar_one()
            for left, right, reason in (
                (stored, found, "does not follow from the events"),
                (found, stored, "is missing or differs from what the events say"),
            ):
                odd = select(*left.c).except_all(select(*right.c)).subquery()
                name = connection.execute(select(odd.c[key]).order_by(odd.c[key]).limit(1)).scalar()
                if name is not None:
                    flaw = Flaw(f"{kind.prefix}/{name}", None, f"{cache.name} {reason}")
                    return Verdict(chain.streams, chain.events, rows, flaw)
    cell = tallies.first_odd(connection)
    if cell is not None:
        flaw = Flaw(f"tally/{cell}", None, "tally does not follow from the node states")
        return Verdict(chain.streams, chain.events, rows, flaw)
    return Verdict(chain.streams, chain.events, rows, None)


def count_events(connection: Connection) -> int:
    """Return how many events there are to prove."""
    return connection.execute(select(func.count()).select_from(schema.event)).scalar_one()


def rebuild_caches(connection: Connection, rules: Rules) -> int:
    """Write all caches anew from the events; return how many streams there are.

    Raises:
        UnreadableEventError: an event does not fit its chain. Nothing may follow from it, so nothing is
            written.
    """
    bulk.be_the_only_writer(connection)
    for kind in KINDS.values():
        for cache, _key in kind.tables:
            connection.execute(cache.delete())
    chain = _Chain(None)
    replay.fill(connection, rules, chain.passing(replay.streams(connection)))
    if chain.flaw is not None:
        raise log.UnreadableEventError(chain.flaw.stream, chain.flaw.seq or 0, chain.flaw.reason)
    tallies.rebuild(connection)
    log.ring(connection)
    return chain.streams
