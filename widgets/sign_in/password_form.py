"""Another password of one's own: the old one, and the new one twice."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from domain.servers import NewPassword
from domain.staff import SHORTEST_PASSWORD
from widgets.fact_grid import small_label
from widgets.forms.order_form import OrderForm
from widgets.scale import Scale


class PasswordForm(OrderForm):
    """Signals: `submitted(NewPassword)`."""

    def __init__(self, login: str, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self.set_titles(self.tr("修改本人口令"), self.tr("修改"))
        self._login = login
        said = small_label(self, "muted")
        said.setText(
            self.tr("用户名 {0}。新口令至少 {1} 个字符；传给服务器的只是它的校验值。").format(
                login, SHORTEST_PASSWORD
            )
        )
        self.body.addWidget(said)
        self.old = self._field(self.tr("现口令"))
        self.new = self._field(self.tr("新口令"))
        self.again = self._field(self.tr("再输一次新口令"))
        self.old.setFocus(Qt.FocusReason.OtherFocusReason)

    def problem(self) -> tuple[str, QWidget] | None:
        if not self.old.text():
            return self.tr("请输入现口令"), self.old
        if len(self.new.text()) < SHORTEST_PASSWORD:
            return self.tr("新口令至少 {0} 个字符").format(SHORTEST_PASSWORD), self.new
        if self.new.text() in (self.old.text(), self._login):
            return self.tr("新口令不能与现口令或用户名相同"), self.new
        if self.again.text() != self.new.text():
            return self.tr("两次输入的新口令不一致"), self.again
        return None

    def draft(self) -> NewPassword:
        return NewPassword(self.old.text(), self.new.text())

    def show_refusal(self, text: str) -> None:
        self.old.clear()
        super().show_refusal(text)
        self.old.setFocus()

    def _field(self, caption: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setEchoMode(QLineEdit.EchoMode.Password)
        self.add_row(caption, field)
        return field
