"""What plain SQL cannot do to a directive: remind, judge, answer or add files out of turn (T20, X03)."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data_access import bulk, directive_sweep, evidence, log, proving
from data_access.rules import load_rules
from data_access.store import Store
from domain.events import (
    DirectiveFedBack,
    DirectiveIssued,
    DirectiveJudged,
    DirectiveReminded,
    DirectiveSigned,
    DirectiveWithdrawn,
    Event,
    Fact,
)
from domain.people import Actor, Role
from domain.rights import RefusedError
from tests.data_access.gate.conftest import SignIn
from tests.data_access.gate.test_evidence import png

NUMBER = "D-2026-001"
STREAM = f"directive/{NUMBER}"
LEADER = Actor(Role.LEADER, "李强")
Say = Callable[..., str]


@pytest.fixture
def issued(city: Store, bodies: tuple[str, str]) -> Callable[..., None]:
    """A directive to the first body, with what has happened to it since."""
    own = Actor(Role.HANDLER, "陈立", bodies[0])
    start = datetime.now(UTC) - timedelta(hours=1)

    def put(*facts: Fact) -> None:
        first = DirectiveIssued("今晚停工", (bodies[0],), start + timedelta(days=2))
        events = [Event(start, LEADER, first)]
        for minutes, fact in enumerate(facts, start=1):
            by_body = isinstance(fact, DirectiveSigned | DirectiveFedBack)
            events.append(Event(start + timedelta(minutes=minutes), own if by_body else LEADER, fact))
        city.write(lambda c: bulk.add_streams(c, load_rules(c), [(STREAM, events)]))

    return put


def record(store: Store, kind: str, **said: object) -> str:
    """Record an event as one types it in psql; return the reason for which it was refused, or "ok"."""
    data = json.dumps(said, ensure_ascii=False)
    statement = text("SELECT record_event(:stream, NULL, :kind, :data)")
    try:
        store.write(
            lambda c: c.execute(statement, {"stream": STREAM, "kind": kind, "data": data}).first(),
        )
    except DBAPIError as error:
        return str(error.orig.diag.message_detail).split()[0]  # type: ignore[union-attr]
    except RefusedError as error:
        return error.reason.value
    return "ok"


def test_only_a_leader_reminds_and_only_who_owes_something(
    issued: Callable[..., None], sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    own, other = bodies
    issued(DirectiveSigned(own))
    leader = sign_in(Role.LEADER)
    for role, body in ((Role.DUTY, None), (Role.DISCIPLINE, None), (Role.ADMIN, None), (Role.HANDLER, own)):
        assert record(sign_in(role, body), "DirectiveReminded", body=own, text="快") == "role"
    assert record(leader, "DirectiveReminded", body=other, text="快") == "other_body"
    assert record(leader, "DirectiveReminded", body="nobody", text="快") == "unknown_body"
    assert record(leader, "DirectiveReminded", body=own, text=" \n") == "no_text"
    assert record(leader, "DirectiveReminded", body=own, text="快", times=9) == "bad_data"
    assert record(leader, "DirectiveReminded", body=own, text="快") == "ok"
    # A reminder does not take the receiver's turn away.
    assert record(sign_in(Role.HANDLER, own), "DirectiveFedBack", body=own, text="已停") == "ok"
    assert record(leader, "DirectiveReminded", body=own, text="快") == "nothing_owed"


@pytest.mark.parametrize(
    ("more", "reason"),
    [(("accepted",), "nothing_owed"), (("withdrawn",), "withdrawn"), (("returned",), "ok")],
)
def test_who_was_judged_or_whose_directive_was_withdrawn_is_not_reminded(
    issued: Callable[..., None], sign_in: SignIn, bodies: tuple[str, str], more: tuple[str], reason: str
) -> None:
    own, _ = bodies
    last: dict[str, Fact] = {
        "accepted": DirectiveJudged(own, True),
        "returned": DirectiveJudged(own, False, "不实"),
        "withdrawn": DirectiveWithdrawn("误发"),
    }
    issued(DirectiveSigned(own), DirectiveFedBack(own, "已停"), last[more[0]])
    assert record(sign_in(Role.LEADER), "DirectiveReminded", body=own, text="快") == reason


def test_a_leader_judges_only_what_was_fed_back_and_says_why_it_is_sent_back(
    issued: Callable[..., None], sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    own, _ = bodies
    issued(DirectiveSigned(own))
    leader = sign_in(Role.LEADER)
    assert record(leader, "DirectiveJudged", body=own, accepted=True) == "not_fed_back"
    assert record(sign_in(Role.HANDLER, own), "DirectiveFedBack", body=own, text="已停") == "ok"
    assert record(leader, "DirectiveJudged", body=own, accepted=False) == "no_text"
    assert record(leader, "DirectiveJudged", body=own, accepted=False, text="不实") == "ok"
    assert record(leader, "DirectiveJudged", body=own, accepted=True) == "not_fed_back"
    assert record(leader, "DirectiveWithdrawn", reason="  ") == "no_text"
    assert record(leader, "DirectiveWithdrawn", reason="误发") == "ok"


def test_nobody_writes_a_warning_of_the_systems(
    issued: Callable[..., None], sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    issued()
    for role, body in ((Role.LEADER, None), (Role.DUTY, None), (Role.ADMIN, None), (Role.HANDLER, bodies[0])):
        said = {"body": bodies[0], "lateness": "unsigned"}
        assert record(sign_in(role, body), "DirectiveWarned", **said) == "role"
        climbed = {**said, "since": "2026-11-22T00:00:00+00:00", "step": 1, "to": "leader"}
        assert record(sign_in(role, body), "DirectiveEscalated", **climbed) == "role"


def test_a_receivers_files_are_kept_with_its_turn_and_seen_by_who_may(
    city: Store, issued: Callable[..., None], sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    own, other = bodies
    issued(DirectiveSigned(own))
    picture = png()
    handler, stranger = sign_in(Role.HANDLER, own), sign_in(Role.HANDLER, other)
    unknown = "f" * 64
    assert record(handler, "DirectiveFedBack", body=own, text="已停", evidence=[unknown]) == "bad_evidence"
    with pytest.raises(RefusedError):
        stranger.write(lambda c: evidence.keep(c, STREAM, "a.png", picture))
    for role in (Role.LEADER, Role.DUTY, Role.DISCIPLINE, Role.ADMIN):
        with pytest.raises(RefusedError):
            sign_in(role).write(lambda c: evidence.keep(c, STREAM, "a.png", picture))
    kept = handler.write(lambda c: evidence.keep(c, STREAM, "a.png", picture))
    assert record(handler, "DirectiveFedBack", body=own, text="已停", evidence=[kept]) == "ok"
    for role in (Role.LEADER, Role.DUTY, Role.DISCIPLINE):
        assert sign_in(role).read(lambda c: evidence.content_of(c, STREAM, kept)) == picture
    assert handler.read(lambda c: evidence.content_of(c, STREAM, kept)) == picture
    assert stranger.read(lambda c: evidence.content_of(c, STREAM, kept)) is None
    # The feedback lies with the leader: nothing more is added to it.
    with pytest.raises(RefusedError):
        handler.write(lambda c: evidence.keep(c, STREAM, "b.png", png(4, 4)))
    assert city.scratch(lambda c: evidence.files_of(c, STREAM)).keys() == {kept}


@pytest.mark.faults_expected
def test_a_receiver_that_hides_its_lateness_in_the_cache_is_found_out(
    city: Store, issued: Callable[..., None], sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    own, _ = bodies
    issued()
    handler = sign_in(Role.HANDLER, own)

    def sign_and_lie(connection: object) -> None:
        said = json.dumps({"body": own})
        execute = connection.execute  # type: ignore[attr-defined]
        execute(
            text("SELECT record_event(:s, NULL, 'DirectiveSigned', :d)"), {"s": STREAM, "d": said}
        ).first()
        execute(text("DELETE FROM directive_receiver WHERE directive = :n"), {"n": NUMBER})
        execute(
            text(
                "INSERT INTO directive_receiver (directive, body, signed_at, rounds, reminded)"
                " VALUES (:n, :b, now(), 1, 0)"
            ),
            {"n": NUMBER, "b": own},
        )

    handler.write(sign_and_lie)
    assert city.read(directive_sweep.next_at) is None
    done = city.write(lambda c: proving.prove(c, load_rules(c)))
    assert done.repaired == (STREAM,)
    assert city.read(directive_sweep.next_at) is not None


def test_no_directive_is_edited_or_deleted(
    issued: Callable[..., None], sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    issued(DirectiveReminded(bodies[0], "快"))
    leader = sign_in(Role.LEADER)
    for statement in (
        "UPDATE event SET data = '{}' WHERE stream = :s",
        "DELETE FROM event WHERE stream = :s",
    ):
        with pytest.raises(DBAPIError):
            leader.write(lambda c, statement=statement: c.execute(text(statement), {"s": STREAM}))
    gone = text("DELETE FROM directive WHERE number = :n")
    assert leader.write(lambda c: c.execute(gone, {"n": NUMBER}).rowcount) == 0
    assert len(leader.read(lambda c: log.read_stream(c, STREAM))) == 2
    assert record(
        leader, "DirectiveIssued", text="改", receivers=[bodies[0]], deadline="2030-01-01T00:00:00Z"
    ) == ("bad_data")
