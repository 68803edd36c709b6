"""Stores to read: the demo city in small, and tickets that wander through every kind of event."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random

from sqlalchemy import Connection

from data_access import bulk, master
from data_access.rules import Rules, load_rules
from data_access.store import Store
from desktop.city import load_city
from desktop.demo import generate
from domain import events as e
from domain.events import Event, Fact
from domain.intake import NewTicket
from domain.nodes import Node
from domain.people import PLATFORM, Actor, Role
from domain.urgency import Urgency
from tests.data_access.streams import DUTY, HANDLER, OTHER

ANCHOR = datetime(2026, 11, 21, 12, 58, 13, tzinfo=UTC)
"""20:58:13 in the city, as in the target picture."""

LEADER = Actor(Role.LEADER, "赵市长")


def put_city(store: Store) -> None:
    """Put the demo city's master data into a store."""
    store.write(_put_city)


def _put_city(connection: Connection) -> None:
    master.put_city(connection, load_city(), ANCHOR)


def put_streams(store: Store, streams: dict[str, tuple[Event, ...]]) -> Rules:
    """Write whole streams and return the rules that judged them."""

    def work(connection: Connection) -> Rules:
        rules = load_rules(connection)
        bulk.add_streams(connection, rules, streams.items())
        return rules

    return store.write(work)


def put_tickets(store: Store, **streams: tuple[Event, ...]) -> Rules:
    """Write tickets, each under the name it is given by."""

    def work(connection: Connection) -> Rules:
        rules = load_rules(connection)
        tickets = [NewTicket(name, events, _digest(events)) for name, events in streams.items()]
        counts, refused = bulk.add_tickets(connection, rules, tickets)
        assert counts.added == len(tickets)
        assert not refused
        return rules

    return store.write(work)


def put_demo(store: Store, tickets: int = 150) -> Rules:
    """Fill a store with a small demo city as of ANCHOR."""
    put_city(store)
    demo = generate(ANCHOR, tickets=tickets)
    rules = put_streams(store, dict(demo.streams))
    store.write(_feeds(dict(demo.feeds)))
    return rules


def _feeds(last_seen: dict[str, datetime]) -> object:
    def work(connection: Connection) -> None:
        master.put_feeds(connection, last_seen)

    return work


def _digest(events: tuple[Event, ...]) -> bytes:
    return sha256(repr(events).encode()).digest()


def wandering(random: Random, start: datetime) -> tuple[Event, ...]:
    """A ticket whose steps come in any order and number: pauses, hand-overs, extensions, bounce-backs."""
    at = start
    received = e.Received(
        channel=random.choice(["12345", "monitoring"]),
        title="夜间施工噪声",
        urgency=random.choice(list(Urgency)),
        category=random.choice(["C12", "A01", None]),
        area=random.choice(["320312", "320322", None]),
        lng=117.2,
        lat=34.2,
    )
    found = [Event(at, DUTY, received)]
    if random.random() < 0.2:
        node = random.choice([Node.SIGN, Node.RECTIFY])
        due = random.choice([None, at + timedelta(hours=random.randint(1, 200))])
        found.append(Event(at, DUTY, e.DueSupplied(node, due, "12345")))
    for _ in range(random.randint(0, 22)):
        at += timedelta(seconds=random.choice([20, 200, 4000, 30_000, 90_000, 200_000]))
        actor, fact = random.choice(_steps(random, at))
        found.append(Event(at, actor, fact))
        if isinstance(fact, e.Closed):
            break
    return tuple(found)


def _steps(random: Random, at: datetime) -> list[tuple[Actor, Fact]]:
    body = random.choice(["housing", "public_security", "urban"])
    handler = Actor(Role.HANDLER, "钱进", body)
    return [
        (DUTY, e.Accepted()),
        (DUTY, e.Dispatched(body)),
        (DUTY, e.Dispatched("housing", ("public_security",))),
        (handler, e.Signed()),
        (HANDLER, e.Signed()),
        (HANDLER, e.Arrived(12.0)),
        (HANDLER, e.Rectified("停工", violation=random.random() < 0.5)),
        (HANDLER, e.Rectified("停工")),
        (HANDLER, e.Filed("立案")),
        (HANDLER, e.FedBack("电话")),
        (DUTY, e.Revisited(random.random() < 0.7)),
        (OTHER, e.PostChecked(random.random() < 0.7)),
        (handler, e.ReturnedAsWrong("不属本单位")),
        (DUTY, e.Paused("停工令", PLATFORM)),
        (DUTY, e.Resumed()),
        (DUTY, e.Extended(Node.RECTIFY, at + timedelta(days=3), "材料未到", PLATFORM)),
        (DUTY, e.Closed("已解决")),
    ]
