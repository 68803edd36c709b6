"""The window while its database goes away and comes back: killed, stopped, or silent."""

import asyncio
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from data_access import server
from data_access.store import Store, open_embedded
from desktop.demo.generate import generate
from desktop.demo.load import load
from desktop.live import feed
from desktop.runtime import faults
from desktop.settings import Settings
from desktop.shell import CommandCentre
from domain.people import Role
from tests.desktop.test_shell import open_window, sit_down, until
from tests.fresh_folder import copied_folder
from widgets.forms.directive_form import DirectiveForm
from widgets.notice import Notice
from widgets.veil import Veil


@pytest.fixture(scope="module")
def folder(prepared_folder: Path) -> Iterator[Path]:
    """A data folder of its own: its server is killed, which other tests must not feel."""
    with copied_folder(prepared_folder) as made:
        opened = open_embedded(made)
        load(opened, generate(datetime.now(UTC), tickets=60))
        opened.close()
        yield made
        server.stop(made)


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    opened = open_embedded(folder)
    yield opened
    opened.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


def veil(centre: CommandCentre) -> Veil:
    found = centre.overview_page.ranking.findChild(Veil)
    assert isinstance(found, Veil)
    return found


def pid_of(folder: Path) -> int:
    return server.start(folder).pid


def kill(folder: Path) -> None:
    os.kill(pid_of(folder), signal.SIGKILL)


def stop_politely(folder: Path) -> None:
    os.kill(pid_of(folder), signal.SIGINT)  # PostgreSQL's "fast" shutdown, what pg_ctl stop sends


@pytest.mark.faults_expected
@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="ends the server by POSIX signals")
@pytest.mark.parametrize("end", [kill, stop_politely])
async def test_the_wall_is_veiled_refuses_orders_and_comes_back(
    settings: Settings, store: Store, folder: Path, end: object
) -> None:
    async with open_window(settings, store) as centre:
        await until(lambda: centre.forms.choices is not None)
        shown = centre.overview
        await sit_down(centre, Role.LEADER)
        centre.overview_page.directive_requested.emit(None)
        form = centre.forms.form
        assert isinstance(form, DirectiveForm)
        form.text.setPlainText("数据库不在时写的话")
        form.receivers.choose([centre.forms.choices.bodies[0].key])
        states: list[tuple[bool, bool]] = []

        def note(away: bool) -> None:
            states.append((away, veil(centre).isVisible()))

        centre._live.away_changed.connect(note)
        await asyncio.to_thread(end, folder)  # type: ignore[arg-type]
        await until(lambda: states[:1] == [(True, True)])
        assert centre.overview is not None
        assert shown is not None
        assert centre.overview.kpis
        form.submit()
        await until(lambda: not form.busy)
        if form.message.text():  # the server may be back before the order is sent
            assert "未写入" in form.message.text()
            assert form.text.toPlainText() == "数据库不在时写的话"
        await until(lambda: states[-1] == (False, False))
        if centre.forms.form is not None:
            form.submit()
        await until(lambda: centre.forms.form is None)
        await until(lambda: any(d.text == "数据库不在时写的话" for d in centre.overview.directives))


@pytest.mark.faults_expected
@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="halts the server by POSIX signals")
async def test_a_silent_database_veils_the_wall_until_it_answers(
    settings: Settings, store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PATIENCE_MS", 500)
    async with open_window(settings, store) as centre:
        await until(lambda: centre.forms.choices is not None)
        halted = psutil.Process(pid_of(folder))
        family = [halted, *halted.children(recursive=True)]
        try:
            for process in family:
                process.suspend()
            centre._live.ring()
            await until(lambda: centre._live.away)
            assert veil(centre).isVisible()
            centre.choose_page("directives")  # never read: it must not pretend to be empty
            notice = centre.findChild(Notice)
            assert isinstance(notice, Notice)
            assert "数据库" in notice.text()
        finally:
            for process in family:
                process.resume()
        await until(lambda: not centre._live.away)
        centre.choose_page("overview")
        await until(lambda: not veil(centre).isVisible())


@pytest.mark.faults_expected
async def test_a_fault_in_one_page_does_not_stop_the_wall(settings: Settings, store: Store) -> None:
    async with open_window(settings, store) as centre:
        page = centre.desk("directives").page
        year, page.year = page.year, None  # a fault of showing only: the second's tick does not touch it
        centre.choose_page("directives")
        await until(lambda: centre._live.away)
        page.year = year
        centre._live.ring()
        await until(lambda: not centre._live.away)
        assert len(faults.counts()) == 1
