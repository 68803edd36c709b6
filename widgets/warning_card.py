"""One running warning: what is late, by how much this very second, and what can be ordered about it."""

from datetime import datetime
from enum import Enum

from PySide6.QtCore import QRect, QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from domain.events import WarningKind, WarningLevel
from domain.listing import WarningRow
from domain.people import Actor
from domain.rights import Command
from domain.urgency import Urgency
from widgets.order_button import OrderButton
from widgets.painting import RIGHT, draw_chip, draw_text, text_width
from widgets.plain import tip
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.status import mark_of, paint_mark
from widgets.tile import Tile
from widgets.tokens import tokens
from widgets.warning_order import key_of
from widgets.warning_words import climbed_text, rule_text, told_lines
from widgets.wording import (
    countdown_text,
    kind_name,
    node_name,
    standing_text,
    urgency_name,
)

_LINE, _EDGES = 26, 9
"""A line's height and what lies above and below all lines, in pixels at 1080p."""


class Ask(Enum):
    """What a press on a part of a card asks for."""

    TICKET = "ticket"
    ACKNOWLEDGE = "acknowledge"
    DIRECTIVE = "directive"
    RE_SUPERVISION = "re_supervision"


class WarningCard(Tile):
    """A card of the pool; empty and hidden until `show_warning`. Red ones are taller and carry the orders.

    A card that turns red asks for its place by `level_changed`, and takes it when it is told to `settle`.

    Signals: `asked(WarningRow, Ask)`, `pressed_down()` when any part of it is pressed, `level_changed()`.
    """

    asked = Signal(object, object)
    pressed_down = Signal()
    level_changed = Signal()

    fill = "card"

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self._row: WarningRow | None = None
        self._actor: Actor | None = None
        self._level = WarningLevel.YELLOW
        self._tall = False
        self._ended = False
        self._countdown = ""
        self._spare = 0
        self.acknowledge = OrderButton(self.tr("确认"), "link", scale, self)
        self.directive = OrderButton(self.tr("督办"), "plain", scale, self)
        self.re_supervision = OrderButton(self.tr("再监督"), "danger", scale, self)
        self.clicked.connect(self._request)
        self.acknowledge.clicked.connect(self._request_acknowledge)
        self.directive.clicked.connect(self._request_directive)
        self.re_supervision.clicked.connect(self._request_re_supervision)
        self.parts = (self, self.acknowledge, self.directive, self.re_supervision)
        for part in self.parts:
            part.pressed.connect(self.pressed_down)
        self.directive.hide()
        self.re_supervision.hide()
        self.setAccessibleName("")
        self.hide()
        scale.factor_changed.connect(self._place)

    @property
    def row(self) -> WarningRow | None:
        """The warning on the card."""
        return self._row

    @property
    def level(self) -> WarningLevel:
        """The level on screen: red from the second on that the due time passed."""
        return self._level

    @property
    def countdown(self) -> str:
        """The countdown on screen; of what was done wrong, how long that stands."""
        return self._countdown

    def show_warning(self, row: WarningRow | None, now: datetime) -> None:
        """Show a warning as of now, or nothing."""
        before = self._row
        if row == before and not self._ended:
            return
        self._row, self._ended = row, False
        self.setVisible(row is not None)
        if row is None:
            return
        self._count(now)
        self._describe(row)
        self._apply_rights()
        self._place()
        self.update()
        if before is not None and key_of(before) == key_of(row):
            self.light()

    def end(self) -> None:
        """Say that the warning is over; the card stays until its place is taken."""
        if self._row is not None and not self._ended:
            self._ended = True
            self._apply_rights()
            self.update()

    @property
    def is_settled(self) -> bool:
        """Whether the card has the height of its level."""
        return self._tall is (self._level is WarningLevel.RED)

    @property
    def has_keyboard(self) -> bool:
        """Whether the card or one of its buttons has the keyboard's focus."""
        return any(part.hasFocus() for part in self.parts)

    def settle(self) -> None:
        """Take the height and the buttons of the present level."""
        tall = self._level is WarningLevel.RED
        if tall != self._tall:
            self._tall = tall
            self._apply_rights()
            self._place()
            self.update()

    def set_actor(self, actor: Actor | None) -> None:
        """Offer only what this person may order; the rest says why not."""
        self._actor = actor
        self._apply_rights()

    def tick(self, now: datetime) -> None:
        """Count on; the card turns red when its due time passes."""
        before = self._level
        self._count(now)
        if self._level is not before:
            self.light(urgent=self._level is WarningLevel.RED)
            self.level_changed.emit()

    def _count(self, now: datetime) -> None:
        row = self._row
        if row is None or self._ended:
            return
        if row.kind is WarningKind.WRONG:
            # What was done wrong is so whether or not the node still has time.
            level, text = row.level, standing_text(row.since, now)
        else:
            level = WarningLevel.RED if now > row.due_at else row.level
            text = countdown_text(row.due_at, now)
        if text != self._countdown:
            before = self._countdown_box()
            self._countdown = text
            self.update(before.united(self._countdown_box()))
        if level is not self._level:
            self._level = level
            self._describe(row)
            self.update()

    @property
    def lines(self) -> int:
        """How many lines the card has."""
        return 3 if self._tall else 2

    def sizeHint(self) -> QSize:
        return QSize(self.scale.px(300), self.height_wanted() + self._spare * self.lines)

    def height_wanted(self) -> int:
        """Return the height in pixels that its lines need."""
        return self.scale.px(_LINE) * self.lines + self.scale.px(_EDGES)

    def set_spare(self, pixels: int) -> None:
        """Give every line so many pixels more than it needs."""
        if pixels != self._spare:
            self._spare = pixels
            self._place()
            self.update()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        row = self._row
        if row is None:
            return
        scale = self.scale
        mark = mark_of(self._level)
        strong = scale.font("font_body", bold=True)
        left, right = rect.x() + scale.px(14), rect.right() - scale.px(10)
        line = self._line()
        first = QRectF(left, rect.y() + scale.px(4), right - left, line)
        counting = text_width(strong, self._countdown)
        if self._ended:
            draw_text(painter, first, self.tr("已解除"), strong, "text_muted", RIGHT)
        else:
            draw_text(painter, first, self._countdown, strong, mark.colour_name, RIGHT)
        if self._countdown_box().contains(self.dirty):
            return  # only a second has passed
        painter.fillRect(
            QRectF(0, scale.px(2), scale.px(4), rect.height() - scale.px(4)),
            tokens().qcolor(mark.colour_name),
        )
        small = scale.font("font_small")
        second = first.translated(0, line)
        side = scale.size("mark")
        paint_mark(painter, QRectF(left, first.center().y() - side / 2, side, side), mark)
        # First line: mark, node, urgency, who took note; the countdown at the right.
        name = QRectF(first)
        name.setLeft(left + side + scale.px(8))
        x = name.x() + draw_text(painter, name, node_name(row.node), strong, "text_strong") + scale.px(9)
        x = draw_chip(painter, x, first, urgency_name(row.urgency), scale, row.urgency is Urgency.CRITICAL)
        if row.acknowledged_by is not None:
            seen = QRectF(x + scale.px(9), first.y(), right - counting - scale.px(8) - x - scale.px(9), line)
            draw_text(painter, seen, self.tr("已确认 {0}").format(row.acknowledged_by), small, "done")
        # Second line: where and what; whose it is at the right.
        kind = kind_name(row.kind)
        body = row.body_name or self.tr("待定")
        shown = (body,) if self._tall else (body, row.rule if row.kind is WarningKind.WRONG else kind)
        whose = " · ".join(shown)
        taken = min(text_width(small, whose), second.width() * 0.55)
        draw_text(painter, QRectF(right - taken, second.y(), taken, line), whose, small, "text_muted", RIGHT)
        what = " · ".join(part for part in (row.area_name, row.title or row.category_name) if part)
        second.setRight(right - taken - scale.px(10))
        draw_text(painter, second, what, small, "text_title")
        # Third line of a red card: which kind, by which rule; the orders at the right.
        if self._tall:
            third = QRectF(left, second.bottom(), self.directive.x() - scale.px(8) - left, line)
            # How far it climbed comes first: what is cut off is the end of the facts.
            told = " · ".join(part for part in (climbed_text(row), rule_text(row)) if part)
            draw_text(painter, third, told, small, "overdue_text")

    def ask_of(self, part: QWidget) -> Ask | None:
        """Return what a press on a part asks for, None while that is not offered."""
        asks = dict(zip(self.parts, Ask, strict=True))
        return asks.get(part) if part.isEnabled() else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._place()

    def _offer(self, button: OrderButton, *, shown: bool, enabled: bool) -> None:
        if button.hasFocus() and not (shown and enabled):
            # Qt would hand the keyboard on to another card, whose orders nobody meant.
            self.setFocus()
        if shown is button.isHidden():
            button.setVisible(shown)
        if enabled is not button.isEnabled():
            button.setEnabled(enabled)

    def _apply_rights(self) -> None:
        row = self._row
        body = row.body if row is not None else None
        unseen = row is not None and row.acknowledged_by is None
        for button, command, shown in (
            (self.acknowledge, Command.ACKNOWLEDGE_WARNING, unseen),
            (self.directive, Command.ISSUE_DIRECTIVE, self._tall),
            (self.re_supervision, Command.LAUNCH_RE_SUPERVISION, self._tall),
        ):
            refusal = self.tr("预警已解除") if self._ended else refusal_of(command, self._actor, body)
            self._offer(button, shown=shown, enabled=not refusal)
            button.setToolTip(tip(refusal))
            button.setAccessibleDescription(refusal)

    def _place(self) -> None:
        """Put the buttons at the right of their lines."""
        scale = self.scale
        right = self.width() - scale.px(10)
        height, line = scale.px(_LINE), self._line()
        inset = (line - height) // 2
        y = scale.px(4) + 2 * line + inset
        for button in (self.re_supervision, self.directive):
            width = button.sizeHint().width()
            button.setGeometry(right - width, y, width, height)
            right -= width + scale.px(8)
        row = self._row
        if row is not None:
            strong = scale.font("font_body", bold=True)
            chip = text_width(scale.font("font_small"), urgency_name(row.urgency)) + scale.px(12)
            x = scale.px(14) + scale.size("mark") + scale.px(8) + text_width(strong, node_name(row.node))
            x += scale.px(9) + chip + scale.px(6)
            width = self.acknowledge.sizeHint().width()
            self.acknowledge.setGeometry(round(x), scale.px(4) + inset, width, height)

    def _countdown_box(self) -> QRect:
        scale = self.scale
        width = round(text_width(scale.font("font_body", bold=True), self._countdown)) + scale.px(4)
        return QRect(self.width() - scale.px(10) - width, scale.px(4), width + scale.px(2), self._line())

    def _line(self) -> int:
        return self.scale.px(_LINE) + self._spare

    def _describe(self, row: WarningRow) -> None:
        mark = mark_of(self._level)
        spoken = self.tr("{0}色预警 {1} {2} {3} {4} {5}").format(
            mark.word, node_name(row.node), urgency_name(row.urgency), row.area_name, row.title, row.body_name
        )
        self.setAccessibleName(spoken)
        lines = [f"{row.ticket} {row.title}", *told_lines(row)]
        self.setToolTip(tip("\n".join(lines)))
        for button in (self.acknowledge, self.directive, self.re_supervision):
            button.setAccessibleName(f"{button.text()} {row.ticket} {node_name(row.node)}")

    def _request(self) -> None:
        self.asked.emit(self._row, Ask.TICKET)

    def _request_acknowledge(self) -> None:
        self.asked.emit(self._row, Ask.ACKNOWLEDGE)

    def _request_directive(self) -> None:
        self.asked.emit(self._row, Ask.DIRECTIVE)

    def _request_re_supervision(self) -> None:
        self.asked.emit(self._row, Ask.RE_SUPERVISION)
