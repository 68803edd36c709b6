"""The words of the duty officer's desk: its lanes, its keys, and what it says of a suggestion."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain.desk_queue import DutyLane, QueueRow, Task
from domain.duty_shift import DONE_AT_THE_DESK, Shift, Stage
from domain.suggesting import Assignment, Candidate
from widgets.desk.queue_keys import DeskKey
from widgets.wording import duration_text, local_moment_text, local_time_text, node_name

ACCEPT, DISPATCH, KIND, CHASE = "S", "D", "L", "C"
REVISIT, POST_CHECK, CLOSE = "R", "P", "X"
GRANT, DECLINE, FOLLOW, TAKE_NOTE = "Y", "N", "G", "W"
MERGE, UNDO, UNDO_LAST, OPEN = "M", "Z", "U", "O"

_KEYS = (
    (ACCEPT, QT_TRANSLATE_NOOP("desk", "签收"), True),
    (DISPATCH, QT_TRANSLATE_NOOP("desk", "分派"), True),
    (KIND, QT_TRANSLATE_NOOP("desk", "定类"), False),
    (MERGE, QT_TRANSLATE_NOOP("desk", "合并"), False),
    (CHASE, QT_TRANSLATE_NOOP("desk", "催办"), True),
    (REVISIT, QT_TRANSLATE_NOOP("desk", "回访"), False),
    (POST_CHECK, QT_TRANSLATE_NOOP("desk", "后督查"), False),
    (CLOSE, QT_TRANSLATE_NOOP("desk", "销号"), False),
    (GRANT, QT_TRANSLATE_NOOP("desk", "批准"), False),
    (DECLINE, QT_TRANSLATE_NOOP("desk", "不批"), False),
    (FOLLOW, QT_TRANSLATE_NOOP("desk", "跟进人"), False),
    (TAKE_NOTE, QT_TRANSLATE_NOOP("desk", "确认预警"), True),
    (UNDO, QT_TRANSLATE_NOOP("desk", "撤回"), False),
    (UNDO_LAST, QT_TRANSLATE_NOOP("desk", "撤上一步"), False),
    (OPEN, QT_TRANSLATE_NOOP("desk", "档案"), False),
)

_HINTS: Mapping[str, str] = {
    UNDO: QT_TRANSLATE_NOOP(
        "desk", "以新的一步纠正所选工单：误分派的改派，误暂停的恢复计时，类别可改；原记录不删改"
    ),
    UNDO_LAST: QT_TRANSLATE_NOOP("desk", "纠正刚才办理的那一件，它已不在列表中也行；原记录不删改"),
    DISPATCH: QT_TRANSLATE_NOOP("desk", "定类并分派；选多行则按责任清单批量分派，先列出每件的依据"),
}

KEY_OF_TASK: Mapping[Task, str] = {
    Task.ACCEPT: ACCEPT,
    Task.DISPATCH: DISPATCH,
    Task.REVISIT: REVISIT,
    Task.POST_CHECK: POST_CHECK,
    Task.CLOSE: CLOSE,
    Task.UNSIGNED: CHASE,
    Task.NEAR: CHASE,
    Task.OVERDUE: CHASE,
    Task.GRANT: GRANT,
    Task.FOLLOW: FOLLOW,
    Task.PAUSED: UNDO,
}
"""The key that does what a line waits for: Enter stands for it."""

TASKS_OF_KEY: Mapping[str, tuple[Task, ...]] = {
    ACCEPT: (Task.ACCEPT,),
    # A dispatch needs no acceptance before it: the clocks of both run from the start.
    DISPATCH: (Task.ACCEPT, Task.DISPATCH),
    REVISIT: (Task.REVISIT,),
    POST_CHECK: (Task.POST_CHECK,),
    CLOSE: (Task.CLOSE,),
    GRANT: (Task.GRANT,),
    DECLINE: (Task.GRANT,),
    FOLLOW: (Task.FOLLOW,),
}
"""The lines that a key is for; other keys are for any."""

_LANES: Mapping[DutyLane, str] = {
    DutyLane.ALL: QT_TRANSLATE_NOOP("desk", "全部"),
    DutyLane.INTAKE: QT_TRANSLATE_NOOP("desk", "来件"),
    DutyLane.FOLLOW_UP: QT_TRANSLATE_NOOP("desk", "回访销号"),
    DutyLane.UNSIGNED: QT_TRANSLATE_NOOP("desk", "未签收"),
    DutyLane.GRANT: QT_TRANSLATE_NOOP("desk", "申请"),
    DutyLane.FOLLOW: QT_TRANSLATE_NOOP("desk", "差评"),
    DutyLane.NEAR: QT_TRANSLATE_NOOP("desk", "临期"),
    DutyLane.OVERDUE: QT_TRANSLATE_NOOP("desk", "逾期"),
    DutyLane.PAUSED: QT_TRANSLATE_NOOP("desk", "暂停"),
}

_NOTHING: Mapping[DutyLane, str] = {
    DutyLane.ALL: QT_TRANSLATE_NOOP("desk", "● 没有要办的：都已签收、分派，无人需要催办"),
    DutyLane.INTAKE: QT_TRANSLATE_NOOP("desk", "● 来件都已签收、分派"),
    DutyLane.FOLLOW_UP: QT_TRANSLATE_NOOP("desk", "● 没有待回访、待后督查、待销号的工单"),
    DutyLane.UNSIGNED: QT_TRANSLATE_NOOP("desk", "● 没有超过时限未签收的单位"),
    DutyLane.GRANT: QT_TRANSLATE_NOOP("desk", "● 没有待批的暂停、延期申请"),
    DutyLane.FOLLOW: QT_TRANSLATE_NOOP("desk", "● 每个差评都有人跟进"),
    DutyLane.NEAR: QT_TRANSLATE_NOOP("desk", "● 没有临期的环节"),
    DutyLane.OVERDUE: QT_TRANSLATE_NOOP("desk", "● 没有逾期的环节"),
    DutyLane.PAUSED: QT_TRANSLATE_NOOP("desk", "● 没有暂停的工单"),
}


_DONE = (
    QT_TRANSLATE_NOOP("desk", "签收"),
    QT_TRANSLATE_NOOP("desk", "分派"),
    QT_TRANSLATE_NOOP("desk", "催办"),
    QT_TRANSLATE_NOOP("desk", "回访"),
    QT_TRANSLATE_NOOP("desk", "后督查"),
    QT_TRANSLATE_NOOP("desk", "销号"),
)

_STAGES: Mapping[Stage, str] = {
    Stage.TAKEN_UP: QT_TRANSLATE_NOOP("desk", "上报"),
    Stage.HANDED_ON: QT_TRANSLATE_NOOP("desk", "交办"),
    Stage.DEALT_WITH: QT_TRANSLATE_NOOP("desk", "处理"),
    Stage.ANSWERED: QT_TRANSLATE_NOOP("desk", "回复"),
}


def duty_keys() -> tuple[DeskKey, ...]:
    """Return the keys of the desk, in the order of a ticket's life."""
    return tuple(
        DeskKey(letter, _word(word), several, _word(_HINTS.get(letter, "")))
        for letter, word, several in _KEYS
    )


def duty_lanes() -> tuple[tuple[DutyLane, str], ...]:
    """Return the lanes with their words, in their order."""
    return tuple((lane, _word(_LANES[lane])) for lane in DutyLane)


def nothing_words() -> Mapping[DutyLane, str]:
    """Return what an empty lane says."""
    return {lane: _word(text) for lane, text in _NOTHING.items()}


def chase_text(row: QueueRow, now: datetime) -> str:
    """Return what a body is told when it is chased; the officer may change it."""
    who = row.body_name or row.lead_name
    if row.node is None or row.due_at is None:
        return _word("请{0}抓紧办理，并反馈进展。").format(who)
    node = node_name(row.node)
    if row.due_at < now:
        late = duration_text(now - row.due_at)
        return _word("“{1}”已超期 {2}，请{0}立即办理并说明原因。").format(who, node, late)
    return _word("请{0}于 {2} 前完成“{1}”。").format(who, node, local_moment_text(row.due_at)[:16])


def candidate_text(candidate: Candidate) -> str:
    """Return a suggested kind in words: code, name, its share, and the words that led to it."""
    kind = candidate.category
    share = f"{candidate.share:.0%}"
    words = "、".join(candidate.words)
    return _word("{0} {1} {2} · 依据词：{3}").format(kind.code, kind.name, share, words)


def assignment_text(assignment: Assignment, names: Mapping[str, str]) -> str:
    """Return who the list names, and its line."""
    lead = names.get(assignment.lead, assignment.lead)
    helping = "、".join(names.get(key, key) for key in assignment.assisting)
    parts = [_word("主办 {0}").format(lead)]
    if helping:
        parts.append(_word("协办 {0}").format(helping))
    parts.append(assignment.rule)
    if assignment.local:
        parts.append(_word("属地事项，由区县主办"))
    return " · ".join(parts)


def shift_words(shift: Shift) -> tuple[str, ...]:
    """Return what was done since the shift began, the longest wording first (T05)."""
    done = [
        f"{_word(word)} {shift.done[fact.__name__]}"
        for fact, word in zip(DONE_AT_THE_DESK, _DONE, strict=True)
        if shift.done.get(fact.__name__)
    ]
    since = _word("本班 {0} 起").format(local_time_text(shift.since)[:5])
    return (" · ".join((since, *done)) if done else since, since, "")


def five_words(times: Mapping[Stage, datetime], medians: Mapping[Stage, timedelta]) -> str:
    """Return a ticket's five times, one a line, since the reception, beside the last day's median (B06)."""
    begun = times.get(Stage.RECEIVED)
    if begun is None:
        return ""
    parts = [_word("接收 {0}").format(local_time_text(begun))]
    for stage, word in _STAGES.items():
        at, usual = times.get(stage), medians.get(stage)
        took = "+" + duration_text(at - begun) if at is not None else "—"
        median = _word("（中位 {0}）").format(duration_text(usual)) if usual is not None else ""
        parts.append(f"{_word(word)} {took}{median}")
    return "\n".join(parts)


def _word(source: str) -> str:
    return QCoreApplication.translate("desk", source) if source else ""
