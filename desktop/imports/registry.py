"""Registers a city's stations and limits from a TOML file of the form of `resources/city/stations.toml`."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from data_access.stations import forget_registered, put_limits, put_stations, read_names, read_stations
from data_access.store import Connection, Store
from desktop.city_stations import read_limit, read_measures
from desktop.imports.errors import FileError
from domain.stations import CONVERTED, Limit, Station, StationKind


@dataclass(frozen=True, slots=True)
class Registered:
    """How many were registered, or brought up to date."""

    stations: int
    limits: int


def import_stations(store: Store, file: Path) -> Registered:
    """Register what a file names, all of it or nothing; what it does not name stays as it is.

    Raises:
        FileError: it cannot be read, or names what the store does not know.
        StoreError: the database is away, or one may not register.
    """
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"读不了文件 {file}：{error.strerror}") from error
    except ValueError as error:
        raise FileError(f"{file} 不是有效的 TOML：{error}") from error
    try:
        stations, limits = tuple(_stations(table)), tuple(_limits(table))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileError(f"{file} 中有缺失或无效的项：{error}") from error
    if not stations and not limits:
        raise FileError(f"{file} 中没有监测点，也没有限值")
    for what, names in (
        ("监测点编号", [s.key for s in stations]),
        ("设备标识（MN）", [s.mn for s in stations]),
        ("限值编号", [limit.key for limit in limits]),
    ):
        twice = [name for name, number in Counter(names).items() if number > 1]
        if twice:
            raise FileError(f"{what} {twice[0]} 出现两次")
    return store.write(partial(_register, stations=stations, limits=limits))


def _register(connection: Connection, stations: tuple[Station, ...], limits: tuple[Limit, ...]) -> Registered:
    names = read_names(connection)
    for station in stations:
        for what, name, known in (
            ("单位", station.body, names.bodies),
            ("类别", station.category, names.leads),
            ("县区", station.area, names.areas),
        ):
            if name is not None and name not in known:
                raise FileError(f"监测点 {station.key}：库中没有{what} {name}")
    known = read_stations(connection)
    registered = {station.key: station.mn for station in known}
    of_mn = {mn: key for key, mn in registered.items()}
    for station in stations:
        if of_mn.get(station.mn, station.key) != station.key:
            raise FileError(f"设备标识 {station.mn} 已登记给监测点 {of_mn[station.mn]}")
    strange = {limit.station for limit in limits if limit.station} - {*registered, *(s.key for s in stations)}
    if strange:
        raise FileError(f"限值所指的监测点 {min(strange)} 没有登记")
    measured = {s.key: {measure.factor for measure in s.measures} for s in (*known, *stations)}
    for limit in limits:
        if limit.station and limit.factor.endswith(CONVERTED) and limit.factor not in measured[limit.station]:
            raise FileError(
                f"限值 {limit.key} 按折算值判定，而监测点 {limit.station} 没有登记 {limit.factor}："
                "设备若不上报折算值（ZsRtd、ZsAvg），这条限值无从判定"
            )
    # Who answers for a station without a body is who leads its category.
    put_stations(
        connection,
        [replace(s, body=s.body or (names.leads.get(s.category) if s.category else None)) for s in stations],
    )
    put_limits(connection, limits)
    forget_registered(connection)
    return Registered(len(stations), len(limits))


def _stations(table: Mapping[str, Any]) -> Iterator[Station]:
    for kind in StationKind:
        shared = table.get(kind.value, {})
        for row in shared.get("station", ()):
            measures = row.get("measures", shared.get("measures"))
            if isinstance(measures, str):
                measures = shared[f"measures_{measures}"]
            lng, lat = row.get("point", (None, None))
            yield Station(
                number=0,
                key=_text(row["key"]),
                name=_text(row["name"]),
                kind=kind,
                mn=_text(row["mn"]),
                measures=read_measures(measures),
                password=str(row.get("password", shared.get("password", ""))),
                enterprise=row.get("enterprise", ""),
                body=row.get("body", shared.get("body")),
                category=row.get("category", shared.get("category")),
                area=row.get("area"),
                township=row.get("township"),
                lng=None if lng is None else float(lng),
                lat=None if lat is None else float(lat),
                every_seconds=int(row.get("every_seconds", shared.get("every_seconds", 60))),
            )


def _limits(table: Mapping[str, Any]) -> Iterator[Limit]:
    for row in table.get("limit", ()):
        yield from read_limit(row, table.get("groups", {}))


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r}")
    return value.strip()
