"""The strokes that the painted widgets share: elided text, chips, bars and the ring of the keyboard focus."""

import sys
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QStaticText

from widgets.plain import harmless
from widgets.scale import Scale
from widgets.tokens import tokens

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


_REMEMBERED = 2048
"""So many texts stay laid out: a screen has a few hundred, and countdowns are new ones every second."""

_GRACE = 0.5
"""A text must fit the width that was measured for it, in pixels."""


def report_fault(error: Exception) -> None:
    """Report a fault where those of slots end up. What leaves a method that Qt paints by ends the process."""
    sys.excepthook(type(error), error, error.__traceback__)


@lru_cache(_REMEMBERED)
def text_width(font: QFont, text: str) -> float:
    """Return the width of a text in pixels."""
    return QFontMetricsF(font).horizontalAdvance(harmless(text))


def draw_text(
    painter: QPainter,
    rect: QRectF,
    text: str,
    font: QFont,
    colour_name: str,
    align: Qt.AlignmentFlag = LEFT,
) -> float:
    """Draw one line of text, elided to the rectangle, and return the width that it took in pixels."""
    room = rect.width()
    if room <= 0 or not text:
        return 0.0
    width = text_width(font, text)
    if width > room + _GRACE:
        text = _elided(font, text, room)
        width = text_width(font, text)
    laid_out, height = _laid_out(font, text)
    x = rect.x()
    if align is not LEFT:
        x += room - width if align is RIGHT else (room - width) / 2
    painter.setFont(font)
    painter.setPen(tokens().qcolor(colour_name))
    painter.drawStaticText(QPointF(x, rect.y() + (rect.height() - height) / 2), laid_out)
    return width


@lru_cache(_REMEMBERED)
def _elided(font: QFont, text: str, room: float) -> str:
    return QFontMetricsF(font).elidedText(harmless(text), Qt.TextElideMode.ElideRight, room + _GRACE)


@lru_cache(_REMEMBERED)
def _laid_out(font: QFont, text: str) -> tuple[QStaticText, float]:
    """A text ready to be drawn, and its height in pixels: laying out is half of what drawing costs."""
    made = QStaticText(harmless(text))
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.prepare(font=font)
    return made, QFontMetricsF(font).height()


def draw_card(
    painter: QPainter, rect: QRectF, scale: Scale, fill: str | None, border: str | None = None
) -> None:
    """Draw a rounded rectangle; the border lies inside it."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(tokens().qcolor(fill) if fill else Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(tokens().qcolor(border), scale.px(1)) if border else Qt.PenStyle.NoPen)
    half = scale.px(1) / 2 if border else 0
    radius = scale.px(6)
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius, radius)
    painter.restore()


def draw_focus(painter: QPainter, rect: QRectF, scale: Scale) -> None:
    """Draw the ring that says where the keyboard is."""
    width = scale.px(2)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(tokens().qcolor("focus"), width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = width / 2
    radius = scale.px(6)
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius, radius)
    painter.restore()


def draw_chip(painter: QPainter, left: float, rect: QRectF, text: str, scale: Scale, urgent: bool) -> float:
    """Draw a small framed word from `left` on, centred in the rectangle's height; return its right end."""
    font = scale.font("font_small")
    pad = scale.px(6)
    box = QRectF(left, 0, text_width(font, text) + 2 * pad, scale.px(25))
    box.moveTop(rect.center().y() - box.height() / 2)
    fill, border, ink = (
        ("danger_button", "danger_button_border", "button_text")
        if urgent
        else (None, "chip_border", "text_title")
    )
    draw_card(painter, box, scale, fill, border)
    draw_text(painter, box, text, font, ink, CENTRE)
    return box.right()


def draw_bar(
    painter: QPainter, rect: QRectF, share: float, colour_name: str, sure_share: float | None = None
) -> None:
    """Draw a bar of 0..1 on its track; what lies above `sure_share` is drawn faint."""
    radius = rect.height() / 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tokens().qcolor("track"))
    painter.drawRoundedRect(rect, radius, radius)
    painter.setBrush(tokens().qcolor(colour_name))
    for length, opacity in ((share, 0.45 if sure_share is not None else 1.0), (sure_share, 1.0)):
        if length is not None and length > 0:
            painter.setOpacity(opacity)
            width = max(rect.height(), rect.width() * min(1.0, length))
            painter.drawRoundedRect(QRectF(rect.x(), rect.y(), width, rect.height()), radius, radius)
    painter.restore()
