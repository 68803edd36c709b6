"""The words and shapes of the screen for a terminal, where no Qt may be needed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.clock import DueExplanation
from domain.due import DueSource
from domain.events import WarningKind, WarningLevel
from domain.ledger import Colour, ColourReason
from domain.listing import WarningRow
from domain.nodes import Node, NodeStatus, TicketState
from domain.overview import FeedState
from domain.policy import ClockKind, Limit
from domain.urgency import Urgency

NODES = {
    Node.ACCEPT: "签收",
    Node.DISPATCH: "分派",
    Node.SIGN: "部门签收",
    Node.ARRIVE: "到场",
    Node.RECTIFY: "整改",
    Node.FILE: "立案",
    Node.PENALISE: "处罚",
    Node.FEED_BACK: "反馈",
    Node.REVISIT: "回访",
    Node.POST_CHECK: "后督查",
    Node.CLOSE: "销号",
}
URGENCIES = {Urgency.CRITICAL: "特急", Urgency.FIRST: "一级", Urgency.ORDINARY: "普通"}
KINDS = {WarningKind.LATE: "做得晚", WarningKind.SLOW: "做得慢", WarningKind.WRONG: "做不对"}
STATES = {
    TicketState.OVERDUE: "[red]■ 超期[/]",
    TicketState.DUE_SOON: "[yellow]◆ 临期[/]",
    TicketState.ON_TIME: "[blue]▲ 按时[/]",
    TicketState.PAUSED: "Ⅱ 暂停",
    TicketState.DONE: "[green]● 已办[/]",
    TicketState.CLOSED: "● 已销号",
}
STATUSES = {
    NodeStatus.NOT_STARTED: "○ 未到",
    NodeStatus.RUNNING: "[blue]▲ 进行中[/]",
    NodeStatus.DUE_SOON: "[yellow]◆ 临期[/]",
    NodeStatus.OVERDUE: "[red]■ 超期[/]",
    NodeStatus.PAUSED: "Ⅱ 暂停",
    NodeStatus.ON_TIME: "[green]● 按时办结[/]",
    NodeStatus.LATE: "[red]■ 超时办结[/]",
    NodeStatus.HANDED_OVER: "→ 已转出",
    NodeStatus.SKIPPED: "— 未办",
}
LEVELS = {WarningLevel.RED: "[red]■ 红[/]", WarningLevel.YELLOW: "[yellow]◆ 黄[/]"}
COLOURS = {
    Colour.GREEN: "[green]● 绿[/]",
    Colour.BLUE: "[blue]▲ 蓝[/]",
    Colour.YELLOW: "[yellow]◆ 黄[/]",
    Colour.RED: "[red]■ 红[/]",
}
FEEDS = {
    FeedState.OK: "● 正常",
    FeedState.LAGGING: "◆ 迟到",
    FeedState.SILENT: "■ 中断",
    FeedState.NOT_CONNECTED: "○ 未接入",
}
REASONS = {
    ColourReason.CLOSED_OUT: "已销号",
    ColourReason.ON_PLAN: "按序时推进",
    ColourReason.NEAR_DUE: "临期",
    ColourReason.BEHIND: "滞后",
    ColourReason.FAR_BEHIND: "严重滞后",
    ColourReason.OVERDUE: "逾期",
    ColourReason.RETURNED: "退回",
}


def moment_text(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return a moment as the city's clocks show it, empty for none."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" if moment else ""


def clock_text(row: WarningRow, now: datetime) -> str:
    """Return how long a node is overdue or still has: 超 2 天 03:04:05, 剩 00:12:00.

    What was done wrong stands since it was raised, whether or not its node has time: 已 02:00:00.
    """
    if row.kind is WarningKind.WRONG:
        return f"已 {_duration_text(now - row.since)}"
    return f"{'超' if now > row.due_at else '剩'} {_duration_text(abs(now - row.due_at))}"


def _duration_text(duration: timedelta) -> str:
    hours, rest = divmod(int(duration.total_seconds()) % 86_400, 3600)
    days = f"{duration.days} 天 " if duration >= timedelta(days=1) else ""
    return f"{days}{hours:02}:{rest // 60:02}:{rest % 60:02}"


def rate_text(rate: float | None) -> str:
    """Return a rate in percent, a dash for none."""
    return "—" if rate is None else f"{rate:.1%}"


def limit_text(limit: Limit) -> str:
    """Return a limit in words: 5 个工作日, 12 小时, 30 分钟, 15 天."""
    if limit.kind is ClockKind.WORKING:
        return f"{limit.working_days} 个工作日"
    minutes, seconds = divmod(int(limit.duration.total_seconds()), 60)
    if seconds:
        return f"{int(limit.duration.total_seconds())} 秒"
    if minutes % 1440 == 0:
        return f"{minutes // 1440} 天"
    return f"{minutes // 60} 小时" if minutes % 60 == 0 else f"{minutes} 分钟"


def explanation_text(why: DueExplanation, zone: ZoneInfo) -> str:
    """Return in one line why a node is due when it is: 5 个工作日，计 18、20（调休）、21、22、23 日."""
    parts = [_source_text(why)]
    counted = [
        f"{day.day.day}（调休）" if day.kind.value == "make_up" else str(day.day.day)
        for day in why.days
        if day.counted
    ]
    if counted:
        parts.append(f"计 {'、'.join(counted)} 日")
    parts += [
        f"暂停 {moment_text(pause.start, zone)} 至 {moment_text(pause.end, zone) or '今'}"
        for pause in why.pauses
    ]
    if why.provisional:
        parts.append("当年日历未发布，暂按周一至周五计")
    if why.due_at is not None:
        parts.append(f"到期 {moment_text(why.due_at, zone)}")
    return "，".join(parts)


def _source_text(why: DueExplanation) -> str:
    match why.source:
        case DueSource.SOURCE:
            return "来源给定时限"
        case DueSource.EXTENSION:
            return "批准延期"
        case DueSource.POLICY if why.limit is not None:
            return f"限 {limit_text(why.limit)}"
        case _:
            return "不设时限"
