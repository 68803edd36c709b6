"""Puts the demo city into a store, in one transaction: master data, feeds, and every stream of events."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from data_access import bulk, log, master, planning, serials
from data_access.rules import load_rules
from data_access.store import Connection, Store
from desktop.city import load_city
from desktop.demo.files import about_of, launched_after
from desktop.demo.findings import put_found
from desktop.demo.generate import DEFAULT_SEED, DEFAULT_TICKETS, DemoCity, generate
from desktop.demo.measured import put_measured
from desktop.demo.world import make_world
from domain.codec import encode
from domain.events import Event, ReSupervisionLaunched
from domain.intake import NewTicket

TICKET = "ticket/"
FILE = "re_supervision/"
COUNTED = ("directive", "re_supervision")
"""Streams whose numbers are given out one after the other."""


def fill_if_empty(store: Store, anchor: datetime, seed: int = DEFAULT_SEED) -> bool:
    """Create the demo city up to a moment in a store that holds nothing yet; return whether it did."""
    if not store.read(master.is_empty):
        return False
    return load(store, generate(anchor, seed, DEFAULT_TICKETS, sensed=True)) > 0


def load(store: Store, demo: DemoCity) -> int:
    """Write a demo city into an empty store, all of it or nothing; return how many events were written.

    None when another program, started at the same time, was first. Where it has stations, their limits and
    what they measured are written, too.
    """
    return store.write(_Load(demo))


class _Load:
    def __init__(self, demo: DemoCity) -> None:
        self._demo = demo

    def __call__(self, connection: Connection) -> int:
        demo = self._demo
        bulk.be_the_only_import(connection)
        if not master.is_empty(connection):
            return 0
        rules = load_rules(connection)
        master.put_city(connection, load_city(), demo.anchor)
        master.put_feeds(connection, dict(demo.feeds))
        counts, refused = bulk.add_tickets(connection, rules, _tickets(demo))
        assert not refused
        others = [(name, events) for name, events in demo.streams.items() if not name.startswith(TICKET)]
        streams = [(name, self._with_head(connection, name, events)) for name, events in others]
        written = bulk.add_streams(connection, rules, streams)
        for (kind, year), last in _last_numbers(demo).items():
            serials.set_last(connection, kind, year, last)
        if demo.episodes is not None:
            put_measured(connection, rules, demo.anchor, demo.episodes)
            put_found(connection, rules, make_world(demo.anchor))
        planning.know_the_data(connection)
        return counts.events + written

    def _with_head(self, connection: Connection, name: str, events: Sequence[Event]) -> Sequence[Event]:
        """Return a file's events with the hash of the ticket's last event at the launch."""
        if not name.startswith(FILE) or not any(isinstance(e.fact, ReSupervisionLaunched) for e in events):
            return events
        ticket = TICKET + about_of(events)
        position = launched_after(name.removeprefix(FILE), self._demo.streams[ticket])
        head = log.read_stream(connection, ticket)[position - 1].hash.hex()
        return [
            Event(event.at, event.actor, replace(event.fact, head=head))
            if isinstance(event.fact, ReSupervisionLaunched)
            else event
            for event in events
        ]


def _tickets(demo: DemoCity) -> Iterator[NewTicket]:
    for name, events in demo.streams.items():
        if name.startswith(TICKET):
            number = name.removeprefix(TICKET)
            yield NewTicket(number, tuple(events), content_hash(events), demo.complainants.get(number))


def content_hash(events: Sequence[Event]) -> bytes:
    """Return what tells two deliveries of a ticket apart."""
    said = [(event.at.isoformat(), *encode(event.fact)) for event in events]
    return sha256(json.dumps(said, ensure_ascii=False).encode()).digest()


def _last_numbers(demo: DemoCity) -> Mapping[tuple[str, int], int]:
    """Return the last serial of each kind and year, so that the next order continues from there."""
    last: dict[tuple[str, int], int] = {}
    for name in demo.streams:
        kind, _, number = name.partition("/")
        if kind in COUNTED:
            _, year, serial = number.split("-")
            key = kind, int(year)
            last[key] = max(last.get(key, 0), int(serial))
    return last
