"""A directive's course over the real server: by whom, once, in its order (T20, X03)."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data_access import evidence
from data_access.store import Store
from desktop.use_cases import directives
from domain.drafts import (
    DirectiveDraft,
    FeedBackDraft,
    JudgeDraft,
    Owing,
    RemindAllDraft,
    RemindDraft,
    SignDirectiveDraft,
    WithdrawDraft,
)
from domain.people import Actor, Role
from domain.rights import Reason, RefusedError
from tests.data_access.gate.test_evidence import jpeg
from tests.desktop.orders.conftest import Seats, events, facts, flaw, now, put

UseCase = Callable[[Store, Any, Actor, datetime], str]
LEADER, HOUSING = (Role.LEADER, None), (Role.HANDLER, "housing")
ROLES = [(role, None) for role in Role if role not in (Role.SYSTEM, Role.HANDLER)]
PEOPLE: list[tuple[Role, str | None]] = [*ROLES, HOUSING, (Role.HANDLER, "ecology")]


def issued(seat: Seats) -> str:
    draft = DirectiveDraft(
        str(uuid.uuid4()), "今晚停工", ("housing", "planning"), now() + timedelta(hours=12), tickets=("T-1",)
    )
    store, leader = seat(*LEADER)
    return directives.issue_directive(store, draft, leader, now())


def sign(number: str) -> SignDirectiveDraft:
    return SignDirectiveDraft(str(uuid.uuid4()), number, "housing")


def feed(number: str, text: str = "已停工") -> FeedBackDraft:
    return FeedBackDraft(str(uuid.uuid4()), number, "housing", text)


def judge(number: str, accepted: bool, text: str = "") -> JudgeDraft:
    return JudgeDraft(str(uuid.uuid4()), number, "housing", accepted, text)


def reminder(number: str) -> RemindDraft:
    return RemindDraft(str(uuid.uuid4()), number, ("housing",), "请尽快签收")


def withdraw(number: str) -> WithdrawDraft:
    return WithdrawDraft(str(uuid.uuid4()), number, "情况有变")


def refused(seat: Seats, who: tuple[Role, str | None], use_case: UseCase, draft: object) -> Reason:
    store, actor = seat(*who)
    with pytest.raises(RefusedError) as error:
        use_case(store, draft, actor, now())
    return error.value.reason


def carry(seat: Seats, who: tuple[Role, str | None], use_case: UseCase, draft: Any) -> None:
    store, actor = seat(*who)
    assert use_case(store, draft, actor, now()) == draft.number


def test_each_answer_by_each_role(city: Store, seat: Seats) -> None:
    put(city, "T-1", [])
    number = issued(seat)
    stream = f"directive/{number}"
    course: list[tuple[tuple[Role, str | None], UseCase, Callable[[], Any]]] = [
        (LEADER, directives.remind, lambda: reminder(number)),
        (HOUSING, directives.sign_directive, lambda: sign(number)),
        (HOUSING, directives.feed_back, lambda: feed(number)),
        (LEADER, directives.judge_feedback, lambda: judge(number, False, "未附照片")),
        (HOUSING, directives.feed_back, lambda: feed(number, "已附照片")),
        (LEADER, directives.judge_feedback, lambda: judge(number, True)),
        (LEADER, directives.withdraw_directive, lambda: withdraw(number)),
    ]
    for may, use_case, draft in course:
        before = facts(city, stream)
        for who in PEOPLE:
            if who != may:
                why = (Reason.ROLE, Reason.OTHER_BODY, Reason.UNKNOWN_DIRECTIVE)
                assert refused(seat, who, use_case, draft()) in why
        assert facts(city, stream) == before
        carry(seat, may, use_case, draft())
        assert len(facts(city, stream)) == len(before) + 1
        assert events(city, stream)[-1].actor == seat(*may)[1]
    receiver = city.read(
        lambda c: c.exec_driver_sql(
            "SELECT feedback, accepted FROM directive_receiver WHERE body = 'housing'"
        ).one()
    )
    assert tuple(receiver) == ("已附照片", True)
    assert flaw(city) is None


def test_what_is_out_of_order_writes_nothing(city: Store, seat: Seats) -> None:
    put(city, "T-1", [])
    number = issued(seat)
    assert refused(seat, HOUSING, directives.feed_back, feed(number)) is Reason.NOT_SIGNED
    assert refused(seat, LEADER, directives.judge_feedback, judge(number, True)) is Reason.NOT_FED_BACK
    carry(seat, HOUSING, directives.sign_directive, sign(number))
    assert refused(seat, HOUSING, directives.sign_directive, sign(number)) is Reason.ALREADY_SIGNED
    assert refused(seat, HOUSING, directives.feed_back, feed(number, " ")) is Reason.NO_TEXT
    carry(seat, LEADER, directives.withdraw_directive, withdraw(number))
    assert refused(seat, HOUSING, directives.feed_back, feed(number)) is Reason.WITHDRAWN
    assert refused(seat, LEADER, directives.withdraw_directive, withdraw(number)) is Reason.WITHDRAWN
    assert facts(city, f"directive/{number}") == ["DirectiveIssued", "DirectiveSigned", "DirectiveWithdrawn"]
    unknown = "D-2000-001"
    assert refused(seat, HOUSING, directives.sign_directive, sign(unknown)) is Reason.UNKNOWN_DIRECTIVE
    assert flaw(city) is None


def test_a_seat_whose_clock_is_slow_answers_after_the_issue(city: Store, seat: Seats) -> None:
    put(city, "T-1", [])
    number = issued(seat)
    store, handler = seat(*HOUSING)
    slow = now() - timedelta(minutes=3)
    directives.sign_directive(store, sign(number), handler, slow)
    directives.feed_back(store, feed(number), handler, slow)
    assert facts(city, f"directive/{number}") == ["DirectiveIssued", "DirectiveSigned", "DirectiveFedBack"]
    at = [event.at for event in events(city, f"directive/{number}")]
    assert at == sorted(at)


def test_a_request_writes_once(city: Store, seat: Seats) -> None:
    put(city, "T-1", [])
    number = issued(seat)
    draft = sign(number)
    for _ in range(3):
        carry(seat, HOUSING, directives.sign_directive, draft)
    assert facts(city, f"directive/{number}").count("DirectiveSigned") == 1


def test_all_who_owe_something_are_reminded_in_one_order(city: Store, seat: Seats) -> None:
    """Each has an event of its own; who answered meanwhile, and what was withdrawn, is passed over (B03)."""
    put(city, "T-1", [])
    one, two, gone = issued(seat), issued(seat), issued(seat)
    carry(seat, HOUSING, directives.sign_directive, sign(one))
    carry(seat, HOUSING, directives.feed_back, feed(one))
    carry(seat, LEADER, directives.withdraw_directive, withdraw(gone))
    owing = tuple(Owing(number, body) for number in (one, two, gone) for body in ("housing", "planning"))
    draft = RemindAllDraft(str(uuid.uuid4()), owing, "请尽快签收")
    store, leader = seat(*LEADER)
    for _ in range(2):  # a retry writes once
        assert directives.remind_all(store, draft, leader, now()) == one
    reminded = {
        (number, event.fact.body)  # type: ignore[union-attr]
        for number in (one, two, gone)
        for event in events(city, f"directive/{number}")
        if type(event.fact).__name__ == "DirectiveReminded"
    }
    assert reminded == {(one, "planning"), (two, "housing"), (two, "planning")}
    assert facts(city, f"directive/{two}").count("DirectiveReminded") == 2
    handler, actor = seat(*HOUSING)
    with pytest.raises(RefusedError) as error:
        directives.remind_all(handler, RemindAllDraft(str(uuid.uuid4()), owing, "快"), actor, now())
    assert error.value.reason is Reason.ROLE
    none = RemindAllDraft(str(uuid.uuid4()), (Owing(gone, "housing"),), "快")
    with pytest.raises(RefusedError) as error:
        directives.remind_all(store, none, leader, now())
    assert error.value.reason is Reason.NO_RECEIVERS
    assert flaw(city) is None


def test_files_are_kept_for_a_feedback_that_can_be_given(city: Store, seat: Seats, tmp_path: Path) -> None:
    """A retry keeps and tells nothing twice; what cannot be told leaves no file behind (T20)."""
    put(city, "T-1", [])
    number = issued(seat)
    photo = tmp_path / "site.jpg"
    photo.write_bytes(jpeg())
    store, handler = seat(*HOUSING)
    draft = replace(feed(number), files=(str(photo),))
    assert refused(seat, HOUSING, directives.feed_back, draft) is Reason.NOT_SIGNED
    assert city.read(lambda c: evidence.files_of(c, f"directive/{number}")) == {}
    carry(seat, HOUSING, directives.sign_directive, sign(number))
    for _ in range(2):
        assert directives.feed_back(store, draft, handler, now()) == number
    kept = city.read(lambda c: evidence.files_of(c, f"directive/{number}"))
    assert len(kept) == 1
    (told,) = [e.fact for e in events(city, f"directive/{number}") if hasattr(e.fact, "evidence")]
    assert told.evidence == tuple(kept)  # type: ignore[union-attr]
    again = replace(feed(number), files=(str(photo),))
    assert refused(seat, HOUSING, directives.feed_back, again) is Reason.ALREADY_FED_BACK
