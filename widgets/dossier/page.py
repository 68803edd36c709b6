"""The dossier of a ticket as a page: what it is, how long it took, what happened, what can be done."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from domain.back_trace import BackTrace
from domain.dossier import Dossier, SeenComplainant
from domain.environment import Curve
from domain.people import Actor
from widgets.dossier.case_panel import CasePanel
from widgets.dossier.due_text import coming_lines, due_lines
from widgets.dossier.evidence_panel import EvidencePanel
from widgets.dossier.header import DossierHeader
from widgets.dossier.log_panel import LogPanel
from widgets.dossier.matters_panel import MattersPanel
from widgets.dossier.merge_panel import MergePanel
from widgets.dossier.node_panel import NodePanel
from widgets.dossier.readings_panel import ReadingsPanel
from widgets.dossier.sensor_panel import SensorPanel
from widgets.dossier.side_panels import ActionPanel, DuePanel
from widgets.dossier.step_panel import StepPanel
from widgets.dossier.trace_panel import TracePanel
from widgets.plain import PlainLabel
from widgets.scale import Scale


class DossierPage(QWidget):
    """One ticket's dossier.

    Signals: `back_requested()`, `replay_requested(object)` (an aware datetime, None for now),
    `directive_requested(DirectiveSubject)`, `re_supervision_requested(ReSupervisionSubject)`,
    `acknowledge_requested(WarningRow)`, `step_requested(Asked)`: a step of the procedure, or a look at the
    complainant; `ticket_requested(str)`: one that this is merged with, or may be;
    `tickets_requested(TicketFilter, str)`: all that are merged into it; `station_requested(str)`: the page of
    the sensor that made it, or of one upwind; `finding_requested(int)`: a finding upwind;
    `trace_requested(BackTrace)`: the sector on the map.
    """

    back_requested = Signal()
    replay_requested = Signal(object)
    directive_requested = Signal(object)
    re_supervision_requested = Signal(object)
    acknowledge_requested = Signal(object)
    step_requested = Signal(object)
    ticket_requested = Signal(str)
    tickets_requested = Signal(object, str)
    station_requested = Signal(str)
    finding_requested = Signal(int)
    trace_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._scale = scale
        self._dossier: Dossier | None = None
        self._now: datetime | None = None
        self.header = DossierHeader(scale, self)
        self.nodes = NodePanel(scale, self)
        self.steps = StepPanel(scale, self)
        self.log = LogPanel(scale, self)
        self.matters = MattersPanel(scale, self)
        self.matters.hide()
        self.to_matters = QPushButton(self.log)
        self.to_matters.setProperty("look", "tab")
        self.log.bar.insertWidget(1, self.to_matters)
        self.case = CasePanel(scale, self)
        self.merging = MergePanel(scale, self)
        self.due = DuePanel(scale, self)
        self.evidence = EvidencePanel(scale, self)
        self.readings = ReadingsPanel(scale, self)
        self.sensors = SensorPanel(scale, self)
        self.trace = TracePanel(scale, self)
        self.actions = ActionPanel(scale, self)
        self._side = QWidget(self)
        self._side.setProperty("look", "clear")
        self._side_column = QVBoxLayout(self._side)
        self._side_column.setContentsMargins(0, 0, 0, 0)
        for panel in (self.case, self.sensors, self.merging, self.trace):
            self._side_column.addWidget(panel)
        for panel in (self.evidence, self.readings):
            self._side_column.addWidget(panel)
        self._side_column.addStretch(1)
        self._side_area = QScrollArea(self)
        self._side_area.setFrameShape(QFrame.Shape.NoFrame)
        self._side_area.setWidgetResizable(True)
        self._side_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._side_area.setWidget(self._side)
        self._side_area.verticalScrollBar().rangeChanged.connect(self._part_from_bar)
        self._left = QVBoxLayout()
        self._left.addWidget(self.nodes, 59)
        self._left.addWidget(self.steps)
        self._left.addWidget(self.log, 41)
        self._left.addWidget(self.matters, 56)
        # Why the chosen node is due then, and what can be done, stay in sight, however long the case is.
        self._right = QVBoxLayout()
        self._right.addWidget(self._side_area, 1)
        self._right.addWidget(self.due)
        self._right.addWidget(self.actions)
        self._columns = QHBoxLayout()
        self._columns.addLayout(self._left, 1)
        self._columns.addLayout(self._right)
        self._outer = QVBoxLayout(self)
        self._outer.addWidget(self.header)
        self._outer.addLayout(self._columns, 1)
        self._absent = PlainLabel(self)
        self._absent.setProperty("look", "page")
        self._absent.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._absent.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._absent.hide()
        self.setFocusProxy(self.nodes.bars)
        self.header.back_requested.connect(self.back_requested)
        self.nodes.replay_requested.connect(self.replay_requested)
        self.nodes.node_chosen.connect(self._explain)
        self.steps.step_requested.connect(self.step_requested)
        self.case.complainant_requested.connect(self.step_requested)
        self.matters.note_requested.connect(self.step_requested)
        self.matters.log_requested.connect(self.show_log)
        self.to_matters.clicked.connect(self.show_matters)
        self.header.ticket_requested.connect(self.ticket_requested)
        self.sensors.station_requested.connect(self.station_requested)
        self.trace.station_requested.connect(self.station_requested)
        self.trace.ticket_requested.connect(self.ticket_requested)
        self.trace.finding_requested.connect(self.finding_requested)
        self.trace.map_requested.connect(self.trace_requested)
        self.merging.step_requested.connect(self.step_requested)
        self.merging.ticket_requested.connect(self.ticket_requested)
        self.merging.tickets_requested.connect(self.tickets_requested)
        self.actions.directive_requested.connect(self.directive_requested)
        self.actions.re_supervision_requested.connect(self.re_supervision_requested)
        self.actions.acknowledge_requested.connect(self.acknowledge_requested)
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    @property
    def number(self) -> str | None:
        """The number of the ticket on screen."""
        return self._dossier.number if self._dossier is not None else None

    def show_dossier(self, dossier: Dossier) -> None:
        """Show a dossier as of its minute; the chosen node and round stay while the ticket is the same."""
        self._absent.hide()
        self._dossier = dossier
        self._now = dossier.clock.as_of
        self.header.show_dossier(dossier, self._now)
        self.nodes.show_dossier(dossier, self._now)
        self.steps.show_dossier(dossier)
        self.log.show_dossier(dossier)
        self.matters.show_dossier(dossier)
        self._count_matters()
        self.case.show_dossier(dossier)
        self.merging.show_dossier(dossier)
        self.evidence.show_evidence(dossier.evidence, self._now)
        self.readings.show_dossier(dossier)
        self.actions.show_dossier(dossier)
        self._explain(self.nodes.chosen_clock())

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Show what the sensors of the dossier on screen measured."""
        if self._dossier is not None:
            self.sensors.show_curves(self._dossier, curves)

    def show_trace(self, trace: BackTrace | None) -> None:
        """Show what lay upwind when the alarm of the dossier on screen came; None for no wind's matter."""
        self.trace.show_trace(trace)

    def show_absent(self, text: str) -> None:
        """Cover the dossier: at the minute that the window shows there was no such ticket yet."""
        self._absent.setText(text)
        self._absent.setGeometry(self.rect())
        self._absent.show()
        self._absent.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._absent.setGeometry(self.rect())

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self.case.set_actor(actor)
        self.merging.set_actor(actor)
        self.steps.set_actor(actor)
        self.matters.set_actor(actor)
        self.actions.set_actor(actor)

    def show_matters(self) -> None:
        """Put what the case holds beside its procedure in the place of the log."""
        self._turn_to(self.matters, self.log)

    def show_log(self) -> None:
        """Put the log of events back in its place."""
        self._turn_to(self.log, self.matters)

    def _turn_to(self, shown: QWidget, hidden: QWidget) -> None:
        hidden.hide()
        shown.show()
        (self.matters.switch if shown is self.matters else self.to_matters).setFocus()

    def _count_matters(self) -> None:
        waiting, count = self.matters.open_count, self.matters.count
        words = self.tr("案件事项 {0}") if count else self.tr("案件事项")
        if waiting:
            words = self.tr("案件事项 {0} · ◆ 待办 {1}")
        self.to_matters.setText(words.format(count, waiting))

    def show_complainant(self, ticket: str, who: SeenComplainant) -> None:
        """Show who complained for a minute; an answer about another ticket is passed over."""
        if self._dossier is not None and self._dossier.number == ticket and self.isVisible():
            self.case.show_complainant(who)
        elif self.isVisible():
            self.merging.show_complainant(ticket, who)

    def tick(self, now: datetime) -> None:
        """Move the countdowns to a new moment; a replayed dossier stands still."""
        if self._dossier is None or self._dossier.replayed:
            return
        self._now = now
        self.header.show_state(self._dossier, now)
        self.nodes.show_moment(now)
        self._explain(self.nodes.chosen_clock())

    def set_stale(self, since: datetime | None) -> None:
        """Veil the panels because they are only true as of `since`; None lifts the veils."""
        shown = (self.nodes, self.steps, self.log, self.matters, self.case, self.merging, self.due)
        for panel in (*shown, self.evidence, self.sensors, self.trace):
            panel.set_stale(since)

    def hideEvent(self, event: QHideEvent) -> None:
        # Who comes back to the page looks again.
        self.case.hide_complainant()
        self.merging.hide_complainant()
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

    def _explain(self, clock: int) -> None:
        if self._dossier is None or self._now is None:
            return
        node = self.nodes.chosen_node()
        if clock >= 0:
            self.due.show_lines(due_lines(self._dossier, clock, self._now))
        else:
            self.due.show_lines(coming_lines(self._dossier, node) if node is not None else ())

    def _part_from_bar(self, least: int, most: int) -> None:
        """Keep the panels' edges clear of the scroll bar while there is one."""
        self._side_column.setContentsMargins(0, 0, self._scale.px(5) if most > least else 0, 0)

    def _rescale(self) -> None:
        margin, gap = self._scale.size("margin"), self._scale.size("gap")
        self._outer.setContentsMargins(margin, 0, margin, margin)
        self._outer.setSpacing(0)
        self._left.setSpacing(gap)
        self._columns.setSpacing(gap)
        self._side_column.setSpacing(gap)
        self._right.setSpacing(gap)
        for column in (self._side_area, self.due, self.actions):
            column.setFixedWidth(self._scale.size("side_width"))
