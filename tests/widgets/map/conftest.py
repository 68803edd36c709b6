"""A real map with a real page, off-screen, in the small square city of samples.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.widgets.map.samples import write_boundaries
from widgets.map.view import TicketMap
from widgets.scale import Scale
from widgets.style import load_fonts


@pytest.fixture
def scale(qapp: object) -> Iterator[Scale]:
    load_fonts()
    made = Scale()
    yield made
    made.deleteLater()


@pytest.fixture
def ticket_map(qtbot: QtBot, scale: Scale, tmp_path: Path) -> TicketMap:
    made = TicketMap(scale, write_boundaries(tmp_path), tmp_path / "page")
    qtbot.addWidget(made)
    made.frame_requested.connect(made.compute_here)
    made.resize(800, 600)
    made.show()
    return made
