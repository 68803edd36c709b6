"""Other PostgreSQL programs that this machine may have: those of its distribution, with OpenSSL."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.servers.cluster import Programs, server_user

FOLDERS = "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin"
OLDEST = 15


def programs_with_openssl() -> Programs:
    """Return the newest PostgreSQL with OpenSSL on this machine; the test is skipped where there is none.

    QINGSHAO_TEST_POSTGRES names the folder of its programs where it lies elsewhere.
    """
    named = os.environ.get("QINGSHAO_TEST_POSTGRES")
    found = [Path(named)] if named else [path for name in FOLDERS for path in Path("/").glob(name[1:])]
    fitting = [path for path in found if (path / "initdb").exists() and _has_openssl(path)]
    if not fitting:
        pytest.skip("no PostgreSQL with OpenSSL on this machine: QINGSHAO_TEST_POSTGRES may name one")
    return Programs(max(fitting, key=major_version), server_user())


def major_version(folder: Path) -> int:
    """Return the major version of the PostgreSQL in a folder."""
    said = subprocess.check_output([folder / "postgres", "--version"], text=True)
    return int(said.split()[2].split(".")[0])


def _has_openssl(folder: Path) -> bool:
    if major_version(folder) < OLDEST:
        return False
    libraries = subprocess.run(["ldd", folder / "postgres"], capture_output=True, text=True, check=False)
    return "libssl" in libraries.stdout
