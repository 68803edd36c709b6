"""再监督: every file, from draft to close, and beside it the question, the frozen facts and the answers."""

from collections.abc import Collection, Mapping
from datetime import datetime

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from domain.details import ReSupervisionDetail
from domain.drafts import ReSupervisionSubject
from domain.events import Event
from domain.ledger import Colour
from domain.overview import ReSupervisionRow
from domain.people import Actor
from domain.re_supervision import FileCounts, FileGroup, FileState
from domain.rights import Command, may
from widgets.dossier.log_text import fact_text, kind_colour, kind_text
from widgets.fact_grid import FactGrid, small_label
from widgets.pages.choice_row import ChoiceRow
from widgets.pages.file_steps import STEPS, asked_of, offers_of
from widgets.pages.file_words import comparable_text, evidence_of_answers, explanations_text, questions_text
from widgets.pages.list_page import DetailPanel, ListPage, fit_table
from widgets.plain import tip
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.status import file_mark, mark_of
from widgets.step_bar import StepBar
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.lazy import LazyTable
from widgets.table.model import RecordModel
from widgets.table.paged import PagedModel
from widgets.table.view import RecordTable
from widgets.wording import (
    behaviour_name,
    exact_count_text,
    local_moment_text,
    node_name,
    short_moment_text,
)


class ReSupervisionsPage(ListPage):
    """A list of any length; its `table` asks for pages.

    Signals: `list_requested()` when the hand asks for another `group`;
    `detail_requested(str)` with a file's number, `ticket_requested(str)`,
    `re_supervision_requested(ReSupervisionSubject)` for a draft to launch, `step_requested(Asked)` for a step
    of the chosen file; `history_requested(str)` for the record of a body, or of all where it is empty.
    """

    list_requested = Signal()
    detail_requested = Signal(str)
    ticket_requested = Signal(str)
    re_supervision_requested = Signal(object)
    step_requested = Signal(object)
    history_requested = Signal(str)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        columns = (
            Column("state", self.tr("状态"), 116, _state),
            Column("number", self.tr("编号"), 170, _number, least=130),
            Column("ticket", self.tr("工单"), 210, _ticket, least=110),
            Column("body", self.tr("被监督单位"), 150, _body, least=110),
            Column("node", self.tr("环节"), 96, _node),
            Column("cause", self.tr("事由"), 180, _cause, stretch=True, least=100),
            Column("countdown", self.tr("说明期限"), 168, _countdown, right=True),
        )
        self.model = PagedModel(columns, _key_of)
        table = LazyTable(self.model, scale)
        super().__init__(self.tr("再监督"), table, scale, parent)
        self.table: LazyTable = table
        self._actor: Actor | None = None
        self.which = ChoiceRow(
            (
                (None, self.tr("全部")),
                (FileGroup.DRAFTED, mark_of(FileState.DRAFTED).word),
                (FileGroup.RUNNING, self.tr("办理中")),
                (FileGroup.ENDED, self.tr("已办结")),
            ),
            scale,
            self,
        )
        self.add_tools((self.which,))
        self.patterns = QPushButton(self.tr("规律 ›"), self)
        self.patterns.setProperty("look", "small")
        self.patterns.setToolTip(self.tr("哪个单位、哪个环节、哪条规则，多少次，与同类相比如何"))
        self.patterns.hide()
        self.panel.bar.addWidget(self.patterns)
        self.patterns.clicked.connect(self._ask_patterns)
        self.file = FilePanel(scale, self)
        self.launch = self.file.launch
        self.show_beside(self.file)
        self.file.show_nothing(self.tr("选择一份再监督"))
        self.file.ticket.clicked.connect(self._open_ticket)
        self.file.record.clicked.connect(self._ask_record)
        self.file.step_requested.connect(self.step_requested)
        self.which.choice_changed.connect(self._ask)
        self.table.record_chosen.connect(self._chosen)
        self.table.record_activated.connect(self._open)
        self.launch.clicked.connect(self._ask_launch)
        self.table.set_empty_text(self.tr("读取中…"))
        self._offer(None)

    @property
    def group(self) -> FileGroup | None:
        """Which files the hand asks for; None for all."""
        value = self.which.value
        return None if value is None else FileGroup(value)

    def drafts_about(self, tickets: Collection[str]) -> frozenset[str]:
        """Return the numbers of the drafts in sight, and of a chosen one, that are about these tickets."""
        rows = self.model.rows_of(self.table.keys_in_sight()).values() if tickets else ()
        lines = [self.table.chosen(), *map(self.model.record, rows)] if tickets else []
        return frozenset(
            line.number
            for line in lines
            if line is not None and line.state == FileState.DRAFTED and line.ticket in tickets
        )

    def show_group(self, group: FileGroup | None) -> None:
        """Ask for the files of one group, or for all."""
        self.which.choose(group)
        self._ask()

    def show_counts(self, total: int, counts: FileCounts, as_of: datetime) -> None:
        """Say how many files each group has; `total` are listed."""
        self.panel.set_fresh(as_of)
        groups = [counts.drafted, counts.running, counts.ended]
        self.which.show_counts([sum(groups), *groups])
        self.table.set_empty_text(self.tr("没有这类再监督") if sum(groups) else self.tr("尚无再监督"))
        self.panel.set_note(self.tr("{0} 份").format(exact_count_text(total)))
        if self.model.now is None or self.model.now < as_of:
            self.table.tick(as_of)

    def show_detail(self, detail: ReSupervisionDetail) -> None:
        """Show what was asked for; an answer about another file is passed over."""
        row = self.table.chosen()
        if row is not None and row.number == detail.row.number:
            self.file.show_detail(detail)

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        self._offer(self.table.chosen())
        self.patterns.setVisible(actor is not None and may(Command.SEE_HISTORY, actor))
        self.file.set_actor(actor)

    def tick(self, now: datetime) -> None:
        super().tick(now)
        self.file.tick(now)

    def _ask(self, _choice: object = None) -> None:
        self.model.start_over()
        self._chosen(None)
        self.table.set_empty_text(self.tr("读取中…"))
        self.list_requested.emit()

    def _chosen(self, row: ReSupervisionRow | None) -> None:
        self._offer(row)
        if row is None:
            self.file.show_nothing(self.tr("选择一份再监督"))
        else:
            self.detail_requested.emit(row.number)

    def _offer(self, row: ReSupervisionRow | None) -> None:
        if row is None:
            reason = self.tr("先选择一份草稿")
        elif row.state != FileState.DRAFTED:
            reason = self.tr("只有草稿可以启动")
        else:
            reason = refusal_of(Command.LAUNCH_RE_SUPERVISION, self._actor)
        self.launch.setEnabled(not reason)
        self.launch.setToolTip(tip(reason))

    def _open(self, row: ReSupervisionRow, _column: str) -> None:
        self.ticket_requested.emit(row.ticket)

    def _open_ticket(self) -> None:
        row = self.table.chosen()
        if row is not None:
            self.ticket_requested.emit(row.ticket)

    def _ask_patterns(self) -> None:
        self.history_requested.emit("")

    def _ask_record(self) -> None:
        row = self.table.chosen()
        if row is not None and row.body:
            self.history_requested.emit(row.body)

    def _ask_launch(self) -> None:
        row = self.table.chosen()
        if row is not None:
            subject = ReSupervisionSubject(
                ticket=row.ticket,
                title=row.title,
                body=row.body,
                body_name=row.body_name,
                node=row.node,
                round=row.round,
                cause=row.cause,
                number=row.number,
            )
            self.re_supervision_requested.emit(subject)


class FilePanel(DetailPanel):
    """One file: what is asked, what was frozen at launch, what was answered and found; and its next steps.

    Signals: `step_requested(Asked)`; `evidence_requested(str, tuple)` with the file's number and the
    checksums of what came with the explanations. `launch` is the page's, which knows the draft.
    """

    step_requested = Signal(object)
    evidence_requested = Signal(str, object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        captions = (
            self.tr("被监督单位"),
            self.tr("事由"),
            self.tr("要求说明"),
            self.tr("经办"),
            self.tr("说明期限"),
            self.tr("单位说明"),
            self.tr("可比案件"),
            self.tr("认定"),
            self.tr("建议"),
            self.tr("工单哈希"),
        )
        self.facts = FactGrid(captions, scale, self)
        self.ticket, self.record, self.materials = QPushButton(self), QPushButton(self), QPushButton(self)
        self.frozen = small_label(self)
        self.content.addWidget(self.facts)
        for link in (self.ticket, self.record, self.materials):
            link.setProperty("look", "link")
            self.content.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
        self.materials.clicked.connect(self._ask_evidence)
        self._names: Mapping[str, str] = {}
        self._channels: Mapping[str, str] = {}
        self.events = RecordTable(
            RecordModel(
                (
                    Column("at", self.tr("时间"), 150, _event_at),
                    Column("kind", self.tr("事件"), 108, _event_kind),
                    Column("text", self.tr("内容"), 240, self._event_text, stretch=True),
                ),
                _event_key,
            ),
            scale,
            self,
        )
        self.content.addWidget(self.frozen)
        self.content.addWidget(self.events)
        self.content.addStretch(1)
        self._detail: ReSupervisionDetail | None = None
        self._actor: Actor | None = None
        self._now: datetime | None = None
        self.launch = QPushButton(self.tr("启动再监督"), self)
        self.launch.setProperty("look", "step_danger")
        self.steps = StepBar(STEPS, scale, self)
        self.steps.step_requested.connect(self._ask)
        self.add_orders(self.launch, self.steps)
        scale.factor_changed.connect(self._fit)

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        self._offer()
        self._offer_record()

    def _offer_record(self) -> None:
        allowed = self._actor is not None and may(Command.SEE_HISTORY, self._actor)
        self.record.setVisible(allowed and self._detail is not None and bool(self._detail.row.body))

    def tick(self, now: datetime) -> None:
        """Offer what may be done at a new moment: a body's time to explain may have passed."""
        self._now = now
        self._offer()
        self._say_state()

    def _say_state(self) -> None:
        """The state in the title row; a body that has let its time pass is red, whatever the state's."""
        if self._detail is None:
            return
        row, now = self._detail.row, self._now
        if (
            row.state == FileState.LAUNCHED
            and row.deadline is not None
            and now is not None
            and now > row.deadline
        ):
            mark, word = mark_of(Colour.RED), self.tr("逾期未说明")
        else:
            mark = file_mark(row.state)
            word = mark.word
        self.set_note(f"{mark.shape.value} {word}", mark.colour_name)

    def _offer(self) -> None:
        if self._detail is not None:
            now = self._now or self._detail.row.drafted_at
            self.steps.show_offers(offers_of(self._detail, self._actor, now))
            self.launch.setVisible(self._detail.row.state == FileState.DRAFTED)

    def _ask(self, step: type) -> None:
        if self._detail is not None:
            self.step_requested.emit(asked_of(self._detail, step))

    def show_detail(self, detail: ReSupervisionDetail) -> None:
        """Show a file."""
        self._detail = detail
        self._offer()
        row = detail.row
        mark = file_mark(row.state)
        self.show_content(row.number, f"{mark.shape.value} {mark.word}", mark.colour_name)
        self._say_state()
        launched = short_moment_text(row.launched_at) if row.launched_at else ""
        found = behaviour_name(detail.behaviour) if detail.behaviour is not None else ""
        self.facts.show_values(
            (
                row.body_name,
                row.cause,
                questions_text(detail),
                " · ".join(part for part in (row.officer or "", launched) if part),
                local_moment_text(row.deadline) if row.deadline else "",
                explanations_text(detail),
                comparable_text(detail.comparable),
                " · ".join(part for part in (found, detail.finding) if part),
                detail.recommendation,
                f"#{detail.head[:16]}…" if detail.head else "",
            )
        )
        self.ticket.setText(self.tr("工单 {0} ›").format(row.ticket))
        self.record.setText(self.tr("{0}的往来与规律 ›").format(row.body_name))
        self._offer_record()
        files = evidence_of_answers(detail)
        self.materials.setVisible(bool(files))
        self.materials.setText(self.tr("佐证材料 {0} 份 ›").format(len(files)))
        self._names, self._channels = detail.names, detail.channels
        self.events.show_records(detail.events)
        self.events.setVisible(bool(detail.events))
        if detail.events:
            self.frozen.setText(self.tr("启动时固定的事实：{0} 条事件").format(len(detail.events)))
        else:
            self.frozen.setText(self.tr("尚未启动，事实在启动时固定。"))
        self._fit()

    def _ask_evidence(self) -> None:
        if self._detail is not None:
            self.evidence_requested.emit(self._detail.row.number, evidence_of_answers(self._detail))

    def _event_text(self, event: Event) -> Cell:
        body = self._names.get(event.actor.body or "", "")
        who = " ".join(part for part in (body, event.actor.name) if part)
        text = fact_text(event.fact, self._names, self._channels)
        return Cell(text, tooltip=f"{local_moment_text(event.at)} {who}\n{text}")

    def _fit(self) -> None:
        fit_table(self.events, max(1, self.events.model().rowCount()), self.scale, 14)


def _event_at(event: Event) -> Cell:
    return Cell(short_moment_text(event.at), colour="text_muted", tooltip=local_moment_text(event.at))


def _event_kind(event: Event) -> Cell:
    return Cell(kind_text(event.fact), CellLook.CHIP, kind_colour(event.fact))


def _event_key(event: Event) -> str:
    return f"{event.at.isoformat()} {kind_text(event.fact)}"


def _state(row: ReSupervisionRow) -> Cell:
    mark = file_mark(row.state)
    return Cell(mark.word, CellLook.MARK, mark.colour_name, mark)


def _number(row: ReSupervisionRow) -> Cell:
    return Cell(row.number, colour="text_muted", tooltip=local_moment_text(row.drafted_at))


def _ticket(row: ReSupervisionRow) -> Cell:
    return Cell(row.title, colour="text_strong", tooltip=f"{row.ticket} {row.title}")


def _body(row: ReSupervisionRow) -> Cell:
    if not row.body_name:
        return Cell(
            QCoreApplication.translate("ReSupervisionsPage", "待定"),
            colour="text_faint",
            tooltip=QCoreApplication.translate("ReSupervisionsPage", "尚无责任主体"),
        )
    return Cell(row.body_name, tooltip=row.body_name)


def _node(row: ReSupervisionRow) -> Cell:
    return Cell(node_name(row.node) if row.node is not None else "—")


def _cause(row: ReSupervisionRow) -> Cell:
    return Cell(row.cause, tooltip=row.cause)


def _countdown(row: ReSupervisionRow) -> Cell:
    if row.deadline is None:
        return Cell("—", colour="text_faint")
    due = local_moment_text(row.deadline)
    if row.state != FileState.LAUNCHED:
        return Cell(short_moment_text(row.deadline)[:-3], colour="text_muted", tooltip=due)
    return Cell(due, CellLook.COUNTDOWN, "due_soon", due=row.deadline, tooltip=due, bold=True)


def _key_of(row: ReSupervisionRow) -> str:
    return row.number
