"""One loop for Qt and asyncio, and everything that may run on it. The only place that knows qasync.

run(main)              the application: Qt, the loop, Ctrl-C, one orderly end
spawn(coroutine, name) a task that is held, named, reported when it fails, cancelled at the end
await in_thread(fn)    a blocking call, off the window's thread
quit()                 the one way to end; until_quit() waits for it
report(error, where)   what an unexpected fault comes to, whoever caught it
"""

from desktop.runtime.faults import report
from desktop.runtime.loop import run
from desktop.runtime.tasks import Tasks, current, in_thread, spawn, until_quit
from desktop.runtime.tasks import quit_run as quit  # noqa: A004 - read as runtime.quit()

__all__ = ["Tasks", "current", "in_thread", "quit", "report", "run", "spawn", "until_quit"]
