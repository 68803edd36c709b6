"""A body's queue and what waits for its answer, read by a person of that body, under row-level security."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from data_access import bulk, log
from data_access.master import put_city
from data_access.readers.handler_desk import first_of_queue, handler_counts, queue_rows, settled_queue
from data_access.rules import load_rules
from data_access.store import Store
from desktop.city import load_city
from domain import case_events as c
from domain import events as e
from domain.desk_queue import QueueRow, Task
from domain.events import Event, Fact
from domain.handler_desk import HandlerGroup
from domain.intake import NewTicket
from domain.nodes import NodeStatus
from domain.people import Actor, Role
from domain.urgency import Urgency
from tests.data_access.gate.conftest import SignIn, sign_in
from tests.data_access.streams import DUTY

__all__ = ["sign_in"]

LEAD, HELPER, OTHER = (body.key for body in load_city().responsible[:3])
HANDLER = Actor(Role.HANDLER, "陈立", LEAD)
LEADER = Actor(Role.LEADER, "李强")
OFFICER = Actor(Role.DISCIPLINE, "孙静", "discipline")
GIVEN = ((DUTY, e.Accepted()), (DUTY, e.Dispatched(LEAD, (HELPER,))))
THERE = ((HANDLER, e.Signed()), (HANDLER, e.Arrived()))
DONE = (HANDLER, e.Rectified("停工整改"))
GUILTY = (HANDLER, e.Rectified("停工整改", violation=True))


def now() -> datetime:
    return datetime.now(UTC)


def came(number: str, minutes: float, *steps: tuple[Actor, Fact], **said: object) -> NewTicket:
    """A ticket that came in so many minutes ago, to which these things happened, a second apart."""
    start = now() - timedelta(minutes=minutes)
    first = e.Received("12345", f"夜间施工 {number}", area="320312", **said)  # type: ignore[arg-type]
    happened = [(DUTY, first), *steps]
    events = tuple(Event(start + timedelta(seconds=n), *step) for n, step in enumerate(happened))
    return NewTicket(number, events, number.encode().ljust(32, b"\0"))


@pytest.fixture
def city(store: Store) -> Store:
    """A city in which one body leads six tickets, another assists with them, and a third has one."""
    tickets = [
        came("T-1", 10, *GIVEN),
        came("T-2", 5, *GIVEN, (HANDLER, e.Signed()), urgency=Urgency.CRITICAL, address="泰山路 1 号"),
        came("T-3", 9, *GIVEN, (HANDLER, e.Signed()), (DUTY, e.Chased("请抓紧")), GUILTY),
        came("T-4", 8, *GIVEN, *THERE, DONE, (HANDLER, e.FedBack("电话"))),
        came("T-5", 7, *GIVEN, (DUTY, e.Paused("等待检测", DUTY.name))),
        came("T-6", 6, *GIVEN, (HANDLER, e.ReturnedAsWrong("不属于本单位")), (DUTY, e.Dispatched(OTHER))),
        came("T-7", 6, (DUTY, e.Accepted()), (DUTY, e.Dispatched(OTHER))),
    ]
    store.write(lambda x: put_city(x, load_city(), now() - timedelta(days=1)))
    store.write(lambda x: bulk.add_tickets(x, load_rules(x), tickets))
    return store


def listed(store: Store, body: str, group: HandlerGroup, text: str = "") -> list[str]:
    settled = store.read(lambda x: settled_queue(x, body, group, text))
    return settled.keys(0, len(settled))


def rows(store: Store, body: str, *numbers: str) -> dict[str, QueueRow | None]:
    found = store.read(lambda x: queue_rows(x, body, numbers, now()))
    return dict(zip(numbers, found, strict=True))


def test_a_bodys_queue_is_its_own_by_what_is_due_next(city: Store, sign_in: SignIn) -> None:
    """Y24, B04: each lane, its count, and the same order whether it is begun or settled."""
    person = sign_in(Role.HANDLER, LEAD)
    lanes = {group: listed(person, LEAD, group) for group in HandlerGroup}
    # Critical: 2 h to arrive. What is paused comes last.
    assert lanes == {
        HandlerGroup.TO_DO: ["T-2", "T-1", "T-3", "T-5"],
        HandlerGroup.SIGN: ["T-1", "T-5"],
        HandlerGroup.ARRIVE: ["T-2", "T-1", "T-3", "T-5"],
        HandlerGroup.RECTIFY: ["T-2", "T-1", "T-5"],
        HandlerGroup.CASE: ["T-3"],
        HandlerGroup.FEED_BACK: ["T-3"],
        HandlerGroup.ASSISTING: [],
        HandlerGroup.WAITING: ["T-4"],
    }
    counts = person.read(lambda x: handler_counts(x, LEAD, now()))
    assert {group: counts.groups.get(group, 0) for group in HandlerGroup} == {
        group: len(numbers) for group, numbers in lanes.items()
    }
    begun = person.read(lambda x: first_of_queue(x, LEAD, HandlerGroup.TO_DO, "", now(), 2))
    assert [row.ticket for row in begun] == lanes[HandlerGroup.TO_DO][:2]
    assert listed(person, LEAD, HandlerGroup.TO_DO, "泰山路") == ["T-2"]
    assert listed(person, LEAD, HandlerGroup.TO_DO, "没有这条路") == []


def test_a_line_tells_what_is_next(city: Store, sign_in: SignIn) -> None:
    person = sign_in(Role.HANDLER, LEAD)
    found = rows(person, LEAD, "T-1", "T-2", "T-3", "T-4", "T-5", "T-6", "T-7")
    tasks = {number: row.task for number, row in found.items() if row is not None}
    assert tasks["T-1"] is Task.SIGN
    assert tasks["T-2"] is Task.ARRIVE
    assert tasks["T-4"] is Task.REVISIT
    paused, waiting, chased = found["T-5"], found["T-4"], found["T-3"]
    assert paused is not None
    assert (paused.paused, paused.due_at) == (True, None)
    assert waiting is not None
    assert waiting.status is NodeStatus.RUNNING  # the office's own clock
    assert waiting.due_at is not None
    assert chased is not None
    assert chased.chased == 1
    # Given to another body since, and never one's own: neither is there.
    assert found["T-6"] is None
    assert found["T-7"] is None


def test_an_assisting_body_has_its_own_parts(city: Store, sign_in: SignIn) -> None:
    person = sign_in(Role.HANDLER, HELPER)
    helped = listed(person, HELPER, HandlerGroup.ASSISTING)
    assert set(helped) == {"T-1", "T-2", "T-3", "T-4", "T-5"}
    assert listed(person, HELPER, HandlerGroup.WAITING) == []
    first = rows(person, HELPER, "T-3")["T-3"]
    assert first is not None
    assert (first.part > 0, first.task, first.lead) == (True, Task.SIGN, LEAD)
    # By another body's name nothing more is seen.
    assert listed(person, OTHER, HandlerGroup.TO_DO) == []


def test_what_waits_for_an_answer(city: Store, sign_in: SignIn) -> None:
    """B22: unsigned directives, feedback that is due, explanations, questions of other bodies."""
    soon, later = now() + timedelta(hours=2), now() + timedelta(hours=9)
    streams: list[tuple[str, list[tuple[Actor, Fact]]]] = [
        ("directive/D-2026-001", [(LEADER, e.DirectiveIssued("今晚停工", (LEAD, HELPER), later))]),
        ("directive/D-2026-002", [(LEADER, e.DirectiveIssued("立即停工", (LEAD,), soon))]),
        (
            "directive/D-2026-003",
            [(LEADER, e.DirectiveIssued("报情况", (LEAD,), later)), (HANDLER, e.DirectiveSigned(LEAD))],
        ),
        (
            "directive/D-2026-004",
            [(LEADER, e.DirectiveIssued("撤", (LEAD,), soon)), (LEADER, e.DirectiveWithdrawn("另行部署"))],
        ),
        (
            "re_supervision/Z-2026-0001",
            [
                (OFFICER, e.ReSupervisionDrafted("T-1", LEAD, None, None, "超期")),
                (OFFICER, e.ReSupervisionLaunched(LEAD, "为何超期？", later, "{}", "")),
            ],
        ),
        ("ticket/T-7", [(Actor(Role.HANDLER, "周倩", OTHER), c.HelpAsked(LEAD, "如何认定？"))]),
    ]
    for stream, happened in streams:
        events = [Event(now(), *step) for step in happened]
        added = log.Addition(stream, events)
        city.write(lambda x, added=added: log.append(x, load_rules(x), [added], uuid.uuid4()))
    answers = sign_in(Role.HANDLER, LEAD).read(lambda x: handler_counts(x, LEAD, now())).answers
    assert (answers.directives, answers.first_directive) == (2, "D-2026-002")
    assert (answers.feedbacks, answers.first_feedback) == (1, "D-2026-003")
    assert (answers.explanations, answers.first_explanation) == (1, "Z-2026-0001")
    assert answers.questions == ("T-7",)
    helper = sign_in(Role.HANDLER, HELPER).read(lambda x: handler_counts(x, HELPER, now())).answers
    assert (helper.directives, helper.explanations, helper.questions) == (1, 0, ())
