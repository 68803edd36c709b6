"""Why two tickets may be about the same matter, in words: on lists, in the dossier and in the form."""

from datetime import timedelta

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain.merging import Candidate, CandidateRow, Sameness
from widgets.status import Mark, mark_of, merged_mark
from widgets.wording import node_name

_LIKE = 0.35
"""From here on the words are worth a mention."""


def why_text(row: CandidateRow) -> str:
    """Return why a ticket is a candidate, such as "距 42 m · 同类（夜间施工噪声） · 早 3 天"."""
    why = row.why
    parts = [_place(why), _kind(row), gap_text(why.gap)]
    if why.likeness >= _LIKE:
        parts.append(_word(QT_TRANSLATE_NOOP("merging", "文字相似 {0}%")).format(round(100 * why.likeness)))
    return " · ".join(part for part in parts if part)


def short_why(row: CandidateRow) -> str:
    """Return the same in as few words as fit beside a number: "42m·同类·早3天"."""
    why = row.why
    alike = {
        Sameness.KIND: _word(QT_TRANSLATE_NOOP("merging", "同类")),
        Sameness.CLASS: _word(QT_TRANSLATE_NOOP("merging", "同大类")),
    }
    place = _place(why).removeprefix(_word(QT_TRANSLATE_NOOP("merging", "距 ")))
    kind = alike[why.sameness] if why.sameness is not None else ""
    return "·".join(part.replace(" ", "") for part in (place, kind, gap_text(why.gap)) if part)


def reason_text(row: CandidateRow) -> str:
    """Return the reason that a form proposes for a merger."""
    parts = "，".join(part for part in (_place(row.why), _kind(row)) if part)
    said = _word(QT_TRANSLATE_NOOP("merging", "反映同一问题"))
    return f"{said}：{parts}" if parts else said


def gap_text(gap: timedelta) -> str:
    """Return how long before another a ticket came in: "早 3 天", "晚 2 小时", "同时"."""
    minutes = int(abs(gap).total_seconds() // 60)
    if minutes < 1:
        return _word(QT_TRANSLATE_NOOP("merging", "同时来件"))
    if minutes < 60:
        amount = _word(QT_TRANSLATE_NOOP("merging", "{0} 分钟")).format(minutes)
    elif minutes < 48 * 60:
        amount = _word(QT_TRANSLATE_NOOP("merging", "{0} 小时")).format(minutes // 60)
    else:
        amount = _word(QT_TRANSLATE_NOOP("merging", "{0} 天")).format(minutes // 1440)
    earlier = gap > timedelta(0)
    words = QT_TRANSLATE_NOOP("merging", "早 {0}") if earlier else QT_TRANSLATE_NOOP("merging", "晚 {0}")
    return _word(words).format(amount)


def standing_mark(row: CandidateRow) -> Mark:
    """Return how a candidate stands."""
    return merged_mark() if row.row.merged_into is not None else mark_of(row.row.state)


def standing_words(row: CandidateRow) -> str:
    """Return how a candidate stands, and where: "按时 · 部门签收"."""
    node = node_name(row.row.node) if row.row.node is not None else ""
    return " · ".join(part for part in (standing_mark(row).word, node) if part)


def _place(why: Candidate) -> str:
    if why.distance_m is not None:
        if why.distance_m >= 10_000:
            kilometres = round(why.distance_m / 1000)
            return _word(QT_TRANSLATE_NOOP("merging", "距 {0} km")).format(kilometres)
        return _word(QT_TRANSLATE_NOOP("merging", "距 {0} m")).format(round(why.distance_m))
    return _word(QT_TRANSLATE_NOOP("merging", "同一地址")) if why.same_address else ""


def _kind(row: CandidateRow) -> str:
    if row.why.sameness is Sameness.KIND:
        return _word(QT_TRANSLATE_NOOP("merging", "同类“{0}”")).format(row.row.category_name)
    if row.why.sameness is Sameness.CLASS:
        return _word(QT_TRANSLATE_NOOP("merging", "同大类“{0}”")).format(row.row.category_name)
    return _word(QT_TRANSLATE_NOOP("merging", "类别不同：{0}")).format(row.row.category_name or "—")


def _word(source: str) -> str:
    return QCoreApplication.translate("merging", source)
