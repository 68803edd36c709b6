"""What a person records: the database says who and when, and refuses what is not that person's to record."""

import json
import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data_access import log, schema, watched
from data_access.errors import VersionConflictError
from data_access.rules import load_rules
from data_access.serials import re_supervision_number
from data_access.store import Store
from data_access.verify import verify
from domain.events import Accepted, Arrived, Event, Fact, Rectified, ReSupervisionDrafted, Signed
from domain.people import Actor, Role
from domain.rights import Reason, RefusedError
from tests.data_access.gate.conftest import SignIn
from tests.data_access.streams import START

NOBODY = Actor(Role.ADMIN, "冒名者")


def take(store: Store, number: str, fact: Fact, expected: int | None = None) -> None:
    """Append a fact as somebody else at another time: neither may reach the log."""
    addition = log.Addition(f"ticket/{number}", [Event(START, NOBODY, fact)], expected)
    store.write(lambda c: watched.append(c, load_rules(c), [addition], uuid.uuid4()))


def record(store: Store, stream: str, kind: str, data: str = "{}", expected: int | None = None) -> None:
    """Record as one would with psql."""
    about = {"stream": stream, "expected": expected, "kind": kind, "data": data}
    store.write(
        lambda c: c.execute(text("SELECT record_event(:stream, :expected, :kind, :data)"), about).one()
    )


def refusal(error: pytest.ExceptionInfo[DBAPIError]) -> str:
    return error.value.orig.diag.message_detail  # type: ignore[union-attr]


def test_who_and_when_are_the_databases(city: Store, sign_in: SignIn, bodies: tuple[str, str]) -> None:
    handler = sign_in(Role.HANDLER, bodies[0])
    before = city.read(log.transaction_time)
    take(handler, "T-1", Signed())
    last = city.read(lambda c: log.read_stream(c, "ticket/T-1"))[-1]
    assert last.event.fact == Signed()
    assert last.event.actor == handler.actor
    assert last.event.actor.body == bodies[0]
    assert before < last.event.at == last.recorded_at
    assert city.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def test_the_cached_rows_are_what_the_engine_would_have_written(
    city: Store, sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    handler = sign_in(Role.HANDLER, bodies[0])
    take(handler, "T-1", Signed())
    take(handler, "T-1", Arrived(12.5, ("a" * 64,), "到场"))
    take(handler, "T-1", Rectified("停工", violation=True))
    verdict = city.scratch(lambda c: verify(c, load_rules(c)))
    assert verdict.flaw is None
    assert verdict.cached_rows > 0
    row = handler.read(lambda c: c.execute(schema.ticket.select()).one())
    assert (row.number, row.version, row.rectified) == ("T-1", 6, True)


def test_a_stale_decision_is_a_conflict(sign_in: SignIn) -> None:
    duty = sign_in(Role.DUTY)
    take(duty, "T-3", Accepted(), 1)
    with pytest.raises(VersionConflictError):
        take(duty, "T-3", Accepted(), 1)
    with pytest.raises(DBAPIError) as error:
        record(duty, "ticket/T-3", "Chased", '{"text":"快"}', expected=1)
    assert error.value.orig.sqlstate == "QS409"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("role", "stream", "kind", "data", "reason"),
    [
        (Role.WALL, "ticket/T-3", "Accepted", "{}", "role Accepted"),
        (Role.DUTY, "ticket/T-1", "Signed", "{}", "role Signed"),
        (Role.HANDLER, "ticket/T-2", "Signed", "{}", "other_body"),
        (Role.HANDLER, "ticket/T-3", "Signed", "{}", "other_body"),
        (Role.HANDLER, "ticket/T-1", "Filed", '{"document":"1"}', "not_to_do T-1"),
        (Role.HANDLER, "ticket/T-1", "Accepted", "{}", "role Accepted"),
        (Role.HANDLER, "re_supervision/Z-2026-0001", "ReSupervisionClosed", '{"recommendation":"x"}', "role"),
        (Role.DUTY, "ticket/T-9", "Accepted", "{}", "unknown_ticket T-9"),
        (Role.DUTY, "ticket/T-3", "Received", '{"channel":"12345","title":"x"}', "unknown_finding"),
        (Role.DUTY, "ticket/T-3", "WarningRaised", "{}", "role WarningRaised"),
        (Role.DUTY, "access/T-3", "ComplainantSeen", '{"reason":"x"}', "role ComplainantSeen"),
        (Role.DUTY, "nonsense", "Accepted", "{}", "bad_data"),
        (Role.DUTY, "ticket/T-3", "Dispatched", '{"lead":"nobody"}', "unknown_body nobody"),
        (
            Role.LEADER,
            "directive/D-2026-999",
            "DirectiveIssued",
            '{"text":"x","receivers":["housing"],"deadline":"2030-01-01T00:00:00Z"}',
            "bad_data",
        ),
        (
            Role.LEADER,
            "ticket/T-1",
            "DirectiveReferred",
            '{"number":"D-1","text":"x","receivers":[],"deadline":"2030-01-01T00:00:00Z"}',
            "bad_data",
        ),
    ],
)
def test_what_is_not_ones_own_is_refused(
    city: Store,
    sign_in: SignIn,
    bodies: tuple[str, str],
    role: Role,
    stream: str,
    kind: str,
    data: str,
    reason: str,
) -> None:
    person = sign_in(role, bodies[0] if role is Role.HANDLER else None)
    before = city.read(lambda c: c.execute(schema.event.select()).all())
    with pytest.raises(DBAPIError) as error:
        record(person, stream, kind, data)
    assert error.value.orig.sqlstate == "42501"  # type: ignore[union-attr]
    assert refusal(error).startswith(reason)
    assert city.read(lambda c: c.execute(schema.event.select()).all()) == before


@pytest.mark.parametrize(
    "data",
    [
        "[]",
        '"x"',
        "null",
        "{}",
        '{"text":1}',
        '{"text":null}',
        '{"text":"a","text":"b"}',
        '{"text":"a","x":1}',
        json.dumps({"text": "长" * 4001}),
    ],
)
def test_data_that_are_no_fact_are_refused(sign_in: SignIn, data: str) -> None:
    with pytest.raises(DBAPIError) as error:
        record(sign_in(Role.DUTY), "ticket/T-3", "Chased", data)
    assert error.value.orig.sqlstate == "42501"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        ("Chased", '{ "text" : "a\\u00e4\\n\\"\\/" }', '{"text":"aä\\n\\"/"}'),
        ("Paused", '{"reason":"r","approved_by":"王磊"}', '{"approved_by":"王磊","reason":"r"}'),
        (
            "Extended",
            '{"node":"rectify","due":"2030-01-01T08:00:00.5+08:00","reason":"r","approved_by":"王磊"}',
            '{"approved_by":"王磊","due":"2030-01-01T00:00:00.500000+00:00","node":"rectify","reason":"r"}',
        ),
        ("Revisited", '{"satisfied":true,"text":""}', '{"satisfied":true}'),
        (
            "Dispatched",
            '{"lead":"housing","assisting":["ecology"],"rule":null}',
            '{"assisting":["ecology"],"lead":"housing"}',
        ),
    ],
)
def test_what_is_written_otherwise_is_kept_in_canonical_text(
    city: Store, sign_in: SignIn, kind: str, written: str, kept: str
) -> None:
    record(sign_in(Role.DUTY), "ticket/T-3", kind, written)
    last = city.read(lambda c: log.read_stream(c, "ticket/T-3"))[-1]
    assert last.data == kept


def test_what_may_be_unknown_is_kept_as_such(city: Store, sign_in: SignIn) -> None:
    """A file about a whole ticket names no node."""
    officer = sign_in(Role.DISCIPLINE)
    number = officer.write(lambda c: re_supervision_number(c, 2026))
    fact = ReSupervisionDrafted("T-1", None, None, None, "超期")
    addition = log.Addition(f"re_supervision/{number}", [Event(START, NOBODY, fact)], 0)
    officer.write(lambda c: log.append(c, load_rules(c), [addition], uuid.uuid4()))
    kept = city.read(lambda c: log.read_stream(c, f"re_supervision/{number}"))
    assert [record.event.fact for record in kept] == [fact]
    assert kept[0].data == '{"body":null,"cause":"超期","node":null,"round":null,"ticket":"T-1"}'
    assert city.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def test_a_handlers_order_through_the_program_is_refused_in_its_words(
    sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    handler = sign_in(Role.HANDLER, bodies[0])
    with pytest.raises(RefusedError) as refused:
        take(handler, "T-1", Accepted())
    assert refused.value.reason is Reason.ROLE
    assert refused.value.allowed == (Role.DUTY,)
    take(handler, "T-1", Signed())
    with pytest.raises(RefusedError) as refused:
        take(handler, "T-1", Signed())
    assert refused.value.reason is Reason.NOT_TO_DO


def test_somebody_who_is_not_listed_records_nothing(city: Store, sign_in: SignIn) -> None:
    duty = sign_in(Role.DUTY)
    city.write(lambda c: c.execute(text("UPDATE person SET active = false WHERE role = 'duty'")))
    with pytest.raises(DBAPIError) as error:
        record(duty, "ticket/T-3", "Accepted")
    assert refusal(error) == "nobody"
