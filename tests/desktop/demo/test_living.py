"""The living demo: in balance, legal in every step, provable, and polite to everybody else who writes."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from data_access import log, schema
from data_access.open_work import Turn
from data_access.readers.feeds import feed_health
from data_access.rules import load_rules
from data_access.store import Connection, Store
from data_access.sweep import sweep
from data_access.verify import verify
from desktop.city import load_city
from desktop.demo import generate
from desktop.demo.living.drive import Driver, drive
from desktop.demo.living.feeds import quiet_channels
from desktop.demo.living.life import Life
from desktop.demo.living.pace import CATCH_UP_SECONDS, Pace
from desktop.demo.living.rate import parse_rate, parse_span
from desktop.demo.load import load
from desktop.errors import WorldError
from domain.events import (
    Accepted,
    Arrived,
    Chased,
    Closed,
    Dispatched,
    Event,
    FedBack,
    Filed,
    Penalised,
    PostChecked,
    Rectified,
    Revisited,
    Signed,
)
from domain.nodes import Node
from domain.overview import FeedState
from domain.people import Actor, Role
from domain.trace import trace
from tests import fresh_database
from tests.data_access.readers.worlds import put_tickets
from tests.data_access.streams import DUTY, received

ANCHOR = datetime(2026, 11, 19, 10, 58, 13, tzinfo=ZoneInfo("Asia/Shanghai"))

NODE_OF = {
    Accepted: Node.ACCEPT,
    Dispatched: Node.DISPATCH,
    Signed: Node.SIGN,
    Arrived: Node.ARRIVE,
    Rectified: Node.RECTIFY,
    Filed: Node.FILE,
    Penalised: Node.PENALISE,
    FedBack: Node.FEED_BACK,
    Revisited: Node.REVISIT,
    PostChecked: Node.POST_CHECK,
    Closed: Node.CLOSE,
}


@pytest.fixture(scope="module")
def city_database(postgres: Path, template_database: str) -> Iterator[str]:
    """The city that lives on, from which each test's own is copied."""
    city = generate(ANCHOR, tickets=700)
    with fresh_database.filled(postgres, template_database, lambda store: load(store, city)) as name:
        yield name


@pytest.fixture
def filled(postgres: Path, city_database: str) -> Iterator[Store]:
    with fresh_database.opened_copy(postgres, city_database) as store:
        yield store


# --- rate and pace ---


@pytest.mark.parametrize(
    ("text", "rate"),
    [("2/s", 2.0), ("0.5/s", 0.5), (" 500 / s ", 500.0), ("30/min", 0.5), (".25/s", 0.25), ("36/h", 0.01)],
)
def test_a_rate_is_read_as_people_write_it(text: str, rate: float) -> None:
    assert parse_rate(text) == pytest.approx(rate)


@pytest.mark.parametrize("text", ["", "2", "x/s", "-2/s", "0/s", "2/day", "5000/s", "1/s/s", "nan/s"])
def test_what_is_no_rate_is_refused_with_its_own_words(text: str) -> None:
    with pytest.raises(WorldError) as refused:
        parse_rate(text)
    assert text in refused.value.message
    assert "/s" in refused.value.way_out


def test_a_span_is_read_with_its_unit() -> None:
    assert parse_span("60s") == timedelta(seconds=60)
    assert parse_span("1.5min") == timedelta(seconds=90)
    for text in ("60", "0s", "soon"):
        with pytest.raises(WorldError):
            parse_span(text)


@given(
    st.floats(2, 800),  # a slower one forgets what is left of a change over a long rest: see the next test
    st.lists(st.floats(0.001, 2.5), min_size=1, max_size=60),
    st.lists(st.integers(0, 3), min_size=60, max_size=60),
)
def test_a_pace_neither_drifts_nor_runs_ahead(rate: float, rests: list[float], extra: list[int]) -> None:
    moment, done, pace = 100.0, 0, Pace(rate, 100.0)
    for rest, more in zip(rests, extra, strict=False):
        moment += rest
        owed = pace.owed(moment)
        pace.note(owed + (more if owed else 0))
        done += owed + (more if owed else 0)
        # Never behind after a turn that did what was owed; ahead by no more than what it did too much.
        assert done >= (moment - 100.0) * rate - 1.001
        assert done <= (moment - 100.0) * rate + 3.001
        assert pace.rest(moment) >= 0


def test_a_standstill_is_not_made_up_in_a_flood() -> None:
    pace = Pace(100.0, 0.0)
    assert pace.owed(3600.0) == CATCH_UP_SECONDS * 100
    pace.note(300)
    assert pace.owed(3601.0) == 100


# --- feeds ---


def test_feeds_fall_silent_now_and_then_and_come_back() -> None:
    channels = load_city().linked
    begin = datetime(2026, 11, 22, tzinfo=UTC)
    minutes = [begin + timedelta(minutes=count) for count in range(3 * 24 * 60)]
    quiet = [quiet_channels(channels, moment, seed=7) for moment in minutes]
    for channel in channels:
        out = [channel.key in keys for keys in quiet]
        assert 0.02 < sum(out) / len(out) < 0.25
        lengths = _runs(out)
        assert len(lengths) > 3
        # Some fall behind only, some count as silent, and all come back.
        beats = [60 * length / channel.heartbeat_seconds for length in lengths]
        assert min(beats) < 10 < max(beats) < 30
    assert quiet == [quiet_channels(channels, moment, seed=7) for moment in minutes]


def test_an_outage_shows_in_the_links_and_ends(filled: Store) -> None:
    key, at = _first_silence(ANCHOR, seed=1)
    life = Life(filled, at - timedelta(minutes=40), 0.01, 1)
    states: list[FeedState] = []
    for count in range(-40, 40):
        moment = at + timedelta(minutes=count)
        life.turn(moment, 0)
        links = filled.read(lambda connection, m=moment: feed_health(connection, m))
        states.append(next(link.state for link in links if link.key == key))
    changes = [state for place, state in enumerate(states) if not place or states[place - 1] is not state]
    silent = changes.index(FeedState.SILENT)
    assert changes[silent - 1 : silent + 2] == [FeedState.LAGGING, FeedState.SILENT, FeedState.OK]


def _first_silence(begin: datetime, seed: int) -> tuple[str, datetime]:
    """Return a channel with a heartbeat a minute, and a moment when it has been out for 11 of them."""
    channels = [channel for channel in load_city().linked if channel.heartbeat_seconds == 60]
    out: dict[str, int] = {}
    for count in range(7 * 24 * 60):
        moment = begin + timedelta(minutes=count)
        quiet = quiet_channels(channels, moment, seed)
        out = {channel.key: out.get(channel.key, 0) + 1 for channel in channels if channel.key in quiet}
        found = next((key for key, minutes in out.items() if minutes > 11), None)
        if found is not None:
            return found, moment
    raise AssertionError("no channel falls silent in a week")


def _runs(flags: list[bool]) -> list[int]:
    lengths, length = [], 0
    for flag in [*flags, False]:
        if flag:
            length += 1
        elif length:
            lengths.append(length)
            length = 0
    return lengths


# --- the tickets ---


def test_a_living_city_proves_itself_and_every_step_was_that_of_a_running_clock(filled: Store) -> None:
    life = Life(filled, ANCHOR, 300.0, 5)
    before = filled.read(_last_event)
    events = sum(life.turn(ANCHOR + timedelta(seconds=count / 5), 60) for count in range(40))
    assert events >= 40 * 55
    assert events == life.score.events == filled.read(_last_event) - before
    assert life.score.new > 50
    assert life.score.closed > 50
    assert life.score.open == filled.read(_open)
    verdict = filled.scratch(lambda connection: verify(connection, load_rules(connection)))
    assert verdict.flaw is None
    assert _illegal(filled, before) == []


def test_what_is_ended_late_is_warned_of_though_nobody_sweeps(filled: Store) -> None:
    node = schema.node_state.c
    late = select(node.warned_late).where(node.ended_at > ANCHOR, node.ended_at > node.due_at)
    life = Life(filled, ANCHOR, 300.0, 7)
    for count in range(10):
        life.turn(ANCHOR + timedelta(minutes=5 * count), 60)
    found = filled.read(lambda connection: connection.execute(late).scalars().all())
    assert len(found) > 5
    assert all(found)


def test_nobody_checks_their_own_work_and_all_actors_are_of_the_city(filled: Store) -> None:
    before = filled.read(_last_event)
    life = Life(filled, ANCHOR, 300.0, 6)
    for count in range(25):
        life.turn(ANCHOR + timedelta(seconds=count / 5), 60)
    people = {(person.role, person.name, person.body) for person in load_city().people}
    checked = 0
    for _, events in _streams_since(filled, before):
        handlers = {event.actor.body for event in events if isinstance(event.fact, Rectified)}
        for event in events:
            if event.actor.role is not Role.SYSTEM:
                assert (event.actor.role, event.actor.name, event.actor.body) in people
            if isinstance(event.fact, PostChecked):
                assert event.actor.body not in handlers
                checked += 1
    assert checked > 20


@pytest.mark.slow
def test_the_open_tickets_stay_level_over_days(filled: Store) -> None:
    rate, step = 0.02, timedelta(minutes=12)
    moment = ANCHOR.astimezone(UTC)
    life = Life(filled, moment, rate, 2)
    life.turn(moment, 0)
    begin = life.score.open
    levels: list[int] = []
    late: list[int] = []
    for _ in range(2 * 24 * 5):
        moment += step
        owed = int(rate * step.total_seconds())
        while owed > 0 and (done := life.turn(moment, owed)):
            owed -= done
        filled.write(lambda connection, now=moment: sweep(connection, load_rules(connection), now))
        levels.append(life.score.open)
        late.append(life.score.overdue)
    assert life.score.new > 3 * begin, "the city has turned over"
    assert max(levels[30:]) <= begin + max(10, begin // 4)
    assert min(levels[30:]) >= begin - max(10, begin // 4)
    assert max(late[30:]) <= begin // 3
    verdict = filled.scratch(lambda connection: verify(connection, load_rules(connection)))
    assert verdict.flaw is None


def test_a_city_that_wakes_up_after_days_works_its_pile_off_step_by_step(filled: Store) -> None:
    moment = ANCHOR.astimezone(UTC) + timedelta(days=9)
    rate, step = 0.1, timedelta(seconds=60)
    life = Life(filled, moment, rate, 3)
    life.turn(moment, 0)
    links = filled.read(lambda connection: feed_health(connection, moment))
    assert sum(link.state is FeedState.OK for link in links) >= 4
    pile = [life.score.overdue]
    assert pile[0] > 15
    for _ in range(240):
        moment += step
        owed = int(rate * step.total_seconds())
        while owed > 0 and (done := life.turn(moment, owed)):
            owed -= done
        pile.append(life.score.overdue)
    assert pile[10] > pile[0] // 2, "not an avalanche"
    assert pile[-1] < pile[0] // 3, "but it goes"


def test_others_who_write_meanwhile_are_given_way(filled: Store) -> None:
    """Somebody at a screen acts on the same tickets all the time; the city takes other ones."""
    stop = threading.Event()
    failed: list[BaseException] = []
    written = [0]

    def hurry() -> None:
        random = Random(1)
        try:
            while not stop.is_set():
                numbers = filled.read(_open_numbers)
                chosen = random.sample(numbers, 12)
                event = Event(ANCHOR + timedelta(hours=1), DUTY, Chased("请加快办理"))
                filled.write(
                    lambda connection, chosen=chosen, event=event: log.append(
                        connection,
                        load_rules(connection),
                        [log.Addition(f"ticket/{number}", [event]) for number in chosen],
                    ),
                    again=True,
                )
                written[0] += len(chosen)
        except BaseException as error:  # noqa: BLE001 - told to the test
            failed.append(error)

    before = filled.read(_last_event)
    other = threading.Thread(target=hurry, name="somebody else")
    other.start()
    life = Life(filled, ANCHOR, 300.0, 5)
    try:
        events = sum(life.turn(ANCHOR + timedelta(seconds=count / 5), 40) for count in range(40))
    finally:
        stop.set()
        other.join()
    assert not failed
    assert life.score.left > 0
    assert events > 800
    assert filled.read(_last_event) - before == events + written[0]
    assert _illegal(filled, before) == []
    verdict = filled.scratch(lambda connection: verify(connection, load_rules(connection)))
    assert verdict.flaw is None


def test_what_an_import_brought_is_left_alone(filled: Store) -> None:
    source = Actor(Role.SYSTEM, "导入:somewhere")
    came = Event(ANCHOR - timedelta(days=3), source, received(category="A01"))
    put_tickets(filled, **{"FZ-1": (came,)})
    life = Life(filled, ANCHOR, 300.0, 5)
    for count in range(10):
        life.turn(ANCHOR + timedelta(seconds=count / 5), 60)
    assert filled.read(lambda connection: log.head(connection, "ticket/FZ-1").version) == 1


# --- who may play ---


def test_a_store_that_is_no_sample_city_is_refused(store: Store) -> None:
    driver = Driver(store, 2.0, 1, patient=False)
    with pytest.raises(WorldError, match="sample city"):
        driver.step()
    driver.end()
    assert store.read(_last_event) == 0


def test_a_second_living_demo_is_refused_and_one_beside_a_window_waits_for_its_turn(filled: Store) -> None:
    first, second = Driver(filled, 20.0, 1, patient=False), Driver(filled, 20.0, 2, patient=False)
    waiting = Driver(filled, 20.0, 3, patient=True)
    first.step()
    with pytest.raises(WorldError, match="Another living demo"):
        second.step()
    assert waiting.step() > 0
    assert waiting.score is None
    first.end()
    waiting.step()
    assert waiting.score is not None
    waiting.end()
    second.end()


def test_a_driver_keeps_its_rate_and_ends_in_time(filled: Store) -> None:
    driver, lines = Driver(filled, 25.0, 1, patient=False), []
    seconds = drive(
        driver, threading.Event(), timedelta(seconds=4), lambda _, passed: lines.append(passed), every=1.0
    )
    assert seconds == pytest.approx(4, abs=1.5)
    assert driver.score is not None
    assert driver.score.events == pytest.approx(25 * seconds, rel=0.35)
    assert len(lines) >= 2
    turn = Turn(filled)
    assert turn.take(), "its turn is free again"
    turn.give_back()


def _last_event(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(schema.event)).scalar_one()


def _open(connection: Connection) -> int:
    ticket = schema.ticket
    return connection.execute(
        select(func.count()).select_from(ticket).where(ticket.c.closed_at.is_(None))
    ).scalar_one()


def _open_numbers(connection: Connection) -> list[str]:
    ticket = schema.ticket.c
    return list(connection.execute(select(ticket.number).where(ticket.closed_at.is_(None))).scalars())


def _streams_since(store: Store, count: int) -> Iterator[tuple[str, list[Event]]]:
    """Tickets that something happened to after the first `count` events, with their events as recorded."""
    event = schema.event.c

    def read(connection: Connection) -> list[tuple[str, list[Event]]]:
        names = connection.execute(
            select(event.stream).distinct().where(event.id > count, event.stream.startswith("ticket/"))
        ).scalars()
        return [(name, [r.event for r in log.read_stream(connection, name)]) for name in names.all()]

    yield from store.read(read)


def _illegal(store: Store, count: int) -> list[str]:
    """Steps for a node that was not running when they were taken, of all tickets that moved."""
    rules = store.read(load_rules)
    found = []
    steps = 0
    for name, events in _streams_since(store, count):
        policy = rules.policies.in_force("standard", events[0].at)
        for place, event in enumerate(events):
            node = NODE_OF.get(type(event.fact))
            if node is None:
                continue
            steps += 1
            before = trace(events[:place], policy, rules.calendar)
            if node not in {clock.node for clock in before.open_nodes}:
                found.append(f"{name} #{place + 1}: {node}")
            elif any(event.at < e.at for e in events[:place] if type(e.fact) in NODE_OF):
                found.append(f"{name} #{place + 1}: before the step before it")
    assert steps
    return found
