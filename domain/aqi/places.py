"""Places with an index: stations, and the townships, counties and the city that they stand for (T01, X04)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.aqi.editions import Pollutant
from domain.aqi.index import Concentrations
from domain.stations import Station

CITY = "city"
VALID_SHARE = 0.75
"""Of a place's stations so many must have a value, or the place has none (HJ 663-2013 for cities)."""

FACTORS: Mapping[str, Pollutant] = {
    "a34004": Pollutant.PM25,
    "a34002": Pollutant.PM10,
    "a21026": Pollutant.SO2,
    "a21004": Pollutant.NO2,
    "a21005": Pollutant.CO,
    "a05024": Pollutant.O3,
}
"""The codes of HJ 212 under which air stations send the six."""

_MICROGRAMS_IN = {"µg/m³": 1.0, "mg/m³": 1000.0, "ng/m³": 0.001}


class PlaceKind(StrEnum):
    """What is ranked. The value is how a place's key begins."""

    STATION = "station"
    TOWNSHIP = "township"
    AREA = "area"
    CITY = CITY


@dataclass(frozen=True, slots=True)
class Place:
    """Whom an index is of; `key` is the store's: "station/KEY", "area/CODE", "township/CODE/NAME", "city"."""

    key: str

    @property
    def kind(self) -> PlaceKind:
        """What it is, as the key begins."""
        return PlaceKind(self.key.partition("/")[0])


def station_place(station: Station) -> Place:
    """Return the place that a station is by itself."""
    return Place(f"{PlaceKind.STATION}/{station.key}")


def places_of(station: Station) -> tuple[Place, ...]:
    """Return every place whose index a station makes, itself first."""
    found = [station_place(station)]
    if station.area and station.township:
        found.append(Place(f"{PlaceKind.TOWNSHIP}/{station.area}/{station.township}"))
    if station.area:
        found.append(Place(f"{PlaceKind.AREA}/{station.area}"))
    return (*found, Place(CITY))


def members(stations: Iterable[Station]) -> dict[Place, tuple[Station, ...]]:
    """Return each place with the stations that stand for it."""
    found: dict[Place, list[Station]] = {}
    for station in stations:
        for place in places_of(station):
            found.setdefault(place, []).append(station)
    return {place: tuple(there) for place, there in found.items()}


def in_index_unit(pollutant: Pollutant, value: float, unit: str) -> float:
    """Return a station's value in the unit of the index: µg/m³, for CO mg/m³.

    Raises:
        ValueError: the unit is none of ng/m³, µg/m³ and mg/m³ (u or μ for µ and 3 for ³ do as well).
    """
    plain = unit.strip().lower().replace("μ", "µ").replace("ug", "µg").replace("m3", "m³")
    if plain not in _MICROGRAMS_IN:
        raise ValueError(f"{unit!r} is no unit of {pollutant}")
    micrograms = value * _MICROGRAMS_IN[plain]
    return micrograms / 1000 if pollutant is Pollutant.CO else micrograms


def mean_of(stations: Sequence[Concentrations]) -> dict[Pollutant, float]:
    """Return a place's values from those of all its stations; one that too few stations have is left out."""
    found: dict[Pollutant, float] = {}
    for pollutant in Pollutant:
        values = [value for station in stations if (value := station.get(pollutant)) is not None]
        if values and len(values) >= VALID_SHARE * len(stations):
            found[pollutant] = sum(values) / len(values)
    return found
