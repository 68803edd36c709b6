"""Lists at any length: settled once, in exactly the order that plain Python sorts them into."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from threading import Timer
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from data_access import schema
from data_access.errors import StoreError
from data_access.readers.settled import NEAR, SEPARATOR, Settled
from data_access.readers.stop import Stop
from data_access.readers.ticket_warnings import worst_first
from data_access.readers.tickets import first_tickets, settled_tickets, tickets_by_number
from data_access.readers.warning_list import settled_warnings, ticket_of, warnings_by_key
from data_access.readers.warnings import running_warnings
from data_access.rules import Rules
from data_access.store import Store
from domain.events import WarningKind, WarningLevel
from domain.listing import (
    SortBy,
    TicketFilter,
    TicketOrder,
    TicketRow,
    WarningFilter,
    WarningOrder,
    WarningRow,
    WarningsBy,
)
from domain.nodes import TicketState
from domain.urgency import Urgency
from tests.data_access.readers.worlds import put_city, put_tickets, wandering
from tests.data_access.streams import START, whole_life

NOW = START + timedelta(days=6)
STATES = list(TicketState)
URGENCIES = list(Urgency)


@pytest.fixture
def rules(store: Store) -> Rules:
    random = Random(5)
    put_city(store)
    starts = [START + timedelta(minutes=random.randint(0, 12_000)) for _ in range(240)]
    # Many came in at the same minute, as from a file that knows only days.
    starts = [start if n % 3 else START for n, start in enumerate(starts)]
    return put_tickets(
        store,
        **{
            f"T-{n:03}": wandering(random, start) if n % 5 else whole_life(start)
            for n, start in enumerate(starts)
        },
    )


def _last(value: Any) -> tuple[bool, Any]:
    return (value is None, value)


def _rank(row: TicketRow) -> tuple[Any, ...]:
    return (STATES.index(row.state),)


KEYS: dict[SortBy, Callable[[TicketRow], tuple[Any, ...]]] = {
    SortBy.URGENCY: lambda row: (URGENCIES.index(row.urgency),),
    SortBy.NUMBER: lambda _row: (),
    SortBy.CATEGORY: lambda row: _last(row.category),
    SortBy.AREA: lambda row: _last(row.area),
    SortBy.BODY: lambda row: _last(row.body),
    SortBy.RECEIVED: lambda row: (row.received_at,),
}


def _sorted(rows: list[TicketRow], order: TicketOrder, red_at: dict[str, Any]) -> list[str]:
    closed = sorted(
        (row for row in rows if row.closed_at), key=lambda row: (row.closed_at, row.number), reverse=True
    )
    still = [row for row in rows if not row.closed_at]
    if order.by is SortBy.WORST:
        still.sort(key=lambda row: (*_rank(row), _last(red_at[row.number]), row.number))
        found = still + closed
    elif order.by is SortBy.DUE:
        still.sort(key=lambda row: (_last(row.told_due_at), row.number))
        found = still + closed
    else:
        found = sorted(rows, key=lambda row: (*KEYS[order.by](row), row.number))
    numbers = [row.number for row in found]
    return numbers[::-1] if order.descending else numbers


@pytest.mark.usefixtures("rules")
def test_every_order_is_what_python_sorts(store: Store) -> None:
    def read(connection: Connection) -> int:
        columns = schema.ticket.c.number, schema.ticket.c.red_at
        red_at = {row.number: row.red_at for row in connection.execute(select(*columns))}
        everything = tickets_by_number(connection, sorted(red_at), NOW)
        for chosen in (
            TicketFilter(),
            TicketFilter(open_only=True),
            TicketFilter(area="320312", urgency=Urgency.FIRST),
        ):
            rows = [row for row in everything if not (chosen.open_only and row.closed_at)]
            if chosen.area:
                rows = [row for row in rows if (row.area, row.urgency) == (chosen.area, chosen.urgency)]
            for by in SortBy:
                for way in (False, True):
                    order = TicketOrder(by, way)
                    wanted = _sorted(rows, order, red_at)
                    settled = settled_tickets(connection, chosen, NOW, order)
                    assert settled.keys(0, len(settled)) == wanted, (chosen, order)
                    first = first_tickets(connection, chosen, NOW, 50, order)
                    assert [row.number for row in first] == wanted[:50], (chosen, order)
        return len({row.state for row in everything})

    assert store.read(read) >= 5


@pytest.mark.usefixtures("rules")
def test_pages_of_a_settled_list_are_the_list_though_rows_move_meanwhile(store: Store) -> None:
    settled = store.read(lambda c: settled_tickets(c, TicketFilter(), NOW))
    seen: list[str] = []
    random = Random(3)
    for offset in range(0, len(settled), 50):
        page = store.read(lambda c, at=offset: tickets_by_number(c, settled.keys(at, at + 50), NOW))
        seen += [row.number for row in page]
        # The worst becomes the best and the other way round between two pages.
        moved = random.sample(settled.keys(0, len(settled)), 40)
        move = (
            update(schema.ticket)
            .where(schema.ticket.c.number.in_(moved))
            .values(red_at=NOW + timedelta(days=random.randint(-90, 90)), closed_at=None)
        )
        store.write(lambda c, statement=move: c.execute(statement))
    assert seen == settled.keys(0, len(settled))
    assert len(set(seen)) == len(settled) == 240


def test_rows_are_found_again_by_key() -> None:
    keys = [f"工单-{n}" for n in range(3 * NEAR)]
    settled = Settled([SEPARATOR.join(keys[:10]), None, SEPARATOR.join(keys[10:])])
    assert len(settled) == len(keys)
    assert settled.keys(-5, 3) == keys[:3]
    assert settled.keys(len(keys) - 2, len(keys) + 7) == keys[-2:]
    assert settled.row_of(keys[0]) == 0
    assert settled.row_of(keys[-1]) == len(keys) - 1
    assert settled.row_of("工单") is None
    assert settled.rows_near([keys[5], keys[-1], "none"], 0) == {keys[5]: 5}


def test_an_empty_list_is_one() -> None:
    settled = Settled([None, None])
    assert (len(settled), settled.keys(0, 10), settled.row_of("")) == (0, [], None)


def _warning_key(row: WarningRow, by: WarningsBy) -> tuple[Any, ...]:
    equals = (*worst_first(row), row.round, row.leg, row.part, row.kind)
    red = row.level is WarningLevel.RED
    urgency = URGENCIES.index(row.urgency)
    first: dict[WarningsBy, tuple[Any, ...]] = {
        WarningsBy.WORST: (not red, row.acknowledged_by is not None, urgency if red else 0),
        WarningsBy.DUE: (row.due_at,),
        WarningsBy.SINCE: (row.since,),
        WarningsBy.URGENCY: (urgency,),
        WarningsBy.AREA: _last(row.area_name or None),
        WarningsBy.BODY: _last(row.body),
    }
    return (*first[by], *equals)


def _take_note(connection: Connection, rows: Sequence[WarningRow]) -> None:
    """Let an officer have taken note of running warnings."""
    noted = {"acknowledged_by": "吴督办", "acknowledged_at": NOW, "cleared_at": None}
    clock = ("ticket", "round", "leg", "node", "kind", "level", "part", "rule_id")
    for row in rows:
        of = {name: getattr(row, name) for name in clock}
        raised = {"rule": row.rule, "facts": [], "raised_at": row.since}
        put = insert(schema.warning).values(of | raised | noted)
        connection.execute(put.on_conflict_do_update(index_elements=clock, set_=noted))


def test_warnings_in_every_order_and_filter_are_what_python_picks(store: Store, rules: Rules) -> None:
    running = store.read(lambda c: running_warnings(c, rules, NOW, 10_000)).rows
    store.write(lambda c: _take_note(c, running[::3]))

    def read(connection: Connection) -> None:
        names = {row.name: row.code for row in connection.execute(select(schema.area))}
        running = running_warnings(connection, rules, NOW, 10_000)
        rows = [replace(row, area_name=names.get(row.area_name, "")) for row in running.rows]
        assert {row.kind for row in rows} == set(WarningKind) - {WarningKind.WRONG}
        kept = {(row.level, row.acknowledged_by is None) for row in rows}
        assert len(kept) == 4, "both levels, some of each taken note of"
        for by in WarningsBy:
            for way in (False, True):
                order = WarningOrder(by, way)
                settled, counts = settled_warnings(connection, WarningFilter(), NOW, order)
                wanted = sorted(rows, key=lambda row: _warning_key(row, by), reverse=way)
                keys = settled.keys(0, len(settled))
                assert keys == [row.key for row in wanted], order
                assert (counts.red, counts.yellow) == (running.red, running.yellow)
                found = warnings_by_key(connection, rules, keys[:40], NOW)
                assert {row.key: row for row in found if row} == {
                    row.key: row for row in running.rows if row.key in keys[:40]
                }
        for chosen in (
            WarningFilter(level=WarningLevel.YELLOW),
            WarningFilter(kind=WarningKind.LATE, body="housing"),
            WarningFilter(area="320322"),
            WarningFilter(unacknowledged=True),
        ):
            settled, _ = settled_warnings(connection, chosen, NOW, WarningOrder())
            picked = [
                row.key
                for row in rows
                if chosen.level in (None, row.level)
                and chosen.kind in (None, row.kind)
                and chosen.body in (None, row.body)
                and chosen.area in (None, row.area_name)
                and not (chosen.unacknowledged and row.acknowledged_by)
            ]
            assert sorted(settled.keys(0, len(settled))) == sorted(picked), chosen
            assert picked

    store.read(read)
    gone = store.read(lambda c: warnings_by_key(c, rules, ["none\x1e1\x1e1\x1esign\x1elate\x1ered"], NOW))
    assert gone == [None]
    assert ticket_of("T-1\x1e1") == "T-1"


def test_a_reading_that_nobody_waits_for_ends(store: Store) -> None:
    stop = Stop()

    def sleep(connection: Connection) -> None:
        with stop.can_end(connection):
            connection.execute(select(func.pg_sleep(30)))

    waiting = Timer(0.3, stop.stop)
    waiting.start()
    began = time.monotonic()
    with pytest.raises(StoreError):
        store.read(sleep)
    assert time.monotonic() - began < 20
    waiting.join()
    with pytest.raises(StoreError):
        store.read(sleep)
