"""The database keeps a re-supervision's course, whatever program asks: who, when, in which order (T10)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from data_access import evidence, log, serials
from data_access.rules import load_rules
from data_access.store import Store
from domain.codec import encode, to_text
from domain.events import (
    Behaviour,
    Event,
    Fact,
    ReSupervisionAsked,
    ReSupervisionClosed,
    ReSupervisionDeclined,
    ReSupervisionDrafted,
    ReSupervisionExplained,
    ReSupervisionFound,
    ReSupervisionLaunched,
)
from domain.nodes import Node
from domain.people import SYSTEM, Role
from tests.data_access.gate.conftest import SignIn
from tests.data_access.gate.test_evidence import png
from tests.data_access.gate.test_recording import record, refusal

NUMBER = "Z-2026-0001"
STREAM = f"re_supervision/{NUMBER}"
LATER = datetime.now(UTC) + timedelta(days=5)
PAST = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def drafted(city: Store, bodies: tuple[str, str]) -> Store:
    """A red warning has drafted a file about T-1."""
    city.write(lambda c: serials.set_last(c, "re_supervision", 2026, 1))
    draft = Event(PAST, SYSTEM, ReSupervisionDrafted("T-1", bodies[0], Node.SIGN, 1, "超期"))
    city.write(lambda c: log.append(c, load_rules(c), [log.Addition(STREAM, [draft])]))
    return city


def say(store: Store, fact: Fact) -> None:
    kind, values = encode(fact)
    record(store, STREAM, kind, to_text(values))


def refused(store: Store, fact: Fact) -> str:
    with pytest.raises(DBAPIError) as error:
        say(store, fact)
    return refusal(error).split()[0]


def launched(body: str, deadline: datetime = LATER) -> ReSupervisionLaunched:
    return ReSupervisionLaunched(body, "为何超时", deadline, "{}", "00")


ASKED = ReSupervisionAsked("当晚几人值班", LATER)
EXPLAINED, FOUND = ReSupervisionExplained("车辆外出"), ReSupervisionFound(Behaviour.SLOWNESS, "超时")
CLOSED, DECLINED = ReSupervisionClosed("谈话"), ReSupervisionDeclined("已查明")


def test_the_course_of_a_file(drafted: Store, sign_in: SignIn, bodies: tuple[str, str]) -> None:
    """Each step in its time, and nothing else at any time: neither by its officer nor by the body."""
    officer, handler, other = sign_in(Role.DISCIPLINE), *(sign_in(Role.HANDLER, body) for body in bodies)
    for fact in (ASKED, FOUND, CLOSED):
        assert refused(officer, fact) == "not_launched"
    assert refused(handler, EXPLAINED) == "other_body"  # of a draft it knows nothing
    assert refused(officer, launched(bodies[0], PAST)) == "deadline_past"
    say(officer, launched(bodies[0]))
    for fact in (launched(bodies[0]), DECLINED):
        assert refused(officer, fact) == "not_a_draft"
    for fact in (ASKED, FOUND):
        assert refused(officer, fact) == "explanation_pending"
    assert refused(officer, CLOSED) == "not_found_yet"
    assert refused(other, EXPLAINED) == "other_body"
    say(handler, EXPLAINED)
    assert refused(handler, EXPLAINED) == "not_to_do"
    assert refused(officer, ReSupervisionAsked("再问", PAST)) == "deadline_past"
    assert refused(officer, ReSupervisionAsked(" ", LATER)) == "no_text"
    say(officer, ASKED)
    assert refused(officer, FOUND) == "explanation_pending"
    say(handler, ReSupervisionExplained("两人"))
    assert refused(officer, ReSupervisionFound(Behaviour.SLOWNESS, "　")) == "no_text"
    say(officer, FOUND)
    for fact in (ASKED, FOUND):
        assert refused(officer, fact) == "already_found"
    for fact in (CLOSED, FOUND, ASKED, DECLINED):
        assert refused(handler, fact) == "role"
    say(officer, CLOSED)
    for fact in (ASKED, FOUND, CLOSED):
        assert refused(officer, fact) == "file_ended"
    assert refused(handler, EXPLAINED) == "not_to_do"


def test_silence_past_the_deadline_lets_the_officer_go_on(
    drafted: Store, sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    past = Event(PAST, SYSTEM, launched(bodies[0], PAST + timedelta(days=1)))
    drafted.write(lambda c: log.append(c, load_rules(c), [log.Addition(STREAM, [past])]))
    officer = sign_in(Role.DISCIPLINE)
    say(officer, ASKED)
    assert refused(officer, FOUND) == "explanation_pending"


def test_an_explanation_names_only_files_that_are_kept_with_it(
    drafted: Store, sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    """Y28: kept by the body that is asked, while it is asked; not its ticket's, not another's."""
    officer, handler, other = sign_in(Role.DISCIPLINE), *(sign_in(Role.HANDLER, body) for body in bodies)
    kept = handler.write(lambda c: evidence.keep(c, "T-1", "现场.png", png(5, 5)))
    # By the program's way: the cached row says who sees it.
    launch = log.Addition(STREAM, [Event(PAST, SYSTEM, launched(bodies[0]))])
    officer.write(lambda c: log.append(c, load_rules(c), [launch]))
    assert refused(handler, ReSupervisionExplained("见附件", (kept,))) == "bad_evidence"
    total = handler.write(lambda c: evidence.keep(c, STREAM, "值班表.png", png()))
    say(handler, ReSupervisionExplained("见附件", (total,)))
    assert handler.read(lambda c: evidence.content_of(c, STREAM, total)) == png()
    assert other.read(lambda c: evidence.content_of(c, STREAM, total)) is None
    assert officer.read(lambda c: evidence.content_of(c, STREAM, total)) == png()
