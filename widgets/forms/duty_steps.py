"""What the lines of the duty log ask for (T05): the keys are types of draft."""

from collections.abc import Mapping

from PySide6.QtCore import QT_TRANSLATE_NOOP

from domain.duty_events import ShiftTime
from domain.duty_log import DeviceNoteDraft, DutyEntryDraft, HandOverDraft, RosterDraft
from widgets.duty_words import SHIFTS
from widgets.forms.step_fields import Field, FormWords, Kind

_LOGGED = QT_TRANSLATE_NOOP("steps", "以您的姓名记入值班日志，不可修改。")

DUTY_STEPS: Mapping[type, FormWords] = {
    HandOverDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "交接班"),
        QT_TRANSLATE_NOOP("steps", "交接班"),
        QT_TRANSLATE_NOOP("steps", "交班"),
        _LOGGED,
        (
            Field("names", QT_TRANSLATE_NOOP("steps", "接班人（一行一个）"), Kind.LINES),
            Field(
                "text",
                QT_TRANSLATE_NOOP("steps", "交接事项"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "在办的急件、未了的事、领导交代，下一班须做什么"),
            ),
        ),
    ),
    DutyEntryDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "记一笔"),
        QT_TRANSLATE_NOOP("steps", "值班记事"),
        QT_TRANSLATE_NOOP("steps", "记入日志"),
        _LOGGED,
        (
            Field(
                "text",
                QT_TRANSLATE_NOOP("steps", "记事"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "何事、何人、怎样处理"),
            ),
        ),
    ),
    DeviceNoteDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "记为已阅"),
        QT_TRANSLATE_NOOP("steps", "设备异常已阅"),
        QT_TRANSLATE_NOOP("steps", "记为已阅"),
        _LOGGED,
        (
            Field(
                "text",
                QT_TRANSLATE_NOOP("steps", "处理"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "哪台设备、怎样处理、通知了谁"),
            ),
        ),
    ),
    RosterDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "排班"),
        QT_TRANSLATE_NOOP("steps", "排班"),
        QT_TRANSLATE_NOOP("steps", "排定"),
        QT_TRANSLATE_NOOP("steps", "同一班再次排班时以最后一次为准，此前的仍在日志中。"),
        (
            Field(
                "day",
                QT_TRANSLATE_NOOP("steps", "日期"),
                Kind.LINE,
                hint=QT_TRANSLATE_NOOP("steps", "例如：2026-03-05"),
            ),
            Field(
                "shift",
                QT_TRANSLATE_NOOP("steps", "班次"),
                Kind.CHOICE,
                choices=tuple((shift.value, name) for shift, name in SHIFTS.items()),
                made=ShiftTime,
            ),
            Field("names", QT_TRANSLATE_NOOP("steps", "值班人（一行一个）"), Kind.LINES),
        ),
    ),
}
