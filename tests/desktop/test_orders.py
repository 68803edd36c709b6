"""Orders from the screen, over the real store: written once and logged, or refused with a reason."""

import json
import uuid
from datetime import timedelta

import pytest

from data_access import bulk, log, schema
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Store
from data_access.sweep import sweep
from data_access.verify import verify
from desktop.city import load_city
from desktop.use_cases import directives, re_supervisions, tickets
from domain.drafts import AcknowledgeDraft, DirectiveDraft, ReSupervisionDraft
from domain.events import Accepted, Dispatched, WarningKind, WarningLevel
from domain.nodes import Node
from domain.people import Actor, Role
from domain.rights import Reason, RefusedError
from tests.data_access.streams import DUTY, START, happened, received, ticket

LEADER = Actor(Role.LEADER, "李强")
OFFICER = Actor(Role.DISCIPLINE, "孙静")
NOW = START + timedelta(hours=6)


@pytest.fixture
def handling(store: Store) -> tuple[Store, str]:
    """A store with one ticket that its body has not signed in time, and that body's key."""
    city = load_city()
    body = city.responsible[0].key
    store.write(lambda c: put_city(c, city, START))
    events = happened((0, DUTY, received()), (0.1, DUTY, Accepted()), (0.5, DUTY, Dispatched(body)))
    store.write(lambda c: bulk.add_tickets(c, load_rules(c), [ticket("T-1", events)]))
    return store, body


def directive(body: str, **changes: object) -> DirectiveDraft:
    values = {
        "request_id": str(uuid.uuid4()),
        "text": "今晚必须停工",
        "receivers": (body,),
        "deadline": NOW + timedelta(hours=12),
        "tickets": ("T-1",),
    }
    return DirectiveDraft(**{**values, **changes})  # type: ignore[arg-type]


def file(body: str, **changes: object) -> ReSupervisionDraft:
    values = {
        "request_id": str(uuid.uuid4()),
        "ticket": "T-1",
        "body": body,
        "cause": "部门签收超期",
        "question": "为何未按时签收？",
        "deadline": NOW + timedelta(hours=24),
        "node": Node.SIGN,
        "round": 1,
    }
    return ReSupervisionDraft(**{**values, **changes})  # type: ignore[arg-type]


def kinds(store: Store, stream: str) -> list[str]:
    return [type(r.event.fact).__name__ for r in store.read(lambda c: log.read_stream(c, stream))]


def test_a_directive_is_written_once_and_stands_in_the_tickets_log(handling: tuple[Store, str]) -> None:
    store, body = handling
    draft = directive(body)
    number = directives.issue_directive(store, draft, LEADER, NOW)
    assert directives.issue_directive(store, draft, LEADER, NOW) == number
    assert kinds(store, f"directive/{number}") == ["DirectiveIssued"]
    assert kinds(store, "ticket/T-1")[-1] == "DirectiveReferred"
    assert kinds(store, "ticket/T-1").count("DirectiveReferred") == 1
    receivers = store.read(lambda c: c.execute(schema.directive_receiver.select()).all())
    assert [(row.directive, row.body, row.signed_at) for row in receivers] == [(number, body, None)]
    second = directives.issue_directive(store, directive(body), LEADER, NOW)
    assert second != number
    assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None


@pytest.mark.parametrize(
    ("changes", "actor", "reason"),
    [
        ({}, DUTY, Reason.ROLE),
        ({}, Actor(Role.WALL, "大屏"), Reason.ROLE),
        ({}, OFFICER, Reason.ROLE),
        ({"text": "  "}, LEADER, Reason.NO_TEXT),
        ({"text": "长" * 2001}, LEADER, Reason.TEXT_TOO_LONG),
        ({"receivers": ()}, LEADER, Reason.NO_RECEIVERS),
        ({"receivers": ("nobody",)}, LEADER, Reason.UNKNOWN_BODY),
        ({"tickets": ("T-9",)}, LEADER, Reason.UNKNOWN_TICKET),
        ({"deadline": NOW}, LEADER, Reason.DEADLINE_PAST),
    ],
)
def test_a_directive_is_refused_and_nothing_is_written(
    handling: tuple[Store, str], changes: dict[str, object], actor: Actor, reason: Reason
) -> None:
    store, body = handling
    with pytest.raises(RefusedError) as refused:
        directives.issue_directive(store, directive(body, **changes), actor, NOW)
    assert refused.value.reason is reason
    assert store.read(lambda c: c.execute(schema.directive.select()).all()) == []
    assert "DirectiveReferred" not in kinds(store, "ticket/T-1")


def test_a_re_supervision_freezes_the_facts(handling: tuple[Store, str]) -> None:
    store, body = handling
    before = store.read(lambda c: log.head(c, "ticket/T-1"))
    number = re_supervisions.launch_re_supervision(store, file(body), OFFICER, NOW)
    row = store.read(lambda c: c.execute(schema.re_supervision.select()).one())
    assert (row.number, row.state, row.officer, row.body) == (number, "launched", "孙静", body)
    assert row.facts_head == before.hash.hex()
    facts = json.loads(row.facts)
    assert [event["kind"] for event in facts["events"]] == ["Received", "Accepted", "Dispatched"]
    sign = next(clock for clock in facts["clocks"] if clock["node"] == "sign")
    assert (sign["status"], sign["body"]) == ("overdue", body)
    assert kinds(store, "ticket/T-1")[-1] == "ReSupervisionReferred"
    assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def test_a_second_file_about_the_same_matter_is_refused(handling: tuple[Store, str]) -> None:
    store, body = handling
    number = re_supervisions.launch_re_supervision(store, file(body), OFFICER, NOW)
    with pytest.raises(RefusedError) as refused:
        re_supervisions.launch_re_supervision(store, file(body), OFFICER, NOW)
    assert (refused.value.reason, refused.value.detail) == (Reason.ALREADY_RUNNING, number)


@pytest.mark.parametrize("actor", [LEADER, DUTY, Actor(Role.WALL, "大屏")])
def test_only_discipline_officers_launch(handling: tuple[Store, str], actor: Actor) -> None:
    store, body = handling
    with pytest.raises(RefusedError) as refused:
        re_supervisions.launch_re_supervision(store, file(body), actor, NOW)
    assert refused.value.reason is Reason.ROLE
    assert refused.value.allowed == (Role.DISCIPLINE,)


def warning(**changes: object) -> AcknowledgeDraft:
    values = {
        "request_id": str(uuid.uuid4()),
        "ticket": "T-1",
        "kind": WarningKind.LATE,
        "level": WarningLevel.RED,
        "node": Node.SIGN,
        "round": 1,
        "leg": 1,
        "note": "已电话催办",
    }
    return AcknowledgeDraft(**{**values, **changes})  # type: ignore[arg-type]


def acknowledged(store: Store) -> list[tuple[str, str | None]]:
    rows = store.read(lambda c: c.execute(schema.warning.select()).all())
    return sorted((row.level, row.acknowledged_by) for row in rows)


def test_a_warning_is_acknowledged_by_name_and_only_once(handling: tuple[Store, str]) -> None:
    store, _body = handling
    tickets.acknowledge_warning(store, warning(), DUTY, NOW)
    assert acknowledged(store) == [("red", "王磊"), ("yellow", None)]
    with pytest.raises(RefusedError) as refused:
        tickets.acknowledge_warning(store, warning(), OFFICER, NOW)
    assert (refused.value.reason, refused.value.detail) == (Reason.ALREADY_ACKNOWLEDGED, "王磊")


def test_a_seat_whose_clock_is_slow_is_the_last_to_acknowledge_it(handling: tuple[Store, str]) -> None:
    store, _body = handling
    store.write(lambda c: sweep(c, load_rules(c), NOW))
    slow = START + timedelta(hours=1)  # before the warning was raised
    tickets.acknowledge_warning(store, warning(), DUTY, slow)
    assert ("red", "王磊") in acknowledged(store)
    with pytest.raises(RefusedError) as refused:
        tickets.acknowledge_warning(store, warning(), OFFICER, slow)
    assert refused.value.reason is Reason.ALREADY_ACKNOWLEDGED


def test_a_handler_acknowledges_only_for_its_own_body(handling: tuple[Store, str]) -> None:
    store, body = handling
    stranger = Actor(Role.HANDLER, "陈立", "somebody_else")
    with pytest.raises(RefusedError) as refused:
        tickets.acknowledge_warning(store, warning(), stranger, NOW)
    assert refused.value.reason is Reason.OTHER_BODY
    tickets.acknowledge_warning(store, warning(), Actor(Role.HANDLER, "陈立", body), NOW)


def test_a_draft_that_a_red_warning_opened_is_launched_under_its_number(
    handling: tuple[Store, str],
) -> None:
    store, body = handling
    tickets.acknowledge_warning(store, warning(), DUTY, NOW)  # the sweep within opened the draft
    number = store.read(lambda c: c.execute(schema.re_supervision.select()).one().number)
    assert re_supervisions.launch_re_supervision(store, file(body, number=number), OFFICER, NOW) == number
    with pytest.raises(RefusedError) as refused:
        re_supervisions.launch_re_supervision(store, file(body, number=number), OFFICER, NOW)
    assert refused.value.reason is Reason.NOT_A_DRAFT
