"""Who one is, to a named server: login and password, with what went wrong the last time beside it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from domain.servers import SignIn
from widgets.fact_grid import small_label
from widgets.forms.order_form import indicators
from widgets.plain import PlainLabel
from widgets.scale import Scale

MOST_PERSONS = 6


class SignInPanel(QWidget):
    """Asks for login and password. While an answer is awaited nothing can be pressed twice.

    Signals: `sign_in_requested(SignIn)`; its server is left to whoever knows it.
    """

    sign_in_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._button_text = self.tr("登录")
        self.persons = QWidget(self)
        self._persons = QHBoxLayout(self.persons)
        self._persons.setContentsMargins(0, 0, 0, 0)
        self.persons.hide()
        self.login = QLineEdit(self)
        self.login.setMaxLength(63)
        self.password = QLineEdit(self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setPlaceholderText(self.tr("统一身份或证书登录时可留空"))
        self.remember = QCheckBox(self.tr("在本机的系统密钥库中记住口令"), self)
        self.remember.hide()
        self.message = small_label(self, "overdue")
        self.message.hide()
        self.submit_button = QPushButton(self._button_text, self)
        self.submit_button.setProperty("look", "primary")
        self.submit_button.clicked.connect(self.submit)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self.persons)
        self._captions = [
            self._add_row(self.tr("用户名"), self.login),
            self._add_row(self.tr("口令"), self.password),
        ]
        self._layout.addWidget(self.remember)
        self._layout.addWidget(self.message)
        self._layout.addWidget(self.submit_button)
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return not self.submit_button.isEnabled()

    def show_persons(self, logins: Sequence[str]) -> None:
        """Offer those who sat here last, by a press each."""
        while (item := self._persons.takeAt(0)) is not None:
            if item.widget() is not None:
                item.widget().deleteLater()
        for login in logins[:MOST_PERSONS]:
            button = QPushButton(login, self.persons)
            button.setProperty("look", "small")
            button.setAccessibleName(self.tr("用户名 {0}").format(login))
            button.clicked.connect(self._take_person)
            self._persons.addWidget(button)
        self._persons.addStretch(1)
        self.persons.setVisible(bool(logins))

    def begin(self, login: str, password: str = "") -> None:
        """Fill in what is known already, and stand where the next word is to be typed."""
        self.login.setText(login)
        self.password.setText(password)
        self.remember.setChecked(bool(password))
        (self.password if login else self.login).setFocus(Qt.FocusReason.OtherFocusReason)

    def name_button(self, word: str) -> None:
        """Say what the button does here."""
        self._button_text = word
        self.submit_button.setText(word)

    def offer_remembering(self) -> None:
        """Say that this machine can keep a password safely."""
        self.remember.show()

    def say(self, text: str) -> None:
        """Say why one is asked, or why it did not work; an empty text says nothing."""
        self.message.setText(f"■ {text}" if text else "")
        self.message.setVisible(bool(text))
        self._fit_message()

    def submit(self) -> None:
        """Hand over what is typed."""
        if self.busy:
            return
        if not self.login.text().strip():
            self.say(self.tr("请输入用户名"))
            self.login.setFocus()
            return
        self.say("")
        self._set_busy(True)
        wanted = SignIn(self.login.text().strip(), self.password.text(), remember=self.remember.isChecked())
        self.sign_in_requested.emit(wanted)

    def show_refusal(self, text: str) -> None:
        """It was refused: say why; the password has to be typed again."""
        self._set_busy(False)
        self.say(text)
        self.password.clear()
        self.password.setFocus()

    def show_done(self) -> None:
        """It was accepted: keep no password on the screen."""
        self._set_busy(False)
        self.password.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            if focused is self.login and not self.password.text():
                self.password.setFocus()
            elif isinstance(focused, QPushButton) and focused is not self.submit_button:
                focused.click()
            else:
                self.submit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_message()

    def _fit_message(self) -> None:
        # A window does not grow by itself for a sentence that takes a second line.
        said = bool(self.message.text())
        self.message.setMinimumHeight(max(0, self.message.heightForWidth(self.width())) if said else 0)

    def _take_person(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            self.begin(button.text())

    def _add_row(self, caption: str, field: QWidget) -> PlainLabel:
        label = PlainLabel(caption, self)
        label.setProperty("tone", "muted")
        label.setProperty("textsize", "small")
        label.setBuddy(field)
        field.setAccessibleName(caption)
        self._layout.addWidget(label)
        self._layout.addWidget(field)
        return label

    def _set_busy(self, busy: bool) -> None:
        self.submit_button.setEnabled(not busy)
        self.login.setEnabled(not busy)
        self.password.setEnabled(not busy)
        self.submit_button.setText(self.tr("正在登录…") if busy else self._button_text)

    def _rescale(self) -> None:
        self._layout.setSpacing(self._scale.px(8))
        self.setStyleSheet(indicators(self._scale))
        for field in (self.login, self.password, self.submit_button):
            field.ensurePolished()
            field.setMinimumHeight(field.sizeHint().height())
        self._persons.setSpacing(self._scale.px(8))
