"""A hand at the real window: it brings a matter on screen, and finds the control that orders a fact."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from data_access.store import open_url
from desktop import runtime
from desktop.pages.names import DUTY_DESK
from desktop.settings import Settings
from desktop.shell import CommandCentre
from desktop.signing_in.entrances import seat_of
from domain import admin_events as a
from domain import drafts as d
from domain import events as e
from domain.case_events import Categorised, LetGo, MergedInto, SplitOff, TookIn
from domain.case_orders import ORDERS
from domain.desk_queue import row_key
from domain.duty_log import DutyEntryDraft
from domain.events import Fact
from domain.nodes import Node
from domain.people import Role
from domain.rights import COMMAND_OF, Command
from domain.steps import STEPS
from tests.desktop.test_steps_in_window import fill, until
from tests.servers.case_matters import typed
from tests.servers.matrix import Matrix
from tests.servers.matters import BODY, LATER, MAIN, SCHEME, Scene
from widgets.desk.dispatch_form import DispatchForm
from widgets.desk.duty_words import KIND
from widgets.forms.acknowledge_form import AcknowledgeForm
from widgets.forms.directive_form import DirectiveForm
from widgets.forms.merge_form import MergeForm
from widgets.forms.order_form import OrderForm
from widgets.forms.people_forms import PasswordShown, PersonForm, RevokeForm
from widgets.forms.re_supervision_form import ReSupervisionForm
from widgets.forms.step_form import StepForm

DRAFTS: Mapping[type[Fact], type] = {
    e.ComplainantSeen: d.ComplainantDraft,
    e.DirectiveJudged: d.JudgeDraft,
    e.DirectiveReminded: d.RemindDraft,
    e.DirectiveWithdrawn: d.WithdrawDraft,
    e.DirectiveSigned: d.SignDirectiveDraft,
    e.DirectiveFedBack: d.FeedBackDraft,
    e.ReSupervisionDeclined: d.DeclineDraft,
    e.ReSupervisionAsked: d.AskDraft,
    e.ReSupervisionExplained: d.ExplainDraft,
    e.ReSupervisionFound: d.FindDraft,
    e.ReSupervisionClosed: d.CloseFileDraft,
    e.DutyNoted: DutyEntryDraft,
}
"""Under which draft a page has the button of a fact that is no step of a ticket."""

TYPED: Mapping[type[Fact], Mapping[str, Any]] = {
    e.Dispatched: {"lead": BODY, "rule": "责任清单 3.12"},
    e.Chased: {"text": "请立即到场"},
    e.Paused: {"reason": "等待鉴定"},
    e.Extended: {"node": Node.SIGN, "due": LATER, "reason": "暴雪"},
    e.JointSupervisionOpened: {"reason": "群众反复举报"},
    e.Revisited: {"satisfied": True},
    e.PostChecked: {"passed": True},
    e.Closed: {"outcome": "已解决"},
    e.ReturnedAsWrong: {"reason": "不在辖区"},
    e.Arrived: {"distance_m": "38", "note": "噪声 71 dB(A)"},
    e.Rectified: {"measures": "停工", "violation": True},
    e.Filed: {"document": "徐环立〔2026〕1 号"},
    e.Penalised: {"document": "徐环罚〔2026〕1 号", "amount": "20000"},
    e.FedBack: {"by": "电话", "text": "已告知"},
    e.ComplainantSeen: {"reason": "核实"},
    e.DutyNoted: {"text": "接到市府办电话"},
    e.DirectiveJudged: {"accepted": True},
    e.DirectiveReminded: {"text": "请尽快签收"},
    e.DirectiveWithdrawn: {"reason": "另行部署"},
    e.DirectiveFedBack: {"text": "已停工"},
    e.ReSupervisionDeclined: {"reason": "情况已查明"},
    e.ReSupervisionAsked: {"question": "当日有几辆车？", "deadline": LATER},
    e.ReSupervisionExplained: {"text": "车辆外出"},
    e.ReSupervisionFound: {"behaviour": e.Behaviour.SLOWNESS.value, "text": "超时 41 分"},
    e.ReSupervisionClosed: {"recommendation": "谈话"},
    SplitOff: {"reason": "另一处工地"},
    LetGo: {"reason": "另一处工地"},
    **typed(LATER),
}
"""What is typed into a step's form; the others ask for a yes only."""

AT_THE_DESK: Mapping[type[Fact], str] = {Categorised: KIND}
"""What is ordered at the duty officer's desk alone, by its key."""

BY_COMMAND_LINE: frozenset[type[Fact]] = frozenset({a.BodyAdded, a.BodyChanged})
"""What no window orders: `admin body` does."""


@dataclass(frozen=True)
class Control:
    """A button, and why it cannot be used; empty when it can."""

    button: QAbstractButton
    reason: str

    @property
    def offered(self) -> bool:
        """Whether it can be used."""
        return self.button.isVisible() and self.button.isEnabled()


class Hand:
    """Whoever is signed in at a window."""

    def __init__(self, centre: CommandCentre, folder: Path) -> None:
        self.centre = centre
        self._folder = folder
        self.said: list[str] = []
        centre.forms.refused.connect(self.said.append)
        for page in centre.pages():
            centre.desk(page).refused.connect(self.said.append)

    async def control(self, kind: type[Fact], scene: Scene) -> Control | None:
        """Bring a matter on screen; return the control, or None where this person is shown no such matter."""
        family = "admin" if COMMAND_OF[kind] is Command.ADMINISTER else kind.__name__
        if family == "admin":
            return await self._of_admin(kind, scene)
        if kind is e.ReSupervisionLaunched or kind in DRAFTED_FILE:
            return await self._of_file(kind, scene)
        if kind in DIRECTIVE:
            return await self._of_directive(kind, scene)
        if kind in AT_THE_DESK:
            return await self._of_duty_desk(kind, scene)
        if kind is e.DutyNoted:
            page = self.centre._own.duty_log_page
            self.centre.choose_page("duty_log")
            return Control(page.entry, page.entry.toolTip())
        if kind is e.Received:
            return await self._of_finding(scene)
        return await self._of_ticket(kind, scene)

    async def order(self, kind: type[Fact], scene: Scene, control: Control) -> None:
        """Use the control, fill in the form, and submit it."""
        centre = self.centre
        QTest.mouseClick(control.button, Qt.MouseButton.LeftButton)
        if kind is a.RuleSubmitted:
            self._choose_file(scene)
        await until(lambda: centre.forms.form is not None)
        form = centre.forms.form
        assert form is not None
        if isinstance(form, MergeForm):
            await self._find_main(form)
        self._fill(form, kind, scene)
        form.submit()
        await until(lambda: centre.forms.form is not form or bool(form.message.text()))
        assert centre.forms.form is not form, form.message.text()
        if kind in (a.PersonAdded, a.PasswordReset):
            await until(lambda: isinstance(centre.forms.form, PasswordShown))
            shown = centre.forms.form
            assert shown is not None
            shown.submit()
            await until(lambda: centre.forms.form is None)

    # --- finding ---------------------------------------------------------------------------------------

    async def _of_ticket(self, kind: type[Fact], scene: Scene) -> Control | None:
        page = self.centre.dossier_page
        if page.number != scene.ticket:
            self.said.clear()
            self.centre.open_ticket(scene.ticket)
            await until(lambda: page.number == scene.ticket or bool(self.said))
            if page.number != scene.ticket:
                return None
        if kind in ORDERS:
            page.show_matters()
            return Control(page.matters.buttons[kind], page.matters.refusal(kind))
        if kind in (MergedInto, TookIn):
            return Control(page.merging.merge, page.merging.merge.toolTip())
        if kind in (SplitOff, LetGo):
            return Control(page.merging.main.button, page.merging.main.button.toolTip())
        if kind in STEPS:
            return Control(page.steps.buttons[kind], page.steps.refusal(kind))
        if kind is e.ComplainantSeen:
            return Control(page.case.look, page.case.look.accessibleDescription())
        command = COMMAND_OF[kind]
        return Control(page.actions.buttons[command], page.actions.reason(command))

    async def _of_duty_desk(self, kind: type[Fact], scene: Scene) -> Control | None:
        centre = self.centre
        if DUTY_DESK not in centre.pages():
            return None
        desk: Any = centre.desk(DUTY_DESK)
        page = desk.page
        centre.choose_page(DUTY_DESK)
        key = row_key(scene.ticket, "own")
        await until(lambda: desk._list.choose(key) and page.table.chosen() is not None)
        await until(lambda: page.table.chosen().key == key and page.table.aimed)
        button = page.legend.buttons[AT_THE_DESK[kind]]
        return Control(button, button.toolTip())

    async def _of_finding(self, scene: Scene) -> Control | None:
        page = self.centre._own.findings.findings_page
        self.centre.choose_page("findings")
        await until(lambda: page.table.model().rowCount() > 0)
        page.choose_finding(scene.index)
        await until(lambda: page.table.chosen().number == scene.index)
        return Control(page.raise_clue, page.raise_clue.toolTip())

    async def _of_directive(self, kind: type[Fact], scene: Scene) -> Control | None:
        centre = self.centre
        desk: Any = centre.desk("directives")
        page = desk.page
        centre.open_directive(scene.directive)
        await until(lambda: desk.wanted is None and page.table.chosen() is not None)
        if page.directive._title.text() != scene.directive and not desk._list.choose(scene.directive):
            return None
        await until(lambda: page.directive._title.text() == scene.directive)
        steps = page.directive.steps
        return Control(steps.buttons[DRAFTS[kind]], steps.refusal(DRAFTS[kind]))

    async def _of_file(self, kind: type[Fact], scene: Scene) -> Control | None:
        centre = self.centre
        desk: Any = centre.desk("re_supervisions")
        page = desk.page
        centre.choose_page("re_supervisions")
        await until(lambda: desk.source is not None and page.table.chosen() is not None)
        desk.open_line(scene.file)
        await until(lambda: desk.wanted is None)
        if page.file._title.text() != scene.file and not desk._list.choose(scene.file):
            return None
        await until(lambda: page.file._title.text() == scene.file)
        if kind is e.ReSupervisionLaunched:
            return Control(page.launch, page.launch.toolTip())
        steps = page.file.steps
        return Control(steps.buttons[DRAFTS[kind]], steps.refusal(DRAFTS[kind]))

    async def _of_admin(self, kind: type[Fact], scene: Scene) -> Control | None:
        centre = self.centre
        if kind in BY_COMMAND_LINE or "people" not in centre.pages():
            return None
        desk: Any = centre.desk("people")
        page = desk.page
        centre.choose_page("people")
        await until(lambda: page._view is not None)
        if kind is a.PersonAdded:
            return Control(page.add, "")
        if kind is a.RuleSubmitted:
            return Control(page.rules.buttons[a.RuleKind.SCHEME], "")
        page.choose(scene.login)
        await until(lambda: page.person.member is not None and page.person.member.login == scene.login)
        person = page.person
        button = {
            a.PersonChanged: person.change,
            a.PersonRevoked: person.revoke,
            a.PersonRestored: person.restore,
            a.PasswordReset: person.password,
        }[kind]
        return Control(button, "")

    # --- filling in ------------------------------------------------------------------------------------

    def _fill(self, form: OrderForm, kind: type[Fact], scene: Scene) -> None:
        match form:
            case StepForm():
                typed = TYPED.get(kind, {})
                fill(form, **{key: scene.body if value == BODY else value for key, value in typed.items()})
            case DispatchForm():
                form.kind.choose("C12")
            case DirectiveForm():
                form.text.setPlainText("今晚停工")
                form.receivers.choose([scene.body])
            case ReSupervisionForm():
                form.cause.setPlainText("部门签收超期")
                form.question.setPlainText("为何未签收？")
            case AcknowledgeForm():
                form.note.setPlainText("已电话催办")
            case PersonForm() if kind is a.PersonAdded:
                form.login.setText(scene.login)
                form.name.setText("测试员")
                form.role.choose(Role.WALL.value)
            case PersonForm():
                form.role.choose(Role.LEADER.value)
                form.title.setText("值班长")
            case RevokeForm():
                form.reason.setPlainText("调离")

    async def _find_main(self, form: MergeForm) -> None:
        form.other.setText(MAIN)
        form.look.click()
        await until(lambda: len(form.chosen) == 1)
        form.keep_other.setChecked(True)

    def _choose_file(self, scene: Scene) -> None:
        path = self._folder / f"{scene.rule}.toml"
        path.write_text(SCHEME.format(scene.rule), encoding="utf-8")
        desk: Any = self.centre.desk("people")
        desk.file_dialog.fileSelected.emit(str(path))
        desk.file_dialog.reject()


DIRECTIVE = frozenset(
    {
        e.DirectiveJudged,
        e.DirectiveReminded,
        e.DirectiveWithdrawn,
        e.DirectiveSigned,
        e.DirectiveFedBack,
    }
)
DRAFTED_FILE = frozenset(
    {
        e.ReSupervisionDeclined,
        e.ReSupervisionAsked,
        e.ReSupervisionExplained,
        e.ReSupervisionFound,
        e.ReSupervisionClosed,
    }
)


@asynccontextmanager
async def window_of(matrix: Matrix, role: Role, folder: Path) -> AsyncIterator[Hand]:
    """Open the window as a person of a role, signed in by a password."""
    store = await runtime.in_thread(open_url, matrix.city.url(matrix.login[role]))
    seat = await runtime.in_thread(seat_of, store)
    centre = CommandCentre(Settings(data=folder), seat)
    centre.resize(QSize(1600, 900))
    centre.start()
    try:
        await until(lambda: centre.overview is not None and centre.forms.choices is not None)
        yield Hand(centre, folder)
    finally:
        await centre.stop()
        centre.hide()
        centre.deleteLater()
        await runtime.in_thread(store.close)
