"""Faults that users report of other systems' clocks (peers.md 3.1, 1-22): ours must not have them.

Named after the fault and where it was reported.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.clock import clock
from domain.due import DueSource
from domain.events import (
    Arrived,
    Closed,
    Dispatched,
    DueSupplied,
    Event,
    Extended,
    Fact,
    Filed,
    Paused,
    PostChecked,
    Rectified,
    Resumed,
    ReturnedAsWrong,
    Revisited,
    Signed,
)
from domain.node_clock import NodeEnd
from domain.nodes import Node, NodeStatus, TicketState
from domain.people import Actor
from domain.policy import parse_policy
from domain.urgency import Urgency
from tests.domain.city import (
    CALENDAR,
    DUTY,
    ECOLOGY,
    HOUSING,
    as_of,
    at,
    node_of,
    policy_of,
    received,
    stream,
)

START = "2026-09-14 09:00"
"""A Monday with a whole working week, and the make-up Sunday, before it."""

PAUSE = Paused("等待鉴定", "王磊")


def first(*steps: tuple[float, Actor, Fact]) -> tuple[Event, ...]:
    """A first-level ticket given to the housing bureau after 0.05 h; 12 h to rectify."""
    return stream(START, (0, DUTY, received(Urgency.FIRST)), (0.05, DUTY, Dispatched("housing")), *steps)


def ordinary(*steps: tuple[float, Actor, Fact]) -> tuple[Event, ...]:
    """An ordinary ticket given to the housing bureau after half an hour; 5 working days to rectify."""
    return stream(START, (0, DUTY, received()), (0.5, DUTY, Dispatched("housing")), *steps)


def test_osticket_3034_on_hold_is_not_overdue() -> None:
    ticket = as_of(first((6, DUTY, PAUSE)), "2026-09-20 09:00")
    rectify = node_of(ticket, Node.RECTIFY)
    assert rectify.paused
    assert rectify.due_at is None
    assert rectify.used_share(ticket.as_of) is None
    assert ticket.status(rectify) is NodeStatus.PAUSED


def test_a_pause_hides_nothing_that_was_late_before() -> None:
    events = first((0.06, HOUSING, Signed()), (1, HOUSING, Arrived()), (13, DUTY, PAUSE))
    ticket = as_of(events, "2026-09-20 09:00")
    rectify = node_of(ticket, Node.RECTIFY)
    assert rectify.due_at == at("2026-09-14 21:00")
    assert ticket.status(rectify) is NodeStatus.OVERDUE
    assert rectify.paused  # and that it is paused is not hidden either


@pytest.mark.parametrize(
    ("begin", "end", "due"),
    [
        (6, 30, "2026-09-15 21:00"),  # a day: 12 h in all
        (12, 30, "2026-09-14 21:00"),  # from the very due time on: too late to help
        (0, 1, "2026-09-14 22:00"),
    ],
)
def test_a_natural_clock_is_moved_by_the_length_of_the_pause(begin: float, end: float, due: str) -> None:
    ticket = as_of(first((begin, DUTY, PAUSE), (end, DUTY, Resumed())), "2026-09-16 09:00")
    assert node_of(ticket, Node.RECTIFY).due_at == at(due)


@pytest.mark.parametrize(
    ("begin", "end", "due"),
    [
        (24, 72, "2026-09-22 18:00"),  # Tue 09:00 to Thu 09:00: two days at whose end it stood still
        (24, 28, "2026-09-20 18:00"),  # within Tuesday: none
        (33, 48, "2026-09-20 18:00"),  # Tue 18:00 to Wed 09:00: Tuesday was all there
        (27, 33, "2026-09-21 18:00"),  # Tue 12:00 to Tue 18:00: nothing was left of Tuesday
        (96, 144, "2026-09-21 18:00"),  # Fri 09:00 to Sun 09:00: Friday; the Saturday was free anyway
    ],
)
def test_glpi_10594_a_pause_is_counted_by_the_same_calendar(begin: float, end: float, due: str) -> None:
    ticket = as_of(ordinary((begin, DUTY, PAUSE), (end, DUTY, Resumed())), "2026-09-20 12:00")
    assert node_of(ticket, Node.RECTIFY).due_at == at(due)


def test_osticket_4969_working_hours_holidays_weekends() -> None:
    events = stream("2026-09-30 17:59", (0, DUTY, received()))
    assert node_of(as_of(events, "2026-10-01 09:00"), Node.ARRIVE).due_at == at("2026-10-09 18:00")


def test_glpi_1911_the_second_group_has_its_whole_time() -> None:
    events = ordinary(
        (1, HOUSING, Signed()),
        (70, HOUSING, ReturnedAsWrong("非本部门职责")),
        (72, DUTY, Dispatched("ecology")),
    )
    ticket = as_of(events, "2026-09-17 10:00")
    assert node_of(ticket, Node.RECTIFY, leg=2).started_at == at("2026-09-17 09:00")
    assert node_of(ticket, Node.RECTIFY, leg=2).due_at == at("2026-09-23 18:00")
    assert node_of(ticket, Node.SIGN, leg=2).due_at == at("2026-09-17 13:00")
    assert node_of(ticket, Node.RECTIFY, leg=2).body == "ecology"


def test_the_first_body_is_charged_for_its_own_time_only() -> None:
    events = ordinary(
        (1, HOUSING, Signed()),
        (20, HOUSING, ReturnedAsWrong("非本部门职责")),
        (22, DUTY, Dispatched("ecology")),
        (500, ECOLOGY, Rectified()),
    )
    ticket = as_of(events, "2026-10-30 09:00")
    for node in (Node.ARRIVE, Node.RECTIFY):
        held = node_of(ticket, node)
        assert (held.body, held.ended_at, held.end) == (
            "housing",
            at("2026-09-15 05:00"),
            NodeEnd.HANDED_OVER,
        )
        assert ticket.status(held) is NodeStatus.HANDED_OVER
    assert ticket.status(node_of(ticket, Node.RECTIFY, leg=2)) is NodeStatus.LATE


def test_a_body_that_returns_a_ticket_too_late_was_late() -> None:
    events = first((30, HOUSING, ReturnedAsWrong("非本部门职责")))
    ticket = as_of(events, "2026-09-16 09:00")
    assert ticket.status(node_of(ticket, Node.RECTIFY)) is NodeStatus.LATE


def test_the_platform_has_its_dispatch_clock_again_after_a_return() -> None:
    ticket = as_of(ordinary((20, HOUSING, ReturnedAsWrong("非本部门职责"))), "2026-09-15 05:30")
    again = node_of(ticket, Node.DISPATCH, leg=2)
    assert (again.started_at, again.due_at) == (at("2026-09-15 05:00"), at("2026-09-15 06:00"))
    assert ticket.trace.lead is None
    assert ticket.trace.current == node_of(ticket, Node.ACCEPT)  # nobody ever accepted it
    coming = {rule.node for rule in ticket.upcoming}
    assert {Node.SIGN, Node.ARRIVE, Node.RECTIFY, Node.CLOSE} <= coming


def test_a_second_return_of_the_same_ticket_changes_nothing() -> None:
    once = ordinary((20, HOUSING, ReturnedAsWrong("非本部门职责")))
    twice = (*once, Event(at("2026-09-15 06:00"), HOUSING, ReturnedAsWrong("再退")))
    assert as_of(twice, "2026-09-15 07:00").trace == as_of(once, "2026-09-15 07:00").trace


def test_zammad_5624_no_clock_of_the_old_group_stays() -> None:
    # Straight from one body to another, without a return, and after the first one had reported it done.
    events = ordinary(
        (1, HOUSING, Signed()), (2, HOUSING, Rectified(violation=True)), (3, DUTY, Dispatched("ecology"))
    )
    ticket = as_of(events, "2026-09-14 13:00")
    assert {n.body for n in ticket.trace.open_nodes if n.node in (Node.SIGN, Node.ARRIVE, Node.RECTIFY)} == {
        "ecology"
    }
    assert not any(n.body == "housing" for n in ticket.trace.open_nodes)
    assert not ticket.trace.rectified
    assert ticket.state is not TicketState.DONE
    assert node_of(ticket, Node.REVISIT).end is NodeEnd.HANDED_OVER


def test_a_new_assisting_body_is_no_hand_over() -> None:
    plain = ordinary((1, HOUSING, Signed()))
    more = (*plain, Event(at("2026-09-14 11:00"), DUTY, Dispatched("housing", ("police",))))
    assert as_of(more, "2026-09-14 12:00").trace.nodes == as_of(plain, "2026-09-14 12:00").trace.nodes


@pytest.mark.parametrize("pause_first", [True, False])
def test_glpi_6902_pause_time_is_kept_when_the_limit_is_changed(pause_first: bool) -> None:
    granted = Extended(Node.RECTIFY, at("2026-09-16 09:00"), "专家论证", "王磊")
    if pause_first:  # who grants an extension knows of the pauses before
        events = first((1, DUTY, PAUSE), (3, DUTY, Resumed()), (4, DUTY, granted))
        due = at("2026-09-16 09:00")
    else:
        events = first((1, DUTY, granted), (2, DUTY, PAUSE), (5, DUTY, Resumed()))
        due = at("2026-09-16 12:00")
    rectify = node_of(as_of(events, "2026-09-15 09:00"), Node.RECTIFY)
    assert (rectify.due_at, rectify.due_source) == (due, DueSource.EXTENSION)


def test_an_extension_of_working_days_is_moved_by_working_days() -> None:
    granted = Extended(Node.RECTIFY, at("2026-09-24 18:00"), "专家论证", "王磊")
    # Tue 09:00 to Thu 09:00 takes two working days: after Thu 24 come the holidays, then Mon 28, Tue 29.
    events = ordinary((1, DUTY, granted), (24, DUTY, PAUSE), (72, DUTY, Resumed()))
    assert node_of(as_of(events, "2026-09-18 09:00"), Node.RECTIFY).due_at == at("2026-09-29 18:00")


def test_glpi_24481_a_target_of_the_source_is_not_violated_while_pending() -> None:
    given = DueSupplied(Node.RECTIFY, at("2026-09-14 15:00"), "12345")
    paused = first((0.1, DUTY, given), (2, DUTY, PAUSE))
    ticket = as_of(paused, "2026-09-16 09:00")
    assert ticket.status(node_of(ticket, Node.RECTIFY)) is NodeStatus.PAUSED
    resumed = (*paused, Event(at("2026-09-14 13:00"), DUTY, Resumed()))
    rectify = node_of(as_of(resumed, "2026-09-16 09:00"), Node.RECTIFY)
    assert (rectify.due_at, rectify.due_source) == (at("2026-09-14 17:00"), DueSource.SOURCE)


def test_frappe_3776_the_hold_counts_when_work_is_done_without_resuming() -> None:
    def done_at(hours: float) -> NodeStatus:
        events = first((6, DUTY, PAUSE), (hours, HOUSING, Rectified()))
        ticket = as_of(events, "2026-09-30 09:00")
        return ticket.status(node_of(ticket, Node.RECTIFY))

    assert done_at(100) is NodeStatus.ON_TIME  # 6 h of 12 were used
    late = first(
        (6, DUTY, PAUSE),
        (8, DUTY, Resumed()),
        (9, DUTY, PAUSE),
        (20, DUTY, Resumed()),
        (26, HOUSING, Rectified()),
    )
    ticket = as_of(late, "2026-09-30 09:00")
    assert node_of(ticket, Node.RECTIFY).due_at == at("2026-09-15 10:00")
    assert ticket.status(node_of(ticket, Node.RECTIFY)) is NodeStatus.LATE
    # What was over before the pause stays so.
    over = as_of(first((13, DUTY, PAUSE), (14, HOUSING, Rectified())), "2026-09-30 09:00")
    assert over.status(node_of(over, Node.RECTIFY)) is NodeStatus.LATE


def test_the_share_used_leaves_the_pause_out() -> None:
    # Half of 12 h used, then four days of standstill: not slow when it goes on.
    events = first(
        (0.06, HOUSING, Signed()), (1, HOUSING, Arrived()), (6, DUTY, PAUSE), (102, DUTY, Resumed())
    )
    ticket = as_of(events, "2026-09-18 15:00")
    rectify = node_of(ticket, Node.RECTIFY)
    assert rectify.due_at == at("2026-09-18 21:00")
    assert rectify.used_share(ticket.as_of) == 0.5
    assert rectify.yellow_at == at("2026-09-18 18:00")
    assert ticket.status(rectify) is NodeStatus.RUNNING


def test_glpi_23359_between_solved_and_reopened_nobody_is_charged() -> None:
    events = ordinary((2, HOUSING, Rectified()), (240, DUTY, Revisited(False, "仍有噪声")))
    ticket = as_of(events, "2026-09-24 10:00")
    again = node_of(ticket, Node.RECTIFY, round_=2)
    assert (again.started_at, again.due_at) == (at("2026-09-24 09:00"), at("2026-10-09 18:00"))
    assert ticket.status(node_of(ticket, Node.RECTIFY)) is NodeStatus.ON_TIME


def test_a_bounce_back_starts_round_two_and_keeps_round_one() -> None:
    given = DueSupplied(Node.RECTIFY, at("2026-09-15 09:00"), "12345")
    before = ordinary((0.6, DUTY, given), (2, HOUSING, Rectified()))
    ticket = as_of((*before, *stream(START, (26, DUTY, Revisited(False)))), "2026-09-15 12:00")
    trace = ticket.trace
    assert (trace.round, trace.bounces, trace.satisfied, trace.rectified) == (2, 1, False, False)
    assert node_of(ticket, Node.REVISIT).passed is False
    assert {n.node for n in trace.nodes if n.round == 2} == {Node.SIGN, Node.ARRIVE, Node.RECTIFY}
    assert node_of(ticket, Node.RECTIFY).due_source is DueSource.SOURCE
    assert node_of(ticket, Node.RECTIFY, round_=2).due_source is DueSource.POLICY  # not carried over
    assert node_of(ticket, Node.SIGN, round_=2).body == "housing"
    assert node_of(ticket, Node.SIGN).end is NodeEnd.SKIPPED
    done = [n for n in as_of(before, "2026-09-15 12:00").trace.nodes if n.end is NodeEnd.DONE]
    assert done
    assert set(done) <= set(trace.nodes)


def test_a_failed_post_check_bounces_too_and_a_filed_case_goes_on() -> None:
    events = ordinary(
        (2, HOUSING, Rectified(violation=True)),
        (3, DUTY, Extended(Node.FILE, at("2026-10-30 09:00"), "案情复杂", "王磊")),
        (5, DUTY, Revisited(True)),
        (30, ECOLOGY, PostChecked(False, "反弹")),
    )
    ticket = as_of(events, "2026-09-15 16:00")
    assert ticket.trace.round == 2
    case = node_of(ticket, Node.FILE)
    assert case.ended_at is None
    assert case.due_at == at("2026-10-30 09:00")  # with its extension
    assert ticket.trace.current == node_of(ticket, Node.SIGN, round_=2)
    elsewhere = Event(at("2026-09-15 18:00"), DUTY, Dispatched("ecology"))
    filed = (*events, elsewhere, Event(at("2026-09-16 09:00"), HOUSING, Filed("立案")))
    penalise = node_of(as_of(filed, "2026-09-16 10:00"), Node.PENALISE)
    assert (penalise.body, penalise.ended_at) == ("housing", None)  # its case, whoever has round two


def test_osticket_5955_reopening_an_old_ticket_fires_no_alarm_at_once() -> None:
    closed = first((0.06, HOUSING, Signed()), (1, HOUSING, Rectified()), (2, DUTY, Closed("已解决")))
    ticket = as_of((*closed, *stream(START, (2400, DUTY, Revisited(False)))), "2026-12-23 09:00")
    assert ticket.trace.round == 2
    assert ticket.trace.closed_at is None
    assert ticket.state is TicketState.ON_TIME
    assert all(n.started_at == at("2026-12-23 09:00") for n in ticket.trace.open_nodes)


def test_a_closed_ticket_is_moved_by_nothing_else() -> None:
    closed = first((1, HOUSING, Rectified()), (2, DUTY, Closed("已解决")))
    after: tuple[tuple[float, Actor, Fact], ...] = (
        (3, DUTY, Dispatched("ecology")),
        (4, HOUSING, ReturnedAsWrong("")),
        (5, DUTY, PAUSE),
        (6, HOUSING, Signed()),
        (7, DUTY, Closed("")),
    )
    assert as_of((*closed, *stream(START, *after)), "2026-09-16 09:00").trace == (
        as_of(closed, "2026-09-16 09:00").trace
    )


def test_closing_ends_the_pause() -> None:
    ticket = as_of(first((1, DUTY, PAUSE), (2, DUTY, Closed("撤诉"))), "2026-09-16 09:00")
    assert [pause.end for pause in ticket.trace.pauses] == [at("2026-09-14 11:00")]


def test_a_check_of_unfinished_work_hands_out_no_fresh_clocks() -> None:
    before = ordinary((1, HOUSING, Signed()))
    ticket = as_of((*before, *stream(START, (3, DUTY, Revisited(False)))), "2026-09-15 09:00")
    assert ticket.trace.round == 1
    assert ticket.trace.nodes == as_of(before, "2026-09-15 09:00").trace.nodes


def test_glpi_17186_a_due_time_does_not_move_by_itself() -> None:
    events = ordinary((1, HOUSING, Signed()), (4, HOUSING, Arrived()))
    dues = {node_of(as_of(events, f"2026-09-{day} 10:00"), Node.RECTIFY).due_at for day in range(14, 30)}
    assert dues == {at("2026-09-20 18:00")}


def test_zammad_4353_a_limit_taken_off_is_no_longer_late() -> None:
    events = first((0.06, HOUSING, Signed()), (1, HOUSING, Arrived()))
    off = stream(START, (20, DUTY, DueSupplied(Node.RECTIFY, None, "12345")))
    late, free = as_of(events, "2026-09-16 09:00"), as_of((*events, *off), "2026-09-16 09:00")
    assert late.status(node_of(late, Node.RECTIFY)) is NodeStatus.OVERDUE
    assert free.status(node_of(free, Node.RECTIFY)) is NodeStatus.RUNNING


def test_zammad_5177_one_nodes_limit_does_not_override_anothers() -> None:
    plain = ordinary()
    events = (*plain, *stream(START, (1, DUTY, DueSupplied(Node.FEED_BACK, at("2026-09-14 10:30"), "12345"))))
    for node in (Node.SIGN, Node.ARRIVE, Node.RECTIFY):
        assert node_of(as_of(events, START_PLUS), node) == node_of(as_of(plain, START_PLUS), node)


START_PLUS = "2026-09-14 12:00"


def test_osticket_4078_late_stays_late_after_closing() -> None:
    ticket = as_of(first((13, HOUSING, Rectified()), (14, DUTY, Closed("已解决"))), "2026-10-30 09:00")
    assert ticket.status(node_of(ticket, Node.RECTIFY)) is NodeStatus.LATE
    assert ticket.status(node_of(ticket, Node.SIGN)) is NodeStatus.LATE


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Shanghai", "Pacific/Auckland"])
def test_frappe_3776_deadlines_are_the_same_for_users_in_another_zone(zone: str) -> None:
    events = ordinary((24, DUTY, PAUSE), (72, DUTY, Resumed()))
    elsewhere = tuple(Event(e.at.astimezone(ZoneInfo(zone)), e.actor, e.fact) for e in events)
    assert as_of(elsewhere, "2026-09-18 09:00").trace == as_of(events, "2026-09-18 09:00").trace


def test_otrs_787_a_change_of_the_clocks_takes_no_hour() -> None:
    # New York, night of 2026-11-01: 02:00 becomes 01:00. Twelve hours stay twelve hours, paused or not.
    new_york = ZoneInfo("America/New_York")
    evening = at("2026-11-01 11:00").astimezone(new_york)
    assert evening.hour == 23
    told = Event(evening, DUTY, received(Urgency.FIRST))
    ticket = clock([told], policy_of("standard-v1"), CALENDAR, evening)
    assert node_of(ticket, Node.RECTIFY).due_at == at("2026-11-01 23:00")
    paused = Event(evening + timedelta(hours=1), DUTY, PAUSE)
    resumed = Event(at("2026-11-01 16:00").astimezone(new_york), DUTY, Resumed())  # four hours on
    moved = clock([told, paused, resumed], policy_of("standard-v1"), CALENDAR, at("2026-11-01 20:00"))
    assert node_of(moved, Node.RECTIFY).due_at == at("2026-11-02 03:00")


def test_zendesk_biz_103_chinese_new_year_swaps_weekend_days() -> None:
    events = stream(
        "2026-02-13 11:00", (0, DUTY, received()), (1, DUTY, Dispatched("housing")), (2, HOUSING, Rectified())
    )
    assert node_of(as_of(events, "2026-02-13 14:00"), Node.REVISIT).due_at == at("2026-02-14 18:00")


def test_vsme_46_a_make_up_sunday_is_a_working_day() -> None:
    events = stream(
        "2026-09-18 10:00", (0, DUTY, received()), (1, DUTY, Dispatched("housing")), (2, HOUSING, Rectified())
    )
    assert node_of(as_of(events, "2026-09-18 14:00"), Node.REVISIT).due_at == at("2026-09-20 18:00")


def test_a_source_target_used_up_by_the_first_body_does_not_charge_the_second() -> None:
    given = DueSupplied(Node.RECTIFY, at("2026-09-15 09:00"), "12345")
    events = ordinary(
        (0.6, DUTY, given), (70, HOUSING, ReturnedAsWrong("非本部门职责")), (72, DUTY, Dispatched("ecology"))
    )
    second = node_of(as_of(events, "2026-09-18 09:00"), Node.RECTIFY, leg=2)
    assert (second.due_at, second.due_source) == (at("2026-09-23 18:00"), DueSource.POLICY)
    far = DueSupplied(Node.RECTIFY, at("2026-10-30 09:00"), "12345")
    longer = node_of(
        as_of((*events[:2], Event(events[2].at, DUTY, far), *events[3:]), "2026-09-18 09:00"),
        Node.RECTIFY,
        leg=2,
    )
    assert (longer.due_at, longer.due_source) == (at("2026-10-30 09:00"), DueSource.SOURCE)


def test_an_extension_is_for_the_body_that_asked_for_it() -> None:
    granted = Extended(Node.RECTIFY, at("2026-10-30 18:00"), "设备定制", "王磊")
    events = ordinary(
        (1, DUTY, granted), (70, HOUSING, ReturnedAsWrong("")), (72, DUTY, Dispatched("ecology"))
    )
    ticket = as_of(events, "2026-09-18 09:00")
    assert node_of(ticket, Node.RECTIFY).due_at == at("2026-10-30 18:00")
    assert node_of(ticket, Node.RECTIFY, leg=2).due_at == at("2026-09-23 18:00")


def test_a_policy_that_starts_the_body_at_dispatch_restarts_it_in_every_round_and_leg() -> None:
    policy = parse_policy(
        {
            "family": "other",
            "version": 1,
            "effective_from": policy_of("standard-v1").effective_from,
            "title": "另一城市",
            "yellow_share": 0.5,
            "sentences": {"late": "逾期", "slow": "临期"},
            "node": [
                {
                    "node": "dispatch",
                    "holder": "platform",
                    "start": "received",
                    "limit": "1 h",
                    "first_round_only": True,
                },
                {"node": "sign", "holder": "body", "start": "dispatch", "limit": "1 h"},
                {"node": "rectify", "holder": "body", "start": "sign", "limit": "1 d"},
                {"node": "revisit", "holder": "platform", "start": "rectify", "limit": "1 wd"},
            ],
        }
    )
    events = ordinary(
        (1, HOUSING, Signed()),
        (2, HOUSING, Rectified()),
        (4, DUTY, Revisited(False)),
        (5, DUTY, Dispatched("ecology")),
    )
    ticket = as_of(events, "2026-09-14 14:00", policy)
    assert node_of(ticket, Node.SIGN).started_at == at("2026-09-14 09:30")
    assert node_of(ticket, Node.SIGN, round_=2).started_at == at("2026-09-14 13:00")
    assert node_of(ticket, Node.SIGN, round_=2, leg=2).body == "ecology"
    done = ordinary((1, HOUSING, Signed()), (2, HOUSING, Rectified()), (4, DUTY, Revisited(True)))
    assert as_of(done, "2026-09-14 14:00", policy).trace.closed_at == at("2026-09-14 13:00")


def test_a_returned_ticket_is_not_closed_under_a_policy_without_dispatch() -> None:
    events = ordinary((1, HOUSING, ReturnedAsWrong("非本部门职责")))
    ticket = as_of(events, "2026-09-14 14:00", policy_of("reply"))
    assert ticket.trace.closed_at is None
    again = (*events, *stream(START, (3, DUTY, Dispatched("ecology"))))
    assert (
        node_of(as_of(again, "2026-09-14 14:00", policy_of("reply")), Node.FEED_BACK, leg=2).body == "ecology"
    )
