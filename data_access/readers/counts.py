"""Sums over the nodes of a window: whole days from the tallies, the broken days at its ends from the rows.

Which is which depends on the window alone, so that a sum is right whether the tallies were refreshed or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from data_access import schema
from data_access.readers.states import fell_due, outcome_is
from data_access.tallies import BLOCK, EVERY_NODE, check_measures, handled, is_check, is_rectified
from domain.listing import UNSET, Outcome
from domain.nodes import Node
from domain.ranking_query import RankBy

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Moments in [begin, end); None has no bound. `before` begins the window to compare with, which ends
    at `begin`.
    """

    begin: datetime | None
    end: datetime | None
    before: datetime | None = None

    @property
    def start(self) -> datetime | None:
        """Where the earlier of both begins."""
        return self.begin if self.before is None else self.before


@dataclass(frozen=True, slots=True)
class Split:
    """A window as `broken` ranges of moments and `whole` ranges of days; none crosses the window's begin,
    nor now. None has no bound.
    """

    broken: tuple[tuple[datetime, datetime], ...]
    whole: tuple[tuple[int | None, int | None], ...]


def split(window: Window, now: datetime) -> Split:
    """Return the parts of a window. The day of now is always a broken one."""
    start, end = window.start, window.end
    first = None if start is None else day_after(start)
    last = None if end is None else day_of(end)
    stops: dict[int, int] = {}
    for moment in (start, window.begin, end, now):
        if moment is not None:
            whole_day = moment == moment_of(day_of(moment)) and moment is not now
            stops[day_of(moment)] = max(stops.get(day_of(moment), 0), 0 if whole_day else 1)
    broken: list[tuple[datetime, datetime]] = []
    whole: list[tuple[int | None, int | None]] = []
    position = first
    for day, width in sorted(stops.items()):
        if width:
            broken += _within(window, moment_of(day), moment_of(day + 1))
        if (first is not None and day < first) or (last is not None and day >= last):
            continue
        if position is None or position < day:
            whole.append((position, day))
        position = day + width
    if last is None or position is None or position < last:
        whole.append((position, last))
    return Split(tuple(broken), tuple(whole))


def _within(window: Window, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    begin = max(begin, window.start or begin)
    end = min(end, window.end or end)
    middle = min(max(window.begin or begin, begin), end)
    for low, high in ((begin, middle), (middle, end)):
        if low < high:
            yield low, high


def day_of(moment: datetime) -> int:
    """Return the number of a moment's day, as the tallies count them."""
    return (moment - EPOCH) // DAY


def day_after(moment: datetime) -> int:
    """Return the first day that begins at a moment or later."""
    return -((EPOCH - moment) // DAY)


def moment_of(day: int) -> datetime:
    """Return when a day begins."""
    return EPOCH + day * DAY


def counts(
    connection: Connection,
    by: RankBy,
    nodes: tuple[Node, ...] | None,
    measures: tuple[str, ...],
    window: Window,
    now: datetime,
) -> list[Row[Any]]:
    """Return rows of (key, node, current, and the sums of some of MEASURES) over a window.

    `current` is False for the window before. `due` counts here also the open nodes that are past due, which
    are `open`. With `nodes`, only theirs, each by itself; without, those of all nodes together, and `node` is
    empty. What has no category or area has the key UNSET; what nobody held is left out by body. Follow-ups
    and rectifications count for their window when they were done by now.
    """
    parts, today = split(window, now), day_of(now)
    if not parts.broken and not parts.whole:
        return []
    pieces = [piece for begin, end in parts.whole for piece in _pieces(begin, end)]
    asked = _Asked(
        by,
        nodes,
        measures,
        window.begin is not None,
        tuple(window.begin is None or begin >= window.begin for begin, _ in parts.broken),
        tuple((begin is not None, end is not None) for begin, end in parts.whole),
        tuple((span, begin is not None, end is not None) for span, begin, end in pieces),
        all(end is not None and end <= today for _, end in parts.whole),
    )
    values: dict[str, object] = {"now": now, "today": today}
    if window.begin is not None:
        values["first_day"] = day_of(window.begin)
    ranges = {"broken": parts.broken, "whole": parts.whole, "piece": [piece[1:] for piece in pieces]}
    for name, found in ranges.items():
        for number, (begin, end) in enumerate(found):
            values |= {f"{name}_{number}_begin": begin, f"{name}_{number}_end": end}
    return list(connection.execute(_statement(asked), values))


def open_overdue(connection: Connection, now: datetime) -> int:
    """Return how many open nodes are past due: a hundred thousand of them are counted as quickly as ten."""
    # By area, for every node has one or none.
    rows = counts(connection, RankBy.AREA, None, ("open",), Window(None, now), now)
    return sum(int(row.open) for row in rows)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The shape of a question: all but its moments. Every second asks the same ones."""

    by: RankBy
    nodes: tuple[Node, ...] | None
    measures: tuple[str, ...]
    compares: bool
    broken: tuple[bool, ...]
    whole: tuple[tuple[bool, bool], ...]
    pieces: tuple[tuple[int, bool, bool], ...]
    all_past: bool

    def key(self, keys: dict[RankBy, Column[Any]]) -> ColumnElement[str]:
        key = keys[self.by]
        return key if self.by is RankBy.BODY else func.coalesce(key, literal(UNSET))


@lru_cache(maxsize=128)
def _statement(asked: _Asked) -> Select[Any]:
    """Return the statement of a question. To put it together takes longer than to send it."""
    selects = [part for number in range(len(asked.broken)) for part in _counted(asked, number)]
    if asked.whole:
        selects += _tallied(asked)
    found = union_all(*selects).subquery("found")
    keys = (found.c.key, found.c.node, found.c.current)
    sums = [func.coalesce(func.sum(found.c[name]), 0).label(name) for name in asked.measures]
    return select(*keys, *sums).where(found.c.key.is_not(None)).group_by(*keys)


def _counted(asked: _Asked, number: int) -> Iterator[Select[Any]]:
    """Yield what is to be counted in `node_state` itself, for the moments of a broken range."""
    state = schema.node_state
    now: Any = _moment("now")
    due = {
        "due": literal(1),
        "on_time": cast(outcome_is(Outcome.ON_TIME, now), Integer),
        "open": cast(state.c.ended_at.is_(None), Integer),
    }
    rectified = {"rectified": literal(1), "handling": handled(state)}
    keys = {RankBy.BODY: state.c.body, RankBy.CATEGORY: state.c.category, RankBy.AREA: state.c.area}
    credited = keys | {RankBy.BODY: state.c.handler}
    done = state.c.ended_at <= now
    # All nodes by name: the index has the node first.
    among = literal([node.value for node in asked.nodes or Node], ARRAY(Text))
    begin, end = _moment(f"broken_{number}_begin"), _moment(f"broken_{number}_end")
    for moment, of, measures, condition in (
        (state.c.due_at, keys, due, fell_due(now)),
        (state.c.ended_at, credited, check_measures(state), and_(is_check(state), done)),
        (state.c.ended_at, keys, rectified, and_(is_rectified(state), done)),
    ):
        if not measures.keys() & set(asked.measures):
            continue
        key = asked.key(of)
        node = state.c.node if asked.nodes else literal(EVERY_NODE)
        sums = [
            (func.sum(measures[name]) if name in measures else literal(0)).label(name)
            for name in asked.measures
        ]
        yield (
            select(
                key.label("key"), node.label("node"), literal(asked.broken[number]).label("current"), *sums
            )
            .where(moment >= begin, moment < end, state.c.node == func.any(among), condition)
            .group_by(key, *([node] if asked.nodes else []))
        )


def _tallied(asked: _Asked) -> Iterator[Select[Any]]:
    """Yield what is to be summed from the tallies, and from what is not added to them yet."""
    tally, change = schema.tally, schema.tally_change
    names = [node.value for node in asked.nodes] if asked.nodes else [EVERY_NODE]
    pieces = (
        and_(tally.c.span == span, _days(tally.c.day, f"piece_{number}", begin, end))
        for number, (span, begin, end) in enumerate(asked.pieces)
    )
    yield _summed(asked, tally.c, tally.c.key).where(
        tally.c.dimension == asked.by.value, tally.c.node.in_(names), or_(*pieces)
    )
    keys = {RankBy.BODY: change.c.body, RankBy.CATEGORY: change.c.category, RankBy.AREA: change.c.area}
    days = (_days(change.c.day, f"whole_{number}", *run) for number, run in enumerate(asked.whole))
    noted = _summed(asked, change.c, asked.key(keys)).where(or_(*days))
    yield noted.where(change.c.node.in_(names)) if asked.nodes else noted


def _summed(asked: _Asked, c: Any, key: ColumnElement[str]) -> Select[Any]:
    # No run crosses the begin of the window, nor now: the first day of a block speaks for all of it.
    def past(name: str) -> ColumnElement[Any]:
        found = func.sum(c[name])
        return found if asked.all_past else found.filter(c.day < bindparam("today", type_=Integer))

    sums = {name: past(name) for name in asked.measures}
    sums |= {"due": func.sum(c.due) + func.coalesce(past("open"), 0), "on_time": func.sum(c.on_time)}
    node = c.node if asked.nodes else literal(EVERY_NODE)
    current = c.day >= bindparam("first_day", type_=Integer) if asked.compares else literal(True)
    columns = [sums[name].label(name) for name in asked.measures]
    group = [key, *([node] if asked.nodes else []), *([current] if asked.compares else [])]
    return select(key.label("key"), node.label("node"), current.label("current"), *columns).group_by(*group)


def _pieces(begin: int | None, end: int | None) -> Iterator[tuple[int, int | None, int | None]]:
    """Yield spans and ranges that together find each of these days once, in blocks where possible."""
    first = None if begin is None else -(-begin // BLOCK) * BLOCK
    last = None if end is None else end // BLOCK * BLOCK
    if first is not None and last is not None and first >= last:
        yield 1, begin, end
        return
    yield BLOCK, first, last
    if begin is not None and begin != first:
        yield 1, begin, first
    if end is not None and end != last:
        yield 1, last, end


def _days(day: ColumnElement[int], name: str, begin: bool, end: bool) -> ColumnElement[bool]:
    return and_(
        true(),
        *([day >= bindparam(f"{name}_begin", type_=Integer)] if begin else []),
        *([day < bindparam(f"{name}_end", type_=Integer)] if end else []),
    )


def _moment(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=TIMESTAMP(timezone=True))
