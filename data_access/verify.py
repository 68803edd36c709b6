"""Proves a store: every chain from its first event, by the seals too, and that the caches equal a rebuild.

(T11, X13; docs/trust.md says what each proof can show.)
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select, text

from data_access import bulk, log, people_proof, replay, schema, seal_proof, tallies
from data_access.flaws import Flaw as Flaw
from data_access.project import KINDS
from data_access.rules import Rules
from data_access.seal import seals
from domain.chain import GENESIS, link
from domain.codec import encode, to_text

GUARDS = (
    "event_is_append_only",
    "event_is_never_truncated",
    "event_continues_its_stream",
    "event_is_of_an_open_day",
    "seal_is_append_only",
    "seal_is_never_truncated",
    "sealed_head_is_append_only",
    "sealed_head_is_never_truncated",
)
"""The triggers without which the log can be changed: they are on, or somebody switched them off."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much was proved. `flaw` is None when all of it fits.

    `seals` days are sealed; `sealed_until` is the last of them, None when there is none.
    """

    streams: int
    events: int
    cached_rows: int
    flaw: Flaw | None
    seals: int = 0
    sealed_until: date | None = None


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
        self._id = 0

    def passing(self, pages: Iterator[list[log.Recorded]]) -> Iterator[list[log.Recorded]]:
        for page in pages:
            for record in page:
                self.flaw = self._check(record)
                if self.flaw is not None:
                    return
            if self.progress is not None:
                self.progress(self.events)
            yield page

    def _check(self, record: log.Recorded) -> Flaw | None:
        if record.stream != self._stream:
            self._stream, self._seq, self._hash, self._id = record.stream, 0, GENESIS, 0
            self.streams += 1
        self.events += 1

        def odd(reason: str, seq: int = record.seq) -> Flaw:
            return Flaw(record.stream, seq, reason)

        if record.seq != self._seq + 1:
            return odd(f"前面的事件 #{self._seq + 1} 缺失")
        event = record.event
        kind, values = encode(event.fact)
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
        if record.previous != self._hash:
            if found == record.hash and self._seq > 0:
                # It is as it was, and points at what stood before it: that is another one now.
                return odd(f"被改动，连同它的散列：#{record.seq} 仍指向原来的散列", self._seq)
            return odd("所记的前一事件的散列不符")
        if to_text(values) != record.data:
            return odd("内容不是规范写法")
        if found != record.hash:
            return odd("内容与散列不符")
        if record.id <= self._id:
            # Numbers are given in the order of writing, and a stream is locked while it is written.
            return odd(f"编号大于其后的 #{record.seq}：不是按次序写入的", self._seq)
        self._seq, self._hash, self._id = record.seq, record.hash, record.id
        return None


def verify(
    connection: Connection,
    rules: Rules,
    progress: Callable[[int], None] | None = None,
    printed: tuple[date, bytes] | None = None,
) -> Verdict:
    """Return whether the store proves itself; `progress` gets the number of events read so far.

    `printed` is a seal on paper, to compare the store with. Needs a connection of `Store.scratch`. An event
    that cannot even be read counts as one that does not fit.
    """
    chain = _Chain(progress)
    sealed = seals(connection)
    rows = 0
    try:
        replay.rebuilt(connection, rules, chain.passing(replay.streams(connection)))
        flaw = chain.flaw
    except log.UnreadableEventError as error:
        flaw = chain.flaw or Flaw(error.stream, error.seq, error.reason)
    flaw = flaw and seal_proof.earlier(connection, flaw)
    flaw = flaw or seal_proof.first_odd_seal(connection, sealed)
    flaw = flaw or seal_proof.first_odd_head(connection, sealed)
    if flaw is None and printed is not None:
        flaw = seal_proof.odd_copy(sealed, *printed)
    if flaw is None:
        rows, flaw = _first_odd_row(connection)
    if flaw is None:
        cell = tallies.first_odd(connection)
        flaw = None if cell is None else Flaw(f"tally/{cell}", None, "计数与环节状态不符")
    flaw = flaw or _first_odd_file(connection)
    flaw = flaw or _first_odd_admin_act(connection)
    flaw = flaw or _first_guard_down(connection)
    last = sealed[-1].day if sealed else None
    return Verdict(chain.streams, chain.events, rows, flaw, len(sealed), last)


def _first_odd_file(connection: Connection) -> Flaw | None:
    """Return the first file of evidence that is not what its sum says: events name files by their sums."""
    file = schema.evidence.c
    found = func.encode(func.sha256(file.content), "hex")
    odd = select(file.ticket, file.sha256).where(file.sha256 != found)
    row = connection.execute(odd.order_by(file.ticket, file.sha256).limit(1)).first()
    return None if row is None else Flaw(f"evidence/{row.ticket}/{row.sha256}", None, "影像内容与校验和不符")


def _first_odd_admin_act(connection: Connection) -> Flaw | None:
    odd = people_proof.first_odd(connection)
    return None if odd is None else Flaw(odd.stream, None, odd.reason)


def _first_odd_row(connection: Connection) -> tuple[int, Flaw | None]:
    """Return how many cached rows were compared with the rebuilt ones, and the first that differs."""
    rows = 0
    for kind in KINDS.values():
        for cache, key in kind.tables:
            stored, found = replay.in_schema(cache, "public"), replay.in_schema(cache, "pg_temp")
            rows += connection.execute(select(func.count()).select_from(stored)).scalar_one()
            for left, right, reason in (
                (stored, found, "不能由事件推出"),
                (found, stored, "缺失，或与事件推出的不同"),
            ):
                odd = select(*left.c).except_all(select(*right.c)).subquery()
                name = connection.execute(select(odd.c[key]).order_by(odd.c[key]).limit(1)).scalar()
                if name is not None:
                    return rows, Flaw(f"{kind.prefix}/{name}", None, f"缓存 {cache.name} {reason}")
    return rows, None


def _first_guard_down(connection: Connection) -> Flaw | None:
    """Return the first trigger of the log that is gone or switched off: something can be changed now."""
    up = connection.execute(_GUARDS_UP).scalars().all()
    name = next((name for name in GUARDS if name not in up), None)
    return None if name is None else Flaw(f"guard/{name}", None, "守护日志的触发器已被停用或删除")


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


_GUARDS_UP = text(
    """
    SELECT tgname FROM pg_trigger
    WHERE tgenabled IN ('O', 'A')
        AND tgrelid IN ('public.event'::regclass, 'public.seal'::regclass, 'public.sealed_head'::regclass)
    """
)
