"""What every test may rely on: Qt off-screen, one embedded PostgreSQL, and nothing left behind.

A test fails when it leaves a window, a thread or a task, when Qt warns, or when something is logged at
WARNING or above that it did not announce with `@pytest.mark.faults_expected`.
"""

import asyncio
import gc
import inspect
import logging
import os
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Nothing that a test starts may write into the folder of whoever runs it.
os.environ["QINGSHAO_DATA"] = tempfile.mkdtemp(prefix="qingshao-tests-data-")
# Nor may it be heard, but where a test is about that.
os.environ["QINGSHAO_SOUND"] = "false"

from desktop import environment

environment.prepare()
environment.use_offscreen()
environment.settle_sandbox()

pytest_plugins = ["tests.servers.fixtures"]

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"

_QT_FIXTURES = {"qapp", "qtbot", "loop", "tasks", "qtmodeltester"}
_READINGS = ("rows from", "costly parts")
"""How tasks are named that a page begins by itself, whether or not a test waits for them."""
_STORE_FIXTURES = {"postgres", "store", "database_url", "city_server"}


_KEPT = pytest.StashKey[Path]()
"""The file whose tests run: what stood before them is looked at no more."""

GARBAGE_WORTH_COLLECTING = 50_000
"""So many new objects between two tests are worth a look."""

# As in the program: a collection in the midst of Qt's work can lock the thread (desktop/runtime/garbage.py).
gc.disable()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "faults_expected: the test provokes faults and checks what is logged")
    config.addinivalue_line("markers", "slow: takes more than ten seconds")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Pure tests first, then those with the store, then those with Qt: the quick ones speak soonest.

    Where several processes share the files, those with the heaviest test come first, and of these those with
    the most tests: when a long one comes last, all wait for it. Within a file the order stays.
    """
    items.sort(key=_weight)
    if hasattr(config, "workerinput"):
        heaviest = {item.path: _weight(item) for item in items}  # the last one of a file
        count = Counter(item.path for item in items)
        items.sort(key=lambda item: (heaviest[item.path], count[item.path]), reverse=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Spare the collections in a file's tests whatever stood before them.

    Among six thousand tests that is two million objects, and a second or two for each collection.
    """
    if item.path != item.session.stash.get(_KEPT, None):
        item.session.stash[_KEPT] = item.path
        gc.collect()
        gc.freeze()


def pytest_runtest_logfinish() -> None:
    """Collect garbage between tests, where nothing of Qt is under way."""
    if gc.get_count()[0] > GARBAGE_WORTH_COLLECTING:
        gc.collect()


def _weight(item: pytest.Item) -> int:
    names = set(getattr(item, "fixturenames", ()))
    heavy = 4 if item.get_closest_marker("slow") else 0
    qt = bool(names & _QT_FIXTURES) or _is_async(item)
    return heavy + (2 if qt else 1 if names & _STORE_FIXTURES else 0)


def _is_async(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the repository; the test is skipped where there is none."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the data sets of ../shared/data are not on this machine")
    return SHARED_DATA


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """The data folder of an embedded server for the whole session. Most tests want `store`."""
    from data_access import server
    from tests.fresh_database import do_without_power_failures

    # As root the server runs as another user, which pytest's own temporary folders keep out.
    folder = Path(tempfile.mkdtemp(prefix="qingshao-tests-"))
    folder.chmod(0o755)
    started = server.start(folder)
    assert started.pid
    do_without_power_failures(started.url)
    yield folder
    server.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def prepared_folder() -> Iterator[Path]:
    """A data folder with an empty store: `fresh_folder.copied_folder` copies it for whoever kills servers."""
    from tests import fresh_folder

    with fresh_folder.prepared_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def template_database(postgres: Path) -> str:
    """A migrated, empty database from which each test's own is copied in a few milliseconds."""
    from data_access import store

    name = "template_for_tests"
    store.open_embedded(postgres, name).close()
    return name


@pytest.fixture
def database_url(postgres: Path, template_database: str) -> Iterator[str]:
    """The address of a fresh, migrated database, dropped after the test."""
    from tests.fresh_database import copied

    with copied(postgres, template_database) as url:
        yield url


@pytest.fixture
def store(database_url: str) -> Iterator[object]:
    """An open `data_access.store.Store` on a fresh, migrated database."""
    from data_access.store import Store, create_engine_for

    # The template was opened once: there is nothing to bring up to date.
    opened = Store(create_engine_for(database_url), None)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def qapp() -> object:
    """The one QApplication, made as the program makes it (pytest-qt's, replaced)."""
    from desktop.runtime.loop import application

    app = application()
    app.setQuitOnLastWindowClosed(False)
    return app


@pytest.fixture
def loop(qapp: object) -> Iterator[asyncio.Runner]:
    """A Runner on a qasync loop. Faults in the loop fail the test (pytest-qt has no asyncio of its own)."""
    from desktop.runtime.garbage import garbage_collected_here
    from desktop.runtime.loop import new_loop

    with garbage_collected_here(), asyncio.Runner(loop_factory=new_loop) as runner:
        yield runner


@pytest.fixture
def tasks(loop: asyncio.Runner) -> Iterator[object]:
    """The run under way, for `spawn` and `in_thread`. A task that the test leaves running fails it.

    Readings that a page begins by itself are let end after the test's body.
    """
    from desktop.runtime.tasks import Tasks

    opened = Tasks()
    loop.run(opened.__aenter__())
    yield opened
    left = opened.names()
    loop.run(opened.__aexit__(None, None, None))
    if left:
        pytest.fail(f"tasks left running: {', '.join(left)}")


async def _until_read(tasks: Any) -> None:
    end = time.monotonic() + 5
    while any(name.startswith(_READINGS) for name in tasks.names()) and time.monotonic() < end:
        await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def _loop_for_async_tests(request: pytest.FixtureRequest, _nothing_left_behind: None) -> None:
    if _is_async(request.node):
        request.getfixturevalue("tasks")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests on the qasync loop."""
    if not _is_async(pyfuncitem):
        return None
    runner: asyncio.Runner = pyfuncitem._request.getfixturevalue("loop")
    wanted = inspect.signature(pyfuncitem.obj).parameters
    runner.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in wanted}))
    # Before widgets and fixtures go: what still reads needs the store, and the table that it reads for.
    runner.run(_until_read(pyfuncitem._request.getfixturevalue("tasks")))
    return True


class _Watch(logging.Handler):
    """Keeps what is logged at WARNING or above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Windows, threads and log lines that a test leaves behind fail it."""
    watch = _Watch()
    logging.getLogger().addHandler(watch)
    windows, threads = _windows(), set(threading.enumerate())
    yield
    logging.getLogger().removeHandler(watch)
    left = [f"window {type(window).__name__}" for window in _left_windows(windows)]
    left += [f"thread {thread.name}" for thread in _left_threads(threads)]
    if "desktop.runtime.faults" in sys.modules:
        sys.modules["desktop.runtime.faults"].forget()
    if not request.node.get_closest_marker("faults_expected"):
        left += [f"log line {line}" for line in watch.lines]
    if left:
        pytest.fail("left behind: " + "; ".join(left))


def _windows() -> set[Any]:
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return set()
    return set(widgets.QApplication.topLevelWidgets())


def _left_windows(before: set[Any]) -> set[Any]:
    if not _windows() - before:
        return set()
    from PySide6.QtCore import QCoreApplication, QEvent

    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return _windows() - before


def _left_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(timeout=1)
    return [thread for thread in left if thread.is_alive()]
