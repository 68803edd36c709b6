"""A hand that drives the window: sits down as somebody at some time, takes steps by their buttons and forms,
and reads from the screen how long each clock ran, and for whom.

Whoever sits there acts through the engine's store: events then bear the time that the program goes by, which
is the test's. (Persons' own sessions bear the database's time; `tests/desktop/test_steps_in_window.py` has
those.)
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from data_access.rules import load_rules
from data_access.store import Store
from data_access.sweep import sweep
from desktop import runtime
from desktop.seat import Seat, Sitter, Sitting
from desktop.settings import Settings
from desktop.shell import CommandCentre
from domain.people import PLATFORM, Actor, Role
from tests.desktop.test_steps_in_window import facts, submit, take, until
from tests.domain.city import at

DUTY = Actor(Role.DUTY, "王磊", PLATFORM)
HOUSING = Actor(Role.HANDLER, "陈立", "housing")
ECOLOGY = Actor(Role.HANDLER, "周倩", "ecology")
OFFICER = Actor(Role.DISCIPLINE, "韩冬", "discipline")

_CHARGED = re.compile(r"用时 (.+?)，计入\s*(.+)$", re.MULTILINE)
_LATE = re.compile(r"超 (.+?)，用时")


class WallClock:
    """What time it is in the program."""

    def __init__(self) -> None:
        self._now = at("2026-09-17 16:00")

    def now(self) -> datetime:
        """Return it, in UTC."""
        return self._now

    def set(self, when: str) -> None:
        """Let it be a time of the city, such as "2026-09-17 16:00:30"."""
        self._now = at(when)


@dataclass(frozen=True, slots=True)
class Charge:
    """What the screen says of a clock that has ended: of whom, how long it ran, by how much it was late."""

    body: str
    ran: str
    late: str = ""


class Hand:
    """Drives one window."""

    def __init__(self, centre: CommandCentre, store: Store, clock: WallClock, folder: Path) -> None:
        self.centre = centre
        self.store = store
        self._clock = clock
        self._folder = folder
        self._pictures = 0

    async def sit(self, actor: Actor, when: str) -> None:
        """Let time pass, as it does before the engine's eyes, and somebody sit down."""
        await self.wait(when)
        if self.centre.forms.actor != actor:
            await self.centre.sit_down(_sitting(self.store, actor))
            await until(lambda: self.centre.forms.actor == actor and self.centre.overview is not None)

    async def wait(self, when: str) -> None:
        """Let time pass; what falls due is warned of."""
        self._clock.set(when)
        now = self._clock.now()
        await runtime.in_thread(self.store.write, lambda c: sweep(c, load_rules(c), now))

    async def open(self, number: str) -> None:
        """Open a ticket's dossier."""
        self.centre.open_ticket(number)
        await until(lambda: self.centre.dossier_page.number == number)

    async def take(self, number: str, step: type, when: str | None = None, **values: Any) -> None:
        """Take a step of the ticket by its button and its form, at a time."""
        if when is not None:
            await self.wait(when)
        await self.open(number)
        before = len(facts(self.store, f"ticket/{number}"))
        await take(self.centre, step, **values)
        await until(lambda: len(facts(self.store, f"ticket/{number}")) > before)
        await self._until_shown(number)

    async def _until_shown(self, number: str) -> None:
        """Wait until the dossier has all that was recorded."""
        page, count = self.centre.dossier_page, len(facts(self.store, f"ticket/{number}"))
        await until(lambda: page._dossier is not None and len(page._dossier.log) == count)

    def picture(self) -> str:
        """Make a photo, unlike any other, and return its path."""
        self._pictures += 1
        image = QImage(16, 16, QImage.Format.Format_RGB32)
        image.fill(self._pictures * 4001)
        path = self._folder / f"现场{self._pictures}.png"
        assert image.save(str(path))
        return str(path)

    async def charges(self, number: str) -> dict[str, Charge]:
        """Read from the dossier what each ended clock is charged for, by round and node.

        The bars are walked through by the keyboard, and what the panel beside them says is read.
        """
        await self.open(number)
        page = self.centre.dossier_page
        shown: dict[str, Charge] = {}
        for round_, button in enumerate(page.nodes.round_buttons, start=1):
            if button.isVisible():
                QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            bars = page.nodes.bars
            for _ in bars.lines:
                QTest.keyClick(bars, Qt.Key.Key_Up)
            for line in bars.lines:
                found = _CHARGED.search(page.due.text)
                if found is not None:
                    late = _LATE.search(page.due.text)
                    name = f"{round_} {line.name}"
                    while name in shown:
                        name += "'"  # a later leg's, or an assisting body's
                    shown[name] = Charge(found[2], found[1], late[1] if late else "")
                QTest.keyClick(bars, Qt.Key.Key_Down)
        return shown

    async def explained(self, number: str, node: str) -> str:
        """Read why a node of the last round was due when it was."""
        await self.open(number)
        page = self.centre.dossier_page
        bars = page.nodes.bars
        names = [line.name for line in bars.lines]
        for _ in names:
            QTest.keyClick(bars, Qt.Key.Key_Up)
        for _ in range(names.index(node)):
            QTest.keyClick(bars, Qt.Key.Key_Down)
        return page.due.text

    def facts(self, number: str) -> list[str]:
        """The names of the facts that people recorded, in order; the engine's own are left out."""
        names = [type(fact).__name__ for fact in facts(self.store, f"ticket/{number}")]
        return [name for name in names if not name.startswith(("Warning", "ReSupervisionReferred"))]


def _sitting(store: Store, actor: Actor) -> Sitting:
    return Sitting(store, Sitter(actor), own=False)


@asynccontextmanager
async def opened_window(store: Store, clock: WallClock, folder: Path) -> AsyncIterator[Hand]:
    """The window, with the office's person in front of it; no jobs run beside it."""
    seat = Seat(None, _sitting(store, DUTY))
    centre = CommandCentre(Settings(data=folder), seat)
    centre.resize(QSize(1600, 900))
    centre.start()
    try:
        await until(lambda: centre.overview is not None and centre.forms.choices is not None)
        yield Hand(centre, store, clock, folder)
    finally:
        await centre.stop()
        centre.hide()
        centre.deleteLater()


__all__ = ["DUTY", "ECOLOGY", "HOUSING", "OFFICER", "Charge", "Hand", "WallClock", "opened_window", "submit"]
