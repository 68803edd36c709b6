"""Who is on time: the counts of a window, ranked by `domain.ranking`."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from data_access import schema
from data_access.readers.counts import Window, counts
from domain.city import BodyKind
from domain.listing import UNSET
from domain.nodes import Node
from domain.people import PLATFORM
from domain.ranking import RankingRow, Tally, rank
from domain.ranking_query import RankBy


def ranking(
    connection: Connection,
    by: RankBy,
    node: Node | None,
    due_from: datetime | None,
    due_to: datetime | None,
    now: datetime,
    *,
    platform: bool = False,
) -> tuple[RankingRow, ...]:
    """Return the ranking of nodes that fell due in [due_from, due_to) and by now, best first.

    On-time rate = nodes done on time ÷ nodes that fell due or were done, open overdue ones counted. A body is
    charged for its own time: a node that it handed over in time is not counted. Bodies are the responsible
    ones, each of them listed even when nothing fell due; the platform office only with `platform`.
    Tickets without a category or area are one row, of key UNSET and without a name.
    Revisits and bounce-backs of the window are credited to the ticket's handler. `move` compares with the
    window of the same length before, as seen now; without `due_from` there is none.
    """
    end = due_to or now
    before = None if due_from is None else due_from - (end - due_from)
    window = Window(due_from, due_to, before)
    # Follow-ups are those of the ticket, whichever node the ranking is of.
    if node is None:
        due = checked = counts(connection, by, None, (*_DUE, *_CHECKED), window, now)
    else:
        due = counts(connection, by, (node,), _DUE, window, now)
        checked = counts(connection, by, _FOLLOW_UPS, _CHECKED, Window(due_from, due_to), now)
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in due:
        suffix = "" if row.current else BEFORE
        found[row.key].update({name + suffix: int(getattr(row, name)) for name in _DUE})
    for row in checked:
        if row.current:
            found[row.key].update({name: int(getattr(row, name)) for name in _CHECKED})
    names = _names(connection, by, found, platform=platform)
    current = [
        Tally(key, name, *(found[key][figure] for figure in (*_DUE, *_CHECKED)))
        for key, (name, listed) in names.items()
        if listed or found[key]["due"]
    ]
    if due_from is None:
        return rank(current)
    previous = rank(
        Tally(key, name, found[key]["due" + BEFORE], found[key]["on_time" + BEFORE], 0)
        for key, (name, _) in names.items()
    )
    return rank(current, {row.key: row.rank for row in previous})


BEFORE = "_before"
_DUE = ("due", "on_time", "open")
_CHECKED = ("satisfied", "revisited", "bounced")
_FOLLOW_UPS = (Node.REVISIT, Node.POST_CHECK)


def _names(
    connection: Connection, by: RankBy, met: Iterable[str], *, platform: bool
) -> dict[str, tuple[str, bool]]:
    """Return the keys that may stand in a ranking, each with its name and whether it always does."""
    if by is RankBy.BODY:
        kinds = {BodyKind.RESPONSIBLE.value, *({BodyKind.PLATFORM.value} if platform else ())}
        body = schema.body.c
        known = connection.execute(select(body.key, body.name, body.kind)).all()
        # By its key, too: a store without master data knows no kinds of bodies.
        others = {row.key for row in known} | ({PLATFORM} if not platform else set())
        unnamed = {key: (key, False) for key in met if key not in others}
        return {row.key: (row.name, True) for row in known if row.kind in kinds} | unnamed
    table = schema.category if by is RankBy.CATEGORY else schema.area
    rows = connection.execute(select(table.c.code, table.c.name))
    named = {row.code: row.name for row in rows} | {UNSET: ""}
    return {key: (named.get(key, key), False) for key in met}
