"""Each widget is measured in the platform's own clothes, unless its test dresses it."""

import pytest
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def undressed(qapp: QApplication) -> None:
    """Take off what an earlier test of this process left on: the application's font and style sheet stay."""
    if qapp.styleSheet():
        qapp.setStyleSheet("")
    plain = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if qapp.font() != plain:
        qapp.setFont(plain)
