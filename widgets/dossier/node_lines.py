"""What the node bars show, worked out apart from their painting: one line for each clock of a round."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import QCoreApplication

from domain.dossier import Dossier
from domain.due import DueSource
from domain.node_clock import NodeClock
from domain.nodes import Node, NodeStatus
from domain.policy import ClockKind, Holder, Limit
from widgets.status import Mark, mark_of
from widgets.wording import countdown_text, duration_text, node_name, working_days_text


@dataclass(frozen=True, slots=True)
class NodeLine:
    """One bar. `share` of the limit is used, 1.0 at the limit, None without one; `clock` is the position
    in `clock.trace.nodes`, None for a node that has not started."""

    node: Node
    name: str
    mark: Mark
    holder: str
    limit: str
    share: float | None
    used: str
    clock: int | None


def rounds_of(dossier: Dossier) -> range:
    """Return the rounds that the ticket has had, from 1."""
    return range(1, dossier.clock.trace.round + 1)


def lines_of(dossier: Dossier, round_: int, now: datetime) -> tuple[NodeLine, ...]:
    """Return the bars of one round as of a moment; nodes still to come stand in the last round."""
    trace = dossier.clock.trace
    lines = [
        _line(dossier, position, clock, now)
        for position, clock in enumerate(trace.nodes)
        if clock.round == round_
    ]
    if round_ == trace.round:
        for rule in dossier.clock.upcoming:
            lead = dossier.body_name(trace.lead)
            holder = {Holder.PLATFORM: dossier.body_name("platform"), Holder.BODY: lead}.get(
                rule.holder, _word("非承办单位")
            )
            limit = rule.limits.get(trace.received.urgency)
            sample = rule.is_sample(trace.received.urgency)
            lines.append(
                NodeLine(
                    rule.node,
                    node_name(rule.node),
                    mark_of(NodeStatus.NOT_STARTED),
                    holder,
                    limit_text(limit) + (_word(" · 示例") if limit and sample else ""),
                    None,
                    _word("发现违法时") if rule.violation_only else mark_of(NodeStatus.NOT_STARTED).word,
                    None,
                )
            )
    return tuple(lines)


def limit_text(limit: Limit | None) -> str:
    """Return a limit in words: "5 分", "2 小时", "15 天", "5 工作日"; a dash without one."""
    if limit is None:
        return "—"
    if limit.kind is ClockKind.WORKING:
        return working_days_text(limit.working_days)
    minutes = limit.duration // timedelta(minutes=1)
    if minutes % 1440 == 0:
        return _word("{0} 天").format(minutes // 1440)
    return _word("{0} 小时").format(minutes // 60) if minutes % 60 == 0 else _word("{0} 分").format(minutes)


def _line(dossier: Dossier, position: int, clock: NodeClock, now: datetime) -> NodeLine:
    status = clock.status(now)
    body = dossier.body_name(clock.body)
    people = [_word("{0}（协办）").format(body) if clock.part > 0 else body, clock.person or ""]
    return NodeLine(
        clock.node,
        node_name(clock.node),
        mark_of(status),
        " · ".join(part for part in people if part) or _word("待定"),
        _limit_of(dossier, position, clock),
        clock.used_share(now),
        _used_text(clock, status, now),
        position,
    )


def _limit_of(dossier: Dossier, position: int, clock: NodeClock) -> str:
    match clock.due_source:
        case DueSource.SOURCE:
            text = _word("来源给定")
        case DueSource.EXTENSION:
            text = _word("已延期")
        case _:
            text = limit_text(clock.limit)
    explained = dossier.explanations[position] if position < len(dossier.explanations) else None
    if explained is not None and explained.provisional:
        return text + _word(" · 暂定")
    return text + (_word(" · 示例") if clock.sample and clock.due_source is DueSource.POLICY else "")


def _used_text(clock: NodeClock, status: NodeStatus, now: datetime) -> str:
    share = clock.used_share(now)
    if status in (NodeStatus.HANDED_OVER, NodeStatus.SKIPPED, NodeStatus.PAUSED):
        return mark_of(status).word
    if status is NodeStatus.OVERDUE and clock.due_at is not None:
        return countdown_text(clock.due_at, now)
    if share is None:
        taken = duration_text((clock.ended_at or now) - clock.started_at)
        return _word("用时 {0}").format(taken) if clock.ended_at else mark_of(status).word
    percent = f"{round(100 * share)}%" if share < 100 else _word("百倍以上")
    if clock.ended_at is not None:
        return _word("用时 {0}").format(percent)
    return f"{mark_of(status).word} {percent}"


def _word(source: str) -> str:
    return QCoreApplication.translate("dossier", source)
