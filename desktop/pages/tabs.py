"""The pages that have a tab in the header, in their order, with the words on the tabs."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from desktop.pages.names import (
    DIRECTIVES,
    DUTY_DESK,
    ENVIRONMENT,
    HANDLER_DESK,
    LEDGER,
    MAP,
    MATTERS,
    OVERVIEW,
    PEOPLE,
    RANKING,
    RE_SUPERVISIONS,
    TICKETS,
    WARNINGS,
)

_WORDS = {
    OVERVIEW: QT_TRANSLATE_NOOP("tabs", "总览"),
    MAP: QT_TRANSLATE_NOOP("tabs", "地图"),
    ENVIRONMENT: QT_TRANSLATE_NOOP("tabs", "环境"),
    DUTY_DESK: QT_TRANSLATE_NOOP("tabs", "值班"),
    HANDLER_DESK: QT_TRANSLATE_NOOP("tabs", "办理"),
    WARNINGS: QT_TRANSLATE_NOOP("tabs", "预警"),
    RANKING: QT_TRANSLATE_NOOP("tabs", "排名"),
    LEDGER: QT_TRANSLATE_NOOP("tabs", "台账"),
    MATTERS: QT_TRANSLATE_NOOP("tabs", "案件"),
    DIRECTIVES: QT_TRANSLATE_NOOP("tabs", "指令"),
    RE_SUPERVISIONS: QT_TRANSLATE_NOOP("tabs", "再监督"),
    TICKETS: QT_TRANSLATE_NOOP("tabs", "工单"),
    PEOPLE: QT_TRANSLATE_NOOP("tabs", "人员"),
}


def tabs() -> tuple[tuple[str, str], ...]:
    """Return each page's key and the word on its tab; admins and desks have theirs to themselves."""
    return tuple((key, QCoreApplication.translate("tabs", word)) for key, word in _WORDS.items())
