"""The tasks and worker threads of one run, held together so that nothing is lost or left behind.

qasync 0.28.0 holds no strong reference to tasks, and a failed task is heard of at garbage collection only.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from functools import partial
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from desktop.runtime.faults import report
from desktop.runtime.workers import Workers

P = ParamSpec("P")
T = TypeVar("T")

WORKERS = 4
"""Threads for blocking calls: database readers and writers, files. They wait more than they run."""

PATIENCE_SECONDS = 10
"""How long the end of a run waits for calls in threads."""

_log = logging.getLogger(__name__)


class Tasks:
    """Supervises the tasks of a loop. Enter it on the running loop; leaving cancels and joins everything."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._workers = Workers()
        self._quit = asyncio.Event()

    async def __aenter__(self) -> "Tasks":
        global _current
        if _current is not None:
            raise RuntimeError("another run is under way")
        self._workers.start(WORKERS)
        _current = self
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        global _current
        try:
            await self.cancel_all()
        finally:
            self._workers.stop()
            await self._until_workers_end()
            _current = None

    def spawn(self, coroutine: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Start a task. Its failure is reported; it is cancelled at the end of the run."""
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._settle)
        return task

    async def in_thread(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Await a blocking call in a worker thread. Its exception is raised here.

        Context variables do not follow it there: qasync drops them.
        """
        return await asyncio.wrap_future(self._workers.submit(partial(fn, *args, **kwargs)))

    def names(self) -> list[str]:
        """Names of the tasks that run now."""
        return sorted(task.get_name() for task in self._tasks)

    def quit(self) -> None:
        self._quit.set()

    async def until_done_or_quit(self, work: asyncio.Future[int | None]) -> None:
        """Wait until the main work is done, or somebody quits: then it is cancelled, and waited for."""
        asked = asyncio.ensure_future(self._quit.wait())
        await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
        for task in (asked, work):
            task.cancel()
        await asyncio.gather(work, asked, return_exceptions=True)

    async def cancel_all(self) -> None:
        """Cancel what runs and wait until it has ended, what it spawns meanwhile included."""
        while self._tasks:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._tasks.difference_update(tasks)

    async def _until_workers_end(self) -> None:
        """Let running calls finish: a transaction cannot be stopped in the middle. One that hangs is left.

        The loop turns meanwhile, for a call may end by something that it posts there.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._workers.at_work():
            if time.monotonic() > deadline:
                _log.error("left behind at the end: %s", ", ".join(self._workers.at_work()))
                return
            await asyncio.sleep(0.01)

    def _settle(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            report(error, f"task {task.get_name()}")


_current: Tasks | None = None


def current() -> Tasks:
    """The run under way. RuntimeError outside one."""
    if _current is None:
        raise RuntimeError("nothing runs: desktop.runtime.run() starts the loop")
    return _current


def spawn(coroutine: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
    """`Tasks.spawn` of the run under way."""
    return current().spawn(coroutine, name)


async def in_thread(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`Tasks.in_thread` of the run under way."""
    return await current().in_thread(fn, *args, **kwargs)


def quit_run() -> None:
    """End the run in order."""
    current().quit()


async def until_quit() -> None:
    """Wait until somebody asks to quit: the window's use case, Ctrl-C or a signal.

    Whoever waits here as the run's main work is cancelled then, once, and ends in order in its `finally`.
    Woken up instead, it would be cancelled a moment later in the midst of that.
    """
    await asyncio.get_running_loop().create_future()
