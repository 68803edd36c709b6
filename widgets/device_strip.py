"""One line that says which devices need somebody: nobody would meet them on a page of their own (X14)."""

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from domain.environment import DeviceCalls, DeviceItemRow
from widgets.environment.words import trouble_name
from widgets.painting import RIGHT, draw_text, text_width
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import Mark, Shape, paint_mark
from widgets.tile import Tile
from widgets.wording import count_text, local_day_text, local_time_text

HEIGHT = 34
"""Pixels at 1080p."""
NOTHING = DeviceCalls()


class DeviceStrip(Tile):
    """Hidden while no device needs anybody; pressed, `devices_requested(DeviceCalls)`."""

    devices_requested = Signal(object)

    fill, border = "card", "chip_border"

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self.calls = NOTHING
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._request)
        self.hide()

    def show_calls(self, calls: DeviceCalls) -> None:
        """Show what devices need; what nobody has taken note of is lit when it is more than before."""
        before, self.calls = self.calls, calls
        if calls == before:
            return
        said = " · ".join((self.head, *self.details[:1]))
        self.setAccessibleName(said)
        self.setToolTip(tip(f"{said}\n{self._advice()}"))
        self.setVisible(bool(calls.items or calls.refused))
        self.update()
        if before is not NOTHING and calls.unseen > before.unseen:
            self.light(urgent=True)

    @property
    def head(self) -> str:
        """How many need somebody."""
        calls = self.calls
        if not calls.items:
            return self.tr("拒收设备 {0} 台").format(count_text(calls.refused))
        head = self.tr("设备异常 {0} 项").format(count_text(calls.items))
        if not calls.unseen:
            return self.tr("{0}，均已阅").format(head)
        if calls.unseen < calls.items:
            return self.tr("{0}，未阅 {1}").format(head, count_text(calls.unseen))
        return head

    @property
    def details(self) -> tuple[str, ...]:
        """What they are: wordings of it, the longest first."""
        calls = self.calls
        if calls.oldest is None:
            return (self.tr("未登记、密码、时钟或校验不符，报送的数据没有入库"), self.tr("数据没有入库"))
        counts = [f"{trouble_name(trouble)} {count_text(count)}" for trouble, count in calls.counts]
        oldest = self._of(calls.oldest)
        longest = self.tr("最久 {0}").format(oldest)
        refused = [self.tr("拒收 {0} 台").format(count_text(calls.refused))] if calls.refused else []
        return (
            " · ".join((*counts, longest, *refused)),
            " · ".join((longest, *refused)),
            longest,
            oldest,
            f"{calls.oldest.station_name} {trouble_name(calls.oldest.item.trouble)}",
        )

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        scale, side = self.scale, self.scale.size("mark")
        inner = rect.adjusted(scale.px(10), 0, -scale.px(10), 0)
        tone = "due_soon" if self.calls.unseen or not self.calls.items else "text_muted"
        square = QRectF(inner.x(), inner.center().y() - side / 2, side, side)
        paint_mark(painter, square, Mark(tone, Shape.DIAMOND, self.head))
        inner.setLeft(square.right() + scale.px(7))
        small = scale.font("font_small")
        inner.setRight(inner.right() - draw_text(painter, inner, "›", small, "accent", RIGHT) - scale.px(8))
        taken = draw_text(painter, inner, self.head, scale.font("font_small", bold=True), tone)
        rest = inner.adjusted(taken + scale.px(14), 0, 0, 0)
        wordings = self.details
        fitting = next((said for said in wordings if text_width(small, said) <= rest.width()), wordings[-1])
        draw_text(painter, rest, fitting, small, "text_title")

    def sizeHint(self) -> QSize:
        return QSize(self.scale.px(200), self.scale.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.scale.px(HEIGHT))

    def _of(self, row: DeviceItemRow) -> str:
        at = row.item.opened_at
        since = self.tr("{0} {1} 起").format(local_day_text(at), local_time_text(at)[:5])
        return f"{row.station_name} {trouble_name(row.item.trouble)} {since}"

    def _advice(self) -> str:
        if self.calls.items:
            return self.tr("点此查看设备事项，处理后记为已阅")
        return self.tr("点此查看被拒收的设备")

    def _request(self) -> None:
        self.devices_requested.emit(self.calls)
