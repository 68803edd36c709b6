"""Who sweeps: what one ticket does to the others, and a holder that cannot be ended."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select, text

from data_access import schema, sweeper
from data_access.bulk import add_tickets
from data_access.rules import load_rules
from data_access.store import Store
from data_access.sweep import LOCK
from data_access.sweeper import Round, Sweeper
from domain.events import DueSupplied, WarningKind
from domain.nodes import Node
from tests.data_access.streams import DUTY, happened, received, ticket

COUNT = 40


def fall_due(store: Store, *numbers: str) -> None:
    """Bring in tickets that fell due an hour ago."""
    now = datetime.now(UTC)
    supplied = (0, DUTY, DueSupplied(Node.RECTIFY, now - timedelta(hours=1), "test"))
    events = happened((0, DUTY, received(policy="source-due")), supplied, start=now - timedelta(days=1))
    tickets = [ticket(number, events) for number in numbers]
    store.write(lambda c: add_tickets(c, load_rules(c), tickets))


def spoil(connection: Connection, number: str) -> None:
    """Let an event stand as a newer program, or a damaged disk, would have it."""
    connection.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
    connection.execute(
        text("UPDATE event SET kind = 'Foreseen' WHERE stream = :stream AND seq = 2"),
        {"stream": f"ticket/{number}"},
    )
    connection.execute(text("ALTER TABLE event ENABLE TRIGGER USER"))


def warned(store: Store) -> set[str]:
    warning = schema.warning.c
    found = select(warning.ticket).where(warning.kind == WarningKind.LATE)
    return set(store.read(lambda c: c.execute(found).scalars().all()))


def rounds(swept: Sweeper, most: int = 20) -> list[Round]:
    """Sweep until nothing is left to do at once."""
    done: list[Round] = []
    while len(done) < most:
        done.append(swept.round())
        if done[-1].next_in != 0.0:
            return done
    raise AssertionError("the sweeper does not come to rest")


@pytest.fixture
def swept(store: Store) -> object:
    made = Sweeper(store)
    yield made
    made.close()


def test_a_ticket_that_cannot_be_read_keeps_no_other_from_being_warned_of(
    store: Store, swept: Sweeper
) -> None:
    numbers = [f"T-{n:02}" for n in range(COUNT)]
    fall_due(store, *numbers)
    store.write(lambda c: spoil(c, "T-07"))
    done = rounds(swept)
    assert warned(store) == set(numbers) - {"T-07"}
    faults = [fault for one in done for fault in one.faults]
    assert [number for number, _ in faults] == ["T-07"], "it is told once"
    assert "Foreseen" in str(faults[0][1])
    # What comes later is swept in one step, at its time, as if the ticket were not there.
    assert done[-1].next_in is None
    fall_due(store, "T-99")
    later = rounds(swept)
    assert [(one.done.raised > 0, one.faults) for one in later] == [(True, ()), (False, ())]
    assert "T-99" in warned(store)


def test_what_was_left_out_is_tried_again(
    store: Store, swept: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    fall_due(store, "T-1", "T-2")
    store.write(lambda c: spoil(c, "T-1"))
    rounds(swept)
    monkeypatch.setattr(sweeper, "AGAIN_SECONDS", 0.0)
    time.sleep(0.01)
    assert [number for number, _ in swept.round().faults] == ["T-1"]


def test_a_fault_of_no_ticket_is_raised(
    store: Store, swept: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    fall_due(store, "T-1")
    swept.round()

    def fail(_connection: Connection) -> None:
        raise ZeroDivisionError

    fall_due(store, "T-2")
    with monkeypatch.context() as patch:
        patch.setattr(sweeper, "load_rules", fail)
        with pytest.raises(ZeroDivisionError):
            swept.round()
    rounds(swept)
    assert warned(store) == {"T-1", "T-2"}


def test_a_holder_that_may_not_be_ended_is_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper, "SILENCE_SECONDS", 0)
    role = "watcher_of_the_sweep"

    def ask(connection: Connection) -> bool:
        connection.execute(text(f"CREATE ROLE {role}"))
        connection.execute(text(f"GRANT pg_signal_backend, pg_read_all_stats TO {role}"))
        connection.execute(text(f"SET LOCAL ROLE {role}"))
        free = sweeper._is_free(connection)
        connection.execute(text("RESET ROLE"))
        connection.execute(text(f"DROP ROLE {role}"))
        return free

    def hold(connection: Connection) -> bool:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        time.sleep(0.01)
        return store.write(ask)

    # The tests' server knows its superuser only: he holds, and somebody with less rights asks.
    holder = store.session({})
    try:
        assert holder.write(hold) is False
        assert holder.write(lambda c: c.execute(text("SELECT 1")).scalar_one()) == 1
    finally:
        holder.close()
