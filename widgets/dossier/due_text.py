"""Why a node is due when it is, in lines for the screen: start, limit, days counted, pauses, charge."""

from datetime import datetime

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain.calendar import DayKind
from domain.clock import DueExplanation
from domain.dossier import Dossier
from domain.due import CountedDay, DueSource, running_time
from domain.node_clock import NodeClock
from domain.nodes import Node
from domain.policy import ClockKind, Limit
from domain.urgency import Urgency
from widgets.dossier.node_lines import limit_text
from widgets.wording import (
    countdown_text,
    duration_text,
    joined,
    node_name,
    past_moment_text,
    urgency_name,
)

SAMPLE = QT_TRANSLATE_NOOP("due", "该限时为示例值，可在规则文件中修改")

_DAY_NOTES = {
    DayKind.MAKE_UP: QT_TRANSLATE_NOOP("due", "调休"),
    DayKind.WEEKEND: QT_TRANSLATE_NOOP("due", "周末"),
    DayKind.HOLIDAY: QT_TRANSLATE_NOOP("due", "放假"),
}


def due_lines(dossier: Dossier, position: int, now: datetime) -> tuple[str, ...]:
    """Return the lines that explain the clock at this position of `clock.trace.nodes`."""
    clock = dossier.clock.trace.nodes[position]
    lines = [_rule_line(dossier, clock), _span_line(dossier, clock)]
    if position < len(dossier.explanations):
        lines += _calendar_lines(dossier.explanations[position], dossier.clock.as_of)
    lines.append(_outcome_line(dossier, clock, now))
    if clock.sample and clock.due_source is DueSource.POLICY:
        lines.append(_word(SAMPLE))
    return tuple(line for line in lines if line)


def coming_lines(dossier: Dossier, node: Node) -> tuple[str, ...]:
    """Return the lines that say how a node that has not started yet will be judged."""
    rule = dossier.clock.policy.rule(node)
    if rule is None:
        return ()
    urgency = dossier.clock.trace.received.urgency
    limit = rule.limits.get(urgency)
    lines = [_limit_line(node, limit, urgency)]
    if rule.start is not None:
        lines.append(_word("自{0}完成起计，到期时间届时推算").format(node_name(rule.start)))
    if rule.violation_only:
        lines.append(_word("仅在发现违法行为时进行"))
    if limit is not None and rule.is_sample(urgency):
        lines.append(_word(SAMPLE))
    return tuple(lines)


def _rule_line(dossier: Dossier, clock: NodeClock) -> str:
    match clock.due_source:
        case DueSource.SOURCE:
            return _word("{0}：到期时间由来源给定，以来源为准").format(node_name(clock.node))
        case DueSource.EXTENSION:
            return _word("{0}：经批准延期").format(node_name(clock.node))
        case DueSource.NONE:
            return _limit_line(clock.node, None, dossier.clock.trace.received.urgency)
    return _limit_line(clock.node, clock.limit, dossier.clock.trace.received.urgency)


def _limit_line(node: Node, limit: Limit | None, urgency: Urgency) -> str:
    if limit is None:
        return _word("{0}：不设时限，不会超期").format(node_name(node))
    if limit.kind is ClockKind.WORKING:
        kind = _word("按工作日，次日起算，止于末日下班")
    else:
        kind = _word("24 小时计时")
    words = _word("{0}限时 {1}（{2}，{3}）")
    return words.format(node_name(node), limit_text(limit), urgency_name(urgency), kind)


def _span_line(dossier: Dossier, clock: NodeClock) -> str:
    rule = dossier.clock.policy.rule(clock.node)
    if clock.part > 0:
        # An assisting body's own: from when it was brought in (Y24).
        origin = _word("打回") if clock.round > 1 else _word("分派协办")
    elif clock.leg > 1:
        origin = _word("改派")
    elif rule is not None and rule.start is not None:
        origin = _word("{0}完成").format(node_name(rule.start))
    else:
        origin = _word("打回") if clock.round > 1 else _word("受理")
    start = _word("自{0} {1} 起").format(origin, _moment(clock.started_at, dossier.clock.as_of))
    if clock.due_at is None:
        return start + (_word("，暂停中，到期时间未定") if clock.paused else "")
    return _word("{0} → {1} 到期").format(start, _moment(clock.due_at, dossier.clock.as_of))


def _calendar_lines(explained: DueExplanation, now: datetime) -> list[str]:
    lines: list[str] = []
    counted = [day for day in explained.days if day.counted]
    skipped = [day for day in explained.days if not day.counted]
    if counted:
        lines.append(_word("计入 {0} 日：{1}").format(len(counted), _days_text(counted)))
    if skipped:
        lines.append(_word("不计：{0}").format(_days_text(skipped)))
    for pause in explained.pauses:
        end = _moment(pause.end, now) if pause.end else _word("至今")
        start = _moment(pause.start, now)
        lines.append(_word("暂停：{0} – {1}，{2}").format(start, end, pause.reason))
    years = sorted({day.day.year for day in explained.days if day.provisional})
    if years:
        named = "、".join(map(str, years))
        lines.append(_word("◆ 暂定：{0} 年放假安排尚未公布，暂按周一至周五推算").format(named))
    return lines


def _days_text(days: list[CountedDay]) -> str:
    words: list[str] = []
    for position, entry in enumerate(days):
        # The month stands once and 日 closes its days, as in "11月28（调休）、30日、12月1日".
        first = position == 0 or days[position - 1].day.month != entry.day.month
        last = position + 1 == len(days) or days[position + 1].day.month != entry.day.month
        text = f"{entry.day.month}月{entry.day.day}" if first else str(entry.day.day)
        if last:
            text += _word("日")
        if entry.kind is DayKind.WORKING and not entry.counted:
            text += _word("（暂停）")
        elif entry.kind in _DAY_NOTES:
            text += f"（{_word(_DAY_NOTES[entry.kind])}）"
        words.append(text)
    return "、".join(words)


def _outcome_line(dossier: Dossier, clock: NodeClock, now: datetime) -> str:
    charged = dossier.body_name(clock.body)
    if clock.ended_at is not None:
        done = _word("{0} 结束").format(_moment(clock.ended_at, now))
        if clock.due_at is not None and clock.ended_at > clock.due_at:
            done = _word("{0}，超 {1}").format(done, duration_text(clock.ended_at - clock.due_at))
        if not charged:
            return done
        # Whoever had it is charged for the time that it ran, pauses taken out.
        ran = duration_text(running_time(clock.started_at, clock.ended_at, clock.pauses))
        return _word("{0}，用时 {1}，{2}").format(done, ran, joined(_word("计入"), charged))
    if clock.due_at is None:
        return ""
    state = countdown_text(clock.due_at, now)
    return f"{state}，{joined(_word('计入'), charged)}" if charged else state


def _moment(moment: datetime, now: datetime) -> str:
    """A full minute needs no seconds: working clocks end on one, and the line stays one line."""
    text = past_moment_text(moment, now)
    return text.removesuffix(":00") if moment.second == 0 else text


def _word(source: str) -> str:
    return QCoreApplication.translate("due", source)
