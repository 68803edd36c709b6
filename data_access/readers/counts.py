"""Sums over the nodes of a window: whole days from the tallies, the broken days at its ends from the rows.

Which is which depends on the window alone, so that a sum is right whether the tallies were refreshed or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    Text,
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
    asked = _Asked(by, nodes, measures, window, now)
    parts = split(window, now)
    selects = [part for begin, end in parts.broken for part in asked.counted(begin, end)]
    if parts.whole:
        selects += asked.tallied(parts)
    if not selects:
        return []
    found = union_all(*selects).subquery("found")
    keys = (found.c.key, found.c.node, found.c.current)
    sums = [func.coalesce(func.sum(found.c[name]), 0).label(name) for name in measures]
    statement = select(*keys, *sums).where(found.c.key.is_not(None)).group_by(*keys)
    return list(connection.execute(statement))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for, and the statements that find parts of it."""

    by: RankBy
    nodes: tuple[Node, ...] | None
    measures: tuple[str, ...]
    window: Window
    now: datetime

    def counted(self, begin: datetime, end: datetime) -> Iterator[Select[Any]]:
        """Yield what is to be counted in `node_state` itself, for moments in [begin, end)."""
        state = schema.node_state
        due = {
            "due": literal(1),
            "on_time": cast(outcome_is(Outcome.ON_TIME, self.now), Integer),
            "open": cast(state.c.ended_at.is_(None), Integer),
        }
        keys = {RankBy.BODY: state.c.body, RankBy.CATEGORY: state.c.category, RankBy.AREA: state.c.area}
        credited = keys | {RankBy.BODY: state.c.handler}
        done = state.c.ended_at <= self.now
        found = (
            (state.c.due_at, keys, due, fell_due(self.now)),
            (state.c.ended_at, credited, check_measures(state), and_(is_check(state), done)),
            (
                state.c.ended_at,
                keys,
                {"rectified": literal(1), "handling": handled(state)},
                and_(is_rectified(state), done),
            ),
        )
        # All nodes by name: the index has the node first.
        among = literal([node.value for node in self.nodes or Node], ARRAY(Text))
        current = self.window.begin is None or begin >= self.window.begin
        for moment, key, measures, condition in found:
            if not measures.keys() & set(self.measures):
                continue
            sums = [
                (func.sum(measures[name]) if name in measures else literal(0)).label(name)
                for name in self.measures
            ]
            group = [self._key(key), *([state.c.node] if self.nodes else [])]
            yield (
                select(
                    group[0].label("key"),
                    (state.c.node if self.nodes else literal(EVERY_NODE)).label("node"),
                    literal(current).label("current"),
                    *sums,
                )
                .where(moment >= begin, moment < end, state.c.node == func.any(among), condition)
                .group_by(*group)
            )

    def tallied(self, parts: Split) -> Iterator[Select[Any]]:
        """Yield what is to be summed from the tallies, and from what is not added to them yet."""
        tally, change = schema.tally, schema.tally_change
        names = [node.value for node in self.nodes] if self.nodes else [EVERY_NODE]
        pieces = or_(*(piece for run in parts.whole for piece in _pieces(*run)))
        yield self._summed(tally.c, tally.c.key, parts).where(
            tally.c.dimension == self.by.value, tally.c.node.in_(names), pieces
        )
        keys = {RankBy.BODY: change.c.body, RankBy.CATEGORY: change.c.category, RankBy.AREA: change.c.area}
        days = or_(*(_days(change.c.day, *run) for run in parts.whole))
        noted = self._summed(change.c, self._key(keys), parts).where(days)
        yield noted.where(change.c.node.in_(names)) if self.nodes else noted

    def _summed(self, c: Any, key: ColumnElement[str], parts: Split) -> Select[Any]:
        # No run crosses the begin of the window, nor now: the first day of a block speaks for all of it.
        today, begin = day_of(self.now), self.window.begin
        all_past = all(end is not None and end <= today for _, end in parts.whole)

        def past(name: str) -> ColumnElement[Any]:
            return func.sum(c[name]) if all_past else func.sum(c[name]).filter(c.day < today)

        sums = {name: past(name) for name in self.measures}
        sums |= {"due": func.sum(c.due) + func.coalesce(past("open"), 0), "on_time": func.sum(c.on_time)}
        current = literal(True) if begin is None else c.day >= day_of(begin)
        columns = [sums[name].label(name) for name in self.measures]
        node = c.node if self.nodes else literal(EVERY_NODE)
        group = [key, *([c.node] if self.nodes else []), *([] if begin is None else [current])]
        return select(key.label("key"), node.label("node"), current.label("current"), *columns).group_by(
            *group
        )

    def _key(self, keys: dict[RankBy, Column[Any]]) -> ColumnElement[str]:
        key = keys[self.by]
        return key if self.by is RankBy.BODY else func.coalesce(key, literal(UNSET))


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
