"""What is needed to decide about the chosen line: text, place, suggestion, and the last that happened."""

from collections.abc import Mapping
from datetime import timedelta

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from domain.desk_queue import QueueRow
from domain.dossier import Dossier, Facts
from domain.duty_shift import Stage, five_times
from domain.events import WarningAcknowledged, WarningCleared, WarningEscalated, WarningRaised
from domain.suggesting import Advice
from domain.urgency import Urgency
from widgets.desk.duty_detail import DutyDetail
from widgets.desk.duty_words import MERGE, assignment_text, candidate_text, five_words
from widgets.desk.marked_text import MarkedText
from widgets.desk.queue_columns import dotted, row_word
from widgets.dossier.log_text import fact_text, kind_text
from widgets.fact_grid import FactGrid
from widgets.merge_words import short_why, why_text
from widgets.panel import Panel
from widgets.plain import PlainLabel, tip
from widgets.scale import Scale
from widgets.status import mark_of
from widgets.wording import local_moment_text, short_moment_text, urgency_name

WIDTH = 540
LEAST_WIDTH = 320
MOST_SHOWN = 4
MOST_REPEATS = 2
LAST_EVENTS = 3
LONGEST_EVENT = 120


_LEVELS = tuple(Urgency)
_NOISE = (WarningRaised, WarningCleared, WarningEscalated, WarningAcknowledged)


def place_text(facts: Facts) -> str:
    """Return where it is, without saying the county twice."""
    if facts.address and facts.township and facts.township in facts.address:
        return facts.address
    return dotted(facts.area, facts.township, facts.address)


class DutyPane(Panel):
    """Beside the queue. It shows the line at once, and the rest as soon as it is read."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("所选工单"))
        self._ticket: str | None = None
        self._medians: Mapping[Stage, timedelta] = {}
        self.heading = self._label("strong")
        self.flags = self._label("due_soon")
        self.grid = FactGrid(
            (
                self.tr("来源"),
                self.tr("点位"),
                self.tr("现类别"),
                self.tr("主办"),
                self.tr("协办"),
                self.tr("申请"),
                self.tr("预警"),
                self.tr("五个一"),
            ),
            scale,
            self,
            longest=160,
        )
        for label in self.grid.findChildren(QLabel):
            label.setProperty("textsize", "dense")
        self.text = MarkedText(scale, self, lines=9)
        self.advice_title = self._label("title")
        self.advice_title.setText(self.tr("建议"))
        self.advice_title.setProperty("textsize", "dense")
        self.kinds = [self._label("strong" if n == 0 else "") for n in range(MOST_SHOWN)]
        self.bodies = [self._label("muted") for _ in range(MOST_SHOWN)]
        self.urgency = self._label("due_soon")
        self.repeats = self._label("due_soon")
        self.history_title = self._label("title")
        self.history_title.setText(self.tr("最近三条"))
        self.history_title.setProperty("textsize", "dense")
        self.history = [self._label("muted") for _ in range(LAST_EVENTS)]
        column = QVBoxLayout()
        column.addWidget(self.heading)
        column.addWidget(self.flags)
        column.addWidget(self.grid)
        column.addWidget(self.text, 1)
        column.addWidget(self.advice_title)
        for kind, body in zip(self.kinds, self.bodies, strict=True):
            column.addWidget(kind)
            column.addWidget(body)
        column.addWidget(self.urgency)
        column.addWidget(self.repeats)
        line = QFrame(self)
        line.setProperty("look", "line")
        column.addWidget(line)
        column.addWidget(self.history_title)
        for label in self.history:
            column.addWidget(label)
        column.addStretch(0)
        self._column = column
        self.body.addLayout(column)
        scale.factor_changed.connect(self._respace)
        self._respace()
        self.show_line(None)

    def show_medians(self, medians: Mapping[Stage, timedelta]) -> None:
        """Hold a ticket's times against these from now on (B06)."""
        self._medians = medians

    def show_line(self, row: QueueRow | None) -> None:
        """Show what the line itself tells; what is still being read is empty until it is here."""
        same = row is not None and row.ticket == self._ticket
        self._ticket = row.ticket if row is not None else None
        if row is None:
            self.set_title(self.tr("所选工单"))
            self.set_note("")
            self.heading.setText(self.tr("用 ↑↓ 选一行，这里显示决定所需的一切。"))
            self.text.hide()
            self._clear()
            return
        self.text.show()
        mark = mark_of(row.status) if row.status is not None else None
        self.set_title(row.ticket)
        self.set_note(dotted(row_word(row), mark.word if mark else ""), mark.colour_name if mark else "")
        self.heading.setText(row.title)
        flags = dotted(
            urgency_name(row.urgency),
            self.tr("正在发生") if row.ongoing else "",
            self.tr("接诉即办") if row.fast_lane else "",
            self.tr("第 {0} 轮").format(row.round) if row.round > 1 else "",
            self.tr("已催办 {0} 次").format(row.chased) if row.chased else "",
            self.tr("已暂停") if row.paused else "",
        )
        self._say(self.flags, flags)
        if not same:
            place = dotted(row.area_name, row.township)
            came = dotted(row.channel_name, local_moment_text(row.received_at))
            self.grid.show_values((came, place, row.category_name, row.lead_name, "", row.said, "", ""))
            self.text.show_text("")
            self._show_advice(None)
            self._show_repeats(None)
            self._show_history(None)

    def show_detail(self, detail: DutyDetail, row: QueueRow) -> None:
        """Show what was read of the line's ticket; of one that is not chosen any more, nothing."""
        dossier = detail.dossier
        if dossier.number != self._ticket:
            return
        facts = dossier.facts
        received = dossier.clock.trace.received_at
        running = [w for w in dossier.warnings if w.acknowledged_by is None]
        warned = self.tr("{0} 条未确认：{1}").format(len(running), running[0].rule) if running else ""
        self.grid.show_values(
            (
                dotted(facts.channel, local_moment_text(received)),
                place_text(facts),
                dotted(facts.category_class, facts.category) or self.tr("未定"),
                facts.lead,
                "、".join(facts.assisting),
                row.said,
                warned,
                five_words(five_times(entry.event for entry in dossier.log), self._medians),
            )
        )
        self.text.show_text(facts.text or dossier.title, detail.advice.spans if facts.text else ())
        self._show_advice(detail)
        self._show_repeats(dossier)
        self._show_history(dossier)

    @property
    def suggested(self) -> tuple[str, ...]:
        """The suggested kinds in words, as they stand on screen."""
        return tuple(label.text() for label in self.kinds if not label.isHidden())

    def _show_advice(self, detail: DutyDetail | None) -> None:
        candidates = detail.advice.candidates[:MOST_SHOWN] if detail is not None else ()
        self.advice_title.setVisible(bool(detail))
        for place, (kind, body) in enumerate(zip(self.kinds, self.bodies, strict=True)):
            candidate = candidates[place] if place < len(candidates) else None
            said = candidate_text(candidate) if candidate is not None else ""
            if detail is not None and not candidates and place == 0:
                said = self.tr("正文中没有责任清单的词，请人工定类。")
            self._say(kind, said)
            whom = detail.assignments.get(candidate.category.code) if detail and candidate else None
            named = detail.dossier.names if detail else {}
            self._say(body, "　" + assignment_text(whom, named) if whom is not None else "")
        self._say(self.urgency, self._urgency_text(detail.advice, detail.dossier) if detail else "")

    def _urgency_text(self, advice: Advice, dossier: Dossier) -> str:
        came = dossier.clock.trace.received.urgency
        # A source knows what it called urgent: only what it may have missed is said.
        if advice.urgency is None or _LEVELS.index(advice.urgency) >= _LEVELS.index(came):
            return ""
        why = "、".join(advice.urgency_words) or self.tr("清单的通常级别")
        return self.tr("建议紧急程度：{0}（{1}）；收件时为{2}").format(
            urgency_name(advice.urgency), why, urgency_name(came)
        )

    def _show_repeats(self, dossier: Dossier | None) -> None:
        """Say what it may be a repeat of: two bodies on one matter are one too many (B09)."""
        candidates = dossier.candidates if dossier is not None else ()
        near = "；".join(f"{row.why.number} {short_why(row)}" for row in candidates[:MOST_REPEATS])
        words = self.tr("可能重复 {0} 件（{1} 键对比）：{2}").format(len(candidates), MERGE, near)
        self._say(self.repeats, words if candidates else "")
        self.repeats.setToolTip(tip("\n".join(f"{row.why.number} {why_text(row)}" for row in candidates)))

    def _show_history(self, dossier: Dossier | None) -> None:
        # Warnings are counted above; three lines are for what was done.
        log = dossier.log if dossier is not None else ()
        done = [entry for entry in log if not isinstance(entry.event.fact, _NOISE)]
        last = list(reversed(done[-LAST_EVENTS:]))
        self.history_title.setVisible(bool(last))
        for place, label in enumerate(self.history):
            if dossier is None or place >= len(last):
                self._say(label, "")
                continue
            event = last[place].event
            said = fact_text(event.fact, dossier.names, dossier.channels)
            told = dotted(short_moment_text(event.at), event.actor.name, kind_text(event.fact), said)
            self._say(label, told if len(told) <= LONGEST_EVENT else told[:LONGEST_EVENT] + "…")
            label.setToolTip(tip(told))

    def _clear(self) -> None:
        self._say(self.flags, "")
        self.grid.show_values(("",) * 8)
        self.text.show_text("")
        self._show_advice(None)
        self._show_repeats(None)
        self._show_history(None)

    def _say(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def _label(self, tone: str) -> PlainLabel:
        label = PlainLabel(self)
        label.setProperty("textsize", "dense")
        if tone:
            label.setProperty("tone", tone)
        label.setWordWrap(True)
        return label

    def _respace(self) -> None:
        self._column.setSpacing(self.scale.px(4))
        self.setFixedWidth(max(self.scale.px(WIDTH), LEAST_WIDTH))
