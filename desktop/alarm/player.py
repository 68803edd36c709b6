"""Has tones sounded by a program of its own, begun with the first of them; nothing here waits for sound."""

import asyncio
import logging
import sys
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from domain.events import WarningLevel

ROOT = Path(__file__).parents[2]
PATIENCE_MS = 10_000
"""A tone that has not ended after so long is stuck in its device: the program is ended, and begun anew."""
REST_MS = 10 * 60_000
"""After so long without a tone the program is ended, and with it the memory that it takes."""
TRY_AGAIN_SECONDS = 300
"""A program that could not sound is begun anew after so long: somebody may have mended what it lacked."""
LEAVE_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Lack(StrEnum):
    """What a seat lacks to be heard."""

    LIBRARY = "library"
    DEVICE = "device"
    FAILED = "failed"


_WAY_OUT = {
    Lack.LIBRARY: "install what brings it, as root `sh .ci/system-packages`",
    Lack.DEVICE: "connect loudspeakers, or start the sound server of the desktop",
    Lack.FAILED: "see `python main.py doctor`",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why no tone can be heard; `detail` names the library, or what else was said."""

    lack: Lack
    detail: str = ""


class Player(QObject):
    """One program at the most, for all tones of a window.

    Signals:
        asked(str): a tone was asked for, by its level.
        sounded(str): it was played, to its end or until another cut in.
        trouble_changed(): `trouble` is another; it is logged once.
    """

    asked = Signal(str)
    sounded = Signal(str)
    trouble_changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.trouble: Trouble | None = None
        self.device = ""
        self._told: set[Lack] = set()
        self._tried_at: float | None = None
        self._stopped = False
        self._ended = asyncio.Event()
        self._said = b""
        self._process = QProcess(self)
        if sys.platform != "win32":
            # A fork copies the page tables of the whole window: 10 ms and more, on the window's thread.
            self._process.setUnixProcessParameters(QProcess.UnixProcessFlag.UseVFork)
        self._process.setWorkingDirectory(str(ROOT))
        self._process.setProgram(sys.executable)
        self._process.setArguments(["-m", "desktop.alarm.speaker"])
        self._process.readyReadStandardOutput.connect(self._hear)
        self._process.readyReadStandardError.connect(self._note)
        self._process.errorOccurred.connect(self._fail)
        self._process.finished.connect(self._end)
        self._patience = self._timer("sound patience", PATIENCE_MS, self._lose_patience)
        self._rest = self._timer("sound rest", REST_MS, self._leave)

    def sound(self, level: WarningLevel) -> None:
        """Have a tone played, as soon as it can be."""
        self.asked.emit(level.value)
        if self._stopped or not self._running():
            return
        self._process.write(f"{level.value}\n".encode())
        if not self._patience.isActive():
            self._patience.start()
        self._rest.start()

    async def stop(self) -> None:
        """End for good: the program is told that there is nothing more to do, and ends, or is ended."""
        self._stopped = True
        self._patience.stop()
        self._rest.stop()
        if self._process.state() is QProcess.ProcessState.NotRunning:
            return
        self._ended.clear()
        self._leave()
        for end in (self._process.kill, None):
            try:
                await asyncio.wait_for(self._ended.wait(), LEAVE_SECONDS)
            except TimeoutError:
                if end is not None:
                    end()
            else:
                return

    def _timer(self, name: str, milliseconds: int, then: object) -> QTimer:
        timer = QTimer(self)
        timer.setObjectName(name)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(then)
        return timer

    def _running(self) -> bool:
        """Begin the program if it may be begun; whether it takes orders."""
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            return True
        now = time.monotonic()
        tried = self.trouble is not None and self._tried_at is not None
        if tried and now - self._tried_at < TRY_AGAIN_SECONDS:
            return False
        self._tried_at, self._said = now, b""
        self._process.start()
        return True

    def _leave(self) -> None:
        self._process.closeWriteChannel()

    def _hear(self) -> None:
        self._said += bytes(self._process.readAllStandardOutput())
        *lines, self._said = self._said.split(b"\n")
        for line in lines:
            word, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            self._take(word, rest)

    def _take(self, word: str, rest: str) -> None:
        match word:
            case "ready":
                self.device = rest
                self._set_trouble(None)
            case "no-device":
                self._patience.stop()
                self._set_trouble(Trouble(Lack.DEVICE))
            case "no-library":
                self._set_trouble(Trouble(Lack.LIBRARY, rest))
            case "played":
                self._patience.stop()
                self._set_trouble(None)
                self.sounded.emit(rest)
            case "failed":
                self._patience.stop()
                self._set_trouble(Trouble(Lack.FAILED, rest))

    def _note(self) -> None:
        for line in bytes(self._process.readAllStandardError()).decode("utf-8", "replace").splitlines():
            _log.info("speaker: %s", line)

    def _lose_patience(self) -> None:
        self._set_trouble(Trouble(Lack.FAILED, "the sound device does not answer"))
        self._process.kill()

    def _fail(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._patience.stop()
            self._set_trouble(Trouble(Lack.FAILED, self._process.errorString()))
            self._ended.set()

    def _end(self, code: int, status: QProcess.ExitStatus) -> None:
        self._patience.stop()
        failed = status is QProcess.ExitStatus.CrashExit or code != 0
        if failed and self.trouble is None and not self._stopped:
            self._set_trouble(Trouble(Lack.FAILED, f"the program that sounds ended with code {code}"))
        self._ended.set()

    def _set_trouble(self, trouble: Trouble | None) -> None:
        if trouble == self.trouble:
            return
        self.trouble = trouble
        if trouble is not None and trouble.lack not in self._told:
            # Once: devices come and go, and the header says all the while how it is.
            self._told.add(trouble.lack)
            detail = f" ({trouble.detail})" if trouble.detail else ""
            _log.warning("the alarm cannot be heard: %s%s; %s", trouble.lack, detail, _WAY_OUT[trouble.lack])
        self.trouble_changed.emit()
