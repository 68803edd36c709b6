"""记为已阅: somebody takes note of what is wrong with devices, in the duty log (X14, T05)."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from domain.duty_log import MOST_ITEMS, DeviceNoteDraft
from domain.environment import DeviceItemRow
from domain.people import Actor
from domain.rights import Command
from widgets.environment.words import factor_name, trouble_name
from widgets.forms.asked import Asked
from widgets.plain import tip
from widgets.refusals import refusal_of
from widgets.wording import exact_count_text, minute_text

MOST_NAMED = 8


class DeviceNotes(QPushButton):
    """The button over the device items: for the chosen one, else for all that nobody has taken note of.

    Signals: `step_requested(Asked)`.
    """

    step_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "small")
        self._actor: Actor | None = None
        self._rows: tuple[DeviceItemRow, ...] = ()
        self._chosen: DeviceItemRow | None = None
        self.clicked.connect(self._ask)
        self._offer()

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        self._offer()

    def show_rows(self, rows: Sequence[DeviceItemRow]) -> None:
        """Offer to take note of these."""
        self._rows = tuple(rows)
        self._offer()

    def choose(self, row: DeviceItemRow | None) -> None:
        """Offer to take note of this one alone, or of all."""
        self._chosen = row
        self._offer()

    def _meant(self) -> tuple[DeviceItemRow, ...]:
        if self._chosen is not None:
            return (self._chosen,) if _is_unseen(self._chosen) else ()
        return tuple(row for row in self._rows if _is_unseen(row))[:MOST_ITEMS]

    def _offer(self) -> None:
        meant, refusal = self._meant(), refusal_of(Command.KEEP_DUTY_LOG, self._actor)
        if self._chosen is not None or not meant:
            self.setText(self.tr("记为已阅"))
        else:
            self.setText(self.tr("全部记为已阅 {0}").format(exact_count_text(len(meant))))
        nothing = self.tr("该事项已阅或已恢复") if self._chosen is not None else self.tr("没有未阅的设备事项")
        self.setEnabled(bool(meant) and not refusal)
        logged = self.tr("以您的姓名记入值班日志；设备恢复后事项自行结束")
        self.setToolTip(tip(refusal or (logged if meant else nothing)))

    def _ask(self) -> None:
        meant = self._meant()
        if not meant:
            return
        named = [_said(row) for row in meant[:MOST_NAMED]]
        about = "；".join(named)
        if len(meant) > MOST_NAMED:
            about = self.tr("{0}等 {1} 项").format(about, exact_count_text(len(meant)))
        items = tuple(row.item.number for row in meant)
        self.step_requested.emit(
            Asked(DeviceNoteDraft, about, fixed={"items": items}, preset={"text": f"{about}。"})
        )


def _is_unseen(row: DeviceItemRow) -> bool:
    return row.item.ended_at is None and row.noted_at is None


def _said(row: DeviceItemRow) -> str:
    factor = "" if row.item.factor is None else f"{factor_name(row.item.factor)} "
    since = minute_text(row.item.opened_at)[5:]
    return f"{row.station_name} {factor}{trouble_name(row.item.trouble)}（{since} 起）"
