"""The chosen station: its last values, and the curve of one of them against the limit that applied."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from domain.environment import Curve, CurveQuery, StationRow
from domain.stations import Span
from widgets.elided_label import ElidedLabel
from widgets.environment.curve_plot import CurvePlot
from widgets.environment.value_cards import ValueCards
from widgets.environment.words import factor_name, span_name, station_kind_name
from widgets.pages.choice_row import ChoiceRow
from widgets.panel import Panel
from widgets.plain import PlainLabel
from widgets.scale import Scale
from widgets.status import mark_of
from widgets.wording import local_moment_text, short_moment_text

RANGES = (2, 24, 7 * 24, 30 * 24, 365 * 24)
"""Hours that a curve can go back at a click."""
USUAL = 24


class CurvePanel(Panel):
    """Signals: `curve_requested(CurveQuery)`; `ticket_requested(str)`: the open ticket of the station."""

    curve_requested = Signal(object)
    ticket_requested = Signal(str)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.row: StationRow | None = None
        self._now: datetime | None = None
        self._turned: tuple[datetime, datetime] | None = None
        self.ticket = QPushButton(self)
        self.ticket.setProperty("look", "link")
        self.ticket.hide()
        self.bar.addWidget(self.ticket)
        self.facts = ElidedLabel(scale, self, tone="text_muted")
        self.body.addWidget(self.facts)
        self.values = ValueCards(scale, self)
        self.body.addWidget(self.values)
        words = (
            self.tr("2 小时"),
            self.tr("24 小时"),
            self.tr("7 天"),
            self.tr("30 天"),
            self.tr("1 年"),
        )
        self.ranges = ChoiceRow(tuple(zip(RANGES, words, strict=True)), scale, self)
        self.ranges.choose(USUAL)
        self.spans = ChoiceRow(tuple((span, span_name(span)) for span in Span), scale, self)
        self.spans.choose(Span.MINUTE)
        self._tools = QHBoxLayout()
        self._tools.addWidget(self.ranges)
        self._tools.addStretch(1)
        self._tools.addWidget(self.spans)
        self.body.addLayout(self._tools)
        self.plot = CurvePlot(scale, self)
        self.body.addWidget(self.plot, 1)
        self.nothing = PlainLabel(self.tr("在列表中选择一个站点，这里显示它的各项数值与曲线"), self)
        self.nothing.setProperty("tone", "muted")
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.addWidget(self.nothing, 1)
        self.values.factor_chosen.connect(self._choose_factor)
        self.ranges.choice_changed.connect(self._choose_range)
        self.spans.choice_changed.connect(self._choose_span)
        self.plot.range_turned.connect(self._turn)
        self.ticket.clicked.connect(self._open_ticket)
        scale.factor_changed.connect(self._respace)
        self._respace()
        self.show_row(None, None)

    @property
    def query(self) -> CurveQuery | None:
        """What curve is wanted as of the last moment that was told; None without a station or a factor."""
        if self.row is None or not self.values.chosen or self._now is None:
            return None
        since, until = self._turned or (self._now - timedelta(hours=self.ranges.value), self._now)
        until = max(until, since + timedelta(minutes=1))
        return CurveQuery(self.row.station.number, self.values.chosen, self.spans.value, since, until)

    def show_row(self, row: StationRow | None, now: datetime | None) -> None:
        """Show a station as of a moment; another one begins with the value that presses most."""
        before, self.row, self._now = self.row, row, now
        for widget in (self.values, self.ranges, self.spans, self.plot, self.facts):
            widget.setVisible(row is not None)
        self.nothing.setVisible(row is None)
        if row is None:
            self.set_title(self.tr("选择一个站点"))
            self.set_note("")
            self.ticket.hide()
            return
        mark = mark_of(row.state)
        self.set_title(row.station.name)
        self.set_note(f"{mark.shape.value} {mark.word}", mark.colour_name)
        self.facts.set_text(*_facts(row, self.tr("最后通信 {0}")))
        self.ticket.setVisible(row.ticket is not None)
        self.ticket.setText(self.tr("工单 {0} ›").format(row.ticket))
        self.values.show_values(row.station.measures, row.values)
        if before is None or before.station.number != row.station.number:
            self._turned = None
            self._begin_with(row)

    def show_curve(self, curve: Curve) -> None:
        """Show an answer; one to an older question is passed over."""
        query = self.query
        if query is None:
            return
        asked, wanted = curve.query, query
        if (asked.station, asked.factor, asked.span) != (wanted.station, wanted.factor, wanted.span):
            return
        self.plot.set_empty_text(
            self.tr("这段时间没有{0}值").format(f"{factor_name(asked.factor)} {span_name(asked.span)}")
        )
        self.plot.show_curve(curve, keep_range=self._turned is not None)

    def _begin_with(self, row: StationRow) -> None:
        telling = row.telling
        if telling is not None:
            self.values.choose(telling.factor)
            self.spans.choose(telling.span)
        elif row.station.measures:
            self.values.choose(row.station.measures[0].factor)
        else:
            self.values.choose("")
        self.ask()

    def ask(self) -> None:
        """Ask for the curve that is wanted."""
        if self.query is not None:
            self.curve_requested.emit(self.query)

    def _choose_factor(self, factor: str) -> None:
        known = {value.factor: value.span for value in self.row.values} if self.row else {}
        if factor in known:
            self.spans.choose(known[factor])
        self.ask()

    def _choose_range(self, _hours: object) -> None:
        self._turned = None
        self.ask()

    def _choose_span(self, _span: object) -> None:
        self.ask()

    def _turn(self, since: datetime, until: datetime) -> None:
        self._turned = (since, until)
        self.ask()

    def _open_ticket(self) -> None:
        if self.row is not None and self.row.ticket is not None:
            self.ticket_requested.emit(self.row.ticket)

    def _respace(self) -> None:
        self.body.setSpacing(self.scale.px(8))
        self._tools.setSpacing(self.scale.px(8))


def _facts(row: StationRow, heard: str) -> Sequence[str]:
    """Return what is known of a station, the longest wording first: the shorter ones leave out the MN."""
    station = row.station
    where = (station_kind_name(station.kind), row.area, station.township or "", station.enterprise, row.body)
    last = ("", "")
    if row.last_seen is not None:
        last = heard.format(local_moment_text(row.last_seen)), heard.format(short_moment_text(row.last_seen))
    worded = (
        (*where, f"MN {station.mn}", last[0]),
        (*where, f"MN {station.mn}", last[1]),
        (*where, last[1]),
        (where[0], where[1], station.enterprise, last[1]),
        (where[1], last[1]),
    )
    return [" · ".join(filter(None, parts)) for parts in worded]
