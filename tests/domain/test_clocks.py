"""Every node's clock from the table of the procedure, and what its states are at each boundary."""

from datetime import datetime, timedelta

import pytest

from domain.calendar import DayKind
from domain.clock import clock, explain
from domain.due import DueSource
from domain.events import (
    Accepted,
    Arrived,
    Closed,
    Dispatched,
    DueSupplied,
    Extended,
    FedBack,
    Filed,
    Paused,
    Penalised,
    PostChecked,
    Rectified,
    Resumed,
    Revisited,
    Signed,
)
from domain.node_clock import NodeEnd
from domain.nodes import Node, NodeStatus, TicketState
from domain.people import PLATFORM
from domain.urgency import Urgency
from tests.domain.city import (
    CALENDAR,
    DUTY,
    ECOLOGY,
    HOUSING,
    STANDARD,
    as_of,
    at,
    node_of,
    policy_of,
    received,
    stream,
)

START = "2026-09-17 16:00"
"""A Thursday; the 19th is a free Saturday, the 20th a make-up Sunday, the 25th to 27th are Mid-Autumn."""

# product.md's limits, from the moments of the life below: received at 16:00, rectified at 20:00 on the
# 17th, filed on the 18th at 16:00, revisited on the 18th at 17:00, post-checked on the 21st at 16:00.
FAST = {
    Node.ACCEPT: "2026-09-17 16:02",
    Node.DISPATCH: "2026-09-17 16:04",
    Node.SIGN: "2026-09-17 16:05",
    Node.ARRIVE: "2026-09-17 18:00",
    Node.RECTIFY: "2026-09-18 04:00",
    Node.FILE: "2026-10-02 20:00",
    Node.PENALISE: "2026-12-17 16:00",
    Node.FEED_BACK: "2026-09-17 22:00",
    Node.REVISIT: "2026-09-18 18:00",
    Node.POST_CHECK: "2026-10-09 18:00",
    Node.CLOSE: "2026-09-22 18:00",
}
# 10 working days after the 18th: 20, 21, 22, 23, 24, 28, 29, 30, October 8, 9.
ORDINARY = FAST | {
    Node.ACCEPT: "2026-09-17 16:30",
    Node.DISPATCH: "2026-09-17 17:00",
    Node.SIGN: "2026-09-17 20:00",
    Node.ARRIVE: "2026-09-20 18:00",
    Node.RECTIFY: "2026-09-23 18:00",
    Node.FEED_BACK: "2026-09-18 18:00",
}


def life(urgency: Urgency) -> tuple:  # type: ignore[type-arg]
    return stream(
        START,
        (0, DUTY, received(urgency)),
        (0.01, DUTY, Accepted()),
        (0.02, DUTY, Dispatched("housing")),
        (0.03, HOUSING, Signed()),
        (1, HOUSING, Arrived()),
        (4, HOUSING, Rectified("停工", violation=True)),
        (5, HOUSING, FedBack("电话")),
        (24, HOUSING, Filed("立案〔2026〕1号")),
        (25, DUTY, Revisited(True)),
        (96, ECOLOGY, PostChecked(True)),
        (97, HOUSING, Penalised("罚〔2026〕1号", 20000)),
        (98, DUTY, Closed("已解决")),
    )


@pytest.mark.parametrize(
    ("urgency", "expected"),
    [(Urgency.CRITICAL, FAST), (Urgency.FIRST, FAST), (Urgency.ORDINARY, ORDINARY)],
    ids=["critical", "first", "ordinary"],
)
def test_every_due_time_of_the_table(urgency: Urgency, expected: dict[Node, str]) -> None:
    ticket = as_of(life(urgency), "2026-09-30 12:00")
    assert {n.node: n.due_at for n in ticket.trace.nodes} == {n: at(due) for n, due in expected.items()}
    assert {n.due_source for n in ticket.trace.nodes} == {DueSource.POLICY}
    assert all(n.end is NodeEnd.DONE for n in ticket.trace.nodes)
    assert ticket.state is TicketState.CLOSED
    assert ticket.upcoming == ()


def test_each_node_is_charged_to_its_holder() -> None:
    ticket = as_of(life(Urgency.FIRST), "2026-09-30 12:00")
    charged = {n.node: (n.body, n.person) for n in ticket.trace.nodes}
    assert charged[Node.ACCEPT] == (PLATFORM, "王磊")
    assert charged[Node.RECTIFY] == ("housing", "陈立")
    assert charged[Node.REVISIT] == (PLATFORM, "王磊")
    assert charged[Node.POST_CHECK] == ("ecology", "周倩")


MICROSECOND = timedelta(microseconds=1)
CRITICAL_SIGN = at("2026-09-17 16:05")


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (at(START), NodeStatus.RUNNING),
        (at("2026-09-17 16:03:45") - MICROSECOND, NodeStatus.RUNNING),
        (at("2026-09-17 16:03:45"), NodeStatus.DUE_SOON),  # 75 % of five minutes
        (CRITICAL_SIGN, NodeStatus.DUE_SOON),
        (CRITICAL_SIGN + MICROSECOND, NodeStatus.OVERDUE),
    ],
)
def test_an_open_clock_at_its_boundaries(now: datetime, status: NodeStatus) -> None:
    ticket = as_of(stream(START, (0, DUTY, received(Urgency.CRITICAL))), now)
    assert ticket.status(node_of(ticket, Node.SIGN)) is status


@pytest.mark.parametrize(
    ("done", "status"),
    [(CRITICAL_SIGN, NodeStatus.ON_TIME), (CRITICAL_SIGN + MICROSECOND, NodeStatus.LATE)],
)
def test_done_exactly_when_due_is_on_time(done: datetime, status: NodeStatus) -> None:
    hours = (done - at(START)) / timedelta(hours=1)
    events = stream(START, (0, DUTY, received(Urgency.CRITICAL)), (hours, HOUSING, Signed()))
    assert events[1].at == done
    ticket = as_of(events, "2026-09-30 12:00")
    assert ticket.status(node_of(ticket, Node.SIGN)) is status


def test_a_supplied_due_time_wins_and_says_so() -> None:
    given = at("2026-09-18 12:00")
    events = stream(START, (0, DUTY, received()), (0, DUTY, DueSupplied(Node.RECTIFY, given, "12345 工单")))
    ticket = as_of(events, "2026-09-18 12:00")
    rectify = node_of(ticket, Node.RECTIFY)
    assert (rectify.due_at, rectify.due_source) == (given, DueSource.SOURCE)
    assert explain(rectify, CALENDAR).source is DueSource.SOURCE
    assert node_of(ticket, Node.ARRIVE).due_source is DueSource.POLICY  # the other nodes keep theirs
    assert ticket.status(rectify) is NodeStatus.DUE_SOON
    assert as_of(events, given + MICROSECOND).status(rectify) is NodeStatus.OVERDUE


def test_no_target_is_never_late() -> None:
    events = stream(
        START,
        (0, DUTY, received()),
        (0, DUTY, DueSupplied(Node.RECTIFY, None, "Boston 311")),
        (9000, HOUSING, Rectified()),
    )
    policy = policy_of("source-due")
    open_ = as_of(events, "2027-09-01 12:00", policy)
    assert open_.status(node_of(open_, Node.RECTIFY)) is NodeStatus.RUNNING
    assert open_.state is TicketState.ON_TIME
    done = as_of(events, "2027-12-01 12:00", policy)
    assert done.status(node_of(done, Node.RECTIFY)) is NodeStatus.ON_TIME
    assert done.state is TicketState.CLOSED
    assert node_of(done, Node.RECTIFY).due_source is DueSource.NONE


def test_a_target_before_the_receipt_is_late_at_once() -> None:
    events = stream(
        START,
        (0, DUTY, received()),
        (0, DUTY, DueSupplied(Node.RECTIFY, at("2026-09-17 12:00"), "Boston 311")),
    )
    ticket = as_of(events, START, policy_of("source-due"))
    assert ticket.state is TicketState.OVERDUE


def test_the_reply_policy_counts_five_working_days() -> None:
    events = stream(START, (0, DUTY, received()), (200, HOUSING, FedBack("书面")))
    ticket = as_of(events, "2026-09-30 12:00", policy_of("reply"))
    assert node_of(ticket, Node.FEED_BACK).due_at == at("2026-09-23 18:00")
    assert ticket.status(node_of(ticket, Node.FEED_BACK)) is NodeStatus.LATE
    assert ticket.state is TicketState.CLOSED


def test_the_explanation_names_the_days() -> None:
    ticket = as_of(stream(START, (0, DUTY, received())), START)
    told = explain(node_of(ticket, Node.RECTIFY), CALENDAR)
    counted = [(d.day.day, d.kind is DayKind.MAKE_UP) for d in told.days if d.counted]
    assert counted == [(18, False), (20, True), (21, False), (22, False), (23, False)]
    assert not told.provisional
    assert told.due_at == at("2026-09-23 18:00")


def test_a_clock_into_a_year_without_a_notice_is_provisional() -> None:
    ticket = as_of(stream("2026-12-29 10:00", (0, DUTY, received())), "2026-12-29 11:00")
    assert explain(node_of(ticket, Node.RECTIFY), CALENDAR).provisional
    assert not explain(node_of(ticket, Node.ARRIVE), CALENDAR).provisional  # 30, 31


def test_a_pause_after_a_node_has_ended_is_no_part_of_why_it_was_due() -> None:
    events = stream(
        "2026-09-17 16:00",
        (0, DUTY, received()),
        (1, DUTY, Dispatched("housing")),
        (20, HOUSING, Rectified()),
        (21, DUTY, Paused("停工令", PLATFORM)),
        (100, DUTY, Resumed()),
    )
    ticket = as_of(events, "2026-09-24 09:00")
    told = explain(node_of(ticket, Node.RECTIFY), CALENDAR)
    assert told.pauses == ()
    assert told.due_at == at("2026-09-23 18:00")
    assert [day.day.day for day in told.days if day.counted] == [18, 20, 21, 22, 23]


def test_file_and_penalise_run_only_with_a_violation() -> None:
    def nodes(violation: bool) -> set[Node]:
        events = stream(
            START,
            (0, DUTY, received()),
            (1, DUTY, Dispatched("housing")),
            (2, HOUSING, Rectified(violation=violation)),
        )
        ticket = as_of(events, "2026-09-18 09:00")
        return {n.node for n in ticket.trace.nodes} | {rule.node for rule in ticket.upcoming}

    assert nodes(True) - nodes(False) == {Node.FILE, Node.PENALISE}


def test_what_is_to_come() -> None:
    events = life(Urgency.FIRST)
    new = as_of(events, START)
    assert [rule.node for rule in new.upcoming] == [
        Node.FILE,
        Node.PENALISE,
        Node.FEED_BACK,
        Node.REVISIT,
        Node.POST_CHECK,
        Node.CLOSE,
    ]
    rectified = as_of(events, "2026-09-17 20:30")
    assert [rule.node for rule in rectified.upcoming] == [Node.PENALISE, Node.POST_CHECK, Node.CLOSE]
    assert [n.node for n in rectified.trace.open_nodes] == [Node.FILE, Node.FEED_BACK, Node.REVISIT]


def test_closing_skips_what_is_open_and_keeps_what_was_late() -> None:
    events = stream(
        START, (0, DUTY, received()), (1, DUTY, Dispatched("housing")), (10, DUTY, Closed("重复"))
    )
    ticket = as_of(events, "2026-09-30 12:00")
    assert ticket.state is TicketState.CLOSED
    assert ticket.trace.closed_at == at("2026-09-18 02:00")
    assert node_of(ticket, Node.RECTIFY).end is NodeEnd.SKIPPED
    assert ticket.status(node_of(ticket, Node.RECTIFY)) is NodeStatus.SKIPPED
    assert ticket.status(node_of(ticket, Node.SIGN)) is NodeStatus.LATE  # its four hours had passed
    assert as_of((*events, events[-1]), "2026-09-30 12:00").trace == ticket.trace


def test_a_late_report_counts_at_its_own_time() -> None:
    told, signed, arrived = stream(
        START, (0, DUTY, received(Urgency.FIRST)), (0.05, HOUSING, Signed()), (1, HOUSING, Arrived())
    )
    ticket = as_of((told, arrived, signed), "2026-09-18 09:00")  # recorded after what it precedes
    assert ticket.status(node_of(ticket, Node.SIGN)) is NodeStatus.ON_TIME
    assert ticket.trace == as_of((told, signed, arrived), "2026-09-18 09:00").trace


def test_an_extension_moves_the_due_time_and_never_takes_time_away() -> None:
    later, sooner = at("2026-09-30 18:00"), at("2026-09-18 12:00")
    for granted, expected, source in (
        (later, later, DueSource.EXTENSION),
        (sooner, at("2026-09-23 18:00"), DueSource.POLICY),
    ):
        events = stream(
            START, (0, DUTY, received()), (20, DUTY, Extended(Node.RECTIFY, granted, "雨季", "王磊"))
        )
        rectify = node_of(as_of(events, "2026-09-18 13:00"), Node.RECTIFY)
        assert (rectify.due_at, rectify.due_source) == (expected, source)
    before = node_of(as_of(events, "2026-09-18 11:59"), Node.RECTIFY)
    assert before.due_at == at("2026-09-23 18:00")


def test_the_colour_is_that_of_the_worst_open_node() -> None:
    events = stream(
        START,
        (0, DUTY, received()),
        (0.2, DUTY, Accepted()),
        (0.3, DUTY, Dispatched("housing")),
        (5, HOUSING, Signed()),  # 21:00, an hour late: over is over
        (6, HOUSING, Arrived()),
        (7, HOUSING, Rectified()),
        (8, HOUSING, FedBack("电话")),
    )
    seen = [
        as_of(events, moment).state
        for moment in (
            "2026-09-17 16:00",
            "2026-09-17 19:00",  # 75 % of the four hours to sign
            "2026-09-17 20:00:01",
            "2026-09-17 21:00",
            "2026-09-17 23:00",  # rectified, the revisit runs
            "2026-09-18 13:15",  # 75 % of 23:00 to 18:00
            "2026-09-18 18:00:01",
        )
    ]
    assert seen == [
        TicketState.ON_TIME,
        TicketState.DUE_SOON,
        TicketState.OVERDUE,
        TicketState.ON_TIME,
        TicketState.DONE,
        TicketState.DUE_SOON,
        TicketState.OVERDUE,
    ]


def test_the_used_share_reaches_one_at_the_limit() -> None:
    ticket = as_of(stream(START, (0, DUTY, received(Urgency.FIRST))), START)
    arrive = node_of(ticket, Node.ARRIVE)
    shares = [arrive.used_share(at(f"2026-09-17 {clock}")) for clock in ("16:00", "17:30", "18:00", "20:00")]
    assert shares == [0.0, 0.75, 1.0, 2.0]
    assert arrive.yellow_at == at("2026-09-17 17:30")


def test_a_ticket_that_was_not_received_yet_has_no_clock() -> None:
    events = stream(START, (0, DUTY, received()))
    with pytest.raises(ValueError, match="Received"):
        clock(events, STANDARD, CALENDAR, at(START) - MICROSECOND)
    with pytest.raises(ValueError, match="Received"):
        as_of(stream(START, (0, DUTY, Accepted()), (1, DUTY, received())), "2026-09-18 09:00")
