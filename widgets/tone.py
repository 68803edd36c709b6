"""Changes the tone of a label that is already on screen: style sheets look at properties only when asked."""

from PySide6.QtWidgets import QLabel


def set_tone(label: QLabel, tone: str) -> None:
    """Give a label the look of `QLabel[tone="…"]`; an empty tone is plain text."""
    if label.property("tone") == tone:
        return
    label.setProperty("tone", tone)
    label.style().unpolish(label)
    label.style().polish(label)
