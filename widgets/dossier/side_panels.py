"""The right column of a dossier: why a node is due when it is, and what can be done about the ticket."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QWidget

from domain.dossier import Dossier
from domain.drafts import DirectiveSubject, ReSupervisionSubject
from domain.listing import WarningRow
from domain.people import Actor
from domain.re_supervision import FileState
from domain.rights import Command
from widgets.directive_basis import about_warning
from widgets.fact_grid import small_label
from widgets.painting import text_width
from widgets.panel import Panel
from widgets.plain import tip
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.status import file_mark
from widgets.warning_words import short_lines, told_lines
from widgets.wording import kind_name, node_name

MOST_LINES = 6
"""Lines of an explanation in sight: by far most have no more."""


class DuePanel(Panel):
    """到期说明: why the chosen node is due when it is."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("到期说明"))
        self._text = small_label(self)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        # Of a long explanation some lines are in sight, and the rest is scrolled to.
        self.area = QScrollArea(self)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self._text)
        self.body.addWidget(self.area)
        scale.factor_changed.connect(self._fit)
        self._fit()

    @property
    def text(self) -> str:
        """The lines on screen."""
        return self._text.text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Be as high as the lines are, up to some."""
        self._text.ensurePolished()
        line = self._text.fontMetrics().lineSpacing()
        needed = self._text.heightForWidth(max(1, self.area.viewport().width()))
        self.area.setFixedHeight(min(max(needed, line), MOST_LINES * line))

    def show_lines(self, lines: Sequence[str]) -> None:
        """Show the lines of one node."""
        text = "\n".join(lines) if lines else self.tr("该环节尚未开始")
        if text != self._text.text():
            self._text.setText(text)
            self._fit()


MOST_TOLD = 2
"""Running warnings that are told in full; the tooltip has all of them."""


class ActionPanel(Panel):
    """监督动作: what the person at the screen can do about this ticket, and why not.

    Signals: `directive_requested(DirectiveSubject)`, `re_supervision_requested(ReSupervisionSubject)`,
    `acknowledge_requested(WarningRow)`.
    """

    directive_requested = Signal(object)
    re_supervision_requested = Signal(object)
    acknowledge_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("监督动作"))
        self._dossier: Dossier | None = None
        self._actor: Actor | None = None
        self._pending: WarningRow | None = None
        self.buttons: dict[Command, QPushButton] = {}
        self._reasons: dict[Command, QLabel] = {}
        self._refusals: dict[Command, str] = {}
        self._words: dict[Command, str] = {}
        looks = (
            (Command.LAUNCH_RE_SUPERVISION, "danger"),
            (Command.ISSUE_DIRECTIVE, "primary"),
            (Command.ACKNOWLEDGE_WARNING, ""),
        )
        for action, look in looks:
            button = QPushButton(self)
            if look:
                button.setProperty("look", look)
            reason = small_label(self, "muted")
            self.body.addWidget(button)
            self.body.addWidget(reason)
            self.buttons[action] = button
            self._reasons[action] = reason
        self._files = small_label(self, "muted")
        self.body.addWidget(self._files)
        self._warnings = small_label(self, "muted")
        self._warnings.setObjectName("running warnings")
        self.body.addWidget(self._warnings)
        self.buttons[Command.LAUNCH_RE_SUPERVISION].clicked.connect(self._ask_re_supervision)
        self.buttons[Command.ISSUE_DIRECTIVE].clicked.connect(self._ask_directive)
        self.buttons[Command.ACKNOWLEDGE_WARNING].clicked.connect(self._ask_acknowledge)
        scale.factor_changed.connect(self._respace)
        self._respace()
        self._offer_nothing()

    def reason(self, action: Command) -> str:
        """Return the words under a button that say why it cannot be used."""
        return self._refusals.get(action, "")

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        if self._dossier is not None:
            self.show_dossier(self._dossier)

    def show_dossier(self, dossier: Dossier) -> None:
        """Offer what is allowed."""
        self._dossier = dossier
        waiting = [row for row in dossier.warnings if row.acknowledged_by is None]
        self._pending = waiting[0] if waiting else None
        running = [
            f
            for f in dossier.re_supervisions
            if f.state not in (FileState.DECLINED, FileState.CLOSED, FileState.DRAFTED)
        ]
        drafted = [file for file in dossier.re_supervisions if file.state == FileState.DRAFTED]
        if running:
            file = running[-1]
            words = self.tr("再监督 {0} · {1}").format(file.number, file_mark(file.state).word)
        elif drafted:
            words = self.tr("启动再监督 {0}").format(drafted[-1].number)
        else:
            words = self.tr("启动再监督")
        self._offer(
            Command.LAUNCH_RE_SUPERVISION, words, self.tr("该工单的再监督正在办理") if running else ""
        )
        self._offer(Command.ISSUE_DIRECTIVE, self.tr("下达指令"), "")
        self._offer(
            Command.ACKNOWLEDGE_WARNING,
            self._acknowledge_words(len(waiting)),
            "" if self._pending else self.tr("没有待确认的预警"),
        )
        lines = [f"{row.number}：{row.text}" for row in dossier.directives]
        lines += [
            f"{row.number}：{file_mark(row.state).word} · {row.cause}"
            for row in dossier.re_supervisions
            if row.state != FileState.DRAFTED
        ]
        self._files.setText("\n".join(lines[-4:]))
        self._files.setVisible(bool(lines))
        told = [short_lines(row) for row in dossier.warnings]
        self._warnings.setText("\n".join(line for short in told[:MOST_TOLD] for line in short))
        everything = (line for row in dossier.warnings for line in (node_name(row.node), *told_lines(row)))
        self._warnings.setToolTip(tip("\n".join(everything)))
        self._warnings.setVisible(bool(told))

    def _offer_nothing(self) -> None:
        """Before a dossier is there, name the actions and say what they wait for."""
        waiting = self.tr("先打开一张工单")
        for action, words in (
            (Command.LAUNCH_RE_SUPERVISION, self.tr("启动再监督")),
            (Command.ISSUE_DIRECTIVE, self.tr("下达指令")),
            (Command.ACKNOWLEDGE_WARNING, self.tr("确认预警")),
        ):
            self._offer(action, words, waiting)
        self._files.hide()
        self._warnings.hide()

    def _acknowledge_words(self, count: int) -> str:
        if self._pending is None:
            return self.tr("确认预警")
        words = f"{node_name(self._pending.node)} · {kind_name(self._pending.kind)}"
        if count > 1:
            return self.tr("确认预警：{0}（共 {1} 条）").format(words, count)
        return self.tr("确认预警：{0}").format(words)

    def _offer(self, action: Command, words: str, nothing_to_do: str) -> None:
        past = self._dossier is not None and self._dossier.replayed
        body = self._pending.body if self._pending is not None else None
        refusal = (
            nothing_to_do
            or (self.tr("正在回放，回到“现在”才能操作") if past else "")
            or refusal_of(action, self._actor, body)
        )
        if (self._words.get(action), self._refusals.get(action)) == (words, refusal):
            return
        self._words[action], self._refusals[action] = words, refusal
        self.buttons[action].setEnabled(not refusal)
        self.buttons[action].setToolTip(tip(refusal))
        self._write(action)

    def _write(self, action: Command) -> None:
        """Put the reason on the button where it fits beside the words, else under it."""
        words, refusal = self._words[action], self._refusals[action]
        button, reason = self.buttons[action], self._reasons[action]
        whole = f"{words} · {refusal}" if refusal else words
        room = self.scale.size("side_width") - 4 * self.scale.size("panel_padding")
        fits = text_width(self.scale.font("font_body"), whole) <= room
        button.setText(whole if fits else words)
        reason.setText("" if fits else refusal)
        reason.setVisible(bool(refusal) and not fits)

    def _ask_directive(self) -> None:
        if self._dossier is not None:
            self.directive_requested.emit(_directive_about(self._dossier))

    def _ask_re_supervision(self) -> None:
        if self._dossier is not None:
            self.re_supervision_requested.emit(subject_of(self._dossier))

    def _ask_acknowledge(self) -> None:
        if self._pending is not None:
            self.acknowledge_requested.emit(self._pending)

    def _respace(self) -> None:
        self.body.setSpacing(self.scale.px(5))
        for button in self.buttons.values():
            button.setMinimumHeight(self.scale.px(40))
        for action in self._words:
            self._write(action)


def subject_of(dossier: Dossier) -> ReSupervisionSubject:
    """Return what a re-supervision of this ticket would be about: its worst running warning, else itself."""
    warning = dossier.warnings[0] if dossier.warnings else None
    trace = dossier.clock.trace
    drafted = [file.number for file in dossier.re_supervisions if file.state == FileState.DRAFTED]
    body = warning.body if warning is not None and warning.body else trace.lead
    return ReSupervisionSubject(
        ticket=dossier.number,
        title=dossier.title,
        body=body,
        body_name=dossier.body_name(body),
        node=warning.node if warning else None,
        round=warning.round if warning else trace.round,
        cause=warning.rule if warning else "",
        number=(warning.re_supervision if warning else None) or (drafted[-1] if drafted else None),
        facts=_facts_to_freeze(dossier),
    )


def _facts_to_freeze(dossier: Dossier) -> tuple[str, ...]:
    """What stands now; what is added until the launch is frozen too."""
    events = QCoreApplication.translate("dossier", "全部事件（现有 {0} 条）与最后一个事件的哈希（现为 #{1}）")
    clocks = QCoreApplication.translate("dossier", "全部环节时钟（现有 {0} 个）及其到期、用时与结论")
    last = dossier.log[-1].hash[:8] if dossier.log else ""
    return events.format(len(dossier.log), last), clocks.format(len(dossier.clock.trace.nodes))


def _directive_about(dossier: Dossier) -> DirectiveSubject:
    trace = dossier.clock.trace
    own = [row for row in dossier.warnings if row.body == trace.lead]
    text = about_warning(own[0], dossier.clock.as_of).text if own else ""
    bodies = (trace.lead,) if trace.lead else ()
    return DirectiveSubject(
        (dossier.number,), bodies=bodies, title=dossier.title, urgency=trace.received.urgency, text=text
    )
