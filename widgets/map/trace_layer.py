"""A back-trace as a layer of the map: the sector upwind of a place, and what lies in it (Q05)."""

from collections import Counter
from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from domain.back_trace import BackTrace, Suspect, point_at
from domain.coordinates import Point
from widgets.map.layers import LayerMark, LayerTrack, MapLayer, layer_shape
from widgets.status import Mark, Shape
from widgets.trace_words import mark_of_suspect
from widgets.wording import exact_count_text

KEY = "trace"
ARC_POINTS = 24


def trace_layer(trace: BackTrace) -> MapLayer:
    """Return the layer of one back-trace: its sector's edge, the place itself, and the suspects."""
    here = LayerMark(
        "here", trace.point.lng, trace.point.lat, "text_strong", "cross", (_word("报警点位"),), 8.0, True
    )
    edge = _edge(trace)
    places = tuple((point.lng, point.lat) for point in edge)
    sector = LayerTrack("sector", places, ("accent",) * (len(places) - 1), (_word("上风向范围"),))
    return MapLayer(
        KEY,
        _word("溯源"),
        (*map(_mark, reversed(trace.suspects)), here),
        (sector,),
        None,
        frozenset({"here", "sector"}),
        _legend(trace),
    )


def _legend(trace: BackTrace) -> tuple[Mark, ...]:
    """Return what stands there: the place of the alarm, and each kind of suspect, what stood out first."""
    counts = Counter(map(mark_of_suspect, trace.suspects))
    found = sorted(counts, key=_is_quiet)
    # The page draws a ring as a cross.
    here = Mark("text_strong", Shape.RING, _word("报警点位"))
    return here, *(replace(mark, word=f"{mark.word} {exact_count_text(counts[mark])}") for mark in found)


def _is_quiet(mark: Mark) -> bool:
    return mark.colour_name != "overdue"


def _edge(trace: BackTrace) -> list[Point]:
    """Return the way round the sector, from the place and back to it; round the circle in a calm."""
    around = [share / ARC_POINTS for share in range(ARC_POINTS + 1)]
    if trace.wind is None or not trace.has_direction:
        return [point_at(trace.point, 360.0 * share, trace.reach_m) for share in around]
    first = trace.wind.direction - trace.half_angle
    arc = [point_at(trace.point, first + 2 * trace.half_angle * share, trace.reach_m) for share in around]
    return [trace.point, *arc, trace.point]


def _mark(suspect: Suspect) -> LayerMark:
    candidate, mark = suspect.candidate, mark_of_suspect(suspect)
    distance = f"{suspect.distance_m / 1000:.1f} km"
    return LayerMark(
        f"{candidate.kind}/{candidate.key}",
        candidate.point.lng,
        candidate.point.lat,
        mark.colour_name,
        layer_shape(mark.shape),
        (candidate.name, mark.word, distance),
        7.0,
        True,
    )


def _word(source: str) -> str:
    return QCoreApplication.translate("trace", source)
