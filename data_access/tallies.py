"""Node states counted by day and by blocks of days, so that a window of any length reads some thousand rows.

What a row of `node_state` counts as is an addition on the day that it fell due, or that it was done on.
Triggers of that table note each addition in `tally_change`, and a subtraction when the row goes: no writer
waits for another, and none can forget it. `refresh` adds what was noted to `tally`. A reader sums both in one
snapshot, so that what it reads is right at any moment, whether refreshed or not. Open nodes are counted by
the day they fall due, too: whether that day has come is for the reader to ask.

Days are those of UTC, numbered from 1970-01-01. The reader counts the broken days at the ends of its window
from `node_state` itself (`data_access.readers.counts`), so that it does not matter where they are cut.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Connection,
    Date,
    FromClause,
    Integer,
    Select,
    and_,
    case,
    cast,
    delete,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import Insert, insert

from data_access import schema
from domain.listing import UNSET
from domain.node_clock import NodeEnd
from domain.nodes import Node
from domain.ranking_query import RankBy

LOCK = 71230007
"""One program at a time adds to `tally`. Taken last, after every other lock."""

BLOCK = 32
"""Days of a block, a power of two: a block begins on a day that it divides."""

EVERY_NODE = ""
"""The node under which `tally` has the sum of all nodes."""

ENOUGH = 10_000
"""Changes worth a refresh: so many are summed by a reader in two or three milliseconds."""

PORTION = 100_000
"""Changes added in one transaction, so that it stays short."""

MEMORY = "128MB"

MEASURES = ("due", "on_time", "open", "revisited", "satisfied", "bounced", "rectified", "handling")
"""What is counted. `due` are ended nodes that fell due, `on_time` those of them done in time, `open` nodes
that have not ended; `handling` is the microseconds from received to rectified, summed over `rectified`."""


_EPOCH = literal_column("DATE '1970-01-01'", Date)


def day_of(moment: ColumnElement[Any]) -> ColumnElement[int]:
    """Return the number of the day of a moment."""
    return cast(func.timezone("UTC", moment), Date).op("-", return_type=Integer())(_EPOCH)


def handled(node: FromClause) -> ColumnElement[int]:
    """Return how many microseconds after the ticket came in a node ended."""
    took = func.extract("epoch", node.c.ended_at - node.c.received_at)
    return cast(took * 1_000_000, BigInteger)


def is_check(node: FromClause) -> ColumnElement[bool]:
    """Return whether a row is a follow-up that was done."""
    return and_(
        node.c.part == 0,
        node.c.node.in_([Node.REVISIT.value, Node.POST_CHECK.value]),
        node.c.ended == NodeEnd.DONE.value,
    )


def is_rectified(node: FromClause) -> ColumnElement[bool]:
    """Return whether a row is a rectification that was done, by the lead: what others did is beside it."""
    return and_(node.c.part == 0, node.c.node == Node.RECTIFY.value, node.c.ended == NodeEnd.DONE.value)


def check_measures(node: FromClause) -> dict[str, ColumnElement[int]]:
    """Return what a follow-up that was done counts as."""
    revisit = node.c.node == Node.REVISIT.value
    return {
        "revisited": cast(revisit, Integer),
        "satisfied": cast(and_(revisit, node.c.passed.is_(True)), Integer),
        "bounced": cast(node.c.passed.is_(False), Integer),
    }


def changes_of(node: FromClause, sign: int = 1) -> CompoundSelect[Any]:
    """Return what the rows of `node_state`, or of what stands for it, count as: rows of `tally_change`."""
    done = NodeEnd.DONE.value
    still = node.c.ended_at.is_(None)
    due = _changes(
        node,
        sign,
        node.c.due_at,
        node.c.body,
        {
            "due": cast(~still, Integer),
            "on_time": cast(
                and_(node.c.ended.is_not_distinct_from(done), node.c.ended_at <= node.c.due_at), Integer
            ),
            "open": cast(still, Integer),
        },
    ).where(node.c.due_at.is_not(None), or_(still, node.c.ended == done, node.c.ended_at > node.c.due_at))
    checked = _changes(node, sign, node.c.ended_at, node.c.handler, check_measures(node))
    rectified = _changes(
        node, sign, node.c.ended_at, node.c.body, {"rectified": literal(1), "handling": handled(node)}
    )
    return union_all(due, checked.where(is_check(node)), rectified.where(is_rectified(node)))


def _changes(
    node: FromClause,
    sign: int,
    moment: ColumnElement[Any],
    body: ColumnElement[str],
    measures: Mapping[str, ColumnElement[int]],
) -> Select[Any]:
    counted = [
        cast(sign * measures.get(name, literal(0)), schema.tally_change.c[name].type).label(name)
        for name in MEASURES
    ]
    keys = (node.c.node, body.label("body"), node.c.category, node.c.area)
    return select(day_of(moment).label("day"), *keys, *counted)


def cells_of(changes: FromClause) -> Select[Any]:
    """Return the rows of `tally` that changes add up to: of each dimension, node, span, day and key.

    A change belongs to its day and to its block of days, to its node and to the sum of all nodes.
    """
    c = changes.c
    keyed = select(
        c.node,
        c.day,
        c.body,
        func.coalesce(c.category, UNSET).label("category"),
        func.coalesce(c.area, UNSET).label("area"),
        *(c[name] for name in MEASURES),
    ).subquery("keyed")
    k = keyed.c
    dimensions = {RankBy.BODY: k.body, RankBy.CATEGORY: k.category, RankBy.AREA: k.area}
    by_day = (
        select(
            k.node,
            k.day,
            k.day.op("&")(literal_column(str(-BLOCK))).label("block"),
            _grouped_by({by.value: key for by, key in dimensions.items()}).label("dimension"),
            func.coalesce(k.body, k.category, k.area).label("key"),
            *(func.sum(k[name]).label(name) for name in MEASURES),
        )
        .group_by(func.grouping_sets(*(tuple_(k.node, k.day, key) for key in dimensions.values())))
        .subquery("by_day")
    )
    d = by_day.c
    # Blocks, and all nodes together, are summed from the sums by day: there are fewer of these.
    sets = [
        tuple_(*of_node, time, d.dimension, d.key) for time in (d.day, d.block) for of_node in ((d.node,), ())
    ]
    return (
        select(
            d.dimension,
            case((func.grouping(d.node) == 0, d.node), else_=literal(EVERY_NODE)).label("node"),
            case((func.grouping(d.day) == 0, 1), else_=BLOCK).label("span"),
            func.coalesce(d.day, d.block).label("day"),
            d.key,
            *(cast(func.sum(d[name]), schema.tally.c[name].type).label(name) for name in MEASURES),
        )
        .where(d.key.is_not(None))
        .group_by(func.grouping_sets(*sets))
    )


def _grouped_by(keys: Mapping[str, ColumnElement[str]]) -> ColumnElement[str]:
    return case(*((func.grouping(key) == 0, literal(name)) for name, key in keys.items()))


def refresh(connection: Connection, at_least: int = ENOUGH, most: int = PORTION) -> bool:
    """Add changes to the tallies, in the caller's transaction; return whether more wait to be added.

    Does nothing while fewer than `at_least` wait, or while another program does it; to look takes a
    millisecond. Nobody waits for it, and what is read is right without it: it only keeps reading quick.
    Call it in a transaction of its own, again and again while it returns True.
    """
    change = schema.tally_change
    some = select(literal(1)).select_from(change).limit(at_least).subquery()
    if connection.execute(select(func.count()).select_from(some)).scalar_one() < at_least:
        return False
    if not connection.execute(select(func.pg_try_advisory_xact_lock(LOCK))).scalar_one():
        return False
    # By place, for the table needs no key: nobody but who holds the lock deletes or moves its rows.
    place: ColumnElement[Any] = literal_column("ctid")
    places = select(place).select_from(change).limit(most).scalar_subquery()
    taken = delete(change).where(place == func.any(func.array(places))).returning(change).cte("taken")
    connection.execute(_added(cells_of(taken)).add_cte(taken))
    left = select(literal(1)).select_from(change).limit(at_least).subquery()
    return connection.execute(select(func.count()).select_from(left)).scalar_one() >= at_least


def rebuild(connection: Connection) -> None:
    """Count all tallies anew from the node states, in the caller's transaction."""
    connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
    _take_memory(connection)
    connection.execute(delete(schema.tally))
    # One statement, one snapshot: what it does not see in the one table it does not delete from the other.
    changes = changes_of(schema.node_state).subquery("changes")
    gone = delete(schema.tally_change).cte("gone")
    connection.execute(_added(cells_of(changes)).add_cte(gone))


def _take_memory(connection: Connection) -> None:
    """Let this transaction count millions of rows without sorting them on disk."""
    connection.execute(select(func.set_config("work_mem", MEMORY, True)))


def _added(cells: Select[Any]) -> Insert:
    tally = schema.tally
    statement = insert(tally).from_select([column.name for column in cells.selected_columns], cells)
    sums = {name: tally.c[name] + statement.excluded[name] for name in MEASURES}
    return statement.on_conflict_do_update(constraint=tally.primary_key, set_=sums)


def first_odd(connection: Connection) -> str | None:
    """Return the first cell whose sum is not what the node states say, as "body housing 20000"; or None."""
    _take_memory(connection)
    tally = schema.tally
    keys = ("dimension", "node", "span", "day", "key")
    expected = cells_of(changes_of(schema.node_state, -1).subquery("changes"))
    noted = cells_of(schema.tally_change)
    both = union_all(select(tally), expected, noted).subquery("both")
    columns = [both.c[name] for name in keys]
    odd = (
        select(*columns)
        .group_by(*columns)
        .having(or_(*(func.sum(both.c[name]) != 0 for name in MEASURES)))
        .order_by(*columns)
        .limit(1)
    )
    row = connection.execute(odd).one_or_none()
    return None if row is None else f"{row.dimension} {row.key}, day {row.day}, span {row.span}, {row.node}"


def replay(connection: Connection, now_gone: FromClause, then: FromClause) -> None:
    """Put a temporary `tally_change` in front of the real one that takes the tallies to a past moment.

    `now_gone` are rows of `node_state` that stood otherwise then, `then` the rows that stood in their place.
    """
    past = "CREATE TEMPORARY TABLE tally_change ON COMMIT DROP AS SELECT * FROM public.tally_change"
    connection.execute(text(past))
    names = [column.name for column in schema.tally_change.c]
    changes = union_all(*(select(part.subquery()) for part in (changes_of(now_gone, -1), changes_of(then))))
    connection.execute(insert(schema.tally_change).from_select(names, changes))
    connection.execute(text("ANALYZE pg_temp.tally_change"))
