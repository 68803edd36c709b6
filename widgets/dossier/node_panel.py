"""The upper half of a dossier: the bars of one round, the choice of rounds, and the replay slider."""

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QScrollArea, QWidget

from domain.dossier import Dossier
from domain.nodes import Node
from widgets.dossier.node_bars import NodeBars
from widgets.dossier.node_lines import lines_of, rounds_of
from widgets.dossier.replay import ReplaySlider
from widgets.panel import Panel
from widgets.plain import tip
from widgets.scale import Scale


class NodePanel(Panel):
    """环节用时与限时.

    Signals: `node_chosen(int)` with a position in `clock.trace.nodes`, -1 for a node to come;
    `replay_requested(object)` with an aware datetime, or None for now.
    """

    node_chosen = Signal(int)
    replay_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("环节用时与限时"))
        self._dossier: Dossier | None = None
        self._now: datetime | None = None
        self._round = 1
        self._rounds = QButtonGroup(self)
        self._rounds.setExclusive(True)
        self._rounds.idClicked.connect(self._show_round)
        # After the title, before the stretch.
        self._round_row = QHBoxLayout()
        self.bar.insertLayout(1, self._round_row)
        self.bars = NodeBars(scale, self)
        self.bars.line_chosen.connect(self._tell_chosen)
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self.bars)
        self.replay = ReplaySlider(scale, self)
        self.replay.replay_requested.connect(self.replay_requested)
        self.body.addWidget(self._area, 1)
        self.body.addWidget(self.replay)

    @property
    def round(self) -> int:
        """The round on screen."""
        return self._round

    @property
    def round_buttons(self) -> list[QPushButton]:
        """The buttons that choose a round, from round 1."""
        return [button for button in self._rounds.buttons() if isinstance(button, QPushButton)]

    def show_dossier(self, dossier: Dossier, now: datetime) -> None:
        """Show the clocks; the last round of a newly opened ticket or of one that gained a round."""
        before = self._dossier
        fresh = before is None or before.number != dossier.number
        rounds = len(rounds_of(dossier))
        self._dossier = dossier
        if before is None or fresh:
            moved = True
        else:
            # Who looks at an earlier round stays there; who looks at the last one goes on with the ticket.
            moved = before.clock.trace.round != rounds and self._round == before.clock.trace.round
        moved = moved or self._round > rounds
        if moved:
            self._round = rounds
        self._fit_round_buttons(rounds)
        policy = dossier.clock.policy
        self.set_note(self.tr("竖线 = 限时 · 由事件日志推算 · 规则 v{0}").format(policy.version))
        self._note.setToolTip(tip(policy.title))
        self.replay.set_span(
            dossier.clock.trace.received_at,
            dossier.latest,
            dossier.clock.as_of if dossier.replayed else None,
        )
        self.show_moment(now)
        if moved:
            self._choose_current()

    def show_moment(self, now: datetime) -> None:
        """Show the same clocks at another moment."""
        self._now = now
        if self._dossier is not None:
            self.bars.show_lines(lines_of(self._dossier, self._round, now))

    def chosen_clock(self) -> int:
        """Return the chosen bar's position in `clock.trace.nodes`, -1 for a node to come or none."""
        if not 0 <= self.bars.chosen < len(self.bars.lines):
            return -1
        clock = self.bars.lines[self.bars.chosen].clock
        return -1 if clock is None else clock

    def chosen_node(self) -> Node | None:
        """Return the node of the chosen bar."""
        position = self.bars.chosen
        return self.bars.lines[position].node if 0 <= position < len(self.bars.lines) else None

    def _choose_current(self) -> None:
        assert self._dossier is not None
        trace = self._dossier.clock.trace
        started = [position for position, line in enumerate(self.bars.lines) if line.clock is not None]
        running = [
            position
            for position in started
            if (clock := self.bars.lines[position].clock) is not None and trace.nodes[clock].ended_at is None
        ]
        self.bars.choose(running[0] if running else (started[-1] if started else -1))

    def _fit_round_buttons(self, rounds: int) -> None:
        made = self.round_buttons
        for number in range(len(made) + 1, rounds + 1):
            button = QPushButton(self.tr("第 {0} 轮").format(number), self)
            button.setProperty("look", "tab")
            button.setCheckable(True)
            self._rounds.addButton(button, number)
            self._round_row.addWidget(button)
        for number, button in enumerate(self.round_buttons, start=1):
            button.setVisible(rounds > 1 and number <= rounds)
            button.setChecked(number == self._round)

    def _show_round(self, number: int) -> None:
        if self._dossier is None or self._now is None:
            return
        self._round = number
        self.show_moment(self._now)
        self._choose_current()
        self._tell_chosen(self.bars.chosen)

    def _tell_chosen(self, _position: int) -> None:
        self.node_chosen.emit(self.chosen_clock())
