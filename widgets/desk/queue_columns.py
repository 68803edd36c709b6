"""The columns of a desk's queue, from what is to be done on the left to how often it was chased."""

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain.desk_queue import CHASES, QueueRow, Task
from domain.nodes import NodeStatus
from domain.urgency import Urgency
from widgets.status import mark_of
from widgets.table.cells import Cell, CellLook, Column
from widgets.wording import local_moment_text, node_name, urgency_name

TASK_WORDS: Mapping[Task, str] = {
    Task.ACCEPT: QT_TRANSLATE_NOOP("desk", "待签收"),
    Task.DISPATCH: QT_TRANSLATE_NOOP("desk", "待分派"),
    Task.REVISIT: QT_TRANSLATE_NOOP("desk", "待回访"),
    Task.POST_CHECK: QT_TRANSLATE_NOOP("desk", "待后督查"),
    Task.CLOSE: QT_TRANSLATE_NOOP("desk", "待销号"),
    Task.UNSIGNED: QT_TRANSLATE_NOOP("desk", "催·未签收"),
    Task.GRANT: QT_TRANSLATE_NOOP("desk", "申请待批"),
    Task.FOLLOW: QT_TRANSLATE_NOOP("desk", "差评待跟进"),
    Task.NEAR: QT_TRANSLATE_NOOP("desk", "催·临期"),
    Task.OVERDUE: QT_TRANSLATE_NOOP("desk", "催·逾期"),
    Task.PAUSED: QT_TRANSLATE_NOOP("desk", "暂停中"),
    Task.SIGN: QT_TRANSLATE_NOOP("desk", "待签收"),
    Task.ARRIVE: QT_TRANSLATE_NOOP("desk", "待到场"),
    Task.RECTIFY: QT_TRANSLATE_NOOP("desk", "待整改"),
    Task.FILE: QT_TRANSLATE_NOOP("desk", "待立案"),
    Task.PENALISE: QT_TRANSLATE_NOOP("desk", "待处罚"),
    Task.FEED_BACK: QT_TRANSLATE_NOOP("desk", "待反馈"),
}

_URGENCY_COLOURS = {
    Urgency.CRITICAL: "overdue",
    Urgency.FIRST: "due_soon",
    Urgency.ORDINARY: "chip_border",
}


def task_word(task: Task) -> str:
    """Return what has to be done, in a word."""
    return _word(TASK_WORDS[task])


def row_word(row: QueueRow) -> str:
    """Return what has to be done with a row, in a word: a chase names the node, its mark how late it is."""
    if row.task in CHASES[1:] and row.node is not None:
        return _word("催·{0}").format(node_name(row.node))
    return task_word(row.task)


def dotted(*parts: str) -> str:
    """Return what there is of these, with dots between."""
    return " · ".join(part for part in parts if part)


def queue_columns(*, of_body: bool = False) -> tuple[Column, ...]:
    """Return the columns; widths are pixels at 1080p. A body's own desk names no body, but the round."""
    return (
        Column("task", _word("要办"), 130, task_cell),
        Column("countdown", _word("倒计时"), 150, countdown_cell, right=True),
        Column("urgency", _word("紧急"), 74, _urgency),
        Column("number", _word("工单"), 186, _number, least=160),
        Column("title", _word("标题"), 220, _title, stretch=True, least=120),
        Column("flags", _word("标记"), 128, _flags, least=40),
        Column("category", _word("类别"), 140, _category, least=70),
        Column("area", _word("区划"), 172, _area, least=60),
        *(
            (Column("lead", _word("主办"), 104, _lead, least=70),)
            if of_body
            else (Column("body", _word("责任主体"), 108, _body, least=66),)
        ),
        Column("chased", _word("催办"), 66, _chased, right=True, least=52),
    )


def task_cell(row: QueueRow) -> Cell:
    """Return the cell of what has to be done: the mark of its clock's status, and the word."""
    text, mark = row_word(row), mark_of(row.status or NodeStatus.RUNNING)
    return Cell(text, CellLook.MARK, mark.colour_name, mark, tooltip=dotted(text, mark.word, row.said))


def countdown_cell(row: QueueRow) -> Cell:
    """Return the countdown to what is due, in seconds within a day."""
    mark = mark_of(row.status or NodeStatus.RUNNING)
    if row.due_at is None:
        return Cell(mark.word if row.paused else _word("无限时"), colour="text_faint")
    due = local_moment_text(row.due_at)
    return Cell(due, CellLook.COUNTDOWN, mark.colour_name, due=row.due_at, tooltip=due, bold=True)


def _urgency(row: QueueRow) -> Cell:
    return Cell(urgency_name(row.urgency), CellLook.CHIP, _URGENCY_COLOURS.get(row.urgency, "text_muted"))


def _number(row: QueueRow) -> Cell:
    return Cell(row.ticket, colour="text_muted", tooltip=row.ticket)


def _title(row: QueueRow) -> Cell:
    return Cell(row.title, colour="text_strong", tooltip=dotted(row.title, row.said))


def _flags(row: QueueRow) -> Cell:
    flags = [
        _word("正在发生") if row.ongoing else "",
        _word("第{0}轮").format(row.round) if row.round > 1 else "",
        _word("协办") if row.part else "",
        _word("接诉即办") if row.fast_lane else "",
    ]
    text = dotted(*flags)
    return Cell(text, colour="due_soon" if row.ongoing else "text_muted", tooltip=text)


def _category(row: QueueRow) -> Cell:
    if not row.category_name:
        return Cell(_word("未定类别"), colour="text_faint")
    return Cell(row.category_name, tooltip=dotted(row.category_name, row.channel_name))


def _area(row: QueueRow) -> Cell:
    text = dotted(row.area_name, row.township)
    return Cell(text, tooltip=text)


def _body(row: QueueRow) -> Cell:
    name = row.body_name or row.lead_name
    if not name:
        return Cell(_word("尚未分派"), colour="text_faint")
    return Cell(name, tooltip=name)


def _lead(row: QueueRow) -> Cell:
    return Cell(row.lead_name, tooltip=row.lead_name)


def _chased(row: QueueRow) -> Cell:
    if not row.chased:
        return Cell("")
    last = _last(row.chased_at)
    return Cell(_word("{0} 次").format(row.chased), colour="due_soon", tooltip=last)


def _last(moment: datetime | None) -> str:
    return "" if moment is None else _word("最近催办：{0}").format(local_moment_text(moment))


def _word(source: str) -> str:
    return QCoreApplication.translate("desk", source)
