"""The results that are kept: one JSON line a figure and size, so that a partial run replaces only its own."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from benchmarks.machine import Machine
from benchmarks.measure import Result

FILE = Path(__file__).resolve().parent / "results.jsonl"


class Results:
    """All kept results; of each figure and size the newest one."""

    def __init__(self, file: Path = FILE) -> None:
        self._file = file
        self.machine: dict[str, object] = {}
        self._found: dict[tuple[str, int], Result] = {}
        if file.exists():
            for line in file.read_text("utf-8").splitlines():
                self._read(json.loads(line))

    def add(self, result: Result, machine: Machine) -> None:
        """Keep a result at once: a run that is stopped loses nothing that it has measured."""
        self.machine = machine.as_dict()
        self._found[result.key, result.size] = result
        self._write()

    def take(self, others: "Results") -> None:
        """Take in what was kept elsewhere (`--results`), in place of the own results of the same figures."""
        self.machine = others.machine or self.machine
        self._found |= others._found
        self._write()

    def of(self, key: str, size: int) -> Result | None:
        """Return a figure's result at a size, None while there is none."""
        return self._found.get((key, size))

    def sizes(self, keys: Iterable[str]) -> list[int]:
        """Return the sizes at which any of these figures has been measured."""
        wanted = set(keys)
        return sorted({size for key, size in self._found if key in wanted})

    def _read(self, values: dict[str, object]) -> None:
        if "machine" in values:
            self.machine = dict(values["machine"])  # type: ignore[call-overload]
            return
        values["values"] = tuple(values["values"])  # type: ignore[arg-type]
        result = Result(**values)  # type: ignore[arg-type]
        self._found[result.key, result.size] = result

    def _write(self) -> None:
        lines = [{"machine": self.machine}]
        lines += [asdict(self._found[key]) for key in sorted(self._found)]
        half = self._file.with_suffix(".part")
        half.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
        half.replace(self._file)
