"""Reads a city's stations and limits from `resources/city` into the frozen records of `domain.stations`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from desktop.city import CITY_FOLDER, CityError, load_city, read_table
from domain.city import City
from domain.stations import CONVERTED, MINUTES, Limit, Measure, Span, Station, StationKind

SPANS = {"real_time": Span.REAL_TIME, "minute": Span.MINUTE, "hour": Span.HOUR, "day": Span.DAY}


@lru_cache(maxsize=4)
def load_stations(folder: Path = CITY_FOLDER) -> tuple[Station, ...]:
    """Return a city's registered devices, in the order of the pages; `number` is the place in the file.

    Who answers for a station that names no body is who leads its category there, by the responsibility list.

    Raises:
        CityError: the file is missing or broken, or names a body, category or area that is not there.
    """
    city, table = load_city(folder), read_table(folder, "stations.toml")
    try:
        rows = [(kind, table[kind], row) for kind in StationKind for row in table[kind]["station"]]
        stations = tuple(
            _station(city, number, kind, shared, row) for number, (kind, shared, row) in enumerate(rows, 1)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CityError(f"stations.toml: {error!r}") from error
    for what in ("key", "mn", "name"):
        values = [getattr(station, what) for station in stations]
        if len(set(values)) != len(values):
            raise CityError(f"stations.toml: a {what} stands twice")
    return stations


@lru_cache(maxsize=4)
def load_limits(folder: Path = CITY_FOLDER) -> tuple[Limit, ...]:
    """Return what a city's values are judged by. A limit of several stations stands once for each of them.

    Raises:
        CityError: the file is missing or broken, or names a station that is not there.
    """
    table = read_table(folder, "limits.toml")
    try:
        limits = tuple(limit for row in table["limit"] for limit in read_limit(row, table["groups"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CityError(f"limits.toml: {error!r}") from error
    known = {station.key for station in load_stations(folder)}
    strange = {limit.station for limit in limits if limit.station is not None} - known
    if strange:
        raise CityError(f"limits.toml: there is no station {min(strange)!r}")
    if len({limit.key for limit in limits}) != len(limits):
        raise CityError("limits.toml: a key stands twice")
    return limits


def _station(
    city: City, number: int, kind: StationKind, shared: Mapping[str, Any], row: Mapping[str, Any]
) -> Station:
    code = row.get("category", shared.get("category"))
    area = city.area(row["area"])
    if area is None or row["township"] not in {township.name for township in area.townships}:
        raise ValueError(f"{row['key']}: there is no {row['township']} in {row['area']}")
    body = row.get("body", shared.get("body"))
    if code is not None:
        category = city.category(code)
        if category is None:
            raise ValueError(f"{row['key']}: there is no category {code}")
        body = body or city.lead_for(category, area.adcode)[0]
    if body is None or city.body(body) is None:
        raise ValueError(f"{row['key']}: there is no body {body!r}")
    measures = shared["measures" if "measures" not in row else f"measures_{row['measures']}"]
    lng, lat = row["point"]
    return Station(
        number=number,
        key=row["key"],
        name=row["name"],
        kind=kind,
        mn=row["mn"],
        measures=read_measures(measures),
        password=row.get("password", shared["password"]),
        enterprise=row.get("enterprise", ""),
        body=body,
        category=code,
        area=area.adcode,
        township=row["township"],
        lng=lng,
        lat=lat,
        every_seconds=row.get("every_seconds", shared["every_seconds"]),
        retired=row.get("retired"),
    )


def read_measures(rows: Iterable[Mapping[str, Any]]) -> tuple[Measure, ...]:
    """Return what a station measures.

    Raises:
        KeyError, TypeError, ValueError: a row is broken.
    """
    return tuple(Measure(m["factor"], m["unit"], float(m.get("factor_to_unit", 1.0))) for m in rows)


def read_limit(row: Mapping[str, Any], groups: Mapping[str, list[str]]) -> Iterator[Limit]:
    """Yield a limit of the file, once for each of its stations.

    Raises:
        KeyError, TypeError, ValueError: the row is broken.
    """
    stations: list[str | None] = [*groups[row["stations"]]] if "stations" in row else [None]
    for station in stations:
        yield Limit(
            key=row["key"] if station is None else f"{row['key']}/{station}",
            factor=_judged(row),
            span=SPANS[row["span"]],
            high=_number(row.get("high")),
            effective_from=row["effective_from"],
            source=row["source"],
            low=_number(row.get("low")),
            kind=StationKind(row["kind"]) if station is None else None,
            station=station,
            allowed_per_day=row.get("allowed_per_day", 0),
            from_minute=_minute(row.get("from")),
            until_minute=_minute(row.get("until")),
            effective_until=row.get("effective_until"),
            minutes=_averaged(row),
        )


def _judged(row: Mapping[str, Any]) -> str:
    """Return whose values a limit judges: with `converted` those at the reference oxygen content."""
    factor, converted = row["factor"], row.get("converted", False)
    if not isinstance(converted, bool):
        raise ValueError(f"converted = {converted!r}")
    return f"{factor}{CONVERTED}" if converted and not factor.endswith(CONVERTED) else factor


def _averaged(row: Mapping[str, Any]) -> int | None:
    """Return a limit's averaging time in minutes, None where it judges any minute value."""
    minutes: int | None = row.get("minutes")
    if minutes is not None and (row["span"] != "minute" or minutes not in MINUTES):
        raise ValueError(
            f'minutes = {minutes!r}: one of {", ".join(map(str, MINUTES))}, with span = "minute"'
        )
    return minutes


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _minute(moment: time | None) -> int | None:
    return None if moment is None else 60 * moment.hour + moment.minute
