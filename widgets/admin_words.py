"""The words of an admin's page: kinds and states of rules, and why somebody was not let in."""

from enum import StrEnum

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain.admin_events import RuleKind
from domain.staff import AttemptReason, RuleLine, RuleState, StaffMember
from widgets.status import Mark, Shape

_WORDS: dict[StrEnum, str] = {
    RuleKind.POLICY: QT_TRANSLATE_NOOP("admin", "流程规则"),
    RuleKind.CALENDAR: QT_TRANSLATE_NOOP("admin", "工作日历"),
    RuleKind.SCHEME: QT_TRANSLATE_NOOP("admin", "台账配色"),
    RuleState.BUILT_IN: QT_TRANSLATE_NOOP("admin", "随程序"),
    RuleState.INSTALLED: QT_TRANSLATE_NOOP("admin", "已安装"),
    RuleState.WAITING: QT_TRANSLATE_NOOP("admin", "待核对"),
    RuleState.REFUSED: QT_TRANSLATE_NOOP("admin", "未采用"),
    AttemptReason.PASSWORD: QT_TRANSLATE_NOOP("admin", "口令或名称不对"),
    AttemptReason.NOT_ALLOWED: QT_TRANSLATE_NOOP("admin", "已停用或无权"),
    AttemptReason.NO_ENTRY: QT_TRANSLATE_NOOP("admin", "此地址不准接入"),
}

_IN_FORCE = QT_TRANSLATE_NOOP("admin", "现行")
_LATER = QT_TRANSLATE_NOOP("admin", "未到期")
_ACTIVE = QT_TRANSLATE_NOOP("admin", "可登录")
_REVOKED = QT_TRANSLATE_NOOP("admin", "已停用")
_NAME_ONLY = QT_TRANSLATE_NOOP("admin", "仅名册")


def rule_kind_name(kind: RuleKind) -> str:
    """Return what a kind of rule is called."""
    return _word(_WORDS[kind])


def attempt_reason_name(reason: AttemptReason) -> str:
    """Return why somebody was not let in."""
    return _word(_WORDS[reason])


def rule_mark(line: RuleLine, *, begun: bool) -> Mark:
    """Return how a rule stands; `begun` tells whether its effective date has come."""
    if line.state is RuleState.REFUSED:
        return Mark("overdue", Shape.SQUARE, _word(_WORDS[line.state]))
    if line.state is RuleState.WAITING:
        return Mark("due_soon", Shape.DIAMOND, _word(_WORDS[line.state]))
    if line.in_force:
        return Mark("done", Shape.CIRCLE, _word(_IN_FORCE))
    if not begun:
        return Mark("on_time", Shape.TRIANGLE, _word(_LATER))
    return Mark("text_muted", Shape.RING, _word(_WORDS[line.state]))


def member_mark(member: StaffMember) -> Mark:
    """Return whether a person may sign in."""
    if member.login is None:
        return Mark("text_muted", Shape.RING, _word(_NAME_ONLY))
    if member.active:
        return Mark("done", Shape.CIRCLE, _word(_ACTIVE))
    return Mark("overdue", Shape.SQUARE, _word(_REVOKED))


def _word(source: str) -> str:
    return QCoreApplication.translate("admin", source)
