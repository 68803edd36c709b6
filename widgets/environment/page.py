"""环境: stations and what they measure (Y27), as a list with curves, as small multiples, and what came of it.

Each view is read only while it is shown.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from domain.aqi.standing import AirQuery, AirView
from domain.environment import Curve, DeviceCalls, DeviceItemRow, EpisodeRow, Spark, StationRow, UnknownDevice
from domain.people import Actor
from domain.stations import StationKind
from widgets.environment.curve_panel import CurvePanel
from widgets.environment.device_notes import DeviceNotes
from widgets.environment.event_tables import DeviceItemTable, EpisodeTable, UnknownTable
from widgets.environment.index_view import IndexView
from widgets.environment.spark_wall import SparkWall
from widgets.environment.state_counts import StateCounts
from widgets.environment.station_table import StationTable
from widgets.environment.words import station_kind_name
from widgets.pages.choice_row import ChoiceRow
from widgets.panel import Panel
from widgets.scale import Scale
from widgets.table.view import RecordTable


class EnvironmentView(StrEnum):
    """What the page can show, in the order of its tabs."""

    STATIONS = "stations"
    WALL = "wall"
    EPISODES = "episodes"
    DEVICES = "devices"
    UNKNOWN = "unknown"
    AIR = "air"


class EnvironmentPage(QWidget):
    """Signals: `view_changed()`: another view or kind of station is looked at; `curve_requested(CurveQuery)`;
    `ticket_requested(str)`: a clue that an exceedance became; `air_requested(AirQuery)`: another ranking;
    `step_requested(Asked)`: somebody takes note of device items.
    """

    view_changed = Signal()
    curve_requested = Signal(object)
    ticket_requested = Signal(str)
    air_requested = Signal(object)
    step_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._rows: tuple[StationRow, ...] = ()
        self._sparks: tuple[Spark, ...] = ()
        self._now: datetime | None = None
        self._wanted = self._missed = ""
        self.setProperty("look", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        words = {
            EnvironmentView.STATIONS: self.tr("站点"),
            EnvironmentView.WALL: self.tr("小图墙"),
            EnvironmentView.EPISODES: self.tr("超标过程"),
            EnvironmentView.DEVICES: self.tr("设备事项"),
            EnvironmentView.UNKNOWN: self.tr("拒收设备"),
            EnvironmentView.AIR: self.tr("空气指数"),
        }
        self.views = ChoiceRow(tuple(words.items()), scale, self)
        kinds = [(None, self.tr("全部")), *((kind, station_kind_name(kind)) for kind in StationKind)]
        self.kinds = ChoiceRow(tuple(kinds), scale, self)
        self.stations = StationTable(scale, self)
        self.curve = CurvePanel(scale, self)
        self.wall = SparkWall(scale, self)
        self.episodes = EpisodeTable(scale, self)
        self.devices = DeviceItemTable(scale, self)
        self.unknown = UnknownTable(scale, self)
        self.air = IndexView(scale, self)
        self.station_panel = self._panel(self.tr("监测站点"), self.stations)
        self._stack = QStackedWidget(self)
        self._pages: dict[EnvironmentView, QWidget] = {}
        self.panels = {
            EnvironmentView.STATIONS: self.station_panel,
            EnvironmentView.WALL: self._panel(self.tr("近 24 小时"), self.wall),
            EnvironmentView.EPISODES: self._panel(self.tr("超标过程"), self.episodes),
            EnvironmentView.DEVICES: self._panel(self.tr("设备事项"), self.devices),
            EnvironmentView.UNKNOWN: self._panel(self.tr("被拒收的设备"), self.unknown),
        }
        self.counts = (StateCounts(scale, self), StateCounts(scale, self))
        self.station_panel.bar.insertWidget(1, self.counts[0])
        self.panels[EnvironmentView.WALL].bar.insertWidget(1, self.counts[1])
        self.notes = DeviceNotes(self)
        self.panels[EnvironmentView.DEVICES].bar.addWidget(self.notes)
        self._beside = QHBoxLayout()
        self._beside.setContentsMargins(0, 0, 0, 0)
        self._beside.addWidget(self.station_panel, 46)
        self._beside.addWidget(self.curve, 54)
        both = QWidget(self)
        both.setLayout(self._beside)
        for view, panel in self.panels.items():
            self._pages[view] = both if view is EnvironmentView.STATIONS else panel
            self._stack.addWidget(self._pages[view])
        self._pages[EnvironmentView.AIR] = self.air
        self._stack.addWidget(self.air)
        self._tools = QHBoxLayout()
        self._tools.addWidget(self.views)
        self._tools.addStretch(1)
        self._tools.addWidget(self.kinds)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._tools)
        self._column.addWidget(self._stack, 1)
        self._say_nothing_yet()
        self.views.choice_changed.connect(self._choose_view)
        self.kinds.choice_changed.connect(self._choose_kind)
        self.stations.record_chosen.connect(self._choose_station)
        self.wall.station_chosen.connect(self.open_station)
        self.curve.curve_requested.connect(self.curve_requested)
        self.curve.ticket_requested.connect(self.ticket_requested)
        self.air.air_requested.connect(self.air_requested)
        self.episodes.record_activated.connect(self._open_episode)
        self.devices.record_activated.connect(self._open_item)
        self.devices.record_chosen.connect(self.notes.choose)
        self.notes.step_requested.connect(self.step_requested)
        scale.factor_changed.connect(self._respace)
        self._respace()
        self.setFocusProxy(self.stations)

    # --- what is asked ---------------------------------------------------------------------------------

    @property
    def view(self) -> EnvironmentView:
        """Which view is looked at."""
        return EnvironmentView(self.views.value)

    @property
    def tables(self) -> Mapping[EnvironmentView, RecordTable]:
        """The lists, by the view that each is in."""
        return {
            EnvironmentView.STATIONS: self.stations,
            EnvironmentView.EPISODES: self.episodes,
            EnvironmentView.DEVICES: self.devices,
            EnvironmentView.UNKNOWN: self.unknown,
        }

    @property
    def rows(self) -> tuple[StationRow, ...]:
        """All stations that are known, of whatever kind."""
        return self._rows

    def wants(self, row: StationRow) -> bool:
        """Whether a station is of the kind that is looked at."""
        return self.kinds.value is None or row.station.kind is self.kinds.value

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen."""
        self.notes.set_actor(actor)

    def open_calls(self, calls: DeviceCalls) -> None:
        """Look at what devices need, of all kinds of stations; where nothing is open, at who is refused."""
        self.kinds.choose(None)
        self.open_view(EnvironmentView.DEVICES if calls.items else EnvironmentView.UNKNOWN)

    def open_view(self, view: EnvironmentView) -> None:
        """Look at a view."""
        self.views.choose(view)
        self._choose_view(view)

    def open_station(self, key: str) -> None:
        """Show a station's curve, whatever kind was looked at; one that is not read yet as soon as it is."""
        row = next((row for row in self._rows if row.station.key == key), None)
        self._wanted = "" if row is not None else key
        if row is None:
            self.open_view(EnvironmentView.STATIONS)
            return
        if not self.wants(row):
            self.kinds.choose(None)
        self.open_view(EnvironmentView.STATIONS)
        self._show_list()
        self.stations.choose(key)

    def take_missed(self) -> str:
        """Return the key of a station that was to be opened and is not there, once; "" for none."""
        missed, self._missed = self._missed, ""
        return missed

    # --- what is shown ---------------------------------------------------------------------------------

    def show_stations(self, rows: Sequence[StationRow], now: datetime) -> None:
        """Show how the stations stand as of a moment."""
        self._rows, self._now = tuple(rows), now
        counts: list[int | None] = [len(self._rows)]
        counts += [sum(row.station.kind is kind for row in self._rows) for kind in StationKind]
        self.kinds.show_counts(counts)
        self._say_which_are_missing()
        self._show_list()
        self.wall.cells.show_rows(self._rows)
        if self._wanted:
            self.open_station(self._wanted)
            self._missed, self._wanted = self._wanted, ""
        if self.stations.chosen() is None and self.stations.model().rowCount():
            self.stations.selectRow(0)
        for view in (EnvironmentView.STATIONS, EnvironmentView.WALL):
            self.panels[view].set_fresh(now)
        self.curve.set_fresh(now)

    def show_sparks(self, sparks: Sequence[Spark]) -> None:
        """Show the small multiples of all stations."""
        self._sparks = tuple(sorted(sparks, key=_place))
        self._show_wall()

    def show_curve(self, curve: Curve) -> None:
        """Show the curve that was asked for."""
        self.curve.show_curve(curve)

    def show_episodes(self, rows: Sequence[EpisodeRow], now: datetime) -> None:
        """Show episodes of exceedance."""
        shown = [row for row in rows if self.kinds.value in (None, row.kind)]
        self.episodes.set_empty_text(self.tr("没有超标过程\n数值连续超过限值时自动记录在这里，并生成线索"))
        self.episodes.show_records(shown)
        going_on = sum(row.episode.ended_at is None for row in shown)
        self._tell(EnvironmentView.EPISODES, going_on, self.tr("{0} 个正在超标"), len(shown), now, "overdue")

    def show_devices(self, rows: Sequence[DeviceItemRow], now: datetime) -> None:
        """Show devices that do not do their work."""
        shown = [row for row in rows if self.kinds.value in (None, row.kind)]
        self.devices.set_empty_text(self.tr("没有需要处理的设备\n站点失联、数据无效或超出量程时列在这里"))
        self.devices.show_records(shown)
        self.notes.show_rows(shown)
        going_on = sum(row.item.ended_at is None for row in shown)
        self._tell(EnvironmentView.DEVICES, going_on, self.tr("{0} 项待处理"), len(shown), now)

    def show_unknown(self, devices: Sequence[UnknownDevice], now: datetime) -> None:
        """Show who is refused."""
        self.unknown.set_empty_text(
            self.tr("没有被拒收的设备\n未登记、密码不符、时钟有误或校验不符的设备列在这里")
        )
        self.unknown.show_records(devices)
        refused = len({device.mn for device in devices})
        self._tell(EnvironmentView.UNKNOWN, refused, self.tr("{0} 台被拒收"), len(devices), now)

    def open_air(self, query: AirQuery) -> None:
        """Look at a ranking by the air quality index."""
        self.air.ask(query)
        self.open_view(EnvironmentView.AIR)

    def show_air(self, view: AirView, now: datetime) -> None:
        """Show the ranking that was asked for."""
        self.air.show_air(view, now)

    def tick(self, now: datetime) -> None:
        """Move the countdowns in sight to a new moment."""
        for table in (self.episodes, self.devices):
            if table.isVisible():
                table.tick(now)

    def set_stale(self, since: datetime | None) -> None:
        """Veil the page because it is only true as of `since`; None lifts the veil."""
        for panel in (*self.panels.values(), self.curve, *self.air.panels):
            panel.set_stale(since)

    # --- inside ----------------------------------------------------------------------------------------

    def _panel(self, title: str, content: QWidget) -> Panel:
        panel = Panel(title, self._scale, self)
        content.setParent(panel)
        panel.body.addWidget(content, 1)
        content.setAccessibleName(title)
        return panel

    def _say_nothing_yet(self) -> None:
        waiting = self.tr("读取中…")
        tables: tuple[RecordTable, ...] = (self.stations, self.episodes, self.devices, self.unknown)
        for table in tables:
            table.set_empty_text(waiting)
        self.wall.cells.set_empty_text(waiting)

    def _say_which_are_missing(self) -> None:
        if self._rows:
            said = self.tr("没有登记这一类监测站点")
        else:
            said = self.tr(
                "没有登记的监测站点\n由管理员用 import stations 登记站点与限值后，这里显示状态与曲线"
            )
        self.stations.set_empty_text(said)
        self.wall.cells.set_empty_text(said)

    def _show_list(self) -> None:
        shown = [row for row in self._rows if self.wants(row)]
        self.stations.show_records(shown)
        for counts in self.counts:
            counts.show_rows(shown)
        chosen = self.stations.chosen()
        self.curve.show_row(chosen, self._now)

    def _show_wall(self) -> None:
        self.wall.show_sparks([spark for spark in self._sparks if self.wants(spark.row)])

    def _tell(
        self,
        view: EnvironmentView,
        open_ones: int,
        words: str,
        count: int,
        now: datetime,
        tone: str = "due_soon",
    ) -> None:
        panel = self.panels[view]
        said = self.tr("共 {0} 条").format(count)
        if open_ones:
            first = words.format(open_ones)
            panel.set_note(f"{first} · {said}", shorter=(first,), tones={first: tone})
        else:
            panel.set_note(said)
        panel.set_fresh(now)

    def _choose_view(self, view: object) -> None:
        view = EnvironmentView(str(view))
        self._stack.setCurrentWidget(self._pages[view])
        self.kinds.setVisible(view not in (EnvironmentView.UNKNOWN, EnvironmentView.AIR))
        self.view_changed.emit()

    def _choose_kind(self, _kind: object) -> None:
        self._show_list()
        if self.stations.chosen() is None and self.stations.model().rowCount():
            self.stations.selectRow(0)
        self._show_wall()
        self.view_changed.emit()

    def _choose_station(self, row: StationRow | None) -> None:
        self.curve.show_row(row, self._now)

    def _open_episode(self, row: EpisodeRow, _column: str) -> None:
        if row.episode.ticket is not None:
            self.ticket_requested.emit(row.episode.ticket)
        else:
            self.open_station(row.station_key)

    def _open_item(self, row: DeviceItemRow, _column: str) -> None:
        self.open_station(row.station_key)

    def _respace(self) -> None:
        margin, gap = self._scale.size("margin"), self._scale.size("gap")
        self._column.setContentsMargins(margin, self._scale.px(8), margin, margin)
        self._column.setSpacing(self._scale.px(6))
        self._beside.setSpacing(gap)
        self._tools.setSpacing(gap)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leads from another view back to the list, before it leads back to the page before."""
        if event.key() == Qt.Key.Key_Escape and self.view is not EnvironmentView.STATIONS:
            self.open_view(EnvironmentView.STATIONS)
        else:
            super().keyPressEvent(event)


def _place(spark: Spark) -> tuple[int, int]:
    return list(StationKind).index(spark.row.station.kind), spark.row.station.number
