"""Registers a city's stations and limits from a TOML file of the form of `resources/city/stations.toml`."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from data_access.stations import (
    Names,
    forget_registered,
    put_limits,
    put_stations,
    read_names,
    read_stations,
)
from data_access.store import Connection, Store
from desktop.city_stations import read_limit, read_measures
from desktop.imports.errors import FileError
from desktop.imports.registry_file import RegistryFile, read_registry_file, refusal
from domain.stations import CONVERTED, Limit, Station

T = TypeVar("T")
EVERY_SECONDS = 60
"""How often a device speaks that promises nothing."""


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
    told = read_registry_file(file)
    stations, limits = tuple(_stations(told)), tuple(_limits(told))
    if not stations and not limits:
        raise FileError(f"{file} 中没有监测点，也没有限值")
    twice = [
        f"{what} {name} 出现两次"
        for what, names in (
            ("监测点编号", [s.key for s in stations]),
            ("设备标识（MN）", [s.mn for s in stations]),
            ("限值编号", [limit.key for limit in limits]),
        )
        for name, number in Counter(names).items()
        if number > 1
    ]
    if twice:
        raise refusal(file, twice)
    return store.write(partial(_register, file=file, stations=stations, limits=limits))


def _register(
    connection: Connection, file: Path, stations: tuple[Station, ...], limits: tuple[Limit, ...]
) -> Registered:
    names = read_names(connection)
    problems = list(_strange(connection, names, stations, limits))
    if problems:
        raise refusal(file, problems)
    # Who answers for a station without a body is who leads its category.
    put_stations(
        connection,
        [replace(s, body=s.body or (names.leads.get(s.category) if s.category else None)) for s in stations],
    )
    put_limits(connection, limits)
    forget_registered(connection)
    return Registered(len(stations), len(limits))


def _strange(
    connection: Connection, names: Names, stations: tuple[Station, ...], limits: tuple[Limit, ...]
) -> Iterator[str]:
    """Yield what does not fit the store."""
    for station in stations:
        for what, name, there in (
            ("单位", station.body, names.bodies),
            ("类别", station.category, names.leads),
            ("县区", station.area, names.areas),
        ):
            if name is not None and name not in there:
                yield f"监测点 {station.key}：库中没有{what} {name}"
    known = read_stations(connection)
    of_mn = {station.mn: station.key for station in known}
    for station in stations:
        if of_mn.get(station.mn, station.key) != station.key:
            yield f"设备标识 {station.mn} 已登记给监测点 {of_mn[station.mn]}"
    measured = {s.key: {measure.factor for measure in s.measures} for s in (*known, *stations)}
    for limit in limits:
        if limit.station is None:
            continue
        if limit.station not in measured:
            yield f"限值 {limit.key} 所指的监测点 {limit.station} 没有登记"
        elif limit.factor.endswith(CONVERTED) and limit.factor not in measured[limit.station]:
            yield (
                f"限值 {limit.key} 按折算值判定，而监测点 {limit.station} 没有登记 {limit.factor}："
                "设备若不上报折算值（ZsRtd、ZsAvg），这条限值无从判定"
            )


def _stations(told: RegistryFile) -> Iterator[Station]:
    for kind, shared in told.tables():
        for row in shared.station:
            lng, lat = row.point or (None, None)
            yield Station(
                number=0,
                key=row.key,
                name=row.name,
                kind=kind,
                mn=row.mn,
                measures=read_measures(measure.model_dump() for measure in shared.measures_of(row) or ()),
                password=_first(row.password, shared.password, ""),
                enterprise=row.enterprise,
                body=_first(row.body, shared.body, None),
                category=_first(row.category, shared.category, None),
                area=row.area,
                township=row.township,
                lng=lng,
                lat=lat,
                every_seconds=_first(row.every_seconds, shared.every_seconds, EVERY_SECONDS),
                retired=row.retired,
            )


def _limits(told: RegistryFile) -> Iterator[Limit]:
    for row in told.limit:
        yield from read_limit(row.model_dump(by_alias=True, exclude_none=True), told.groups)


def _first(own: T | None, shared: T | None, usual: T) -> T:
    """Return what a station says, else what its table says for all."""
    return own if own is not None else shared if shared is not None else usual
