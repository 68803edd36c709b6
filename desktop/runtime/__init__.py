"""One loop for Qt and asyncio, and everything that may run on it. The only place that knows qasync.

run(main)              the application: Qt, the loop, Ctrl-C, one orderly end
run_windowless(main)   the same without a window, on asyncio's own loop; nothing of Qt is loaded
spawn(coroutine, name) a task that is held, named, reported when it fails, cancelled at the end
await side_by_side() tasks of a loop on a thread of its own, which end together
await in_thread(fn)    a blocking call, off the window's thread
quit()                 the one way to end; until_quit() waits for it
report(error, where)   what an unexpected fault comes to, whoever caught it
"""

from collections.abc import Callable, Coroutine
from typing import Any

from desktop.runtime.faults import report
from desktop.runtime.side_by_side import side_by_side
from desktop.runtime.tasks import Tasks, current, in_thread, spawn, until_quit
from desktop.runtime.tasks import quit_run as quit  # noqa: A004 - read as runtime.quit()
from desktop.runtime.windowless import run_windowless


def run(main: Callable[[], Coroutine[Any, Any, int | None]]) -> int:
    """`loop.run`: run `main` with Qt until it returns or someone quits, and return its code."""
    # Qt is loaded here and not before: what runs without a window needs no graphics libraries.
    from desktop.runtime import loop

    return loop.run(main)


__all__ = [
    "Tasks",
    "current",
    "in_thread",
    "quit",
    "report",
    "run",
    "run_windowless",
    "side_by_side",
    "spawn",
    "until_quit",
]
