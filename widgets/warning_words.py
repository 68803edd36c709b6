"""What is said of a warning wherever it is shown: its rule and facts, how far it climbed, who took note."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain.events import WarningKind, WarningLevel
from domain.listing import WarningRow
from domain.people import Role
from widgets.status import mark_of
from widgets.wording import kind_name, local_moment_text, minute_text, node_name, role_name

_TO = {
    Role.LEADER: QT_TRANSLATE_NOOP("warning", "领导"),
    Role.DISCIPLINE: QT_TRANSLATE_NOOP("warning", "纪委"),
    Role.DUTY: QT_TRANSLATE_NOOP("warning", "值班长"),
}


MOST_FACTS = 3
"""Lines of facts where there is little room; a tooltip has all of them."""


def climbed_to(role: Role) -> str:
    """Return how far a warning climbed: 已升级至领导."""
    name = _TO.get(role)
    return _word("已升级至{0}").format(_word(name) if name else role_name(role))


def climbed_text(row: WarningRow) -> str:
    """Return how far a warning climbed, empty when it did not."""
    return climbed_to(Role(row.escalated_to)) if row.escalated_to is not None else ""


def rule_text(row: WarningRow) -> str:
    """Return the kind of a warning, and of a wrong step the rule's sentence and its first fact."""
    if row.kind is not WarningKind.WRONG:
        return kind_name(row.kind)
    said = f"{kind_name(row.kind)}：{row.rule}"
    return f"{said}（{row.facts[0]}）" if row.facts else said


def told_lines(row: WarningRow) -> list[str]:
    """Return all that is known of a warning, line by line: for a tooltip, or a panel with room."""
    lines = [f"{kind_name(row.kind)}：{row.rule}", *row.facts]
    since = local_moment_text(row.since)
    if row.kind is WarningKind.WRONG:
        lines.append(_word("发出 {0}").format(since))
    else:
        lines.append(_word("到期 {0}").format(local_moment_text(row.due_at)))
    if row.escalated_to is not None and row.escalated_at is not None:
        lines.append(f"{climbed_text(row)} {local_moment_text(row.escalated_at)}")
    if row.acknowledged_by is not None and row.acknowledged_at is not None:
        at = local_moment_text(row.acknowledged_at)
        lines.append(_word("{0} 于 {1} 确认").format(row.acknowledged_by, at))
    if row.re_supervision is not None:
        lines.append(_word("再监督 {0}").format(row.re_supervision))
    return lines


def short_lines(row: WarningRow) -> list[str]:
    """Return a warning in few lines: what is wrong, by which facts, and what was done about it."""
    shape = "■" if row.level is WarningLevel.RED else "◆"
    head = f"{shape} {mark_of(row.level).word} {node_name(row.node)} · {kind_name(row.kind)}：{row.rule}"
    done = [climbed_text(row)]
    if row.acknowledged_by is not None:
        when = f" {minute_text(row.acknowledged_at)}" if row.acknowledged_at else ""
        done.append(_word("{0} 已确认").format(row.acknowledged_by) + when)
    else:
        done.append(_word("未确认"))
    facts = [f"　{fact}" for fact in row.facts[:MOST_FACTS]]
    return [head, *facts, "　" + " · ".join(part for part in done if part)]


def _word(text: str) -> str:
    return QCoreApplication.translate("warning", text)
