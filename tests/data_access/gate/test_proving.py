"""What a person wrote into the caches is proved by the engine, and repaired where it does not follow."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from data_access import bulk, log, schema
from data_access.proving import prove, waits_for_proof
from data_access.rules import load_rules
from data_access.store import Store
from data_access.sweeper import Sweeper
from data_access.verify import verify
from domain.events import Accepted, Dispatched, Signed, WarningCleared, WarningKind, WarningRaised
from domain.nodes import Node
from domain.people import Role
from tests.data_access.gate.conftest import SignIn
from tests.data_access.gate.test_recording import take
from tests.data_access.streams import DUTY, happened, received, ticket

FORGERIES = (
    ("node_state", "ticket", "UPDATE mine SET due_at = due_at + interval '9 years'"),
    ("node_state", "ticket", "DELETE FROM mine WHERE ended_at IS NULL"),
    ("ticket", "number", "UPDATE mine SET red_at = NULL, node_due_at = NULL"),
    ("ticket", "number", "DELETE FROM mine"),
    ("warning", "ticket", "UPDATE mine SET cleared_at = now()"),
    ("warning", "ticket", "DELETE FROM mine"),
)
SIGN = text("SELECT record_event('ticket/T-1', NULL, 'Signed', '{}')")


def unflawed(city: Store) -> bool:
    return city.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def test_an_honest_order_is_proved_and_nothing_is_touched(
    city: Store, sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    sweeper = Sweeper(city)
    while sweeper.round().done.raised:
        pass
    sweeper.close()
    take(sign_in(Role.HANDLER, bodies[0]), "T-1", Signed())
    assert city.read(waits_for_proof)
    before = city.read(lambda c: c.execute(text("SELECT ctid::text FROM node_state ORDER BY 1")).all())
    done = city.write(lambda c: prove(c, load_rules(c)))
    assert (done.streams, done.repaired) == (1, ())
    assert not city.read(waits_for_proof)
    assert (
        city.read(lambda c: c.execute(text("SELECT ctid::text FROM node_state ORDER BY 1")).all()) == before
    )


@pytest.mark.faults_expected
@pytest.mark.parametrize(("table", "key", "forgery"), FORGERIES)
def test_forged_rows_are_repaired_within_one_sweep(
    city: Store,
    sign_in: SignIn,
    bodies: tuple[str, str],
    caplog: pytest.LogCaptureFixture,
    table: str,
    key: str,
    forgery: str,
) -> None:
    sweeper = Sweeper(city)
    while sweeper.round().done.raised:
        pass

    def forge(connection: Connection) -> None:
        # Nobody updates a cached row: what changes is deleted and written again, as the program does it.
        connection.execute(SIGN)
        connection.execute(text(f"CREATE TEMP TABLE mine AS SELECT * FROM {table} WHERE {key} = 'T-1'"))
        connection.execute(text(f"DELETE FROM {table} WHERE {key} = 'T-1'"))
        connection.execute(text(forgery))
        connection.execute(text(f"INSERT INTO {table} SELECT * FROM mine"))

    sign_in(Role.HANDLER, bodies[0]).write(forge)
    assert not unflawed(city)
    with caplog.at_level(logging.WARNING):
        sweeper.round()
    sweeper.close()
    assert "ticket/T-1" in caplog.text
    assert unflawed(city)


def test_a_step_that_was_late_before_any_sweep_is_warned_of(
    city: Store, sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    now = city.read(log.transaction_time)
    steps = happened(
        (0, DUTY, received()),
        (0.1, DUTY, Accepted()),
        (0.5, DUTY, Dispatched(bodies[0])),
        start=now - timedelta(hours=8),
    )
    city.write(lambda c: bulk.add_tickets(c, load_rules(c), [ticket("T-4", steps)]))
    handler = sign_in(Role.HANDLER, bodies[0])
    take(handler, "T-4", Signed())
    done = city.write(lambda c: prove(c, load_rules(c)))
    assert done.repaired == ()
    facts = [r.event for r in log.in_time_order(city.read(lambda c: log.read_stream(c, "ticket/T-4")))]
    raised = [e for e in facts if isinstance(e.fact, WarningRaised) and e.fact.node is Node.SIGN]
    cleared = [e for e in facts if isinstance(e.fact, WarningCleared) and e.fact.node is Node.SIGN]
    assert [e.fact.kind for e in raised] == [WarningKind.SLOW, WarningKind.LATE]
    signed = next(e for e in facts if isinstance(e.fact, Signed))
    assert raised[1].at == steps[0].at + timedelta(hours=4) < signed.at
    assert [(e.fact.kind, e.at, e.fact.reason) for e in cleared] == [
        (WarningKind.SLOW, raised[1].at, "late"),
        (WarningKind.LATE, signed.at, "done"),
    ]
    files = city.read(lambda c: c.execute(schema.re_supervision.select()).all())
    assert [(file.ticket, file.node) for file in files] == [("T-4", "sign")]
    assert unflawed(city)
    # Once for its cause.
    sweeper = Sweeper(city)
    sweeper.round()
    sweeper.close()
    again = [r.event.fact for r in city.read(lambda c: log.read_stream(c, "ticket/T-4"))]
    assert sum(isinstance(f, WarningRaised) and f.node is Node.SIGN for f in again) == 2
    # What ended before anybody watched is not warned of by a later step.
    assert not [f for f in again if isinstance(f, WarningRaised) and f.node is Node.ACCEPT]
