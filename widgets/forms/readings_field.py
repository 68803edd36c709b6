"""What was measured, one a line, as people write it down on site: a name, a value and its limit (Y27)."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QWidget

from domain.readings import MOST_READINGS, parse_reading
from widgets.forms.text_edit import SentenceEdit
from widgets.scale import Scale

LINES = 2
SHORT = 20


class ReadingsField(SentenceEdit):
    """Lines such as "噪声 71 / 55 dB(A)"."""

    def __init__(self, placeholder: str, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(placeholder, LINES, scale, parent)

    @property
    def value(self) -> Mapping[str, Any] | None:
        """The fields of the fact, None where nothing was measured."""
        found = [reading for line in self._lines_written() if (reading := parse_reading(line)) is not None]
        if not found:
            return None
        return {
            "measured": tuple(reading.item for reading in found),
            "values": tuple(reading.value for reading in found),
            "limits": tuple(reading.limit for reading in found),
        }

    @property
    def flaw(self) -> str:
        """The first line that is no reading, or too many of them."""
        lines = self._lines_written()
        odd = next((line for line in lines if parse_reading(line) is None), None)
        if odd is not None:
            shown = odd if len(odd) <= SHORT else f"{odd[:SHORT]}…"
            return self.tr("“{0}”看不懂，请写成“噪声 71 / 55 dB(A)”").format(shown)
        if len(lines) > MOST_READINGS:
            return self.tr("过多，最多 {0} 项").format(MOST_READINGS)
        return ""

    def _lines_written(self) -> list[str]:
        return [line for line in self.text.splitlines() if line.strip()]
