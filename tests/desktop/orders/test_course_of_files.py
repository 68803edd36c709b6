"""A re-supervision's course over the real server: by whom, once, in order, told to its ticket (T08, T10)."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data_access import evidence, log, serials
from data_access.readers.re_supervisions import re_supervision_detail
from data_access.rules import load_rules
from data_access.store import Store
from desktop.use_cases import re_supervisions
from domain.drafts import (
    AskDraft,
    CloseFileDraft,
    DeclineDraft,
    ExplainDraft,
    FindDraft,
    ReSupervisionDraft,
)
from domain.events import (
    Behaviour,
    Event,
    ReSupervisionDrafted,
    ReSupervisionExplained,
    ReSupervisionReferred,
)
from domain.frozen_facts import Count
from domain.nodes import Node
from domain.people import SYSTEM, Actor, Role
from domain.rights import Reason, RefusedError
from tests.data_access.gate.test_evidence import png
from tests.desktop.orders.conftest import Seats, by, events, facts, flaw, now, put
from tests.domain.test_steps import HELD

UseCase = Callable[[Store, Any, Actor, datetime], str]
Who = tuple[Role, str | None]
OFFICER: Who = (Role.DISCIPLINE, None)
HOUSING: Who = (Role.HANDLER, "housing")
ROLES: list[Who] = [(role, None) for role in Role if role not in (Role.SYSTEM, Role.HANDLER)]
PEOPLE = [*ROLES, HOUSING, (Role.HANDLER, "ecology")]
NUMBER = "Z-2026-0001"


@pytest.fixture
def drafted(city: Store) -> Store:
    """T-1 is with housing, and a red warning has opened a draft about it."""
    put(city, "T-1", [by(fact) for fact in HELD])
    matter = Event(now(), SYSTEM, ReSupervisionDrafted("T-1", "housing", Node.SIGN, 1, "环节到期未办结"))
    referred = Event(now(), SYSTEM, ReSupervisionReferred(NUMBER, "drafted", "环节到期未办结"))
    additions = [
        log.Addition(f"re_supervision/{NUMBER}", [matter], 0),
        log.Addition("ticket/T-1", [referred]),
    ]
    city.write(lambda c: log.append(c, load_rules(c), additions))
    return city


def launch(number: str | None = NUMBER) -> ReSupervisionDraft:
    return ReSupervisionDraft(
        str(uuid.uuid4()),
        "T-1",
        "housing",
        "环节到期未办结",
        "为何超时",
        now() + timedelta(hours=24),
        Node.SIGN,
        1,
        number,
    )


def decline() -> DeclineDraft:
    return DeclineDraft(str(uuid.uuid4()), NUMBER, "系统时间误差")


def explain() -> ExplainDraft:
    return ExplainDraft(str(uuid.uuid4()), NUMBER, "人手不足")


def ask() -> AskDraft:
    return AskDraft(str(uuid.uuid4()), NUMBER, "当晚几人值班", now() + timedelta(hours=48))


def find() -> FindDraft:
    return FindDraft(str(uuid.uuid4()), NUMBER, Behaviour.SLOWNESS, "签收拖延")


def close() -> CloseFileDraft:
    return CloseFileDraft(str(uuid.uuid4()), NUMBER, "谈话")


def refused(seat: Seats, who: Who, use_case: UseCase, draft: object) -> Reason:
    store, actor = seat(*who)
    with pytest.raises(RefusedError) as error:
        use_case(store, draft, actor, now())
    return error.value.reason


def carry(seat: Seats, who: Who, use_case: UseCase, draft: object) -> None:
    store, actor = seat(*who)
    assert use_case(store, draft, actor, now()) == NUMBER


LAUNCH: tuple[Who, UseCase, Callable[[], Any]] = (OFFICER, re_supervisions.launch_re_supervision, launch)
COURSES = {
    "to its end": [
        LAUNCH,
        (HOUSING, re_supervisions.explain, explain),
        (OFFICER, re_supervisions.find, find),
        (OFFICER, re_supervisions.close_re_supervision, close),
    ],
    "asked again": [
        LAUNCH,
        (HOUSING, re_supervisions.explain, explain),
        (OFFICER, re_supervisions.ask, ask),
        (HOUSING, re_supervisions.explain, explain),
        (OFFICER, re_supervisions.find, find),
    ],
    "declined": [(OFFICER, re_supervisions.decline_re_supervision, decline)],
}
TOLD = {
    "to its end": ["drafted", "launched", "closed"],
    "asked again": ["drafted", "launched", "asked"],
    "declined": ["drafted", "declined"],
}


@pytest.mark.parametrize("course", COURSES)
def test_each_step_by_each_role(drafted: Store, seat: Seats, course: str) -> None:
    stream = f"re_supervision/{NUMBER}"
    for may, use_case, draft in COURSES[course]:
        before = facts(drafted, stream), facts(drafted, "ticket/T-1")
        for who in PEOPLE:
            if who != may:
                why = (Reason.ROLE, Reason.OTHER_BODY, Reason.UNKNOWN_FILE, Reason.UNKNOWN_TICKET)
                assert refused(seat, who, use_case, draft()) in why
        assert (facts(drafted, stream), facts(drafted, "ticket/T-1")) == before
        carry(seat, may, use_case, draft())
        assert len(facts(drafted, stream)) == len(before[0]) + 1
        assert events(drafted, stream)[-1].actor == seat(*may)[1]
    told = [e.fact.step for e in events(drafted, "ticket/T-1") if isinstance(e.fact, ReSupervisionReferred)]
    assert told == TOLD[course]
    assert flaw(drafted) is None


def test_an_officer_opens_a_file_and_nobody_a_second(drafted: Store, seat: Seats) -> None:
    """The draft's own number is not used again; the file about the same matter is told by the ticket."""
    drafted.write(lambda c: serials.set_last(c, "re_supervision", 2026, 1))
    store, officer = seat(*OFFICER)
    number = re_supervisions.launch_re_supervision(store, launch(None), officer, now())
    assert number != NUMBER
    assert (
        refused(seat, OFFICER, re_supervisions.launch_re_supervision, launch(None)) is Reason.ALREADY_RUNNING
    )
    assert flaw(drafted) is None


def test_what_is_out_of_order_writes_nothing(drafted: Store, seat: Seats) -> None:
    stream = f"re_supervision/{NUMBER}"
    assert refused(seat, OFFICER, re_supervisions.find, find()) is Reason.NOT_LAUNCHED
    # Before the launch the supervised side sees nothing of it.
    assert refused(seat, HOUSING, re_supervisions.explain, explain()) in (
        Reason.NOT_LAUNCHED,
        Reason.UNKNOWN_FILE,
    )
    carry(seat, OFFICER, re_supervisions.launch_re_supervision, launch())
    assert refused(seat, OFFICER, re_supervisions.decline_re_supervision, decline()) is Reason.NOT_A_DRAFT
    assert refused(seat, OFFICER, re_supervisions.find, find()) is Reason.EXPLANATION_PENDING
    assert refused(seat, OFFICER, re_supervisions.close_re_supervision, close()) is Reason.NOT_FOUND_YET
    carry(seat, HOUSING, re_supervisions.explain, explain())
    assert refused(seat, HOUSING, re_supervisions.explain, explain()) is Reason.ALREADY_EXPLAINED
    assert facts(drafted, stream) == [
        "ReSupervisionDrafted",
        "ReSupervisionLaunched",
        "ReSupervisionExplained",
    ]
    assert flaw(drafted) is None


def test_a_request_writes_once(drafted: Store, seat: Seats) -> None:
    draft = decline()
    for _ in range(3):
        carry(seat, OFFICER, re_supervisions.decline_re_supervision, draft)
    assert facts(drafted, f"re_supervision/{NUMBER}").count("ReSupervisionDeclined") == 1
    assert facts(drafted, "ticket/T-1")[-2:] == ["ReSupervisionReferred", "ReSupervisionReferred"]


def test_an_explanation_comes_with_files_that_the_officer_opens(
    drafted: Store, seat: Seats, tmp_path: Path
) -> None:
    """Y28, T10: kept under the file's own name, by whom it asks, while it asks; nobody else adds to it."""
    photo = tmp_path / "值班表.png"
    photo.write_bytes(png())
    checksum, matter = hashlib.sha256(png()).hexdigest(), f"re_supervision/{NUMBER}"
    with_file = replace(explain(), files=(str(photo),))
    for who in ((Role.HANDLER, "ecology"), HOUSING):  # nobody sees a draft
        reason = refused(seat, who, re_supervisions.explain, with_file)
        assert reason in (Reason.OTHER_BODY, Reason.ROLE, Reason.NOT_LAUNCHED)
    carry(seat, OFFICER, re_supervisions.launch_re_supervision, launch())
    assert refused(seat, (Role.HANDLER, "ecology"), re_supervisions.explain, with_file) is Reason.OTHER_BODY
    carry(seat, HOUSING, re_supervisions.explain, with_file)
    assert events(drafted, matter)[-1].fact == ReSupervisionExplained("人手不足", (checksum,))
    for who, sees in ((OFFICER, True), (HOUSING, True), ((Role.HANDLER, "ecology"), False)):
        store, _ = seat(*who)
        # The owner's seat sees whatever there is.
        seen = sees or store.actor is None
        assert (checksum in store.read(lambda c: evidence.files_of(c, matter))) is seen
    detail = drafted.read(lambda c: re_supervision_detail(c, NUMBER))
    assert detail is not None
    assert [each.evidence for each in detail.exchanges] == [(checksum,)]
    # It was explained, and nothing more is asked.
    another = replace(explain(), files=(str(photo),))
    assert refused(seat, HOUSING, re_supervisions.explain, another) in (
        Reason.OTHER_BODY,
        Reason.ALREADY_EXPLAINED,
    )
    assert flaw(drafted) is None


def test_a_launch_freezes_what_the_body_did_with_cases_like_this(drafted: Store, seat: Seats) -> None:
    """X06, T28: the file's own ticket is not compared with itself."""
    put(drafted, "T-2", [by(fact) for fact in HELD])
    carry(seat, OFFICER, re_supervisions.launch_re_supervision, launch())
    detail = drafted.read(lambda c: re_supervision_detail(c, NUMBER))
    assert detail is not None
    assert detail.comparable is not None
    assert (detail.comparable.node, detail.comparable.own) == (Node.SIGN, Count(0, 0))
    assert detail.question == "为何超时"
    assert [each.question for each in detail.exchanges] == ["为何超时"]
