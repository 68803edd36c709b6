"""值班: the duty officer's desk (T02, T05, X08): what is due next, and a key for each thing to be done."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from domain.desk_queue import QueueRow
from domain.duty_shift import Shift
from domain.environment import DeviceCalls
from domain.people import Actor
from domain.rights import Command
from widgets.desk.duty_detail import DutyDetail
from widgets.desk.duty_pane import DutyPane
from widgets.desk.duty_words import (
    CHASE,
    KEY_OF_TASK,
    TASKS_OF_KEY,
    UNDO_LAST,
    duty_keys,
    duty_lanes,
    nothing_words,
    shift_words,
)
from widgets.desk.queue_columns import queue_columns, task_word
from widgets.desk.queue_page import QueuePage
from widgets.device_strip import DeviceStrip
from widgets.plain import tip
from widgets.refusals import refusal_of
from widgets.scale import Scale


class DutyPage(QueuePage):
    """Signals: those of `QueuePage`; `repeats_requested()`: the places that were reported twice or more;
    `log_requested()`: the duty log; `devices_requested(DeviceCalls)`: what devices need.
    """

    repeats_requested = Signal()
    log_requested = Signal()
    devices_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", duty_lanes(), duty_keys(), queue_columns(), scale, parent)
        self.panel.set_title(self.tr("值班"))
        self._actor: Actor | None = None
        self._last = ""
        self.lineless = frozenset({UNDO_LAST})
        self.pane = DutyPane(scale, self)
        self.show_beside(self.pane)
        self.repeats = QPushButton(self.tr("重复点位"), self)
        self.repeats.setProperty("look", "small")
        self.repeats.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.repeats.clicked.connect(self.repeats_requested)
        self.panel.bar.addWidget(self.repeats)
        self.log = QPushButton(self.tr("值班日志"), self)
        self.log.setProperty("look", "small")
        self.log.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.log.setToolTip(tip(self.tr("值班表、交接班、记事，以及今日未报的单位")))
        self.log.clicked.connect(self.log_requested)
        self.panel.bar.addWidget(self.log)
        self.devices = DeviceStrip(scale, self)
        self.devices.devices_requested.connect(self.devices_requested)
        self.panel.body.insertWidget(0, self.devices)
        self.offer()

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        self.offer()

    def show_last(self, ticket: str) -> None:
        """Say about which ticket an order was last given here: 撤上一步 puts it right, wherever it is now."""
        self._last = ticket
        self.offer()

    def show_shift(self, shift: Shift) -> None:
        """Say what was done since this person sat down (T05), and how fast the office is (B06)."""
        longest, *shorter = shift_words(shift)
        self.panel.set_note(longest, shorter=shorter)
        self.pane.show_medians(shift.medians)

    def show_devices(self, calls: DeviceCalls) -> None:
        """Say which devices need somebody (X14)."""
        self.devices.show_calls(calls)

    def show_detail(self, detail: DutyDetail) -> None:
        """Show what was read of the chosen line's ticket."""
        rows = self.rows()
        row = next((row for row in rows if row.ticket == detail.dossier.number), None)
        if row is not None:
            self.pane.show_detail(detail, row)

    # --- QueuePage -------------------------------------------------------------------------------------

    def due_key(self, row: QueueRow) -> str:
        return KEY_OF_TASK.get(row.task, "")

    def refusals(self, rows: Sequence[QueueRow]) -> Mapping[str, str]:
        refusal = refusal_of(Command.RUN_PLATFORM_NODES, self._actor)
        if refusal:
            return dict.fromkeys(self.legend.buttons, refusal)
        found: dict[str, str] = {}
        if not self._last:
            found[UNDO_LAST] = self.tr("本班尚未在此办理")
        for letter, tasks in TASKS_OF_KEY.items():
            if not any(row.task in tasks for row in rows):
                wanted = self.tr("或").join(task_word(task) for task in tasks)
                found[letter] = self.tr("所选的不是“{0}”").format(wanted)
        if not any(row.lead for row in rows):
            found[CHASE] = self.tr("尚未分派，没有可催办的单位")
        return found

    def show_line(self, row: QueueRow | None) -> None:
        self.pane.show_line(row)

    def lane_notes(self) -> Mapping[Any, str]:
        return nothing_words()
