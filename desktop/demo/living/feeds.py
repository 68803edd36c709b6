"""Which channels do not speak at a moment: now and then one falls behind, more seldom it falls silent."""

from collections.abc import Iterable
from datetime import datetime
from random import Random

from domain.city import Channel

SPAN = 40
"""A channel is quiet at most once in so many of its heartbeats."""
CHANCE = 0.45
SILENT = 0.3
"""The share of outages that last beyond ten heartbeats, so that the link counts as silent."""


def quiet_channels(channels: Iterable[Channel], moment: datetime, seed: int) -> frozenset[str]:
    """Return the keys of the channels that are out at a moment: the same for the same seed."""
    return frozenset(
        channel.key
        for channel in channels
        if channel.heartbeat_seconds is not None
        and _is_quiet(channel, channel.heartbeat_seconds, moment.timestamp(), seed)
    )


def _is_quiet(channel: Channel, beat: int, moment: float, seed: int) -> bool:
    # Each channel has its own phase: they do not all begin a span at once.
    phase = Random(f"phase/{seed}/{channel.key}").random()  # noqa: S311 - seeded on purpose
    place = moment / (SPAN * beat) + phase
    random = Random(f"outage/{seed}/{channel.key}/{int(place)}")  # noqa: S311 - seeded on purpose
    if random.random() >= CHANCE:
        return False
    begin = random.uniform(0.05, 0.5)
    beats = random.uniform(11.5, 18) if random.random() < SILENT else random.uniform(2.5, 8)
    return begin <= place % 1 < begin + beats / SPAN
