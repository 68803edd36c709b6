"""Somebody else takes a shared seat: name and password, and what else one may want of one's own seat."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from widgets.fact_grid import small_label
from widgets.plain import PlainLabel
from widgets.scale import Scale
from widgets.sign_in.sign_in_panel import SignInPanel


class PersonForm(QDialog):
    """Signals: `lock_requested()`, `password_requested()`, `leave_requested()`. `panel` asks who one is."""

    lock_requested = Signal()
    password_requested = Signal()
    leave_requested = Signal()

    def __init__(self, who: str, logins: Sequence[str], scale: Scale, parent: QWidget | None = None) -> None:
        """`who` sits here now; `logins` are those who sat here before."""
        super().__init__(parent)
        self._scale = scale
        self.setModal(True)
        self.setWindowTitle(self.tr("更换人员"))
        heading = PlainLabel(self.tr("更换人员"), self)
        heading.setProperty("textsize", "title")
        heading.setProperty("tone", "strong")
        now = small_label(self, "muted")
        now.setText(self.tr("当前：{0}。换人后，屏上的内容全部按新的身份重新读取。").format(who))
        self.panel = SignInPanel(scale, self)
        self.panel.show_persons(logins)
        self.panel.begin("")
        self.lock_button = QPushButton(self.tr("锁定 Ctrl+L"), self)
        self.lock_button.clicked.connect(self.lock_requested)
        self.password_button = QPushButton(self.tr("修改本人口令"), self)
        self.password_button.clicked.connect(self.password_requested)
        self.leave_button = QPushButton(self.tr("退出登录"), self)
        self.leave_button.clicked.connect(self.leave_requested)
        self._buttons = QHBoxLayout()
        for button in (self.lock_button, self.password_button, self.leave_button):
            button.setAutoDefault(False)
            button.setProperty("look", "small")
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self.panel.submit_button.setAutoDefault(False)
        cancel = QPushButton(self.tr("取消"), self)
        cancel.setAutoDefault(False)
        cancel.setProperty("look", "small")
        cancel.clicked.connect(self.reject)
        self._buttons.addWidget(cancel)
        self._layout = QVBoxLayout(self)
        for widget in (heading, now, self.panel):
            self._layout.addWidget(widget)
        self._layout.addLayout(self._buttons)
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    def reject(self) -> None:
        """Close, and leave everything as it is; not while an answer is awaited."""
        if not self.panel.busy:
            super().reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        focused = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if isinstance(focused, QPushButton):
                focused.click()
        else:
            super().keyPressEvent(event)

    def _rescale(self) -> None:
        px = self._scale.px
        self._layout.setContentsMargins(px(24), px(18), px(24), px(24))
        self._layout.setSpacing(px(14))
        self.setMinimumWidth(px(720))
