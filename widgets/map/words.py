"""What a choice on the map is called on screen."""

from PySide6.QtCore import QCoreApplication

from domain.listing import UNSET
from widgets.map.choice import Facets, MapFilter
from widgets.map.points import STATES, URGENCIES
from widgets.status import mark_of
from widgets.wording import urgency_name


def category_word(key: str, facets: Facets) -> str:
    """Return the name of a kind or class of the categories; the key where the columns do not know it."""
    if key == UNSET:
        return QCoreApplication.translate("map", "未分类")
    for kind in facets.category_choices:
        if key == kind.key:
            return kind.name
        if key == kind.group_key:
            return kind.group_name
    return key


def body_word(key: str, facets: Facets) -> str:
    """Return a body's name; the key where the columns do not know it."""
    return next((body.name for body in facets.body_choices if body.key == key), key)


def filter_words(chosen: MapFilter, facets: Facets) -> str:
    """Return the parts of a filter but for its counties: "特急/一级 · 超期 · 扬尘"; empty for none."""
    parts = [
        "/".join(urgency_name(urgency) for urgency in URGENCIES if urgency in chosen.urgencies),
        "/".join(mark_of(state).word for state in STATES if state in chosen.states),
        category_word(chosen.category, facets) if chosen.category is not None else "",
        body_word(chosen.body, facets) if chosen.body is not None else "",
    ]
    return " · ".join(part for part in parts if part)
