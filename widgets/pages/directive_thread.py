"""One directive in full: what it asks and why, its receivers with their receipts, and all that happened."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from domain.directive_listing import DirectiveDetail, ReceiptRow, ThreadRow
from domain.events import DirectiveIssued
from domain.listing import TicketFilter
from domain.orders import LONGEST_TEXT
from domain.overview import DirectiveState
from domain.people import Actor
from widgets.fact_grid import FactGrid, small_label
from widgets.pages.directive_steps import STEPS, asked_of, offers_of
from widgets.pages.directive_words import actor_of, evidence_of, mark_of_event, text_of
from widgets.pages.list_page import DetailPanel, fit_table
from widgets.plain import PlainLabel
from widgets.scale import Scale
from widgets.status import Mark, Shape, mark_of
from widgets.step_bar import StepBar
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.warning_words import climbed_to
from widgets.wording import local_moment_text, short_moment_text

SHORT_TEXT = 240
"""Characters of a directive's text that are shown until all of it is asked for."""
MOST_ENTRIES = 300
"""Events of a thread on screen, the last ones; a saved file has all of them."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a directive is about: a ticket, a ledger item or an area, by its key and its name."""

    kind: str
    key: str
    name: str


class DirectiveDetailPanel(DetailPanel):
    """A directive with its receivers' answers and its thread, and what can be done with it.

    Signals: `step_requested(Asked)`; `ticket_requested(str)`, `item_requested(str)` with a number,
    `tickets_requested(TicketFilter, str)` for an area, `evidence_requested(str, object)` with the
    directive's number and the checksums of files.
    """

    step_requested = Signal(object)
    ticket_requested = Signal(str)
    item_requested = Signal(str)
    tickets_requested = Signal(object, str)
    evidence_requested = Signal(str, object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        captions = (
            self.tr("内容"),
            self.tr("依据"),
            self.tr("下达"),
            self.tr("签收限"),
            self.tr("反馈限"),
            self.tr("撤回原因"),
        )
        self.facts = FactGrid(captions, scale, self, longest=LONGEST_TEXT)
        self.receipts = RecordTable(
            RecordModel(
                (
                    Column("body", self.tr("接收单位"), 116, self._receipt_body, stretch=True, least=76),
                    Column("state", self.tr("状态"), 144, self._receipt_state, least=120),
                    Column("signed", self.tr("签收"), 118, self._receipt_signed),
                    Column("fed_back", self.tr("反馈"), 118, self._receipt_fed_back),
                    Column("accepted", self.tr("评价"), 80, self._receipt_accepted),
                ),
                _receipt_key,
            ),
            scale,
            self,
        )
        self.receipts.setAccessibleName(self.tr("接收单位"))
        self.basis = RecordTable(
            RecordModel(
                (
                    Column("kind", self.tr("涉及"), 84, _basis_kind),
                    Column("name", self.tr("编号或名称"), 300, _basis_name, stretch=True),
                ),
                _basis_key,
            ),
            scale,
            self,
            opens_on_click=True,
        )
        self.basis.setAccessibleName(self.tr("涉及"))
        self.basis.set_empty_text(self.tr("不涉及具体工单、事项或区划"))
        self.only = QPushButton(self)
        self.only.setProperty("look", "small")
        self.only.setCheckable(True)
        self.only.hide()
        self.thread_head = PlainLabel(self.tr("往来"), self)
        self.thread_head.setProperty("tone", "strong")
        head = QHBoxLayout()
        head.addWidget(self.thread_head)
        head.addStretch(1)
        head.addWidget(self.only)
        self.thread = ThreadView(scale, self)
        self.more = QPushButton(self)
        self.more.setProperty("look", "link")
        self.more.setCheckable(True)
        self.more.toggled.connect(self._show_facts)
        self.content.addWidget(self.facts)
        self.content.addWidget(self.more, 0, Qt.AlignmentFlag.AlignRight)
        for widget in (self.receipts, self.basis):
            self.content.addWidget(widget)
        self.content.addLayout(head)
        self.content.addWidget(self.thread)
        self.content.addStretch(1)
        self.detail: DirectiveDetail | None = None
        self._actor: Actor | None = None
        self._now: datetime | None = None
        self._wanted: str | None = None
        self.steps = StepBar(STEPS, scale, self)
        self.steps.step_requested.connect(self._ask)
        self.add_orders(self.steps)
        self.receipts.record_chosen.connect(self._receiver_chosen)
        self.basis.record_activated.connect(self._open_basis)
        self.only.toggled.connect(self._show_thread)
        self.thread.evidence_requested.connect(self._open_evidence)
        scale.factor_changed.connect(self._fit)

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        self._offer()

    def tick(self, now: datetime) -> None:
        """Offer what may be done at a new moment."""
        self._now = now
        self._offer()

    def show_receiver(self, body: str | None) -> None:
        """Bring one receiver's part of the thread into sight, also of a directive that is shown next."""
        self._wanted = body
        if body is None:
            self.receipts.clearSelection()
        else:
            self.receipts.choose(body)
        self.only.setChecked(body is not None)

    def show_detail(self, detail: DirectiveDetail) -> None:
        """Show a directive."""
        before, self.detail = self.detail, detail
        other = before is None or before.row.number != detail.row.number
        row = detail.row
        self._offer()
        mark = mark_of(row.state)
        self.show_content(row.number, f"{mark.shape.value} {mark.word}", mark.colour_name)
        if other:
            self.more.setChecked(False)
        self._show_facts()
        wanted = self._wanted
        self.receipts.show_records(detail.receipts)
        self.basis.show_records(self._about(detail))
        if other:
            self.show_receiver(wanted)
        self._show_thread()
        self._fit()

    def _show_facts(self, _checked: bool = False) -> None:
        if self.detail is None:
            return
        detail, row = self.detail, self.detail.row
        whole = self.more.isChecked() or len(row.text) <= SHORT_TEXT
        self.more.setVisible(len(row.text) > SHORT_TEXT)
        self.more.setText(self.tr("收起全文") if whole else self.tr("全文 {0} 字 ›").format(len(row.text)))
        self.facts.show_values(
            (
                row.text if whole else row.text[:SHORT_TEXT] + "…",
                detail.basis,
                f"{row.issued_by} · {local_moment_text(row.issued_at)}",
                local_moment_text(row.sign_by) if row.sign_by is not None else "",
                local_moment_text(row.deadline),
                detail.withdrawn or "",
            )
        )

    def _about(self, detail: DirectiveDetail) -> list[Basis]:
        return [
            *(Basis(self.tr("工单"), number, number) for number in detail.row.tickets),
            *(Basis(self.tr("台账"), number, number) for number in detail.items),
            *(
                Basis(self.tr("区划"), code, name)
                for code, name in zip(detail.areas, detail.area_names, strict=True)
            ),
        ]

    def _offer(self) -> None:
        if self.detail is not None:
            now = self._now or self.detail.row.issued_at
            self.steps.show_offers(offers_of(self.detail, self._actor, now))

    def _ask(self, step: type) -> None:
        if self.detail is not None:
            chosen: ReceiptRow | None = self.receipts.chosen()
            body = chosen.body if chosen is not None else None
            now = self._now or self.detail.row.issued_at
            self.step_requested.emit(asked_of(self.detail, step, self._actor, body, now))

    def _receiver_chosen(self, receipt: ReceiptRow | None) -> None:
        self._wanted = receipt.body if receipt is not None else None
        self.only.setVisible(receipt is not None)
        if receipt is not None:
            self.only.setText(self.tr("只看 {0}").format(receipt.body_name))
        self._show_thread()

    def _show_thread(self, _checked: bool = False) -> None:
        if self.detail is None:
            return
        chosen: ReceiptRow | None = self.receipts.chosen()
        rows = self.detail.thread
        if chosen is not None and self.only.isChecked():
            rows = tuple(row for row in rows if row.body in ("", chosen.body))
        self.thread_head.setText(self.tr("往来 {0} 条").format(len(rows)))
        self.thread.show_rows(rows)

    def _open_basis(self, basis: Basis, _column: str) -> None:
        assert self.detail is not None
        if basis.key in self.detail.row.tickets:
            self.ticket_requested.emit(basis.key)
        elif basis.key in self.detail.items:
            self.item_requested.emit(basis.key)
        else:
            self.tickets_requested.emit(TicketFilter(open_only=True, area=basis.key), basis.name)

    def _open_evidence(self, checksums: object) -> None:
        if self.detail is not None:
            self.evidence_requested.emit(self.detail.row.number, checksums)

    def _fit(self) -> None:
        # Beside the scroll bar, not under it.
        self.content.setContentsMargins(0, 0, self.scale.px(10), 0)
        fit_table(self.receipts, max(1, self.receipts.model().rowCount()), self.scale, 13)
        rows = self.basis.model().rowCount()
        fit_table(self.basis, max(1, rows), self.scale, 6)

    # --- cells -----------------------------------------------------------------------------------------

    def _receipt_body(self, receipt: ReceiptRow) -> Cell:
        row = self.detail.row if self.detail is not None else None
        short = dict(zip(row.receivers, row.receiver_names, strict=True)) if row is not None else {}
        return Cell(short.get(receipt.body, receipt.body_name), tooltip=receipt.body_name)

    def _receipt_state(self, receipt: ReceiptRow) -> Cell:
        cell = mark_cell(mark_of(receipt.state))
        text, said = cell.text, []
        if receipt.state is DirectiveState.UNSIGNED_LATE:
            # The next column says that it is not signed.
            text, said = self.tr("超时"), [text]
        if receipt.climbed_to is not None:
            text = f"{text}↑"
            said.append(_told_at(climbed_to(receipt.climbed_to), receipt.climbed_at))
        if receipt.reminded:
            text = self.tr("{0} 催{1}").format(text, receipt.reminded) if receipt.owes else text
            said.append(_told_at(self.tr("催办 {0} 次").format(receipt.reminded), receipt.reminded_at))
        return replace(cell, text=text, tooltip="\n".join(said)) if said else cell

    def _receipt_signed(self, receipt: ReceiptRow) -> Cell:
        missing = Mark("due_soon", Shape.DIAMOND, self.tr("未签收"))
        return _moment(receipt.signed_at, missing, receipt.signed_by)

    def _receipt_fed_back(self, receipt: ReceiptRow) -> Cell:
        cell = _moment(receipt.fed_back_at, Mark("text_muted", Shape.RING, self.tr("未反馈")), "")
        if receipt.rounds > 1:
            said = self.tr("第 {0} 轮").format(receipt.rounds)
            return replace(cell, tooltip=f"{said} · {cell.tooltip}\n{receipt.feedback}")
        return replace(cell, tooltip=receipt.feedback) if receipt.feedback else cell

    def _receipt_accepted(self, receipt: ReceiptRow) -> Cell:
        if receipt.accepted is None:
            return Cell("—", colour="text_faint")
        if receipt.accepted:
            return mark_cell(Mark("done", Shape.CIRCLE, self.tr("属实")))
        return mark_cell(Mark("overdue", Shape.SQUARE, self.tr("退回")))


class ThreadView(QWidget):
    """What happened, one under the other, the first one first; entries are made once and used again.

    Signals: `evidence_requested(object)` with the checksums of an entry's files.
    """

    evidence_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.entries: list[ThreadEntry] = []
        self._rows: tuple[ThreadRow, ...] = ()
        scale.factor_changed.connect(self._respace)
        self._respace()

    def show_rows(self, rows: Sequence[ThreadRow]) -> None:
        """Show these events; of very many the last ones."""
        shown = tuple(rows[-MOST_ENTRIES:])
        if shown == self._rows:
            return
        self._rows = shown
        while len(self.entries) < len(shown):
            entry = ThreadEntry(self._scale, self)
            entry.evidence_requested.connect(self.evidence_requested)
            self._column.addWidget(entry)
            self.entries.append(entry)
        for entry, row in zip(self.entries, shown, strict=False):
            entry.show_row(row)
            entry.show()
        for entry in self.entries[len(shown) :]:
            entry.hide()

    def _respace(self) -> None:
        self._column.setSpacing(self._scale.px(10))


class ThreadEntry(QWidget):
    """One event: what it is, of which body, who did it and when; under it what was said, and its files.

    Signals: `evidence_requested(object)` with the checksums of the files.
    """

    evidence_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._sums: tuple[str, ...] = ()
        self.head = small_label(self, "muted")
        self.at = small_label(self, "muted")
        self.at.setWordWrap(False)
        self.text = small_label(self)
        self.files = QPushButton(self)
        self.files.setProperty("look", "link")
        self.files.clicked.connect(self._ask)
        top = QHBoxLayout()
        top.addWidget(self.head, 1)
        top.addWidget(self.at, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(scale.px(2))
        column.addLayout(top)
        column.addWidget(self.text)
        column.addWidget(self.files, 0, Qt.AlignmentFlag.AlignLeft)

    def show_row(self, row: ThreadRow) -> None:
        """Show an event."""
        mark = mark_of_event(row)
        # A receiver's own person names its body.
        about = "" if row.actor_body == row.body_name else row.body_name
        parts = [f"{mark.shape.value} {mark.word}", about, actor_of(row)]
        self.head.setText(" · ".join(part for part in parts if part))
        _set_tone(self.head, mark.colour_name)
        self.at.setText(local_moment_text(row.event.at))
        # What was issued stands at the head of the page.
        said = "" if isinstance(row.event.fact, DirectiveIssued) else text_of(row)
        self.text.setText(said)
        self.text.setVisible(bool(said))
        self._sums = evidence_of(row)
        self.files.setVisible(bool(self._sums))
        self.files.setText(self.tr("附件 {0} 份 ›").format(len(self._sums)))

    def _ask(self) -> None:
        self.evidence_requested.emit(self._sums)


def mark_cell(mark: Mark) -> Cell:
    """Return a cell that shows a status."""
    return Cell(mark.word, CellLook.MARK, mark.colour_name, mark)


def _set_tone(label: QWidget, colour_name: str) -> None:
    tone = {"accent": "on_time", "text_muted": "muted"}.get(colour_name, colour_name)
    if label.property("tone") != tone:
        label.setProperty("tone", tone)
        label.style().unpolish(label)
        label.style().polish(label)


def _moment(at: datetime | None, missing: Mark, by: str) -> Cell:
    if at is None:
        return mark_cell(missing)
    said = " · ".join(part for part in (by, local_moment_text(at)) if part)
    return Cell(short_moment_text(at)[:-3], tooltip=said)


def _told_at(said: str, at: datetime | None) -> str:
    return said if at is None else f"{said} · {local_moment_text(at)}"


def _receipt_key(receipt: ReceiptRow) -> str:
    return receipt.body


def _basis_kind(basis: Basis) -> Cell:
    return Cell(basis.kind, colour="text_muted")


def _basis_name(basis: Basis) -> Cell:
    return Cell(basis.name, colour="accent", tooltip=basis.name)


def _basis_key(basis: Basis) -> str:
    return f"{basis.kind}/{basis.key}"
