"""The lock: nothing of the city is seen until whoever sits here has said again who they are."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from widgets.fact_grid import small_label
from widgets.icon import program_icon
from widgets.plain import PlainLabel
from widgets.scale import Scale
from widgets.sign_in.sign_in_panel import SignInPanel


class LockPage(QWidget):
    """Covers the pages. A `panel` asks who one is; in a trial, where nobody has a password, one just goes on.

    Signals: `go_on_requested()` from a trial's lock; `quit_requested()`.
    """

    go_on_requested = Signal()
    quit_requested = Signal()

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self.setProperty("look", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.card = QFrame(self)
        self.card.setProperty("look", "panel")
        self._mark = PlainLabel(self.card)
        self.heading = PlainLabel(self.card)
        self.heading.setProperty("tone", "strong")
        self.heading.setProperty("textsize", "header")
        self.reason = small_label(self.card, "muted")
        self.unfinished = small_label(self.card, "due_soon")
        self.unfinished.hide()
        self.panel = SignInPanel(scale, self.card)
        self.go_on = QPushButton(self.tr("继续"), self.card)
        self.go_on.setProperty("look", "primary")
        self.go_on.clicked.connect(self.go_on_requested)
        self.quit = QPushButton(self.tr("退出程序"), self.card)
        self.quit.setProperty("look", "link")
        self.quit.clicked.connect(self.quit_requested)
        self._inside = QVBoxLayout(self.card)
        head = QHBoxLayout()
        head.addWidget(self._mark)
        head.addWidget(self.heading, 1)
        self._inside.addLayout(head)
        for widget in (self.reason, self.unfinished, self.panel, self.go_on):
            self._inside.addWidget(widget)
        self._inside.addWidget(self.quit, 0, Qt.AlignmentFlag.AlignRight)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(self.card, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)
        self.show_reading()
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    def show_reading(self) -> None:
        """Say that everything is being read for whoever came."""
        self._show(self.tr("正在读取…"), "")

    def show_locked(self, who: str, logins: Sequence[str], login: str, unfinished: str) -> None:
        """Say who has locked the seat; `unfinished` names the form that was being filled in, if any."""
        self._show(
            self.tr("已锁定 · {0}").format(who), self.tr("本席位可由 {0} 解锁，或由其他人登录。").format(who)
        )
        self.panel.name_button(self.tr("解锁"))
        self._ask(logins, login, unfinished)

    def show_signed_out(self, reason: str, logins: Sequence[str], unfinished: str) -> None:
        """Say why nobody is signed in any more, and ask anew."""
        self._show(self.tr("已退出登录"), reason)
        self.panel.name_button(self.tr("登录"))
        self._ask(logins, "", unfinished)

    def show_trial_locked(self, who: str) -> None:
        """Say that a trial's seat is locked; there is no password to ask for."""
        self._show(self.tr("已锁定 · {0}").format(who), self.tr("示例身份没有口令，可直接继续。"))
        self.go_on.show()
        self.go_on.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, heading: str, reason: str) -> None:
        self.heading.setText(heading)
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))
        for widget in (self.unfinished, self.panel, self.go_on):
            widget.hide()
        self.quit.setVisible(bool(reason))

    def _ask(self, logins: Sequence[str], login: str, unfinished: str) -> None:
        if unfinished:
            self.unfinished.setText(
                self.tr("◆ 「{0}」尚未提交。本人解锁后可接着填写，换人则丢弃。").format(unfinished)
            )
        self.unfinished.setVisible(bool(unfinished))
        self.panel.show_done()
        self.panel.say("")
        self.panel.show_persons(logins)
        self.panel.show()
        self.panel.begin(login)

    def _rescale(self) -> None:
        px = self._scale.px
        self._inside.setContentsMargins(px(32), px(24), px(32), px(16))
        self._inside.setSpacing(px(12))
        self.card.setFixedWidth(px(620))
        self._mark.setPixmap(program_icon().pixmap(px(48), px(48)))
        self._mark.setFixedWidth(px(60))
