"""The eight figures over the overview. A card opens its tickets, its small tile those that spoil a rate."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from domain.events import WarningLevel
from domain.overview import Kpi, KpiKey
from domain.urgency import Urgency
from widgets.painting import CENTRE, RIGHT, draw_text, text_width
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import mark_of, paint_mark, rate_mark
from widgets.tile import Tile
from widgets.veil import Veil
from widgets.wording import count_text, rate_text, urgency_name

_RATES = (KpiKey.SIGN_RATE, KpiKey.DISPATCH_RATE, KpiKey.DISPOSAL_RATE, KpiKey.SATISFACTION)


class KpiRow(QWidget):
    """The cards, made once in the order of `KpiKey`."""

    tickets_requested = Signal(object, str)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.cards = {key: KpiCard(key, scale, self) for key in KpiKey}
        for card in self.cards.values():
            self._layout.addWidget(card, 1)
            card.tickets_requested.connect(self.tickets_requested)
        self._as_of: datetime | None = None
        self._veil = Veil(scale, self, narrow=True)
        self._apply_scale()
        scale.factor_changed.connect(self._apply_scale)

    def show_kpis(self, kpis: Sequence[Kpi], as_of: datetime) -> None:
        """Show the figures as of a moment (aware); a card without one says so."""
        self.confirm(as_of)
        given = {kpi.key: kpi for kpi in kpis}
        for key, card in self.cards.items():
            card.show_kpi(given.get(key))

    def confirm(self, as_of: datetime) -> None:
        """Say that the figures are still true as of a moment (aware)."""
        self._as_of = as_of

    def set_stale(self, since: datetime | None) -> None:
        """Veil the figures with the moment as of which they are true; `since` is it before any was shown."""
        self._veil.set_since(since and (self._as_of or since))

    def _apply_scale(self) -> None:
        self._layout.setSpacing(self._scale.size("gap"))
        self.setFixedHeight(self._scale.size("kpi_height"))


class KpiCard(Tile):
    """Title, figure, move since the window before, and what the figure is made of."""

    tickets_requested = Signal(object, str)

    fill, border = "panel", "panel_border"

    def __init__(self, key: KpiKey, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self._key = key
        self._kpi: Kpi | None = None
        self.spoilers = _SpoilerTile(scale, self)
        self.spoilers.hide()
        self.clicked.connect(self._request)
        self.spoilers.clicked.connect(self._request_spoilers)
        scale.factor_changed.connect(self._place_spoilers)
        self._describe()

    @property
    def title(self) -> str:
        """What the figure is, on screen."""
        return {
            KpiKey.RECEIVED_TODAY: self.tr("今日受理"),
            KpiKey.SIGN_RATE: self.tr("签收率"),
            KpiKey.DISPATCH_RATE: self.tr("分派率"),
            KpiKey.DISPOSAL_RATE: self.tr("处置率"),
            KpiKey.OPEN: self.tr("在办"),
            KpiKey.OVERDUE_NODES: self.tr("超期环节"),
            KpiKey.SATISFACTION: self.tr("群众满意度"),
            KpiKey.MEAN_HANDLING: self.tr("平均办结"),
        }[self._key]

    def show_kpi(self, kpi: Kpi | None) -> None:
        """Show a figure, or that there is none."""
        if kpi == self._kpi:
            return
        before, figure = self._kpi, self.value_text()
        self._kpi = kpi
        self.setEnabled(kpi is not None)
        missing = 0
        if kpi is not None and kpi.spoilers is not None and kpi.denominator is not None:
            missing = kpi.denominator - (kpi.numerator or 0)
        self.spoilers.setVisible(missing > 0)
        self.spoilers.show_count(missing)
        self._place_spoilers()
        self._describe()
        self.update()
        if before is not None and self.value_text() != figure:
            self.light()

    def value_text(self) -> str:
        """Return the figure as it stands on the card."""
        kpi = self._kpi
        if kpi is None or kpi.value is None:
            return "—"
        if self._key in _RATES:
            return rate_text(kpi.value)
        if self._key is KpiKey.MEAN_HANDLING:
            return f"{kpi.value:.1f} h"
        return count_text(round(kpi.value))

    def unit_text(self) -> str:
        """Return what the figure counts: 件 tickets, 环节 nodes; nothing where it says so itself."""
        if self._kpi is None or self._kpi.value is None:
            return ""
        units = {
            KpiKey.RECEIVED_TODAY: self.tr("件"),
            KpiKey.OPEN: self.tr("件"),
            KpiKey.OVERDUE_NODES: self.tr("环节"),
        }
        return units.get(self._key, "")

    def detail_text(self) -> str:
        """Return the line under the figure: numerator and denominator, parts, or the window before."""
        kpi = self._kpi
        if kpi is None:
            return self.tr("暂无数据")
        if self._key in _RATES:
            if not kpi.denominator:
                return self.tr("尚无到期")
            return f"{count_text(kpi.numerator or 0)} / {count_text(kpi.denominator)}"
        if kpi.parts and self._key is not KpiKey.RECEIVED_TODAY:
            return " · ".join(f"{self._part_name(key)} {count_text(count)}" for key, count in kpi.parts)
        if kpi.previous is None:
            return ""
        if self._key is KpiKey.MEAN_HANDLING:
            return self.tr("上期 {0} h").format(f"{kpi.previous:.1f}")
        if self._key is KpiKey.RECEIVED_TODAY:
            move = self.tr("较昨日 {0}").format(f"{round((kpi.value or 0) - kpi.previous):+d}")
            ahead = dict(kpi.parts).get("proactive", 0)
            return self.tr("{0} · 未诉 {1}").format(move, count_text(ahead)) if ahead else move
        return self.tr("上期 {0}").format(count_text(round(kpi.previous)))

    def move_text(self) -> str:
        """Return the move of a rate since the window before, in percentage points: "▲0.3"."""
        kpi = self._kpi
        if kpi is None or kpi.value is None or kpi.previous is None or self._key not in _RATES:
            return ""
        points = round((kpi.value - kpi.previous) * 100, 1)
        if points == 0:
            return "—"
        return f"{'▲' if points > 0 else '▼'}{abs(points):.1f}"

    def formula(self) -> str:
        """Return how the figure is counted, and over which window, for the tooltip."""
        return {
            KpiKey.RECEIVED_TODAY: self.tr(
                "今日 0 时起收到的工单件数\n未诉：其中自己发现、未诉先办的，不是群众反映"
            ),
            KpiKey.SIGN_RATE: self.tr("签收率 = 近 24 小时按时部门签收 ÷ 应签收（含未签收的超期件）"),
            KpiKey.DISPATCH_RATE: self.tr("分派率 = 近 24 小时按时分派 ÷ 应分派（含未分派的超期件）"),
            KpiKey.DISPOSAL_RATE: self.tr("处置率 = 近 30 日按时整改办结 ÷ 应办结（含未办结的超期件）"),
            KpiKey.OPEN: self.tr("尚未销号的工单件数"),
            KpiKey.OVERDUE_NODES: self.tr(
                "已过限时仍未完成的环节个数，一件工单可有几个\n红：超期环节个数；黄：黄色预警条数"
            ),
            KpiKey.SATISFACTION: self.tr("满意度 = 近 30 日回访满意 ÷ 已回访"),
            KpiKey.MEAN_HANDLING: self.tr("平均办结 = 近 30 日整改办结的工单自受理起的平均小时数"),
        }[self._key]

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        scale = self.scale
        pad = scale.px(14)
        inner = rect.adjusted(pad, scale.px(7), -pad, -scale.px(7))
        line = scale.px(26)
        top = QRectF(inner.x(), inner.y(), inner.width(), line)
        bottom = QRectF(inner.x(), inner.bottom() - line, inner.width(), line)
        middle = QRectF(inner.x(), top.bottom(), inner.width(), bottom.top() - top.bottom())
        small = scale.font("font_small")
        if self.spoilers.isVisibleTo(self):
            top.setRight(self.spoilers.x() - scale.px(6))
        draw_text(painter, top, self.title, small, "text_muted")
        move = self.move_text()
        if move:
            tone = {"▲": "done", "▼": "overdue_text"}.get(move[0], "text_faint")
            draw_text(painter, middle, move, small, tone, RIGHT)
            middle.setRight(middle.right() - text_width(small, move) - scale.px(8))
        taken = draw_text(painter, middle, self.value_text(), scale.font("font_big", bold=True), self._tone())
        unit = middle.adjusted(taken + scale.px(6), scale.px(6), 0, scale.px(6))
        if text_width(small, self.unit_text()) <= unit.width():
            draw_text(painter, unit, self.unit_text(), small, "text_muted")
        if self._key is KpiKey.OVERDUE_NODES and self._kpi is not None and self._kpi.parts:
            self._paint_levels(painter, bottom)
        else:
            draw_text(painter, bottom, self.detail_text(), small, "text_muted")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_spoilers()

    def _paint_levels(self, painter: QPainter, rect: QRectF) -> None:
        small = self.scale.font("font_small")
        side, gap = self.scale.px(13), self.scale.px(5)
        x = rect.x()
        for key, count in self._kpi.parts if self._kpi else ():
            level = _LEVELS.get(key)
            if level is not None:
                paint_mark(painter, QRectF(x, rect.center().y() - side / 2, side, side), mark_of(level))
                x += side + gap
            text = f"{self._part_name(key)} {count_text(count)}"
            box = QRectF(x, rect.y(), rect.right() - x, rect.height())
            x += draw_text(painter, box, text, small, "text_muted") + self.scale.px(14)

    def _counted(self) -> str:
        """Return what a figure's tickets are where its title does not say it: of a rate, its denominator."""
        return {
            KpiKey.SIGN_RATE: self.tr("应签收"),
            KpiKey.DISPATCH_RATE: self.tr("应分派"),
            KpiKey.DISPOSAL_RATE: self.tr("应办结"),
            KpiKey.SATISFACTION: self.tr("已回访"),
            KpiKey.MEAN_HANDLING: self.tr("已办结"),
        }.get(self._key, "")

    def _tone(self) -> str:
        kpi = self._kpi
        if kpi is None or kpi.value is None:
            return "text_faint"
        if self._key in _RATES:
            return rate_mark(kpi.value).colour_name
        if self._key is KpiKey.OVERDUE_NODES:
            return "overdue" if kpi.value > 0 else "done"
        return "text_strong"

    def _part_name(self, key: str) -> str:
        if key in _LEVELS:
            return mark_of(_LEVELS[key]).word
        return urgency_name(Urgency(key)) if key in _URGENCY_KEYS else key

    def _describe(self) -> None:
        value = f"{self.value_text()} {self.unit_text()}".strip()
        spoken = " ".join((self.title, value, self.detail_text(), self.move_text()))
        self.setAccessibleName(spoken.strip())
        lines = [self.formula(), self.detail_text()]
        if self.move_text():
            day = self._key in (KpiKey.SIGN_RATE, KpiKey.DISPATCH_RATE)
            before = self.tr("较之前 24 小时") if day else self.tr("较之前 30 日")
            lines.append(self.tr("{0} {1} 个百分点").format(before, self.move_text()))
        self.setToolTip(tip("\n".join(line for line in lines if line)))
        self.spoilers.setToolTip(self.tr("打开未按时或未满意的工单"))
        self.spoilers.setAccessibleName(
            self.tr("{0}：未达标的 {1} 件").format(self.title, self.spoilers.count)
        )

    def _place_spoilers(self) -> None:
        pad = self.scale.px(8)
        size = self.spoilers.sizeHint()
        self.spoilers.setGeometry(
            self.width() - size.width() - pad,
            self.scale.px(7),
            size.width(),
            size.height(),
        )

    def _request(self) -> None:
        if self._kpi is not None and self._kpi.filter is not None:
            counted = self._counted()
            self.tickets_requested.emit(
                self._kpi.filter, f"{self.title} · {counted}" if counted else self.title
            )

    def _request_spoilers(self) -> None:
        if self._kpi is not None and self._kpi.spoilers is not None:
            title = self.tr("{0} · 未达标").format(self.title)
            self.tickets_requested.emit(self._kpi.spoilers, title)


class _SpoilerTile(Tile):
    """The number of tickets that keep a rate from being full."""

    fill, border = None, "chip_border"

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(scale, parent)
        self.count = 0

    def show_count(self, count: int) -> None:
        if count == self.count:
            return
        self.count = count
        self.setText(self.tr("差 {0}").format(count_text(count)))
        self.resize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        width = text_width(self.scale.font("font_small"), self.text())
        return QSize(round(width) + self.scale.px(16), self.scale.px(28))

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        draw_text(painter, rect, self.text(), self.scale.font("font_small"), "overdue_text", CENTRE)


_URGENCY_KEYS = {urgency.value for urgency in Urgency}
_LEVELS = {level.value: level for level in WarningLevel}
