"""A living city whose devices speak for themselves: it signs what they raise, and makes up nothing."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from data_access import schema
from data_access.store import Connection, Store
from desktop.demo import generate
from desktop.demo.living.life import Life
from desktop.demo.load import load
from domain.events import Received
from domain.people import SYSTEM
from domain.sensor_clue import CHANNEL
from domain.urgency import Urgency
from tests.data_access.readers.worlds import put_tickets
from tests.data_access.streams import happened

NUMBER = "JC-2026-000077"


def test_a_clue_of_a_device_is_taken_in_and_dealt_with_and_none_is_made_up(store: Store) -> None:
    begin = datetime.now(UTC).replace(microsecond=0)
    load(store, generate(begin, tickets=100))
    life = Life(store, begin, 1.0, 1, sensed=True)
    life.turn(begin, 0)
    drawn = life.draw(begin, 300, 1)
    channels = {new.events[0].fact.channel for new in drawn if isinstance(new.events[0].fact, Received)}
    assert len(channels) > 3
    assert CHANNEL not in channels

    put_tickets(store, **{NUMBER: happened((0, SYSTEM, _clue()), start=begin)})
    for second in range(5, 90, 5):
        life.turn(begin + timedelta(seconds=second), 3)
        if len(store.read(_kinds)) >= 3:
            break
    assert store.read(_kinds)[:3] == ["Received", "Accepted", "Dispatched"]


def _clue() -> Received:
    return Received(CHANNEL, "示例工地TSP超标", "TSP 1.2 mg/m³", Urgency.FIRST, "B01", "320311", "湖滨街道")


def _kinds(connection: Connection) -> list[str]:
    event = schema.event.c
    kinds = select(event.kind).where(event.stream == f"ticket/{NUMBER}", event.kind != "WarningRaised")
    return list(connection.execute(kinds.order_by(event.seq)).scalars())
