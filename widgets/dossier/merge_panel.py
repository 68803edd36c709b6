"""重复与合并: what else may be about the same matter, what is handled here, and where this one went."""

from collections.abc import Sequence
from itertools import zip_longest

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from domain.dossier import Dossier
from domain.listing import TicketFilter
from domain.merging import MergeDraft, SplitDraft
from domain.people import Actor
from domain.rights import Command
from widgets.elided_label import ElidedLabel
from widgets.forms.asked import Asked
from widgets.merge_words import short_why, standing_words, why_text
from widgets.panel import Panel
from widgets.plain import tip
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.status import merged_mark

LINES = 3
"""So many candidates, and so many merged tickets, stand in the panel; the form and the list have all."""


class MergePanel(Panel):
    """Signals: `step_requested(Asked)`: merge or split; `ticket_requested(str)`;
    `tickets_requested(TicketFilter, str)`: all that are merged into this one.
    """

    step_requested = Signal(object)
    ticket_requested = Signal(str)
    tickets_requested = Signal(object, str)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("重复与合并"))
        self._dossier: Dossier | None = None
        self._actor: Actor | None = None
        self.merge = QPushButton(self.tr("合并…"), self)
        self.merge.setProperty("look", "small")
        self.merge.setAutoDefault(False)
        self.merge.clicked.connect(self._ask_merge)
        self.bar.addWidget(self.merge)
        self.main = _Line(scale, self)
        self.merged = [_Line(scale, self) for _ in range(LINES)]
        self.all = QPushButton(self)
        self.all.setProperty("look", "link")
        self.all.clicked.connect(self._ask_all)
        self.candidates = [_Line(scale, self) for _ in range(LINES)]
        self.body.addWidget(self.main)
        for line in self.merged:
            self.body.addWidget(line)
        self.body.addWidget(self.all)
        for line in self.candidates:
            self.body.addWidget(line)
        for line in (self.main, *self.merged, *self.candidates):
            line.opened.connect(self.ticket_requested)
        for line in (self.main, *self.merged):
            line.pressed.connect(self._ask_split)
        for line in self.candidates:
            line.pressed.connect(self._ask_merge_with)
        self.all.hide()
        scale.factor_changed.connect(self._respace)
        self._respace()

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        self._write()

    def show_dossier(self, dossier: Dossier) -> None:
        """Show what a ticket has to do with others."""
        self._dossier = dossier
        self._write()

    def _write(self) -> None:
        dossier = self._dossier
        if dossier is None:
            return
        refusal = self._refusal(dossier)
        into = dossier.merged_into
        if into is None:
            self.main.hide()
        else:
            words = self.tr("{0}：由该单办理").format(merged_mark().word)
            self.main.show_words(into, words, self.tr("拆分"), refusal)
        for line, row in zip_longest(self.merged, dossier.merged[:LINES]):
            if row is None:
                line.hide()
            else:
                line.show_words(row.number, row.title, self.tr("拆分"), refusal)
        more = dossier.merged_count > LINES
        self.all.setText(self.tr("全部 {0} 件重复 ›").format(dossier.merged_count))
        self.all.setVisible(more)
        self._write_candidates(dossier, refusal)
        self.merge.setVisible(into is None and not dossier.replayed)
        closed = self.tr("工单已销号") if dossier.clock.trace.closed_at is not None else ""
        self.merge.setEnabled(not (refusal or closed))
        self.merge.setToolTip(tip(refusal or closed))
        self.set_note(self._note_of(dossier))

    def _write_candidates(self, dossier: Dossier, refusal: str) -> None:
        for line, row in zip_longest(self.candidates, dossier.candidates[:LINES]):
            if row is None:
                line.hide()
                continue
            line.show_words(row.why.number, short_why(row), self.tr("对比"), refusal)
            line.words.setToolTip(tip(f"{why_text(row)}\n{row.row.title}\n{standing_words(row)}"))

    def _note_of(self, dossier: Dossier) -> str:
        if dossier.merged_into is not None:
            return ""
        parts = []
        if dossier.merged_count:
            told = dossier.merged_count + 1
            parts.append(self.tr("含 {0} 件，须反馈 {1} 人").format(dossier.merged_count, told))
        if dossier.candidates:
            parts.append(self.tr("可能重复 {0} 件").format(len(dossier.candidates)))
        return " · ".join(parts) or self.tr("附近没有同类在办工单")

    def _refusal(self, dossier: Dossier) -> str:
        if dossier.replayed:
            return self.tr("正在回放，回到“现在”才能操作")
        return refusal_of(Command.DIRECT_CASE, self._actor)

    def _ask_merge(self) -> None:
        self._ask_merge_with("")

    def _ask_merge_with(self, number: str) -> None:
        dossier = self._dossier
        if dossier is not None:
            self.step_requested.emit(asked_merger(dossier.number, dossier.title, (number,) if number else ()))

    def _ask_split(self, number: str) -> None:
        dossier = self._dossier
        if dossier is None:
            return
        ticket = dossier.number if number == dossier.merged_into else number
        other = number if ticket == dossier.number else dossier.number
        titles = {row.number: row.title for row in dossier.merged} | {dossier.number: dossier.title}
        about = self.tr("{0} {1}\n已并入 {2} {3}").format(
            ticket, titles.get(ticket, ""), other, titles.get(other, "")
        )
        self.step_requested.emit(Asked(SplitDraft, about.strip(), fixed={"ticket": ticket}))

    def _ask_all(self) -> None:
        dossier = self._dossier
        if dossier is not None:
            numbers = tuple(row.number for row in dossier.merged)
            title = self.tr("并入 {0} 的工单").format(dossier.number)
            self.tickets_requested.emit(TicketFilter(numbers=numbers), title)

    def _respace(self) -> None:
        self.body.setSpacing(self.scale.px(4))


class _Line(QWidget):
    """A ticket's number to open, a few words, and what can be done about it.

    Signals: `opened(str)`, `pressed(str)` with the number.
    """

    opened = Signal(str)
    pressed = Signal(str)

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(parent)
        self._number = ""
        self.link = QPushButton(self)
        self.link.setProperty("look", "link")
        self.words = ElidedLabel(scale, self, tone="text_muted", font_name="font_small")
        self.button = QPushButton(self)
        self.button.setProperty("look", "small")
        self.button.setAutoDefault(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.link)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)
        self.link.clicked.connect(self._open)
        self.button.clicked.connect(self._press)
        self.hide()

    def show_words(self, number: str, words: str, button: str, refusal: str) -> None:
        """Show a ticket; a refusal is said on the button that it disables."""
        self._number = number
        self.link.setText(number)
        self.words.set_text(words)
        self.words.setToolTip(tip(words))
        self.button.setText(button)
        self.button.setEnabled(not refusal)
        self.button.setToolTip(tip(refusal))
        self.show()

    def _open(self) -> None:
        self.opened.emit(self._number)

    def _press(self) -> None:
        self.pressed.emit(self._number)


def asked_merger(number: str, title: str, chosen: Sequence[str] = ()) -> Asked:
    """Return the question that opens the form of a merger, with these candidates ticked."""
    return Asked(MergeDraft, f"{number} {title}", fixed={"ticket": number}, preset={"chosen": tuple(chosen)})
