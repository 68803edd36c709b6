"""The words of the duty log: shifts, and what a line of it is."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain.duty_events import DutyNote, DutyNoted, ShiftTime

SHIFTS = {
    ShiftTime.NIGHT: QT_TRANSLATE_NOOP("steps", "夜班 0–8 时"),
    ShiftTime.DAY: QT_TRANSLATE_NOOP("steps", "白班 8–16 时"),
    ShiftTime.EVENING: QT_TRANSLATE_NOOP("steps", "晚班 16–24 时"),
}
NOTES = {
    DutyNote.ENTRY: QT_TRANSLATE_NOOP("duty", "记事"),
    DutyNote.HAND_OVER: QT_TRANSLATE_NOOP("duty", "交接班"),
    DutyNote.ROSTER: QT_TRANSLATE_NOOP("duty", "排班"),
    DutyNote.DEVICES: QT_TRANSLATE_NOOP("duty", "设备已阅"),
}


def shift_name(shift: ShiftTime) -> str:
    """Return what a shift is called, with its hours."""
    return QCoreApplication.translate("steps", SHIFTS[shift])


def note_name(note: DutyNote) -> str:
    """Return what a line of the log is."""
    return QCoreApplication.translate("duty", NOTES[note])


def note_text(fact: DutyNoted) -> str:
    """Return what a line of the log says."""
    names = "、".join(fact.names)
    if fact.note is DutyNote.HAND_OVER:
        return QCoreApplication.translate("duty", "交给 {0}：{1}").format(names, fact.text)
    if fact.note is DutyNote.ROSTER and fact.shift is not None:
        return f"{fact.day} {shift_name(fact.shift)}：{names}"
    return fact.text
