"""The list of stations, the worst first."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from domain.environment import StationRow
from domain.stations import StationState
from widgets.environment.value_cards import mark_of_value
from widgets.environment.words import factor_name, station_kind_name, value_text
from widgets.scale import Scale
from widgets.status import mark_of
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable


class StationTable(RecordTable):
    """Rows are `StationRow`s; signals as of a `RecordTable`."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        columns = (
            Column("state", self.tr("状态"), 118, _state, least=104),
            Column("name", self.tr("站点"), 220, _name, stretch=True, least=120),
            Column("kind", self.tr("类型"), 66, _kind),
            Column("area", self.tr("区县"), 92, _area, least=64),
            Column("value", self.tr("关键数值"), 262, _value, right=True, least=170),
        )
        super().__init__(RecordModel(columns, key_of_station), scale, parent)


def key_of_station(row: StationRow) -> str:
    """Return what names a station in lists."""
    return row.station.key


def _state(row: StationRow) -> Cell:
    mark = mark_of(row.state)
    return Cell(mark.word, CellLook.MARK, colour=mark.colour_name, mark=mark)


def _name(row: StationRow) -> Cell:
    name = row.station.name
    return Cell(name, colour="text_strong", tooltip=f"{name}\n{row.station.enterprise}".strip())


def _kind(row: StationRow) -> Cell:
    return Cell(station_kind_name(row.station.kind), colour="text_muted")


def _area(row: StationRow) -> Cell:
    return Cell(row.area, colour="text_muted", tooltip=row.area)


def _value(row: StationRow) -> Cell:
    telling = row.telling
    if telling is None:
        return Cell(QCoreApplication.translate("environment", "无数据"), colour="text_faint")
    said = f"{factor_name(telling.factor)} {value_text(telling)}"
    mark = mark_of_value(telling)
    colour = "text" if mark.colour_name == "done" else mark.colour_name
    if row.state is StationState.SILENT:
        # It was so when it was last heard of: nobody knows how it is now.
        colour = "text_faint"
    return Cell(said, colour=colour, tooltip=said)
