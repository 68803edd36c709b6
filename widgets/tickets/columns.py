"""The columns of a ticket list, from the state on the left to the time of reception on the right."""

from PySide6.QtCore import QCoreApplication

from domain.listing import SortBy, TicketRow
from domain.nodes import Node, TicketState
from domain.urgency import Urgency
from widgets.status import mark_of, merged_mark
from widgets.table.cells import Cell, CellLook, Column
from widgets.wording import local_moment_text, minute_text, node_name, urgency_name

_URGENCY_COLOURS = {
    Urgency.CRITICAL: "overdue",
    Urgency.FIRST: "due_soon",
    Urgency.ORDINARY: "chip_border",
}


def ticket_columns() -> tuple[Column, ...]:
    """Return the columns; widths are pixels at 1080p."""
    return (
        Column("state", _word("状态"), 104, _state, sortable=True),
        Column("urgency", _word("紧急"), 78, _urgency, sortable=True),
        Column("number", _word("工单"), 206, _number, sortable=True),
        Column("title", _word("标题"), 280, _title, stretch=True),
        Column("category", _word("类别"), 210, _category, sortable=True),
        Column("area", _word("区划"), 190, _area, sortable=True),
        Column("body", _word("责任主体"), 210, _body, sortable=True),
        Column("node", _word("环节"), 124, _node),
        Column("countdown", _word("到期"), 168, _countdown, right=True, sortable=True),
        Column("received", _word("受理"), 172, _received, right=True, sortable=True),
    )


SORTED_BY = {
    "state": SortBy.WORST,
    "urgency": SortBy.URGENCY,
    "number": SortBy.NUMBER,
    "category": SortBy.CATEGORY,
    "area": SortBy.AREA,
    "body": SortBy.BODY,
    "countdown": SortBy.DUE,
    "received": SortBy.RECEIVED,
}
"""What a click on a column's head sorts by."""


def urgency_colour(urgency: Urgency) -> str:
    """Return the colour token of an urgency's chip."""
    return _URGENCY_COLOURS.get(urgency, "text_muted")


def number_of(row: TicketRow) -> str:
    """Return what names a ticket."""
    return row.number


def _state(row: TicketRow) -> Cell:
    mark = mark_of(row.state) if row.merged_into is None else merged_mark()
    return Cell(mark.word, CellLook.MARK, mark.colour_name, mark)


def _urgency(row: TicketRow) -> Cell:
    return Cell(urgency_name(row.urgency), CellLook.CHIP, urgency_colour(row.urgency))


def _number(row: TicketRow) -> Cell:
    return Cell(row.number, colour="text_muted", tooltip=row.number)


def _title(row: TicketRow) -> Cell:
    if row.merged_into is not None:
        into = _word("已并入 {0}").format(row.merged_into)
        return Cell(f"{into} · {row.title}", colour="text_muted", tooltip=f"{row.title}\n{into}")
    if row.merged:
        holds = _word("含 {0} 件重复").format(row.merged)
        return Cell(f"【{holds}】{row.title}", colour="text_strong", tooltip=f"{row.title}\n{holds}")
    return Cell(row.title, colour="text_strong", tooltip=row.title)


def _category(row: TicketRow) -> Cell:
    return Cell(row.category_name, tooltip=f"{row.category_name} · {row.channel_name}")


def _area(row: TicketRow) -> Cell:
    text = " · ".join(part for part in (row.area_name, row.township) if part)
    return Cell(text, tooltip=text)


def _body(row: TicketRow) -> Cell:
    if not row.body_name and row.merged_into is not None:
        return Cell(_word("由主单办理"), colour="text_faint", tooltip=row.merged_into)
    if not row.body_name:
        return Cell(_word("尚未分派"), colour="text_faint")
    if row.pressing is not None and row.pressing.assisting:
        assisting = _word("{0}（协办）").format(row.pressing.assisting)
        return Cell(assisting, tooltip=f"{assisting}\n{_word('主办 {0}').format(row.body_name)}")
    return Cell(row.body_name, tooltip=row.body_name)


def _node(row: TicketRow) -> Cell:
    node, round_ = row.told_node, row.told_round
    if row.node is None or node is None:
        return Cell("—", colour="text_faint")
    said = _node_words(node, round_)
    if row.pressing is not None and (node, round_, row.told_due_at) != (row.node, row.round, row.due_at):
        now = _word("工单现到：{0}").format(_node_words(row.node, row.round))
        due = _word("到期 {0}").format(local_moment_text(row.due_at)) if row.due_at else _word("无限时")
        said = f"{said}\n{now} · {due}"
    name = node_name(node)
    return Cell(f"{name}·{round_}" if round_ > 1 else name, tooltip=said)


def _node_words(node: Node, round_: int) -> str:
    return f"{node_name(node)} · {_word('第 {0} 轮').format(round_)}"


def _countdown(row: TicketRow) -> Cell:
    mark = mark_of(row.state)
    if row.merged_into is not None:
        return Cell("—", colour="text_faint")
    due_at = row.told_due_at
    if row.state is TicketState.CLOSED or due_at is None:
        return Cell(mark.word if row.node is None else _word("无限时"), colour="text_faint")
    due = local_moment_text(due_at)
    return Cell(due, CellLook.COUNTDOWN, mark.colour_name, due=due_at, tooltip=due, bold=True)


def _received(row: TicketRow) -> Cell:
    return Cell(minute_text(row.received_at), colour="text_muted", tooltip=local_moment_text(row.received_at))


def _word(source: str) -> str:
    return QCoreApplication.translate("tickets", source)
