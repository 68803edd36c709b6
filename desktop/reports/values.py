"""Records as JSON values: moments as ISO 8601 in UTC, hashes in hex, enums as their values."""

import json
import sys
from dataclasses import asdict
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from desktop.reports.words import explanation_text
from domain.codec import encode
from domain.dossier import Dossier
from domain.listing import TicketPage


def print_json(values: object) -> None:
    """Write values to standard output as JSON, one line."""
    sys.stdout.write(json_text(values) + "\n")


def json_text(values: object) -> str:
    """Return values as JSON, one line."""
    return json.dumps(values, ensure_ascii=False, default=_plain)


def page_values(page: TicketPage) -> dict[str, Any]:
    """Return a page of tickets: total, offset, as_of, tickets."""
    return {
        "total": page.total,
        "nodes": page.nodes,
        "offset": page.offset,
        "as_of": page.as_of,
        "tickets": [asdict(row) for row in page.rows],
    }


def dossier_values(shown: Dossier, zone: ZoneInfo) -> dict[str, Any]:
    """Return a ticket with its nodes, each with why it is due then, and its events with their hashes."""
    clock, trace = shown.clock, shown.clock.trace
    return {
        "number": shown.number,
        "title": shown.title,
        "as_of": clock.as_of,
        "state": clock.state,
        "urgency": trace.received.urgency,
        "received_at": trace.received_at,
        "closed_at": trace.closed_at,
        "round": trace.round,
        "lead": trace.lead,
        "policy": f"{clock.policy.family} v{clock.policy.version}",
        "facts": asdict(shown.facts),
        "nodes": [
            {
                "node": node.node,
                "round": node.round,
                "leg": node.leg,
                "status": clock.status(node),
                "body": node.body,
                "body_name": shown.body_name(node.body),
                "person": node.person,
                "limit": str(node.limit) if node.limit else None,
                "started_at": node.started_at,
                "due_at": node.due_at,
                "due_source": node.due_source,
                "yellow_at": node.yellow_at,
                "ended_at": node.ended_at,
                "end": node.end,
                "explanation": explanation_text(why, zone),
            }
            for node, why in zip(trace.nodes, shown.explanations, strict=True)
        ],
        "events": [
            {
                "at": row.event.at,
                "kind": encode(row.event.fact)[0],
                "role": row.event.actor.role,
                "person": row.event.actor.name,
                "body": row.event.actor.body,
                "data": encode(row.event.fact)[1],
                "hash": row.hash,
                "ok": row.ok,
            }
            for row in shown.log
        ],
        "chain_ok": shown.chain_ok,
        "warnings": [asdict(row) for row in shown.warnings],
        "directives": [asdict(row) for row in shown.directives],
        "re_supervisions": [asdict(row) for row in shown.re_supervisions],
    }


def _plain(value: object) -> str:
    if isinstance(value, date):  # a moment is one, too
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no place in JSON")
