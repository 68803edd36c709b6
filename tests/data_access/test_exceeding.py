"""Values that the receiver stored become episodes, clues and device items, by the engine's job (X14, Q04)."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, delete, select, text

from data_access import device_items, exceeding, judging, log, schema, weigher
from data_access.bulk import add_tickets
from data_access.exceeding import Weighed
from data_access.readings import store_samples
from data_access.rules import load_rules
from data_access.stations import Seen, note_seen, put_limits, put_stations
from data_access.store import Store, create_engine_for, open_embedded
from data_access.verify import verify
from data_access.verifying import verify_rectified
from data_access.weigher import Weigher
from domain.case_events import MergedInto, TookIn
from domain.events import (
    Accepted,
    Arrived,
    Closed,
    Dispatched,
    Event,
    Fact,
    FedBack,
    PostChecked,
    Received,
    Rectified,
    Revisited,
    SensorExceeded,
    SensorRecovered,
    SensorVerified,
    Signed,
    WarningRaised,
)
from domain.people import PLATFORM, Actor, Role
from domain.sensor_rules import SensorRule
from domain.stations import DataFlag, Limit, Measure, Sample, Span, Station, StationKind
from domain.urgency import Urgency
from tests.data_access.streams import ticket

DUTY = Actor(Role.DUTY, "王磊", PLATFORM)
HANDLER = Actor(Role.HANDLER, "陈立", "housing")
OTHER = Actor(Role.HANDLER, "周倩", "ecology")
UNITS = (Measure("a34002", "µg/m³"), Measure("a34001", "mg/m³"))


def station(key: str, enterprise: str, lng: float = 117.2) -> Station:
    return Station(
        0,
        key,
        f"{key}工地",
        StationKind.DUST,
        f"MN-{key}",
        UNITS,
        "123456",
        enterprise,
        "housing",
        "B01",
        "320312",
        "大龙湖街道",
        lng,
        34.26,
    )


LIMITS = (
    Limit("pm10", "a34002", Span.MINUTE, 150.0, date(2020, 1, 1), "示例", kind=StationKind.DUST),
    Limit("tsp", "a34001", Span.MINUTE, 0.8, date(2020, 1, 1), "示例", kind=StationKind.DUST),
    Limit("tsp-day", "a34001", Span.DAY, 0.5, date(2020, 1, 1), "示例", kind=StationKind.DUST),
)


class Platform:
    """Four stations of the module's store, which takes in values and weighs them. Each test has its own."""

    def __init__(self, store: Store, own: str) -> None:
        self.store = store
        given = [
            station(f"{own}-one", own),
            station(f"{own}-two", own, lng=117.203),
            station(f"{own}-far", own, lng=117.4),
            station(f"{own}-other", f"{own}-B"),
        ]
        numbers = store.write(lambda c: put_stations(c, given))
        self.numbers = {key.rpartition("-")[2]: number for key, number in numbers.items()}
        self.begin = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=6)

    def take_in(self, key: str, first: int, *values: float | str, factor: str = "a34002") -> Weighed:
        """Values of minutes after the beginning come in; a letter is a flag. They are weighed then."""
        samples = [
            Sample(
                self.numbers[key],
                factor,
                Span.MINUTE,
                self.begin + timedelta(minutes=first + n),
                None if isinstance(value, str) else float(value),
                DataFlag(value) if isinstance(value, str) else DataFlag.NORMAL,
            )
            for n, value in enumerate(values)
        ]
        now = samples[-1].at
        self.store.write(lambda c: store_samples(c, samples, now))
        return self.weigh(now)

    def weigh(self, now: datetime) -> Weighed:
        return self.store.write(lambda c: exceeding.weigh(c, load_rules(c), now))

    def rows(self, table: Table) -> list[Any]:
        mine = table.c.station.in_(self.numbers.values())
        rows = select(table).where(mine).order_by(table.c.number)
        return list(self.store.read(lambda c: c.execute(rows).all()))

    def episodes(self) -> list[Any]:
        return self.rows(schema.episode)

    def items(self) -> list[tuple[Any, ...]]:
        return [
            (row.station, row.factor, row.trouble, row.flag, row.ended_at is None)
            for row in self.rows(schema.device_item)
        ]

    def facts(self, number: str) -> list[Fact]:
        return [r.event.fact for r in self.store.read(lambda c: log.read_stream(c, f"ticket/{number}"))]

    def append(self, number: str, *facts: Fact, after: int = 0, actor: Actor = DUTY) -> None:
        at = self.begin + timedelta(minutes=after)
        self.store.write(
            lambda c: log.append(
                c, load_rules(c), [log.Addition(f"ticket/{number}", [Event(at, actor, f) for f in facts])]
            )
        )


@pytest.fixture(scope="module")
def city(postgres: Path, template_database: str) -> Iterator[Store]:
    """One store for the module; at the end all that was written into it must hold."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    template = open_embedded(postgres, template_database)
    url = template.engine.url
    template.close()
    engine = create_engine_for(url.set(database="postgres").render_as_string(hide_password=False))
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template_database}"))
        made = open_embedded(postgres, name)
        made.write(lambda c: put_limits(c, LIMITS))
        yield made
        assert made.scratch(lambda c: verify(c, load_rules(c))).flaw is None
        made.close()
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def platform(city: Store) -> Platform:
    return Platform(city, uuid.uuid4().hex[:6])


def kinds(facts: list[Fact]) -> list[str]:
    return [type(fact).__name__ for fact in facts]


def test_several_readings_of_one_episode_make_one_clue(platform: Platform) -> None:
    """X14, Q04: title, place, category and words from the station; it ends by itself; in any portions."""
    assert platform.take_in("one", 0, 100, 160, 170).tickets == 0
    assert platform.take_in("one", 3, 310).tickets == 1
    assert platform.take_in("one", 4, 200, 200, 140, 140).ended == 0
    assert platform.take_in("one", 8, 140).ended == 1
    (episode,) = platform.episodes()
    assert (episode.over, episode.peak, episode.reopened) == (5, 310, 0)
    facts = platform.facts(episode.ticket)
    assert kinds(facts) == ["Received", "SensorExceeded", "SensorRecovered"]
    received, exceeded, recovered = facts
    assert isinstance(received, Received)
    assert received.channel == "monitoring"
    assert (received.category, received.area, received.lng) == ("B01", "320312", 117.2)
    assert received.urgency is Urgency.FIRST
    assert received.title.endswith("-one工地PM10超标：310 µg/m³（限 150）")
    assert isinstance(exceeded, SensorExceeded)
    assert (exceeded.limit, exceeded.unit, exceeded.began_at) == (
        150,
        "µg/m³",
        platform.begin + timedelta(minutes=1),
    )
    # As the log gives it back: what kind of value it was.
    assert exceeded.span is Span.MINUTE
    assert isinstance(recovered, SensorRecovered)
    assert (recovered.over, recovered.ended_at) == (5, platform.begin + timedelta(minutes=6))
    assert platform.weigh(platform.begin + timedelta(minutes=9)).series == 0


def test_further_factors_stations_close_by_and_what_comes_again_join_a_ticket(
    platform: Platform,
) -> None:
    """X14: a flood is grouped by point and enterprise; another enterprise's and a far one have their own."""
    platform.take_in("one", 0, 200, 200, 200)
    (first,) = platform.episodes()
    assert platform.take_in("one", 3, 0.9, 0.9, 0.9, factor="a34001").joined == 1
    assert platform.take_in("two", 3, 200, 200, 200).joined == 1
    assert platform.take_in("far", 3, 200, 200, 200).tickets == 1
    assert platform.take_in("other", 3, 200, 200, 200).tickets == 1
    assert len({row.ticket for row in platform.episodes()}) == 3
    platform.take_in("one", 6, 100, 100, 100)
    platform.take_in("one", 9, 200, 200, 200)
    assert kinds(platform.facts(first.ticket)) == [
        "Received",
        "SensorExceeded",
        "SensorExceeded",
        "SensorExceeded",
        "SensorRecovered",
        "SensorExceeded",
    ]
    again = platform.episodes()[0]
    assert (again.number, again.reopened, again.ended_at) == (first.number, 1, None)


def test_a_flood_is_as_many_tickets_as_there_are_places(platform: Platform) -> None:
    """X14: 200 episodes of 100 stations at once are a ticket of each enterprise, and no more later."""
    own = uuid.uuid4().hex[:6]
    given = [station(f"{own}-{n}", f"{own}-{n % 10}", lng=118 + n / 100_000) for n in range(100)]
    numbers = list(platform.store.write(lambda c: put_stations(c, given)).values())

    def all_of_them(first: int) -> Weighed:
        samples = [
            Sample(number, measure.factor, Span.MINUTE, platform.begin + timedelta(minutes=first + n), 300.0)
            for number in numbers
            for measure in UNITS
            for n in range(3)
        ]
        platform.store.write(lambda c: store_samples(c, samples, platform.begin))
        return platform.weigh(platform.begin + timedelta(minutes=first + 3))

    begun = all_of_them(0)
    assert (begun.opened, begun.tickets, begun.joined) == (200, 10, 190)
    later = all_of_them(60)
    assert (later.opened, later.tickets) == (0, 0)


def test_what_goes_on_after_the_close_is_a_clue_again(platform: Platform) -> None:
    platform.take_in("one", 0, 200, 200, 200)
    (first,) = platform.episodes()
    platform.append(first.ticket, Closed("已处理"), after=3)
    assert platform.take_in("one", 4, 200).tickets == 1
    (row,) = platform.episodes()
    assert row.ticket != first.ticket
    assert kinds(platform.facts(row.ticket)) == ["Received", "SensorExceeded"]


def test_a_merged_clue_is_told_in_the_ticket_that_it_is_handled_in(platform: Platform) -> None:
    platform.take_in("one", 0, 200, 200, 200)
    (first,) = platform.episodes()
    fact = Received("12345", "工地扬尘", category="B01", area="320312", lng=117.2, lat=34.26)
    new = ticket(f"T-{first.ticket}", (Event(platform.begin, DUTY, fact),))
    platform.store.write(lambda c: add_tickets(c, load_rules(c), [new]))
    platform.append(f"T-{first.ticket}", TookIn(first.ticket), after=4)
    platform.append(first.ticket, MergedInto(f"T-{first.ticket}", "同一工地"), after=4)
    platform.take_in("one", 5, 100, 100, 100)
    platform.take_in("two", 5, 200, 200, 200)
    assert kinds(platform.facts(f"T-{first.ticket}")) == [
        "Received",
        "TookIn",
        "SensorRecovered",
        "SensorExceeded",
    ]
    assert kinds(platform.facts(first.ticket)) == ["Received", "SensorExceeded", "MergedInto"]


def test_values_sent_in_later_take_their_place_and_old_ones_are_no_clue(platform: Platform) -> None:
    platform.take_in("one", 0, 200, 200, 100, 100, 100, 200)
    assert platform.episodes() == []
    platform.take_in("one", 6, 200, 200)
    (row,) = platform.episodes()
    assert (row.began_at, row.over) == (platform.begin + timedelta(minutes=5), 3)
    old = Platform.__new__(Platform)
    old.store, old.numbers, old.begin = platform.store, platform.numbers, platform.begin - timedelta(days=3)
    samples = [
        Sample(old.numbers["far"], "a34002", Span.MINUTE, old.begin + timedelta(minutes=n), 300.0)
        for n in range(5)
    ]
    platform.store.write(lambda c: store_samples(c, samples, platform.begin))
    assert platform.weigh(platform.begin).tickets == 0
    assert [row.ticket for row in platform.episodes() if row.station == old.numbers["far"]] == [None]


def test_an_episode_without_values_ends_and_says_so(platform: Platform) -> None:
    platform.take_in("one", 0, 200, 200, 200)
    now = platform.begin + timedelta(minutes=123)
    done = platform.store.write(lambda c: exceeding.end_lost(c, load_rules(c), now))
    assert done.ended == 1
    (row,) = platform.episodes()
    assert row.ended_at == platform.begin + timedelta(minutes=2)
    recovered = platform.facts(row.ticket)[-1]
    assert isinstance(recovered, SensorRecovered)
    assert recovered.lost


def test_invalid_data_open_a_device_item_and_no_clue(platform: Platform) -> None:
    platform.take_in("one", 0, 100, "D", "M")
    assert platform.items() == []
    platform.take_in("one", 3, "D")
    assert platform.items() == [(platform.numbers["one"], "a34002", "invalid", "D", True)]
    platform.take_in("one", 4, "T", "T", "T")
    platform.take_in("one", 7, 100)
    assert [item[2:] for item in platform.items()] == [("invalid", "D", False), ("above_range", "T", False)]
    assert platform.episodes() == []


def test_silence_is_an_item_of_its_own_but_not_when_nobody_listens(platform: Platform) -> None:
    rule, begin = SensorRule(), platform.begin
    one, two = platform.numbers["one"], platform.numbers["two"]

    def weigh(minutes: float, *spoke: int, since: datetime = begin) -> int:
        now = begin + timedelta(minutes=minutes)

        def work(c: Any) -> int:
            note_seen(c, [Seen(number, now) for number in spoke])
            return device_items.weigh_silence(c, rule, UTC, now, since)

        return platform.store.write(work)

    assert weigh(0, one, two) == 0
    assert weigh(9, one) == 0
    assert weigh(11, one) == 1
    assert platform.items() == [(two, None, "silent", None, True)]
    assert weigh(12, one, two) == 1
    assert platform.items() == [(two, None, "silent", None, False)]
    # Nobody speaks any more: that is the line, or the program.
    assert weigh(60) == 0
    # Listening has begun anew: who has not spoken yet has time.
    assert weigh(61, one, since=begin + timedelta(minutes=60)) == 0


def test_a_turn_that_is_undone_is_done_by_the_next_one(platform: Platform) -> None:
    samples = [
        Sample(platform.numbers["one"], "a34002", Span.MINUTE, platform.begin + timedelta(minutes=n), 200.0)
        for n in range(3)
    ]
    platform.store.write(lambda c: store_samples(c, samples, platform.begin))

    def killed(connection: Any) -> None:
        exceeding.weigh(connection, load_rules(connection), platform.begin + timedelta(minutes=3))
        raise KeyError("killed")

    with pytest.raises(KeyError):
        platform.store.write(killed)
    assert platform.episodes() == []
    assert platform.weigh(platform.begin + timedelta(minutes=3)).tickets == 1


def test_who_weighs_is_one_at_a_time(platform: Platform) -> None:
    platform.take_in("one", 0, 200, 200)
    platform.store.write(lambda c: c.execute(delete(schema.to_weigh)))

    def first(connection: Any) -> None:
        exceeding.weigh(connection, load_rules(connection), platform.begin)
        assert platform.take_in("one", 2, 200).series == 0

    platform.store.write(first)
    assert platform.weigh(platform.begin + timedelta(minutes=3)).tickets == 1


@pytest.mark.faults_expected
def test_what_cannot_be_weighed_does_not_keep_the_rest_waiting(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, whole = platform.numbers["one"], exceeding.weigh_series

    def work(connection: Any, rules: Any, city: Any, since: Any, now: datetime) -> Weighed:
        if any(series[0] == bad for series in since):
            raise ZeroDivisionError("of this station alone")
        return whole(connection, rules, city, since, now)

    monkeypatch.setattr(exceeding, "weigh_series", work)
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    for key in ("one", "far"):
        samples = [
            Sample(platform.numbers[key], "a34002", Span.MINUTE, now - timedelta(minutes=n), 200.0)
            for n in range(3)
        ]
        platform.store.write(lambda c, samples=samples: store_samples(c, samples, now))
    weigher = Weigher(platform.store)
    turns = [weigher.turn(), weigher.turn(), weigher.turn()]
    assert [name for turn in turns for name, _ in turn.faults] == [f"{bad}/a34002/minute"]
    assert sum(turn.done.tickets for turn in turns) == 1
    assert not turns[-1].done.more


def test_the_same_sensor_s_values_prove_what_was_done_once(platform: Platform) -> None:
    """Q04: a day after the report, and once; another sensor of the ticket speaks for itself."""
    platform.take_in("one", 0, 200, 200, 200)
    platform.take_in("two", 0, 200, 200, 200)
    (first, _) = platform.episodes()
    platform.append(first.ticket, Accepted(), Dispatched("housing"), after=3)
    platform.append(first.ticket, Signed(), Arrived(), Rectified("喷淋"), after=4, actor=HANDLER)
    platform.take_in("one", 5, *[100.0] * 90)
    day = platform.begin + timedelta(days=1)
    samples = [
        Sample(platform.numbers["one"], "a34002", Span.MINUTE, platform.begin + timedelta(hours=n), 90.0)
        for n in range(2, 26)
    ]
    platform.store.write(lambda c: store_samples(c, samples, day))

    def verify(minutes: float) -> int:
        now = day + timedelta(minutes=minutes)
        return platform.store.write(lambda c: verify_rectified(c, load_rules(c), now))

    assert verify(13.9) == 0
    assert verify(15) == 1
    assert verify(16) == 0
    told = [fact for fact in platform.facts(first.ticket) if isinstance(fact, SensorVerified)]
    assert [(fact.name[-5:], fact.passed, fact.over) for fact in told] == [
        ("one工地", True, 0),
        ("two工地", False, 0),
    ]
    platform.weigh(day)


def test_a_rectification_is_proved_however_long_ago_the_episode_began(platform: Platform) -> None:
    """Q04: begun 40 days ago, reported done yesterday."""
    platform.begin -= timedelta(days=40)
    platform.take_in("one", 0, 200, 200, 200)
    (first,) = platform.episodes()
    days = 39 * 24 * 60
    platform.append(first.ticket, Accepted(), Dispatched("housing"), after=days)
    platform.append(first.ticket, Signed(), Arrived(), Rectified("喷淋"), after=days + 1, actor=HANDLER)
    now = platform.begin + timedelta(days=40, minutes=12)
    assert platform.store.write(lambda c: verify_rectified(c, load_rules(c), now)) == 1
    assert "SensorVerified" in kinds(platform.facts(first.ticket))


def test_a_day_s_value_is_a_clue_and_the_next_whole_day_proves_the_work(platform: Platform) -> None:
    """X14, Q04: it comes in after midnight and bears the day's beginning."""
    zone = platform.store.read(load_rules).calendar.zone
    today = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    first_day = today - timedelta(days=4)

    def day_of(days: int, value: float) -> Weighed:
        at = first_day + timedelta(days=days)
        sample = Sample(platform.numbers["one"], "a34001", Span.DAY, at, value)
        came = at + timedelta(days=1, minutes=20)
        platform.store.write(lambda c: store_samples(c, [sample], came))
        return platform.weigh(came)

    assert day_of(0, 0.9).tickets == 1
    (row,) = platform.episodes()
    platform.begin = first_day + timedelta(days=1, hours=9)
    platform.append(row.ticket, Accepted(), Dispatched("housing"))
    platform.append(row.ticket, Signed(), Arrived(), Rectified("喷淋"), after=1, actor=HANDLER)
    day_of(1, 0.3)

    def verify(now: datetime) -> int:
        return platform.store.write(lambda c: verify_rectified(c, load_rules(c), now))

    assert verify(first_day + timedelta(days=2, hours=10)) == 0
    day_of(2, 0.2)
    assert verify(first_day + timedelta(days=3, hours=6)) == 1
    (told,) = [fact for fact in platform.facts(row.ticket) if isinstance(fact, SensorVerified)]
    assert (told.values, told.valid, told.passed) == (1, 1, True)


@pytest.mark.faults_expected
def test_a_ticket_that_cannot_be_told_keeps_nobody_else_waiting(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lost episodes, proofs and silence stand alone; what fails is left out, and told of once."""
    platform.begin -= timedelta(days=2)
    platform.take_in("one", 0, 200, 200, 200)
    platform.take_in("far", 0, 200, 200, 200)
    bad, good = [row.ticket for row in platform.episodes()]
    for number in (bad, good):
        platform.append(number, Accepted(), Dispatched("housing"), after=3)
        platform.append(number, Signed(), Arrived(), Rectified("喷淋"), after=4, actor=HANDLER)
    whole, silence = log.append, []

    def append(connection: Any, rules: Any, additions: Any) -> Any:
        if any(addition.stream == f"ticket/{bad}" for addition in additions):
            raise ZeroDivisionError("of this ticket alone")
        return whole(connection, rules, additions)

    monkeypatch.setattr(log, "append", append)
    monkeypatch.setattr(weigher, "weigh_silence", lambda *told: silence.append(told))
    monkeypatch.setattr(weigher, "WATCH_SECONDS", 0)
    weighing = Weigher(platform.store)
    mine = [name for name, _ in weighing.turn().faults]
    number = next(row.number for row in platform.episodes() if row.ticket == bad)
    assert mine == [f"the lost episode {number} of {bad}", f"the proof of {bad}"]
    assert weighing.turn().faults == ()
    assert len(silence) == 2
    assert kinds(platform.facts(good))[-2:] == ["SensorRecovered", "SensorVerified"]
    assert [row.ended_at is None for row in platform.episodes()] == [True, False]


def test_a_sensor_that_exceeds_again_after_the_close_is_a_rebound(platform: Platform) -> None:
    """Y18, Q20: charged to the closed ticket's rectification, as another complaint would be."""
    platform.take_in("one", 0, 200, 200, 200)
    (first,) = platform.episodes()
    platform.append(first.ticket, Accepted(), Dispatched("housing"), after=3)
    platform.append(
        first.ticket, Signed(), Arrived(), Rectified("喷淋"), FedBack("电话"), after=4, actor=HANDLER
    )
    platform.append(first.ticket, Revisited(True), after=5)
    platform.append(first.ticket, PostChecked(True), after=6, actor=OTHER)
    platform.append(first.ticket, Closed("已处理"), after=7)
    platform.take_in("one", 8, *[100.0] * 150, 200, 200, 200)
    again = platform.episodes()[-1].ticket
    assert again != first.ticket
    for _ in range(3):
        platform.store.write(lambda c: judging.turn(c, datetime.now(UTC)))
    raised = [fact for fact in platform.facts(first.ticket) if isinstance(fact, WarningRaised)]
    (rebound,) = [fact for fact in raised if fact.rule_id == "P10"]
    assert any(f"PM10 再次超标（{again}）" in line for line in rebound.facts)
    assert len([line for line in rebound.facts if again in line]) == 1
