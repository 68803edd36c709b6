"""The machine that a run was made on: figures of two machines cannot be compared without it."""

import os
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Machine:
    """Named in the report. `load` is the load average before the run: other work spoils figures."""

    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str
    postgres: str
    qt: str
    load: float

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def this_machine(postgres: str) -> Machine:
    """Return what this machine is; `postgres` is the server's version."""
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 2**30, 1),
        system=_system(),
        python=sys.version.split()[0],
        postgres=postgres,
        qt=version("PySide6"),
        load=round(psutil.getloadavg()[0], 2),
    )


def commit() -> str:
    """Return the commit that is measured, marked with + when files differ from it; empty outside git."""
    try:
        name = _git("rev-parse", "--short", "HEAD")
        return name + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(*arguments: str) -> str:
    command = ("git", *arguments)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout.strip()


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _system() -> str:
    if sys.platform == "linux":
        try:
            return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}"
        except (OSError, KeyError):
            pass
    return f"{platform.system()} {platform.release()}"
