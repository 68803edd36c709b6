"""An admin's page in the real window over the real store: people, rules, and a password shown once."""

import asyncio
import time
import tomllib
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from data_access import log
from data_access.policy_trial import try_policy
from data_access.rules import RESOURCES, load_rules
from data_access.store import Connection, Store
from desktop import runtime
from desktop.demo.generate import generate
from desktop.demo.load import load
from desktop.pages.people import LARGEST_FILE
from desktop.seat import Seat, Sitter, Sitting
from desktop.settings import Settings
from desktop.shell import CommandCentre
from domain.admin_events import PasswordReset, PersonAdded, PersonRestored, PersonRevoked, RuleKind
from domain.nodes import Node
from domain.people import Role
from domain.policy import parse_policy
from domain.staff import RuleState
from tests.fresh_database import filled, opened_copy
from widgets.forms.people_forms import (
    PasswordShown,
    PersonForm,
    ResetForm,
    RestoreForm,
    RevokeForm,
    RuleForm,
)
from widgets.forms.policy_trial_form import PolicyTrialForm
from widgets.pages.people_page import PeoplePage

PATIENCE_SECONDS = 30


@pytest.fixture(scope="module")
def city_database(postgres: Path, template_database: str) -> Iterator[str]:
    """A small city of this minute, from which each test's own is copied."""
    demo = generate(datetime.now(UTC), tickets=60)
    with filled(postgres, template_database, lambda store: load(store, demo)) as name:
        yield name


@pytest.fixture
def trial(postgres: Path, city_database: str) -> Iterator[Store]:
    with opened_copy(postgres, city_database) as store:
        yield Store(store.engine, postgres)


@pytest.fixture
def login(trial: Store) -> Iterator[str]:
    """A login that no other test uses; its role goes with the test."""
    name = f"window-{uuid.uuid4().hex[:8]}"
    yield name
    trial.write(lambda c: c.execute(text(f'DROP ROLE IF EXISTS "{name}"')))


def seat_as(store: Store, role: Role) -> Seat:
    login = store.read(
        lambda c: c.execute(
            text("SELECT login FROM person WHERE role = :role ORDER BY position LIMIT 1"), {"role": role}
        ).scalar_one()
    )
    person = store.as_person(login)
    actor = person.actor
    assert actor is not None
    return Seat(store, Sitting(person, Sitter(actor, login)))


@asynccontextmanager
async def open_window(store: Store, folder: Path, role: Role) -> AsyncIterator[CommandCentre]:
    seat = await runtime.in_thread(seat_as, store, role)
    centre = CommandCentre(Settings(data=folder), seat)
    centre.resize(QSize(1600, 900))
    centre.start()
    try:
        await until(lambda: centre.overview is not None)
        yield centre
    finally:
        await centre.stop()
        seat.taken().end()
        centre.hide()
        centre.deleteLater()
        await asyncio.sleep(0.1)


async def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "waited too long"
        await asyncio.sleep(0.02)


async def people_page(centre: CommandCentre) -> PeoplePage:
    QTest.mouseClick(centre.frame.header.pages["people"], Qt.MouseButton.LeftButton)
    assert centre.shown == "people"
    page = centre._own.people.people_page
    await until(lambda: page.table.model().rowCount() > 0)
    return page


def logins(page: PeoplePage) -> dict[str, object]:
    return {member.login: member for member in page._view.members}


async def test_only_an_admin_has_the_page(trial: Store, tmp_path: Path) -> None:
    async with open_window(trial, tmp_path, Role.LEADER) as centre:
        tab = centre.frame.header.pages["people"]
        assert not tab.isVisible()
        centre.frame.header.set_locked(True)
        centre.frame.header.set_locked(False)
        assert not tab.isVisible()
        assert "people" not in centre.pages()
        centre.show_page("people")
        assert centre.shown == "overview"


async def test_a_persons_life_from_the_page(trial: Store, tmp_path: Path, login: str) -> None:
    async with open_window(trial, tmp_path, Role.ADMIN) as centre:
        page = await people_page(centre)
        QTest.mouseClick(page.add, Qt.MouseButton.LeftButton)
        form = centre.forms.form
        assert isinstance(form, PersonForm)
        form.login.setText(login)
        form.submit()
        assert form.message.text()  # a name is missing
        form.name.setText("李雷")
        form.role.choose("handler")
        form.submit()
        assert "责任主体" in form.message.text()
        form.body_choice.setCurrentIndex(1)
        form.submit()
        await until(lambda: isinstance(centre.forms.form, PasswordShown))
        shown = centre.forms.form
        assert len(shown.secret.text()) == 19
        label = shown.secret
        shown.submit()
        assert label.text() == ""
        await until(lambda: login in logins(page))
        page.choose(login)
        assert page.person.member.login == login

        QTest.mouseClick(page.person.revoke, Qt.MouseButton.LeftButton)
        revoke = centre.forms.form
        assert isinstance(revoke, RevokeForm)
        revoke.submit()
        assert revoke.message.text()
        revoke.reason.setPlainText("调离")
        revoke.submit()
        await until(lambda: not logins(page)[login].active)
        assert page.person.revoke.isHidden()

        QTest.mouseClick(page.person.restore, Qt.MouseButton.LeftButton)
        restore = centre.forms.form
        assert isinstance(restore, RestoreForm)
        restore.submit()
        await until(lambda: logins(page)[login].active)

        QTest.mouseClick(page.person.password, Qt.MouseButton.LeftButton)
        reset = centre.forms.form
        assert isinstance(reset, ResetForm)
        reset.submit()
        await until(lambda: isinstance(centre.forms.form, PasswordShown))
        centre.forms.form.submit()
        facts = [r.event.fact for r in trial.read(lambda c: log.read_stream(c, f"person/{login}"))]
        assert [type(fact) for fact in facts] == [PersonAdded, PersonRevoked, PersonRestored, PasswordReset]


async def test_what_the_database_refuses_keeps_the_form(trial: Store, tmp_path: Path) -> None:
    async with open_window(trial, tmp_path, Role.ADMIN) as centre:
        page = await people_page(centre)
        admin = next(member for member in page._view.members if member.role is Role.ADMIN)
        page.choose(admin.login)
        QTest.mouseClick(page.person.revoke, Qt.MouseButton.LeftButton)
        form = centre.forms.form
        assert isinstance(form, RevokeForm)
        form.reason.setPlainText("误点")
        form.submit()
        await until(lambda: not form.busy)
        assert "最后一个" in form.message.text()
        assert form.reason.text == "误点"
        form.reject()


async def test_a_rule_goes_from_a_file_to_the_engine(trial: Store, tmp_path: Path) -> None:
    old = (RESOURCES / "policies" / "standard-v1.toml").read_text("utf-8")
    file = tmp_path / "standard-v9.toml"
    file.write_text(old.replace("version = 1", "version = 9").replace("2020-01-01", "2099-01-01"), "utf-8")
    broken = tmp_path / "broken.toml"
    broken.write_text("version = 9", "utf-8")
    async with open_window(trial, tmp_path, Role.ADMIN) as centre:
        page = await people_page(centre)
        desk = centre._own.people
        said: list[str] = []
        desk.refused.connect(said.append)
        await desk.open_file(RuleKind.POLICY, broken)
        assert centre.forms.form is None
        assert "规则文件不合格" in said[0]
        assert "缺少 sentences" in said[0]
        broken.write_text("version = “9”", "utf-8")
        await desk.open_file(RuleKind.SCHEME, broken)
        assert "broken.toml 不是有效的 TOML：第 1 行第 11 列" in said[1]
        broken.write_bytes(b" " * (LARGEST_FILE + 1))
        await desk.open_file(RuleKind.CALENDAR, broken)
        assert "太大，超过 1 MB" in said[2]
        await desk.open_file(RuleKind.POLICY, file)
        form = centre.forms.form
        assert isinstance(form, RuleForm)
        form.submit()
        await until(lambda: 9 in versions(page))
        # The engine's job comes round, and the page is told.
        await until(lambda: versions(page)[9] is RuleState.INSTALLED)


async def test_a_policy_is_tried_before_it_is_installed(trial: Store, tmp_path: Path) -> None:
    """The same counts as `policy try` finds; nothing is written, and a trial that is given up says so."""
    written = (RESOURCES / "policies" / "standard-v2.toml").read_text("utf-8")
    assert '"4 h"' in written
    file = tmp_path / "standard-v9.toml"
    file.write_text(
        written.replace('"4 h"', '"1 min"').replace("\nversion = 2\n", "\nversion = 9\n"), "utf-8"
    )
    policy = parse_policy(tomllib.loads(file.read_text("utf-8")))
    async with open_window(trial, tmp_path, Role.ADMIN) as centre:
        page = await people_page(centre)
        desk = centre._own.people
        assert page.rules.trial.isEnabled()
        events = trial.read(count_events)
        await desk.open_file(RuleKind.POLICY, file, trial=True)
        form = desk.trials.form
        assert isinstance(form, PolicyTrialForm)
        form.until.setDate(form.since.date().addDays(-1))
        form.submit()
        assert "截止日早于起始日" in form.message.text()
        # Until yesterday: what is open since then does not change while one looks.
        form.until.setDate(form.since.date().addDays(29))
        span = form.draft()
        form.submit()
        await until(lambda: "试算 " in form.summary.text() and not form.busy)
        admin = centre._readings.seat.taken()
        with admin.used() as store:
            found = store.read(
                lambda c: try_policy(c, load_rules(c), policy, datetime.now(UTC), span.since, span.until)
            )
        assert found.changed > 0
        assert f"结果不同 {found.changed} 件" in form.summary.text()
        model = form.nodes.model()
        shown = [[model.index(n, column).data() for column in range(6)] for n in range(model.rowCount())]
        (sign,) = [row for row in shown if row[:2] == ["部门签收", "合计"]]
        before = sum(c.before.late for (node, _), c in found.nodes.items() if node is Node.SIGN)
        after = sum(c.after.late for (node, _), c in found.nodes.items() if node is Node.SIGN)
        assert before < after
        assert sign[3] == f"{before} → {after}"
        # Given up at once: it says so, and can be tried again.
        form.submit()
        form.reject()
        await until(lambda: not form.busy)
        assert "已停止" in form.summary.text()
        assert form.submit_button.isEnabled()
        form.reject()
        await until(lambda: desk.trials.form is None)
        assert trial.read(count_events) == events


def count_events(connection: Connection) -> int:
    kinds = "kind NOT LIKE 'Warning%' AND kind NOT LIKE 'Re%' AND kind NOT LIKE 'Directive%'"
    return connection.execute(text(f"SELECT count(*) FROM event WHERE {kinds}")).scalar_one()


def versions(page: PeoplePage) -> dict[int, RuleState]:
    return {line.version: line.state for line in page._view.rules if line.name == "standard"}
