"""The alarm's voice, a program of its own: it plays a tone for each line that it is given.

    python -m desktop.alarm.speaker            reads `red` and `yellow`, writes what became of it
    python -m desktop.alarm.speaker --check    says whether tones could be heard here, and ends

It answers by lines: `ready DEVICE`, `no-device`, `no-library WHY` (and ends), `played LEVEL`, `failed LEVEL`.

Why not in the window: Qt Multimedia loads the sound server's library and FFmpeg, asks the server for its
devices, and waits for it where it hangs. Here neither that nor a crash of a driver can touch the window.
"""

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Qt, QtMsgType, QUrl, Signal, qInstallMessageHandler

from desktop import environment

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QSoundEffect

SOUNDS = Path(__file__).parents[2] / "resources" / "sounds"
LEVELS = ("red", "yellow")


class Speaker(QObject):
    """Plays what comes from outside on the device that is the system's present choice."""

    wanted = Signal(str)
    ended = Signal()

    def __init__(self, app: QCoreApplication) -> None:
        super().__init__(app)
        from PySide6.QtMultimedia import QMediaDevices

        self._app = app
        self._devices = QMediaDevices(self)
        self._devices.audioOutputsChanged.connect(self._choose)
        self._effects: dict[str, QSoundEffect] = {}
        self._device = b""
        self._told: str | None = None
        # From the thread that reads.
        self.wanted.connect(self._play, Qt.ConnectionType.QueuedConnection)
        self.ended.connect(app.quit, Qt.ConnectionType.QueuedConnection)
        self._choose()

    def listen(self) -> None:
        """Take lines from the standard input, in a thread; whoever writes there may be gone at any time."""
        threading.Thread(target=self._listen, name="orders", daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            self.wanted.emit(line.strip())
        self.ended.emit()

    def _choose(self) -> None:
        from PySide6.QtMultimedia import QMediaDevices, QSoundEffect

        device = QMediaDevices.defaultAudioOutput()
        said = "no-device" if device.isNull() else f"ready {device.description()}"
        if device.isNull():
            self._drop()
        elif bytes(device.id()) != self._device or not self._effects:
            self._drop()
            self._device = bytes(device.id())
            for level in LEVELS:
                effect = QSoundEffect(device, self)
                effect.setObjectName(level)
                effect.setSource(QUrl.fromLocalFile(str(SOUNDS / f"{level}.wav")))
                effect.playingChanged.connect(self._tell_end)
                self._effects[level] = effect
        if said != self._told:
            self._told = said
            say(said)

    def _drop(self) -> None:
        for effect in self._effects.values():
            effect.stop()
            effect.deleteLater()
        self._effects.clear()

    def _play(self, level: str) -> None:
        effect = self._effects.get(level)
        if effect is None:
            say("no-device")
        elif effect.status() is effect.Status.Error:
            say(f"failed {level}")
        else:
            for other in self._effects.values():
                if other is not effect:
                    other.stop()
            effect.play()

    def _tell_end(self) -> None:
        effect = self.sender()
        if effect in self._effects.values() and not effect.isPlaying():
            say(f"{'failed' if effect.status() is effect.Status.Error else 'played'} {effect.objectName()}")


def say(line: str) -> None:
    """Answer whoever started this program, if they still read."""
    try:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except OSError:
        os._exit(0)


def missing() -> str:
    """Return why Qt Multimedia cannot be loaded, and what brings it, else nothing."""
    try:
        import PySide6.QtMultimedia  # noqa: F401 - whether it loads is what is asked
    except ImportError as error:
        lacking = environment.missing_libraries("sound")
        return ", ".join(f"{library} ({package})" for library, package in lacking) or str(error)
    return ""


def main(arguments: list[str]) -> int:
    """Run until nobody gives orders any more, or, to check, until it is known what could be heard."""
    qInstallMessageHandler(_note)
    lacking = missing()
    if lacking:
        say(f"no-library {lacking}")
        return 0
    app = QCoreApplication(sys.argv[:1])
    speaker = Speaker(app)
    if "--check" in arguments:
        return 0
    speaker.listen()
    return app.exec()


def _note(kind: QtMsgType, _context: object, text: str | None) -> None:
    """Qt's messages go where the program that started this one reads them as notes."""
    if kind is not QtMsgType.QtDebugMsg:
        sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    ended_with = main(sys.argv[1:])
    # Not by `sys.exit`: sounds that are taken down after the application wait for it for ever (Qt 6.9).
    sys.stdout.flush()
    os._exit(ended_with)
