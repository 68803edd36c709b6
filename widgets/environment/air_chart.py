"""What the painted parts of the index view have in common: the scale, the guard around painting, moments."""

from datetime import datetime

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from domain.stations import Span
from widgets.painting import report_fault
from widgets.scale import Scale
from widgets.wording import local_day_text, local_time_text


class AirChart(QWidget):
    """Subclasses draw themselves in `draw`; a fault there is reported, and the wall stays up."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale = scale
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the content into the rectangle (pixels)."""
        raise NotImplementedError

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self.draw(painter, QRectF(self.rect()))
        except Exception as error:  # noqa: BLE001 - it would end the process
            report_fault(error)
        finally:
            painter.end()


def moment_word(moment: datetime, span: Span) -> str:
    """Return the hour or the day of a value, as short as an axis has it: "14:00", "11-22"."""
    return (local_time_text if span is Span.HOUR else local_day_text)(moment)[:5]
