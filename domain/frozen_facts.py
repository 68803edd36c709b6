"""What a launch freezes into a re-supervision file: one JSON text, never changed after (T08, X06).

The ticket's whole log and every clock with its verdict; who handed the ticket to whom; which evidence
there was; and how comparable cases of the body went, against those of its peers.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from domain.clock import TicketClock
from domain.codec import encode
from domain.dossier import evidence_of
from domain.events import Dispatched, Event, ReturnedAsWrong
from domain.evidence import EvidenceFile
from domain.nodes import Node
from domain.ranking import MINIMUM_DUE

COMPARED_DAYS = 90
MOST_CASES = 20
"""Late cases that are named one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class Count:
    """Nodes of a body that fell due (`due`), and those of them that were not done in time."""

    due: int
    late: int

    @property
    def share(self) -> float | None:
        """Late ones among those that fell due, None where there were none."""
        return self.late / self.due if self.due else None


@dataclass(frozen=True, slots=True)
class LateCase:
    """A comparable node of the same body that was not done in time; `ended_at` None while it is not done."""

    ticket: str
    node: Node
    due_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Comparable:
    """How a body did with the same node and kind of matter from `since` on, up to the launch.

    `node` None compares all nodes, `category` None all kinds. `own` is the body's count, `peers` those of the
    other bodies that had something due.
    """

    node: Node | None
    category: str | None
    since: datetime
    own: Count
    peers: tuple[Count, ...] = ()
    cases: tuple[LateCase, ...] = ()

    @property
    def enough(self) -> bool:
        """Whether the body's own sample says something."""
        return self.own.due >= MINIMUM_DUE

    @property
    def compared(self) -> tuple[Count, ...]:
        """The other bodies with enough cases: those that `peers_share` is the middle of."""
        return tuple(peer for peer in self.peers if peer.due >= MINIMUM_DUE)

    @property
    def peers_share(self) -> float | None:
        """The late share of the body in the middle among those with enough cases; None without one."""
        shares = [peer.late / peer.due for peer in self.compared]
        return median(shares) if shares else None


def frozen_facts(
    clock: TicketClock,
    log: Sequence[Event],
    evidence: Mapping[str, EvidenceFile] | None = None,
    comparable: Comparable | None = None,
) -> str:
    """Return what a launch freezes into a file, in JSON; moments are ISO 8601. `log` is in order of time.

    `evidence` are the files that are kept with the ticket, by checksum: an event may name one that is not.
    """
    policy = {"family": clock.policy.family, "version": clock.policy.version}
    facts: dict[str, Any] = {
        "as_of": clock.as_of.isoformat(),
        "policy": policy,
        "events": [_event(event) for event in log],
        "clocks": _clocks(clock),
    }
    handed = list(hand_overs(log))
    if handed:
        facts["hand_overs"] = handed
    files = list(_evidence(log, evidence or {}))
    if files:
        facts["evidence"] = files
    if comparable is not None:
        facts["comparable"] = _comparable(comparable)
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def hand_overs(log: Sequence[Event]) -> Iterator[dict[str, Any]]:
    """Yield who gave the ticket to whom: each change of the lead, and each return with its reason."""
    lead: str | None = None
    for event in log:
        match event.fact:
            case Dispatched(lead=to) as fact:
                if to != lead:
                    yield _hand_over(event, lead, to, fact.rule)
                lead = to
            case ReturnedAsWrong(reason=reason) if event.actor.body == lead:
                yield _hand_over(event, lead, None, reason)
                lead = None
            case _:
                pass


def comparable_of(facts: str | None) -> Comparable | None:
    """Return the comparable cases that were frozen; None for a draft, and for a file that has none."""
    if not facts:
        return None
    try:
        found = json.loads(facts).get("comparable")
        if found is None:
            return None
        return Comparable(
            Node(found["node"]) if found["node"] else None,
            found["category"],
            datetime.fromisoformat(found["since"]),
            Count(**found["own"]),
            tuple(Count(**peer) for peer in found["peers"]),
            tuple(
                LateCase(
                    case["ticket"],
                    Node(case["node"]),
                    datetime.fromisoformat(case["due_at"]),
                    datetime.fromisoformat(case["ended_at"]) if case["ended_at"] else None,
                )
                for case in found["cases"]
            ),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        # Another program's file keeps its text in the store.
        return None


def _event(event: Event) -> dict[str, Any]:
    kind, data = encode(event.fact)
    return {
        "at": event.at.isoformat(),
        "role": event.actor.role.value,
        "person": event.actor.name,
        "body": event.actor.body,
        "kind": kind,
        "data": data,
    }


def _clocks(clock: TicketClock) -> list[dict[str, Any]]:
    return [
        {
            "node": node.node.value,
            "round": node.round,
            "leg": node.leg,
            **({"part": node.part} if node.part else {}),
            "body": node.body,
            "person": node.person,
            "started_at": node.started_at.isoformat(),
            "due_at": _iso(node.due_at),
            "due_source": node.due_source.value,
            "ended_at": _iso(node.ended_at),
            "status": clock.status(node).value,
        }
        for node in clock.trace.nodes
    ]


def _hand_over(event: Event, giver: str | None, to: str | None, reason: str | None) -> dict[str, Any]:
    person = event.actor.name
    return {"at": event.at.isoformat(), "person": person, "from": giver, "to": to, "reason": reason or ""}


def _evidence(log: Sequence[Event], kept: Mapping[str, EvidenceFile]) -> Iterator[dict[str, Any]]:
    for row in evidence_of(log):
        file = kept.get(row.sha256)
        yield {
            "sha256": row.sha256,
            "at": row.at.isoformat(),
            "person": row.actor,
            "repeated": row.repeated,
            "distance_m": row.distance_m,
            "name": file.name if file else None,
            "media_type": file.media_type.value if file else None,
            "size": file.size if file else None,
        }


def _comparable(found: Comparable) -> dict[str, Any]:
    return {
        "node": found.node.value if found.node else None,
        "category": found.category,
        "since": found.since.isoformat(),
        "own": {"due": found.own.due, "late": found.own.late},
        "peers": [{"due": peer.due, "late": peer.late} for peer in found.peers],
        "cases": [
            {
                "ticket": case.ticket,
                "node": case.node.value,
                "due_at": case.due_at.isoformat(),
                "ended_at": _iso(case.ended_at),
            }
            for case in found.cases
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
