"""按月合计: filed, penalised and transferred, month by month, beside the list of matters (Q19)."""

from collections.abc import Sequence
from datetime import date, datetime, time

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QWidget

from domain.listing import TicketFilter
from domain.month_sums import MonthSums, total_of
from domain.nodes import Node
from widgets.pages.list_page import DetailPanel
from widgets.plain import PlainLabel
from widgets.scale import Scale
from widgets.table.cells import Cell, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.wording import CITY_ZONE, exact_count_text

_NODES = {"filed": Node.FILE, "penalised": Node.PENALISE, "amount": Node.PENALISE}
"""The node whose tickets a figure opens."""


class MonthSumsPanel(DetailPanel):
    """Signals: `tickets_requested(TicketFilter, str)`: exactly the tickets behind a figure."""

    tickets_requested = Signal(object, str)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self._body: str | None = None
        self.model = RecordModel(_columns(), _key)
        self.table = RecordTable(self.model, scale, self, opens_on_click=True)
        self.table.setAccessibleName(self.tr("按月合计"))
        self.said = PlainLabel(self)
        self.said.setWordWrap(True)
        self.said.setProperty("tone", "muted")
        self.said.setText(self.tr("按办结时间归月；移送按发出、回执按收到。点数字列出工单。"))
        self.body.insertWidget(0, self.table, 1)
        self.body.addWidget(self.said)
        self.set_title(self.tr("立案 · 处罚 · 移送"))
        self.table.record_activated.connect(self._open)

    def show_sums(self, sums: Sequence[MonthSums], body: str | None) -> None:
        """Show the months with their total on top; `body` is whose they are, None of all."""
        self._body = body
        self.model.show_records((total_of(sums), *sums))
        self.set_note(self.tr("近 {0} 个月").format(len(sums)))

    def _open(self, row: MonthSums, column: str) -> None:
        node = _NODES.get(column)
        if node is None:
            return
        months = [r.month for r in map(self.model.record, range(self.model.rowCount())) if r.month]
        begin, last = (row.month, row.month) if row.month else (min(months), max(months))
        wanted = TicketFilter(
            node=node, done_from=_first_moment(begin), done_to=_first_moment(_next(last)), body=self._body
        )
        self.tickets_requested.emit(wanted, self.tr("{0}：{1}").format(_month(row).text, _heads()[column]))


def _first_moment(month: date) -> datetime:
    return datetime.combine(month, time(), CITY_ZONE)


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _heads() -> dict[str, str]:
    return {
        "filed": _word("立案"),
        "penalised": _word("处罚"),
        "amount": _word("罚款（万元）"),
        "transferred": _word("移送"),
        "receipted": _word("回执"),
    }


def _columns() -> tuple[Column, ...]:
    cells = (_filed, _penalised, _amount, _transferred, _receipted)
    widths = (76, 76, 140, 76, 76)
    return (
        Column("month", _word("月份"), 104, _month, stretch=True),
        *(
            Column(key, title, width, cell, right=True)
            for (key, title), width, cell in zip(_heads().items(), widths, cells, strict=True)
        ),
    )


def _month(row: MonthSums) -> Cell:
    return Cell(f"{row.month:%Y-%m}" if row.month else _word("合计"), bold=row.month is None)


def _filed(row: MonthSums) -> Cell:
    return _count(row, row.filed)


def _penalised(row: MonthSums) -> Cell:
    return _count(row, row.penalised)


def _amount(row: MonthSums) -> Cell:
    return Cell(f"{row.amount / 10_000:,.2f}", bold=row.month is None, tooltip=f"{row.amount:,} 元")


def _transferred(row: MonthSums) -> Cell:
    return _count(row, row.transferred)


def _receipted(row: MonthSums) -> Cell:
    return _count(row, row.receipted)


def _count(row: MonthSums, count: int) -> Cell:
    return Cell(exact_count_text(count), colour="text" if count else "text_faint", bold=row.month is None)


def _key(row: MonthSums) -> str:
    return str(row.month)


def _word(source: str) -> str:
    return QCoreApplication.translate("case", source)
