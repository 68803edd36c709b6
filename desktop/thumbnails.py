"""Small pictures for a dossier's evidence: read and unpacked in a worker thread, within bounds."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from data_access import evidence
from data_access.errors import StoreError
from data_access.evidence import EvidenceError
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime
from desktop.readings import Readings
from domain.evidence import MOST_PIXELS, MediaType
from widgets.dossier.evidence_panel import EvidencePanel
from widgets.evidence_dialog import picture_of

SIDE = 160
"""Pixels: enough for a card on the largest screen."""
LARGEST = 12 << 20
"""Bytes of a file that is fetched for its small picture; a larger one is shown when it is opened."""
MOST_UNPACKED = 30_000_000
"""Pixels of a picture that is unpacked whole; a JPEG is shrunk as it is read."""


class Thumbnails(QObject):
    """Asks once for each file of a ticket; who may not see it has no picture of it."""

    def __init__(self, readings: Readings, parent: QObject) -> None:
        super().__init__(parent)
        self._readings = readings
        self._ticket = ""
        self._asked: set[str] = set()
        self._known: dict[str, QImage] = {}

    def show(self, ticket: str, panel: EvidencePanel) -> None:
        """Show the small pictures that a panel lacks, as soon as they are here."""
        if ticket != self._ticket:
            self._ticket, self._asked, self._known = ticket, set(), {}
        panel.show_pictures(self._known)
        new = [checksum for checksum in panel.wanted if checksum not in self._asked]
        if new:
            self._asked |= set(new)
            runtime.spawn(self._shown(ticket, new, panel), "thumbnails")

    async def _shown(self, ticket: str, checksums: Sequence[str], panel: EvidencePanel) -> None:
        try:
            found = await self._readings.read_present(_Reading(ticket, checksums))
        except StoreError:
            self._asked -= set(checksums)  # the next look asks again
            return
        if ticket == self._ticket:
            self._known |= found
            panel.show_pictures(self._known)


class _Reading:
    def __init__(self, ticket: str, checksums: Sequence[str]) -> None:
        self._ticket, self._checksums = ticket, checksums

    def __call__(self, connection: Connection, _rules: Rules, _now: datetime) -> dict[str, QImage]:
        kept = evidence.files_of(connection, self._ticket)
        found: dict[str, QImage] = {}
        for checksum in self._checksums:
            file = kept.get(checksum)
            if file is None or not file.media_type.is_picture or file.size > LARGEST:
                continue
            try:
                content = evidence.content_of(connection, self._ticket, checksum)
            except EvidenceError:
                continue  # whoever opens it is told
            most = MOST_PIXELS if file.media_type is MediaType.JPEG else MOST_UNPACKED
            picture = picture_of(content, SIDE, most) if content is not None else None
            if picture is not None:
                found[checksum] = picture
        return found
