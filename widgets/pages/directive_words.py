"""A directive's thread in words: what each event is, who did it, and what was said."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain import events as e
from domain.directive_listing import ThreadRow
from domain.people import Role
from widgets.status import Mark, Shape
from widgets.table.cells import Cell, CellLook, Column
from widgets.warning_words import climbed_to
from widgets.wording import local_moment_text, role_name

CONTEXT = "directive"

_ISSUED = QT_TRANSLATE_NOOP("directive", "下达")
_SIGNED = QT_TRANSLATE_NOOP("directive", "签收")
_FED_BACK = QT_TRANSLATE_NOOP("directive", "反馈")
_FED_BACK_AGAIN = QT_TRANSLATE_NOOP("directive", "第 {0} 轮反馈")
_TRUE = QT_TRANSLATE_NOOP("directive", "评价：属实")
_SENT_BACK = QT_TRANSLATE_NOOP("directive", "评价：退回")
_REMINDED = QT_TRANSLATE_NOOP("directive", "催办 {0} 号")
_UNSIGNED = QT_TRANSLATE_NOOP("directive", "预警：签收超时")
_OVERDUE = QT_TRANSLATE_NOOP("directive", "预警：反馈超期")
_WITHDRAWN = QT_TRANSLATE_NOOP("directive", "撤回")
_CLIMBED = QT_TRANSLATE_NOOP("directive", "第 {0} 级，{1} {2}")
_CLIMBED_OF = {
    e.DirectiveLateness.UNSIGNED: QT_TRANSLATE_NOOP("directive", "签收超时自"),
    e.DirectiveLateness.OVERDUE: QT_TRANSLATE_NOOP("directive", "反馈超期自"),
}


def mark_of_event(row: ThreadRow) -> Mark:
    """Return what an event is: its word, with the colour and the shape of what it means."""
    match row.event.fact:
        case e.DirectiveIssued():
            return Mark("accent", Shape.TRIANGLE, _word(_ISSUED))
        case e.DirectiveSigned():
            return Mark("done", Shape.CIRCLE, _word(_SIGNED))
        case e.DirectiveFedBack():
            word = _word(_FED_BACK) if row.round < 2 else _word(_FED_BACK_AGAIN).format(row.round)
            return Mark("on_time", Shape.TRIANGLE, word)
        case e.DirectiveJudged(accepted=True):
            return Mark("done", Shape.CIRCLE, _word(_TRUE))
        case e.DirectiveJudged():
            return Mark("overdue", Shape.SQUARE, _word(_SENT_BACK))
        case e.DirectiveReminded():
            return Mark("due_soon", Shape.DIAMOND, _word(_REMINDED).format(row.round))
        case e.DirectiveWarned(lateness=e.DirectiveLateness.UNSIGNED):
            return Mark("overdue", Shape.SQUARE, _word(_UNSIGNED))
        case e.DirectiveWarned():
            return Mark("overdue", Shape.SQUARE, _word(_OVERDUE))
        case e.DirectiveEscalated(to=to):
            return Mark("overdue", Shape.SQUARE, climbed_to(to))
        case e.DirectiveWithdrawn():
            return Mark("text_muted", Shape.DASH, _word(_WITHDRAWN))
    return Mark("text_muted", Shape.RING, type(row.event.fact).__name__)


def text_of(row: ThreadRow) -> str:
    """Return what was said."""
    fact = row.event.fact
    if isinstance(fact, e.DirectiveEscalated):
        since = local_moment_text(fact.since)
        return _word(_CLIMBED).format(fact.step, _word(_CLIMBED_OF[fact.lateness]), since)
    return fact.reason if isinstance(fact, e.DirectiveWithdrawn) else str(getattr(fact, "text", ""))


def evidence_of(row: ThreadRow) -> tuple[str, ...]:
    """Return the checksums of the files that came with it."""
    return row.event.fact.evidence if isinstance(row.event.fact, e.DirectiveFedBack) else ()


def actor_of(row: ThreadRow) -> str:
    """Return who did it, with the body; the system warns by itself."""
    actor = row.event.actor
    if actor.role is Role.SYSTEM:
        return role_name(actor.role)
    return " ".join(part for part in (row.actor_body, actor.name) if part) or role_name(actor.role)


def thread_columns() -> tuple[Column, ...]:
    """Return the columns of a thread as a table, such as a file that is saved or printed."""
    word = QCoreApplication.translate
    return (
        Column("number", word(CONTEXT, "序号"), 60, _number_cell),
        Column("at", word(CONTEXT, "时间"), 200, _time_cell),
        Column("what", word(CONTEXT, "事项"), 120, _what_cell),
        Column("body", word(CONTEXT, "单位"), 160, _body_cell),
        Column("actor", word(CONTEXT, "办理人"), 160, _actor_cell),
        Column("text", word(CONTEXT, "内容"), 300, _text_cell, stretch=True),
        Column("evidence", word(CONTEXT, "附件校验和"), 200, _evidence_cell),
    )


def _number_cell(row: ThreadRow) -> Cell:
    return Cell(str(row.number))


def _time_cell(row: ThreadRow) -> Cell:
    return Cell(local_moment_text(row.event.at))


def _what_cell(row: ThreadRow) -> Cell:
    mark = mark_of_event(row)
    return Cell(mark.word, CellLook.MARK, mark.colour_name, mark)


def _body_cell(row: ThreadRow) -> Cell:
    return Cell(row.body_name)


def _actor_cell(row: ThreadRow) -> Cell:
    return Cell(actor_of(row))


def _text_cell(row: ThreadRow) -> Cell:
    return Cell(text_of(row))


def _evidence_cell(row: ThreadRow) -> Cell:
    return Cell(" ".join(evidence_of(row)))


def _word(source: str) -> str:
    return QCoreApplication.translate(CONTEXT, source)
