"""The registry of stations: who they are, what they measure, their limits, and when they last spoke."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from data_access import log, schema
from data_access.errors import StoreError
from data_access.rules import load_rules
from domain.registry_changes import changed_past, changed_units
from domain.stations import Limit, Measure, Span, Station, StationKind

MOST_UNKNOWN = 2000
"""Rows of refused devices at the most, one for each name and reason: whoever can reach the port can invent
names, and be refused for more than one reason under each."""

FORGIVEN_AFTER = timedelta(hours=1)
"""How long a device that is heard again stays listed: who speaks under its name, too, would not be seen."""

UNKNOWN, PASSWORD, TIME, MODBUS, CHECK = "unknown", "password", "time", "modbus", "check"
RETIRED = "retired"
"""Why a device is refused: nobody registered it, it says a wrong password, its clock is wrong beyond use, its
frames have the check of plain Modbus, or a wrong one; or its station is retired."""


class RegistryError(StoreError):
    """What was judged or stored already would mean something else."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A station spoke: when, of which moment its newest value is, in which edition of HJ 212, from where."""

    station: int
    at: datetime
    last_value_at: datetime | None = None
    edition: int | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A device was refused: `reason` is UNKNOWN, PASSWORD, TIME, MODBUS, CHECK or RETIRED.

    `frames` came until `at`, the first of them at `since` (None: at that moment, too).
    """

    mn: str
    reason: str
    at: datetime
    address: str
    frames: int = 1
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """What a station may name: bodies, areas, and categories with the body that leads each."""

    bodies: frozenset[str]
    areas: frozenset[str]
    leads: Mapping[str, str | None]


def put_stations(connection: Connection, stations: Iterable[Station]) -> dict[str, int]:
    """Register stations, or bring those known by their key up to date; return the store's numbers by key.

    The `number` of what is given counts for nothing. Stations that are not named stay as they are.

    Raises:
        RegistryError: a factor of which there are values would have another unit.
    """
    given = list(stations)
    if not given:
        return {}
    _refuse_other_units(connection, given)
    station = schema.station
    after = connection.execute(select(func.coalesce(func.max(station.c.position), -1))).scalar_one() + 1
    rows = [
        {
            "key": s.key,
            "mn": s.mn,
            "name": s.name,
            "kind": s.kind.value,
            "enterprise": s.enterprise,
            "body": s.body,
            "category": s.category,
            "area": s.area,
            "township": s.township,
            "lng": s.lng,
            "lat": s.lat,
            "every_seconds": s.every_seconds,
            "retired": s.retired,
            "position": after + index,
        }
        for index, s in enumerate(given)
    ]
    written = insert(station).values(rows)
    changed = {name: written.excluded[name] for name in rows[0] if name not in ("key", "position")}
    numbers: dict[str, int] = {
        row.key: row.number
        for row in connection.execute(
            written.on_conflict_do_update(index_elements=["key"], set_=changed).returning(
                station.c.key, station.c.number
            )
        )
    }
    _put_factors(connection, given, numbers)
    _put_passwords(connection, given, numbers)
    return numbers


def _put_factors(connection: Connection, stations: Sequence[Station], numbers: dict[str, int]) -> None:
    factor = schema.station_factor
    connection.execute(factor.delete().where(factor.c.station.in_(numbers.values())))
    rows = [
        {
            "station": numbers[s.key],
            "factor": m.factor,
            "unit": m.unit,
            "factor_to_unit": m.factor_to_unit,
            "position": position,
        }
        for s in stations
        for position, m in enumerate(s.measures)
    ]
    if rows:
        connection.execute(insert(factor), rows)


def _put_passwords(connection: Connection, stations: Sequence[Station], numbers: dict[str, int]) -> None:
    secret = schema.station_secret
    written = insert(secret).values([{"station": numbers[s.key], "password": s.password} for s in stations])
    connection.execute(
        written.on_conflict_do_update(
            index_elements=["station"], set_={"password": written.excluded.password}
        )
    )


def _refuse_other_units(connection: Connection, given: Sequence[Station]) -> None:
    known = {station.key: station for station in read_stations(connection)}
    reading = schema.reading.c
    for station in given:
        before = known.get(station.key, station)
        for old, new in changed_units(before.measures, station.measures):
            stored = (reading.station == before.number, reading.factor == old.factor)
            if connection.execute(select(select(reading.at).where(*stored).exists())).scalar():
                raise RegistryError(
                    f"监测点 {station.key} 的 {old.factor} 已按 {old.unit} 存有数值，单位不能改为 {new.unit}",
                    f'保留 unit = "{old.unit}"，用 factor_to_unit 把设备所发的值换算成它。',
                )


def _refuse_other_limits(connection: Connection, given: Mapping[str, Limit]) -> None:
    known = {limit.key: limit for limit in read_limits(connection)}
    if all(known.get(key, limit) == limit for key, limit in given.items()):
        return
    today = log.transaction_time(connection).astimezone(load_rules(connection).calendar.zone).date()
    for key, limit in given.items():
        changed = changed_past(known.get(key, limit), limit, today)
        if changed:
            raise RegistryError(
                f"限值 {key} 已经在用，不能改 {'、'.join(changed)}：以前的数值是按原限值判定的",
                f"给原限值写 effective_until = {today}，另以新的 key 写一条 effective_from = {today} 的。",
            )


def put_limits(connection: Connection, limits: Iterable[Limit]) -> None:
    """Put limits into the store; one that is known by its key is brought up to date.

    Raises:
        RegistryError: days that are over, or today, would have been judged by another one.
    """
    given = list(limits)
    _refuse_other_limits(connection, {limit.key: limit for limit in given})
    rows = [
        {
            "key": limit.key,
            "station": limit.station,
            "kind": None if limit.kind is None else limit.kind.value,
            "factor": limit.factor,
            "span": int(limit.span),
            "low": limit.low,
            "high": limit.high,
            "allowed_per_day": limit.allowed_per_day,
            "from_minute": limit.from_minute,
            "until_minute": limit.until_minute,
            "effective_from": limit.effective_from,
            "effective_until": limit.effective_until,
            "source": limit.source,
            "minutes": limit.minutes,
        }
        for limit in given
    ]
    if not rows:
        return
    written = insert(schema.limit_value).values(rows)
    changed = {name: written.excluded[name] for name in rows[0] if name != "key"}
    connection.execute(written.on_conflict_do_update(index_elements=["key"], set_=changed))


def read_stations(connection: Connection) -> tuple[Station, ...]:
    """Return all stations in their order, without their passwords: for anybody."""
    return _stations(connection, {})


def read_registry(connection: Connection) -> tuple[Station, ...]:
    """Return all stations with their passwords: for the receiver, which alone may read them."""
    secret = schema.station_secret.c
    return _stations(
        connection,
        {row.station: row.password for row in connection.execute(select(secret.station, secret.password))},
    )


def _stations(connection: Connection, passwords: dict[int, str]) -> tuple[Station, ...]:
    factor, station = schema.station_factor.c, schema.station
    measures: defaultdict[int, list[Measure]] = defaultdict(list)
    for row in connection.execute(
        select(factor.station, factor.factor, factor.unit, factor.factor_to_unit).order_by(
            factor.station, factor.position, factor.factor
        )
    ):
        measures[row.station].append(Measure(row.factor, row.unit, row.factor_to_unit))
    rows = connection.execute(select(station).order_by(station.c.position, station.c.number))
    return tuple(_station(row, tuple(measures[row.number]), passwords.get(row.number, "")) for row in rows)


def _station(row: Row[tuple[object, ...]], measures: tuple[Measure, ...], password: str) -> Station:
    return Station(
        number=row.number,
        key=row.key,
        name=row.name,
        kind=StationKind(row.kind),
        mn=row.mn,
        measures=measures,
        password=password,
        enterprise=row.enterprise,
        body=row.body,
        category=row.category,
        area=row.area,
        township=row.township,
        lng=row.lng,
        lat=row.lat,
        every_seconds=row.every_seconds,
        retired=row.retired,
    )


def serving(on: date) -> ColumnElement[bool]:
    """Return the condition that a station counts on a day of the city's zone (see `Station.serves`)."""
    retired = schema.station.c.retired
    return or_(retired.is_(None), retired > on)


def read_names(connection: Connection) -> Names:
    """Return the bodies, areas and categories of the store."""
    category = schema.category.c
    return Names(
        frozenset(connection.execute(select(schema.body.c.key)).scalars()),
        frozenset(connection.execute(select(schema.area.c.code)).scalars()),
        {row.code: row.main_body for row in connection.execute(select(category.code, category.main_body))},
    )


def read_limits(connection: Connection) -> tuple[Limit, ...]:
    """Return all limits, whenever they apply, in the order of their keys."""
    rows = connection.execute(select(schema.limit_value).order_by(schema.limit_value.c.key))
    return tuple(
        Limit(
            key=row.key,
            factor=row.factor,
            span=Span(row.span),
            high=row.high,
            effective_from=row.effective_from,
            source=row.source,
            low=row.low,
            kind=None if row.kind is None else StationKind(row.kind),
            station=row.station,
            allowed_per_day=row.allowed_per_day,
            from_minute=row.from_minute,
            until_minute=row.until_minute,
            effective_until=row.effective_until,
            minutes=row.minutes,
        )
        for row in rows
    )


def note_seen(connection: Connection, seen: Iterable[Seen]) -> None:
    """Note that stations spoke; what is older than what is known changes nothing."""
    newest: dict[int, Seen] = {}
    for one in seen:
        known = newest.get(one.station)
        newest[one.station] = one if known is None else _later(known, one)
    if not newest:
        return
    rows = sorted(newest.values(), key=_by_station)
    connection.execute(
        _NOTE_SEEN,
        {
            "stations": [s.station for s in rows],
            "seen": [s.at for s in rows],
            "values": [s.last_value_at for s in rows],
            "editions": [s.edition for s in rows],
            "addresses": [s.address for s in rows],
        },
    )


def note_refused(connection: Connection, refusals: Iterable[Refusal]) -> None:
    """List devices that were refused, once for each reason: since when, until when and how often.

    The newest `MOST_UNKNOWN` stay.
    """
    by_reason: dict[tuple[str, str], Refusal] = {}
    for one in sorted(refusals, key=_by_moment):
        key = (one.mn, one.reason)
        known, since = by_reason.get(key), one.since or one.at
        if known is not None:
            since = min(since, known.since or known.at)
        frames = one.frames + (known.frames if known is not None else 0)
        by_reason[key] = replace(one, frames=frames, since=since)
    unknown = schema.unknown_device
    if not by_reason:
        return
    written = insert(unknown).values(
        [
            {
                "mn": r.mn,
                "reason": r.reason,
                "first_seen": r.since,
                "last_seen": r.at,
                "frames": r.frames,
                "address": r.address,
            }
            for _, r in sorted(by_reason.items())
        ]
    )
    new_row = written.excluded
    connection.execute(
        written.on_conflict_do_update(
            index_elements=["mn", "reason"],
            set_={
                "first_seen": func.least(unknown.c.first_seen, new_row.first_seen),
                "last_seen": func.greatest(unknown.c.last_seen, new_row.last_seen),
                "frames": unknown.c.frames + new_row.frames,
                "address": new_row.address,
            },
        )
    )
    # Names invented in thousands drive out one another, and not who comes tomorrow.
    mn, reason = unknown.c.mn, unknown.c.reason
    newest = select(mn, reason).order_by(unknown.c.last_seen.desc(), unknown.c.frames.desc(), mn, reason)
    connection.execute(unknown.delete().where(tuple_(mn, reason).in_(newest.offset(MOST_UNKNOWN))))


def forget_registered(connection: Connection) -> int:
    """Take reasons off the list of the refused devices; return how many.

    They are those of devices that have been registered since, or are not retired any more, and those of which
    values were stored `FORGIVEN_AFTER` or more after they were refused for this for the last time, whatever
    was wrong.
    """
    unknown, station, state = schema.unknown_device, schema.station, schema.station_state
    today = log.transaction_time(connection).astimezone(load_rules(connection).calendar.zone).date()
    heard = select(station.c.mn).join(state, state.c.station == station.c.number)
    gone = connection.execute(
        unknown.delete().where(
            or_(
                and_(unknown.c.reason == UNKNOWN, unknown.c.mn.in_(select(station.c.mn))),
                and_(
                    unknown.c.reason == RETIRED, unknown.c.mn.in_(select(station.c.mn).where(serving(today)))
                ),
                heard.where(
                    station.c.mn == unknown.c.mn, state.c.last_seen >= unknown.c.last_seen + FORGIVEN_AFTER
                ).exists(),
            )
        )
    )
    return gone.rowcount


_NOTE_SEEN = text(
    """
    INSERT INTO station_state AS known (station, last_seen, last_at, edition, address)
    SELECT * FROM unnest(
        CAST(:stations AS integer[]), CAST(:seen AS timestamptz[]), CAST(:values AS timestamptz[]),
        CAST(:editions AS smallint[]), CAST(:addresses AS text[])
    )
    ON CONFLICT (station) DO UPDATE
        SET last_seen = greatest(known.last_seen, excluded.last_seen),
            last_at = greatest(known.last_at, excluded.last_at),
            edition = coalesce(excluded.edition, known.edition),
            address = excluded.address
    """
)
"""By arrays: the statement is the same for any number of stations."""


def _later(one: Seen, other: Seen) -> Seen:
    last, first = (other, one) if other.at >= one.at else (one, other)
    values = [at for at in (one.last_value_at, other.last_value_at) if at is not None]
    return Seen(
        last.station,
        last.at,
        max(values, default=None),
        last.edition if last.edition is not None else first.edition,
        last.address,
    )


def _by_station(seen: Seen) -> int:
    return seen.station


def _by_moment(refusal: Refusal) -> datetime:
    return refusal.at
