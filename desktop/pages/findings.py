"""Feeds the page of findings and their layers on the map (T24, T26)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, Signal

from data_access.readers.findings import coverage, findings_between
from data_access.readers.names import read_names
from data_access.rules import Rules
from data_access.store import Connection
from desktop.exports.lists import ListExport
from desktop.pages.desk import Desk
from desktop.readings import Readings
from desktop.touched import Touched
from domain.drafts import Choice
from domain.findings import Coverage, Finding, is_of_finding
from widgets.forms.clue_form import ClueForm
from widgets.map.finding_layers import layers_of
from widgets.map.layers import Layers
from widgets.pages.findings_page import FindingsPage
from widgets.scale import Scale

DAYS = 30
"""Findings of the last days that are listed and drawn."""

Seen = tuple[tuple[Finding, ...], Coverage, tuple[Choice, ...], datetime]


def look(connection: Connection, _rules: Rules, now: datetime) -> Seen:
    """Return the findings of the last days, their figures, the kinds that a clue may be of, and now."""
    since = now - timedelta(days=DAYS)
    kinds = tuple(Choice(code, one.name) for code, one in sorted(read_names(connection).categories.items()))
    found = findings_between(connection, since, now)
    return found, coverage(connection, since, now), kinds, now


def are_concerned(touched: Touched) -> bool:
    """Whether findings may look different: a file came in, or a clue was made of one."""
    return touched.everything or touched.new_minute or any(map(is_of_finding, touched.tickets))


class FindingsDesk(Desk):
    """Signals: form_requested(ClueForm): open the form that makes a clue of a finding; layer_requested(str):
    show this layer on the map; and those of a Desk.
    """

    form_requested = Signal(object)
    layer_requested = Signal(str)

    def __init__(self, page: FindingsPage, readings: Readings, scale: Scale, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.findings_page = page
        self._scale = scale
        self._kinds: tuple[Choice, ...] = ()
        self._findings: tuple[Finding, ...] = ()
        self._wanted: int | None = None
        self.export = ListExport(page.panel, page.table.columns, self._listed, readings, self)
        self.export.said.connect(self.refused)
        page.ticket_requested.connect(self.ticket_requested)
        page.clue_requested.connect(self._open_form)
        page.map_requested.connect(self.layer_requested)

    def open_finding(self, number: int) -> None:
        """Choose a finding, now or when it has been read."""
        self._wanted = number
        self.findings_page.choose_finding(number)

    def concerned(self, touched: Touched) -> bool:
        return are_concerned(touched)

    async def refresh(self) -> None:
        found, figures, self._kinds, as_of = await self.readings.read(look)
        self._findings = found
        self.findings_page.show_findings(found, figures, as_of)
        if self._wanted is not None:
            self.findings_page.choose_finding(self._wanted)
            self._wanted = None

    def _open_form(self, finding: object) -> None:
        if isinstance(finding, Finding):
            form = ClueForm(finding, self._kinds, self._scale, self.findings_page.window())
            self.form_requested.emit(form)

    def _listed(self) -> Sequence[Finding]:
        return self._findings


class FindingLayers(QObject):
    """Draws the findings of the last days on a map, read each minute while the map is shown.

    Signals: finding_opened(int): a mark or track of a finding was clicked on.
    """

    finding_opened = Signal(int)

    def __init__(self, layers: Layers, readings: Readings, parent: QObject) -> None:
        super().__init__(parent)
        self._layers = layers
        self._readings = readings
        self._keys: frozenset[str] = frozenset()
        layers.opened.connect(self._open)

    def concerned(self, touched: Touched) -> bool:
        """Whether the layers may look different after these changes."""
        return are_concerned(touched)

    async def refresh(self) -> None:
        """Read the findings, and hand their layers to the map."""

        def work(connection: Connection, _rules: Rules, now: datetime) -> tuple[Finding, ...]:
            return findings_between(connection, now - timedelta(days=DAYS), now)

        layers = layers_of(await self._readings.read(work))
        self._keys = frozenset(layer.key for layer in layers)
        for layer in layers:
            self._layers.show(layer)

    def _open(self, layer: str, mark: str) -> None:
        if layer in self._keys:
            self.finding_opened.emit(int(mark))
