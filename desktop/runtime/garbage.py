"""Collects cyclic garbage on the GUI thread only.

Python's collector runs in whichever thread happens to allocate; in a worker thread it would destroy widgets
and timers there, which Qt answers with a warning at best and a crash at worst. On the GUI thread, too, it
must not run by itself: while Qt takes a connection apart it holds a lock and asks Python for an override; a
widget destroyed in that moment waits for the same lock, for ever (PySide 6.9.3, in QObject::disconnect).
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from pyqtgraph.util.garbage_collector import GarbageCollector


@contextmanager
def garbage_collected_here() -> Iterator[None]:
    """Let only this thread, by a timer of its loop, collect garbage until the block ends."""
    # Nor may it run while Qt takes a destroyed object's connections away: PySide 6.9.3 allocates there under
    # a lock, the collector starts, and the next object's end aborts the process or waits for ever (measured:
    # once in twelve runs of the tests). So it is off while QObjects go, and has nothing of theirs left after.
    gc.disable()
    collector = GarbageCollector()
    collector.timer.setObjectName("garbage")
    try:
        yield
    finally:
        collector.timer.stop()
        del collector
        gc.collect()
        gc.enable()
