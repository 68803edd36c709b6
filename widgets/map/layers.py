"""Layers on the map beside the tickets: stations (X14), and what radar, van, drone and satellite found (T24).

A layer is handed in whole and goes to the page whole: it changes seldom, and has hundreds of marks at most.
Only the large map draws layers; which of them are on holds through updates and a new web process.
"""

import json
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from widgets.map.channel import Bridge
from widgets.status import Mark, Shape

SHAPES = ("circle", "triangle", "diamond", "square", "pause", "cross")


@dataclass(frozen=True, slots=True)
class LayerMark:
    """A point in degrees of WGS-84. `colour` is a token's name, `size` half its width in design pixels.

    `lines` are its tip, the first one as the title; `shape` is one of SHAPES. What is `urgent` is drawn over
    the tickets.
    """

    id: str
    lng: float
    lat: float
    colour: str
    shape: str
    lines: tuple[str, ...]
    size: float = 6.0
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class LayerTrack:
    """The way of something that moved: places as (lng, lat), and a token's name for each leg between two."""

    id: str
    places: tuple[tuple[float, float], ...]
    colours: tuple[str, ...]
    lines: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.colours) != len(self.places) - 1:
            raise ValueError(f"track {self.id}: {len(self.places)} places need one colour less")


@dataclass(frozen=True, slots=True)
class MapLayer:
    """All of one layer; `word` is its name on screen, `look` how most of its marks look, for its chip.

    `uncounted` are marks and tracks that only explain the others, by their ids. `legend` says what the marks
    mean, each with a word as long as it has to be.
    """

    key: str
    word: str
    marks: tuple[LayerMark, ...] = ()
    tracks: tuple[LayerTrack, ...] = ()
    look: Mark | None = None
    uncounted: frozenset[str] = frozenset()
    legend: tuple[Mark, ...] = ()

    @property
    def count(self) -> int:
        """How many things it shows; a track and the mark of its highest value are one."""
        return len({shown.id for shown in (*self.marks, *self.tracks)} - self.uncounted)


class Layers(QObject):
    """What layers there are, which are on, and what the page has of them.

    Signals:
        changed(): another layer is known, or on, or has another count.
        opened(str, str): a mark or track was clicked on: its layer's key, and its id.
    """

    changed = Signal()
    opened = Signal(str, str)

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._by_key: dict[str, MapLayer] = {}
        self._on: set[str] = set()
        self._looked = ""
        bridge.layer_opened.connect(self.opened)

    @property
    def known(self) -> tuple[MapLayer, ...]:
        """The layers that were handed in, in that order."""
        return tuple(self._by_key.values())

    @property
    def on(self) -> frozenset[str]:
        """The keys of those that are on."""
        return frozenset(self._on)

    def show(self, layer: MapLayer) -> None:
        """Show this layer in place of the one with its key; it is drawn while it is on."""
        before = self._by_key.get(layer.key)
        if before == layer:
            return
        self._by_key[layer.key] = layer
        if layer.key in self._on:
            self._send(layer)
        if before is None or (before.word, before.count) != (layer.word, layer.count):
            self.changed.emit()

    def set_on(self, key: str, on: bool) -> None:
        """Turn a layer on or off; one that is not known yet comes on with its first marks."""
        if on == (key in self._on):
            return
        (self._on.add if on else self._on.discard)(key)
        if key in self._by_key:
            self._send(self._by_key[key] if on else MapLayer(key, ""))
        self.changed.emit()

    def look(self, key: str) -> None:
        """Turn a layer on, and bring all that it shows into view; at once, or when the page comes up."""
        self.set_on(key, True)
        self._looked = key
        self._bridge.layer_looked.emit(key)

    def clear(self) -> None:
        """Forget all that layers show: somebody else looks now. Which are on holds."""
        for key in self._by_key:
            if key in self._on:
                self._send(MapLayer(key, ""))
        self._looked = ""
        self._by_key = {
            key: MapLayer(key, layer.word, look=layer.look) for key, layer in self._by_key.items()
        }
        self.changed.emit()

    def replay(self) -> None:
        """Hand a page that has just come up all that is on."""
        for key, layer in self._by_key.items():
            if key in self._on:
                self._send(layer)
        if self._looked:
            self._bridge.layer_looked.emit(self._looked)
            self._looked = ""

    def _send(self, layer: MapLayer) -> None:
        message = {
            "key": layer.key,
            "word": layer.word,
            "marks": [
                [
                    mark.id,
                    mark.lng,
                    mark.lat,
                    _variable(mark.colour),
                    mark.shape,
                    mark.size,
                    mark.lines,
                    mark.urgent,
                ]
                for mark in layer.marks
            ],
            "tracks": [
                [track.id, track.places, [_variable(name) for name in track.colours], track.lines]
                for track in layer.tracks
            ],
            "legend": [
                [_variable(mark.colour_name), layer_shape(mark.shape), mark.word] for mark in layer.legend
            ],
        }
        self._bridge.layered.emit(json.dumps(message, ensure_ascii=False, separators=(",", ":")))


def layer_shape(shape: Shape) -> str:
    """Return the name by which the page draws a shape: one that it does not know is a cross."""
    name = shape.name.lower()
    return name if name in SHAPES else "cross"


def _variable(colour: str) -> str:
    return "--" + colour.replace("_", "-")
