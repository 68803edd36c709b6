"""Who did not report (T19), and what asking for it costs."""

from datetime import timedelta

from sqlalchemy import Connection, event

from data_access.readers.silence import reporting
from data_access.store import Store
from domain.day_report import Reporting
from domain.events import Accepted, Closed, Dispatched, Event, Signed
from domain.people import Actor, Role
from tests.data_access.readers.worlds import put_city, put_tickets
from tests.data_access.streams import DUTY, START, happened, received

NOW = START + timedelta(days=60)
TODAY = NOW - timedelta(hours=8)


def held(body: str, signed_before: timedelta | None) -> tuple[Event, ...]:
    """A ticket of a body that signed it so long before today, or never."""
    steps = [(0, DUTY, received()), (0.1, DUTY, Accepted()), (0.5, DUTY, Dispatched(body))]
    if signed_before is not None:
        at = (TODAY - signed_before - START) / timedelta(hours=1)
        steps.append((at, Actor(Role.HANDLER, "某人", body), Signed()))  # type: ignore[arg-type]
    return happened(*steps)  # type: ignore[arg-type]


def asked(connection: Connection) -> tuple[Reporting, int]:
    """Return who is silent, and how many statements it took."""
    statements: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    found = reporting(connection, TODAY, NOW, NOW)
    event.remove(connection, "before_cursor_execute", note)
    assert not [one for one in statements if " OR ticket.closed_at" in one], "reads every ticket"
    return found, len(statements)


def test_the_longest_silent_stand_first_and_many_cost_no_more_than_one(store: Store) -> None:
    put_city(store)
    put_tickets(store, A=held("housing", None))
    _, cost = store.read(asked)
    put_tickets(
        store,
        B=held("ecology", timedelta(hours=3)),
        C=held("water", timedelta(days=3)),
        D=held("transport", timedelta(days=20)),
        E=held("planning", timedelta(days=40)),
        F=held("market", timedelta(hours=-1)),
    )
    found, later = store.read(asked)
    assert later == cost
    assert found.bodies == 6
    assert [(row.key, row.last_word) for row in found.silent] == [
        ("housing", None),
        ("planning", None),
        ("transport", TODAY - timedelta(days=20)),
        ("water", TODAY - timedelta(days=3)),
        ("ecology", TODAY - timedelta(hours=3)),
    ]


def test_a_past_minute_knows_what_was_open_then(store: Store) -> None:
    put_city(store)
    put_tickets(store, A=(*held("housing", None), Event(NOW - timedelta(hours=1), DUTY, Closed("清零"))))
    assert store.read(lambda c: reporting(c, TODAY, NOW, NOW)).silent == ()
    then = NOW - timedelta(hours=2)
    assert [row.key for row in store.read(lambda c: reporting(c, TODAY, then, then)).silent] == ["housing"]
