"""Certificates for the tests, and TLS in front of a server that speaks none."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.servers.cluster import free_port

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files of one authority: its own certificate, and one with its key that it gave to a server."""

    authority: Path
    certificate: Path
    key: Path


def certificates_for(host: str, folder: Path, *people: str) -> Certificates:
    """Make a new authority, and certificates for a host name and for people, by their logins."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificates(folder / "root.crt", folder / "server.crt", folder / "server.key")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(made.authority)
    _write(authority.issue_cert(host), made.certificate, made.key)
    for login in people:
        _write(authority.issue_cert(common_name=login), *personal(folder, login))
    return made


def personal(folder: Path, login: str) -> tuple[Path, Path]:
    """Return where a person's certificate and its key lie."""
    return folder / f"{login}.crt", folder / f"{login}.key"


def _write(issued: trustme.LeafCert, certificate: Path, key: Path) -> None:
    issued.private_key_pem.write_to_path(key)
    key.chmod(0o600)
    for position, part in enumerate(issued.cert_chain_pems):
        part.write_to_path(certificate, append=position > 0)


@contextmanager
def relay_to(server_port: int, certificates: Certificates, port: int | None = None) -> Iterator[int]:
    """Run a relay before a server, and yield the port on which it speaks TLS."""
    port = port or free_port()
    arguments = [str(port), str(server_port), str(certificates.certificate), str(certificates.key)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.servers.relay", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as relay:
        try:
            assert relay.stdout is not None
            assert relay.stdout.readline() == "ready\n"
            yield port
        finally:
            relay.kill()
