"""在线监测: the curve of the station that made the clue, against the limit that applied (X14, Q04, Y27)."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from domain.dossier import Dossier
from domain.environment import Curve
from domain.events import Arrived, Closed, Event, Rectified
from domain.sensor_events import SensorExceeded, SensorRecovered, SensorVerified
from widgets.environment.curve_plot import CurvePlot, Moment, over_mark
from widgets.environment.words import averaged_name, factor_name
from widgets.pages.choice_row import ChoiceRow
from widgets.panel import Panel
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import Mark, Shape

HEIGHT = 250
MOST = 4
"""So many curves can be chosen from: one station, or a few that were grouped."""


class SensorPanel(Panel):
    """Hidden where no sensor has a part in the ticket. Signals: `station_requested(str)`: its key."""

    station_requested = Signal(str)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("在线监测"))
        self._curves: tuple[Curve, ...] = ()
        self._events: tuple[Event, ...] = ()
        self.open = QPushButton(self.tr("站点 ›"), self)
        self.open.setProperty("look", "link")
        self.bar.addWidget(self.open)
        self.choice = ChoiceRow(tuple((number, "") for number in range(MOST)), scale, self)
        self.plot = CurvePlot(scale, self)
        self.plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.plot.set_empty_text(self.tr("这段时间没有读数"))
        self.body.addWidget(self.choice)
        self.body.addWidget(self.plot)
        self.choice.choice_changed.connect(self._choose)
        self.open.clicked.connect(self._open_station)
        scale.factor_changed.connect(self._resize_plot)
        self._resize_plot()
        self.hide()

    def show_curves(self, dossier: Dossier, curves: Sequence[Curve]) -> None:
        """Show the curves of a ticket's sensors, with what was done about them marked."""
        same = [_key(curve) for curve in curves[:MOST]] == [_key(curve) for curve in self._curves]
        self._curves = tuple(curves[:MOST])
        self._events = tuple(row.event for row in dossier.log)
        self.setVisible(bool(curves))
        self.choice.setVisible(len(self._curves) > 1)
        for number, button in enumerate(self.choice.buttons):
            button.setVisible(number < len(self._curves))
            if number < len(self._curves):
                button.setText(factor_name(self._curves[number].query.factor))
                button.setToolTip(tip(self._curves[number].station.name))
        if not same:
            self.choice.choose(0)
        self._show()

    def _show(self) -> None:
        number = self.choice.value
        if number >= len(self._curves):
            return
        curve = self._curves[number]
        factor, averaged = (
            factor_name(curve.query.factor),
            averaged_name(curve.query.span, self._minutes(curve)),
        )
        self.set_note(f"{curve.station.name} · {factor} {averaged}")
        self.plot.show_curve(curve, self._moments(curve))

    def _minutes(self, curve: Curve) -> int | None:
        """Return the averaging time of the limit that was crossed, None where it names none."""
        told = (row.fact for row in self._events if isinstance(row.fact, SensorExceeded))
        concerned = (curve.station.key, curve.query.factor)
        return next((fact.minutes for fact in told if (fact.station, fact.factor) == concerned), None)

    def _moments(self, curve: Curve) -> list[Moment]:
        """Return what is marked: where the exceedance began and ended, and when somebody was there."""
        concerned = (curve.station.key, curve.query.factor)
        found: list[Moment] = []
        for event in self._events:
            match event.fact:
                case SensorExceeded() as fact if (fact.station, fact.factor) == concerned:
                    found.append(Moment(fact.began_at, over_mark(self.tr("超标"))))
                case SensorRecovered() as fact if (fact.station, fact.factor) == concerned:
                    found.append(Moment(fact.ended_at, Mark("done", Shape.CIRCLE, self.tr("恢复"))))
                case SensorVerified() as fact if (fact.station, fact.factor) == concerned:
                    found.append(Moment(fact.until, self._verdict(fact)))
                case Arrived():
                    found.append(Moment(event.at, Mark("on_time", Shape.TRIANGLE, self.tr("到场"))))
                case Rectified():
                    found.append(Moment(event.at, Mark("done", Shape.TRIANGLE, self.tr("整改"))))
                case Closed():
                    found.append(Moment(event.at, Mark("text_muted", Shape.CIRCLE, self.tr("销号"))))
        return [moment for moment in found if _is_within(moment.at, curve)]

    def _verdict(self, fact: SensorVerified) -> Mark:
        if fact.passed:
            return Mark("done", Shape.CIRCLE, self.tr("核验通过"))
        return Mark("overdue", Shape.SQUARE, self.tr("核验未通过"))

    def _choose(self, _number: object) -> None:
        self._show()

    def _open_station(self) -> None:
        if self._curves:
            self.station_requested.emit(self._curves[self.choice.value].station.key)

    def _resize_plot(self) -> None:
        self.plot.setFixedHeight(self.scale.px(HEIGHT))
        self.body.setSpacing(self.scale.px(6))


def _key(curve: Curve) -> tuple[int, str]:
    return curve.query.station, curve.query.factor


def _is_within(at: datetime, curve: Curve) -> bool:
    return curve.query.since <= at <= curve.query.until
