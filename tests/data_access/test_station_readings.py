"""What stations measured is kept once, by month, and waits to be weighed (X14)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from data_access import schema
from data_access.readings import ToWeigh, load_samples, put_back, store_samples, take_to_weigh
from data_access.stations import (
    Refusal,
    RegistryError,
    Seen,
    forget_registered,
    note_refused,
    note_seen,
    put_limits,
    put_stations,
    read_limits,
    read_registry,
    read_stations,
)
from data_access.store import Store
from domain.stations import DataFlag, Limit, Measure, Sample, Span, Station, StationKind

AT = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
DUST = Station(
    0,
    "dust-1",
    "一号工地",
    StationKind.DUST,
    "010000A8900016F000169DC0",
    (Measure("a34002", "mg/m³"), Measure("LA", "dB(A)")),
    password="123456",
)


@pytest.fixture
def engine(store: Store) -> Callable[[Callable[[Connection], object]], object]:
    """Do work in one transaction with no more rights than the receiver has."""

    def work(of: Callable[[Connection], object]) -> object:
        def as_engine(connection: Connection) -> object:
            connection.execute(text("SET LOCAL ROLE qingshao_engine"))
            return of(connection)

        return store.write(as_engine)

    return work


def sample(minutes: int = 0, value: float | None = 0.187, **other: object) -> Sample:
    return replace(Sample(1, "a34002", Span.MINUTE, AT + timedelta(minutes=minutes), value), **other)


def rows(connection: Connection) -> list[tuple[object, ...]]:
    reading = schema.reading.c
    found = connection.execute(
        select(reading.factor, reading.at, reading.value, reading.flag).order_by(reading.factor, reading.at)
    )
    return [tuple(row) for row in found]


def test_a_value_is_stored_once_whatever_is_sent_again_and_in_whatever_order(store: Store, engine) -> None:
    """X14."""
    late = [sample(3), sample(1, 0.2), sample(1, 0.9), sample(2, None, flag=DataFlag.NO_LINK)]
    assert engine(lambda c: store_samples(c, late, AT)) == 3
    again = [sample(1, 0.5), sample(2, 0.25), sample(0, 0.1), sample(3, None)]
    assert engine(lambda c: store_samples(c, again, AT)) == 2
    assert engine(lambda c: store_samples(c, again, AT)) == 0
    assert store.read(rows) == [
        ("a34002", AT, 0.1, "N"),
        ("a34002", AT + timedelta(minutes=1), 0.2, "N"),
        # There was no value before; a value that was there is never changed.
        ("a34002", AT + timedelta(minutes=2), 0.25, "N"),
        ("a34002", AT + timedelta(minutes=3), 0.187, "N"),
    ]
    assert engine(lambda c: take_to_weigh(c)) == (
        ToWeigh(1, "a34002", Span.MINUTE, AT, AT + timedelta(minutes=3)),
    )
    assert engine(lambda c: take_to_weigh(c)) == ()


def test_what_waits_of_a_series_comes_as_its_stretches(store: Store, engine) -> None:
    """X14: near ones are one; whoever is taken is taken whole, so that it is weighed in its own order."""
    for together in ((0, 48), (3,), (7,)):
        sent = [replace(sample(), at=AT + timedelta(hours=hours)) for hours in together]
        engine(lambda c, sent=sent: store_samples(c, sent, AT))
    engine(lambda c: store_samples(c, [replace(sample(), factor="LA")], AT))
    taken = engine(lambda c: take_to_weigh(c, 1))
    assert [(note.since - AT, note.until - AT) for note in taken] == [
        (timedelta(0), timedelta(hours=7)),
        (timedelta(hours=48), timedelta(hours=48)),
    ]
    engine(lambda c: put_back(c, taken[1:]))
    assert [note.factor for note in engine(lambda c: take_to_weigh(c))] == ["LA", "a34002"]


def test_what_is_undone_was_never_there_and_its_month_is_made_again(store: Store, engine) -> None:
    def lost(connection: Connection) -> None:
        store_samples(connection, [sample()], AT)
        raise RuntimeError("the power went")

    for _ in range(2):
        with pytest.raises(RuntimeError):
            engine(lost)
        assert store.read(rows) == []
    assert engine(lambda c: store_samples(c, [sample()], AT)) == 1


def test_months_are_made_as_they_come_and_only_sensible_ones(store: Store, engine) -> None:
    monthly = [replace(sample(), at=datetime(2025, month, 1, tzinfo=UTC)) for month in range(1, 13)]
    just_before = replace(sample(), at=datetime(2025, 3, 1, tzinfo=UTC) - timedelta(milliseconds=1))
    assert engine(lambda c: load_samples(c, [*monthly, just_before])) == 13
    names = (
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'reading'::regclass ORDER BY 1"
    )
    assert store.read(lambda c: c.execute(text(names)).scalars().all()) == [
        f"reading_2025_{month:02d}" for month in range(1, 13)
    ]
    assert store.read(lambda c: c.execute(text("SELECT count(*) FROM reading_2025_02")).scalar_one()) == 2
    assert engine(lambda c: take_to_weigh(c)) == ()
    with pytest.raises(DBAPIError, match="no month of readings"):
        engine(lambda c: store_samples(c, [replace(sample(), at=datetime(1970, 1, 1, tzinfo=UTC))], AT))


def test_persons_neither_write_readings_nor_see_passwords(store: Store) -> None:
    for statement in (
        "SELECT * FROM station_secret",
        "SELECT * FROM to_weigh",
        "DELETE FROM reading",
        "SELECT make_reading_month(now())",
        "UPDATE limit_value SET high = 9",
    ):
        for group in ("qingshao_admin", "qingshao_handler"):

            def attempt(connection: Connection, group: str = group, statement: str = statement) -> None:
                connection.execute(text(f"SET LOCAL ROLE {group}"))
                connection.execute(text("SELECT FROM reading, station, limit_value, unknown_device"))
                connection.execute(text(statement))

            with pytest.raises(DBAPIError, match="permission denied"):
                store.scratch(attempt)


def test_the_registry_is_put_again_and_read_as_it_was_put(store: Store, engine) -> None:
    water = replace(DUST, key="water-1", mn="w1", kind=StationKind.WATER, area="350102", lng=119.3, lat=26.1)
    numbers = engine(lambda c: put_stations(c, [DUST, water]))
    renamed = replace(DUST, name="二号工地", measures=DUST.measures[:1], password="secret", every_seconds=300)
    assert engine(lambda c: put_stations(c, [renamed])) == {"dust-1": numbers["dust-1"]}
    wanted = (replace(renamed, number=numbers["dust-1"]), replace(water, number=numbers["water-1"]))
    assert engine(read_registry) == wanted
    assert store.read(read_stations) == tuple(replace(station, password="") for station in wanted)


def test_limits_are_put_again_and_read_as_they_were_put(store: Store, engine) -> None:
    night = Limit(
        "noise-night",
        "LA",
        Span.MINUTE,
        55.0,
        date(2026, 1, 1),
        "GB 12523-2025",
        kind=StationKind.NOISE,
        from_minute=22 * 60,
        until_minute=6 * 60,
    )
    engine(lambda c: put_limits(c, [replace(night, source="?"), replace(night, key="other", station="x")]))
    engine(lambda c: put_limits(c, [night]))
    assert store.read(read_limits) == (night, replace(night, key="other", station="x"))
    with pytest.raises(RegistryError, match="noise-night 已经在用，不能改 high") as refused:
        engine(lambda c: put_limits(c, [replace(night, high=50.0)]))
    assert "effective_until = 20" in refused.value.way_out
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()
    ended, new = replace(night, effective_until=today), replace(night, key="new", effective_from=today)
    engine(lambda c: put_limits(c, [ended, new]))
    assert store.read(read_limits) == (new, ended, replace(night, key="other", station="x"))


def test_a_unit_stays_when_there_are_values_in_it(store: Store, engine) -> None:
    grams = replace(DUST, measures=(Measure("a34002", "g/m³"), *DUST.measures[1:]))
    (number,) = engine(lambda c: put_stations(c, [DUST])).values()
    engine(lambda c: put_stations(c, [grams]))
    engine(lambda c: store_samples(c, [replace(sample(), station=number)], AT))
    with pytest.raises(RegistryError, match="a34002 已按 g/m³ 存有数值，单位不能改为 mg/m³"):
        engine(lambda c: put_stations(c, [DUST]))
    other = replace(grams, measures=(Measure("a34002", "g/m3", 0.001), Measure("LA", "dB")))
    engine(lambda c: put_stations(c, [other]))
    assert store.read(read_stations) == (replace(other, number=number, password=""),)


def test_who_spoke_last_and_who_was_refused_is_known(store: Store, engine) -> None:
    later = AT + timedelta(minutes=5)
    engine(
        lambda c: note_seen(c, [Seen(1, later, AT, 2017, "10.0.0.1"), Seen(1, AT, later, None, "10.0.0.2")])
    )
    engine(lambda c: note_seen(c, [Seen(1, AT, None, None, "10.0.0.3"), Seen(2, AT)]))
    state = schema.station_state
    assert store.read(lambda c: [tuple(r) for r in c.execute(select(state).order_by(state.c.station))]) == [
        (1, later, later, 2017, "10.0.0.3"),
        (2, AT, None, None, ""),
    ]
    engine(lambda c: note_refused(c, [Refusal("X", "unknown", AT, "a"), Refusal("X", "unknown", AT, "b")]))
    engine(lambda c: note_refused(c, [Refusal("X", "password", later, "c", 3)]))
    unknown = schema.unknown_device
    assert store.read(
        lambda c: [tuple(r) for r in c.execute(select(unknown).order_by(unknown.c.reason))]
    ) == [
        ("X", "password", later, later, 3, "c"),
        ("X", "unknown", AT, AT, 2, "b"),
    ]


def test_invented_names_do_not_fill_the_list_of_refused_devices(
    store: Store, engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_access.stations.MOST_UNKNOWN", 3)
    engine(lambda c: note_refused(c, [Refusal(f"{n}", "unknown", AT, "") for n in range(2)]))
    engine(lambda c: note_refused(c, [Refusal(f"{n}", "unknown", AT, "") for n in range(1, 50)]))
    unknown = schema.unknown_device.c
    found = store.read(lambda c: dict(c.execute(select(unknown.mn, unknown.frames)).all()))
    assert len(found) == 3
    assert found["1"] == 2


def test_who_comes_when_the_list_of_refused_devices_is_full_is_listed(
    store: Store, engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X14: names that somebody invented once do not hide for good who is refused today."""
    monkeypatch.setattr("data_access.stations.MOST_UNKNOWN", 3)
    hours = [AT + timedelta(hours=n) for n in range(5)]
    for n in (0, 1, 2, 3, 1, 4):
        engine(lambda c, n=n: note_refused(c, [Refusal(f"{n}", "unknown", hours[n], "")]))
    unknown = schema.unknown_device.c
    assert store.read(lambda c: set(c.execute(select(unknown.mn)).scalars())) == {"2", "3", "4"}


def test_who_is_heard_again_is_no_longer_listed_whatever_was_wrong(store: Store, engine) -> None:
    other = replace(DUST, key="dust-2", mn="OTHER")
    numbers = engine(lambda c: put_stations(c, [DUST, other]))
    refusals = [Refusal(DUST.mn, "time", AT, ""), Refusal("OTHER", "password", AT, "")]
    engine(lambda c: note_refused(c, refusals))
    engine(lambda c: note_seen(c, [Seen(number, AT, AT) for number in numbers.values()]))
    # Who tries names while the device itself speaks is seen for a while.
    assert engine(forget_registered) == 0
    engine(lambda c: note_seen(c, [Seen(numbers["dust-1"], AT + timedelta(hours=1), AT)]))
    assert engine(forget_registered) == 1
    assert store.read(lambda c: c.execute(select(schema.unknown_device.c.mn)).scalars().all()) == ["OTHER"]
