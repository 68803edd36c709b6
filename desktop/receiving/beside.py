"""The receiver as the settings have it, beside a window or `collect`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from data_access.store import Store
from desktop.receiving.keeping import Kept
from desktop.receiving.service import Listening, Receiving
from desktop.settings import Settings, split_address

LOOPBACK = "127.0.0.1:0"
"""Where a trial's own devices are listened to: any free port, for nobody outside of this machine."""


def receiver_of(store: Store, settings: Settings, otherwise: str | None = None) -> Receiving | None:
    """Return the receiver that the settings ask for, else one at another address; None for none at all."""
    wanted = settings.hj212 or otherwise
    if wanted is None:
        return None
    host, port = split_address(wanted)
    kept = Kept(settings.keep_real_time_days, settings.keep_minute_days, settings.keep_hour_days)
    back = timedelta(days=settings.hj212_back_days)
    return Receiving(store, Listening(host, port, settings.hj212_connections, back, kept))


@asynccontextmanager
async def receiving(
    store: Store, settings: Settings, otherwise: str | None = None
) -> AsyncIterator[Receiving | None]:
    """Receive while inside, where the settings ask for it."""
    receiver = receiver_of(store, settings, otherwise)
    if receiver is None:
        yield None
        return
    receiver.start()
    try:
        yield receiver
    finally:
        await receiver.stop()
