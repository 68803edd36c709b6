"""Opens the forms, and carries what they submit through a use case in a worker thread."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from data_access.errors import StoreError
from data_access.readers.choices import Choices, read_choices
from data_access.store import Store
from desktop import runtime, time
from desktop.readings import Readings
from desktop.use_cases import orders
from domain.drafts import (
    DirectiveSubject,
    ReSupervisionSubject,
    directive_about,
    re_supervision_about,
)
from domain.listing import WarningRow
from domain.people import Actor
from domain.rights import Command, RefusedError
from widgets.forms.acknowledge_form import AcknowledgeForm
from widgets.forms.actor_picker import ActorPicker
from widgets.forms.directive_form import DirectiveForm
from widgets.forms.order_form import OrderForm
from widgets.forms.re_supervision_form import ReSupervisionForm
from widgets.refusals import refusal_of, refusal_text
from widgets.scale import Scale

_log = logging.getLogger(__name__)

UseCase = Callable[[Store, Any, Actor, datetime], str]


class Forms(QObject):
    """One form at a time, over the window.

    Signals:
        actor_chosen(Actor): somebody else sits at the screen.
        written(): an order was written; screens should look.
        refused(str): a form could not even be opened; a sentence for the screen.
    """

    actor_chosen = Signal(object)
    written = Signal()
    refused = Signal(str)

    def __init__(self, readings: Readings, scale: Scale, window: QWidget) -> None:
        super().__init__(window)
        self._readings = readings
        self._scale = scale
        self._window = window
        self.choices: Choices | None = None
        self.actor: Actor | None = None
        self.form: OrderForm | None = None

    async def load(self) -> Choices:
        """Read who and what can be chosen."""
        self.choices = await self._readings.read_present(read_choices)
        return self.choices

    def open_directive(self, about: object) -> None:
        """Open the form for a directive about a warning, a subject, or nothing in particular."""
        if not self._allowed(Command.ISSUE_DIRECTIVE) or not self._has_choices():
            return
        subject = directive_about(about) if isinstance(about, WarningRow) else about
        if not isinstance(subject, DirectiveSubject):
            subject = DirectiveSubject()
        choices = self.choices
        form = DirectiveForm(subject, choices.bodies, time.now(), choices.calendar, self._scale, self._window)
        self._open(form, self._issue_directive)

    def open_re_supervision(self, about: object) -> None:
        """Open the form that launches a re-supervision about a warning or a ticket."""
        if not self._allowed(Command.LAUNCH_RE_SUPERVISION) or not self._has_choices():
            return
        subject = re_supervision_about(about) if isinstance(about, WarningRow) else about
        if not isinstance(subject, ReSupervisionSubject):
            return
        choices = self.choices
        form = ReSupervisionForm(
            subject, choices.bodies, time.now(), choices.calendar, self._scale, self._window
        )
        self._open(form, self._launch_re_supervision)

    def open_acknowledge(self, row: object) -> None:
        """Open the form that acknowledges a warning."""
        if not isinstance(row, WarningRow) or not self._allowed(Command.ACKNOWLEDGE_WARNING, row.body):
            return
        self._open(AcknowledgeForm(row, self._scale, self._window), self._acknowledge)

    def open_actor_picker(self) -> None:
        """Let somebody else sit down, in a demo store."""
        if not self._has_choices():
            return
        choices = self.choices
        picker = ActorPicker(
            choices.people, choices.names.short_bodies, self.actor, self._scale, self._window
        )
        self._open(picker, self._choose_actor)

    def _has_choices(self) -> bool:
        if self.choices is None:
            self.refused.emit(self.tr("名册尚未读到，请稍候再试。"))
        return self.choices is not None

    def _allowed(self, command: Command, body: str | None = None) -> bool:
        if self._readings.as_of is not None:
            self.refused.emit(self.tr("正在查看过去的时刻，不能办理。"))
            return False
        refusal = refusal_of(command, self.actor, body)
        if refusal:
            self.refused.emit(self.tr("{0}。点右上角可更换身份。").format(refusal))
        return not refusal

    def _open(self, form: OrderForm, submitted: Callable[[object], None]) -> None:
        if self.form is not None:
            form.deleteLater()
            return
        self.form = form
        form.submitted.connect(submitted)
        form.finished.connect(self._closed)
        form.open()

    def _closed(self, _result: int) -> None:
        self.form = None

    def _issue_directive(self, draft: object) -> None:
        self._carry(orders.issue_directive, draft)

    def _launch_re_supervision(self, draft: object) -> None:
        self._carry(orders.launch_re_supervision, draft)

    def _acknowledge(self, draft: object) -> None:
        self._carry(orders.acknowledge_warning, draft)

    def _choose_actor(self, actor: object) -> None:
        if self.form is not None and isinstance(actor, Actor):
            self.form.show_done()
            self.actor_chosen.emit(actor)

    def _carry(self, use_case: UseCase, draft: object) -> None:
        if self.actor is not None:
            runtime.spawn(self._carried(use_case, draft, self.actor), use_case.__name__)

    async def _carried(self, use_case: UseCase, draft: object, actor: Actor) -> None:
        try:
            await runtime.in_thread(use_case, self._readings.store, draft, actor, time.now())
        except RefusedError as error:
            self._say(refusal_text(error))
        except StoreError as error:
            _log.warning("%s not written: %s", use_case.__name__, error.message)
            self._say(self.tr("未写入：数据库暂时无法访问。内容已保留，恢复后可再次提交。"))
        except Exception as error:  # noqa: BLE001 - the form must not wait for ever
            runtime.report(error, use_case.__name__)
            self._say(self.tr("未能确认写入，故障已记入日志。内容已保留，再次提交不会重复。"))
        else:
            if self.form is not None:
                self.form.show_done()
            self.written.emit()

    def _say(self, text: str) -> None:
        if self.form is not None:
            self.form.show_refusal(text)
        else:
            self.refused.emit(text)
