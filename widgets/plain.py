"""Foreign text on the screen: shown as it was written, and as nothing else.

A complaint may hold markup, links, or characters that turn the line around. Qt takes what looks like markup
in a label or a tool tip for rich text, and would fetch its pictures: ours are all made here.
"""

import html
import re

from PySide6.QtGui import Qt
from PySide6.QtWidgets import QLabel, QWidget

_BREAK = re.compile(r"\r\n?|[\u2028\u2029]")

# Control characters but tab and line feed, what changes the direction of writing (UAX 9: U+202A to U+202E,
# U+2066 to U+2069 and the marks), annotations and tags: no reader sees them. Half a surrogate is no text.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)

MARK = "\ufffd"
"""Stands where a character was that must not act."""


def harmless(text: str) -> str:
    """Return a text with a visible mark in place of every character that would act instead of being read."""
    if text.isascii() and text.isprintable():
        return text
    if "\r" in text or "\u2028" in text or "\u2029" in text:
        text = _BREAK.sub("\n", text)
    return _UNSEEN.sub(MARK, text)


def tip(text: str) -> str:
    """Return a tool tip that shows this text as it is: Qt has no switch that keeps one plain."""
    shown = harmless(text)
    if Qt.mightBeRichText(shown):
        return f"<span>{html.escape(shown).replace(chr(10), '<br>')}</span>"
    return shown


class PlainLabel(QLabel):
    """A label that never takes its text for markup, and opens nothing."""

    def __init__(self, text: str | QWidget | None = None, parent: QWidget | None = None) -> None:
        if isinstance(text, QWidget):
            text, parent = "", text
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setOpenExternalLinks(False)
        self.setText(text or "")

    def setText(self, text: str) -> None:
        """Show a text as it was written."""
        super().setText(harmless(text))
