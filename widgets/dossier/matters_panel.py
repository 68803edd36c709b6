"""案件事项: what a ticket's case holds beside its procedure, and what can be noted in it."""

from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from domain.case import MatterKind
from domain.case_orders import ORDERS
from domain.dossier import Dossier
from domain.people import Actor
from domain.rights import RefusedError
from domain.steps import check_step
from widgets.case_words import matter_name
from widgets.dossier.case_asked import not_now, note_asked, note_offers
from widgets.dossier.case_lines import CaseLine, case_lines, kinds_of, people_text
from widgets.fact_grid import small_label
from widgets.forms.step_fields import word
from widgets.forms.step_form import STEP_FORMS
from widgets.pages.choice_row import ChoiceRow
from widgets.panel import Panel
from widgets.scale import Scale
from widgets.step_bar import StepBar
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.wording import local_moment_text, past_moment_text

SIDE_WIDTH = 380
"""Of what is said of the chosen line, in pixels at 1080p."""


class MattersPanel(Panel):
    """Lines of the case with their states, the notes that the person may take, and the chosen line in full.

    Signals: `note_requested(Asked)`, `log_requested()`.
    """

    note_requested = Signal(object)
    log_requested = Signal()

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("案件事项"))
        self._dossier: Dossier | None = None
        self._actor: Actor | None = None
        self._lines: tuple[CaseLine, ...] = ()
        self.switch = QPushButton(self.tr("事件日志"), self)
        self.switch.setProperty("look", "tab")
        self.switch.clicked.connect(self.log_requested)
        self.kinds = ChoiceRow(
            [(None, self.tr("全部")), *((kind, matter_name(kind)) for kind in MatterKind)], scale, self
        )
        # A row of filters is no reason for a wider window.
        self.kinds.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.notes = StepBar(ORDERS, scale, self, needs_its_width=False)
        self.bar.insertWidget(1, self.switch)
        self.bar.insertWidget(2, self.notes)
        columns = (
            Column("sort", self.tr("类别"), 124, self._sort_cell, least=100),
            Column("mark", self.tr("状态"), 116, self._mark_cell, least=96),
            Column("text", self.tr("事项"), 300, self._text_cell, stretch=True, least=160),
            Column("due", self.tr("期限"), 150, self._due_cell, least=120),
            Column("by", self.tr("登记"), 226, self._by_cell, least=120),
        )
        self.table = RecordTable(RecordModel(columns, _key_of, self), scale, self, row_height=37)
        self.table.horizontalHeader().hide()
        self.table.setAccessibleName(self.tr("案件事项"))
        self.table.set_empty_text(self.tr("尚无案件事项"))
        self._whole = small_label(self)
        self._whole.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._go_on = QPushButton(self)
        self._go_on.setProperty("look", "primary")
        self._go_on.hide()
        self._side = QWidget(self)
        self._side.setProperty("look", "clear")
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.addWidget(self._whole)
        side.addStretch(1)
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._side)
        self._beside = QVBoxLayout()
        self._beside.addWidget(self._area, 1)
        self._beside.addWidget(self._go_on)
        self._columns = QHBoxLayout()
        self._columns.addWidget(self.table, 1)
        self._columns.addLayout(self._beside)
        self.body.addWidget(self.kinds)
        self.body.addLayout(self._columns, 1)
        self.notes.step_requested.connect(self._ask)
        self.kinds.choice_changed.connect(self._filter)
        self.table.record_chosen.connect(self._tell)
        self.table.record_activated.connect(self._open_line)
        self._go_on.clicked.connect(self._open_chosen)
        scale.factor_changed.connect(self._respace)
        self._respace()

    @property
    def buttons(self) -> dict[type, QPushButton]:
        """The buttons of all notes, by the type of their fact."""
        return self.notes.buttons

    @property
    def open_count(self) -> int:
        """How many things of the case wait for somebody."""
        waiting = (line for line in self._lines if line.is_open)
        return sum(line.kind is not MatterKind.RESPONSIBILITY or _is_unnamed(line) for line in waiting)

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def refusal(self, kind: type) -> str:
        """Return why a note is not offered, empty when it is."""
        return self.notes.refusal(kind)

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        self._offer()

    def show_dossier(self, dossier: Dossier) -> None:
        """Show the case, and offer what may be noted now."""
        other = self._dossier is None or self._dossier.number != dossier.number
        self._dossier = dossier
        self._lines = case_lines(dossier)
        if other:
            self.kinds.choose(None)
        counts = kinds_of(self._lines)
        self.kinds.show_counts([len(self._lines), *(counts.get(kind) for kind in MatterKind)])
        self.kinds.setVisible(bool(self._lines))
        for button, kind in zip(self.kinds.buttons[1:], MatterKind, strict=True):
            button.setVisible(kind in counts)
        if self.kinds.value is not None and self.kinds.value not in counts:
            self.kinds.choose(None)
        self.set_note(people_text(dossier))
        self._filter()
        self._offer()

    def _filter(self, _kind: object = None) -> None:
        kind = self.kinds.value
        self.table.show_records([line for line in self._lines if kind in (None, line.kind)])
        self._tell(self.table.chosen())

    def _offer(self) -> None:
        if self._dossier is None:
            return
        past = not_now() if self._dossier.replayed else ""
        offers = note_offers(self._dossier, self._actor, past)
        self.notes.show_offers(offers)
        self.notes.setVisible(bool(offers))
        self._tell(self.table.chosen())

    def _tell(self, line: CaseLine | None) -> None:
        """Show the chosen line in full, and by which button one goes on with it."""
        shown = (f"{line.sort} · {line.mark.word}", *(line.whole or (line.text,))) if line is not None else ()
        self._area.setVisible(bool(shown))
        self._whole.setText("\n".join(shown))
        kind = line.act if line is not None and self._offered(line) else None
        self._go_on.setVisible(kind is not None)
        if kind is not None:
            self._go_on.setText(word(STEP_FORMS[kind].title))

    def _offered(self, line: CaseLine) -> bool:
        if line.act is None or self._dossier is None or self._dossier.replayed or self._actor is None:
            return False
        if line.act in self.notes.buttons:
            return any(offer.kind is line.act and not offer.refusal for offer in self.notes.offers)
        try:
            check_step(line.act, self._actor, self._dossier.clock)
        except RefusedError:
            return False
        return True

    def _ask(self, kind: type) -> None:
        if self._dossier is None:
            return
        chosen = self.table.chosen()
        preset = chosen.preset if chosen is not None and chosen.act is kind else None
        self.note_requested.emit(note_asked(self._dossier, kind, self._actor, preset))

    def _open_chosen(self) -> None:
        self._open_line(self.table.chosen(), "")

    def _open_line(self, line: Any, _column: str) -> None:
        if isinstance(line, CaseLine) and self._offered(line) and self._dossier is not None and line.act:
            self.note_requested.emit(note_asked(self._dossier, line.act, self._actor, line.preset))

    # --- cells -----------------------------------------------------------------------------------------

    def _sort_cell(self, line: CaseLine) -> Cell:
        return Cell(line.sort, CellLook.CHIP, "accent" if line.is_open else "text_faint")

    def _mark_cell(self, line: CaseLine) -> Cell:
        return Cell(line.mark.word, CellLook.MARK, line.mark.colour_name, line.mark)

    def _text_cell(self, line: CaseLine) -> Cell:
        return Cell(line.text, tooltip="\n".join(line.whole) or line.text)

    def _due_cell(self, line: CaseLine) -> Cell:
        if line.due is None:
            return Cell("")
        text = past_moment_text(line.due, self._now())
        colour = line.mark.colour_name if line.is_open else "text_muted"
        return Cell(text, colour=colour, tooltip=local_moment_text(line.due))

    def _by_cell(self, line: CaseLine) -> Cell:
        text = f"{line.said.actor.name} {past_moment_text(line.said.at, self._now())}"
        return Cell(
            text, colour="text_muted", tooltip=f"{line.said.actor.name} {local_moment_text(line.said.at)}"
        )

    def _now(self) -> datetime:
        assert self._dossier is not None
        return self._dossier.clock.as_of

    def _respace(self) -> None:
        self._columns.setSpacing(self.scale.px(14))
        self._beside.setSpacing(self.scale.px(8))
        self.body.setSpacing(self.scale.px(6))
        for widget in (self._area, self._go_on):
            widget.setFixedWidth(self.scale.px(SIDE_WIDTH))


def _is_unnamed(line: CaseLine) -> bool:
    """Whether a bad review waits for somebody who follows it."""
    return line.kind is MatterKind.RESPONSIBILITY and line.mark.colour_name == "overdue"


def _key_of(line: Any) -> str:
    return str(line.key)
