"""Figure 11: frames of HJ 212 that `collect` receives, stores and answers in a second, over sockets."""

import socket
import time
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.children import Child
from benchmarks.measure import Figure, Result

FRAMES = 20
QUICK_FRAMES = 5
START_SECONDS = 60
LOAD_SECONDS = 600


class DeviceBenchmark:
    """Writes into the copy. `collect` does all its work meanwhile: it weighs the values that come in.

    Devices, receiver and PostgreSQL share the machine. A value is stored once, so each run has minutes of its
    own.
    """

    name = "devices"
    sizes = (10_000,)
    figures = (
        Figure(
            "devices_1000",
            11,
            "HJ 212: 1,000 devices, each waits for its answer",
            "frames/s",
            more_is_better=True,
        ),
        Figure(
            "devices_catch_up",
            11,
            "… each sends 8 ahead, as after an outage",
            "frames/s",
            more_is_better=True,
        ),
    )

    def run(self, bench: Bench) -> Iterator[Result]:
        frames, minute = QUICK_FRAMES if bench.quick else FRAMES, 0
        port = _free_port()
        settings = {"QINGSHAO_DATABASE_URL": bench.copy_url}
        with Child(["main.py", "collect", "--listen", f"127.0.0.1:{port}"], settings, bench.log):
            _wait_until_heard(port)
            for figure, window in zip(self.figures, (1, 8), strict=True):
                found = []
                for _ in range(bench.runs(3, 1)):
                    found.append(_spoken(bench, port, frames, window, minute))
                    minute += frames
                yield bench.result(
                    figure,
                    [float(one["per_second"]) for one in found],
                    values_per_second=found[-1]["values_per_second"],
                    median_ms=found[-1]["median_ms"],
                    p95_ms=found[-1]["p95_ms"],
                )


def _spoken(bench: Bench, port: int, frames: int, window: int, minute: int) -> dict[str, object]:
    arguments = {"devices": 1000, "frames": frames, "window": window, "first": minute, "port": port}
    options = [part for name, value in arguments.items() for part in (f"--{name}", str(value))]
    command = ["-m", "benchmarks.devices", *options, "--database", bench.copy_url]
    with Child(command, {}, bench.log) as child:
        said = child.until("spoken", LOAD_SECONDS)
    if said["answered"] != 1000 * frames:
        raise RuntimeError(f"{said['answered']} frames were answered, of {1000 * frames}")
    return said


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_until_heard(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return
