"""溯源: what lay upwind of the ticket's place when its alarm came, as a list of problems to look at (Q05)."""

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from domain.back_trace import BackTrace, Suspect, SuspectKind
from widgets.pages.list_page import fit_table
from widgets.panel import Panel
from widgets.plain import tip
from widgets.scale import Scale
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.trace_words import mark_of_suspect
from widgets.wording import exact_count_text, local_moment_text

SHOWN = 6
"""So many are listed beside a ticket: the likeliest."""


class TracePanel(Panel):
    """Hidden where the wind says nothing.

    Signals: `ticket_requested(str)`, `station_requested(str)`, `finding_requested(int)`: a line was opened;
    `map_requested(BackTrace)`: show the sector on the map.
    """

    ticket_requested = Signal(str)
    station_requested = Signal(str)
    finding_requested = Signal(int)
    map_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("上风向溯源"))
        self._trace: BackTrace | None = None
        self.map = QPushButton(self.tr("地图 ›"), self)
        self.map.setProperty("look", "link")
        self.bar.addWidget(self.map)
        self.table = RecordTable(RecordModel(suspect_columns(), key_of), scale, self, opens_on_click=True)
        self.table.setAccessibleName(self.tr("潜在问题清单"))
        self.table.set_empty_text(self.tr("此范围内没有登记的污染源"))
        self.body.addWidget(self.table)
        self.map.clicked.connect(self._ask_map)
        self.table.record_activated.connect(self._open)
        scale.factor_changed.connect(self._fit)
        self.hide()

    def show_trace(self, trace: BackTrace | None) -> None:
        """Show what lay upwind; None hides the panel."""
        self._trace = trace
        self.setVisible(trace is not None)
        if trace is None:
            return
        self.set_note(wind_text(trace), shorter=(wind_text(trace).split(" · ", maxsplit=1)[0],))
        self.setToolTip(tip(how_text(trace)))
        self.table.show_records(trace.suspects[:SHOWN])
        self._fit()

    def _fit(self) -> None:
        rows = min(SHOWN, len(self._trace.suspects)) if self._trace is not None else 0
        fit_table(self.table, max(rows, 2), self.scale, SHOWN)

    def _open(self, suspect: Suspect, _column: str) -> None:
        candidate = suspect.candidate
        match candidate.kind:
            case SuspectKind.TICKET:
                self.ticket_requested.emit(candidate.key)
            case SuspectKind.STATION:
                self.station_requested.emit(candidate.key)
            case SuspectKind.FINDING:
                self.finding_requested.emit(int(candidate.key))

    def _ask_map(self) -> None:
        if self._trace is not None:
            self.map_requested.emit(self._trace)


def wind_text(trace: BackTrace) -> str:
    """Return the wind and how far was looked: "东北风 3.2 m/s · 10.0 km 内 6 处"."""
    count = exact_count_text(len(trace.suspects))
    if trace.wind is None:
        wind = _word("无风向资料")
    elif not trace.has_direction:
        wind = _word("静风 {0:.1f} m/s").format(trace.wind.speed)
    else:
        wind = _word("{0}风 {1:.1f} m/s").format(compass(trace.wind.direction), trace.wind.speed)
    return _word("{0} · {1:.1f} km 内 {2} 处").format(wind, trace.reach_m / 1000, count)


def how_text(trace: BackTrace) -> str:
    """Return how the list was made, with what is assumed."""
    told = [_word("时刻 {0}").format(local_moment_text(trace.at))]
    if trace.wind is not None:
        distance = f"{trace.wind.distance_m / 1000:.1f}"
        told.append(_word("风：{0}（相距 {1} km），此前一小时平均").format(trace.wind.station, distance))
    if trace.has_direction:
        told.append(_word("上风向两侧各 {0:.0f}° 内（示例）；直线推算，非扩散模型").format(trace.half_angle))
    else:
        told.append(_word("没有可用风向，列出周边全部（示例）"))
    return "\n".join(told)


def compass(degrees: float) -> str:
    """Return a direction in one of eight words: "东北"."""
    words = ("北", "东北", "东", "东南", "南", "西南", "西", "西北")
    return _word(words[round(degrees / 45.0) % 8])


def suspect_columns() -> tuple[Column, ...]:
    """Return the columns; widths are pixels at 1080p."""
    return (
        Column("name", _word("潜在问题"), 200, _name, stretch=True, least=120),
        Column("where", _word("方位"), 150, _where, right=True),
        Column("minutes", _word("风程"), 86, _minutes, right=True),
    )


def key_of(suspect: Suspect) -> str:
    """Return what names a line."""
    return f"{suspect.candidate.kind}/{suspect.candidate.key}"


def _name(suspect: Suspect) -> Cell:
    candidate, mark = suspect.candidate, mark_of_suspect(suspect)
    told = [f"{candidate.name}", mark.word]
    if candidate.at is not None:
        told.append(local_moment_text(candidate.at))
    return Cell(candidate.name, CellLook.MARK, "text", mark, tooltip="\n".join(told))


def _where(suspect: Suspect) -> Cell:
    distance = suspect.distance_m
    metres = f"{distance / 1000:.1f} km" if distance >= 1000 else f"{distance:.0f} m"
    return Cell(f"{compass(suspect.bearing)} {metres}")


def _minutes(suspect: Suspect) -> Cell:
    if suspect.minutes is None:
        return Cell("—", colour="text_faint")
    return Cell(_word("{0} 分钟").format(max(1, round(suspect.minutes))), colour="text_muted")


def _word(source: str) -> str:
    return QCoreApplication.translate("trace", source)
