"""One factor for everything: the wall's 1920x1080 design, fitted to the window that it got."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFont

from widgets.glow import Glow
from widgets.tokens import tokens

DESIGN_WIDTH, DESIGN_HEIGHT = 1920, 1080
SMALLEST, LARGEST = 0.66, 4.0

LEAST = {"font_dense": 12}
"""Text that is small already does not shrink below so many pixels, however small the window."""

_WEIGHT_AXIS = QFont.Tag("wght")


class Scale(QObject):
    """How many device pixels a design pixel has. The window makes one and hands it to every widget.

    With it comes `glow`, the light that all widgets of the window share.
    """

    factor_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._factor = 1.0
        self._fonts: dict[tuple[str, bool], QFont] = {}
        self.glow = Glow(self)

    @property
    def factor(self) -> float:
        """Pixels for one pixel of the 1920x1080 design."""
        return self._factor

    def fit(self, width: float, height: float) -> None:
        """Choose the factor for a window of this size in pixels, and tell when it changed."""
        factor = min(width / DESIGN_WIDTH, height / DESIGN_HEIGHT)
        factor = min(LARGEST, max(SMALLEST, factor))
        if factor != self._factor:
            self._factor = factor
            self._fonts.clear()
            self.factor_changed.emit()

    def px(self, design: float) -> int:
        """Return design pixels as pixels of this window; what is not nothing stays at least one pixel."""
        pixels = round(design * self._factor)
        return max(1, pixels) if design > 0 else pixels

    def size(self, name: str) -> int:
        """Return a size token as pixels of this window."""
        return max(self.px(tokens().size(name)), LEAST.get(name, 0))

    def font(self, size_name: str, bold: bool = False) -> QFont:
        """Return the font of a size token ("font_small", "font_body", …) in pixels of this window.

        One object a size, so do not change it.
        """
        found = self._fonts.get((size_name, bold))
        if found is not None:
            return found
        font = QFont(tokens().family)
        font.setPixelSize(self.size(size_name))
        weight = QFont.Weight.DemiBold if bold else QFont.Weight.Normal
        font.setWeight(weight)
        # Qt does not choose the weight of a variable font file by itself.
        font.setVariableAxis(_WEIGHT_AXIS, weight.value)
        self._fonts[size_name, bold] = font
        return font
