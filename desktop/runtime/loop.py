"""Starts Qt and asyncio on one loop, runs the application's main coroutine, and ends in order."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import qasync
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QLibraryInfo, Qt, QTranslator
from PySide6.QtWidgets import QApplication, QGraphicsView

from desktop.runtime.faults import all_faults_reported, from_loop
from desktop.runtime.garbage import garbage_collected_here
from desktop.runtime.interrupts import ending_by_signal
from desktop.runtime.qt_messages import qt_messages_logged
from desktop.runtime.tasks import Tasks
from desktop.runtime.waking import woken_by_signals

_log = logging.getLogger(__name__)


def application() -> QApplication:
    """The one QApplication, ready for web pages and for a loop that Qt must not end by itself."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    # WebEngine asks for it before the application exists.
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    # The window's class on the desktop is the name in the first argument.
    app = QApplication(["qingshao"])
    app.setApplicationName("qingshao")
    app.setApplicationDisplayName("青哨")
    app.setDesktopFileName("qingshao")
    _let_qt_speak_chinese(app)
    return app


def _let_qt_speak_chinese(app: QApplication) -> None:
    # Whatever language the machine has: Qt's own file dialog and text menus stand among Chinese pages.
    words = QTranslator(app)
    if words.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(words)
    else:
        _log.warning("Qt's Chinese words are not installed: its own dialogs speak English")


def run(main: Callable[[], Coroutine[Any, Any, int | None]]) -> int:
    """Run `main` until it returns or someone quits; its exception is raised here, its code returned.

    On quit `main` is cancelled, so what it must put away belongs into its `finally`. Then every task is
    cancelled and joined, the worker threads end, and widgets left over are deleted.
    """
    app = application()
    # Otherwise closing the last window stops the loop under the running tasks (qasync issue 39).
    app.setQuitOnLastWindowClosed(False)
    with (
        qt_messages_logged(),
        all_faults_reported(),
        garbage_collected_here(),
        asyncio.Runner(loop_factory=new_loop) as runner,
    ):
        return runner.run(_until_done(main))


def new_loop() -> asyncio.AbstractEventLoop:
    """A qasync loop on the running QApplication, its faults reported."""
    loop = qasync.QEventLoop(application())
    loop.set_exception_handler(from_loop)
    return loop


async def _until_done(main: Callable[[], Coroutine[Any, Any, int | None]]) -> int:
    async with Tasks() as tasks:
        with ending_by_signal(tasks.quit), woken_by_signals():
            work = asyncio.ensure_future(main())
            await tasks.until_done_or_quit(work)
    _delete_widgets()
    return 0 if work.cancelled() else work.result() or 0


def _delete_widgets() -> None:
    """Views must go before the web profile does, or WebEngine complains while the process ends."""
    for widget in QApplication.topLevelWidgets():
        if shiboken6.isValid(widget):
            # Hidden, not closed: closing a window asks to quit, and that has happened.
            widget.hide()
            for chart in widget.findChildren(QGraphicsView):
                # By hand: what Qt deletes of pyqtgraph's items while it deletes the window ends the process.
                shiboken6.delete(chart)
    for widget in QApplication.topLevelWidgets():
        widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
