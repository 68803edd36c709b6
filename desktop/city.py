"""Reads a city's master data from `resources/city` into the frozen records of `domain.city`."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from domain.city import (
    Area,
    Body,
    BodyKind,
    Category,
    CategoryClass,
    Channel,
    City,
    FastLane,
    Person,
    Township,
)
from domain.people import Role
from domain.urgency import Urgency

CITY_FOLDER = Path(__file__).resolve().parent.parent / "resources" / "city"


class CityError(ValueError):
    """A file of master data does not fit; the message names the file and what is wrong."""


@lru_cache(maxsize=4)
def load_city(folder: Path = CITY_FOLDER) -> City:
    """Return the city in this folder: bodies, areas, categories and channels in their files' order.

    Raises:
        CityError: a file is missing or broken, or names a body or batch that is not there.
    """
    bodies = read_table(folder, "bodies.toml")
    areas = read_table(folder, "areas.toml")
    categories = read_table(folder, "categories.toml")
    channels = read_table(folder, "channels.toml")
    try:
        city = City(
            name=bodies["name"],
            title=bodies["title"],
            bodies=tuple(
                Body(row["key"], row["name"], row["short"], BodyKind(row["kind"])) for row in bodies["body"]
            ),
            areas=tuple(_area(row) for row in areas["area"]),
            classes=tuple(CategoryClass(row["code"], row["name"]) for row in categories["class"]),
            categories=tuple(_categories(categories)),
            people=tuple(_people(bodies["people"])),
            channels=tuple(
                Channel(
                    row["key"],
                    row["name"],
                    row["full_name"],
                    row.get("heartbeat"),
                    row.get("proactive", False),
                )
                for row in channels["channel"]
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CityError(f"{folder.name}: {error!r}") from error
    _check(city)
    return city


def load_boundaries(folder: Path = CITY_FOLDER) -> dict[str, Any]:
    """Return the county boundaries as a GeoJSON FeatureCollection, WGS-84.

    Each feature's properties are `adcode`, `name` and `center` ([lng, lat], inside the county).
    """
    path = folder / "boundaries.geojson"
    try:
        collection: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CityError(f"{path.name}: {error}") from error
    return collection


def read_table(folder: Path, name: str) -> dict[str, Any]:
    """Return the parsed TOML of one file of the city.

    Raises:
        CityError: the file is missing or is not TOML.
    """
    try:
        return tomllib.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CityError(f"{name}: {error}") from error


def _area(row: Mapping[str, Any]) -> Area:
    townships = tuple(Township(name, row["adcode"], lng, lat) for name, lng, lat in row["townships"])
    lng, lat = row["point"]
    return Area(row["adcode"], row["name"], row["short"], lng, lat, townships, row.get("body"))


def _categories(table: Mapping[str, Any]) -> Iterator[Category]:
    names = {row["code"]: row["name"] for row in table["class"]}
    batches = {row["batch"]: FastLane(row["batch"], row["effective_from"]) for row in table["fast_lane"]}
    for row in table["kind"]:
        batch = row.get("fast_lane")
        yield Category(
            code=row["code"],
            name=row["name"],
            class_code=row["code"][0],
            class_name=names[row["code"][0]],
            lead=row["lead"],
            assisting=tuple(row.get("assisting", ())),
            local=row.get("local", False),
            fast_lane=batches[batch] if batch is not None else None,
            urgency=Urgency(row.get("urgency", Urgency.ORDINARY)),
            keywords=tuple(row.get("keywords", ())),
            basis=row.get("basis", ""),
        )


def _people(table: Mapping[str, Any]) -> Iterator[Person]:
    for role, rows in table.items():
        for row in rows:
            yield Person(row["name"], Role(role), row.get("title", ""), row.get("body"))


def _check(city: City) -> None:
    """Refuse data whose parts do not fit together, before anybody relies on them."""
    keys = [body.key for body in city.bodies]
    if len(set(keys)) != len(keys):
        raise CityError("bodies.toml: a key stands twice")
    named = [
        (category.code, key) for category in city.categories for key in (category.lead, *category.assisting)
    ]
    named += [(area.adcode, area.body) for area in city.areas if area.body]
    named += [(person.name, person.body) for person in city.people if person.body]
    for where, key in named:
        if city.body(key) is None:
            raise CityError(f"{where}: there is no body {key!r}")
    codes = [category.code for category in city.categories]
    if len(set(codes)) != len(codes):
        raise CityError("categories.toml: a code stands twice")
