"""Opens a ticket's evidence: read as whoever sits there, pictures are shown, anything can be saved."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from data_access import evidence
from data_access.errors import StoreError
from data_access.evidence import EvidenceError
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime
from desktop.exports.names import file_name
from desktop.readings import Readings
from domain.evidence import MediaType
from widgets.evidence_dialog import EvidenceDialog, ShownFile, picture_of
from widgets.scale import Scale

ENDINGS = {
    MediaType.JPEG: ".jpg",
    MediaType.PNG: ".png",
    MediaType.HEIC: ".heic",
    MediaType.PDF: ".pdf",
    MediaType.MP4: ".mp4",
}
"""A copy's ending follows from its content, whatever its sender called it."""


class EvidenceView(QObject):
    """Signals: said(str), a sentence for the screen."""

    said = Signal(str)

    def __init__(self, readings: Readings, scale: Scale, page: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._readings = readings
        self._scale = scale
        self._page = page
        self._ticket = ""
        self.dialog: EvidenceDialog | None = None
        self._files: dict[str, ShownFile] = {}
        self._saving = ""

    def open(self, ticket: str, checksums: Sequence[str]) -> None:
        """Show these files of a ticket, as soon as they are read."""
        if self.dialog is None and checksums:
            runtime.spawn(self.show(ticket, tuple(checksums)), "evidence")

    async def show(self, ticket: str, checksums: Sequence[str]) -> None:
        """Read and show these files of a ticket."""
        try:
            found = await self._readings.read_present(_Reading(ticket, checksums))
        except StoreError as error:
            self.said.emit(error.message)
            return
        if self.dialog is not None:
            return
        self._ticket, self._files = ticket, {shown.sha256: shown for shown in found}
        self.dialog = EvidenceDialog(found, self._scale, self._page.window())
        self.dialog.save_requested.connect(self._ask_where)
        self.dialog.finished.connect(self._closed)
        self.dialog.open()

    async def save(self, checksum: str, path: Path) -> None:
        """Write a copy of a file, which is checked once more."""
        try:
            content = await self._readings.read_present(_Content(self._ticket, checksum))
            if content is not None:
                await runtime.in_thread(path.write_bytes, content)
                self.said.emit(self.tr("已另存到 {0}").format(path))
        except StoreError as error:
            self.said.emit(error.message)
        except OSError as error:
            self.said.emit(self.tr("写不了 {0}：{1}").format(path, error.strerror))

    def _ask_where(self, checksum: str) -> None:
        shown = self._files.get(checksum)
        if shown is None or shown.file is None or self.dialog is None:
            return
        name = Path(shown.file.name).stem
        dialog = QFileDialog(self.dialog, self.tr("另存为"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(file_name(name, ENDINGS[shown.file.media_type]))
        dialog.fileSelected.connect(self._save_there)
        self._saving = checksum
        dialog.open()

    def _save_there(self, path: str) -> None:
        runtime.spawn(self.save(self._saving, Path(path)), "evidence saved")

    def _closed(self, _result: int) -> None:
        # It deletes itself.
        self.dialog = None


class _Reading:
    def __init__(self, ticket: str, checksums: Sequence[str]) -> None:
        self._ticket, self._checksums = ticket, checksums

    def __call__(self, connection: Connection, _rules: Rules, _now: datetime) -> list[ShownFile]:
        kept = evidence.files_of(connection, self._ticket)
        found = []
        for checksum in self._checksums:
            file = kept.get(checksum)
            if file is None:
                found.append(ShownFile(checksum, None))
                continue
            try:
                content = evidence.content_of(connection, self._ticket, checksum)
            except EvidenceError as error:
                found.append(ShownFile(checksum, file, problem=f"{error.message}{error.way_out}"))
                continue
            shown = picture_of(content) if content is not None and file.media_type.is_picture else None
            found.append(ShownFile(checksum, file, shown))
        return found


class _Content:
    def __init__(self, ticket: str, checksum: str) -> None:
        self._ticket, self._checksum = ticket, checksum

    def __call__(self, connection: Connection, _rules: Rules, _now: datetime) -> bytes | None:
        return evidence.content_of(connection, self._ticket, self._checksum)
