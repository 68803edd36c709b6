"""Anything that a form could hand over, through its use case into the real store: an order, or a refusal."""

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from data_access import bulk, log, schema
from data_access.errors import StoreError
from data_access.findings import FindingFile, put_findings
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Store, create_engine_for
from data_access.verify import verify
from desktop.city import load_city
from desktop.errors import WorldError
from desktop.use_cases import (
    acknowledging,
    directives,
    dispatching,
    duty,
    evidence,
    findings,
    mergers,
    re_supervisions,
    tickets,
)
from desktop.use_cases.by_draft import USE_CASES
from domain import drafts, merging, staff
from domain.case_orders import ORDERS
from domain.dispatching import DispatchDraft
from domain.duty_log import DeviceNoteDraft, DutyEntryDraft, HandOverDraft, RosterDraft
from domain.events import Accepted, Dispatched
from domain.findings import ClueDraft, FindingSource, NewFinding
from domain.people import PLATFORM, Actor, Role
from domain.rights import RefusedError
from domain.steps import STEPS
from tests.data_access.streams import DUTY, START, happened, received, ticket
from tests.hostile.pool import built, cases, of, texts
from tests.hostile.standing import assert_quiet, read_events, read_everything

NOW = START + timedelta(hours=6)
NUMBERS = ("T-1", "T-2", "T-3")
BODIES = tuple(body.key for body in load_city().responsible[:3])
WHOLE_EVERY = 25
"""Every so many orders the whole store is compared, not the log alone."""


def mostly(values: Sequence[str]) -> st.SearchStrategy[str]:
    """What exists, three times of four: what is refused for its name alone comes no further."""
    return st.integers(0, 3).flatmap(lambda n: texts if n == 0 else st.sampled_from(values))


numbers = mostly(NUMBERS)
bodies = mostly((*BODIES, PLATFORM, "discipline"))
directive_numbers = mostly([f"D-2026-{n:03}" for n in range(1, 4)])
file_numbers = mostly([f"Z-2026-{n:04}" for n in range(1, 4)])
moments = st.one_of(st.sampled_from([NOW + timedelta(hours=n) for n in (1, 30, 500)]), of(datetime))
actors = st.builds(
    Actor,
    st.sampled_from(Role),
    st.sampled_from(["王磊", "陈立"]),
    st.sampled_from([None, PLATFORM, *BODIES]),
)

known: dict[str, st.SearchStrategy[Any]] = {
    "request_id": st.uuids(version=4).map(str),
    "ticket": numbers,
    "tickets": st.lists(numbers, max_size=3).map(tuple),
    "body": bodies,
    "lead": bodies,
    "receivers": st.lists(bodies, max_size=3).map(tuple),
    "bodies": st.lists(bodies, max_size=3).map(tuple),
    "assisting": st.lists(bodies, max_size=3).map(tuple),
    "deadline": moments,
    "due": moments,
    "evidence": st.lists(st.one_of(st.just("ab" * 32), texts), max_size=3).map(tuple),
}
steps = st.one_of(*(built(step, known) for step in STEPS))
notes = st.one_of(*(built(note, known) for note in ORDERS))
facts = st.one_of(steps, notes)
beside = st.none() | notes

files = st.one_of(st.just(()), st.just(()), st.lists(texts, max_size=2).map(tuple))

warnings = st.lists(built(drafts.AcknowledgeDraft, known), max_size=3).map(tuple)

owing = st.lists(st.builds(drafts.Owing, directive_numbers, bodies), max_size=3).map(tuple)

FORMS: tuple[tuple[Callable[..., str], type[Any], dict[str, st.SearchStrategy[Any]]], ...] = (
    (evidence.take_step_with_files, drafts.StepDraft, {"fact": facts, "files": files, "beside": beside}),
    (dispatching.dispatch_ticket, DispatchDraft, {"category": st.none() | mostly(("B02", "C12"))}),
    (
        findings.raise_clue,
        ClueDraft,
        {"finding": st.integers(-1, 4), "category": st.none() | mostly(("B02",))},
    ),
    (duty.keep_duty_log, HandOverDraft, {}),
    (duty.keep_duty_log, DutyEntryDraft, {}),
    (duty.keep_duty_log, DeviceNoteDraft, {"items": st.lists(st.integers(-1, 2**40), max_size=3).map(tuple)}),
    (duty.keep_duty_log, RosterDraft, {"day": mostly(("2026-11-22", "2026-11-31", "9999-12-31", ""))}),
    (mergers.merge, merging.MergeDraft, {"main": numbers, "repeats": known["tickets"]}),
    (mergers.split, merging.SplitDraft, {}),
    (tickets.acknowledge_warning, drafts.AcknowledgeDraft, {}),
    (acknowledging.acknowledge_warnings, drafts.AcknowledgeTogetherDraft, {"warnings": warnings}),
    (directives.issue_directive, drafts.DirectiveDraft, {}),
    (directives.sign_directive, drafts.SignDirectiveDraft, {"number": directive_numbers}),
    (directives.feed_back, drafts.FeedBackDraft, {"number": directive_numbers, "files": files}),
    (directives.remind, drafts.RemindDraft, {"number": directive_numbers}),
    (directives.remind_all, drafts.RemindAllDraft, {"owing": owing}),
    (directives.judge_feedback, drafts.JudgeDraft, {"number": directive_numbers}),
    (directives.withdraw_directive, drafts.WithdrawDraft, {"number": directive_numbers}),
    (re_supervisions.launch_re_supervision, drafts.ReSupervisionDraft, {"number": st.none() | file_numbers}),
    (re_supervisions.decline_re_supervision, drafts.DeclineDraft, {"number": file_numbers}),
    (re_supervisions.ask, drafts.AskDraft, {"number": file_numbers}),
    (re_supervisions.explain, drafts.ExplainDraft, {"number": file_numbers, "files": files}),
    (re_supervisions.find, drafts.FindDraft, {"number": file_numbers}),
    (re_supervisions.close_re_supervision, drafts.CloseFileDraft, {"number": file_numbers}),
)

ELSEWHERE = {drafts.ComplainantDraft, *(kind for kind in USE_CASES if kind.__module__ == staff.__name__)}
"""What is tried with an admin's orders, and with secrets."""

orders = st.one_of(
    *(
        st.tuples(st.just(use_case), built(draft, known | more), actors)
        for use_case, draft, more in (*(FORMS[:1] * 5), *FORMS)
    )
)


@pytest.fixture
def city(store: Store) -> Store:
    """A store with three tickets: one that just came in, one dispatched, one late."""
    store.write(lambda c: put_city(c, load_city(), START))
    steps = [
        happened((5, DUTY, received())),
        happened((5, DUTY, received()), (5.1, DUTY, Accepted()), (5.2, DUTY, Dispatched(BODIES[0]))),
        happened((0, DUTY, received()), (0.1, DUTY, Accepted()), (0.2, DUTY, Dispatched(BODIES[1]))),
    ]
    made = [ticket(number, events) for number, events in zip(NUMBERS, steps, strict=True)]
    store.write(lambda c: bulk.add_tickets(c, load_rules(c), made))
    file = FindingFile(FindingSource.DRONE, "flight.csv", "0" * 64, "WGS-84")
    found = [NewFinding(FindingSource.DRONE, START, 117.2, 34.1, "堆场", area="320312")] * 3
    store.write(lambda c: put_findings(c, file, found, START))
    return store


@pytest.mark.slow
def test_orders(city: Store) -> None:
    tried = {"written": 0, "refused": 0}
    why: Counter[str] = Counter()

    @cases(0.08)
    @given(orders)
    def order(given_: tuple[Callable[..., str], Any, Actor]) -> None:
        use_case, draft, actor = given_
        whole = sum(tried.values()) % WHOLE_EVERY == 0
        read = read_everything if whole else read_events
        before = read(city)
        try:
            use_case(city, draft, actor, NOW)
        except (RefusedError, WorldError, StoreError) as refused:
            assert_quiet(refused)
            tried["refused"] += 1
            why[str(refused)[:60]] += 1
            assert read(city) == before, "something was stored that was refused"
        else:
            tried["written"] += 1

    order()
    assert tried["refused"] > tried["written"] > 0, (tried, why.most_common(8))
    assert city.scratch(lambda c: verify(c, load_rules(c))).flaw is None


@pytest.mark.slow
def test_orders_of_persons(city: Store, database_url: str) -> None:
    """The same by people who are signed in, whose orders the database itself decides on and records."""
    logins = city.read(lambda c: c.execute(select(schema.person.c.login)).scalars().all())
    seats = [
        Store(create_engine_for(database_url), None, login) for login in logins[:1] + logins[5::7] if login
    ]
    tried = {"written": 0, "refused": 0}
    now = datetime.now(UTC)

    @cases(0.04)
    @given(orders, st.sampled_from(range(len(seats))))
    def order(given_: tuple[Callable[..., str], Any, Actor], who: int) -> None:
        use_case, draft, _ = given_
        actor = seats[who].actor
        assert actor is not None
        before = read_events(city)
        try:
            use_case(seats[who], draft, actor, now)
        except (RefusedError, WorldError, StoreError) as refused:
            assert_quiet(refused)
            tried["refused"] += 1
            assert read_events(city) == before, "something was stored that was refused"
        else:
            tried["written"] += 1

    try:
        order()
    finally:
        for seat in seats:
            seat.close()
    assert tried["refused"] > 0, tried
    assert city.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def test_every_order_is_among_them() -> None:
    assert {draft for _, draft, _ in FORMS} | ELSEWHERE == set(USE_CASES)


def test_a_naive_moment_is_no_order(city: Store) -> None:
    """A form cannot make one; what a program makes wrongly is a fault of ours, and nothing is stored."""
    before = read_everything(city)
    leader = Actor(Role.LEADER, "李强")
    naive = (NOW + timedelta(hours=1)).replace(tzinfo=None)
    draft = drafts.DirectiveDraft(str(uuid.uuid4()), "停工", (BODIES[0],), naive)
    with pytest.raises((TypeError, ValueError)):
        directives.issue_directive(city, draft, leader, NOW)
    assert read_everything(city) == before
    assert log.BELL
    assert NOW.tzinfo is UTC
