"""A ticket's nodes as bars against their limits, painted in one widget; mouse and arrows choose one."""

from collections.abc import Hashable, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from widgets.dossier.node_lines import NodeLine
from widgets.painting import LEFT, RIGHT, draw_text
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import paint_mark
from widgets.tokens import tokens

LIMIT_AT = 0.6
"""Where the limit's vertical line stands in the bar's width: what is beyond it is late."""


BAR_STEPS = 1000
"""In so many steps a bar grows to its limit."""


class NodeBars(QWidget):
    """Signals: `line_chosen(int)` with the position of the chosen line."""

    line_chosen = Signal(int)

    ROW, LEAST_ROW = 40, 30
    """A row's height in pixels at 1080p, and the least one where many nodes share a low window."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._lines: tuple[NodeLine, ...] = ()
        self._chosen = -1
        self.setProperty("look", "clear")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("环节用时与限时"))
        self._rescale()
        scale.factor_changed.connect(self._rescale)

    @property
    def lines(self) -> tuple[NodeLine, ...]:
        """The lines on screen."""
        return self._lines

    @property
    def chosen(self) -> int:
        """The position of the chosen line, -1 when there is none."""
        return self._chosen

    @property
    def chosen_line(self) -> NodeLine | None:
        """The chosen line."""
        return self._lines[self._chosen] if 0 <= self._chosen < len(self._lines) else None

    def show_lines(self, lines: Sequence[NodeLine]) -> None:
        """Show these lines, painting those that differ; the choice stays on its node while that is there."""
        before, chosen = self._lines, self.chosen_line
        self._lines = tuple(lines)
        self._chosen = self._place_of(chosen)
        self.setAccessibleDescription(
            "；".join(f"{line.name} {line.mark.word} {line.used}" for line in self._lines)
        )
        if len(before) != len(self._lines):
            self.updateGeometry()
            self.setMinimumHeight(len(self._lines) * self._scale.px(self.LEAST_ROW))
            self.update()
            return
        for position, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            if _looks_different(old, new):
                self.update(self._row_rect(position).toAlignedRect())
                if old.node is new.node and old.mark != new.mark:
                    self._scale.glow.start(self, self._repaint_row, position)

    def choose(self, position: int) -> None:
        """Choose a line without telling."""
        for changed in {self._chosen, position}:
            self.update(self._row_rect(changed).toAlignedRect())
        self._chosen = position

    # --- Qt --------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(self._scale.px(900), len(self._lines) * self._scale.px(self.ROW))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose_and_tell(int(event.position().y() // self._row_height()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._choose_and_tell(self._chosen + step)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            position = int(event.pos().y() // self._row_height())
            if 0 <= position < len(self._lines):
                line = self._lines[position]
                words = f"{line.name} · {line.mark.word}\n{line.holder}\n{line.limit} · {line.used}"
                QToolTip.showText(event.globalPos(), tip(words), self)
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for position, line in enumerate(self._lines):
            rect = self._row_rect(position)
            if not event.region().intersects(rect.toAlignedRect()):
                continue
            self._scale.glow.paint(painter, rect, self._scale.px(6), self, position)
            if position == self._chosen:
                painter.fillRect(rect, tokens().qcolor("selection" if self.hasFocus() else "hover"))
            self._paint_line(painter, rect, line)
        painter.end()

    def _place_of(self, line: NodeLine | None) -> int:
        """Return where a line is now: that of its clock, or of its node when that has only just started."""
        if line is None:
            return -1
        same = [p for p, other in enumerate(self._lines) if other.node is line.node]
        clocked = [p for p in same if self._lines[p].clock == line.clock]
        return (clocked or same[-1:] or [-1])[0]

    def _repaint_row(self, position: Hashable) -> None:
        if isinstance(position, int):
            self.update(self._row_rect(position).toAlignedRect())

    def _row_rect(self, position: int) -> QRectF:
        height = self._row_height()
        return QRectF(0, position * height, self.width(), height)

    def _row_height(self) -> float:
        # Rows share what the panel gives, within reason: few nodes do not stretch over a whole screen.
        least, most = self._scale.px(self.LEAST_ROW), self._scale.px(self.ROW) * 1.3
        return min(max(least, self.height() / max(1, len(self._lines))), most)

    def _paint_line(self, painter: QPainter, rect: QRectF, line: NodeLine) -> None:
        look, px = tokens(), self._scale.px
        painter.setPen(QPen(look.qcolor("row_line"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        size = px(15)
        paint_mark(painter, QRectF(px(2), rect.center().y() - size / 2, size, size), line.mark)
        started = line.clock is not None
        name, holder, limit, bar, used = self._areas(rect)
        self._words(painter, name, line.name, "text_strong" if started else "text_muted", bold=True)
        self._words(painter, holder, line.holder, "text_muted")
        self._words(painter, limit, line.limit, "text_muted")
        self._paint_bar(painter, bar, line)
        colour = line.mark.colour_name if started else "text_faint"
        self._words(painter, used, line.used, colour, right=True)

    def _areas(self, rect: QRectF) -> tuple[QRectF, QRectF, QRectF, QRectF, QRectF]:
        px = self._scale.px
        name = QRectF(px(28), rect.top(), px(92), rect.height())
        holder = QRectF(name.right() + px(6), rect.top(), px(250), rect.height())
        limit = QRectF(holder.right() + px(10), rect.top(), px(150), rect.height())
        used = QRectF(rect.right() - px(146), rect.top(), px(144), rect.height())
        left = limit.right() + px(10)
        bar = QRectF(left, rect.top(), max(10.0, used.left() - px(12) - left), rect.height())
        return name, holder, limit, bar, used

    def _paint_bar(self, painter: QPainter, area: QRectF, line: NodeLine) -> None:
        look, px = tokens(), self._scale.px
        thick = px(11)
        track = QRectF(area.left(), area.center().y() - thick / 2, area.width(), thick)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.qcolor("track"))
        painter.drawRoundedRect(track, thick / 2, thick / 2)
        if line.share is not None:
            length = min(track.width(), max(0.0, line.share) * LIMIT_AT * track.width())
            painter.setBrush(look.qcolor(line.mark.colour_name))
            if length > 0:
                bar = QRectF(track.left(), track.top(), max(length, float(thick)), thick)
                painter.drawRoundedRect(bar, thick / 2, thick / 2)
            if line.share * LIMIT_AT > 1:
                self._paint_beyond(painter, track)
        at = track.left() + LIMIT_AT * track.width()
        colour = "text_title" if line.share is not None or line.clock is None else "text_faint"
        painter.setPen(QPen(look.qcolor(colour), px(2)))
        painter.drawLine(int(at), int(track.center().y() - px(11)), int(at), int(track.center().y() + px(11)))

    def _paint_beyond(self, painter: QPainter, track: QRectF) -> None:
        """Two strokes at the end say that the bar goes on beyond the scale."""
        px = self._scale.px
        painter.setPen(QPen(tokens().qcolor("panel"), px(3)))
        for offset in (14, 22):
            x = int(track.right() - px(offset))
            painter.drawLine(x, int(track.bottom()) + 1, x + px(5), int(track.top()) - 1)

    def _words(
        self,
        painter: QPainter,
        rect: QRectF,
        text: str,
        colour: str,
        *,
        bold: bool = False,
        right: bool = False,
    ) -> None:
        draw_text(painter, rect, text, self._bold if bold else self._font, colour, RIGHT if right else LEFT)

    def _choose_and_tell(self, position: int) -> None:
        if 0 <= position < len(self._lines):
            self.choose(position)
            self.line_chosen.emit(position)

    def _rescale(self) -> None:
        self._font = self._scale.font("font_small")
        self._bold = self._scale.font("font_body", bold=True)
        self.setMinimumHeight(len(self._lines) * self._scale.px(self.LEAST_ROW))
        self.updateGeometry()
        self.update()


def _looks_different(old: NodeLine, new: NodeLine) -> bool:
    """Whether a line has to be painted anew: a bar grows by less than a pixel a second."""
    if old.share is None or new.share is None:
        return old != new
    steps = [round(line.share * BAR_STEPS) for line in (old, new) if line.share is not None]
    return steps[0] != steps[1] or replace(old, share=new.share) != new
