"""Data folders with a store in them, copied: to make one anew takes seconds (initdb, all migrations)."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data_access import server
from data_access.store import open_embedded
from tests.fresh_database import do_without_power_failures


@contextmanager
def prepared_folder() -> Iterator[Path]:
    """Make a data folder with an empty store, whose server does not run."""
    with _folder() as made:
        open_embedded(made).close()
        do_without_power_failures(server.start(made).url)
        server.stop(made)
        yield made


@contextmanager
def copied_folder(prepared: Path) -> Iterator[Path]:
    """Copy a data folder whose server does not run; whoever starts the copy's server stops it."""
    with _folder() as made:
        shutil.copytree(prepared, made, dirs_exist_ok=True)
        if os.name != "nt" and os.geteuid() == 0:
            # As root the server runs as another user, to whom its files belong.
            for path in made.rglob("*"):
                was = (prepared / path.relative_to(made)).stat()
                os.chown(path, was.st_uid, was.st_gid)
        yield made


@contextmanager
def _folder() -> Iterator[Path]:
    # The server's user cannot enter pytest's own temporary folders.
    made = Path(tempfile.mkdtemp(prefix="qingshao-folder-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
