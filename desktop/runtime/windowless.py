"""Runs an application's main coroutine without a window: on asyncio's own loop, without anything of Qt."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from desktop.runtime.faults import all_faults_reported, from_loop
from desktop.runtime.interrupts import ending_by_signal
from desktop.runtime.tasks import Tasks


def run_windowless(main: Callable[[], Coroutine[Any, Any, int | None]]) -> int:
    """Run `main` until it returns or someone quits; its exception is raised here, its code returned.

    On quit `main` is cancelled, so what it must put away belongs into its `finally`. Then every task is
    cancelled and joined, and the worker threads end.
    """
    with all_faults_reported(), asyncio.Runner() as runner:
        runner.get_loop().set_exception_handler(from_loop)
        return runner.run(_until_done(main))


async def _until_done(main: Callable[[], Coroutine[Any, Any, int | None]]) -> int:
    loop = asyncio.get_running_loop()
    async with Tasks() as tasks:
        # The handler of a signal runs between two steps of Python; the loop must be told to turn.
        with ending_by_signal(partial(loop.call_soon_threadsafe, tasks.quit)):
            work = asyncio.ensure_future(main())
            await tasks.until_done_or_quit(work)
    return 0 if work.cancelled() else work.result() or 0
