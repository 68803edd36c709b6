"""Sums over the nodes of a window: whole days from the tallies, the broken days at its ends from the rows.

Which is which depends on the window alone, so that a sum is right whether the tallies were refreshed or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    and_,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)

from data_access import schema
from data_access.readers.states import fell_due, outcome_is
from data_access.tallies import BLOCK, EVERY_NODE, MEASURES, check_measures, handled, is_check, is_rectified
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
    connection: Connection, by: RankBy, nodes: tuple[Node, ...] | None, window: Window, now: datetime
) -> list[Row[Any]]:
    """Return rows of (key, node, current, and the sums of MEASURES) over a window.

    `current` is False for the window before. `due` counts here also the open nodes that are past due, which
    are `open`. With `nodes`, only theirs, each by itself; without, those of all nodes together, and `node` is
    empty. What has no category or area has the key UNSET; what nobody held is left out by body. Follow-ups
    and rectifications count for their window when they were done by now.
    """
    parts = split(window, now)
    selects: list[Select[Any]] = []
    for begin, end in parts.broken:
        selects += _counted(by, nodes, window, begin, end, now)
    if parts.whole:
        selects += _tallied(by, nodes, window, parts, now)
    if not selects:
        return []
    found = union_all(*selects).subquery("found")
    keys = (found.c.key, found.c.node, found.c.current)
    sums = [func.coalesce(func.sum(found.c[name]), 0).label(name) for name in MEASURES]
    statement = select(*keys, *sums).where(found.c.key.is_not(None)).group_by(*keys)
    return list(connection.execute(statement))


def _counted(
    by: RankBy,
    nodes: tuple[Node, ...] | None,
    window: Window,
    begin: datetime,
    end: datetime,
    now: datetime,
) -> Iterator[Select[Any]]:
    """Yield what is to be counted in `node_state` itself, for moments in [begin, end)."""
    state = schema.node_state
    current = window.begin is None or begin >= window.begin
    among = tuple(Node) if nodes is None else nodes
    # All nodes by name: the index has the node first.
    of_nodes = state.c.node.in_([node.value for node in among])
    node: ColumnElement[str] = literal(EVERY_NODE) if nodes is None else state.c.node

    def part(key: ColumnElement[str], moment: Column[Any], measures: dict[str, ColumnElement[int]]) -> Any:
        sums = [
            func.sum(measures[name]).label(name) if name in measures else literal(0).label(name)
            for name in MEASURES
        ]
        group = [key] if nodes is None else [key, state.c.node]
        return (
            select(key.label("key"), node.label("node"), literal(current).label("current"), *sums)
            .where(moment >= begin, moment < end)
            .group_by(*group)
        )

    due = {
        "due": literal(1),
        "on_time": cast(outcome_is(Outcome.ON_TIME, now), Integer),
        "open": cast(state.c.ended_at.is_(None), Integer),
    }
    yield part(_key(by), state.c.due_at, due).where(of_nodes, fell_due(now))
    done = state.c.ended_at <= now
    credited = state.c.handler if by is RankBy.BODY else _key(by)
    if {Node.REVISIT, Node.POST_CHECK} & set(among):
        yield part(credited, state.c.ended_at, check_measures(state)).where(of_nodes, is_check(state), done)
    if Node.RECTIFY in among:
        measures = {"rectified": literal(1), "handling": handled(state)}
        yield part(_key(by), state.c.ended_at, measures).where(is_rectified(state), done)


def _tallied(
    by: RankBy, nodes: tuple[Node, ...] | None, window: Window, parts: Split, now: datetime
) -> Iterator[Select[Any]]:
    """Yield what is to be summed from the tallies, and from what is not added to them yet."""
    tally, change = schema.tally, schema.tally_change
    names = [EVERY_NODE] if nodes is None else [node.value for node in nodes]
    pieces = or_(*(piece for run in parts.whole for piece in _pieces(*run)))
    yield _summed(tally.c, tally.c.key, tally.c.node, window, now).where(
        tally.c.dimension == by.value, tally.c.node.in_(names), pieces
    )
    key = {
        RankBy.BODY: change.c.body,
        RankBy.CATEGORY: func.coalesce(change.c.category, UNSET),
        RankBy.AREA: func.coalesce(change.c.area, UNSET),
    }[by]
    node: ColumnElement[str] = literal(EVERY_NODE) if nodes is None else change.c.node
    days = or_(*(_days(change.c.day, *run) for run in parts.whole))
    noted = _summed(change.c, key, node, window, now).where(days)
    yield noted if nodes is None else noted.where(change.c.node.in_(names))


def _summed(
    c: Any, key: ColumnElement[str], node: ColumnElement[str], window: Window, now: datetime
) -> Select[Any]:
    # No run crosses the begin of the window, nor now: the first day of a block speaks for all of it.
    current = literal(True) if window.begin is None else c.day >= day_of(window.begin)
    past = c.day < day_of(now)
    open_ = func.sum(c.open).filter(past)
    sums: dict[str, ColumnElement[Any]] = {name: func.sum(c[name]).filter(past) for name in MEASURES}
    sums["due"] = func.sum(c.due) + func.coalesce(open_, 0)
    sums["on_time"] = func.sum(c.on_time)
    group = (key, node, current) if window.begin is not None else (key, node)
    columns = (sums[name].label(name) for name in MEASURES)
    return select(key.label("key"), node.label("node"), current.label("current"), *columns).group_by(*group)


def _pieces(begin: int | None, end: int | None) -> Iterator[ColumnElement[bool]]:
    """Yield conditions on `tally` that together find each of these days once, in blocks where possible."""
    span, day = schema.tally.c.span, schema.tally.c.day
    first = None if begin is None else -(-begin // BLOCK) * BLOCK
    last = None if end is None else end // BLOCK * BLOCK
    if first is not None and last is not None and first >= last:
        yield and_(span == 1, _days(day, begin, end))
        return
    yield and_(span == BLOCK, _days(day, first, last))
    if begin is not None and begin != first:
        yield and_(span == 1, _days(day, begin, first))
    if end is not None and end != last:
        yield and_(span == 1, _days(day, last, end))


def _days(day: ColumnElement[int], begin: int | None, end: int | None) -> ColumnElement[bool]:
    found = [day >= begin] if begin is not None else []
    if end is not None:
        found.append(day < end)
    return and_(*found) if found else ~false()


def _key(by: RankBy) -> ColumnElement[str]:
    state = schema.node_state.c
    match by:
        case RankBy.BODY:
            return state.body
        case RankBy.CATEGORY:
            return func.coalesce(state.category, literal(UNSET))
        case RankBy.AREA:
            return func.coalesce(state.area, literal(UNSET))
