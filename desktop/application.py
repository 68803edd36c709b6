"""The composition root: what the doors (window, pictures, doctor) are built from."""

from datetime import datetime
from typing import TYPE_CHECKING

from data_access.credentials import protected, server_of
from data_access.store import Store, open_embedded, open_url
from desktop.settings import Settings

if TYPE_CHECKING:
    from desktop.seat import Seat
    from desktop.shell import CommandCentre
    from desktop.signing_in.saved import SavedServers


def open_store(settings: Settings) -> Store:
    """Open the named server, else the embedded one in the data folder. Blocks while a first start creates it.

    Raises:
        StoreError: it cannot be opened, and what to do.
    """
    if settings.database_url is not None:
        return open_url(protected(settings.database_url))
    return open_embedded(settings.data)


def build(settings: Settings, store: Store, as_of: datetime | None = None) -> "CommandCentre":
    """Build the command centre on an open store. With `as_of` it shows that minute and stands still."""
    # Qt is loaded here and not before, so that reports and imports need no graphics libraries.
    from desktop.shell import CommandCentre
    from desktop.signing_in.entrances import seat_of

    url = settings.database_url
    server = None if url is None else server_of(url)[0]
    return CommandCentre(settings, seat_of(store, server), as_of)


def build_at(settings: Settings, seat: "Seat", saved: "SavedServers") -> "CommandCentre":
    """Build the command centre for whoever has signed in."""
    from desktop.shell import CommandCentre

    return CommandCentre(settings, seat, saved=saved)
