"""What is typed at the door: only what is whole is handed over, and no password stays on the screen."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from domain.servers import NewPassword, Server, SignIn, Tls
from widgets.scale import Scale
from widgets.sign_in.password_form import PasswordForm
from widgets.sign_in.server_form import ServerForm
from widgets.sign_in.sign_in_panel import SignInPanel
from widgets.sign_in.sign_in_window import SignInWindow

CITY = Server("市局", "db.city.gov.cn", "5432", "qingshao")
WEAK = Server("旧库", "10.0.0.8", tls=Tls.PREFER)


@pytest.fixture
def panel(qtbot: QtBot) -> SignInPanel:
    made = SignInPanel(Scale())
    qtbot.addWidget(made)
    made.show()
    return made


def test_enter_leads_through_name_and_password(panel: SignInPanel, qtbot: QtBot) -> None:
    panel.show_persons(["chen.li", "zhou.hai"])
    buttons = panel.persons.findChildren(QPushButton)
    qtbot.mouseClick(next(b for b in buttons if b.text() == "zhou.hai"), Qt.MouseButton.LeftButton)
    assert panel.login.text() == "zhou.hai"
    panel.password.setText("geheim")
    with qtbot.waitSignal(panel.sign_in_requested) as sent:
        qtbot.keyClick(panel.password, Qt.Key.Key_Return)
    assert sent.args == [SignIn("zhou.hai", "geheim")]
    assert panel.busy
    with qtbot.assertNotEmitted(panel.sign_in_requested, wait=50):
        panel.submit()
    panel.show_refusal("用户名或口令不正确。")
    assert not panel.busy
    assert panel.password.text() == ""
    assert "不正确" in panel.message.text()


def test_without_a_name_nothing_is_asked_and_without_a_password_it_is(
    panel: SignInPanel, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(panel.sign_in_requested, wait=50):
        panel.submit()
    assert "用户名" in panel.message.text()
    panel.begin("kerberos.user")
    with qtbot.waitSignal(panel.sign_in_requested) as sent:
        panel.submit()
    assert sent.args == [SignIn("kerberos.user")]


def test_the_window_tells_how_safe_a_server_is(qtbot: QtBot) -> None:
    window = SignInWindow(Scale())
    qtbot.addWidget(window)
    window.show_servers([], None)
    assert not window.panel.isEnabled()
    window.show_servers([CITY, WEAK], WEAK)
    assert window.server == WEAK
    assert "未加密" in window.where.text()
    assert window.where.property("tone") == "overdue"
    window.servers.setCurrentIndex(0)
    assert "核验" in window.where.text()
    assert window.where.property("tone") == "muted"


def test_a_server_keeps_its_weak_mode_for_its_own_host_only(qtbot: QtBot) -> None:
    form = ServerForm(WEAK, Scale())
    qtbot.addWidget(form)
    form.name.setText("旧库二")
    assert form.draft().tls is Tls.PREFER
    form.host.setText("db.elsewhere.example")
    assert form.draft().tls is None
    assert "核验" in form.protection.text()


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [("host", " ", "主机"), ("port", "65536", "端口"), ("port", "x", "端口"), ("database", "", "库名")],
)
def test_half_a_server_is_not_saved(qtbot: QtBot, field: str, text: str, said: str) -> None:
    form = ServerForm(CITY, Scale())
    qtbot.addWidget(form)
    getattr(form, field).setText(text)
    with qtbot.assertNotEmitted(form.submitted, wait=20):
        form.submit()
    assert said in form.message.text()


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("", "long enough 1", "long enough 1", "现口令"),
        ("old", "short", "short", "至少"),
        ("long enough 1", "long enough 1", "long enough 1", "相同"),
        ("old", "long enough 1", "long enough 2", "不一致"),
    ],
)
def test_a_password_is_not_changed_by_a_slip(qtbot: QtBot, old: str, new: str, again: str, said: str) -> None:
    form = PasswordForm("wang.lei", Scale())
    qtbot.addWidget(form)
    for field, text in ((form.old, old), (form.new, new), (form.again, again)):
        field.setText(text)
    with qtbot.assertNotEmitted(form.submitted, wait=20):
        form.submit()
    assert said in form.message.text()


def test_a_new_password_is_handed_over(qtbot: QtBot) -> None:
    form = PasswordForm("wang.lei", Scale())
    qtbot.addWidget(form)
    form.old.setText("old")
    form.new.setText("long enough 1")
    form.again.setText("long enough 1")
    with qtbot.waitSignal(form.submitted) as sent:
        form.submit()
    assert sent.args == [NewPassword("old", "long enough 1")]
