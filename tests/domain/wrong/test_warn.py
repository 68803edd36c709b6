"""What the log says after a ticket was judged: once for a cause, cleared as it ends, and it never flaps."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.case_events import MergedInto, RecordAdded, RecordKind, SplitOff
from domain.events import (
    Arrived,
    Event,
    Paused,
    Rectified,
    Resumed,
    WarningAcknowledged,
    WarningCleared,
    WarningKind,
    WarningLevel,
    WarningRaised,
)
from domain.nodes import Node
from domain.people import SYSTEM
from domain.wrong.surroundings import DecidedFile, LaterComplaint, Surroundings
from domain.wrong.warn import MENDED, SETTLED, warnings_to_write
from tests.domain.city import DUTY, HOUSING
from tests.domain.wrong.lives import NOTHING_AROUND, PHOTO, START, judged, life

BLIND = life(
    arrived=(1.5, HOUSING, Arrived(40.0)),
    rectified=(5, HOUSING, Rectified("停止夜间施工")),
    fed_back=None,
    revisited=None,
    post_checked=None,
    closed=None,
)
DONE_AT = START + timedelta(hours=5)
SHOWN = Event(
    START + timedelta(hours=9), HOUSING, RecordAdded(RecordKind.SPOT_CHECK, "补充", evidence=(PHOTO,))
)


def written(
    events: tuple[Event, ...], around: Surroundings = NOTHING_AROUND, known_at: datetime = START
) -> tuple[Event, ...]:
    return warnings_to_write(judged(events, around), events, around, known_at)


def test_a_cause_is_raised_once_at_the_time_of_its_step() -> None:
    (raised,) = written(BLIND)
    assert (raised.at, raised.actor) == (DONE_AT, SYSTEM)
    fact = raised.fact
    assert isinstance(fact, WarningRaised)
    assert (fact.kind, fact.level, fact.node) == (WarningKind.WRONG, WarningLevel.RED, Node.RECTIFY)
    assert (fact.rule_id, fact.rule, fact.body) == ("E01", "报整改办结须有现场影像", "housing")
    assert fact.facts
    assert written((*BLIND, raised)) == ()


def test_nobody_is_warned_before_anybody_knew() -> None:
    """A report that comes hours late is warned of when it came, or it would climb the ladder at once."""
    known = DONE_AT + timedelta(hours=3)
    assert [event.at for event in written(BLIND, known_at=known)] == [known]


def test_evidence_brought_later_clears_it_and_it_does_not_come_again_with_the_same_facts() -> None:
    """Without the late evidence (say, the record was of another kind after all) the facts are the same."""
    (raised,) = written(BLIND)
    mended = (*BLIND, raised, SHOWN)
    (cleared,) = written(mended, known_at=SHOWN.at)
    assert isinstance(cleared.fact, WarningCleared)
    assert (cleared.fact.reason, cleared.at) == (MENDED, SHOWN.at)
    assert written((*mended, cleared)) == ()
    assert written((*BLIND, raised, cleared)) == ()


def test_other_facts_are_a_new_raise() -> None:
    """Y18, Q20: a second complaint after the first one was dealt with."""
    first = Surroundings(later=(LaterComplaint("XZ-3", START + timedelta(days=3), 30),))
    (raised,) = written(life(), first)
    file = DecidedFile("1", Node.RECTIFY, 1, raised.at + timedelta(days=1))
    events = (*life(), raised)
    decided = replace(first, decided=(file,))
    (settled,) = written(events, decided, file.at)
    assert isinstance(settled.fact, WarningCleared)
    assert settled.fact.reason == SETTLED
    events = (*events, settled)
    assert written(events, decided) == ()
    second = replace(decided, later=(*first.later, LaterComplaint("XZ-4", START + timedelta(days=9), 10)))
    (again,) = written(events, second, START + timedelta(days=9))
    assert isinstance(again.fact, WarningRaised)
    assert any("XZ-4" in line for line in again.fact.facts)


def test_a_yellow_one_is_settled_when_somebody_took_note_and_the_ticket_is_closed() -> None:
    far = (1.5, HOUSING, Arrived(900.0, (PHOTO,)))
    open_one = life(arrived=far, closed=None)
    (raised,) = written(open_one)
    fact = raised.fact
    assert isinstance(fact, WarningRaised)
    assert fact.level is WarningLevel.YELLOW
    noted = Event(
        START + timedelta(hours=3),
        DUTY,
        WarningAcknowledged(fact.kind, fact.level, fact.node, 1, 1, "已核实", 0, fact.rule_id),
    )
    assert written((*open_one, raised, noted)) == ()
    closed = (*life(arrived=far), raised)
    assert written(closed) == ()
    (settled,) = written((*closed, noted))
    assert isinstance(settled.fact, WarningCleared)
    assert settled.fact.reason == SETTLED


def test_a_paused_or_merged_ticket_raises_nothing_until_it_runs_again() -> None:
    """Inhibition: what stood before stays as it is, neither raised nor cleared."""
    for stop, go in (
        (Paused("等待检测", "王磊"), Resumed()),
        (MergedInto("XZ-1", "同一点位"), SplitOff("XZ-1", "不是同一件事")),
    ):
        stopped = (*BLIND, Event(START + timedelta(hours=7), DUTY, stop))
        assert written(stopped) == ()
        (raised,) = written((*stopped, Event(START + timedelta(hours=9), DUTY, go)))
        assert isinstance(raised.fact, WarningRaised)
        assert written((*stopped, raised)) == ()
        assert judged(stopped).inhibited
