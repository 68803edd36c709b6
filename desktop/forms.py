"""Opens the forms, and carries what they submit through a use case in a worker thread."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, tzinfo
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from data_access.errors import StoreError
from data_access.evidence import EvidenceError
from data_access.readers.choices import Choices, read_choices
from data_access.readers.directive_subjects import subject_of
from data_access.readers.repeats import compared, merge_view
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime, time
from desktop.photo_facts import read_photo
from desktop.readings import Readings
from desktop.seat import Sitting
from desktop.use_cases.batch import carry_out_each
from desktop.use_cases.by_draft import carry_out
from domain.batch import BatchDraft
from domain.drafts import (
    ComplainantDraft,
    DirectiveDraft,
    DirectiveSubject,
    ReSupervisionSubject,
    SubjectSought,
    re_supervision_about,
)
from domain.events import Arrived, Rectified
from domain.listing import WarningRow
from domain.merging import CandidateRow, MergeDraft, MergeView
from domain.people import Actor
from domain.rights import Command, RefusedError
from domain.warning_causes import CauseRow, CauseSought
from widgets.desk.quick_enter import QuickEnter
from widgets.directive_basis import about_warning
from widgets.forms.acknowledge_form import AcknowledgeForm
from widgets.forms.asked import Asked
from widgets.forms.case_form import CaseForm
from widgets.forms.case_steps import CASE_STEPS
from widgets.forms.directive_form import DirectiveForm
from widgets.forms.just_issued import JustIssued, still_just
from widgets.forms.merge_form import MergeForm
from widgets.forms.on_site_form import OnSiteForm
from widgets.forms.order_form import OrderForm
from widgets.forms.re_supervision_form import ReSupervisionForm
from widgets.forms.step_form import StepForm
from widgets.refusals import refusal_of, refusal_text
from widgets.scale import Scale

_log = logging.getLogger(__name__)

ON_SITE = (Arrived, Rectified)
"""Steps whose photos tell when and where they were taken."""


class Forms(QObject):
    """One form at a time, over the window.

    Signals:
        written(): an order was written; screens should look.
        carried(draft, object): this order was carried out; what its use case returned.
        complainant_seen(str, SeenComplainant): the person at the screen may see who complained about this
            ticket; the log has it.
        not_written(object): this draft was not written, or nobody knows; it may be given again.
        refused(str): a form could not even be opened; a sentence for the screen.
    """

    written = Signal()
    carried = Signal(object, object)
    not_written = Signal(object)
    complainant_seen = Signal(str, object)
    refused = Signal(str)

    def __init__(self, readings: Readings, scale: Scale, window: QWidget) -> None:
        super().__init__(window)
        self._readings = readings
        self._scale = scale
        self._window = window
        self.choices: Choices | None = None
        self.actor: Actor | None = None
        self.form: OrderForm | None = None
        self._just_issued: tuple[JustIssued, ...] = ()

    async def load(self) -> None:
        """Read who and what can be chosen; while the database is away that waits until it is back."""
        with suppress(StoreError):
            self.choices = await self._readings.read_present(read_choices)

    def open_directive(self, about: object) -> None:
        """Open the form for a directive about a warning, a subject, or nothing in particular.

        The tickets of a subject that is only sought are read first.
        """
        if not self._allowed(Command.ISSUE_DIRECTIVE) or not self._has_choices():
            return
        if isinstance(about, SubjectSought):
            runtime.spawn(self._open_sought(about), "directive's subject")
            return
        subject = about_warning(about, time.now()) if isinstance(about, WarningRow) else about
        if not isinstance(subject, DirectiveSubject):
            subject = DirectiveSubject()
        choices, now = self.choices, time.now()
        just = self._just_issued = still_just(self._just_issued, now)
        form = DirectiveForm(subject, choices.bodies, now, choices.calendar, self._scale, self._window, just)
        self._open(form)

    async def _open_sought(self, sought: SubjectSought) -> None:
        def work(connection: Connection, _rules: Rules, now: datetime) -> DirectiveSubject:
            return subject_of(connection, sought, now)

        try:
            subject = await self._readings.read_present(work)
        except StoreError as error:
            self.refused.emit(error.message)
        else:
            self.open_directive(subject)

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
        self._open(form)

    def open_acknowledge(self, row: object) -> None:
        """Open the form that acknowledges a warning, several, or all of a cause once they are read."""
        if isinstance(row, CauseSought):
            if self._allowed(Command.ACKNOWLEDGE_WARNING, row.row.cause.body):
                runtime.spawn(self._open_cause(row), "warnings of a cause")
        elif isinstance(row, tuple):
            bodies = dict.fromkeys(each.body for each in row)
            if all(self._allowed(Command.ACKNOWLEDGE_WARNING, body) for body in bodies):
                self._open_together(None, row, len(row))
        elif isinstance(row, WarningRow) and self._allowed(Command.ACKNOWLEDGE_WARNING, row.body):
            self._open(AcknowledgeForm(row, self._scale, self._window))

    async def _open_cause(self, sought: CauseSought) -> None:
        try:
            rows, total = await self._readings.read_present(partial(_warnings_of, sought))
        except StoreError as error:
            self.refused.emit(error.message)
            return
        if rows:
            self._open_together(sought.row, rows, total)
        else:
            self.refused.emit(self.tr("该类预警均已确认或解除。"))

    def _open_together(self, cause: CauseRow | None, rows: Sequence[WarningRow], total: int) -> None:
        # Not needed for the first picture.
        from widgets.forms.acknowledge_cause_form import AcknowledgeCauseForm

        self._open(AcknowledgeCauseForm(cause, rows, total, self._scale, self._window))

    def open_step(self, asked: object) -> None:
        """Open the form of a step that a page offers: of a ticket, a directive or a re-supervision."""
        if not isinstance(asked, Asked) or not self._allowed(asked.command, asked.body):
            return
        if asked.kind is MergeDraft:
            runtime.spawn(self._open_merger(asked), "merger")
            return
        if not self._has_choices():
            return
        choices = self.choices
        # A page knows the ticket's nodes and the directive's receivers; who can hold a ticket is in the roll.
        others = tuple(body for body in choices.bodies if self.actor and body.key != self.actor.body)
        asked = replace(asked, options={"lead": choices.holders, "to": others, **asked.options})
        form_of = OnSiteForm if asked.kind in ON_SITE else CaseForm if asked.kind in CASE_STEPS else StepForm
        form = form_of(asked, choices.bodies, time.now(), choices.calendar, self._scale, self._window)
        if isinstance(form, OnSiteForm):
            form.photos_added.connect(self._read_photos)
        if asked.quick:
            QuickEnter(form)
        self._open(form)

    async def _open_merger(self, asked: Asked) -> None:
        number = asked.fixed["ticket"]
        try:
            view = await self._readings.read_present(partial(_merge_view, number))
        except StoreError as error:
            self.refused.emit(error.message)
            return
        if view is None:
            self.refused.emit(self.tr("没有工单 {0}。").format(number))
            return
        form = MergeForm(view, asked.preset.get("chosen", ()), self._scale, self._window)
        form.ticket_wanted.connect(self._look_for)
        self._open(form)

    def _look_for(self, number: str) -> None:
        if isinstance(self.form, MergeForm):
            runtime.spawn(self._looked_for(self.form, number), "merger candidate")

    async def _looked_for(self, form: MergeForm, number: str) -> None:
        this = form.view.this.why.number
        try:
            found = await self._readings.read_present(partial(_compared, this, number))
        except StoreError as error:
            self.refused.emit(error.message)
            return
        if form is not self.form:
            return
        if found is None:
            form.show_missing(number)
        else:
            form.add_candidate(found)

    def open_form(self, form: object) -> None:
        """Open a form that an admin's page has made, or say why not and delete it."""
        if not isinstance(form, OrderForm):
            return
        if self._allowed(Command.ADMINISTER):
            self._open(form)
        else:
            form.deleteLater()

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

    def _open(self, form: OrderForm) -> None:
        if self.form is not None:
            form.deleteLater()
            return
        self.form = form
        form.submitted.connect(self._carry)
        form.finished.connect(self._closed)
        form.open()

    def _closed(self, _result: int) -> None:
        self.form = None

    def give(self, draft: object) -> None:
        """Carry out an order that needs no form: a keystroke at a desk. A refusal is told by `refused`."""
        if self._readings.as_of is not None:
            self._fail(draft, self.tr("正在查看过去的时刻，不能办理。"), None)
        else:
            self._begin(draft, None)

    def open_desk_form(self, form: object) -> None:
        """Open a form that a desk has made for a person who may do what it asks for, or say why not."""
        if not isinstance(form, OrderForm):
            return
        if self._readings.as_of is None:
            self._open(form)
        else:
            self.refused.emit(self.tr("正在查看过去的时刻，不能办理。"))
            form.deleteLater()

    def _read_photos(self, paths: tuple[str, ...]) -> None:
        if isinstance(self.form, OnSiteForm) and self.choices is not None:
            zone = self.choices.calendar.zone
            runtime.spawn(self._photos_read(self.form, paths, zone), "photos")

    async def _photos_read(self, form: OnSiteForm, paths: tuple[str, ...], zone: tzinfo) -> None:
        for path in paths:
            found = await runtime.in_thread(read_photo, path, zone)
            if form is not self.form:
                return
            form.show_photos([found])

    def _carry(self, draft: object) -> None:
        self._begin(draft, self.form)

    def _begin(self, draft: object, form: OrderForm | None) -> None:
        sitting = self._readings.seat.sitting
        if sitting is not None:
            runtime.spawn(self._carried(draft, sitting, form), type(draft).__name__)

    async def _carried(self, draft: object, sitting: Sitting, form: OrderForm | None) -> None:
        """Carry out an order and tell its form; one that was opened meanwhile is none of its business."""
        name = type(draft).__name__
        try:
            found = await runtime.in_thread(_ordered, draft, sitting)
        except RefusedError as error:
            self._fail(draft, refusal_text(error), form)
        except EvidenceError as error:
            self._fail(draft, f"{error.message}{error.way_out}", form)
        except StoreError as error:
            _log.warning("%s not written: %s", name, error.message)
            text = self.tr("未写入：数据库暂时无法访问。内容已保留，恢复后可再次提交。")
            self._fail(draft, text, form)
        except Exception as error:  # noqa: BLE001 - the form must not wait for ever
            runtime.report(error, name)
            text = self.tr("未能确认写入，故障已记入日志。内容已保留，再次提交不会重复。")
            self._fail(draft, text, form)
        else:
            if form is not None and form is self.form:
                form.show_carried(found)
            if isinstance(draft, DirectiveDraft):
                self._just_issued += (JustIssued(found, time.now(), draft),)
            if sitting is self._readings.seat.sitting:
                self.carried.emit(draft, found)
            self.written.emit()
            # What one person may see is not for whoever has sat down meanwhile.
            if isinstance(draft, ComplainantDraft) and sitting is self._readings.seat.sitting:
                self._show_complainant(draft.ticket, found)

    def _show_complainant(self, ticket: str, found: object) -> None:
        if found is None:
            self.refused.emit(self.tr("该工单没有登记举报人。"))
        else:
            self.complainant_seen.emit(ticket, found)

    def _fail(self, draft: object, text: str, form: OrderForm | None) -> None:
        self.not_written.emit(draft)
        if form is not None and form is self.form:
            form.show_refusal(text)
        else:
            self.refused.emit(text)


def _merge_view(number: str, connection: Connection, rules: Rules, now: datetime) -> MergeView | None:
    return merge_view(connection, rules, number, now)


def _compared(
    this: str, number: str, connection: Connection, _rules: Rules, now: datetime
) -> CandidateRow | None:
    return compared(connection, this, number, now)


def _warnings_of(
    sought: CauseSought, connection: Connection, rules: Rules, now: datetime
) -> tuple[list[WarningRow], int]:
    from data_access.readers.warning_causes import warnings_of_cause
    from domain.acknowledging import MOST_TOGETHER

    return warnings_of_cause(connection, rules, sought, now, MOST_TOGETHER)


def _ordered(draft: object, sitting: Sitting) -> Any:
    """Carry out an order as the person who gave it."""
    with sitting.used() as store:
        if isinstance(draft, BatchDraft):
            return carry_out_each(store, draft, sitting.actor)
        return carry_out(store, draft, sitting.actor, time.now())
