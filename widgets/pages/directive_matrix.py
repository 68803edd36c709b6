"""签收反馈: a line for each directive, a column for each body, a light where they meet (T20, X05)."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from domain.directive_listing import DirectiveReceipts, ReceiptRow
from domain.overview import DirectiveState
from widgets.pages.directive_cells import countdown_cell, key_of, marked_number_cell, text_cell
from widgets.scale import Scale
from widgets.status import mark_of
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.lazy import LazyTable
from widgets.table.paged import PagedModel
from widgets.warning_words import climbed_to
from widgets.wording import local_moment_text, short_moment_text

BODY = "body:"
"""Begins the key of a body's column; the body's own key follows."""

_SHORT = {
    DirectiveState.UNSIGNED: QT_TRANSLATE_NOOP("directive", "未签"),
    DirectiveState.UNSIGNED_LATE: QT_TRANSLATE_NOOP("directive", "超时"),
    DirectiveState.RUNNING: QT_TRANSLATE_NOOP("directive", "已签"),
    DirectiveState.RETURNED: QT_TRANSLATE_NOOP("directive", "退回"),
    DirectiveState.DUE_SOON: QT_TRANSLATE_NOOP("directive", "临期"),
    DirectiveState.OVERDUE: QT_TRANSLATE_NOOP("directive", "超期"),
    DirectiveState.FED_BACK: QT_TRANSLATE_NOOP("directive", "待评"),
    DirectiveState.JUDGED: QT_TRANSLATE_NOOP("directive", "属实"),
    DirectiveState.WITHDRAWN: QT_TRANSLATE_NOOP("directive", "撤回"),
}
"""Two characters for each state: a column of them is narrow."""


class MatrixModel(PagedModel):
    """Lines of `DirectiveReceipts`; the bodies' columns come when the bodies are known."""

    def __init__(self) -> None:
        super().__init__(_fixed(), key_of)

    def show_bodies(self, bodies: Sequence[tuple[str, str]]) -> bool:
        """Have a column for each of these bodies, keys and short names; return whether that is new."""
        columns = (*_fixed(), *(_column(key, name) for key, name in bodies))
        if [column.key for column in columns] == [column.key for column in self.columns]:
            return False
        self.beginResetModel()
        self.columns = columns
        self._total = 0
        self._forget()
        self.endResetModel()
        return True


class MatrixTable(LazyTable):
    """A `LazyTable` whose columns follow the city's bodies."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        self.matrix = MatrixModel()
        super().__init__(self.matrix, scale, parent)
        self.clicked.connect(self._activate)
        self.head.setTextElideMode(Qt.TextElideMode.ElideRight)

    def show_bodies(self, bodies: Sequence[tuple[str, str]]) -> bool:
        """Have a column for each of these bodies; return whether the lines are to be read anew."""
        other = self.matrix.show_bodies(bodies)
        if other:
            self._spread_columns()
        return other


def body_of_column(column: str) -> str | None:
    """Return the body of a column; None for one that is no body's."""
    return column.removeprefix(BODY) if column.startswith(BODY) else None


def receipt_tip(receipt: ReceiptRow) -> str:
    """Return who of a body signed when, when it fed back, and how often it was reminded."""
    lines = [f"{receipt.body_name} · {mark_of(receipt.state).word}"]
    if receipt.signed_at is None:
        lines.append(_word(_NOT_SIGNED))
    else:
        lines.append(_word(_SIGNED).format(receipt.signed_by, local_moment_text(receipt.signed_at)))
    if receipt.fed_back_at is not None:
        said = _word(_FED_BACK).format(receipt.rounds, local_moment_text(receipt.fed_back_at))
        lines += [said, receipt.feedback]
    if receipt.reminded:
        last = _moment(receipt.reminded_at)
        lines.append(_word(_REMINDED).format(receipt.reminded, last))
    if receipt.climbed_to is not None:
        lines.append(f"{climbed_to(receipt.climbed_to)} {_moment(receipt.climbed_at)}")
    return "\n".join(lines)


_NOT_SIGNED = QT_TRANSLATE_NOOP("directive", "尚未签收")
_SIGNED = QT_TRANSLATE_NOOP("directive", "{0} 于 {1} 签收")
_FED_BACK = QT_TRANSLATE_NOOP("directive", "第 {0} 轮反馈于 {1}")
_REMINDED = QT_TRANSLATE_NOOP("directive", "催办 {0} 次，最近 {1}")


def _fixed() -> tuple[Column, ...]:
    word = QCoreApplication.translate
    return (
        Column("number", word("directive", "指令"), 132, marked_number_cell),
        Column("text", word("directive", "内容"), 150, text_cell, stretch=True, least=8),
        Column("countdown", word("directive", "反馈限"), 146, countdown_cell, right=True, least=130),
    )


def _column(body: str, name: str) -> Column:
    def cell(line: DirectiveReceipts) -> Cell:
        receipt = line.of(body)
        if receipt is None:
            return Cell("", colour="text_faint")
        mark = mark_of(receipt.state)
        short = _SHORT.get(receipt.state)
        word = mark.word if short is None else _word(short)
        if receipt.climbed_to is not None:
            word = f"{word}↑"
        return Cell(word, CellLook.MARK, mark.colour_name, mark, tooltip=receipt_tip(receipt))

    return Column(f"{BODY}{body}", name, 112, cell, least=78)


def _moment(at: datetime | None) -> str:
    return "—" if at is None else short_moment_text(at)


def _word(source: str) -> str:
    return QCoreApplication.translate("directive", source)
