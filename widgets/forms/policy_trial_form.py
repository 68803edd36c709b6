"""试算政策: what a changed policy would have made of what happened between two days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QTime, QTimeZone, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from domain.policy import Policy
from domain.policy_trial import Trial, TrialLine, TrialSpan, lines_of
from widgets.arrow_fields import ArrowDateTimeEdit
from widgets.fact_grid import small_label
from widgets.forms.order_form import OrderForm
from widgets.plain import PlainLabel
from widgets.scale import Scale
from widgets.table.cells import Cell, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.wording import exact_count_text, node_name

DAYS = 30
"""The span that a form begins with."""
ROWS = 14
WIDTH = 1200


@dataclass(frozen=True, slots=True)
class _Rule:
    """How often a rule is broken, before and after."""

    key: str
    sentence: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class _Line:
    line: TrialLine
    body_name: str


class PolicyTrialForm(OrderForm):
    """Two days, then a table; it may be tried again. It orders nothing, and nothing is written.

    Signals: `submitted(TrialSpan)`; `stopped()`: what runs is not waited for any more.
    """

    stopped = Signal()

    def __init__(
        self, policy: Policy, file: str, today: date, scale: Scale, parent: QWidget | None = None
    ) -> None:
        """`today` is the last day of the span, which begins `DAYS` before it."""
        super().__init__(scale, parent)
        self._zone = policy.zone
        self.set_titles(self.tr("试算政策"), self.tr("试算"))
        self.cancel_button.setText(self.tr("关闭"))
        what = small_label(self)
        named = self.tr("{0}（{1} 第 {2} 版）· {3}")
        what.setText(named.format(policy.title, policy.family, policy.version, file))
        self.since = self._day_edit(today - timedelta(days=DAYS), self.tr("受理起始日"))
        self.until = self._day_edit(today, self.tr("受理截止日（含）"))
        days = QWidget(self)
        self._days = QHBoxLayout(days)
        self._days.setContentsMargins(0, 0, 0, 0)
        for widget in (self.since, PlainLabel(self.tr("至"), self), self.until):
            self._days.addWidget(widget)
        self._days.addStretch(1)
        self.summary = small_label(self)
        self.summary.setText(
            self.tr("按各工单受理时的现行政策和本文件各判一次，比较结果；只读不写，与生效日无关。")
        )
        self.nodes = RecordTable(RecordModel(_node_columns(), _node_key, self), scale, self, row_height=30)
        self.nodes.setAccessibleName(self.tr("各环节与责任主体"))
        self.nodes.set_empty_text(self.tr("尚未试算"))
        self.rules = RecordTable(RecordModel(_rule_columns(), _rule_key, self), scale, self, row_height=30)
        self.rules.setAccessibleName(self.tr("做不对的规则"))
        self.rules.hide()
        self.said = small_label(self, "muted")
        self.said.setText(
            self.tr("以人员身份试算，不含须与其他工单比对的规则；全部规则请在服务器上用 policy try 试算。")
        )
        self.body.addWidget(what)
        self.add_row(self.tr("受理日期"), days)
        for widget in (self.summary, self.nodes, self.rules, self.said):
            self.body.addWidget(widget)
        scale.factor_changed.connect(self._grow)
        self._grow()
        self.since.setFocus()

    def problem(self) -> tuple[str, QWidget] | None:
        if self.until.date() < self.since.date():
            return self.tr("截止日早于起始日，请重新选择"), self.until
        return None

    def draft(self) -> TrialSpan:
        end = self.until.date().addDays(1)
        return TrialSpan(_begin(self.since.date(), self._zone), _begin(end, self._zone))

    def show_progress(self, done: int, total: int) -> None:
        """Say how many of the tickets are tried."""
        self.summary.setText(
            self.tr("正在试算 {0} / {1} 件…").format(exact_count_text(done), exact_count_text(total))
        )

    def show_found(self, trial: Trial, names: Mapping[str, str], sentences: Mapping[str, str]) -> None:
        """Show what came of it. `names` are the bodies' short names, `sentences` those of rules, by ID."""
        self._set_busy(False)
        lines = lines_of(trial)
        self.nodes.show_records([_Line(line, names.get(line.body or "", line.body or "")) for line in lines])
        rules = [
            _Rule(key, sentences.get(key, ""), before, after)
            for key, (before, after) in sorted(trial.rules.items())
        ]
        self.rules.show_records(rules)
        self.rules.setVisible(bool(rules))
        self.rules.setFixedHeight(self._scale.px(31) * (min(len(rules), 4) + 1) + self._scale.px(10))
        if not trial.tickets:
            self.nodes.set_empty_text(self.tr("没有可试算的工单"))
            self.summary.setText(self.tr("○ 这段时间没有受理此流程的工单，请改选日期。"))
            return
        said = self.tr("■ 有变化") if trial.changed else self.tr("● 没有变化")
        counts = self.tr("试算 {0} 件，结果不同 {1} 件。未写入任何内容。")
        figures = counts.format(exact_count_text(trial.tickets), exact_count_text(trial.changed))
        self.summary.setText(f"{said}：{figures}")

    def show_stopped(self) -> None:
        """Say that it was given up; it may be tried again."""
        self._set_busy(False)
        self.summary.setText(self.tr("◆ 已停止，没有得出结果。"))

    def reject(self) -> None:
        """Stop what runs; close the form when nothing does."""
        if self.busy:
            self.stopped.emit()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.busy:
            self.stopped.emit()
        super().closeEvent(event)

    def _set_busy(self, busy: bool) -> None:
        super()._set_busy(busy)
        self.cancel_button.setEnabled(True)
        self.cancel_button.setText(self.tr("停止") if busy else self.tr("关闭"))
        if busy:
            self.submit_button.setText(self.tr("正在试算…"))
        for field in (self.since, self.until):
            field.setEnabled(not busy)

    def _day_edit(self, day: date, caption: str) -> ArrowDateTimeEdit:
        field = ArrowDateTimeEdit(self._scale, self)
        # A day of the city: the machine's own zone must not move it.
        zone = QTimeZone(QTimeZone.Initialization.UTC)
        field.setTimeZone(zone)
        field.setDisplayFormat("yyyy-MM-dd")
        field.setCalendarPopup(True)
        field.setDateTime(QDateTime(QDate(day.year, day.month, day.day), QTime(0, 0), zone))
        field.setAccessibleName(caption)
        return field

    def _grow(self) -> None:
        self.nodes.setMinimumHeight(self._scale.px(31) * ROWS + self._scale.px(10))
        self._days.setSpacing(self._scale.px(10))
        self.setMinimumWidth(self._scale.px(WIDTH))


def _begin(day: QDate, zone: object) -> datetime:
    return datetime.combine(date(day.year(), day.month(), day.day()), time.min, zone)  # type: ignore[arg-type]


def _node_columns() -> Sequence[Column]:
    return (
        Column("node", _word("环节"), 130, _node),
        Column("body", _word("责任主体"), 240, _body, stretch=True, least=120),
        Column("clocks", _word("计时"), 170, _clocks, right=True),
        Column("late", _word("做得晚"), 170, _late, right=True),
        Column("slow", _word("做得慢"), 170, _slow, right=True),
        Column("wrong", _word("做不对"), 170, _wrong, right=True),
    )


def _rule_columns() -> Sequence[Column]:
    return (
        Column("rule", _word("规则"), 130, _rule),
        Column("sentence", _word("内容"), 500, _sentence, stretch=True, least=200),
        Column("count", _word("次数"), 170, _broken, right=True),
    )


def _node_key(shown: _Line) -> str:
    return f"{shown.line.node} {shown.line.body} {shown.line.whole}"


def _rule_key(rule: _Rule) -> str:
    return rule.key


def _node(shown: _Line) -> Cell:
    return Cell(node_name(shown.line.node), bold=True) if shown.line.whole else Cell("")


def _body(shown: _Line) -> Cell:
    if shown.line.whole:
        return Cell(_word("合计"), bold=True)
    return Cell(shown.body_name, tooltip=shown.body_name)


def _clocks(shown: _Line) -> Cell:
    return _pair(shown, shown.line.counts.before.clocks, shown.line.counts.after.clocks)


def _late(shown: _Line) -> Cell:
    return _pair(shown, shown.line.counts.before.late, shown.line.counts.after.late)


def _slow(shown: _Line) -> Cell:
    return _pair(shown, shown.line.counts.before.slow, shown.line.counts.after.slow)


def _wrong(shown: _Line) -> Cell:
    return _pair(shown, shown.line.counts.before.wrong, shown.line.counts.after.wrong)


def _pair(shown: _Line, before: int, after: int) -> Cell:
    return _moved(before, after, bold=shown.line.whole)


def _rule(rule: _Rule) -> Cell:
    return Cell(rule.key, colour="text_muted")


def _sentence(rule: _Rule) -> Cell:
    return Cell(rule.sentence, tooltip=rule.sentence)


def _broken(rule: _Rule) -> Cell:
    return _moved(rule.before, rule.after, bold=False)


def _moved(before: int, after: int, *, bold: bool) -> Cell:
    if before == after:
        return Cell(exact_count_text(before), colour="text_muted", bold=bold)
    return Cell(f"{exact_count_text(before)} → {exact_count_text(after)}", colour="text_strong", bold=bold)


def _word(source: str) -> str:
    return QCoreApplication.translate("policy trial", source)
