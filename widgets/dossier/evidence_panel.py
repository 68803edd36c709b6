"""现场证据: the files that a ticket's events name by checksum, a card for the files of one event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from domain.dossier import EvidenceRow
from widgets.fact_grid import small_label
from widgets.painting import draw_card, draw_focus, draw_text
from widgets.panel import Panel
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import Mark, Shape, paint_mark
from widgets.wording import exact_count_text, local_moment_text, past_moment_text

COLUMNS, SHOWN = 2, 4


@dataclass(frozen=True, slots=True)
class EvidenceGroup:
    """The files that one event brought, as many as are new or as were used before."""

    rows: tuple[EvidenceRow, ...]

    @property
    def first(self) -> EvidenceRow:
        """The file that stands for the others."""
        return self.rows[0]


def groups_of(rows: Sequence[EvidenceRow]) -> list[EvidenceGroup]:
    """Return the files by event, in the order of the cards: used before first, then the newest."""
    groups = [EvidenceGroup(tuple(members)) for _, members in groupby(rows, key=_event_of)]
    groups.reverse()
    groups.sort(key=_is_new)
    return groups


class EvidencePanel(Panel):
    """Two cards a line; the log has what finds no place.

    Signals: evidence_requested(tuple), the checksums of a card that was clicked.
    """

    evidence_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("现场证据"))
        self._grid = QGridLayout()
        self.cards = [EvidenceCard(scale, self) for _ in range(SHOWN)]
        for position, card in enumerate(self.cards):
            card.opened.connect(self.evidence_requested)
            self._grid.addWidget(card, position // COLUMNS, position % COLUMNS)
        for column in range(COLUMNS):
            self._grid.setColumnStretch(column, 1)
        self._words: QLabel = small_label(self, "muted")
        self._words.setText(self.tr("尚无现场影像"))
        self.body.addLayout(self._grid)
        self.body.addWidget(self._words)
        self._space()
        scale.factor_changed.connect(self._space)

    @property
    def words(self) -> str:
        """The line under the cards."""
        return self._words.text()

    def show_evidence(self, rows: Sequence[EvidenceRow], now: datetime) -> None:
        """Show the files, in the order of their events; `now` is the dossier's minute (aware)."""
        repeated = sum(row.repeated for row in rows)
        if not rows:
            self.set_note("")
        elif repeated:
            self.set_note(self.tr("{0} 份 · ■ {1} 份重复使用").format(len(rows), repeated), "overdue")
        else:
            self.set_note(self.tr("{0} 份 · ● 校验和无重复").format(len(rows)), "done")
        groups = groups_of(rows)
        for position, card in enumerate(self.cards):
            card.show_group(groups[position] if position < len(groups) else None, now)
        rest = sum(len(group.rows) for group in groups[SHOWN:])
        words = self.tr("另有 {0} 份，见事件日志").format(exact_count_text(rest)) if rest else ""
        self._words.setText(words if rows else self.tr("尚无现场影像"))
        self._words.setVisible(bool(self._words.text()))

    @property
    def wanted(self) -> tuple[str, ...]:
        """The checksums of the files whose small pictures the cards have room for, and lack."""
        wanted = (card.wanted for card in self.cards)
        return tuple(dict.fromkeys(checksum for checksum in wanted if checksum))

    def show_pictures(self, pictures: Mapping[str, QImage]) -> None:
        """Show small pictures by checksum; those of files that have left the cards are passed over."""
        for card in self.cards:
            card.show_picture(pictures)

    def _space(self) -> None:
        self._grid.setSpacing(self.scale.px(8))
        self.body.setSpacing(self.scale.px(6))


class EvidenceCard(QWidget):
    """When, by whom, how far from the point, how many files; the tooltip has their checksums.

    Signals: opened(tuple), the checksums, by a click or a key.
    """

    LINE = 27
    opened = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(parent)
        self._scale = scale
        self._group: EvidenceGroup | None = None
        self._at = ""
        self._picture: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        scale.factor_changed.connect(self.updateGeometry)
        self.hide()

    def show_group(self, group: EvidenceGroup | None, now: datetime) -> None:
        """Show the files of an event as of now, or nothing."""
        if group == self._group and (group is None or self._at == past_moment_text(group.first.at, now)):
            return
        if group is None or self._group is None or group.first.sha256 != self._group.first.sha256:
            self._picture = None
        self._group = group
        self.setVisible(group is not None)
        if group is None:
            return
        row = group.first
        self._at = past_moment_text(row.at, now)
        words = [local_moment_text(row.at), row.actor, row.note, *(f"SHA-256 {r.sha256}" for r in group.rows)]
        if row.repeated:
            words.insert(0, self.tr("■ 此前已使用过"))
        self.setToolTip(tip("\n".join(word for word in words if word)))
        self.setAccessibleName(" ".join((self.tr("■ 重复") if row.repeated else "", *self.lines())).strip())
        self.update()

    @property
    def wanted(self) -> str:
        """The checksum of the file whose small picture is lacking, empty for none."""
        return self._group.first.sha256 if self._group is not None and self._picture is None else ""

    def show_picture(self, pictures: Mapping[str, QImage]) -> None:
        """Show the small picture of the card's first file, if it is among these."""
        found = pictures.get(self.wanted)
        if found is not None:
            self._picture = found
            self.update()

    def lines(self) -> tuple[str, str]:
        """Return the two lines on the card."""
        if self._group is None:
            return "", ""
        row, count = self._group.first, len(self._group.rows)
        parts = [row.actor, self.tr("{0} 份").format(count) if count > 1 else f"#{row.sha256[:4]}"]
        if row.distance_m is not None:
            parts.insert(1, f"{round(row.distance_m)} m")
        return self._at, " · ".join(part for part in parts if part)

    def sizeHint(self) -> QSize:
        return QSize(self._scale.px(200), self._scale.px(2 * self.LINE + 8))

    def paintEvent(self, _event: QPaintEvent) -> None:
        group, scale = self._group, self._scale
        if group is None:
            return
        painter = QPainter(self)
        again = Mark("overdue", Shape.SQUARE, self.tr("重复"))
        rect = QRectF(self.rect())
        repeated = group.first.repeated
        draw_card(painter, rect, scale, "card", again.colour_name if repeated else "panel_border")
        small, pad = scale.font("font_small"), scale.px(10)
        line = QRectF(pad, scale.px(4), rect.width() - 2 * pad, scale.px(self.LINE))
        if self._picture is not None:
            side = rect.height() - 2 * scale.px(4)
            frame = QRectF(scale.px(4), scale.px(4), side, side)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(frame, self._picture, middle_of(self._picture))
            line.setLeft(frame.right() + scale.px(8))
        upper, lower = self.lines()
        below = line.translated(0, line.height())
        if repeated:
            side = scale.px(13)
            paint_mark(painter, QRectF(line.x(), line.center().y() - side / 2, side, side), again)
            line.setLeft(line.left() + side + scale.px(6))
            taken = draw_text(painter, line, again.word, small, again.colour_name)
            line.setLeft(line.left() + taken + scale.px(8))
            # The seconds give way to the word; the tooltip has them.
            upper = upper[:-3]
        draw_text(painter, line, upper, small, "text")
        draw_text(painter, below, lower, small, "text_muted")
        if self.hasFocus():
            draw_focus(painter, rect, scale)
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the files of the card."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open them by the keyboard, too."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._open()
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        if self._group is not None:
            self.opened.emit(tuple(row.sha256 for row in self._group.rows))


def middle_of(picture: QImage) -> QRectF:
    """Return the square in the middle of a picture."""
    side = min(picture.width(), picture.height())
    return QRectF((picture.width() - side) / 2, (picture.height() - side) / 2, side, side)


def _event_of(row: EvidenceRow) -> tuple[datetime, str, bool]:
    return row.at, row.actor, row.repeated


def _is_new(group: EvidenceGroup) -> bool:
    return not group.first.repeated
