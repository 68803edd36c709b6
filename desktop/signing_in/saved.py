"""What a seat remembers between two starts: its servers, which one is used, and who sat here. No passwords.

One JSON file in the configuration folder, readable by its owner only, and replaced whole.
"""

import json
import logging
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from desktop.errors import WorldError
from domain.servers import Server, Tls

MOST_LOGINS = 6
"""So many of the last persons are offered at a shared seat."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Remembered:
    """`chosen` is the server that was used last; `logins` are those who sat here, the last one first."""

    servers: tuple[Server, ...] = ()
    chosen: str = ""
    logins: tuple[str, ...] = ()

    @property
    def server(self) -> Server | None:
        """The server that was used last."""
        return next((server for server in self.servers if server.name == self.chosen), None)

    def with_server(self, server: Server, instead_of: Server | None = None) -> "Remembered":
        """Return this with a server more, in another's place, or in that of one with the same name."""
        kept = [known for known in self.servers if known.name != server.name or known == instead_of]
        if instead_of in kept:
            kept[kept.index(instead_of)] = server
        else:
            kept.append(server)
        return replace(self, servers=tuple(kept))

    def without(self, server: Server) -> "Remembered":
        """Return this without a server."""
        return replace(self, servers=tuple(known for known in self.servers if known != server))

    def after(self, server: Server, login: str) -> "Remembered":
        """Return this after somebody has signed in at a server."""
        logins = (login, *(known for known in self.logins if known != login))[:MOST_LOGINS]
        return replace(self, chosen=server.name, logins=logins)


class SavedServers:
    """The file. What it holds is read once; each change is written at once."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.known = _read(file)

    def note(self, server: Server, login: str) -> None:
        """Remember that somebody has signed in at a server; a seat goes on where that cannot be written."""
        known = self.known if server in self.known.servers else self.known.with_server(server)
        try:
            self.keep(known.after(server, login))
        except WorldError as error:
            _log.warning("%s", error.message)

    def keep(self, known: Remembered) -> None:
        """Remember this from now on.

        Raises:
            WorldError: the file cannot be written.
        """
        self.known = known
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            # mkstemp makes files for the owner alone (0600).
            number, half = tempfile.mkstemp(dir=self.file.parent, prefix=f".{self.file.name}.")
            try:
                with os.fdopen(number, "w", encoding="utf-8") as stream:
                    json.dump(_as_json(known), stream, ensure_ascii=False, indent=2)
                    stream.flush()
                    os.fsync(stream.fileno())
                Path(half).replace(self.file)
            except BaseException:
                with suppress(OSError):
                    Path(half).unlink()
                raise
        except OSError as error:
            raise WorldError(
                f"The saved servers cannot be written to {self.file}: {error.strerror}.",
                "See whether the folder belongs to you and the disk is not full.",
            ) from error


def _read(file: Path) -> Remembered:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return Remembered(
            tuple(_server(entry) for entry in found["servers"]),
            str(found.get("chosen", "")),
            tuple(str(login) for login in found.get("logins", ()))[:MOST_LOGINS],
        )
    except FileNotFoundError:
        return Remembered()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        # A seat whose file is broken can still be given its server again.
        _log.warning("the saved servers in %s cannot be read: %s", file, error)
        return Remembered()


def _server(entry: dict[str, Any]) -> Server:
    tls = entry.get("tls")
    words = {name: str(entry.get(name, "")) for name in ("root_certificate", "certificate", "key", "port")}
    return Server(
        name=str(entry["name"]),
        host=str(entry["host"]),
        database=str(entry.get("database", "qingshao")),
        tls=None if tls is None else Tls(tls),
        **words,
    )


def _as_json(known: Remembered) -> dict[str, Any]:
    return {
        "servers": [asdict(server) for server in known.servers],
        "chosen": known.chosen,
        "logins": list(known.logins),
    }
