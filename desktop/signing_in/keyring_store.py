"""Passwords in the system's keyring: only where the library `keyring` is there and has a safe backend."""

import logging
from types import ModuleType

from domain.servers import Server

SERVICE = "qingshao"

_log = logging.getLogger(__name__)


def keyring_here() -> ModuleType | None:
    """Return the library if it can keep a password safely on this machine. May ask the desktop; blocks."""
    try:
        import keyring
        from keyring.backends import fail, null
    except ImportError:
        return None
    try:
        backend = keyring.get_keyring()
        # A library without a backend has one that refuses; a file in plain text has a low priority.
        usable = not isinstance(backend, fail.Keyring | null.Keyring) and backend.priority >= 1
    except Exception as error:  # noqa: BLE001 - backends ask whatever desktop there is
        _log.info("no keyring: %s", type(error).__name__)
        return None
    return keyring if usable else None


def recall(server: Server, login: str) -> str:
    """Return the password that the keyring holds, "" for none. Blocks."""
    keyring = keyring_here()
    if keyring is None or not login:
        return ""
    try:
        return keyring.get_password(_service(server), login) or ""
    except Exception as error:  # noqa: BLE001 - a locked or broken keyring is none
        _log.info("the keyring does not answer: %s", type(error).__name__)
        return ""


def remember(server: Server, login: str, password: str) -> None:
    """Put a password into the keyring; an empty one takes out what was there. Blocks."""
    keyring = keyring_here()
    if keyring is None:
        return
    try:
        if password:
            keyring.set_password(_service(server), login, password)
        elif keyring.get_password(_service(server), login) is not None:
            keyring.delete_password(_service(server), login)
    except Exception as error:  # noqa: BLE001 - a locked or broken keyring keeps nothing
        _log.info("the keyring kept nothing: %s", type(error).__name__)


def _service(server: Server) -> str:
    return f"{SERVICE} {server.address}"
