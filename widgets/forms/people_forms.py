"""An admin's forms: a person's particulars, a reason, a yes, a rule's file, and a password shown once."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QWidget

from domain.drafts import Choice
from domain.people import Role
from domain.staff import (
    OFFICES,
    AddPerson,
    ChangePerson,
    PersonDraft,
    ResetPassword,
    RestorePerson,
    RevokePerson,
    StaffMember,
    SubmitRule,
)
from widgets.admin_words import rule_kind_name
from widgets.fact_grid import FactGrid, small_label
from widgets.forms.field_edits import ChoiceField, LineField
from widgets.forms.order_form import OrderForm
from widgets.forms.text_edit import SentenceEdit
from widgets.plain import PlainLabel, tip
from widgets.scale import Scale
from widgets.wording import role_name

ROLES = (Role.DUTY, Role.HANDLER, Role.DISCIPLINE, Role.LEADER, Role.WALL, Role.ADMIN)
LONGEST_REASON = 200


class PersonForm(OrderForm):
    """A new person, or a known one's particulars. Signals: `submitted(AddPerson | ChangePerson)`."""

    def __init__(
        self,
        member: StaffMember | None,
        bodies: Sequence[Choice],
        areas: Sequence[Choice],
        scale: Scale,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(scale, parent)
        self._member = member
        if member is None:
            self.set_titles(self.tr("添加人员"), self.tr("添加"))
        else:
            self.set_titles(self.tr("更改人员"), self.tr("保存"))
        self.login = LineField(self.tr("登录名，如 zhangsan；不含空格"), self)
        self.name = LineField(self.tr("姓名，记入每一条日志"), self)
        roles = [Choice(role.value, role_name(role)) for role in ROLES]
        self.role = ChoiceField(roles, self.tr("请选择身份"), scale, self)
        self.body_choice = ChoiceField(bodies, self.tr("请选择责任主体"), scale, self)
        self.area = ChoiceField(areas, self.tr("不限区划"), scale, self)
        self.title = LineField(self.tr("职务或岗位（选填）"), self)
        self.own_password = QCheckBox(self.tr("生成口令（由统一认证或证书登录的人员不勾选）"), self)
        self.own_password.setChecked(True)
        self.add_row(self.tr("登录名"), self.login)
        self.add_row(self.tr("姓名"), self.name)
        self.add_row(self.tr("身份"), self.role)
        self.add_row(self.tr("单位"), self.body_choice)
        self.add_row(self.tr("区划"), self.area)
        self.add_row(self.tr("职务"), self.title)
        if member is None:
            self.body.addWidget(self.own_password)
        else:
            self.own_password.hide()
            self._fill(member)
        self.role.currentIndexChanged.connect(self._role_changed)
        self._role_changed()
        (self.login if member is None else self.name).setFocus()

    def problem(self) -> tuple[str, QWidget] | None:
        if not self.login.value:
            return self.tr("请填写登录名"), self.login
        if not self.name.value:
            return self.tr("请填写姓名"), self.name
        if not self.role.value:
            return self.tr("请选择身份"), self.role
        if self.role.value == Role.HANDLER and not self.body_choice.value:
            return self.tr("承办人须属于一个责任主体"), self.body_choice
        for field in (self.login, self.name, self.title):
            if field.flaw:
                return field.flaw, field
        return None

    def draft(self) -> AddPerson | ChangePerson:
        role = Role(self.role.value)
        # An office's people keep it where they had it: only a handler's body is chosen here.
        kept = self._member.body if self._member is not None and self._member.role is role else None
        body = self.body_choice.value if role is Role.HANDLER else kept
        person = PersonDraft(
            self.login.value, self.name.value, role, body, self.area.value or None, self.title.value
        )
        return ChangePerson(person) if self._member else AddPerson(person, self.own_password.isChecked())

    def _fill(self, member: StaffMember) -> None:
        self.login.setText(member.login or "")
        self.login.setReadOnly(True)
        self.login.setToolTip(self.tr("登录名不能更改；需要换名时停用后另行添加"))
        self.name.setText(member.name)
        self.role.choose(member.role.value)
        self.body_choice.choose(member.body or "")
        self.area.choose(member.area or "")
        self.title.setText(member.title)

    def _role_changed(self) -> None:
        role = self.role.value
        self.body_choice.setEnabled(role == Role.HANDLER)
        reason = "" if role == Role.HANDLER else self.tr("只有承办人需要选择责任主体")
        self.body_choice.setToolTip(tip(reason))
        if role in OFFICES:
            self.body_choice.choose("")


class RevokeForm(OrderForm):
    """Why somebody is let in no more. Signals: `submitted(RevokePerson)`."""

    def __init__(self, member: StaffMember, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self.set_titles(self.tr("停用人员"), self.tr("立即停用"))
        self.submit_button.setProperty("look", "danger")
        self._login = member.login or ""
        self.add_row(self.tr("人员"), _who(member, self))
        self.reason = SentenceEdit(self.tr("停用原因，如调离、账号失窃"), 2, scale, self)
        self.add_row(self.tr("原因"), self.reason)
        said = small_label(self, "muted")
        said.setText(self.tr("立即生效：已打开的会话马上结束，此后不能登录；日志中原有的记录不变。"))
        self.body.addWidget(said)
        self.reason.setFocus()

    def problem(self) -> tuple[str, QWidget] | None:
        if not self.reason.text:
            return self.tr("请写明停用原因"), self.reason
        if len(self.reason.text) > LONGEST_REASON:
            return self.tr("原因过长，最多 {0} 字").format(LONGEST_REASON), self.reason
        return None

    def draft(self) -> RevokePerson:
        return RevokePerson(self._login, " ".join(self.reason.text.split()))


class ConfirmForm(OrderForm):
    """An order about a person that needs a yes only. Signals: `submitted(object)` with its draft."""

    def __init__(self, member: StaffMember, draft: Any, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self._draft = draft
        self.add_row(self.tr("人员"), _who(member, self))
        self.said = small_label(self, "muted")
        self.body.addWidget(self.said)
        self.submit_button.setFocus()

    def problem(self) -> tuple[str, QWidget] | None:
        return None

    def draft(self) -> Any:
        return self._draft


class RestoreForm(ConfirmForm):
    """Let a revoked person in again. Signals: `submitted(RestorePerson)`."""

    def __init__(self, member: StaffMember, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(member, RestorePerson(member.login or ""), scale, parent)
        self.set_titles(self.tr("恢复人员"), self.tr("恢复"))
        self.said.setText(self.tr("恢复后可用原口令登录；如口令可能外泄，请随后重置口令。"))


class ResetForm(ConfirmForm):
    """Give a person a new password. Signals: `submitted(ResetPassword)`."""

    def __init__(self, member: StaffMember, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(member, ResetPassword(member.login or ""), scale, parent)
        self.set_titles(self.tr("重置口令"), self.tr("生成新口令"))
        self.said.setText(self.tr("将生成新口令并只显示一次；原口令作废，此人已打开的会话马上结束。"))


class RuleForm(OrderForm):
    """A file that was read and found in order, before it is handed over. Signals: `submitted(SubmitRule)`."""

    def __init__(self, rule: SubmitRule, file: str, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self.set_titles(self.tr("安装规则文件"), self.tr("提交"))
        self._rule = rule
        grid = FactGrid(
            (self.tr("种类"), self.tr("名称"), self.tr("版本"), self.tr("生效日"), self.tr("文件")),
            scale,
            self,
        )
        grid.show_values(
            (rule_kind_name(rule.kind), rule.name, str(rule.version), rule.effective_from.isoformat(), file)
        )
        self.body.addWidget(grid)
        self.retroactive = QCheckBox(self.tr("追溯：生效日以来已受理的工单按此重新判定"), self)
        self.retroactive.setVisible(rule.kind.value == "policy")
        self.body.addWidget(self.retroactive)
        said = small_label(self, "muted")
        said.setText(
            self.tr("文件全文记入日志，由后台核对后生效，通常几秒钟；不合格的会注明原因，不影响现行规则。")
        )
        self.body.addWidget(said)
        self.submit_button.setFocus()

    def problem(self) -> tuple[str, QWidget] | None:
        return None

    def draft(self) -> SubmitRule:
        rule = self._rule
        return SubmitRule(
            rule.kind, rule.name, rule.version, rule.effective_from, rule.text, self.retroactive.isChecked()
        )


class PasswordShown(OrderForm):
    """A made password, shown this once: closed, it is nowhere. It submits nothing."""

    def __init__(self, login: str, secret: str, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self.set_titles(self.tr("新口令"), self.tr("已交给本人"))
        who = PlainLabel(self)
        who.setText(self.tr("登录名 {0}").format(login))
        self.secret = PlainLabel(self)
        self.secret.setText(secret)
        self.secret.setProperty("textsize", "big")
        self.secret.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.secret.setAccessibleName(self.tr("新口令"))
        self.copy = QPushButton(self.tr("复制"), self)
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(self._copy)
        said = small_label(self, "due_soon")
        said.setText(self.tr("◆ 只显示这一次，关闭后无法再查看。请当面交给本人，并由本人登录后修改。"))
        for widget in (who, self.secret, self.copy, said):
            self.body.addWidget(widget)
        self.cancel_button.hide()
        self.submit_button.setFocus()

    def submit(self) -> None:
        """Close it; there is nothing to order."""
        self.show_done()

    def done(self, result: int) -> None:
        """Forget the password with the form, however it is closed."""
        self.secret.clear()
        super().done(result)

    def problem(self) -> tuple[str, QWidget] | None:
        return None

    def draft(self) -> None:
        return None

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.secret.text())


def _who(member: StaffMember, parent: QWidget) -> QLabel:
    label = small_label(parent)
    parts = (member.name, role_name(member.role), member.body_name, member.title)
    label.setText(f"{member.login}\n" + " · ".join(part for part in parts if part))
    return label
