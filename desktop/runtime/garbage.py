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
    by_itself = gc.isenabled()
    gc.disable()
    collector = GarbageCollector()
    collector.timer.setObjectName("garbage")
    try:
        yield
    finally:
        collector.timer.stop()
        del collector
        # What goes with the block goes now, where nothing of Qt is under way.
        gc.collect()
        if by_itself:
            gc.enable()


def keep_what_stands() -> None:
    """Look no more at what is alive now, until `let_go`: it lasts as long as the window does.

    A full collection over a whole window takes 70 ms of the GUI thread, and finds nothing in it. Where
    somebody keeps something already, as the tests do, that is left alone: to let go means to let go of all.
    """
    global _kept
    gc.collect()
    if gc.get_freeze_count() == 0:
        _kept = True
        gc.freeze()


def let_go() -> None:
    """Look at everything again that was kept here."""
    global _kept
    if _kept:
        _kept = False
        gc.unfreeze()


_kept = False
"""Whether what is kept was kept here."""
