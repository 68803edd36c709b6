"""The four-colour rectification ledger: its share bar, its legend with counts, and the reddest items."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QFont, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from domain.ledger import Colour, ColourCount, ColourReason, ColourScheme, LedgerRow
from widgets.all_clear import AllClear
from widgets.painting import CENTRE, RIGHT, draw_text, text_width
from widgets.panel import Panel
from widgets.plain import PlainLabel, tip
from widgets.record_list import RecordDelegate, RecordList, RecordModel
from widgets.scale import Scale
from widgets.status import mark_of, paint_mark
from widgets.tile import Tile
from widgets.tokens import tokens
from widgets.wording import count_text, local_day_text, reason_name, scheme_text

_REDDEST = {Colour.RED: 0, Colour.YELLOW: 1, Colour.BLUE: 2, Colour.GREEN: 3}


class LedgerPanel(Panel):
    """Emits the colour of a legend tile, or the number of an item."""

    ledger_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("四色整改台账"))
        self._bar = _ShareBar(scale, self)
        self._legend = QHBoxLayout()
        self.tiles = {colour: _ColourTile(colour, scale, self) for colour in Colour}
        for tile in self.tiles.values():
            self._legend.addWidget(tile)
            tile.colour_requested.connect(self.ledger_requested)
        self.model = RecordModel(_spoken, self._explained, _number_of)
        self.rows = RecordList(self.model, _LedgerDelegate(scale), self)
        self.rows.setAccessibleName(self.title)
        self.rows.record_chosen.connect(self._request)
        self._empty = AllClear(self.tr("没有滞后或逾期事项"), self.tr("全部按序时推进"), scale, self)
        self._empty.hide()
        # An empty ledger is no good news: there is nothing that could be behind.
        self._nothing = PlainLabel(self.tr("台账中没有事项"), self)
        self._nothing.setProperty("tone", "muted")
        self._nothing.setAlignment(CENTRE)
        self._nothing.hide()
        self._shown: tuple[tuple[ColourCount, ...], tuple[LedgerRow, ...], ColourScheme] | None = None
        self.body.addWidget(self._bar)
        self.body.addLayout(self._legend)
        self.body.addWidget(self.rows, 1)
        self.body.addWidget(self._empty, 1)
        self.body.addWidget(self._nothing, 1)
        self._space()
        scale.factor_changed.connect(self._space)

    def show_ledger(
        self, counts: Sequence[ColourCount], rows: Sequence[LedgerRow], scheme: ColourScheme, as_of: datetime
    ) -> None:
        """Show the counts of all items and the reddest rows; `scheme` gave them their colours."""
        shown = (tuple(counts), tuple(rows), scheme)
        if shown == self._shown:
            self.confirm(as_of)
            return
        self._shown = shown
        self._bar.show_counts(counts)
        given = {count.colour: count for count in counts}
        for colour, tile in self.tiles.items():
            tile.show_count(given.get(colour))
        self._fit_legend()
        self.rows.show_records(sorted(rows, key=_redness))
        self.rows.setVisible(bool(rows))
        items = sum(count.count for count in counts)
        self._empty.setVisible(not rows and items > 0)
        self._nothing.setVisible(not rows and items == 0)
        self.set_note(scheme_text(scheme))
        self.set_fresh(as_of)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_legend()

    def _fit_legend(self) -> None:
        """Let all four give way together, as little as the panel's width needs."""
        room = self._bar.width() - 3 * self._legend.spacing()
        tiles = self.tiles.values()
        for wording in Wording:
            if sum(tile.width_of(wording) for tile in tiles) <= room:
                break
        for tile in tiles:
            tile.set_wording(wording)

    def _request(self, row: LedgerRow) -> None:
        self.ledger_requested.emit(row.number)

    def _explained(self, row: LedgerRow) -> str:
        return "\n".join(
            (
                f"{row.number} · {row.source} {row.batch}",
                row.problem,
                f"{row.area_name} {row.body_name} {row.lead_in_charge}",
                self.tr("期限 {0} · 进度 {1}% · 序时应达 {2}%").format(
                    local_day_text(row.deadline), row.percent, row.planned
                ),
                f"{mark_of(row.colour).word}：{reason_name(row.reason)}",
            )
        )

    def _space(self) -> None:
        self.body.setSpacing(self.scale.px(4))
        self._legend.setSpacing(self.scale.px(6))
        self._fit_legend()


class _ShareBar(QWidget):
    """The four counts as one bar; a count that is not zero always stays visible."""

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(parent)
        self._scale = scale
        self._counts: tuple[ColourCount, ...] = ()
        self._apply_scale()
        scale.factor_changed.connect(self._apply_scale)

    def show_counts(self, counts: Sequence[ColourCount]) -> None:
        ordered = tuple(sorted(counts, key=_legend_order))
        if ordered == self._counts:
            return
        self._counts = ordered
        words = [f"{mark_of(entry.colour).word} {entry.count}" for entry in self._counts]
        self.setAccessibleName(" ".join(words))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        path = QPainterPath()
        path.addRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        painter.setClipPath(path)
        painter.fillRect(rect, tokens().qcolor("track"))
        shown = [entry for entry in self._counts if entry.count > 0]
        total = sum(entry.count for entry in shown)
        least = self._scale.px(6)
        spare = rect.width() - least * len(shown)
        x = rect.x()
        for entry in shown:
            width = least + spare * entry.count / total
            colour = tokens().qcolor(mark_of(entry.colour).colour_name)
            painter.fillRect(QRectF(x, rect.y(), width, rect.height()), colour)
            x += width

    def _apply_scale(self) -> None:
        self.setFixedHeight(self._scale.px(10))


class Wording(Enum):
    """How much a legend tile says: all; the legend without the colour's word; the same in smaller figures."""

    FULL = "full"
    LEGEND = "legend"
    SMALL = "small"


class _ColourTile(Tile):
    """Shape, word, legend and count of one colour."""

    colour_requested = Signal(object)

    def __init__(self, colour: Colour, scale: Scale, parent: QWidget) -> None:
        super().__init__(scale, parent)
        self._colour = colour
        self._shown: ColourCount | None = None
        self._count = 0
        self._legend = ""
        self._wording = Wording.FULL
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._request)

    def show_count(self, count: ColourCount | None) -> None:
        if count == self._shown and self.text():
            return
        before, self._shown = self._shown, count
        width = self.sizeHint().width()
        self._count = count.count if count is not None else 0
        self._legend = count.legend if count is not None else ""
        word = mark_of(self._colour).word
        # A scheme's own words may begin with the colour's word already.
        self.setText(self._legend if self._legend.startswith(word) else f"{word} {self._legend}".strip())
        self.setAccessibleName(f"{self.text()} {self._count}")
        self.setToolTip(tip(self.accessibleName()))
        if self.sizeHint().width() != width:
            self.updateGeometry()
        self.update()
        if before is not None and count is not None and before.count != count.count:
            self.light()

    @property
    def wording(self) -> Wording:
        """How much the tile says."""
        return self._wording

    def set_wording(self, wording: Wording) -> None:
        """Say more or less."""
        if wording is not self._wording:
            self._wording = wording
            self.updateGeometry()
            self.update()

    def width_of(self, wording: Wording) -> int:
        """Return the width in pixels that a wording needs."""
        words, figure = self._words(wording)
        width = text_width(self.scale.font("font_small"), words) + text_width(figure, count_text(self._count))
        return round(width) + self.scale.size("mark") + self.scale.px(23)

    def sizeHint(self) -> QSize:
        return QSize(self.width_of(self._wording) + self.scale.px(5), self.scale.px(36))

    def _words(self, wording: Wording) -> tuple[str, QFont]:
        words = self.text() if wording is Wording.FULL or not self._legend else self._legend
        size = "font_small" if wording is Wording.SMALL else "font_title"
        return words, self.scale.font(size, bold=True)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.scale.px(36))

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        scale = self.scale
        side, pad = scale.size("mark"), scale.px(4)
        words, strong = self._words(self._wording)
        figure = count_text(self._count)
        mark_box = QRectF(rect.x() + pad, rect.center().y() - side / 2, side, side)
        paint_mark(painter, mark_box, mark_of(self._colour))
        left = mark_box.right() + scale.px(7)
        room = rect.right() - pad - text_width(strong, figure) - scale.px(7) - left
        box = QRectF(left, rect.y(), room, rect.height())
        left += draw_text(painter, box, words, scale.font("font_small"), "text_title") + scale.px(7)
        box = QRectF(left, rect.y(), rect.right() - left, rect.height())
        draw_text(painter, box, figure, strong, "text_strong")

    def _request(self) -> None:
        self.colour_requested.emit(self._colour)


class _LedgerDelegate(RecordDelegate):
    def __init__(self, scale: Scale) -> None:
        super().__init__(scale, 37)

    def paint_record(self, painter: QPainter, rect: QRectF, record: LedgerRow) -> None:
        scale, row = self.scale, record
        small = scale.font("font_small")
        mark = mark_of(row.colour)
        side, gap = scale.size("mark"), scale.px(12)
        box = QRectF(rect.x() + scale.px(4), rect.center().y() - side / 2, side, side)
        paint_mark(painter, box, mark)
        left = box.right() + scale.px(9)
        columns = [
            (left, scale.px(128), row.number, "text_title"),
        ]
        state = self._state(row)
        right = rect.right() - scale.px(2)
        width = max(text_width(small, state), scale.px(118))
        draw_text(
            painter,
            QRectF(right - width, rect.y(), width, rect.height()),
            state,
            small,
            mark.colour_name,
            RIGHT,
        )
        right -= width + gap
        day = local_day_text(row.deadline)
        width = text_width(small, "12-31")
        draw_text(
            painter, QRectF(right - width, rect.y(), width, rect.height()), day, small, "text_muted", RIGHT
        )
        right -= width + gap
        width = scale.px(112)
        columns.append((right - width, width, row.body_name, "text_muted"))
        right -= width + gap
        problem = left + scale.px(128) + gap
        columns.append((problem, right - problem, row.problem, "text"))
        for x, room, text, tone in columns:
            draw_text(painter, QRectF(x, rect.y(), room, rect.height()), text, small, tone)

    def _state(self, row: LedgerRow) -> str:
        match row.reason:
            case ColourReason.OVERDUE:
                return self.tr("逾期 {0} 天").format(row.days_over)
            case ColourReason.BEHIND | ColourReason.FAR_BEHIND:
                return self.tr("{0}% / 应 {1}%").format(row.percent, row.planned)
            case _:
                return reason_name(row.reason)


def _number_of(row: LedgerRow) -> str:
    return row.number


def _legend_order(entry: ColourCount) -> int:
    return list(Colour).index(entry.colour)


def _redness(row: LedgerRow) -> tuple[int, datetime]:
    return (_REDDEST[row.colour], row.deadline)


def _spoken(row: LedgerRow) -> str:
    return f"{mark_of(row.colour).word} {reason_name(row.reason)} {row.number} {row.problem} {row.body_name}"
