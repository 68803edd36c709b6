"""Feeds the admin's page, and opens its forms."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from data_access import rule_files
from data_access.readers.administration import read_administration
from desktop import runtime
from desktop.imports.errors import FileError
from desktop.pages.desk import Desk
from desktop.pages.policy_trials import PolicyTrials
from desktop.policy_faults import fault_text
from desktop.readings import Readings
from desktop.toml_file import parse_toml, read_text
from desktop.touched import Touched
from domain.admin_events import RuleKind
from domain.policy import parse_policy
from domain.rights import RefusedError
from domain.staff import AddPerson, AdminView, ResetPassword, StaffMember, SubmitRule
from widgets.forms.order_form import OrderForm
from widgets.forms.people_forms import (
    PasswordShown,
    PersonForm,
    ResetForm,
    RestoreForm,
    RevokeForm,
    RuleForm,
)
from widgets.pages.people_page import PeoplePage
from widgets.refusals import refusal_text
from widgets.scale import Scale

LARGEST_FILE = 1_000_000
"""Bytes of a rule's file: what is larger is none."""
_FILTERS = {RuleKind.CALENDAR: "*.json", RuleKind.POLICY: "*.toml", RuleKind.SCHEME: "*.toml"}


class PeopleDesk(Desk):
    """People, refused sign-ins and rules, for admins.

    Signals: `form_requested(OrderForm)`: show this form; what it submits is carried out like any order.
    """

    form_requested = Signal(object)

    def __init__(self, page: PeoplePage, readings: Readings, scale: Scale, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.people_page = page
        self._scale = scale
        self._view: AdminView | None = None
        self.file_dialog: QFileDialog | None = None
        self.trials = PolicyTrials(readings, scale, self)
        page.add_requested.connect(self._add)
        page.change_requested.connect(self._change)
        page.password_requested.connect(self._reset)
        page.revoke_requested.connect(self._revoke)
        page.restore_requested.connect(self._restore)
        page.rule_requested.connect(self._choose_file)
        page.trial_requested.connect(self._choose_trial)

    async def refresh(self) -> None:
        self._view = await self.readings.read_present(read_administration)
        self.people_page.show_administration(self._view)

    def concerned(self, touched: Touched) -> bool:
        # Sessions and refused sign-ins ring no bell: a look a minute, and after each order.
        return touched.everything or touched.new_minute or bool(touched.administration)

    def carried(self, draft: object, found: object) -> None:
        """Look anew after an order, and show the password that it made."""
        self.forget()
        login = draft.person.login if isinstance(draft, AddPerson) else None
        login = draft.login if isinstance(draft, ResetPassword) else login
        if login is not None and isinstance(found, str):
            self._show(PasswordShown(login, found, self._scale, self.page.window()))

    def _show(self, form: OrderForm) -> None:
        self.form_requested.emit(form)

    def _add(self) -> None:
        if self._view is not None:
            self._show(PersonForm(None, self._view.bodies, self._view.areas, self._scale, self.page.window()))

    def _change(self, member: StaffMember) -> None:
        if self._view is not None:
            self._show(
                PersonForm(member, self._view.bodies, self._view.areas, self._scale, self.page.window())
            )

    def _reset(self, member: StaffMember) -> None:
        sitter = self.readings.seat.sitter
        if sitter is not None and sitter.login == member.login:
            # This seat goes on with the old one: whoever knows it changes it themselves.
            self.refused.emit(self.tr("自己的口令请点右上角的姓名修改。"))
            return
        self._show(ResetForm(member, self._scale, self.page.window()))

    def _revoke(self, member: StaffMember) -> None:
        self._show(RevokeForm(member, self._scale, self.page.window()))

    def _restore(self, member: StaffMember) -> None:
        self._show(RestoreForm(member, self._scale, self.page.window()))

    def _choose_trial(self) -> None:
        self._choose_file(RuleKind.POLICY, trial=True)

    def _choose_file(self, kind: RuleKind, *, trial: bool = False) -> None:
        if self.file_dialog is not None:
            return
        dialog = QFileDialog(self.page.window(), self.tr("选择规则文件"))
        dialog.setNameFilter(self.tr("规则文件 ({0})").format(_FILTERS[kind]))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setProperty("kind", kind.value)
        dialog.setProperty("trial", trial)
        dialog.fileSelected.connect(self._file_chosen)
        dialog.finished.connect(self._dialog_closed)
        self.file_dialog = dialog
        dialog.open()

    def _dialog_closed(self, _result: int) -> None:
        if self.file_dialog is not None:
            self.file_dialog.deleteLater()
            self.file_dialog = None

    def _file_chosen(self, path: str) -> None:
        if self.file_dialog is not None:
            kind = RuleKind(self.file_dialog.property("kind"))
            trial = bool(self.file_dialog.property("trial"))
            runtime.spawn(self.open_file(kind, Path(path), trial=trial), "rule file")

    async def open_file(self, kind: RuleKind, path: Path, *, trial: bool = False) -> None:
        """Read a rule's file, and ask whether to hand it over, or by which days a policy is to be tried; what
        is wrong with it is said."""
        try:
            file = await runtime.in_thread(partial(_read, kind, path))
        except RefusedError as error:
            # Whoever wrote a policy reads what is wrong with it as `policy try` says it.
            said = fault_text(error.detail) if kind is RuleKind.POLICY else error.detail
            self.refused.emit(refusal_text(RefusedError(error.reason, said)))
            return
        except FileError as error:
            self.refused.emit(f"{error.message}。{error.way_out}")
            return
        if trial:
            self.trials.open(parse_policy(parse_toml(file.text, path.name)), path.name, self.page)
            return
        rule = SubmitRule(file.kind, file.name, file.version, file.effective_from, file.text)
        self._show(RuleForm(rule, path.name, self._scale, self.page.window()))


def _read(kind: RuleKind, path: Path) -> rule_files.RuleFile:
    called = f"规则文件 {path.name}"
    text = read_text(path, called, LARGEST_FILE)
    if kind is not RuleKind.CALENDAR:
        # The store's reader would say what is wrong as the parser does.
        parse_toml(text, called)
    return rule_files.read_rule(kind, text)
