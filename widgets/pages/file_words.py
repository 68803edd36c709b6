"""What was asked and explained in a re-supervision, and how comparable cases went, in the screen's words."""

from datetime import datetime

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain.details import ReSupervisionDetail
from domain.frozen_facts import COMPARED_DAYS, Comparable, Count
from domain.ranking import MINIMUM_DUE
from domain.re_supervision import Exchange
from widgets.wording import (
    duration_text,
    exact_count_text,
    node_name,
    rate_text,
    short_moment_text,
)


def questions_text(detail: ReSupervisionDetail) -> str:
    """Return the questions, each on a line; with who asked and until when where there are several."""
    if len(detail.exchanges) < 2:
        return detail.question
    said = _word(QT_TRANSLATE_NOOP("file_words", "{0}. {1} {2}，限 {3}：{4}"))
    return "\n".join(
        said.format(number, short(each.asked_at), each.officer, short(each.deadline), each.question)
        for number, each in enumerate(detail.exchanges, start=1)
    )


def explanations_text(detail: ReSupervisionDetail) -> str:
    """Return what the body explained, by whom and when, and what of it came late or not at all."""
    several = len(detail.exchanges) > 1
    lines = [
        f"{number}. {answer_text(each)}" if several else answer_text(each)
        for number, each in enumerate(detail.exchanges, start=1)
        if each.explained_at is not None or several
    ]
    return "\n".join(lines) or detail.explanation


def evidence_of_answers(detail: ReSupervisionDetail) -> tuple[str, ...]:
    """Return the checksums of what came with the explanations, each once."""
    return tuple(dict.fromkeys(sum_ for each in detail.exchanges for sum_ in each.evidence))


def comparable_text(found: Comparable | None) -> str:
    """Return how the body did with comparable cases, against its peers; empty where nothing was frozen."""
    if found is None:
        return ""
    node = (
        node_name(found.node)
        if found.node is not None
        else _word(QT_TRANSLATE_NOOP("file_words", "全部环节"))
    )
    own = _word(
        QT_TRANSLATE_NOOP("file_words", "同环节（{0}）同类案件，此前 {1} 日：应办 {2} 件，超期 {3} 件")
    ).format(node, COMPARED_DAYS, exact_count_text(found.own.due), exact_count_text(found.own.late))
    if not found.enough:
        return _word(QT_TRANSLATE_NOOP("file_words", "{0}（不足 {1} 件，样本不足）")).format(own, MINIMUM_DUE)
    share = _word(QT_TRANSLATE_NOOP("file_words", "{0}，超期率 {1}")).format(own, _share(found.own))
    if found.peers_share is None:
        return _word(QT_TRANSLATE_NOOP("file_words", "{0}；其他单位样本不足，无从比较")).format(share)
    peers = QT_TRANSLATE_NOOP("file_words", "{0}；其他单位中位数 {1}（{2} 家，应办 {3} 件，超期 {4} 件）")
    return _word(peers).format(
        share,
        rate_text(found.peers_share),
        len(found.compared),
        exact_count_text(sum(peer.due for peer in found.compared)),
        exact_count_text(sum(peer.late for peer in found.compared)),
    )


def short(moment: datetime) -> str:
    """Return day and time to the minute."""
    return short_moment_text(moment)[:-3]


def _share(count: Count) -> str:
    return rate_text(count.share)


def answer_text(each: Exchange) -> str:
    """Return what was explained to a question, by whom and when, and whether late."""
    if each.explained_at is None:
        return _word(QT_TRANSLATE_NOOP("file_words", "尚未说明"))
    files = ""
    if each.evidence:
        files = _word(QT_TRANSLATE_NOOP("file_words", "（附材料 {0} 份）")).format(len(each.evidence))
    late = ""
    if each.is_overdue(each.explained_at):
        over = duration_text(each.explained_at - each.deadline)
        late = _word(QT_TRANSLATE_NOOP("file_words", "，逾期 {0}")).format(over)
    who = f"{short(each.explained_at)} {each.explained_by}{late}"
    return f"{who}：{each.explanation}{files}"


def _word(source: str) -> str:
    return QCoreApplication.translate("file_words", source)
