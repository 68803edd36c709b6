"""The engine of a city's server: its own login imports, sweeps and proves, and may change no event."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from data_access import bulk, evidence, log, tallies, watched
from data_access.readings import store_samples
from data_access.rules import load_rules
from data_access.stations import put_limits, put_stations
from data_access.store import Store, open_url
from data_access.sweeper import Sweeper
from data_access.verify import verify
from data_access.weigher import Weigher
from domain.events import Event, Rectified, Signed
from domain.people import Role
from domain.stations import Limit, Measure, Sample, Span, Station, StationKind
from tests.data_access.streams import DUTY, happened, received, ticket, whole_life
from tests.data_access.test_judging import encoded, life, photograph, rules_said
from tests.servers.fixtures import City


@pytest.fixture
def engine(city: City) -> Iterator[Store]:
    login = f"collector_{uuid.uuid4().hex[:8]}"
    with city.connect() as connection:
        city.server.create_role(connection, login)
        connection.execute(f"GRANT qingshao_engine TO {login}")
    store = open_url(city.url(login))
    yield store
    store.close()
    with city.connect() as connection:
        connection.execute(f"DROP ROLE {login}")


def test_it_imports_sweeps_and_proves_under_its_own_login(
    city: City, engine: Store, owner_store: Store
) -> None:
    assert engine.actor is None
    now = engine.read(log.transaction_time)
    many = [ticket(f"T-{n}", whole_life(now - timedelta(days=30, minutes=n))) for n in range(300)]
    fresh = [ticket("T-X", happened((0, DUTY, received()), start=now - timedelta(hours=8)))]
    counts, refused = engine.write(lambda c: bulk.add_tickets(c, load_rules(c), [*many, *fresh]))
    assert (counts.added, refused) == (301, ())
    sweeper = Sweeper(engine)
    raised = 0
    while (done := sweeper.round().done).raised or done.more:
        raised += done.raised
    assert raised
    handler = city.login_of(Role.HANDLER)
    with city.connect(handler) as connection:
        own = connection.execute(
            "SELECT t.number FROM ticket AS t JOIN node_state AS n ON n.ticket = t.number"
            " WHERE n.node = 'sign' AND n.ended_at IS NULL AND t.lead = my_body() LIMIT 1"
        ).fetchone()
    if own is not None:
        person = open_url(city.url(handler))
        assert person.actor == city.logins[handler]
        signed = log.Addition(f"ticket/{own[0]}", [Event(now, DUTY, Signed())])
        person.write(lambda c: watched.append(c, load_rules(c), [signed]))
        person.close()
        sweeper.round()
    sweeper.close()
    while engine.write(lambda c: tallies.refresh(c, 1)):
        pass
    verdict = owner_store.scratch(lambda c: verify(c, load_rules(c)))
    assert verdict.flaw is None
    assert verdict.streams > 500


def test_it_judges_what_was_done_and_looks_at_pictures(city: City, engine: Store, owner_store: Store) -> None:
    """The engine's login reads the evidence and keeps its own tables; no person can see those (T04, Y18)."""
    original = photograph(7)
    smaller = original.resize((480, 360))
    for n, content in enumerate((encoded(original, quality=90), encoded(smaller, quality=60))):
        number = f"J-{n}"
        begun = engine.read(log.transaction_time) - timedelta(hours=6, minutes=-n)
        events = life(begun)
        fresh = ticket(number, events[:5])
        engine.write(lambda c, t=fresh: bulk.add_tickets(c, load_rules(c), [t]))
        kept = owner_store.write(lambda c, n=number, p=content: evidence.keep(c, n, "现场.jpg", p))
        done = Event(events[5].at, events[5].actor, Rectified("停工", evidence=(kept,)))
        addition = log.Addition(f"ticket/{number}", [done])
        engine.write(lambda c, a=addition: log.append(c, load_rules(c), [a]))
    sweeper = Sweeper(engine)
    for _ in range(30):
        sweeper.round()
    sweeper.close()
    assert rules_said(owner_store, "J-0") == []
    assert rules_said(owner_store, "J-1") == [("WarningRaised", "E04")]
    with city.connect(city.login_of(Role.DUTY)) as connection:
        for table in ("judging", "to_judge", "evidence_use", "picture_mark"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(f"SELECT * FROM {table}")


def test_it_weighs_what_stations_measured(city: City, engine: Store, owner_store: Store) -> None:
    """X14: the engine's login stores, weighs and makes clues; persons read what came of it."""
    now = engine.read(log.transaction_time).replace(second=0, microsecond=0)
    measure = Measure("a34002", "µg/m³")
    given = Station(0, "weighed", "一号工地", StationKind.DUST, "MN-weighed", (measure,), "1", "示建")
    (number,) = engine.write(lambda c: put_stations(c, [given])).values()
    limit = Limit(
        "weighed", "a34002", Span.MINUTE, 150.0, now.date() - timedelta(days=9), "示例", station="weighed"
    )
    engine.write(lambda c: put_limits(c, [limit]))
    samples = [
        Sample(number, "a34002", Span.MINUTE, now - timedelta(minutes=n), 300.0) for n in range(5, 0, -1)
    ]
    engine.write(lambda c: store_samples(c, samples, now))
    turn = Weigher(engine).turn()
    assert (turn.done.opened, turn.done.tickets, turn.faults) == (1, 1, ())
    with city.connect(city.login_of(Role.DUTY)) as connection:
        row = connection.execute("SELECT over, ticket FROM episode WHERE station = %s", [number]).fetchone()
        assert row is not None
        assert row[0] == 5
        seen = connection.execute("SELECT count(*) FROM ticket WHERE number = %s", [row[1]]).fetchone()
        assert seen == (1,)
    for forbidden in ("DELETE FROM episode", "UPDATE reading SET value = 0", "SELECT * FROM to_weigh"):
        with city.connect(city.login_of(Role.DUTY)) as connection, pytest.raises(psycopg.Error):
            connection.execute(forbidden)
    verdict = owner_store.scratch(lambda c: verify(c, load_rules(c)))
    assert verdict.flaw is None
