"""When receivers of a directive are late, that each cause is warned of once, at its time (T20, X05), and that
it climbs while nobody sees to it (T13)."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.directive import Directive, fold_directive
from domain.directive_lateness import due_warnings, unwarned
from domain.directive_orders import MOST_EVIDENCE, MOST_SUBJECTS, feed_back, issue_directive, remind
from domain.drafts import DirectiveDraft, FeedBackDraft, RemindDraft
from domain.events import (
    DirectiveEscalated,
    DirectiveFedBack,
    DirectiveIssued,
    DirectiveJudged,
    DirectiveLateness,
    DirectiveReminded,
    DirectiveSigned,
    DirectiveWarned,
    DirectiveWithdrawn,
    Event,
    Fact,
    WarningLevel,
)
from domain.overview import DirectiveState
from domain.people import SYSTEM, Actor, Role
from domain.policy import SIGN_WITHIN, ClockKind, parse_limit
from domain.rights import Reason, RefusedError
from domain.wrong.rule import Rung
from tests.domain.city import DUTY, HOUSING, at

START = at("2026-09-17 16:00")
HOUR = timedelta(hours=1)
LEADER = Actor(Role.LEADER, "李强")
UNSIGNED, OVERDUE = DirectiveLateness.UNSIGNED, DirectiveLateness.OVERDUE
ISSUED = DirectiveIssued("今晚停工", ("housing",), START + 48 * HOUR)
SIGNED, FED_BACK = DirectiveSigned("housing"), DirectiveFedBack("housing", "已停工")
SENT_BACK, ACCEPTED = DirectiveJudged("housing", False, "未附照片"), DirectiveJudged("housing", True)
WITHDRAWN = DirectiveWithdrawn("另行部署")


def directive(*steps: tuple[float, Fact], issued: DirectiveIssued = ISSUED) -> Directive:
    """What happened so many hours after the issue; all by the system, for it does not matter who."""
    events = [Event(START, LEADER, issued)]
    events += [Event(START + hours * HOUR, SYSTEM, fact) for hours, fact in steps]
    return fold_directive("D-1", sorted(events, key=lambda event: event.at))


def late(found: Directive, hours: float) -> list[tuple[DirectiveLateness, float]]:
    """What is to be warned of so many hours after the issue, and since when."""
    return [
        (event.fact.lateness, (event.at - START) / HOUR)  # type: ignore[union-attr]
        for event in due_warnings(found, START + hours * HOUR)
    ]


@pytest.mark.parametrize(
    ("steps", "hours", "expected"),
    [
        # Not signed: late from the first moment after 24 hours, and again at the deadline.
        ((), 24, []),
        ((), 24.001, [(UNSIGNED, 24)]),
        ((), 48, [(UNSIGNED, 24)]),
        ((), 49, [(UNSIGNED, 24), (OVERDUE, 48)]),
        # Signed exactly when it is due is in time; a second later is late, though it has signed since.
        (((24, SIGNED),), 40, []),
        (((24.01, SIGNED),), 40, [(UNSIGNED, 24)]),
        # Fed back in time.
        (((1, SIGNED), (48, FED_BACK)), 90, []),
        (((1, SIGNED), (48.01, FED_BACK)), 90, [(OVERDUE, 48)]),
        # Sent back and not fed back again counts; sent back after the deadline, from then on.
        (((1, SIGNED), (10, FED_BACK), (20, SENT_BACK)), 49, [(OVERDUE, 48)]),
        (((1, SIGNED), (10, FED_BACK), (60, SENT_BACK)), 60, []),
        (((1, SIGNED), (10, FED_BACK), (60, SENT_BACK)), 61, [(OVERDUE, 60)]),
        (((1, SIGNED), (10, FED_BACK), (20, SENT_BACK), (30, FED_BACK), (31, ACCEPTED)), 90, []),
        # Late twice: each round is a cause of its own.
        (((1, SIGNED), (50, FED_BACK), (60, SENT_BACK)), 61, [(OVERDUE, 48), (OVERDUE, 60)]),
        # What was withdrawn before is owed no more.
        (((12, WITHDRAWN),), 90, []),
        (((30, WITHDRAWN),), 90, [(UNSIGNED, 24)]),
    ],
)
def test_each_cause_has_its_own_time(
    steps: tuple[tuple[float, Fact], ...], hours: float, expected: list[tuple[DirectiveLateness, float]]
) -> None:
    assert late(directive(*steps), hours) == expected


def test_what_was_warned_of_is_not_warned_of_again() -> None:
    warned = (24, DirectiveWarned("housing", UNSIGNED)), (48, DirectiveWarned("housing", OVERDUE))
    found = directive(*warned)
    assert late(found, 100) == []
    assert unwarned(found) == []
    receipt = found.receipts["housing"]
    assert receipt.warned_unsigned == START + 24 * HOUR
    assert receipt.warned_overdue == START + 48 * HOUR


def test_signing_is_due_at_the_deadline_where_that_is_first() -> None:
    short = DirectiveIssued("今晚停工", ("housing",), START + 6 * HOUR)
    assert late(directive(issued=short), 7) == [(UNSIGNED, 6), (OVERDUE, 6)]
    assert timedelta(hours=24) == SIGN_WITHIN


def test_a_policy_may_give_another_span() -> None:
    found = fold_directive("D-1", [Event(START, LEADER, ISSUED)], sign_within=2 * HOUR)
    assert unwarned(found)[0].at == START + 2 * HOUR
    assert parse_limit("2 h").kind is ClockKind.NATURAL


def test_a_receiver_is_red_when_it_has_not_signed_in_time() -> None:
    found = directive((30, SIGNED))
    before, receipt = directive().receipts["housing"], found.receipts["housing"]
    assert before.state(found.terms, START + 24 * HOUR) is DirectiveState.UNSIGNED
    assert before.state(found.terms, START + 25 * HOUR) is DirectiveState.UNSIGNED_LATE
    assert receipt.state(found.terms, START + 31 * HOUR) is DirectiveState.RUNNING
    returned = directive((1, SIGNED), (2, FED_BACK), (3, SENT_BACK)).receipts["housing"]
    assert returned.state(found.terms, START + 4 * HOUR) is DirectiveState.RETURNED


ANSWERS = st.sampled_from([SIGNED, FED_BACK, SENT_BACK, ACCEPTED, WITHDRAWN])


@given(
    st.lists(st.tuples(st.integers(0, 100), ANSWERS), max_size=8),
    st.lists(st.integers(0, 120), min_size=1, max_size=6),
)
@settings(max_examples=200)
def test_however_often_and_late_one_looks_the_same_is_warned_of_once(
    steps: list[tuple[int, Fact]], looks: list[int]
) -> None:
    """Many sweeps at any times write what a single one at the end would have written."""
    happened = [(hours, fact) for hours, fact in sorted(steps, key=lambda step: step[0])]
    written: list[Event] = []
    for look in sorted(looks):
        until = [(hours, fact) for hours, fact in happened if hours <= look]
        known = [((event.at - START) / HOUR, event.fact) for event in written]
        written += due_warnings(directive(*until, *known), START + look * HOUR)
    last = START + max(looks) * HOUR
    told = {(event.fact, event.at) for event in written}
    assert len(told) == len(written)
    assert all(event.at < last for event in written)
    final = directive(*[(h, f) for h, f in happened if h <= max(looks)])
    missing = {(event.fact, event.at) for event in due_warnings(final, last)} - told
    # What a late report made untrue again is not taken back; nothing is missing.
    assert not missing


def test_rounds_are_kept_with_their_evidence_and_verdicts() -> None:
    first = DirectiveFedBack("housing", "已停工", ("a" * 64,))
    found = directive((1, SIGNED), (2, first), (3, SENT_BACK), (4, FED_BACK), (5, ACCEPTED))
    rounds = found.rounds["housing"]
    assert [(r.text, r.evidence, r.accepted, r.verdict) for r in rounds] == [
        ("已停工", ("a" * 64,), False, "未附照片"),
        ("已停工", (), True, ""),
    ]
    assert found.receipts["housing"].rounds == 2


# --- what nobody sees to climbs (T13) --------------------------------------------------------------------

LADDER = (
    Rung(WarningLevel.YELLOW, timedelta(minutes=1), Role.DUTY),
    Rung(WarningLevel.RED, timedelta(minutes=15), Role.LEADER),
    Rung(WarningLevel.RED, timedelta(minutes=60), Role.DISCIPLINE),
)
REMINDED = DirectiveReminded("housing", "请尽快签收")


def climbs(hours: float, *steps: tuple[float, Fact], ladder: tuple[Rung, ...] = LADDER) -> list[object]:
    """What climbed by then: of what, how many hours after the issue, and to whom."""
    happened = sorted(((0.0, ISSUED), *steps), key=lambda step: step[0])
    events = [Event(START + after * HOUR, SYSTEM, fact) for after, fact in happened]
    found = due_warnings(fold_directive("D-1", events, ladder=ladder), START + hours * HOUR)
    return [
        (event.fact.lateness, (event.at - START) / HOUR, event.fact.to)
        for event in found
        if isinstance(event.fact, DirectiveEscalated)
    ]


UNSIGNED_CLIMBS = [(UNSIGNED, 24.25, Role.LEADER), (UNSIGNED, 25, Role.DISCIPLINE)]
OVERDUE_CLIMBS = [(OVERDUE, 48.25, Role.LEADER), (OVERDUE, 49, Role.DISCIPLINE)]


@pytest.mark.parametrize(
    ("hours", "steps", "expected"),
    [
        (24.25, (), []),
        (24.26, (), UNSIGNED_CLIMBS[:1]),
        (25.01, (), UNSIGNED_CLIMBS),
        (90, (), [*UNSIGNED_CLIMBS, *OVERDUE_CLIMBS]),
        # Signed late, but before the first step; between two; and it is told also when one looks later.
        (90, ((24.2, SIGNED), (30, FED_BACK)), []),
        (90, ((24.5, SIGNED), (30, FED_BACK)), UNSIGNED_CLIMBS[:1]),
        # A named person took it up: no further. To remind before it is late stops nothing.
        (40, ((24.1, REMINDED),), []),
        (40, ((24.5, REMINDED),), UNSIGNED_CLIMBS[:1]),
        (40, ((23, REMINDED),), UNSIGNED_CLIMBS),
        # To have been reminded of signing does not cover the deadline.
        (90, ((24.1, REMINDED),), OVERDUE_CLIMBS),
        # Withdrawn.
        (90, ((24.1, WITHDRAWN),), []),
        # Sent back after the deadline: a cause of its own, with a ladder of its own.
        (
            90,
            ((1, SIGNED), (48.1, FED_BACK), (60, SENT_BACK)),
            [(OVERDUE, 60.25, Role.LEADER), (OVERDUE, 61, Role.DISCIPLINE)],
        ),
    ],
)
def test_a_late_receiver_climbs_the_ladder_of_red_warnings(
    hours: float, steps: tuple[tuple[float, Fact], ...], expected: list[object]
) -> None:
    assert climbs(hours, *steps) == expected


def test_without_a_ladder_nothing_climbs() -> None:
    assert climbs(90, ladder=()) == []
    assert climbs(90, ladder=LADDER[:1]) == []


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from([SIGNED, REMINDED, FED_BACK, SENT_BACK, WITHDRAWN]))
    ),
    st.lists(st.integers(0, 480), min_size=1, max_size=6),
)
@settings(max_examples=100)
def test_each_climb_is_written_once_and_after_its_warning(
    steps: list[tuple[int, Fact]], looks: list[int]
) -> None:
    """Quarters of an hour; whatever happens and whenever one looks, in the order of time."""
    happened = [(0.0, ISSUED), *sorted(((n / 4, fact) for n, fact in steps), key=lambda step: step[0])]
    written: list[Event] = []
    for look in sorted(looks):
        now = START + look / 4 * HOUR
        known = [Event(START + at * HOUR, SYSTEM, fact) for at, fact in happened if at <= look / 4]
        events = sorted([*known, *written], key=lambda event: event.at)
        written += due_warnings(fold_directive("D-1", events, ladder=LADDER), now)
    told = [event.fact for event in written]
    assert len(set(zip(told, (event.at for event in written), strict=True))) == len(written)
    raised = {(e.fact.lateness, e.at) for e in written if isinstance(e.fact, DirectiveWarned)}
    for event in written:
        if isinstance(event.fact, DirectiveEscalated):
            assert (event.fact.lateness, event.fact.since) in raised
            assert event.at > event.fact.since


# --- reminders, evidence, numbers -----------------------------------------------------------------------


def order(*bodies: str, text: str = "请尽快签收") -> RemindDraft:
    return RemindDraft("r", "D-1", bodies, text)


def test_a_leader_reminds_who_owes_something_and_each_has_an_event() -> None:
    both = DirectiveIssued("今晚停工", ("housing", "ecology"), START + 48 * HOUR)
    found = directive((1, SIGNED), issued=both)
    now = START + 2 * HOUR
    events = remind(order("housing", "ecology", "housing"), LEADER, found, now)
    said = [DirectiveReminded("housing", "请尽快签收"), DirectiveReminded("ecology", "请尽快签收")]
    assert [event.fact for event in events] == said
    counted = directive((1, said[0]), (2, said[0]), issued=both).receipts["housing"]
    assert (counted.reminded, counted.reminded_at) == (2, now)


@pytest.mark.parametrize(
    ("draft", "actor", "steps", "reason"),
    [
        (order("housing"), DUTY, (), Reason.ROLE),
        (order("housing"), HOUSING, (), Reason.ROLE),
        (order(), LEADER, (), Reason.NO_RECEIVERS),
        (order("police"), LEADER, (), Reason.NOT_A_RECEIVER),
        (order("housing", text=" "), LEADER, (), Reason.NO_TEXT),
        (order("housing"), LEADER, ((1, SIGNED), (2, FED_BACK)), Reason.NOTHING_OWED),
        (order("housing"), LEADER, ((1, SIGNED), (2, FED_BACK), (3, ACCEPTED)), Reason.NOTHING_OWED),
        (order("housing"), LEADER, ((1, WITHDRAWN),), Reason.WITHDRAWN),
    ],
)
def test_no_other_reminder(
    draft: RemindDraft, actor: Actor, steps: tuple[tuple[float, Fact], ...], reason: Reason
) -> None:
    with pytest.raises(RefusedError) as error:
        remind(draft, actor, directive(*steps), START + 5 * HOUR)
    assert error.value.reason is reason


def test_who_was_sent_back_is_reminded_again() -> None:
    found = directive((1, SIGNED), (2, FED_BACK), (3, SENT_BACK))
    assert len(remind(order("housing"), LEADER, found, START + 5 * HOUR)) == 1


@pytest.mark.parametrize("evidence", [("xyz",), ("A" * 64,), tuple(f"{n:064x}" for n in range(21))])
def test_evidence_is_checksums_and_not_too_many(evidence: tuple[str, ...]) -> None:
    draft = FeedBackDraft("r", "D-1", "housing", "已停工", evidence=evidence)
    with pytest.raises(RefusedError) as error:
        feed_back(draft, HOUSING, directive((1, SIGNED)), START + 2 * HOUR)
    assert error.value.reason is Reason.BAD_EVIDENCE
    assert len(evidence) == 1 or len(evidence) > MOST_EVIDENCE


def test_a_directive_keeps_the_line_that_it_was_issued_from_and_no_endless_list() -> None:
    def issued(**parts: object) -> Event:
        draft = DirectiveDraft("r", "停工", ("housing",), START + HOUR, **parts)  # type: ignore[arg-type]
        return issue_directive(draft, LEADER, ["housing"], numbers, START)

    numbers = [f"T-{n}" for n in range(MOST_SUBJECTS + 1)]
    basis = "时效排名 · 市住建局 · 近 30 日"
    assert issued(basis=f" {basis}\x00 ").fact.basis == basis  # type: ignore[union-attr]
    with pytest.raises(RefusedError) as error:
        issued(tickets=tuple(numbers))
    assert error.value.reason is Reason.TOO_MANY
    with pytest.raises(RefusedError) as error:
        issued(basis="长" * 201)
    assert error.value.reason is Reason.TEXT_TOO_LONG


def test_nothing_is_to_be_warned_of_when_all_is_judged() -> None:
    assert unwarned(directive((1, SIGNED), (2, FED_BACK), (3, ACCEPTED))) == []
    assert unwarned(directive())
