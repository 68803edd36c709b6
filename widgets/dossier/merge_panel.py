"""重复与合并: what else may be about the same matter, what is handled here, and where this one went."""

from collections.abc import Sequence
from itertools import zip_longest

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from domain.dossier import Dossier, SeenComplainant
from domain.drafts import ComplainantDraft
from domain.listing import TicketFilter
from domain.merging import MergeDraft, SplitDraft
from domain.people import Actor, Role
from domain.rights import Command
from widgets.dossier.case_panel import SEEN_MS
from widgets.elided_label import ElidedLabel
from widgets.forms.asked import Asked
from widgets.merge_words import short_why, standing_words, why_text
from widgets.panel import Panel
from widgets.plain import tip
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.status import merged_mark
from widgets.wording import local_moment_text

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
        self._seen: dict[str, str] = {}
        self.rest = QTimer(self)
        self.rest.setObjectName("complainant of a repeat")
        self.rest.setSingleShot(True)
        self.rest.setInterval(SEEN_MS)
        self.rest.timeout.connect(self.hide_complainant)
        scale.factor_changed.connect(self._respace)
        self._respace()

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        self.hide_complainant()
        self._write()

    def show_dossier(self, dossier: Dossier) -> None:
        """Show what a ticket has to do with others."""
        if self._dossier is None or self._dossier.number != dossier.number or dossier.replayed:
            self._seen = {}
        self._dossier = dossier
        self._write()

    def show_complainant(self, ticket: str, who: SeenComplainant) -> bool:
        """Show who complained in a ticket that is handled here, for a minute; False where it is none."""
        if self._dossier is None or ticket not in {row.number for row in self._dossier.merged}:
            return False
        name = " ".join(part for part in (who.name, who.phone) if part)
        self._seen = {ticket: name or self.tr("未留姓名和电话")}
        self.rest.start()
        self._write()
        return True

    def hide_complainant(self) -> None:
        """Show no complainant any more."""
        self.rest.stop()
        if self._seen:
            self._seen = {}
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
        self._write_merged(dossier, refusal)
        more = dossier.merged_count > LINES
        self.all.setText(self.tr("全部 {0} 件重复 ›").format(dossier.merged_count))
        self.all.setVisible(more)
        self._write_candidates(dossier, refusal)
        self.merge.setVisible(into is None and not dossier.replayed)
        closed = self.tr("工单已销号") if dossier.clock.trace.closed_at is not None else ""
        self.merge.setEnabled(not (refusal or closed))
        self.merge.setToolTip(tip(refusal or closed))
        self.set_note(self._note_of(dossier))

    def _write_merged(self, dossier: Dossier, refusal: str) -> None:
        tells = self._tells(dossier)
        word = self.tr("举报人") if tells else self.tr("拆分")
        for line, row in zip_longest(self.merged, dossier.merged[:LINES]):
            if row is None:
                line.hide()
                continue
            seen = self._seen.get(row.number)
            line.show_words(row.number, seen or row.title, word, "" if tells else refusal)
            came = f"{row.channel_name} {local_moment_text(row.received_at)}"
            line.words.setToolTip(tip("\n".join(p for p in (row.title, came, row.address, row.text) if p)))

    def _tells(self, dossier: Dossier) -> bool:
        """Whether the person at the screen is of a body that has to tell the complainants."""
        trace, actor = dossier.clock.trace, self._actor
        own = actor.body if actor is not None and actor.role is Role.HANDLER else None
        return own is not None and own in (trace.lead, *trace.assisting) and not dossier.replayed

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
        if number != dossier.merged_into and self._tells(dossier):
            title = next((row.title for row in dossier.merged if row.number == number), "")
            body = self._actor.body if self._actor is not None else None
            fixed = {"ticket": number}
            self.step_requested.emit(Asked(ComplainantDraft, f"{number} {title}", fixed=fixed, body=body))
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
