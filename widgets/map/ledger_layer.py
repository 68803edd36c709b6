"""挂图督办: the ledger's items on the map, in its colours, with their numbers in the tips (Q18)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import cos, pi, radians, sin, sqrt

from PySide6.QtCore import QCoreApplication

from domain.ledger import Colour, LedgerPlace
from widgets.map.layers import LayerMark, MapLayer, layer_shape
from widgets.status import mark_of
from widgets.wording import exact_count_text, local_moment_text

LEDGER = "ledger"

_STEP = 0.006
"""Degrees between items that stand at one county's point: some hundred metres."""
_TURN = pi * (3 - sqrt(5))
"""The golden angle: each next item stands where there is most room."""


def ledger_layer(places: Sequence[LedgerPlace]) -> MapLayer:
    """Return the layer; items that only their county places stand around its point."""
    at_point: Counter[tuple[float, float]] = Counter()
    marks = []
    for place in places:
        lng, lat = place.lng, place.lat
        if not place.exact:
            nth = at_point[lng, lat]
            at_point[place.lng, place.lat] += 1
            lng += _STEP * sqrt(nth) * cos(nth * _TURN) / cos(radians(lat))
            lat += _STEP * sqrt(nth) * sin(nth * _TURN)
        mark = mark_of(place.row.colour)
        # What is worst is drawn last, over the others.
        marks.append(
            LayerMark(
                place.row.number,
                lng,
                lat,
                mark.colour_name,
                layer_shape(mark.shape),
                _lines(place),
                7.0,
                place.row.colour is Colour.RED,
            )
        )
    counts = Counter(place.row.colour for place in places)
    legend = [
        replace(mark_of(colour), word=f"{mark_of(colour).word} {exact_count_text(counts[colour])}")
        for colour in reversed(Colour)
        if counts[colour]
    ]
    return MapLayer(LEDGER, _word("台账"), tuple(reversed(marks)), legend=tuple(legend))


def _lines(place: LedgerPlace) -> tuple[str, ...]:
    row, mark = place.row, mark_of(place.row.colour)
    if row.closed_out_at is not None:
        until = _word("已销号 {0}").format(local_moment_text(row.closed_out_at))
    elif row.days_over:
        until = _word("逾期 {0} 天").format(row.days_over)
    else:
        until = _word("期限 {0}").format(local_moment_text(row.deadline)[:10])
    where = "" if place.exact else _word("（按区划标注）")
    return (
        f"{row.number} {row.problem}",
        f"{mark.shape.value} {mark.word} · {until}",
        _word("进度 {0}%，计划 {1}%").format(row.percent, row.planned),
        " · ".join(part for part in (row.body_name, row.lead_in_charge, row.area_name + where) if part),
    )


def _word(source: str) -> str:
    return QCoreApplication.translate("map", source)
