"""How the sources' links are: shape, colour and word of each, in two rows of the header."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from domain.overview import FeedHealth, FeedState
from widgets.painting import draw_text, text_width
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import mark_of, paint_mark
from widgets.wording import duration_text, local_moment_text

_WORST = (FeedState.SILENT, FeedState.LAGGING, FeedState.OK, FeedState.NOT_CONNECTED)
_QUIET = (FeedState.NOT_CONNECTED, FeedState.OK, FeedState.LAGGING, FeedState.SILENT)


@dataclass(frozen=True, slots=True)
class _Entry:
    state: FeedState
    text: str
    explained: str


class FeedStrip(QWidget):
    """Feeds one by one while they fit; then those of the quietest state share one entry with their number.

    Where not even the numbers fit, those of the quietest states are left out.
    """

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._feeds: tuple[FeedHealth, ...] = ()
        self._placed: list[tuple[QRectF, _Entry]] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        scale.factor_changed.connect(self._place)

    def show_feeds(self, feeds: Sequence[FeedHealth]) -> None:
        """Show the feeds' health."""
        if tuple(feeds) == self._feeds:
            return
        self._feeds = tuple(feeds)
        self.setAccessibleName("；".join(self._entry(feed).explained for feed in self._feeds))
        self._place()

    def texts(self) -> list[str]:
        """Return what stands on screen, entry by entry."""
        return [f"{mark_of(entry.state).shape.value} {entry.text}" for _, entry in self._placed]

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        side, gap = self._scale.px(13), self._scale.px(6)
        for box, entry in self._placed:
            mark = mark_of(entry.state)
            paint_mark(painter, QRectF(box.x(), box.center().y() - side / 2, side, side), mark)
            tone = "text_title" if entry.state is FeedState.OK else mark.colour_name
            inner = box.adjusted(side + gap, 0, 0, 0)
            draw_text(painter, inner, entry.text, self._scale.font("font_small"), tone)

    def event(self, event: QEvent) -> bool:
        """Explain the feed under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = next((entry for box, entry in self._placed if box.contains(event.pos())), None)
            QToolTip.showText(event.globalPos(), tip(found.explained) if found else "", self)
            return True
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().event(event)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._scale.px(150), self._scale.px(52))

    def _entry(self, feed: FeedHealth) -> _Entry:
        mark = mark_of(feed.state)
        text = feed.name
        if feed.state is FeedState.LAGGING:
            text = f"{feed.name} {mark.word} {duration_text(timedelta(seconds=feed.lag_seconds))}"
        elif feed.state is not FeedState.OK:
            text = f"{feed.name} {mark.word}"
        seen = (
            "" if feed.last_seen is None else self.tr("，最近 {0}").format(local_moment_text(feed.last_seen))
        )
        return _Entry(feed.state, text, f"{feed.name}：{mark.word}{seen}")

    def _place(self) -> None:
        merged: set[FeedState] = set()
        entries = self._entries(merged)
        boxes = self._rows(entries)
        for state in _QUIET:
            if boxes is not None:
                break
            merged.add(state)
            entries = self._entries(merged)
            boxes = self._rows(entries)
        if boxes is None:
            entries = self._entries(merged, alone=True)
            boxes = self._rows(entries)
        while boxes is None and entries:
            entries.pop()
            boxes = self._rows(entries)
        shown = [(box, entry.state, entry.text) for box, entry in self._placed]
        self._placed = list(zip(boxes or [], entries, strict=False))
        if shown != [(box, entry.state, entry.text) for box, entry in self._placed]:
            self.update()

    def _entries(self, merged: set[FeedState], *, alone: bool = False) -> list[_Entry]:
        """Return what is to stand there; `alone`: a feed that is its state's only one gives its name up."""
        entries: list[_Entry] = []
        for state in _WORST:
            feeds = [feed for feed in self._feeds if feed.state is state]
            if feeds and state in merged and (alone or len(feeds) > 1):
                every = "\n".join(self._entry(feed).explained for feed in feeds)
                entries.append(_Entry(state, f"{mark_of(state).word} {len(feeds)}", every))
            else:
                entries.extend(self._entry(feed) for feed in feeds)
        return entries

    def _rows(self, entries: list[_Entry]) -> list[QRectF] | None:
        """Return the entries' boxes, flush right in at most two rows, or None when they do not fit."""
        font = self._scale.font("font_small")
        gap = self._scale.px(14)
        mark = self._scale.px(19)
        widths = [mark + text_width(font, entry.text) for entry in entries]
        room, line = self.width(), self._scale.px(26)
        total = sum(widths) + gap * max(0, len(widths) - 1)
        if total <= room:
            return self._boxes([widths], gap, line)
        for first in range(len(widths) - 1, 0, -1):
            rows = [widths[:first], widths[first:]]
            if all(sum(row) + gap * (len(row) - 1) <= room for row in rows) and sum(rows[0]) <= max(
                sum(rows[1]), total / 2 + max(widths)
            ):
                return self._boxes(rows, gap, line)
        return None

    def _boxes(self, rows: list[list[float]], gap: float, line: float) -> list[QRectF]:
        boxes: list[QRectF] = []
        y = (self.height() - line * len(rows)) / 2
        for row in rows:
            x = self.width() - sum(row) - gap * (len(row) - 1)
            for width in row:
                boxes.append(QRectF(x, y, width, line))
                x += width + gap
            y += line
        return boxes
