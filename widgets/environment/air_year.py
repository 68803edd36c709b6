"""The city's air in three figures: index, share of good days, PM2.5, beside the year before (T01)."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from domain.aqi.standing import AirView, PlaceIndex, YearOnYear
from widgets.air_words import draw_index_chip, level_name, primary_text
from widgets.environment.air_chart import AirChart
from widgets.painting import draw_text, text_width
from widgets.scale import Scale
from widgets.wording import rate_text


class AirYear(AirChart):
    """A year is set beside the one before only where both are judged by one edition and have enough days."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self._view: AirView | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._grow()
        scale.factor_changed.connect(self._grow)

    def show_air(self, view: AirView) -> None:
        """Show the city's figures."""
        self._view = view
        city = view.ranking.city
        head = "" if city is None else f"AQI {city.aqi} {level_name(city.level)}"
        self.setAccessibleName(" ".join((head, *self._lines(view.year))))
        self.update()

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        if self._view is None:
            return
        scale = self.scale
        small, year = scale.font("font_small"), self._view.year
        third = rect.width() / 3
        columns = [
            QRectF(rect.x() + n * third, rect.y(), third - scale.px(12), scale.px(92)) for n in range(3)
        ]
        self._paint_city(painter, columns[0], self._view.ranking.city)
        share = None if year is None else year.now.good_share
        change = None if year is None else year.good_share_change
        self._paint_figure(
            painter,
            columns[1],
            self.tr("优良天数比例"),
            rate_text(share),
            "" if change is None else f"{change * 100:+.1f} {self.tr('个百分点')}",
            tone=_tone(change),
        )
        pm25 = None if year is None else year.now.pm25
        less = None if year is None else year.pm25_change
        self._paint_figure(
            painter,
            columns[2],
            self.tr("PM2.5 均值 µg/m³"),
            "—" if pm25 is None else f"{pm25:.1f}",
            "" if less is None else f"{less * 100:+.1f}%",
            tone=_tone(None if less is None else -less),
        )
        line = QRectF(rect.x(), rect.y() + scale.px(96), rect.width(), scale.px(26))
        for text in self._lines(year):
            draw_text(painter, line, text, small, "text_muted")
            line.translate(0, line.height())

    def _paint_city(self, painter: QPainter, box: QRectF, city: PlaceIndex | None) -> None:
        scale = self.scale
        small = scale.font("font_small")
        line = QRectF(box.x(), box.y(), box.width(), scale.px(26))
        draw_text(painter, line, self.tr("全市 AQI"), small, "text_muted")
        chip = QRectF(box.x(), box.y() + scale.px(31), scale.px(96), scale.px(32))
        level = None if city is None else city.level
        draw_index_chip(painter, chip, scale, None if city is None else city.aqi, level)
        foot = QRectF(box.x(), box.y() + scale.px(66), box.width(), scale.px(26))
        words = level_name(level)
        if city is not None and city.primary:
            words = f"{words} · {primary_text(city)}"
        draw_text(painter, foot, words, small, "text")

    def _paint_figure(
        self, painter: QPainter, box: QRectF, title: str, figure: str, change: str, *, tone: str
    ) -> None:
        scale = self.scale
        small, big = scale.font("font_small"), scale.font("font_header", bold=True)
        line = QRectF(box.x(), box.y(), box.width(), scale.px(26))
        draw_text(painter, line, title, small, "text_muted")
        draw_text(
            painter,
            QRectF(box.x(), box.y() + scale.px(28), box.width(), scale.px(38)),
            figure,
            big,
            "text_strong",
        )
        foot = QRectF(box.x(), box.y() + scale.px(66), box.width(), scale.px(26))
        if change:
            before = self.tr("同比")
            draw_text(painter, foot, before, small, "text_muted")
            foot.setLeft(foot.left() + text_width(small, before) + scale.px(8))
            draw_text(painter, foot, change, small, tone)
        else:
            draw_text(painter, foot, self.tr("无同比"), small, "text_faint")

    def _lines(self, year: YearOnYear | None) -> tuple[str, ...]:
        """Return over which days the figures are, and by which edition both years were judged."""
        if year is None:
            return (self.tr("尚无日指数"),)
        first = self.tr("{0} 至 {1} · 有效 {2} 天").format(
            year.since.isoformat(), year.until.isoformat(), year.now.days
        )
        if year.before is None:
            return first, self.tr("去年同期有效天数不足，不作同比")
        return first, self.tr("两年均按 {0} 计算 · 去年同期有效 {1} 天").format(
            year.edition.title, year.before.days
        )

    def _grow(self) -> None:
        self.setFixedHeight(self.scale.px(152))


def _tone(gain: float | None) -> str:
    if not gain:
        return "text_muted"
    return "done" if gain > 0 else "overdue_text"
