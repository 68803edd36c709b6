"""Whatever is typed where one signs in: it is refused in words, or it is what a server is asked."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from data_access import credentials
from data_access.errors import StoreError
from desktop.errors import WorldError
from desktop.signing_in.entrances import ServerEntrance
from desktop.signing_in.saved import Remembered, SavedServers
from domain.people import Role
from domain.servers import Server, SignIn
from tests.hostile.pool import cases, texts
from tests.servers.cluster import HERE
from tests.servers.fixtures import City
from widgets.scale import Scale
from widgets.sign_in.password_form import PasswordForm
from widgets.sign_in.server_form import ServerForm

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def told(error: StoreError | WorldError) -> str:
    return f"{error.message} {error.way_out}"


@pytest.fixture
def server(city: City) -> Server:
    return Server("测试市", HERE, str(city.server.port), city.database)


def test_names_and_passwords(city: City, server: Server) -> None:
    login = city.login_of(Role.DUTY)

    @cases(0.008)
    @given(name=texts | st.just(login), password=texts)
    def sign_in(name: str, password: str) -> None:
        with pytest.raises(StoreError) as refused:
            ServerEntrance(server).sit(SignIn(name, password))
        assert "SELECT" not in told(refused.value)
        assert len(password) < 8 or password.strip() == "" or password not in told(refused.value)

    sign_in()


def test_new_passwords(city: City, server: Server, qapp: QApplication) -> None:
    login = city.login_of(Role.LEADER)
    password = city.server.passwords[login]
    form = PasswordForm(login, Scale())

    @cases(0.004)
    @given(new=texts)
    def change(new: str) -> None:
        nonlocal password
        for field, said in ((form.old, password), (form.new, new), (form.again, new)):
            field.setText(said)
        if form.problem() is not None:
            return
        wanted = form.draft()
        try:
            credentials.change_password(server, login, wanted.old, wanted.new)
        except StoreError:
            credentials.check_password(server, login, password)
        else:
            password = wanted.new
            credentials.check_password(server, login, password)

    change()
    form.deleteLater()


def test_servers(qapp: QApplication, tmp_path: Path) -> None:
    saved = SavedServers(tmp_path / "servers.json")
    form = ServerForm(None, Scale())

    @cases(0.01)
    @given(said=st.tuples(*[texts] * 7))
    def enter(said: tuple[str, ...]) -> None:
        fields = (
            form.name,
            form.host,
            form.port,
            form.database,
            form.root_certificate,
            form.certificate,
            form.key,
        )
        for field, value in zip(fields, said, strict=True):
            field.setText(value)
        if form.problem() is not None:
            return
        before = saved.known
        try:
            saved.keep(Remembered().with_server(form.draft()))
        except WorldError:
            assert SavedServers(saved.file).known == before
        else:
            assert SavedServers(saved.file).known == saved.known

    enter()
    form.deleteLater()


@pytest.mark.faults_expected
def test_files_of_servers(tmp_path: Path) -> None:
    file = tmp_path / "servers.json"

    @cases(0.02)
    @given(
        content=st.binary(max_size=60)
        | anything.map(lambda found: json.dumps(found).encode())
        | anything.map(
            lambda found: json.dumps({"servers": found, "logins": found, "chosen": found}).encode()
        )
        | anything.map(lambda found: json.dumps({"servers": [{"name": found, "host": found}]}).encode())
    )
    def read(content: bytes) -> None:
        file.write_bytes(content)
        known = SavedServers(file).known
        assert all(isinstance(server.host, str) for server in known.servers)

    read()


def test_a_seat_that_was_refused_leaves_nothing_open(city: City, server: Server) -> None:
    login = city.login_of(Role.DUTY)
    with pytest.raises(StoreError):
        ServerEntrance(server).sit(SignIn(login, "wrong"))
    with city.connect() as connection:
        count = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND datname = current_database()",
            (login,),
        ).fetchone()
    assert count == (0,)
