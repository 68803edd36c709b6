"""A back-trace as a layer of the map: the sector upwind of a place, and what lies in it (Q05)."""

from PySide6.QtCore import QCoreApplication

from domain.back_trace import BackTrace, Suspect, SuspectKind, point_at
from domain.coordinates import Point
from widgets.map.layers import LayerMark, LayerTrack, MapLayer

KEY = "trace"
ARC_POINTS = 24
_SHAPES = {
    SuspectKind.STATION: "square",
    SuspectKind.FINDING: "diamond",
    SuspectKind.TICKET: "circle",
}


def trace_layer(trace: BackTrace) -> MapLayer:
    """Return the layer of one back-trace: its sector's edge, the place itself, and the suspects."""
    here = LayerMark(
        "here", trace.point.lng, trace.point.lat, "text_strong", "cross", (_word("报警点位"),), 8.0
    )
    edge = _edge(trace)
    places = tuple((point.lng, point.lat) for point in edge)
    sector = LayerTrack("sector", places, ("accent",) * (len(places) - 1), (_word("上风向范围"),))
    return MapLayer(
        KEY,
        _word("溯源"),
        (here, *map(_mark, trace.suspects)),
        (sector,),
        None,
        frozenset({"here", "sector"}),
    )


def _edge(trace: BackTrace) -> list[Point]:
    """Return the way round the sector, from the place and back to it; round the circle in a calm."""
    around = [share / ARC_POINTS for share in range(ARC_POINTS + 1)]
    if trace.wind is None or not trace.has_direction:
        return [point_at(trace.point, 360.0 * share, trace.reach_m) for share in around]
    first = trace.wind.direction - trace.half_angle
    arc = [point_at(trace.point, first + 2 * trace.half_angle * share, trace.reach_m) for share in around]
    return [trace.point, *arc, trace.point]


def _mark(suspect: Suspect) -> LayerMark:
    candidate = suspect.candidate
    distance = f"{suspect.distance_m / 1000:.1f} km"
    return LayerMark(
        f"{candidate.kind}/{candidate.key}",
        candidate.point.lng,
        candidate.point.lat,
        "overdue" if candidate.strong else "due_soon",
        _SHAPES[candidate.kind],
        (candidate.name, distance),
        7.0,
    )


def _word(source: str) -> str:
    return QCoreApplication.translate("trace", source)
