"""Why something is not allowed, in words: before a button is offered, and after an order was refused."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain.people import Actor
from domain.rights import Command, Reason, RefusedError, check
from widgets.wording import role_name

_REASONS = {
    Reason.OTHER_BODY: QT_TRANSLATE_NOOP("refusals", "只能办理本单位的事项"),
    Reason.NO_TEXT: QT_TRANSLATE_NOOP("refusals", "内容不能为空"),
    Reason.TEXT_TOO_LONG: QT_TRANSLATE_NOOP("refusals", "内容过长，最多 {0} 字"),
    Reason.NO_RECEIVERS: QT_TRANSLATE_NOOP("refusals", "请至少选择一个接收单位"),
    Reason.UNKNOWN_BODY: QT_TRANSLATE_NOOP("refusals", "没有这个单位：{0}"),
    Reason.UNKNOWN_TICKET: QT_TRANSLATE_NOOP("refusals", "没有这件工单：{0}"),
    Reason.DEADLINE_PAST: QT_TRANSLATE_NOOP("refusals", "期限已过，请重新选择"),
    Reason.NO_SUCH_WARNING: QT_TRANSLATE_NOOP("refusals", "该预警已经解除"),
    Reason.ALREADY_ACKNOWLEDGED: QT_TRANSLATE_NOOP("refusals", "{0} 已经确认过该预警"),
    Reason.NOT_A_DRAFT: QT_TRANSLATE_NOOP("refusals", "再监督 {0} 已不是草稿"),
    Reason.ALREADY_RUNNING: QT_TRANSLATE_NOOP("refusals", "同一事项的再监督 {0} 正在办理"),
    Reason.CHANGED_MEANWHILE: QT_TRANSLATE_NOOP("refusals", "期间有他人办理，请核对后重新提交"),
}

_ROLE = QT_TRANSLATE_NOOP("refusals", "只有{0}可以执行此操作")
_NOBODY = QT_TRANSLATE_NOOP("refusals", "尚未选择身份")


def refusal_text(error: RefusedError) -> str:
    """Return the words for a refused order."""
    if error.reason is Reason.ROLE:
        return _word(_ROLE).format("、".join(role_name(role) for role in error.allowed))
    return _word(_REASONS[error.reason]).format(error.detail)


def refusal_of(command: Command, actor: Actor | None, body: str | None = None) -> str:
    """Return why this person may not do this, empty when they may. `body` is whose matter it is."""
    if actor is None:
        return _word(_NOBODY)
    try:
        check(command, actor, body)
    except RefusedError as error:
        return refusal_text(error)
    return ""


def _word(source: str) -> str:
    return QCoreApplication.translate("refusals", source)
