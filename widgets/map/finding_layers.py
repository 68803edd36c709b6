"""Findings as layers of the map: each source by a colour and a shape of its own, a problem in red (T24)."""

from collections import Counter

from domain.findings import Finding, FindingSource
from widgets.finding_words import finding_lines, followed_word, other_word, source_name, suspect_word
from widgets.map.layers import LayerMark, LayerTrack, MapLayer
from widgets.status import Mark, Shape
from widgets.wording import exact_count_text

_LOOKS = {
    FindingSource.RADAR: ("paused", "triangle"),
    FindingSource.VAN: ("on_time", "square"),
    FindingSource.DRONE: ("heat_high", "diamond"),
    FindingSource.SATELLITE: ("heat_middle", "circle"),
}
"""Colour and shape of a source; a suspected problem without a clue is red, one with a clue green."""
_SUSPECT, _FOLLOWED = "overdue", "done"
_LOW, _MIDDLE, _HIGH = "paused", "heat_middle", "heat_high"


def layers_of(findings: tuple[Finding, ...]) -> tuple[MapLayer, ...]:
    """Return the layers of the map, one a source in the order of `FindingSource`."""
    return tuple(
        _layer(source, [one for one in findings if one.new.source is source]) for source in FindingSource
    )


def _layer(source: FindingSource, findings: list[Finding]) -> MapLayer:
    tracks = tuple(_track(one) for one in findings if one.new.track)
    # A track that is no problem needs no mark at its highest value.
    marked = [one for one in findings if one.new.is_suspect or one.ticket or not one.new.track]
    colour, shape = _LOOKS[source]
    look = Mark(colour, Shape[shape.upper()], source_name(source))
    marks = tuple(_mark(one) for one in marked)
    counts = Counter(mark.colour for mark in marks)
    legend = tuple(
        Mark(name, look.shape, f"{word} {exact_count_text(counts[name])}")
        for name, word in ((_SUSPECT, suspect_word()), (_FOLLOWED, followed_word()), (colour, other_word()))
        if counts[name]
    )
    return MapLayer(source.value, source_name(source), marks, tracks, look, legend=legend)


def _mark(finding: Finding) -> LayerMark:
    new = finding.new
    colour, shape = _LOOKS[new.source]
    if finding.ticket is not None:
        colour = _FOLLOWED
    elif new.is_suspect:
        colour = _SUSPECT
    return LayerMark(str(finding.number), new.lng, new.lat, colour, shape, finding_lines(finding), 6.0)


def _track(finding: Finding) -> LayerTrack:
    track = finding.new.track
    values = [value for *_, value in track if value is not None]
    low, high = (min(values), max(values)) if values else (0.0, 0.0)
    colours = tuple(_shade(value, low, high, finding.new.source) for *_, value in track[1:])
    places = tuple((lng, lat) for lng, lat, _ in track)
    return LayerTrack(str(finding.number), places, colours, finding_lines(finding))


def _shade(value: float | None, low: float, high: float, source: FindingSource) -> str:
    if value is None or high <= low:
        return _LOOKS[source][0]
    share = (value - low) / (high - low)
    return _LOW if share < 1 / 3 else _MIDDLE if share < 2 / 3 else _HIGH
