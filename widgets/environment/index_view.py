"""空气指数: the ranking by AQI, how the ranks moved, and the city beside the year before (T01, X04)."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from domain.aqi.places import PlaceKind
from domain.aqi.standing import AirQuery, AirView, PlaceIndex
from domain.stations import Span
from widgets.air_words import period_text, place_kind_name
from widgets.environment.air_course import AirCourse
from widgets.environment.air_year import AirYear
from widgets.environment.index_table import IndexTable
from widgets.environment.rank_history import RankHistory
from widgets.pages.choice_row import ChoiceRow
from widgets.panel import Panel
from widgets.scale import Scale
from widgets.table.cells import Cell, Column
from widgets.wording import local_moment_text

KINDS = (PlaceKind.AREA, PlaceKind.TOWNSHIP, PlaceKind.STATION)


class IndexView(QWidget):
    """Signals: `air_requested(AirQuery)`: another kind of place, or hours instead of days, is wanted."""

    air_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._view: AirView | None = None
        self.kinds = ChoiceRow([(kind, place_kind_name(kind)) for kind in KINDS], scale, self)
        self.spans = ChoiceRow([(Span.HOUR, self.tr("小时")), (Span.DAY, self.tr("日"))], scale, self)
        self.list = Panel(self.tr("空气质量指数排名"), scale, self)
        self.table = IndexTable(scale, self.list)
        self.table.setAccessibleName(self.list.title)
        self.table.set_empty_text(self.tr("读取中…"))
        self.city = Panel(self.tr("全市与去年同期"), scale, self)
        self.year = AirYear(scale, self.city)
        self.moves = Panel(self.tr("名次变化"), scale, self)
        self.history = RankHistory(scale, self.moves)
        self.run = Panel(self.tr("AQI 走势"), scale, self)
        self.course = AirCourse(scale, self.run)
        self.run.body.addWidget(self.course, 1)
        self.list.bar.insertWidget(1, self.kinds)
        self.list.bar.insertWidget(2, self.spans)
        self.list.body.addWidget(self.table, 1)
        self.city.body.addWidget(self.year)
        self.moves.body.addWidget(self.history, 1)
        self._right = QVBoxLayout()
        self._right.addWidget(self.city)
        self._right.addWidget(self.moves, 1)
        self._left = QVBoxLayout()
        self._left.addWidget(self.list, 66)
        self._left.addWidget(self.run, 34)
        self._columns = QHBoxLayout(self)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.addLayout(self._left, 64)
        self._columns.addLayout(self._right, 36)
        self.kinds.choice_changed.connect(self._ask)
        self.spans.choice_changed.connect(self._ask)
        self.table.record_chosen.connect(self._choose)
        scale.factor_changed.connect(self._space)
        self._space()
        self.setFocusProxy(self.table)

    @property
    def query(self) -> AirQuery:
        """What is asked for."""
        return AirQuery(self.kinds.value, self.spans.value)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a file: those of the table, behind which hour or day it was and by which edition."""
        when = Column("period", self.tr("时段"), 0, self._period)
        edition = Column("edition", self.tr("标准"), 0, self._edition)
        return when, edition, *self.table.columns

    def ask(self, query: AirQuery) -> None:
        """Look at the ranking of a kind of place over hours or days."""
        self.kinds.choose(query.kind)
        self.spans.choose(query.span)

    def show_air(self, view: AirView, now: datetime) -> None:
        """Show a ranking as of a moment (aware); one that is no longer asked for is left out."""
        if view.query != self.query:
            return
        before, self._view = self._view, view
        ranking = view.ranking
        self.table.set_empty_text(self._nothing(ranking.at is not None))
        self.table.show_records(ranking.rows)
        if self.table.chosen() is None and ranking.rows:
            self.table.selectRow(0)
        if before is None or before.ranking != ranking:
            self.history.show_ranking(ranking)
            self.course.show_place(ranking, self.table.chosen())
        self.year.show_air(view)
        edition = ranking.edition.title
        note = edition if ranking.at is None else f"{period_text(ranking.at, ranking.span)} · {edition}"
        self.list.set_note(note, shorter=(edition,))
        for panel in self.panels:
            panel.set_fresh(now)

    @property
    def panels(self) -> tuple[Panel, ...]:
        """What is veiled when it is stale."""
        return self.list, self.run, self.city, self.moves

    def _period(self, _row: PlaceIndex) -> Cell:
        at = None if self._view is None else self._view.ranking.at
        return Cell("" if at is None else local_moment_text(at))

    def _edition(self, _row: PlaceIndex) -> Cell:
        return Cell("" if self._view is None else self._view.ranking.edition.title)

    def _nothing(self, is_known: bool) -> str:
        if is_known:
            said = self.tr("没有登记的空气站")
        elif self.spans.value is Span.DAY:
            said = self.tr("近日没有可用的日指数")
        else:
            said = self.tr("近 6 小时没有可用的小时指数")
        return said + "\n" + self.tr("空气站登记后，报来的六项污染物自动按现行标准算成指数")

    def _ask(self, _choice: object) -> None:
        self.air_requested.emit(self.query)

    def _choose(self, row: PlaceIndex | None) -> None:
        self.history.choose(None if row is None else row.place.key)
        self.course.show_place(None if self._view is None else self._view.ranking, row)
        for panel in (self.moves, self.run):
            panel.set_note("" if row is None else row.name)

    def _space(self) -> None:
        gap = self._scale.size("gap")
        self._columns.setSpacing(gap)
        self._right.setSpacing(gap)
        self._left.setSpacing(gap)
