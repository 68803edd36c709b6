"""The domain's enums, durations and times in the words of the screen (product.md, Words)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain.calendar import DayKind
from domain.events import Behaviour, WarningKind
from domain.ledger import ColourReason, ColourScheme
from domain.nodes import Node
from domain.people import Role
from domain.ranking import RankingRow
from domain.urgency import Urgency

CITY_ZONE = ZoneInfo("Asia/Shanghai")

_NODES = {
    Node.ACCEPT: QT_TRANSLATE_NOOP("wording", "签收"),
    Node.DISPATCH: QT_TRANSLATE_NOOP("wording", "分派"),
    Node.SIGN: QT_TRANSLATE_NOOP("wording", "部门签收"),
    Node.ARRIVE: QT_TRANSLATE_NOOP("wording", "到场"),
    Node.RECTIFY: QT_TRANSLATE_NOOP("wording", "整改"),
    Node.FILE: QT_TRANSLATE_NOOP("wording", "立案"),
    Node.PENALISE: QT_TRANSLATE_NOOP("wording", "处罚"),
    Node.FEED_BACK: QT_TRANSLATE_NOOP("wording", "反馈"),
    Node.REVISIT: QT_TRANSLATE_NOOP("wording", "回访"),
    Node.POST_CHECK: QT_TRANSLATE_NOOP("wording", "后督查"),
    Node.CLOSE: QT_TRANSLATE_NOOP("wording", "销号"),
}

_URGENCIES = {
    Urgency.CRITICAL: QT_TRANSLATE_NOOP("wording", "特急"),
    Urgency.FIRST: QT_TRANSLATE_NOOP("wording", "一级"),
    Urgency.ORDINARY: QT_TRANSLATE_NOOP("wording", "普通"),
}

_KINDS = {
    WarningKind.LATE: QT_TRANSLATE_NOOP("wording", "做得晚"),
    WarningKind.SLOW: QT_TRANSLATE_NOOP("wording", "做得慢"),
    WarningKind.WRONG: QT_TRANSLATE_NOOP("wording", "做不对"),
}

_ROLES = {
    Role.WALL: QT_TRANSLATE_NOOP("wording", "大屏"),
    Role.DUTY: QT_TRANSLATE_NOOP("wording", "值班员"),
    Role.HANDLER: QT_TRANSLATE_NOOP("wording", "承办人"),
    Role.DISCIPLINE: QT_TRANSLATE_NOOP("wording", "纪检监察"),
    Role.LEADER: QT_TRANSLATE_NOOP("wording", "领导"),
    Role.ADMIN: QT_TRANSLATE_NOOP("wording", "管理员"),
    Role.SYSTEM: QT_TRANSLATE_NOOP("wording", "系统"),
}

_BEHAVIOURS = {
    Behaviour.INACTION: QT_TRANSLATE_NOOP("wording", "不作为"),
    Behaviour.SLOWNESS: QT_TRANSLATE_NOOP("wording", "慢作为"),
    Behaviour.LAXITY: QT_TRANSLATE_NOOP("wording", "懒作为"),
    Behaviour.MISCONDUCT: QT_TRANSLATE_NOOP("wording", "乱作为"),
    Behaviour.NO_FAULT: QT_TRANSLATE_NOOP("wording", "无过错"),
}

_REASONS = {
    ColourReason.CLOSED_OUT: QT_TRANSLATE_NOOP("wording", "已销号"),
    ColourReason.ON_PLAN: QT_TRANSLATE_NOOP("wording", "按序时推进"),
    ColourReason.NEAR_DUE: QT_TRANSLATE_NOOP("wording", "临期"),
    ColourReason.BEHIND: QT_TRANSLATE_NOOP("wording", "滞后"),
    ColourReason.FAR_BEHIND: QT_TRANSLATE_NOOP("wording", "严重滞后"),
    ColourReason.OVERDUE: QT_TRANSLATE_NOOP("wording", "逾期"),
    ColourReason.RETURNED: QT_TRANSLATE_NOOP("wording", "退回"),
}


_DAYS = {
    DayKind.WORKING: QT_TRANSLATE_NOOP("wording", "工作日"),
    DayKind.WEEKEND: QT_TRANSLATE_NOOP("wording", "休"),
    DayKind.HOLIDAY: QT_TRANSLATE_NOOP("wording", "休"),
    DayKind.MAKE_UP: QT_TRANSLATE_NOOP("wording", "调休"),
}


def node_name(node: Node) -> str:
    """Return a node's name on screen."""
    return _known(_NODES, node)


def urgency_name(urgency: Urgency) -> str:
    """Return 特急, 一级 or 普通."""
    return _known(_URGENCIES, urgency)


def kind_name(kind: WarningKind) -> str:
    """Return 做得晚, 做得慢 or 做不对."""
    return _known(_KINDS, kind)


def role_name(role: Role) -> str:
    """Return a role's name on screen."""
    return _known(_ROLES, role)


def behaviour_name(behaviour: Behaviour) -> str:
    """Return the word for what an officer found."""
    return _known(_BEHAVIOURS, behaviour)


def reason_name(reason: ColourReason) -> str:
    """Return why a ledger item has its colour, in a word."""
    return _known(_REASONS, reason)


def joined(*parts: str) -> str:
    """Join words without a space between Chinese ones and with one beside Latin letters or figures."""
    text = ""
    for part in filter(None, parts):
        beside = text and (text[-1].isascii() or part[0].isascii())
        text += f" {part}" if beside and not text[-1].isspace() else part
    return text


def day_kind_name(kind: DayKind | None) -> str:
    """Return 工作日, 休 or 调休; None is a day of a year whose calendar is not known."""
    return _word(QT_TRANSLATE_NOOP("wording", "日历暂定")) if kind is None else _known(_DAYS, kind)


def scheme_text(scheme: ColourScheme) -> str:
    """Return which version of the ledger's colours is in force, and since when."""
    since = scheme.effective_from.isoformat()
    return _word(QT_TRANSLATE_NOOP("wording", "方案 v{0} · {1} 起")).format(scheme.version, since)


def ranked_name(row: RankingRow) -> str:
    """Return what a row of a ranking stands for: tickets without a category or area have no name."""
    return row.name or _word(QT_TRANSLATE_NOOP("wording", "未填"))


def duration_text(duration: timedelta) -> str:
    """Return a duration's length, sign dropped: "00:41:07", from one day on "3 天 04:12"."""
    seconds = int(abs(duration.total_seconds()))
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return _word(QT_TRANSLATE_NOOP("wording", "{0} 天 {1}")).format(days, f"{hours:02}:{minutes:02}")
    return f"{hours:02}:{minutes:02}:{seconds:02}"


def countdown_text(due: datetime, now: datetime) -> str:
    """Return "剩 00:18:30" before the due time and "超 00:41:07" after it. Both times are aware."""
    if now > due:
        return _word(QT_TRANSLATE_NOOP("wording", "超 {0}")).format(duration_text(now - due))
    return _word(QT_TRANSLATE_NOOP("wording", "剩 {0}")).format(duration_text(due - now))


def standing_text(since: datetime, now: datetime) -> str:
    """Return "已 00:41:07", how long something has stood. Both times are aware."""
    standing = max(now - since, timedelta(0))
    return _word(QT_TRANSLATE_NOOP("wording", "已 {0}")).format(duration_text(standing))


def working_days_text(count: int) -> str:
    """Return "1 工作日"."""
    return _word(QT_TRANSLATE_NOOP("wording", "{0} 工作日")).format(count)


def local_time_text(moment: datetime) -> str:
    """Return an aware moment's time of day in the city's zone: "20:58:13"."""
    return moment.astimezone(CITY_ZONE).strftime("%H:%M:%S")


def local_day_text(moment: datetime) -> str:
    """Return an aware moment's day in the city's zone: "11-21"."""
    return moment.astimezone(CITY_ZONE).strftime("%m-%d")


def local_moment_text(moment: datetime) -> str:
    """Return an aware moment's day and time in the city's zone: "2026-11-21 20:58:13"."""
    return moment.astimezone(CITY_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def short_moment_text(moment: datetime) -> str:
    """Return an aware moment's day and time without its year, in the city's zone: "11-21 20:58:13"."""
    return f"{local_day_text(moment)} {local_time_text(moment)}"


def count_text(count: int) -> str:
    """Return a count as it fits a narrow place: "9999", "12 345", then "12.3万" and "1234万"."""
    if abs(count) >= 100_000:
        tens = f"{count / 10_000:.1f}" if abs(count) < 1_000_000 else f"{round(count / 10_000)}"
        return _word(QT_TRANSLATE_NOOP("wording", "{0}万")).format(tens)
    return exact_count_text(count)


def minute_text(moment: datetime) -> str:
    """Return an aware moment to the minute, in the city's zone: "2026-11-21 20:58"."""
    return moment.astimezone(CITY_ZONE).strftime("%Y-%m-%d %H:%M")


def past_moment_text(moment: datetime, now: datetime) -> str:
    """Return day and time, with the year where it is not that of `now`: both aware, in the city's zone."""
    if moment.astimezone(CITY_ZONE).year == now.astimezone(CITY_ZONE).year:
        return short_moment_text(moment)
    return local_moment_text(moment)


def exact_count_text(count: int) -> str:
    """Return a count with all its digits: "9999", then "12 345"; for lists and filters."""
    return str(count) if abs(count) < 10_000 else f"{count:,}".replace(",", "\u2009")


def rate_text(rate: float | None) -> str:
    """Return a rate of 0..1 as "99.3%"; 100 % only when it is exactly that; "—" for None."""
    if rate is None:
        return "—"
    if rate >= 1:
        return "100%"
    return f"{min(rate * 100, 99.9):.1f}%"


def _known(words: Mapping[Any, str], value: Any) -> str:
    """Return the word for a value, or the value itself: a newer program may have written it."""
    return _word(words[value]) if value in words else str(value)


def _word(source: str) -> str:
    return QCoreApplication.translate("wording", source)
