"""上升预警: kinds of complaint that rise faster than usual in a place (B18)."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from domain.listing import TicketFilter
from domain.rising import Rise, RisingRule
from widgets.pages.list_page import ListPage
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import Mark, Shape
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.wording import exact_count_text


class RisingPage(ListPage):
    """A line opens its tickets. Signals: `tickets_requested(TicketFilter, str)`, `back_requested()`."""

    tickets_requested = Signal(object, str)
    back_requested = Signal()

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        table = RecordTable(RecordModel(rise_columns(), key_of), scale, stretch=1.25)
        super().__init__(QCoreApplication.translate("rising", "上升预警"), table, scale, parent)
        self.back = QPushButton(self.tr("‹ 返回"), self)
        self.back.setProperty("look", "link")
        self.panel.bar.insertWidget(0, self.back)
        self.back.clicked.connect(self.back_requested)
        table.record_activated.connect(self._open)
        table.set_empty_text(self.tr("统计中…"))

    def show_rises(self, rises: Sequence[Rise], rule: RisingRule, as_of: datetime) -> None:
        """Show what rises as of a moment (aware), by which rule."""
        said = self.tr("近 {0} 日与此前 {1} 周常态相比，偶然性不足 {2:.1%}（示例）：{3} 处").format(
            rule.days, rule.windows, rule.chance, exact_count_text(len(rises))
        )
        self.panel.set_note(said, shorter=(self.tr("{0} 处").format(len(rises)),))
        self.panel.setToolTip(tip(self.tr("按类别和街道（乡镇）分别统计；并入其他工单的不计")))
        self.panel.set_fresh(as_of)
        nothing = self.tr(
            "近 {0} 日没有上升异常的问题\n一类问题在一个街道（乡镇）明显多于此前 {1} 周常态时列在这里"
        )
        self.table.set_empty_text(nothing.format(rule.days, rule.windows))
        self.table.show_records(rises)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

    def _open(self, rise: Rise, _column: str) -> None:
        title = self.tr("上升预警：{0} {1}").format(place_of(rise), rise.count.category_name)
        self.tickets_requested.emit(TicketFilter(numbers=rise.count.numbers), title)


def rise_columns() -> tuple[Column, ...]:
    """Return the columns; widths are pixels at 1080p."""
    return (
        Column("kind", _word("类别"), 320, _kind, stretch=True, least=160),
        Column("place", _word("街道（乡镇）"), 360, _place, stretch=True, least=180),
        Column("recent", _word("近期来件"), 150, _recent, right=True),
        Column("usual", _word("同期常态"), 150, _usual, right=True),
        Column("times", _word("倍数"), 120, _times, right=True),
        Column("chance", _word("偶然性"), 150, _chance, right=True),
    )


def key_of(rise: Rise) -> str:
    """Return what names a line."""
    return f"{rise.count.category}/{rise.count.area}/{rise.count.township}"


def place_of(rise: Rise) -> str:
    """Return where it is: county and township."""
    parts = (rise.count.area_name, rise.count.township)
    return "".join(part for part in parts if part) or _word("未写区划")


def _kind(rise: Rise) -> Cell:
    mark = Mark("overdue", Shape.TRIANGLE, _word("上升"))
    name = rise.count.category_name or rise.count.category
    return Cell(name, CellLook.MARK, "text_strong", mark, tooltip=f"{rise.count.category} {name}")


def _place(rise: Rise) -> Cell:
    return Cell(place_of(rise))


def _recent(rise: Rise) -> Cell:
    return Cell(_word("{0} 件").format(exact_count_text(rise.recent)), colour="text_strong", bold=True)


def _usual(rise: Rise) -> Cell:
    return Cell(_word("{0:.1f} 件").format(rise.usual), colour="text_muted")


def _times(rise: Rise) -> Cell:
    if rise.times is None:
        return Cell(_word("此前没有"), colour="text_faint")
    return Cell(_word("{0:.1f} 倍").format(rise.times))


def _chance(rise: Rise) -> Cell:
    text = f"{rise.chance:.2%}" if rise.chance >= 0.0001 else "<0.01%"
    return Cell(text, colour="text_muted", tooltip=_word("如果没有变化，来件达到这么多的概率"))


def _word(source: str) -> str:
    return QCoreApplication.translate("rising", source)
