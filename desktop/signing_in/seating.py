"""Lets people change places at the window: by a demo person's name, or by one's own login; and locks it."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from data_access.errors import StoreError
from desktop import runtime
from desktop.forms import Forms
from desktop.seat import Seat, Sitter, Sitting, watched_by_engine
from desktop.signing_in.entrances import DemoEntrance, ServerEntrance
from desktop.signing_in.saved import SavedServers
from domain.city import Person
from domain.servers import NewPassword, SignIn
from widgets.forms.order_form import OrderForm
from widgets.scale import Scale
from widgets.sign_in.demo_person_form import DemoPersonForm
from widgets.sign_in.lock_page import LockPage
from widgets.sign_in.password_form import PasswordForm
from widgets.sign_in.person_form import PersonForm
from widgets.sign_in.sign_in_panel import SignInPanel
from widgets.wording import role_name


class Seating(QObject):
    """One dialog at a time, over the window. While it is `covered` only the lock page is seen.

    Signals:
        sat_down(Sitting): somebody else takes the seat; the window reads all anew.
        left(): nobody sits here any more; the window drops all it showed.
        covered_changed(bool): the lock closed over the pages, or opened.
        said(str): a sentence for the screen.
    """

    sat_down = Signal(object)
    left = Signal()
    covered_changed = Signal(bool)
    said = Signal(str)

    def __init__(
        self,
        seat: Seat,
        forms: Forms,
        page: LockPage,
        saved: SavedServers,
        scale: Scale,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._seat = seat
        self._forms = forms
        self._page = page
        self._saved = saved
        self._scale = scale
        self._window = window
        self._hidden: list[QDialog] = []
        self._warned = ""
        self.covered = False
        self.form: OrderForm | PersonForm | None = None
        page.panel.sign_in_requested.connect(self._unlock)
        page.go_on_requested.connect(self._uncover)
        page.quit_requested.connect(runtime.quit)

    # --- changing places -------------------------------------------------------------------------------

    def open_change(self) -> None:
        """Ask who is to sit here."""
        entrance = self._seat.entrance
        if isinstance(entrance, DemoEntrance):
            runtime.spawn(self._open_demo_people(entrance), "demo people")
        elif isinstance(entrance, ServerEntrance):
            self._open_persons()
        else:
            self.said.emit(self.tr("本程序以连接地址中的账号运行，不能在此换人。"))

    async def _open_demo_people(self, entrance: DemoEntrance) -> None:
        choices = self._forms.choices
        if choices is None:
            self.said.emit(self.tr("名册尚未读到，请稍候再试。"))
            return
        try:
            people = await runtime.in_thread(entrance.people)
        except StoreError as error:
            self.said.emit(_sentence(error))
            return
        sitter = self._seat.sitter
        current = None if sitter is None else sitter.actor
        form = DemoPersonForm(people, choices.names.short_bodies, current, self._scale, self._window)
        form.submitted.connect(self._sit_demo)
        self._open(form)

    def _open_persons(self) -> None:
        sitter = self._seat.sitter
        if sitter is None:
            return
        others = [login for login in self._saved.known.logins if login != sitter.login]
        form = PersonForm(_who(sitter), others, self._scale, self._window)
        # Whoever only watches has nothing to lock, to change or to leave.
        for button in (form.lock_button, form.password_button, form.leave_button):
            button.setVisible(sitter.login is not None)
        form.panel.sign_in_requested.connect(self._change)
        form.lock_requested.connect(self.lock)
        form.password_requested.connect(self._open_password)
        form.leave_requested.connect(self.leave)
        self._open(form)

    def _open(self, form: OrderForm | PersonForm) -> None:
        if self.form is not None:
            form.deleteLater()
            return
        self.form = form
        form.finished.connect(self._closed)
        form.open()

    def _closed(self, _result: int) -> None:
        self.form = None

    def _close_form(self) -> None:
        if self.form is not None:
            self.form.done(QDialog.DialogCode.Rejected)

    def _sit_demo(self, person: object) -> None:
        entrance = self._seat.entrance
        if isinstance(entrance, DemoEntrance) and isinstance(person, Person):
            runtime.spawn(self._sat_demo(entrance, person), "sit down")

    async def _sat_demo(self, entrance: DemoEntrance, person: Person) -> None:
        try:
            sitting = await runtime.in_thread(entrance.sit, person)
        except StoreError as error:
            if isinstance(self.form, OrderForm):
                self.form.show_refusal(_sentence(error))
            return
        if isinstance(self.form, OrderForm):
            self.form.show_done()
        self.sat_down.emit(sitting)

    def _change(self, wanted: object) -> None:
        if isinstance(wanted, SignIn) and isinstance(self.form, PersonForm):
            runtime.spawn(self._enter(wanted, self.form.panel), "sign in")

    async def _enter(self, wanted: SignIn, panel: SignInPanel) -> None:
        """Let somebody sign in at a panel, and sit down."""
        entrance = self._seat.entrance
        if not isinstance(entrance, ServerEntrance):
            return
        sitting = await self._asked(panel, entrance.sit, wanted)
        if sitting is None:
            return
        self._saved.note(entrance.server, wanted.login)
        self._close_form()
        self._drop_unfinished()
        self.sat_down.emit(sitting)

    async def _asked(
        self, panel: SignInPanel, ask: Callable[[SignIn], Sitting | None], wanted: SignIn
    ) -> Any:
        try:
            found = await runtime.in_thread(ask, wanted)
        except StoreError as error:
            panel.show_refusal(_sentence(error))
            return None
        except Exception as error:  # noqa: BLE001 - the seat must not wait for ever
            runtime.report(error, "sign in")
            panel.show_refusal(self.tr("未能登录，故障已记入日志。"))
            return None
        panel.show_done()
        return found

    # --- one's own password ----------------------------------------------------------------------------

    def _open_password(self) -> None:
        self._close_form()
        sitter = self._seat.sitter
        if sitter is None or sitter.login is None:
            return
        form = PasswordForm(sitter.login, self._scale, self._window)
        form.submitted.connect(self._change_password)
        self._open(form)

    def _change_password(self, wanted: object) -> None:
        entrance, sitting = self._seat.entrance, self._seat.sitting
        if isinstance(entrance, ServerEntrance) and sitting and isinstance(wanted, NewPassword):
            runtime.spawn(self._changed_password(entrance, sitting, wanted), "password")

    async def _changed_password(
        self, entrance: ServerEntrance, sitting: Sitting, wanted: NewPassword
    ) -> None:
        form = self.form
        try:
            await runtime.in_thread(entrance.change_password, sitting, wanted)
        except StoreError as error:
            if isinstance(form, PasswordForm):
                form.show_refusal(_sentence(error))
            return
        if isinstance(form, PasswordForm):
            form.show_done()
        self.said.emit(self.tr("口令已修改，下次登录请用新口令。"))

    # --- the lock --------------------------------------------------------------------------------------

    def lock(self) -> None:
        """Cover the pages until whoever sits here has shown again who they are."""
        sitter, trial = self._seat.sitter, isinstance(self._seat.entrance, DemoEntrance)
        # Whoever only watches has nothing that would open the lock again.
        if self.covered or sitter is None or (sitter.login is None and not trial):
            return
        self._close_form()
        unfinished = self._hide_forms()
        if not trial:
            self._page.show_locked(
                _who(sitter), self._others(sitter.login or ""), sitter.login or "", unfinished
            )
        else:
            self._page.show_trial_locked(_who(sitter))
        self._cover()

    def leave(self) -> None:
        """Let whoever sits here go: the program asks for the next person, or only watches."""
        self._close_form()
        if self._seat.engine is not None:
            self.sat_down.emit(watched_by_engine(self._seat.engine).taken())
        else:
            self._sign_out(self.tr("请登录后继续。"))

    def sign_out(self, error: object) -> None:
        """The server lets this person in no longer: say why, and ask anew."""
        reason = _sentence(error) if isinstance(error, StoreError) else ""
        self._close_form()
        self._sign_out(reason)

    def _sign_out(self, reason: str) -> None:
        unfinished = self._hide_forms()
        self._page.show_signed_out(reason, self._others(""), unfinished)
        self._cover()
        self.left.emit()

    def _others(self, login: str) -> Sequence[str]:
        return [known for known in self._saved.known.logins if known != login]

    def _unlock(self, wanted: object) -> None:
        if not isinstance(wanted, SignIn):
            return
        sitter = self._seat.sitter
        if sitter is not None and sitter.login == wanted.login:
            runtime.spawn(self._proved(wanted), "unlock")
        elif self._hidden and self._warned != wanted.login:
            # The work of somebody else is not thrown away by a slip.
            self._warned = wanted.login
            self._page.panel.show_refusal(
                self.tr("以 {0} 登录将丢弃尚未提交的表单；再次输入口令并登录即确认。").format(wanted.login)
            )
        else:
            runtime.spawn(self._enter(wanted, self._page.panel), "sign in")

    async def _proved(self, wanted: SignIn) -> None:
        entrance = self._seat.entrance
        if isinstance(entrance, ServerEntrance) and await self._asked(
            self._page.panel, entrance.prove, wanted
        ):
            self._uncover()

    def _cover(self) -> None:
        self._warned = ""
        if not self.covered:
            self.covered = True
            self.covered_changed.emit(True)

    def _uncover(self) -> None:
        self.uncover()
        for dialog in self._hidden:
            dialog.show()
        self._hidden.clear()

    def uncover(self) -> None:
        """Open the lock: what is below may be seen."""
        if self.covered:
            self.covered = False
            self.covered_changed.emit(False)

    def _hide_forms(self) -> str:
        """Hide what is being filled in, and return its title."""
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible() and widget.parentWidget() is self._window:
                self._hidden.append(widget)
                widget.hide()
        return self._hidden[0].windowTitle() if self._hidden else ""

    def _drop_unfinished(self) -> None:
        for dialog in self._hidden:
            dialog.done(QDialog.DialogCode.Rejected)
            dialog.deleteLater()
        self._hidden.clear()


def _who(sitter: Sitter) -> str:
    role = role_name(sitter.actor.role)
    return role if sitter.actor.name in ("", role) else f"{role} {sitter.actor.name}"


def _sentence(error: StoreError) -> str:
    return f"{error.message}。{error.way_out}" if error.way_out else f"{error.message}。"
