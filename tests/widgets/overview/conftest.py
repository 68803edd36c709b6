"""The overview's widgets as the window dresses them."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from widgets.scale import Scale
from widgets.style import apply_style, load_fonts


@pytest.fixture
def scale(qapp: QApplication) -> Iterator[Scale]:
    """The design's own scale, with font and style sheet of the program applied."""
    load_fonts()
    made = Scale()
    apply_style(qapp, made)
    yield made
    qapp.setStyleSheet("")


@pytest.fixture
def on_screen(qtbot: QtBot) -> Callable[..., QWidget]:
    """Show a widget at a size and wait until it is laid out."""

    def show(widget: QWidget, width: int, height: int) -> QWidget:
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        qtbot.waitExposed(widget)
        return widget

    return show
