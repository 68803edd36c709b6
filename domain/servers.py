"""A city's database server as a seat knows it, and how a person asks to be let in."""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address


class Tls(StrEnum):
    """How a connection is protected, by the names that PostgreSQL's clients use (sslmode)."""

    DISABLE = "disable"
    ALLOW = "allow"
    PREFER = "prefer"
    REQUIRE = "require"
    VERIFY_CA = "verify-ca"
    VERIFY_FULL = "verify-full"


class Protection(StrEnum):
    """What a seat may say of its connection. A weak one is marked on every page."""

    LOCAL = "local"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    UNENCRYPTED = "unencrypted"


SYSTEM_ROOTS = "system"
"""The certificates that the machine itself trusts (sslrootcert=system)."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a city's store is. `host` may name several, with commas; `port` is one for all or one for each.

    `tls` None means what is right for the host: a local one needs none, any other is verified in full. A
    weaker mode comes from an address that asks for it by itself. `root_certificate`, `certificate` and `key`
    are paths of files; without the first the machine's own roots are trusted.
    """

    name: str
    host: str
    port: str = ""
    database: str = "qingshao"
    tls: Tls | None = None
    root_certificate: str = ""
    certificate: str = ""
    key: str = ""

    @property
    def local(self) -> bool:
        """Whether nothing leaves this machine."""
        return all(map(_is_local, self.host.split(",")))

    @property
    def mode(self) -> Tls:
        """How its connections are to be protected."""
        return self.tls or (Tls.PREFER if self.local else Tls.VERIFY_FULL)

    @property
    def protection(self) -> Protection:
        """What is certain of its connections."""
        if self.local:
            return Protection.LOCAL
        if self.mode is Tls.VERIFY_FULL:
            return Protection.VERIFIED
        # What is preferred only can be had without, by whoever sits in between.
        encrypted = self.mode in (Tls.REQUIRE, Tls.VERIFY_CA)
        return Protection.UNVERIFIED if encrypted else Protection.UNENCRYPTED

    @property
    def address(self) -> str:
        """Host, port and database in one line, for the screen."""
        place = f"{self.host or 'localhost'}:{self.port}" if self.port else self.host or "localhost"
        return f"{place}/{self.database}"


@dataclass(frozen=True, slots=True)
class SignIn:
    """A person who wants to be let in. An empty password is none: the server may know another way."""

    login: str
    password: str = field(default="", repr=False)
    remember: bool = False
    server: Server | None = None


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A person's wish for another password of their own."""

    old: str = field(repr=False)
    new: str = field(repr=False)


def _is_local(host: str) -> bool:
    """Whether a host is this machine: a socket's folder, nothing, localhost, or a loop-back address."""
    host = host.strip()
    if not host or host.startswith(("/", "@")) or host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
