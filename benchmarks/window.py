"""The real window in a process of its own, watched from inside: `python -m benchmarks.window SCENARIO`.

It opens the store that QINGSHAO_DATA or QINGSHAO_DATABASE_URL names, off-screen at 1920x1080, as
`main.py run` does with a display, and tells what it sees as JSON lines, each with the time of telling.
"""

import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from desktop import environment

if TYPE_CHECKING:
    from data_access.store import Store
    from desktop.shell import CommandCentre

WIDTH, HEIGHT = 1920, 1080
PATIENCE_SECONDS = 180
POLL_SECONDS = 0.005
COUNT_SECONDS = 10


def tell(event: str, **values: Any) -> None:
    """Write one line for the process that watches."""
    line = {"event": event, "wall": time.time(), **values}
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


async def first_picture(centre: "CommandCentre") -> None:
    """Wait until overview and map have been painted with the store's tickets."""
    from PySide6.QtWidgets import QApplication

    from widgets.map.view import TicketMap

    ticket_map = centre.findChild(TicketMap)
    end = time.monotonic() + PATIENCE_SECONDS
    told = False
    while time.monotonic() < end:
        state = ticket_map.render_state()
        if centre.overview is not None and not told:
            told = True
            tell("panels")
        if centre.overview is not None and state.settled and state.marks:
            QApplication.sendPostedEvents()
            return
        await asyncio.sleep(POLL_SECONDS)
    raise TimeoutError(f"no full picture within {PATIENCE_SECONDS} s: {ticket_map.render_state()}")


async def start_scenario(centre: "CommandCentre", _store: "Store") -> None:
    """Tell when the first full picture is there."""
    centre.start()
    tell("shown")
    await first_picture(centre)
    tell("ready")


async def live_scenario(centre: "CommandCentre", _store: "Store") -> None:
    """Tell of every look when it is on screen, of stalls, and of what the process holds; until stopped."""
    from benchmarks.watching import Heartbeat, Looks

    centre.start()
    await first_picture(centre)
    tell("ready")
    looks = Looks(centre, tell)
    beat = Heartbeat(centre, tell)
    beat.start()
    try:
        while True:
            tell("holds", **_held(centre))
            await asyncio.sleep(COUNT_SECONDS)
    finally:
        beat.stop()
        looks.stop()


def _held(centre: "CommandCentre") -> dict[str, Any]:
    """Count what must not pile up: tasks, timers, threads, objects of Qt and blocks of Python's memory."""
    from PySide6.QtCore import QObject, QTimer

    return {
        "tasks": len(asyncio.all_tasks()),
        "timers": len(centre.findChildren(QTimer)),
        "qobjects": len(centre.findChildren(QObject)),
        "threads": threading.active_count(),
        "blocks": sys.getallocatedblocks(),
    }


async def list_scenario(centre: "CommandCentre", _store: "Store") -> None:
    """List all tickets; jump to places around the middle, scroll pages there; tell how long until painted."""
    from benchmarks.scrolling import scroll

    centre.start()
    await first_picture(centre)
    await scroll(centre, tell)


async def drill_scenario(centre: "CommandCentre", store: "Store") -> None:
    """Open the list behind a figure of the rankings."""
    from benchmarks.scrolling import drill

    centre.start()
    await first_picture(centre)
    await drill(centre, store, tell)


SCENARIOS: dict[str, Callable[..., Any]] = {
    "start": start_scenario,
    "live": live_scenario,
    "list": list_scenario,
    "drill": drill_scenario,
}


def main(arguments: list[str]) -> int:
    """Run one scenario."""
    environment.prepare()
    environment.use_offscreen()
    environment.settle_sandbox()
    from desktop import logs, runtime, settings
    from desktop.application import build, open_store

    chosen = settings.load()
    logs.open_log(chosen)
    store = open_store(chosen)
    tell("store")

    async def run() -> None:
        centre = build(chosen, store)
        centre.resize(WIDTH, HEIGHT)
        try:
            await SCENARIOS[arguments[0]](centre, store)
        finally:
            await centre.stop()

    try:
        return runtime.run(run)
    finally:
        store.close()
        tell("end")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
