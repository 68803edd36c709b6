"""移交关系: a line for each body that gave tickets away, a column for each that got them (T22).

A cell has how often, and beside it how many tickets both worked on together.
"""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from domain.patterns import Flow
from widgets.scale import Scale
from widgets.table.cells import Cell, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.wording import exact_count_text

BODY = "body:"
"""Begins the key of a body's column; the body's own key follows."""

STRIKING = 0.5
"""What reaches this share of the largest number stands out."""

Line = tuple[str, str, tuple[Flow | None, ...]]
"""A body's key and name, and what it shares with each body of the columns."""


class HandOverTable(RecordTable):
    """A click on a number is `record_activated(Line, column key)`."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        self.matrix = RecordModel((_name_column(),), _key)
        super().__init__(self.matrix, scale, parent, opens_on_click=True, stretch=1.5)
        self._most = 0
        self.set_empty_text(QCoreApplication.translate("patterns", "这段时间没有移交和协办"))

    def show_flows(self, flows: Sequence[Flow], names: Mapping[str, str]) -> None:
        """Show the pairs; bodies that neither gave nor got anything have no line and no column."""
        pairs = {(flow.giver, flow.taker): flow for flow in flows}
        givers = [key for key in names if any(flow.giver == key for flow in flows)]
        takers = [key for key in names if any(flow.taker == key for flow in flows)]
        most = max((flow.times for flow in flows), default=1) or 1
        columns = (
            _name_column(),
            *(_column(place, key, names[key], names, most) for place, key in enumerate(takers)),
        )
        if [c.key for c in columns] != [c.key for c in self.matrix.columns] or self._most != most:
            self._most = most
            self.matrix.beginResetModel()
            self.matrix.columns = columns
            self.matrix.endResetModel()
            self.show_records(())
        self.show_records(
            tuple((key, names[key], tuple(pairs.get((key, taker)) for taker in takers)) for key in givers)
        )


def _name_column() -> Column:
    return Column(
        "name",
        QCoreApplication.translate("patterns", "移出 ＼ 移入（移交 / 协办）"),
        150,
        _name,
        stretch=True,
        least=110,
    )


def _column(place: int, key: str, name: str, names: Mapping[str, str], most: int) -> Column:
    return Column(BODY + key, name, 128, _cell(place, key, names, most), right=True, least=84)


def _cell(place: int, taker: str, names: Mapping[str, str], most: int) -> Callable[[Line], Cell]:
    def cell(line: Line) -> Cell:
        giver, name, flows = line
        flow = flows[place]
        if flow is None:
            return Cell("—" if giver == taker else "", colour="text_faint")
        text = exact_count_text(flow.times)
        if flow.jointly:
            text = f"{text} / {exact_count_text(flow.jointly)}"
        told = _word("{0} → {1}：移交 {2} 次，{1}协办 {3} 件").format(
            name, names[taker], flow.times, flow.jointly
        )
        if not flow.times:
            return Cell(text, colour="text_muted", tooltip=told)
        striking = flow.times >= STRIKING * most
        return Cell(text, colour="due_soon" if striking else "text", tooltip=told, bold=striking)

    return cell


def _name(line: Line) -> Cell:
    return Cell(line[1], colour="text_strong", tooltip=line[1])


def _key(line: Line) -> str:
    return line[0]


def _word(source: str) -> str:
    return QCoreApplication.translate("patterns", source)
