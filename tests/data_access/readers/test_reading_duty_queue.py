"""The duty officer's queue: what SQL puts in it, and in which order, is what the rules say (T02, X08)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from statistics import median

import pytest
from sqlalchemy import func, select

from data_access import schema
from data_access.readers.duty_lines import queue_rows
from data_access.readers.duty_queue import settled_queue
from data_access.readers.duty_shift import shift_of
from data_access.readers.moment import at_moment
from data_access.rules import Rules
from data_access.store import Connection, Store
from domain.case_events import PauseRequested, RequestDeclined, ResponsibilityNamed, ResponsibleAs
from domain.desk_queue import TASKS_OF, DutyLane, OpenClock, QueueRow, Task, owed_task, own_task, row_key
from domain.duty_shift import WINDOW, Stage
from domain.events import Accepted, Chased, Dispatched, Rectified, Revisited, Signed
from domain.nodes import Node, NodeStatus
from domain.urgency import Urgency
from tests.data_access.readers.worlds import put_city, put_tickets, wandering
from tests.data_access.streams import DUTY, HANDLER, START, happened, received

NOW = START + timedelta(days=9, hours=2)
NEW = NOW - timedelta(minutes=3)


@pytest.fixture
def rules(store: Store) -> Rules:
    random = Random(5)
    put_city(store)
    streams = {
        f"W-{n:03}": wandering(random, START + timedelta(days=random.uniform(0, 8))) for n in range(120)
    }
    asked = (NOW - START) / timedelta(hours=1) - 1
    streams |= {
        "N-CALM": happened((0, DUTY, received()), start=NEW),
        "N-NOW": happened((0, DUTY, received(text="厂里正在排污水")), start=NEW + timedelta(minutes=2)),
        "N-FAST": happened((0, DUTY, received(Urgency.FIRST)), start=NEW + timedelta(minutes=1)),
        "N-SENT": happened(
            (0, DUTY, received(Urgency.CRITICAL)),
            (0.01, DUTY, Accepted()),
            (0.02, DUTY, Dispatched("housing", ("ecology",))),
            (0.03, DUTY, Chased("请立即签收")),
            start=NEW,
        ),
        "Q-ASKS": happened(*_handled(), (asked, HANDLER, PauseRequested("等待检测结果"))),
        "Q-NO": happened(
            *_handled(),
            (asked, HANDLER, PauseRequested("等")),
            (asked + 0.1, DUTY, RequestDeclined("housing", "否")),
        ),
        "B-ALONE": happened(*_bad()),
        "B-FOLLOWED": happened(
            *_bad(), (40, DUTY, ResponsibilityNamed(ResponsibleAs.FOLLOWER, "李娜", reason="差评"))
        ),
    }
    return put_tickets(store, **streams)


def _handled() -> Iterator[tuple]:
    yield from [(0, DUTY, received()), (0.1, DUTY, Accepted()), (0.2, DUTY, Dispatched("housing"))]
    yield from [(0.5, HANDLER, Signed())]


def _bad() -> Iterator[tuple]:
    yield from _handled()
    yield from [(20, HANDLER, Rectified("停工")), (30, DUTY, Revisited(False, "还在施工"))]


def read(connection: Connection, lane: DutyLane, now: datetime) -> list[QueueRow]:
    settled, counts = settled_queue(connection, lane, now)
    assert counts[lane] == len(settled)
    alone, same = settled_queue(connection, lane, now, counts)
    assert alone.keys(0, len(alone)) == settled.keys(0, len(settled))
    assert same == counts
    rows = queue_rows(connection, settled.keys(0, len(settled)), now)
    assert None not in rows
    return [row for row in rows if row is not None]


def expected(connection: Connection, now: datetime) -> dict[str, Task]:
    """What the rules say of all open clocks and open matters."""
    node, matter = schema.node_state, schema.matter
    clocks: dict[str, list[OpenClock]] = {}
    for row in connection.execute(select(node).where(node.c.ended_at.is_(None))):
        clocks.setdefault(row.ticket, []).append(
            OpenClock(
                Node(row.node),
                row.round,
                row.leg,
                row.part,
                row.body,
                row.started_at,
                row.due_at,
                row.yellow_at,
                row.paused,
            )
        )
    found: dict[str, Task] = {}
    for ticket, running in clocks.items():
        own, owed = own_task(running), owed_task(running, now)
        if own is not None:
            found[row_key(ticket, "own")] = Task(own.node.value)
        if owed is not None:
            found[row_key(ticket, "owed")] = owed[0]
    for row in connection.execute(select(matter).where(matter.c.ended_at.is_(None))):
        if row.kind == "request":
            found[row_key(row.ticket, "grant")] = Task.GRANT
        elif row.kind == "responsibility" and row.sort == "follower" and row.person is None:
            found[row_key(row.ticket, "follow")] = Task.FOLLOW
    return found


def check(connection: Connection, now: datetime) -> None:
    rows = read(connection, DutyLane.ALL, now)
    assert {row.key: row.task for row in rows} == expected(connection, now)
    assert len(rows) > 50
    number = schema.ticket.c.number
    still = select(number).where(schema.ticket.c.paused, schema.ticket.c.closed_at.is_(None))
    paused = read(connection, DutyLane.PAUSED, now)
    assert {row.ticket for row in paused} == set(connection.execute(still).scalars())
    assert all(row.status is NodeStatus.PAUSED for row in paused)
    for lane, tasks in TASKS_OF.items():
        if lane not in (DutyLane.PAUSED, DutyLane.OVERDUE):
            in_lane = [row.key for row in rows if row.task in tasks]
            assert [row.key for row in read(connection, lane, now)] == in_lane, "as it stands among all"
    late = {row.key for row in rows if row.due_at is not None and row.due_at < now}
    assert {row.key for row in read(connection, DutyLane.OVERDUE, now)} == late, "whoever is late"
    order = [standing(row) for row in rows]
    assert order == sorted(order), "overdue longest first, then by what is due next"


def standing(row: QueueRow) -> tuple[int, bool, bool, datetime]:
    """What the office does itself, what nobody has in hand, what a body owes; in each by the due time."""
    place = {Task.UNSIGNED: 1, Task.NEAR: 2, Task.OVERDUE: 2}.get(row.task, 0)
    intake = row.task in TASKS_OF[DutyLane.INTAKE]
    now_first = intake and (row.ongoing or row.urgency in (Urgency.CRITICAL, Urgency.FIRST))
    return place, not now_first, row.due_at is None, row.due_at or NOW


def test_the_queue_is_what_the_rules_say(store: Store, rules: Rules) -> None:
    """At several minutes, over tickets whose steps came in any order."""
    for moment in (NOW, START + timedelta(days=4), START + timedelta(days=6, hours=3)):
        at_moment(store, rules, moment, lambda c, now=moment: check(c, now))

    rows = {row.key: row for row in at_moment(store, rules, NOW, lambda c: read(c, DutyLane.ALL, NOW))}
    order = [key.partition("\x1e")[0] for key in rows if rows[key].task is Task.ACCEPT]
    fresh = [number for number in order if number.startswith("N-")]
    assert fresh == ["N-FAST", "N-NOW", "N-CALM"], "urgent and what happens now go first (Y02)"
    assert rows[row_key("N-NOW", "own")].ongoing
    # Y05: an urgent ticket is watched from the start, for every body that has to sign.
    sent = rows[row_key("N-SENT", "owed")]
    assert (sent.task, sent.body, sent.chased) == (Task.UNSIGNED, "housing", 1)
    assert row_key("N-FAST", "owed") not in rows, "before the dispatch there is nobody to chase"
    asks = rows[row_key("Q-ASKS", "grant")]
    assert (asks.task, asks.body, asks.said) == (Task.GRANT, "housing", "等待检测结果")
    assert row_key("Q-NO", "grant") not in rows
    assert rows[row_key("B-ALONE", "follow")].task is Task.FOLLOW, "Y19"
    assert row_key("B-FOLLOWED", "follow") not in rows


def test_lines_that_wait_no_more_and_what_a_shift_did(store: Store, rules: Rules) -> None:
    def work(connection: Connection) -> None:
        keys = [row_key("N-CALM", "own"), row_key("N-CALM", "owed"), row_key("nobody", "own")]
        rows = queue_rows(connection, keys, NOW)
        assert [row is not None for row in rows] == [True, False, False]
        assert queue_rows(connection, [], NOW) == []
        # T05: what one person did since then; B06: the medians of a day, of those who reached a stage.
        shift = shift_of(connection, DUTY, NEW, NOW)
        assert shift.done == {"Accepted": 1, "Dispatched": 1, "Chased": 1}
        assert shift_of(connection, replace(DUTY, name="李娜"), NEW, NOW).done == {}
        told = select(schema.event.c.stream, schema.event.c.at, schema.ticket.c.received_at).where(
            schema.event.c.kind == "Dispatched",
            schema.event.c.at.between(NOW - WINDOW, NOW),
            schema.ticket.c.number == func.substr(schema.event.c.stream, 8),
        )
        taken = [(row.at - row.received_at).total_seconds() for row in connection.execute(told)]
        assert shift.medians[Stage.HANDED_ON].total_seconds() == pytest.approx(median(taken))

    at_moment(store, rules, NOW, work)
