"""确认多条预警: a named person takes note of all warnings of a cause, or of those chosen, by one order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from domain.acknowledging import TakenNote, name_of
from domain.drafts import AcknowledgeDraft, AcknowledgeTogetherDraft
from domain.events import WarningKind
from domain.listing import WarningRow
from domain.orders import LONGEST_TEXT
from domain.warning_causes import CauseRow
from widgets.fact_grid import small_label
from widgets.forms.order_form import OrderForm
from widgets.forms.text_edit import SentenceEdit
from widgets.scale import Scale
from widgets.status import Mark, Shape, mark_of
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.wording import (
    exact_count_text,
    kind_name,
    local_moment_text,
    node_name,
    short_moment_text,
    urgency_name,
)

MOST_ROWS = 12
WIDTH = 1400


@dataclass(frozen=True, slots=True)
class _Line:
    """A warning, and what came of it once the order was carried out: `left` as it was, or not."""

    row: WarningRow
    carried: bool = False
    left: bool = False
    by: str | None = None


class AcknowledgeCauseForm(OrderForm):
    """All these warnings in a table, with one note. What was left as it was is told before it closes.

    Signals: `submitted(AcknowledgeTogetherDraft)`.
    """

    def __init__(
        self,
        cause: CauseRow | None,
        rows: Sequence[WarningRow],
        total: int,
        scale: Scale,
        parent: QWidget | None = None,
    ) -> None:
        """`rows` are to be acknowledged: those of a `cause`, or chosen one by one; of `total` that run, fewer
        where one order cannot take them all."""
        super().__init__(scale, parent)
        self.rows = tuple(rows)
        self._taken: TakenNote | None = None
        self._title = self.tr("确认所选预警") if cause is None else self.tr("确认同类预警")
        self.set_titles(self._title, self.tr("确认全部 {0} 条").format(exact_count_text(len(self.rows))))
        self.summary = small_label(self)
        self.summary.setText(self._what_will_be(total))
        self.table = RecordTable(RecordModel(_columns(), _key, self), scale, self, row_height=30)
        self.table.setAccessibleName(self._title)
        self.table.show_records([_Line(row) for row in self.rows])
        if cause is not None:
            self.body.addWidget(_caption(cause, self))
        self.body.addWidget(self.summary)
        self.body.addWidget(self.table)
        self.note = SentenceEdit(self.tr("写明原因和已采取的措施，记入每件工单的日志"), 2, scale, self)
        self.add_row(self.tr("说明"), self.note)
        self._said = small_label(self, "muted")
        self._said.setText(
            self.tr("一次提交，全部写入或全部不写；期间他人已确认的保持原样。原因消除后预警才会解除。")
        )
        self.body.addWidget(self._said)
        self._grow()
        scale.factor_changed.connect(self._grow)
        self.note.setFocus()

    def problem(self) -> tuple[str, QWidget] | None:
        if not self.rows:
            return self.tr("没有未确认的预警"), self.cancel_button
        if not self.note.text:
            return self.tr("请写明说明：多条预警一并确认须有原因"), self.note
        if self.note.too_long:
            return self.tr("说明过长，最多 {0} 字").format(LONGEST_TEXT), self.note
        return None

    def draft(self) -> AcknowledgeTogetherDraft:
        warnings = tuple(_named(row, self.request_id) for row in self.rows)
        return AcknowledgeTogetherDraft(self.request_id, warnings, self.note.text)

    def submit(self) -> None:
        """Give the order; when it was carried out, close the form."""
        if self._taken is not None:
            self.accept()
        else:
            super().submit()

    def show_carried(self, found: Any) -> None:
        """Close the form when all were acknowledged; else say which were left as they were, and why."""
        if not isinstance(found, TakenNote) or not found.left:
            super().show_carried(found)
            return
        self._set_busy(False)
        self._taken = found
        lines = [self._line(row, found) for row in self.rows]
        # What was left comes first: it is what there is to know.
        self.table.show_records(sorted(lines, key=_place))
        self.summary.setText(_came_of_it(found))
        self.note.setReadOnly(True)
        self._said.hide()
        self.cancel_button.hide()
        self.set_titles(self._title, self.tr("完成"))
        self.submit_button.setFocus()

    def _line(self, row: WarningRow, found: TakenNote) -> _Line:
        name = name_of(_named(row, self.request_id), row.ticket)
        return _Line(row, True, name in found.left, found.left.get(name))

    def _what_will_be(self, total: int) -> str:
        shown = len(self.rows)
        tickets = len({row.ticket for row in self.rows})
        text = self.tr("将确认 {0} 条未确认的预警，涉及 {1} 件工单").format(
            exact_count_text(shown), exact_count_text(tickets)
        )
        if total > shown:
            text += self.tr("；共 {0} 条，一次最多 {1} 条，先确认最早的，其余请再次确认").format(
                exact_count_text(total), exact_count_text(shown)
            )
        return f"{text}。"

    def _grow(self) -> None:
        rows = min(max(len(self.rows), 1), MOST_ROWS) + 1
        self.table.setMinimumHeight(self._scale.px(31) * rows + self._scale.px(10))
        self.setMinimumWidth(self._scale.px(WIDTH))


def _caption(cause: CauseRow, parent: QWidget) -> QWidget:
    mark = mark_of(cause.cause.level)
    label = small_label(parent, mark.colour_name)
    parts = (node_name(cause.cause.node), kind_name(cause.cause.kind), cause.body_name, cause.rule)
    label.setText(f"{mark.shape.value} {mark.word} · {' · '.join(part for part in parts if part)}")
    return label


def _named(row: WarningRow, request_id: str) -> AcknowledgeDraft:
    clock = (row.node, row.round, row.leg)
    return AcknowledgeDraft(
        request_id, row.ticket, row.kind, row.level, *clock, part=row.part, rule_id=row.rule_id
    )


def _came_of_it(taken: TakenNote) -> str:
    others = sum(by is not None for by in taken.left.values())
    parts = [_word("● 已确认 {0} 条").format(exact_count_text(taken.acknowledged))]
    if others:
        parts.append(_word("◆ {0} 条期间已由他人确认，保持原样").format(exact_count_text(others)))
    if gone := len(taken.left) - others:
        parts.append(_word("◆ {0} 条已解除或尚未发出，未确认").format(exact_count_text(gone)))
    return "　".join(parts)


def _columns() -> tuple[Column, ...]:
    return (
        Column("ticket", _word("工单"), 200, _ticket, least=150),
        Column("title", _word("标题"), 250, _titled, stretch=True, least=140),
        Column("node", _word("环节"), 120, _node),
        Column("urgency", _word("紧急"), 78, _urgency),
        Column("area", _word("区划"), 120, _area),
        Column("since", _word("发出"), 150, _since, right=True),
        Column("due", _word("到期"), 150, _due, right=True),
        Column("outcome", _word("结果"), 260, _outcome, least=140),
    )


def _key(line: _Line) -> str:
    return line.row.key


def _place(line: _Line) -> bool:
    return not line.left


def _ticket(line: _Line) -> Cell:
    return Cell(line.row.ticket, colour="text_muted", tooltip=line.row.ticket)


def _titled(line: _Line) -> Cell:
    return Cell(line.row.title, colour="text_strong", tooltip="\n".join((line.row.title, *line.row.facts)))


def _node(line: _Line) -> Cell:
    mark = mark_of(line.row.level)
    return Cell(node_name(line.row.node), CellLook.MARK, mark.colour_name, mark, kind_name(line.row.kind))


def _urgency(line: _Line) -> Cell:
    return Cell(urgency_name(line.row.urgency))


def _area(line: _Line) -> Cell:
    return Cell(line.row.area_name, tooltip=line.row.area_name)


def _since(line: _Line) -> Cell:
    at = line.row.since
    return Cell(short_moment_text(at)[:-3], colour="text_muted", tooltip=local_moment_text(at))


def _due(line: _Line) -> Cell:
    if line.row.kind is WarningKind.WRONG:
        return Cell("—", colour="text_faint")
    at = line.row.due_at
    return Cell(short_moment_text(at)[:-3], tooltip=local_moment_text(at))


def _outcome(line: _Line) -> Cell:
    if not line.carried:
        return Cell(_word("待确认"), colour="text_faint")
    if not line.left:
        return _told("done", Shape.CIRCLE, _word("已确认"))
    if line.by is not None:
        return _told("due_soon", Shape.DIAMOND, _word("保持原样：{0} 已确认").format(line.by))
    return _told("due_soon", Shape.DIAMOND, _word("已解除或尚未发出"))


def _told(colour: str, shape: Shape, text: str) -> Cell:
    return Cell(text, CellLook.MARK, colour, Mark(colour, shape, text), tooltip=text)


def _word(source: str) -> str:
    return QCoreApplication.translate("acknowledge cause", source)
