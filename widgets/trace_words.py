"""What a back-trace found, in the marks of list and map (Q05)."""

from PySide6.QtCore import QCoreApplication

from domain.back_trace import Suspect, SuspectKind
from widgets.status import Mark, Shape


def mark_of_suspect(suspect: Suspect) -> Mark:
    """Return colour, shape and word of a line: what it is, red where it stood out at the time."""
    candidate = suspect.candidate
    shape, word = {
        SuspectKind.STATION: (Shape.SQUARE, _word("在线监测站点")),
        SuspectKind.FINDING: (Shape.DIAMOND, _word("科技溯源发现")),
        SuspectKind.TICKET: (Shape.CIRCLE, _word("工单")),
    }[candidate.kind]
    stands_out = {
        SuspectKind.STATION: _word("当时超标"),
        SuspectKind.FINDING: _word("疑似问题"),
        SuspectKind.TICKET: _word("当时在办"),
    }[candidate.kind]
    if candidate.strong:
        return Mark("overdue", shape, f"{word} · {stands_out}")
    return Mark("text_muted", shape, word)


def _word(source: str) -> str:
    return QCoreApplication.translate("trace", source)
