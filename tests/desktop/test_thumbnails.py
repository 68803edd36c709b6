"""Small pictures on a dossier's evidence cards: read aside, within bounds, of the shown ticket (Y28)."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from data_access import evidence
from data_access.store import Store
from desktop import thumbnails
from desktop.readings import Readings
from desktop.seat import watched_by_engine
from desktop.thumbnails import Thumbnails
from domain.dossier import EvidenceRow
from tests.data_access.gate.test_evidence import PDF
from tests.widgets.case_records import START, after
from widgets.dossier.evidence_panel import EvidencePanel
from widgets.scale import Scale


def saved(path: Path, picture: Image.Image) -> bytes:
    picture.save(path)
    return path.read_bytes()


def row(checksum: str, minutes: float) -> EvidenceRow:
    return EvidenceRow(checksum, after(minutes=minutes), "陈立")


@pytest.fixture
def panel(qtbot: QtBot) -> EvidencePanel:
    made = EvidencePanel(Scale())
    qtbot.addWidget(made)
    return made


async def until_known(small: Thumbnails, count: int) -> None:
    for _ in range(200):
        if len(small._known) == count:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"{len(small._known)} small pictures, not {count}")


async def test_cards_show_their_pictures(
    store: Store, panel: EvidencePanel, tmp_path: Path, qtbot: QtBot
) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    contents = {
        "jpeg": saved(tmp_path / "1.jpg", Image.new("RGB", (3000, 2000), "green")),
        "pdf": PDF,
        # Small on the disk, 36 million pixels when unpacked: no JPEG, which is shrunk as it is read.
        "bomb": saved(tmp_path / "2.png", Image.new("1", (6000, 6000))),
    }
    sums = {
        name: store.write(lambda c, name=name, content=content: evidence.keep(c, "T-1", name, content))
        for name, content in contents.items()
    }
    rows = [row(checksum, n) for n, checksum in enumerate([*sums.values(), "ab" * 32])]
    panel.show_evidence(rows, after(minutes=10))
    small = Thumbnails(Readings(watched_by_engine(store)), owner)
    small.show("T-1", panel)
    await until_known(small, 1)
    assert set(small._known) == {sums["jpeg"]}
    found = small._known[sums["jpeg"]]
    assert max(found.width(), found.height()) == thumbnails.SIDE
    await asyncio.sleep(0.05)
    assert sums["jpeg"] not in panel.wanted
    assert panel.grab().toImage().size() == panel.size()
    # The same dossier again: nothing is asked for twice. Another one's pictures are forgotten.
    asked = set(small._asked)
    small.show("T-1", panel)
    assert small._asked == asked
    panel.show_evidence([replace(rows[3], at=START)], after(minutes=10))
    small.show("T-2", panel)
    assert small._known == {}
    await asyncio.sleep(0.2)
    assert panel.wanted == ("ab" * 32,)
