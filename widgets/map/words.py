"""What the map says: the words on its page, and what a choice is called."""

from PySide6.QtCore import QCoreApplication

from domain.listing import UNSET
from domain.nodes import TicketState
from widgets.map.choice import Facets, MapFilter
from widgets.map.page import Legend, PageText
from widgets.map.points import STATES, URGENCIES
from widgets.status import mark_of
from widgets.wording import urgency_name

translate = QCoreApplication.translate

# The legend's order on screen; the donuts' order is points.STATES.
LEGEND = (
    TicketState.DONE,
    TicketState.ON_TIME,
    TicketState.DUE_SOON,
    TicketState.OVERDUE,
    TicketState.PAUSED,
)


def page_text(approval: str) -> PageText:
    """Return all that the page says; `approval` is the boundaries' approval number, empty for none."""
    marks = [mark_of(state) for state in STATES]
    return PageText(
        states=tuple(Legend(mark.colour_name, mark.shape.name.lower(), mark.word) for mark in marks),
        legend=tuple(STATES.index(state) for state in LEGEND),
        words={
            "home": translate("map", "‹ 全市"),
            "tickets": translate("map", "{0} 件"),
            "list": translate("map", "清单"),
            "clear": translate("map", "清除"),
            "filtered": translate("map", "已筛选"),
            "heat": translate("map", "热力"),
            "heat_off": translate("map", "关"),
            "heat_open": translate("map", "在办"),
            "heat_overdue": translate("map", "超期"),
            "ring": translate("map", "特急、一级工单临期或超期"),
            "sparse": translate("map", "疏"),
            "dense": translate("map", "密"),
            "unplaced": translate("map", "{0} 件无坐标"),
            "outside": translate("map", "{0} 件在界外"),
        },
        approval=approval,
    )


def category_word(key: str, facets: Facets) -> str:
    """Return the name of a kind or class of the categories; the key where the columns do not know it."""
    if key == UNSET:
        return translate("map", "未分类")
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
