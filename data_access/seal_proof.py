"""Proves the daily seals, and the log by them: what the hash chains alone cannot show.

Whoever owns the database can switch its triggers off, change an event and compute the chain of its stream
anew; or let a whole stream vanish. The chains fit then, but not what was sealed of them.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, select, text

from data_access import schema
from data_access.flaws import Flaw
from domain.chain import GENESIS
from domain.seal import Seal, SealedHead, seal_hash, spelled

PORTION = 10_000
"""Sealed heads fetched at a time."""


def first_odd_seal(connection: Connection, sealed: Sequence[Seal]) -> Flaw | None:
    """Return the first day whose seal is missing, or does not follow from the one before and its heads."""
    head = schema.sealed_head
    statement = select(head).order_by(head.c.day, head.c.stream.collate("C"))
    with connection.execute(statement, execution_options={"yield_per": PORTION}) as rows:
        flaw = _odd_day(sealed, groupby(rows, key=_day))
    if flaw is None or (seal := next((s for s in sealed if flaw.stream == _name(s.day)), None)) is None:
        return flaw
    return Flaw(flaw.stream, None, flaw.reason + _odd_heads(connection, seal))


def _odd_day(sealed: Sequence[Seal], days: Iterator[tuple[date, Iterator[Row[Any]]]]) -> Flaw | None:
    last: Seal | None = None
    heads = next(days, None)
    for seal in sealed:
        if last is None and seal.previous != GENESIS:
            return _at(seal.day - timedelta(days=1), f"更早的日封不见了：{seal.day} 的日封接在它之后")
        if last is not None and seal.day != last.day + timedelta(days=1):
            return _at(last.day + timedelta(days=1), f"这一天的日封不见了：其后有 {seal.day} 的日封")
        if last is not None and seal.previous != last.hash:
            return _at(seal.day, "所接的不是前一日的日封：这一日或前一日的日封被改过")
        if last is not None and seal.until < last.until:
            return _at(seal.day, "它的终点早于前一日的终点")
        if heads is not None and heads[0] < seal.day:
            break
        own = heads[1] if heads is not None and heads[0] == seal.day else iter(())
        found = seal_hash(seal.previous, seal.day, seal.until, seal.streams, seal.events, map(_head, own))
        if found != seal.hash:
            return _at(seal.day, "封存的内容与散列不符")
        if heads is not None and heads[0] == seal.day:
            heads = next(days, None)
        last = seal
    return None if heads is None else _at(heads[0], "这一天的日封不见了：它所封的各流末端还在")


def first_odd_head(connection: Connection, sealed: Sequence[Seal]) -> Flaw | None:
    """Return the first event that is not as it was sealed, or was recorded on a sealed day and is not in it.

    Call it when the chains and the seals fit. Takes a time in proportion to the log.
    """
    if not sealed:
        return None
    odd = connection.execute(_ODD_HEAD).one_or_none()
    if odd is not None:
        return _changed(connection, odd.stream)
    bounds = {"days": [seal.day for seal in sealed], "untils": [seal.until for seal in sealed]}
    found = connection.execute(_NOT_SEALED, bounds).one_or_none()
    if found is None:
        return None
    place = [seal.day for seal in sealed].index(found.day)
    since = sealed[place - 1].until if place else None
    first = connection.execute(
        _FIRST_NOT_SEALED,
        {"stream": found.stream, "sealed": found.sealed, "since": since, "until": sealed[place].until},
    ).scalar_one()
    return Flaw(found.stream, first, f"记录时间属于 {found.day}，而这一天封存时还没有它：是事后补入的")


def odd_copy(sealed: Sequence[Seal], day: date, printed: bytes) -> Flaw | None:
    """Return how the seal of a day differs from the one that was printed; None when it is the same.

    A seal that is the same proves every event up to that day, whatever the owner of the database did since.
    """
    found = next((seal for seal in sealed if seal.day == day), None)
    if found is None:
        return _at(day, "库中没有这一天的日封")
    if found.hash == printed:
        return None
    return _at(day, f"与印出的不同：库中为 {spelled(found.hash)}；截至这一天的记录在印出之后被改过")


def earlier(connection: Connection, flaw: Flaw) -> Flaw:
    """Return what the seals show to have been changed before the place where a chain breaks, else the flaw.

    Whoever changes an event and computes some of the hashes behind it anew breaks the chain only there.
    """
    heads = connection.execute(_HEADS_OF, {"stream": flaw.stream}).all()
    if flaw.seq is None or all(head.stands for head in heads):
        return flaw
    sealed = _changed(connection, flaw.stream)
    return sealed if sealed.seq is not None and sealed.seq < flaw.seq else flaw


def _changed(connection: Connection, stream: str) -> Flaw:
    """Return the first event of a stream that is not as it was sealed, as closely as it can be told."""
    heads = connection.execute(_HEADS_OF, {"stream": stream}).all()
    last = connection.execute(_LAST, {"stream": stream}).scalar()
    stands, odd = 0, next(head for head in heads if not head.stands)
    for head in heads:
        if head.stands and head.seq < odd.seq:
            stands = head.seq
    if last is None:
        return Flaw(stream, 1, f"整条流被删除：{heads[-1].day} 封存时它有 {heads[-1].seq} 个事件")
    end = min(last, odd.seq)
    written = _first_rewritten(connection, stream, stands, end, odd.day)
    span = f"#{stands + 1} 至 #{end}"
    told = f"被改动，其后的链已重算：与 {odd.day} 封存的末端 #{odd.seq} 不符"
    if written is not None:
        return Flaw(stream, written, f"{told}（按数据页，{span} 中最先被改写的是它）")
    if last < odd.seq:
        before = "" if end == stands else f"；{span} 也可能被改过"
        return Flaw(stream, last + 1, f"事件缺失：{odd.day} 封存时这条流到 #{odd.seq}{before}")
    return Flaw(stream, stands + 1, told if stands + 1 == end else f"{span} 中有事件{told}")


def _first_rewritten(connection: Connection, stream: str, after: int, upto: int, sealed: date) -> int | None:
    """Return where the events in (after, upto] that were written again after a day was sealed begin.

    None where they do not reach to the end of the span, and where the pages tell nothing, since the store was
    restored from a dump and all rows are newer than their events.
    """
    row: Row[Any] = connection.execute(
        _REWRITTEN, {"stream": stream, "after": after, "upto": upto, "day": sealed}
    ).one()
    return None if row.restored or row.first > upto else row.first


def _odd_heads(connection: Connection, seal: Seal) -> str:
    """Say which head of a seal is another one than the log has, where it is one."""
    count = connection.execute(_COUNT_OF_DAY, {"day": seal.day}).scalar_one()
    if count != seal.streams:
        return f"：封了 {seal.streams} 条流的末端，现有 {count} 条"
    odd = connection.execute(_ODD_HEAD_OF_DAY, {"day": seal.day}).one_or_none()
    return "" if odd is None else f"：所封 {odd.stream} 的末端 #{odd.seq} 与日志不同"


def _at(day: date, reason: str) -> Flaw:
    return Flaw(_name(day), None, reason)


def _name(day: date) -> str:
    return f"seal/{day}"


def _head(row: Row[Any]) -> SealedHead:
    return SealedHead(row.stream, row.seq, bytes(row.hash))


def _day(row: Row[Any]) -> date:
    day: date = row.day
    return day


# Materialised: by its limit alone the planner would look up each head in turn.
_ODD_HEAD = text(
    """
    WITH odd AS MATERIALIZED (
        SELECT h.day, h.stream
        FROM public.sealed_head AS h
        LEFT JOIN public.event AS e ON e.stream = h.stream AND e.seq = h.seq
        WHERE e.hash IS DISTINCT FROM h.hash
    )
    SELECT day, stream FROM odd ORDER BY day, stream LIMIT 1
    """
)
_ODD_HEAD_OF_DAY = text(
    """
    SELECT h.stream, h.seq
    FROM public.sealed_head AS h
    LEFT JOIN public.event AS e ON e.stream = h.stream AND e.seq = h.seq
    WHERE h.day = :day AND e.hash IS DISTINCT FROM h.hash
    ORDER BY h.stream
    LIMIT 1
    """
)
_COUNT_OF_DAY = text("SELECT count(*) FROM public.sealed_head WHERE day = :day")
_HEADS_OF = text(
    """
    SELECT h.day, h.seq, e.hash IS NOT DISTINCT FROM h.hash AS stands
    FROM public.sealed_head AS h
    LEFT JOIN public.event AS e ON e.stream = h.stream AND e.seq = h.seq
    WHERE h.stream = :stream
    ORDER BY h.seq, h.day
    """
)
_LAST = text("SELECT max(seq) FROM public.event WHERE stream = :stream")
_LAST_STANDING = text(
    """
    SELECT coalesce(max(h.seq), 0)
    FROM public.sealed_head AS h
    JOIN public.event AS e ON e.stream = h.stream AND e.seq = h.seq AND e.hash = h.hash
    WHERE h.stream = :stream AND h.seq < :seq
    """
)
_NOT_SEALED = text(
    """
    WITH grown AS MATERIALIZED (
        SELECT (CAST(:days AS date[]))[width_bucket(recorded_at, CAST(:untils AS timestamptz[])) + 1] AS day,
            stream, max(seq) AS seq
        FROM public.event
        WHERE recorded_at < (CAST(:untils AS timestamptz[]))[cardinality(CAST(:untils AS timestamptz[]))]
        GROUP BY 1, 2
    )
    SELECT g.day, g.stream, coalesce(h.seq, 0) AS sealed
    FROM grown AS g
    LEFT JOIN public.sealed_head AS h ON h.day = g.day AND h.stream = g.stream
    WHERE h.seq IS NULL OR h.seq < g.seq
    ORDER BY g.day, g.stream
    LIMIT 1
    """
)
_FIRST_NOT_SEALED = text(
    """
    SELECT min(seq) FROM public.event
    WHERE stream = :stream AND seq > :sealed AND recorded_at < :until
        AND recorded_at >= coalesce(CAST(:since AS timestamptz), '-infinity')
    """
)
# xmin is the transaction that last wrote a row. What was recorded by the end of the sealed day was written
# by older transactions than any that came after; `age` compares them, however often numbers wrapped round.
_REWRITTEN = text(
    """
    WITH day AS (
        SELECT coalesce(
            (
                SELECT min(age(e.xid::xid)) FROM public.event AS e
                WHERE e.stream <> :stream
                    AND e.recorded_at < (SELECT s.until FROM public.seal AS s WHERE s.day = :day)
            ),
            0
        ) AS age
    )
    SELECT
        (
            SELECT coalesce(max(e.seq), :after) + 1 FROM public.event AS e, day
            WHERE e.stream = :stream AND e.seq > :after AND e.seq <= :upto AND age(e.xmin) >= day.age
        ) AS first,
        coalesce((
            SELECT count(*) FILTER (WHERE age(o.xmin) < day.age) * 2 > count(*)
            FROM day, public.event AS e JOIN public.event AS o ON o.id BETWEEN e.id - 200 AND e.id + 200
            WHERE e.stream = :stream AND e.seq = :upto AND o.stream <> :stream
                AND o.recorded_at <= e.recorded_at
        ), false) AS restored
    """
)
