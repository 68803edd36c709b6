"""The dossier as the window feeds it, where the window shows a fixed past minute."""

from datetime import timedelta

from PySide6.QtWidgets import QWidget

from data_access.store import Store
from desktop.pages.dossier import DossierDesk
from desktop.readings import Readings
from desktop.seat import watched_by_engine
from domain.rights import Command
from tests.data_access.readers.worlds import put_tickets
from tests.data_access.streams import START, whole_life
from widgets.dossier.page import DossierPage
from widgets.scale import Scale
from widgets.wording import local_moment_text


async def test_a_dossier_at_a_fixed_minute_says_which(store: Store, qapp: object) -> None:
    put_tickets(store, one=whole_life())
    for hours in (2, 40, 200):  # handled, followed up, and long closed
        minute = START + timedelta(hours=hours)
        parent = QWidget()
        desk = DossierDesk(DossierPage(Scale(), parent), Readings(watched_by_engine(store), minute), parent)
        desk.open_ticket("one")
        await desk.refresh()
        replay = desk.dossier_page.nodes.replay
        assert replay.text == local_moment_text(minute)
        assert not desk.dossier_page.actions.buttons[Command.ISSUE_DIRECTIVE].isEnabled()
        parent.deleteLater()


async def test_a_dossier_that_follows_the_clock_is_live(store: Store, qapp: object) -> None:
    put_tickets(store, one=whole_life())
    parent = QWidget()
    desk = DossierDesk(DossierPage(Scale(), parent), Readings(watched_by_engine(store)), parent)
    desk.open_ticket("one")
    await desk.refresh()
    assert desk.dossier_page.nodes.replay.text == "实时"
    parent.deleteLater()
