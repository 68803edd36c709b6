"""现场证据: the files that a ticket's events name by checksum, newest first, two cards a line."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from domain.dossier import EvidenceRow
from widgets.fact_grid import small_label
from widgets.painting import draw_card, draw_text
from widgets.panel import Panel
from widgets.scale import Scale
from widgets.status import Mark, Shape, paint_mark
from widgets.wording import exact_count_text, local_moment_text, past_moment_text

COLUMNS, SHOWN = 2, 4


class EvidencePanel(Panel):
    """A card for each of the newest files; the log has the others."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("现场证据"))
        self._grid = QGridLayout()
        self.cards = [EvidenceCard(scale, self) for _ in range(SHOWN)]
        for position, card in enumerate(self.cards):
            self._grid.addWidget(card, position // COLUMNS, position % COLUMNS)
        for column in range(COLUMNS):
            self._grid.setColumnStretch(column, 1)
        self._words: QLabel = small_label(self, "muted")
        self.body.addLayout(self._grid)
        self.body.addWidget(self._words)
        self._space()
        scale.factor_changed.connect(self._space)
        self._words.setText(self.tr("尚无现场影像"))

    def show_evidence(self, rows: Sequence[EvidenceRow], now: datetime) -> None:
        """Show the files, those used before first, then the newest; `now` is the dossier's minute."""
        repeated = sum(row.repeated for row in rows)
        if not rows:
            self.set_note("")
        elif repeated:
            self.set_note(self.tr("{0} 份 · ■ {1} 份重复使用").format(len(rows), repeated), "overdue")
        else:
            self.set_note(self.tr("{0} 份 · ● 校验和无重复").format(len(rows)), "done")
        # A file that was used before is what one looks for: it stands first.
        newest = list(reversed(rows))
        newest.sort(key=_is_new)
        for position, card in enumerate(self.cards):
            card.show_row(newest[position] if position < len(newest) else None, now)
        rest = len(newest) - SHOWN
        words = self.tr("另有 {0} 份，见事件日志").format(exact_count_text(rest)) if rest > 0 else ""
        self._words.setText(words if newest else self.tr("尚无现场影像"))
        self._words.setVisible(bool(self._words.text()))

    def _space(self) -> None:
        self._grid.setSpacing(self.scale.px(8))
        self.body.setSpacing(self.scale.px(6))


class EvidenceCard(QWidget):
    """When, by whom, how far from the point, and the start of the checksum."""

    LINE = 27

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(parent)
        self._scale = scale
        self._row: EvidenceRow | None = None
        self._at = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        scale.factor_changed.connect(self.updateGeometry)
        self.hide()

    def show_row(self, row: EvidenceRow | None, now: datetime) -> None:
        """Show a file as of now, or nothing."""
        self._row = row
        self._at = past_moment_text(row.at, now) if row is not None else ""
        self.setVisible(row is not None)
        if row is not None:
            words = [local_moment_text(row.at), row.actor, row.note, f"SHA-256 {row.sha256}"]
            if row.repeated:
                words.insert(0, self.tr("■ 该文件此前已使用过"))
            self.setToolTip("\n".join(word for word in words if word))
            self.setAccessibleName(" ".join((*words[:-1], *self.lines())))
            self.update()

    def lines(self) -> tuple[str, str]:
        """Return the two lines on the card."""
        row = self._row
        if row is None:
            return "", ""
        parts = [row.actor, f"#{row.sha256[:4]}"]
        if row.distance_m is not None:
            parts.insert(1, f"{round(row.distance_m)} m")
        return self._at, " · ".join(part for part in parts if part)

    def sizeHint(self) -> QSize:
        return QSize(self._scale.px(200), self._scale.px(2 * self.LINE + 8))

    def paintEvent(self, _event: QPaintEvent) -> None:
        row, scale = self._row, self._scale
        if row is None:
            return
        painter = QPainter(self)
        repeated = Mark("overdue", Shape.SQUARE, self.tr("重复"))
        rect = QRectF(self.rect())
        draw_card(painter, rect, scale, "card", repeated.colour_name if row.repeated else "panel_border")
        small, pad = scale.font("font_small"), scale.px(10)
        line = QRectF(pad, scale.px(4), rect.width() - 2 * pad, scale.px(self.LINE))
        upper, lower = self.lines()
        if row.repeated:
            side = scale.px(13)
            paint_mark(painter, QRectF(line.x(), line.center().y() - side / 2, side, side), repeated)
            shift = side + scale.px(6)
            shift += draw_text(
                painter, line.adjusted(shift, 0, 0, 0), repeated.word, small, repeated.colour_name
            )
            draw_text(painter, line.adjusted(shift + scale.px(6), 0, 0, 0), upper[:-3], small, "text")
        else:
            draw_text(painter, line, upper, small, "text")
        line.translate(0, line.height())
        draw_text(painter, line, lower, small, "text_muted")
        painter.end()


def _is_new(row: EvidenceRow) -> bool:
    return not row.repeated
