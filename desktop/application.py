"""The composition root: what the doors (window, pictures, doctor) are built from."""

from datetime import datetime
from typing import TYPE_CHECKING

from data_access.store import Store, open_embedded, open_url
from desktop.settings import Settings
from desktop.signing_in.entrances import seat_of

if TYPE_CHECKING:
    from desktop.shell import CommandCentre


def open_store(settings: Settings) -> Store:
    """Open the named server, else the embedded one in the data folder. Blocks while a first start creates it.

    Raises:
        StoreError: it cannot be opened, and what to do.
    """
    if settings.database_url is not None:
        return open_url(settings.database_url)
    return open_embedded(settings.data)


def build(settings: Settings, store: Store, as_of: datetime | None = None) -> "CommandCentre":
    """Build the command centre on an open store. With `as_of` it shows that minute and stands still."""
    # Qt is loaded here and not before, so that reports and imports need no graphics libraries.
    from desktop.shell import CommandCentre

    return CommandCentre(settings, seat_of(store), as_of)
