"""The words of the demo city: material from `resources/city/texts.toml`, put together by seeded chance."""

from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

from desktop.city import CITY_FOLDER, read_table

PARTS_OF_DAY = ("night", "night", "morning", "morning", "afternoon", "afternoon", "evening", "night")
"""By the hour divided by three: 0-5 night, 6-11 morning, 12-17 afternoon, 18-20 evening, 21-23 night."""

TIME_WORDS = ("夜", "凌晨", "早", "晚", "中午", "清晨", "周末", "点", "天", "时段")
"""An act that says when it happens is not given another hour."""

OFFICIAL = ("urban_grid", "enforcement")
"""Channels through which officials report: they demand in another voice than citizens."""


@dataclass(frozen=True, slots=True)
class Sensor:
    """What a station measures about a kind: an alarm's value lies between `low` and `high`."""

    factor: str
    unit: str
    limit: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class KindTexts:
    """The material of one kind; `weight` is how often it occurs, more in `peak` months.

    `effects` take the place of the class's; an `open_air` kind happens on roads, rivers and fields.
    """

    weight: float
    titles: tuple[str, ...]
    sites: tuple[str, ...]
    acts: tuple[str, ...]
    measures: tuple[str, ...]
    peak: tuple[int, ...] = ()
    sensor: Sensor | None = None
    effects: tuple[str, ...] = ()
    open_air: bool = False


@dataclass(frozen=True)
class Texts:
    """All material. `steps` has the sentences of what people do, by name of the step."""

    frames: dict[str, tuple[str, ...]]
    when: dict[str, tuple[str, ...]]
    demands: dict[str, tuple[str, ...]]
    effects: dict[str, tuple[str, ...]]
    places: dict[str, tuple[str, ...]]
    roads: dict[str, tuple[str, ...]]
    steps: dict[str, tuple[str, ...]]
    kinds: dict[str, KindTexts]

    def step(self, name: str, random: Random) -> str:
        """Return one of a step's sentences."""
        return random.choice(self.steps[name])

    def place(self, random: Random, area: str, kind: str, *, rural: bool) -> str:
        """Return an invented spot in a county where such a kind may happen, without its township."""
        indoors = "rural" if rural else "relations"
        pattern = random.choice(self.places["open" if self.kinds[kind].open_air else indoors])
        road, cross = random.sample(self.roads[area], 2)
        return pattern.format(
            road=road,
            cross=cross,
            number=random.randint(2, 188),
            group=random.randint(1, 12),
            distance=random.randint(2, 38),
            building=random.randint(1, 24),
            community=random.choice(self.places["communities"]),
            village=random.choice(self.places["villages"]),
        )

    def complaint(self, random: Random, kind: str, channel: str, place: str, hour: int) -> tuple[str, str]:
        """Return a title of at most 18 characters and a text, as this channel words it."""
        material = self.kinds[kind]
        act = random.choice(material.acts)
        timed = any(word in act for word in TIME_WORDS)
        values: dict[str, object] = {
            "place": place,
            "site": random.choice(material.sites),
            "act": act,
            "when": random.choice(self.when["any" if timed else PARTS_OF_DAY[hour // 3]]),
            "effect": random.choice(material.effects or self.effects[kind[0]]),
            "demand": random.choice(self.demands["internal" if channel in OFFICIAL else "common"]),
        }
        if channel == "monitoring" and material.sensor is not None:
            values |= _reading(random, material.sensor)
        return random.choice(material.titles), random.choice(self.frames[channel]).format(**values)


@lru_cache(maxsize=1)
def load_texts() -> Texts:
    """Return the material that comes with the program."""
    table = read_table(CITY_FOLDER, "texts.toml")
    return Texts(
        frames=_lists(table["frames"]),
        when=_lists(table["when"]),
        demands=_lists(table["demands"]),
        effects=_lists(table["effects"]),
        places=_lists(table["places"]),
        roads=_lists(table["roads"]),
        steps=_lists(table["steps"]),
        kinds={code: _kind(row) for code, row in table["kind"].items()},
    )


def _kind(row: dict[str, Any]) -> KindTexts:
    sensor = row.get("sensor")
    return KindTexts(
        weight=row["weight"],
        titles=tuple(row["titles"]),
        sites=tuple(row["sites"]),
        acts=tuple(row["acts"]),
        measures=tuple(row["measures"]),
        peak=tuple(row.get("peak", ())),
        sensor=Sensor(**sensor) if sensor else None,
        effects=tuple(row.get("effects", ())),
        open_air=row.get("open", False),
    )


def _lists(table: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(values) for key, values in table.items()}


def _reading(random: Random, sensor: Sensor) -> dict[str, object]:
    value = random.uniform(sensor.low, sensor.high)
    return {
        "factor": sensor.factor,
        "unit": sensor.unit,
        "limit": f"{sensor.limit:g}",
        "value": f"{value:.2f}" if sensor.limit < 1 else f"{value:.0f}",
        "groups": random.randint(2, 6),
        "minutes": random.choice((15, 30, 45, 60, 90)),
    }
