"""Keeps passwords out of whatever the program writes: its log, its faults, its messages and its children.

A database address may hold a password. It is taken out of the environment once it is read, so that no child
(the map's browser, the doctor's trials) inherits it, and every line is searched for it before it is written.
"""

import os
import re
from urllib.parse import unquote

URL_VARIABLE = "QINGSHAO_DATABASE_URL"
HIDDEN = "***"
SHORTEST = 4
"""A shorter secret is only hidden where an address or a setting names it: it could be any word."""

_IN_ADDRESS = re.compile(r"(?P<before>\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s/]*@", re.IGNORECASE)
_IN_SETTING = re.compile(
    r"(?P<before>(?:password|passwd|sslpassword|pgpassword|passphrase)['\"]?\s*[=:]\s*)"
    r"(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^\s&,;)}'\"]+)",
    re.IGNORECASE,
)
_known: set[str] = set()


def keep(secret: str | None) -> None:
    """Write this text nowhere from now on."""
    if secret and len(secret) >= SHORTEST:
        _known.add(secret)


def keep_those_of(address: str | None) -> None:
    """Write the passwords of a database address nowhere from now on, as written and as meant.

    Where a password holds an "@" that should have been written as %40, its parts are kept, too: what follows
    the "@" is taken for the host, and the server's name is told in errors.
    """
    if not address:
        return
    beyond = address.partition("://")[2]
    login = beyond.rpartition("@")[0]
    password = login.partition(":")[2]
    for part in (password, *password.split("@")):
        keep(part)
        keep(unquote(part))
    for found in re.finditer(r"[?&](?:ssl)?password=([^&]*)", address):
        keep(found[1])
        keep(unquote(found[1]))


def without_secrets(text: str) -> str:
    """Return a text in which every password is hidden."""
    for secret in sorted(_known, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, HIDDEN)
    if "://" in text:
        text = _IN_ADDRESS.sub(rf"\g<before>{HIDDEN}@", text)
    return _IN_SETTING.sub(rf"\g<before>{HIDDEN}", text)


def leave_the_environment() -> None:
    """Take the database address out of the environment, which children inherit; note what is secret in it."""
    keep_those_of(os.environ.pop(URL_VARIABLE, None))
    # The driver's library reads this one at every connection: it must stay.
    keep(os.environ.get("PGPASSWORD"))


def forget() -> None:
    """Keep nothing any more: for tests."""
    _known.clear()
