"""指令: every directive with its receipts, and beside it who signed and fed back when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from domain.details import DirectiveDetail, ReceiptRow
from domain.drafts import DirectiveSubject
from domain.overview import DirectiveRow, DirectiveState
from domain.people import Actor
from domain.rights import Command
from widgets.fact_grid import FactGrid
from widgets.pages.choice_row import ChoiceRow
from widgets.pages.directive_steps import STEPS, asked_of, offers_of
from widgets.pages.list_page import DetailPanel, ListPage, fit_table
from widgets.plain import tip
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.status import Mark, Shape, mark_of
from widgets.step_bar import StepBar
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.tickets.columns import urgency_colour
from widgets.wording import local_moment_text, short_moment_text, urgency_name

_ENDED = (DirectiveState.JUDGED, DirectiveState.WITHDRAWN, DirectiveState.FED_BACK)


class DirectivesPage(ListPage):
    """Signals: `detail_requested(str)` with a number, `ticket_requested(str)`,
    `directive_requested(DirectiveSubject)` for a new one about nothing yet, `step_requested(Asked)` for an
    answer to the chosen one.
    """

    detail_requested = Signal(str)
    ticket_requested = Signal(str)
    directive_requested = Signal(object)
    step_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        columns = (
            Column("state", self.tr("状态"), 116, _state),
            Column("number", self.tr("编号"), 140, _number, least=124),
            Column("urgency", self.tr("紧急"), 78, _urgency),
            Column("text", self.tr("内容"), 260, _text, stretch=True, least=130),
            Column("signed", self.tr("签收"), 90, _signed, least=70, right=True),
            Column("fed_back", self.tr("反馈"), 90, _fed_back, least=70, right=True),
            Column("countdown", self.tr("期限"), 160, _countdown, right=True),
            Column("issued", self.tr("下达"), 200, _issued, least=100),
        )
        table = RecordTable(RecordModel(columns, _key_of), scale)
        super().__init__(self.tr("指令"), table, scale, parent)
        self._rows: tuple[DirectiveRow, ...] = ()
        self.which = ChoiceRow(((False, self.tr("全部")), (True, self.tr("未办结"))), scale, self)
        self.new = QPushButton(self.tr("下达指令"), self)
        self.new.setProperty("look", "primary")
        self.add_tools((self.which,))
        self.tools.addWidget(self.new)
        self.directive = DirectiveDetailPanel(scale, self)
        self.show_beside(self.directive)
        self.directive.show_nothing(self.tr("选择一道指令"))
        self.directive.tickets.record_activated.connect(self._open_ticket)
        self.directive.step_requested.connect(self.step_requested)
        self.which.choice_changed.connect(self._show_filtered)
        self.table.record_chosen.connect(self._chosen)
        self.new.clicked.connect(self._ask_new)
        self.set_actor(None)

    def show_directives(self, rows: Sequence[DirectiveRow], as_of: datetime) -> None:
        """Show the directives, in their order."""
        self._rows = tuple(rows)
        self.panel.set_fresh(as_of)
        self.which.show_counts([len(rows), sum(row.state not in _ENDED for row in rows)])
        self._show_filtered(None)
        self.table.tick(as_of)

    def show_detail(self, detail: DirectiveDetail) -> None:
        """Show what was asked for; an answer about another directive is passed over."""
        row = self.table.chosen()
        if row is not None and row.number == detail.row.number:
            self.directive.show_detail(detail)

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        reason = refusal_of(Command.ISSUE_DIRECTIVE, actor)
        self.new.setEnabled(not reason)
        self.new.setToolTip(tip(reason))
        self.directive.set_actor(actor)

    def tick(self, now: datetime) -> None:
        super().tick(now)
        self.directive.tick(now)

    def _show_filtered(self, _value: object) -> None:
        shown = [row for row in self._rows if not self.which.value or row.state not in _ENDED]
        self.table.set_empty_text(self.tr("没有未办结的指令") if self._rows else self.tr("尚未下达指令"))
        self.table.show_records(shown)
        self.choose_first()
        self.panel.set_note(self.tr("{0} 道").format(len(shown)))

    def _chosen(self, row: DirectiveRow | None) -> None:
        if row is None:
            self.directive.show_nothing(self.tr("选择一道指令"))
        else:
            self.detail_requested.emit(row.number)

    def _open_ticket(self, number: str, _column: str) -> None:
        self.ticket_requested.emit(number)

    def _ask_new(self) -> None:
        self.directive_requested.emit(DirectiveSubject())


class DirectiveDetailPanel(DetailPanel):
    """A directive with its receivers' answers and the tickets it names, and what can be done with it.

    Signals: `step_requested(Asked)`.
    """

    step_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        captions = (
            self.tr("内容"),
            self.tr("下达"),
            self.tr("期限"),
            self.tr("涉及"),
            self.tr("撤回原因"),
        )
        self.facts = FactGrid(captions, scale, self)
        self.receipts = RecordTable(
            RecordModel(
                (
                    Column("body", self.tr("接收单位"), 200, _receipt_body, stretch=True),
                    Column("signed", self.tr("签收"), 142, self._receipt_signed),
                    Column("fed_back", self.tr("反馈"), 142, self._receipt_fed_back),
                    Column("accepted", self.tr("评价"), 92, self._receipt_accepted),
                ),
                _receipt_key,
            ),
            scale,
            self,
        )
        self.tickets = RecordTable(
            RecordModel((Column("number", self.tr("涉及工单"), 300, _ticket_cell, stretch=True),), str),
            scale,
            self,
            opens_on_click=True,
        )
        self.tickets.set_empty_text(self.tr("不涉及具体工单"))
        for widget in (self.facts, self.receipts, self.tickets):
            self.content.addWidget(widget)
        self.content.addStretch(1)
        self._detail: DirectiveDetail | None = None
        self._actor: Actor | None = None
        self._now: datetime | None = None
        self.steps = StepBar(STEPS, scale, self)
        self.steps.step_requested.connect(self._ask)
        self.add_orders(self.steps)
        scale.factor_changed.connect(self._fit)

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        self._offer()

    def tick(self, now: datetime) -> None:
        """Offer what may be done at a new moment."""
        self._now = now
        self._offer()

    def _offer(self) -> None:
        if self._detail is not None:
            now = self._now or self._detail.row.issued_at
            self.steps.show_offers(offers_of(self._detail, self._actor, now))

    def _ask(self, step: type) -> None:
        if self._detail is not None:
            chosen: ReceiptRow | None = self.receipts.chosen()
            body = chosen.body if chosen is not None else None
            self.step_requested.emit(asked_of(self._detail, step, self._actor, body))

    def show_detail(self, detail: DirectiveDetail) -> None:
        """Show a directive."""
        self._detail = detail
        self._offer()
        row = detail.row
        mark = mark_of(row.state)
        self.show_content(row.number, f"{mark.shape.value} {mark.word}", mark.colour_name)
        about = [
            self.tr("台账 {0}").format("、".join(detail.items)) if detail.items else "",
            self.tr("区划 {0}").format("、".join(detail.area_names)) if detail.area_names else "",
        ]
        self.facts.show_values(
            (
                row.text,
                f"{row.issued_by} · {local_moment_text(row.issued_at)}",
                local_moment_text(row.deadline),
                "；".join(part for part in about if part),
                detail.withdrawn or "",
            )
        )
        self.receipts.show_records(detail.receipts)
        self.tickets.show_records(row.tickets)
        self._fit()

    def _fit(self) -> None:
        fit_table(self.receipts, max(1, self.receipts.model().rowCount()), self.scale, 13)
        fit_table(self.tickets, max(1, self.tickets.model().rowCount()), self.scale, 8)

    def _receipt_signed(self, receipt: ReceiptRow) -> Cell:
        return self._moment(receipt.signed_at, Mark("due_soon", Shape.DIAMOND, self.tr("未签收")))

    def _receipt_fed_back(self, receipt: ReceiptRow) -> Cell:
        cell = self._moment(receipt.fed_back_at, Mark("text_muted", Shape.RING, self.tr("未反馈")))
        return replace(cell, tooltip=receipt.feedback) if receipt.feedback else cell

    def _receipt_accepted(self, receipt: ReceiptRow) -> Cell:
        if receipt.accepted is None:
            return Cell("—", colour="text_faint")
        if receipt.accepted:
            return _mark_cell(Mark("done", Shape.CIRCLE, self.tr("属实")))
        return _mark_cell(Mark("overdue", Shape.SQUARE, self.tr("退回")))

    def _moment(self, at: datetime | None, missing: Mark) -> Cell:
        if at is None:
            return _mark_cell(missing)
        return Cell(short_moment_text(at)[:-3], tooltip=local_moment_text(at))


def _mark_cell(mark: Mark) -> Cell:
    return Cell(mark.word, CellLook.MARK, mark.colour_name, mark)


def _state(row: DirectiveRow) -> Cell:
    return _mark_cell(mark_of(row.state))


def _number(row: DirectiveRow) -> Cell:
    return Cell(row.number, colour="text_muted", tooltip=row.number)


def _urgency(row: DirectiveRow) -> Cell:
    return Cell(urgency_name(row.urgency), CellLook.CHIP, urgency_colour(row.urgency))


def _text(row: DirectiveRow) -> Cell:
    return Cell(row.text, colour="text_strong", tooltip=row.text)


def _signed(row: DirectiveRow) -> Cell:
    whole = len(row.receivers)
    if row.signed < whole and row.state in _ENDED:
        return Cell(f"{row.signed}/{whole}", colour="text_muted")
    return Cell(f"{row.signed}/{whole}", colour="done" if row.signed >= whole else "due_soon")


def _fed_back(row: DirectiveRow) -> Cell:
    whole = len(row.receivers)
    return Cell(f"{row.fed_back}/{whole}", colour="done" if row.fed_back >= whole else "text")


def _countdown(row: DirectiveRow) -> Cell:
    due = local_moment_text(row.deadline)
    if row.state in _ENDED:
        return Cell(short_moment_text(row.deadline)[:-3], colour="text_muted", tooltip=due)
    mark = mark_of(row.state)
    return Cell(due, CellLook.COUNTDOWN, mark.colour_name, due=row.deadline, tooltip=due, bold=True)


def _issued(row: DirectiveRow) -> Cell:
    text = f"{row.issued_by} {short_moment_text(row.issued_at)[:-3]}"
    return Cell(text, colour="text_muted", tooltip=local_moment_text(row.issued_at))


def _receipt_body(receipt: ReceiptRow) -> Cell:
    return Cell(receipt.body_name, tooltip=receipt.body_name)


def _ticket_cell(number: str) -> Cell:
    return Cell(number, colour="accent")


def _key_of(row: DirectiveRow) -> str:
    return row.number


def _receipt_key(receipt: ReceiptRow) -> str:
    return receipt.body
