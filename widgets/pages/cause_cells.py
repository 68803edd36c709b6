"""The cells of a line that stands for all warnings of one cause."""

from PySide6.QtCore import QCoreApplication

from domain.events import WarningKind
from domain.warning_causes import CauseRow
from widgets.status import Mark, Shape, mark_of
from widgets.table.cells import Cell, CellLook
from widgets.wording import exact_count_text, kind_name, local_moment_text, minute_text, node_name


def cause_cell(row: CauseRow, column: str) -> Cell:
    """Return a cell of the line, empty where its warnings differ."""
    cause = row.cause
    mark = mark_of(cause.level)
    match column:
        case "level":
            return Cell(mark.word, CellLook.MARK, mark.colour_name, mark)
        case "kind":
            return Cell(kind_name(cause.kind), colour=mark.colour_name)
        case "node":
            return Cell(node_name(cause.node), bold=True)
        case "title":
            count = _word("{0} 件").format(exact_count_text(row.count))
            sign = "▾" if row.opened else "▸"
            how = _word("收起") if row.opened else _word("展开")
            said = f"{sign} {count}"
            if row.escalated:
                climbed = _word("已升级 {0} 件").format(exact_count_text(row.escalated))
                said = f"{said} · {climbed}"
            tooltip = _word("{0}：双击或回车{1}").format(row.rule or kind_name(cause.kind), how)
            return Cell(said, colour="text_strong", tooltip=tooltip, bold=True)
        case "body":
            if not row.body_name:
                return Cell(_word("待定"), colour="text_faint", tooltip=_word("尚无责任主体"))
            return Cell(row.body_name, tooltip=row.body_name)
        case "rule":
            # The cause itself, in the widest column; the head says how many of them there are.
            return Cell(row.rule, colour="text_strong", tooltip=row.rule, bold=True)
        case "countdown":
            return _longest(row, mark.colour_name)
        case "since":
            tooltip = _word("最早发出 {0}").format(local_moment_text(row.since))
            return Cell(minute_text(row.since), colour="text_muted", tooltip=tooltip)
        case "acknowledged":
            if row.unacknowledged:
                open_mark = Mark("text_muted", Shape.RING, _word("未确认"))
                text = _word("未确认 {0}").format(exact_count_text(row.unacknowledged))
                return Cell(text, CellLook.MARK, "text_muted", open_mark)
            noted = Mark("done", Shape.CIRCLE, _word("已确认"))
            return Cell(noted.word, CellLook.MARK, "done", noted)
        case _:
            return Cell("")


def _longest(row: CauseRow, colour: str) -> Cell:
    if row.cause.kind is WarningKind.WRONG:
        since = local_moment_text(row.since)
        tooltip = _word("最早发出 {0}").format(since)
        return Cell(since, CellLook.COUNTDOWN, colour, since=row.since, tooltip=tooltip, bold=True)
    due = local_moment_text(row.due_at)
    tooltip = _word("最早到期 {0}").format(due)
    return Cell(due, CellLook.COUNTDOWN, colour, due=row.due_at, tooltip=tooltip, bold=True)


def _word(text: str) -> str:
    return QCoreApplication.translate("warning causes", text)
