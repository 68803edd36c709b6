"""Histories that break a rule of procedure, so that the engine has something to find in the demo city (T04).

Only closed tickets of the generated flow are spoilt, and only in what no clock depends on; the warnings come
from the rules themselves (`desktop.demo.wrongs`).
"""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from domain.events import Arrived, Closed, Event, FedBack, Rectified

BLIND, REUSED, FAR, UNTOLD = 0.006, 0.005, 0.014, 0.003
"""Which share of the tickets has no picture from the site, one of another ticket, an arrival somewhere else,
nobody who told the complainant."""


def spoil(flows: Mapping[str, list[Event]], seed: int) -> dict[str, list[Event]]:
    """Return the flows with some of them spoilt, the same ones for the same seed."""
    spoilt: dict[str, list[Event]] = {}
    shown = ""
    for number in sorted(flows):
        events = flows[number]
        random = Random(f"slip/{seed}/{number}")  # noqa: S311 - seeded on purpose
        draw = random.random()
        if not isinstance(events[-1].fact, Closed):
            spoilt[number] = events
        elif draw < BLIND:
            spoilt[number] = [_without_evidence(event) for event in events]
        elif draw < BLIND + REUSED and shown:
            spoilt[number] = [_with_evidence(event, shown) for event in events]
        elif draw < BLIND + REUSED + FAR:
            away = float(random.randint(620, 2900))
            spoilt[number] = [_far(event, away) for event in events]
        elif draw < BLIND + REUSED + FAR + UNTOLD:
            spoilt[number] = [event for event in events if not isinstance(event.fact, FedBack)]
        else:
            spoilt[number] = events
            shown = next((e.fact.evidence[0] for e in events if _is_proof(e)), shown)  # type: ignore[union-attr]
    return {number: spoilt[number] for number in flows}


def _is_proof(event: Event) -> bool:
    return isinstance(event.fact, Rectified) and bool(event.fact.evidence)


def _without_evidence(event: Event) -> Event:
    if isinstance(event.fact, Arrived | Rectified):
        return replace(event, fact=replace(event.fact, evidence=()))
    return event


def _with_evidence(event: Event, sha256: str) -> Event:
    if isinstance(event.fact, Rectified):
        return replace(event, fact=replace(event.fact, evidence=(sha256,)))
    return event


def _far(event: Event, metres: float) -> Event:
    if isinstance(event.fact, Arrived):
        return replace(event, fact=replace(event.fact, distance_m=metres))
    return event
