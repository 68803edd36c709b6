"""What a benchmark is, and what it is given."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import text

from benchmarks.measure import Figure, Result
from benchmarks.seeding import stores
from data_access.store import Connection, Store


@dataclass
class Bench:
    """One size's stores and how thorough to be. `minutes` is how long the soak lasts."""

    size: int
    quick: bool = False
    minutes: float = 100.0
    _open: ExitStack = field(default_factory=ExitStack)
    _kept: Store | None = None
    _copy: Store | None = None

    def runs(self, full: int, quick: int = 3) -> int:
        """How often to measure."""
        return quick if self.quick else full

    @property
    def store(self) -> Store:
        """The kept store of this size, for reading."""
        if self._kept is None:
            self._kept = self._open.enter_context(stores.opened(self.size))
        return self._kept

    @property
    def copy(self) -> Store:
        """A copy of it that may be written to; the same one for all benchmarks of a run."""
        if self._copy is None:
            if self._kept is not None:
                # PostgreSQL copies a database only while nobody is in it.
                self._kept.engine.dispose()
            self._copy = self._open.enter_context(stores.copied(self.size))
            stores.settle(self._copy)
        return self._copy

    @property
    def copy_url(self) -> str:
        """The copy's address for other processes (QINGSHAO_DATABASE_URL)."""
        return self.copy.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def track_commits(self) -> None:
        """Have the server note when each transaction was committed; it must start anew once for that."""
        if self.store.read(_tracks):
            return
        self.close()
        stores.track_commits(self.size)

    @property
    def window_settings(self) -> dict[str, str]:
        """The environment of a window on the copy."""
        folder = stores.folder_of(self.size) / "window"
        folder.mkdir(exist_ok=True)
        return {"QINGSHAO_DATA": str(folder), "QINGSHAO_DATABASE_URL": self.copy_url}

    @property
    def log(self) -> Path:
        """Where the benchmark's own processes complain."""
        return stores.folder_of(self.size) / "children.log"

    def result(self, figure: Figure, values: Sequence[float], **extra: Any) -> Result:
        """Return what was found, at this size."""
        return Result(
            figure.key, self.size, tuple(round(v, 3) for v in values), quick=self.quick, extra=extra
        )

    def close(self) -> None:
        """Drop the copy and close the store."""
        self._open.close()
        self._kept = self._copy = None


class Benchmark(Protocol):
    """One of the issue's nine. `figures` are the lines that it fills in."""

    name: str
    figures: tuple[Figure, ...]
    sizes: tuple[int, ...]
    """Where it makes sense; empty for everywhere."""

    def run(self, bench: Bench) -> Iterator[Result]: ...


def _tracks(connection: Connection) -> bool:
    return str(connection.execute(text("SHOW track_commit_timestamp")).scalar_one()) == "on"
