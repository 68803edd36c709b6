"""Where somebody was, and when: fields for what happened before it was recorded (Y06, Y21)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from PySide6.QtCore import QDate, QDateTime, QTime, QTimeZone, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from domain.calendar import WorkCalendar
from domain.coordinates import LONGEST, Datum, Point, metres_between, parse_degrees, wgs84_of
from domain.drafts import Choice
from domain.site_reports import FARTHEST
from widgets.arrow_fields import ArrowDateTimeEdit
from widgets.fact_grid import small_label
from widgets.forms.field_edits import ChoiceField, LineField
from widgets.scale import Scale


class PositionField(QWidget):
    """A pair of degrees, typed or pasted, in a datum that is named; how far that is from the ticket's point.

    Signals: `position_changed()`.
    """

    position_changed = Signal()

    def __init__(self, point: Point | None, scale: Scale, parent: QWidget | None = None) -> None:
        """`point`: the ticket's, None where it has none."""
        super().__init__(parent)
        self._point = point
        self._scale = scale
        self._adopted: tuple[str, str] | None = None
        choices = (
            Choice(Datum.WGS84, self.tr("WGS-84（GPS、天地图）")),
            Choice(Datum.GCJ02, self.tr("GCJ-02（高德、腾讯）")),
            Choice(Datum.BD09, self.tr("BD-09（百度）")),
        )
        self.typed = LineField(self.tr("粘贴或输入经纬度，例如：117.184600, 34.261200"), self)
        self.typed.setMaxLength(LONGEST)
        self.datum = ChoiceField(choices, self.tr("请选择坐标系"), scale, self)
        self.datum.choose(Datum.WGS84)
        self.datum.setAccessibleName(self.tr("坐标系"))
        self.words = small_label(self, "muted")
        self._line = QHBoxLayout()
        self._line.addWidget(self.typed, 1)
        self._line.addWidget(self.datum)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._line)
        self._column.addWidget(self.words)
        self.setFocusProxy(self.typed)
        self.typed.textChanged.connect(self._changed)
        self.datum.currentIndexChanged.connect(self._changed)
        scale.factor_changed.connect(self._rescale)
        self._rescale()
        self._changed()

    @property
    def point(self) -> Point | None:
        """Where that is, in WGS-84; None while nothing fits."""
        degrees = parse_degrees(self.typed.value)
        if degrees is None or not self.datum.value:
            return None
        return wgs84_of(Datum(self.datum.value), *degrees)

    @property
    def metres(self) -> float | None:
        """How far that is from the ticket's point."""
        here = self.point
        return None if here is None or self._point is None else metres_between(here, self._point)

    @property
    def value(self) -> Mapping[str, Any] | None:
        """The fields of the fact, None where nothing is typed."""
        here = self.point
        if here is None:
            return None
        return {"lng": here.lng, "lat": here.lat, "source": self.source}

    @property
    def source(self) -> str:
        """Where the position comes from, in words for the log."""
        if self._adopted is not None and self._adopted[0] == self.typed.value:
            return self._adopted[1]
        return self.tr("手工填写（{0}）").format(self.datum.value)

    @property
    def flaw(self) -> str:
        """What is wrong with what was typed."""
        if not self.typed.value:
            return ""
        if parse_degrees(self.typed.value) is None:
            return self.tr("不是一对经纬度，请写成“117.184600, 34.261200”")
        if not self.datum.value:
            return self.tr("请选择坐标系")
        metres = self.metres
        if metres is not None and metres > FARTHEST:
            return self.tr("距点位超过 {0} 公里，请核对经纬度和坐标系").format(FARTHEST // 1000)
        return ""

    def adopt(self, point: Point, source: str) -> None:
        """Take over a position in WGS-84 that something else knows; `source` says what."""
        text = f"{point.lng:.6f}, {point.lat:.6f}"
        self._adopted = (text, source)
        self.datum.choose(Datum.WGS84)
        self.typed.setText(text)

    def _changed(self) -> None:
        self.words.setText(self._said())
        self.words.setProperty("tone", "overdue" if self.flaw else "muted")
        self.words.style().unpolish(self.words)
        self.words.style().polish(self.words)
        self.position_changed.emit()

    def _said(self) -> str:
        here = self.point
        if self.flaw:
            return f"■ {self.flaw}"
        if here is None:
            if self._point is None:
                return self.tr("工单没有坐标：可登记到场位置，距离无从计算")
            return self.tr("工单点位 {0}（WGS-84）").format(f"{self._point.lng:.6f}, {self._point.lat:.6f}")
        there = f"{here.lng:.6f}, {here.lat:.6f}"
        metres = self.metres
        if metres is None:
            return self.tr("折合 WGS-84 {0}；{1}").format(there, self.source)
        return self.tr("折合 WGS-84 {0}，距工单点位 {1} 米；{2}").format(there, round(metres), self.source)

    def _rescale(self) -> None:
        self._line.setSpacing(self._scale.px(8))
        self._column.setSpacing(self._scale.px(4))


class MomentField(QWidget):
    """A moment in the past: that of recording it, unless another one is said."""

    def __init__(
        self, now: datetime, calendar: WorkCalendar, scale: Scale, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._scale = scale
        self._now, self._calendar = now, calendar
        self.same = QCheckBox(self.tr("与登记同时"), self)
        self.same.setChecked(True)
        self.edit = ArrowDateTimeEdit(scale, self)
        # Wall-clock time of the city, as in `DeadlineEdit`.
        self.edit.setTimeZone(QTimeZone(QTimeZone.Initialization.UTC))
        self.edit.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.edit.setCalendarPopup(True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.same)
        self._row.addWidget(self.edit, 1)
        self._row.addStretch(1)
        self.setFocusProxy(self.same)
        self._show(now)
        self.edit.hide()
        self.same.toggled.connect(self.edit.setHidden)
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    @property
    def value(self) -> datetime | None:
        """The moment, aware; None for that of recording it."""
        if self.same.isChecked():
            return None
        day, clock = self.edit.date(), self.edit.time()
        zone = self._calendar.zone
        return datetime(day.year(), day.month(), day.day(), clock.hour(), clock.minute(), tzinfo=zone)

    @property
    def flaw(self) -> str:
        """Later than now."""
        value = self.value
        return self.tr("不能晚于现在") if value is not None and value > self._now else ""

    def set_moment(self, moment: datetime) -> None:
        """Say another moment (aware); seconds are dropped."""
        self.same.setChecked(False)
        self._show(moment)

    def _show(self, moment: datetime) -> None:
        local = moment.astimezone(self._calendar.zone)
        self.edit.setDateTime(
            QDateTime(
                QDate(local.year, local.month, local.day),
                QTime(local.hour, local.minute),
                QTimeZone(QTimeZone.Initialization.UTC),
            )
        )

    def _rescale(self) -> None:
        self._row.setSpacing(self._scale.px(12))
