"""Reports: `ranking`, `warnings`, `ledger`, `ticket` and `tickets`, now or as of a past minute."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, TypeVar

import typer

from data_access.readers.dossier import dossier
from data_access.readers.keys import read_keys
from data_access.readers.ledger import read_ledger
from data_access.readers.moment import at_moment
from data_access.readers.ranking import ranking as read_ranking
from data_access.readers.tickets import ticket_page
from data_access.readers.warnings import running_warnings
from data_access.rules import Rules, load_rules
from data_access.store import Connection, Store
from desktop.application import open_store
from desktop.commands.options import AsOf, Json, Since, Until, session_of
from desktop.errors import WorldError
from desktop.reports import tables
from desktop.reports.values import dossier_values, page_values, print_json
from desktop.reports.words import NODES, moment_text
from desktop.time import now
from domain.listing import TicketFilter
from domain.nodes import Node, TicketState
from domain.ranking_query import RankBy

T = TypeVar("T")
ALL = 1_000_000
"""Rows of a report without a limit."""

Body = Annotated[str | None, typer.Option("--body", metavar="BODY", help="A body's key or name.")]
Area = Annotated[str | None, typer.Option("--area", metavar="AREA", help="An area's code or name.")]


def register(app: typer.Typer) -> None:
    for command in (ranking, warnings, ledger, ticket, tickets):
        app.command()(command)


def ranking(
    ctx: typer.Context,
    by: Annotated[RankBy, typer.Option("--by", help="What a row stands for.")] = RankBy.BODY,
    node: Annotated[Node | None, typer.Option("--node", help="This node only, not all of them.")] = None,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Who is on time: nodes done on time ÷ nodes that fell due, open overdue ones counted."""
    if since is not None and until is not None and until <= since:
        raise WorldError(
            "--to is not after --from: no time lies between them.", "Give the earlier one to --from."
        )

    def work(connection: Connection, _rules: Rules, moment: datetime) -> object:
        return read_ranking(connection, by, node, since, until, moment)

    rows, moment = _read(ctx, as_of, work)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    zone = session_of(ctx).settings.city_zone
    begin = moment_text(since, zone) or "最初"
    which = NODES[node] if node else "全部环节"
    tables.print_ranking(rows, f"时效排名 · {which} · {begin} 至 {moment_text(until or moment, zone)}")


def warnings(
    ctx: typer.Context,
    body: Body = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = ALL,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """What runs late, slow or wrong, worst first."""

    def work(connection: Connection, rules: Rules, moment: datetime) -> object:
        key = read_keys(connection).bodies.get(body, body) if body else None
        return running_warnings(connection, rules, moment, limit, body=key)

    found, moment = _read(ctx, as_of, work)
    if as_json:
        print_json([asdict(row) for row in found.rows])
    else:
        tables.print_warnings(found, moment)


def ledger(ctx: typer.Context, as_of: AsOf = None, as_json: Json = False) -> None:
    """The four-colour rectification ledger, reddest first."""
    found, _ = _read(ctx, as_of, read_ledger)
    if as_json:
        print_json([asdict(row) for row in found.rows])
    else:
        tables.print_ledger(found, session_of(ctx).settings.city_zone)


def ticket(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(metavar="ID", help="The ticket's number.")],
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """One ticket: its state, its nodes with why they are due when they are, its events with hashes."""
    present = now()
    moment = as_of or present
    zone = session_of(ctx).settings.city_zone
    store = open_store(session_of(ctx).settings)
    try:
        rules = store.read(load_rules)
        shown = store.read(lambda connection: dossier(connection, rules, number, moment, present))
    finally:
        store.close()
    if shown is None:
        when = f"（截至 {moment_text(as_of, zone)}）" if as_of else ""
        raise WorldError(f"没有工单 {number}{when}", "用 tickets 列出工单。")
    if as_json:
        print_json(dossier_values(shown, zone))
    else:
        tables.print_dossier(shown, zone)


def tickets(
    ctx: typer.Context,
    state: Annotated[TicketState | None, typer.Option("--state", help="In this state.")] = None,
    node: Annotated[Node | None, typer.Option("--node", help="At this node now.")] = None,
    body: Body = None,
    area: Area = None,
    open_only: Annotated[bool, typer.Option("--open", help="Not closed yet.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 100,
    offset: Annotated[int, typer.Option("--offset", min=0, help="Leave out so many first.")] = 0,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """A list of tickets, worst state first."""

    def work(connection: Connection, _rules: Rules, moment: datetime) -> object:
        keys = read_keys(connection)
        chosen = TicketFilter(
            open_only=open_only,
            state=state,
            node=node,
            body=keys.bodies.get(body, body) if body else None,
            area=keys.areas.get(area, area) if area else None,
        )
        return ticket_page(connection, chosen, moment, offset, limit)

    page, _ = _read(ctx, as_of, work)
    if as_json:
        print_json(page_values(page))
    else:
        tables.print_tickets(page, session_of(ctx).settings.city_zone)


def _read(
    ctx: typer.Context, as_of: datetime | None, work: Callable[[Connection, Rules, datetime], T]
) -> tuple[T, datetime]:
    """Return what a reader finds as of a moment, and the moment."""
    moment = as_of or now()
    store: Store = open_store(session_of(ctx).settings)
    try:
        rules = store.read(load_rules)
        return at_moment(store, rules, as_of, lambda connection: work(connection, rules, moment)), moment
    finally:
        store.close()
