"""What a directive is issued from: a warning, a row of a ranking, a part of the map, a ledger item."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain.drafts import Choice, DirectiveSubject, SubjectSought
from domain.events import WarningKind
from domain.ledger import LedgerRow
from domain.listing import Outcome, TicketFilter, WarningRow
from domain.orders import LONGEST_NAME
from domain.ranking import RankingRow
from domain.ranking_query import RankBy, RankingPage
from domain.urgency import Urgency
from widgets.status import mark_of
from widgets.wording import (
    duration_text,
    exact_count_text,
    minute_text,
    node_name,
    ranked_name,
    rate_text,
)

_RANKED = QT_TRANSLATE_NOOP(
    "basis", "时效排名 · {0} · 近 {1} 日 · {2}：按期办结率 {3}（{4}/{5}），{6}，在办超期 {7}"
)
_PLACE = QT_TRANSLATE_NOOP("basis", "第 {0} 名")
_UNRANKED = QT_TRANSLATE_NOOP("basis", "样本不足")
_ALL_NODES = QT_TRANSLATE_NOOP("basis", "全部环节")
_ON_MAP = QT_TRANSLATE_NOOP("basis", "地图 · {0}：在办 {1} 件，超期 {2} 件")
_ITEM = QT_TRANSLATE_NOOP("basis", "台账 · {0} · {1} · {2}")
_WARNINGS = QT_TRANSLATE_NOOP("basis", "环节预警 {0} 条 · {1}")
_OVERDUE = QT_TRANSLATE_NOOP("basis", "{0}“{1}”环节应于 {2} 办结，已超期 {3}。请立即办理，并按期反馈结果。")
_DUE = QT_TRANSLATE_NOOP("basis", "{0}“{1}”环节应于 {2} 办结，还剩 {3}。请抓紧办理，并按期反馈结果。")
_WRONG = QT_TRANSLATE_NOOP("basis", "{0}“{1}”环节做不对：{2}。请立即纠正，并按期反馈结果。")


def about_ranked(page: RankingPage, row: RankingRow) -> SubjectSought:
    """Return the subject of a directive that answers a row of a ranking: what is open and overdue there.

    Of a body it is the receiver; of a category or an area those who lead the tickets are proposed.
    """
    query = page.query
    word = QCoreApplication.translate
    place = word("basis", _UNRANKED) if row.rank is None else word("basis", _PLACE).format(row.rank)
    basis = word("basis", _RANKED).format(
        ranked_name(row),
        query.days,
        word("basis", _ALL_NODES) if query.node is None else node_name(query.node),
        rate_text(row.rate),
        exact_count_text(row.on_time),
        exact_count_text(row.due),
        place,
        exact_count_text(row.open_overdue),
    )
    areas = (Choice(row.key, ranked_name(row)),) if query.by is RankBy.AREA and row.name else ()
    bodies = (row.key,) if query.by is RankBy.BODY and row.name else ()
    subject = DirectiveSubject(areas=areas, bodies=bodies, basis=basis[:LONGEST_NAME])
    return SubjectSought(subject, page.tickets_of(row, Outcome.OPEN_OVERDUE))


def about_place(areas: Sequence[Choice], wanted: TicketFilter, opened: int, overdue: int) -> SubjectSought:
    """Return the subject of a directive about counties of the map: their tickets that are `wanted`."""
    names = "、".join(area.name for area in areas)
    word = QCoreApplication.translate("basis", _ON_MAP)
    basis = word.format(names, exact_count_text(opened), exact_count_text(overdue))
    return SubjectSought(DirectiveSubject(areas=tuple(areas), basis=basis[:LONGEST_NAME]), wanted)


def about_item(row: LedgerRow) -> DirectiveSubject:
    """Return the subject of a directive about a ledger item: it goes to the item's body."""
    word = QCoreApplication.translate("basis", _ITEM)
    basis = word.format(row.number, row.problem, mark_of(row.colour).word)
    return DirectiveSubject(items=(row.number,), bodies=(row.body,), basis=basis[:LONGEST_NAME])


def about_warning(row: WarningRow, now: datetime) -> DirectiveSubject:
    """Return the subject of a directive that answers a warning: its ticket, to its body, with a sentence that
    tells the node and how late it is at `now`, for the leader to change."""
    word = QCoreApplication.translate
    if row.kind is WarningKind.WRONG:
        text = word("basis", _WRONG).format(row.body_name, node_name(row.node), row.rule)
    else:
        said = word("basis", _OVERDUE if now > row.due_at else _DUE)
        due, length = minute_text(row.due_at), duration_text(now - row.due_at)
        text = said.format(row.body_name, node_name(row.node), due, length)
    return replace(about_warnings((row,)), title=row.title, text=text)


def most_urgent(urgencies: Iterable[Urgency]) -> Urgency:
    """Return the most urgent of some tickets' urgencies; of none, that of an ordinary one."""
    return min(urgencies, key=list(Urgency).index, default=Urgency.ORDINARY)


def about_warnings(rows: Sequence[WarningRow]) -> DirectiveSubject:
    """Return the subject of a directive that answers warnings: their tickets, to the bodies warned of."""
    rules = "；".join(dict.fromkeys(row.rule for row in rows))
    led = {row.ticket for row in rows if row.body}
    word = QCoreApplication.translate("basis", _WARNINGS)
    return DirectiveSubject(
        tickets=tuple(dict.fromkeys(row.ticket for row in rows)),
        bodies=tuple(dict.fromkeys(row.body for row in rows if row.body)),
        basis=word.format(len(rows), rules)[:LONGEST_NAME],
        urgency=most_urgent(row.urgency for row in rows),
        unled=tuple(dict.fromkeys(row.ticket for row in rows if row.ticket not in led)),
    )
