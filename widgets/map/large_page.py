"""The map as large as the window: its filter above it, beside it the worst counties and bodies."""

from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from domain.people import Actor
from widgets.map.choice import Facets, MapFilter
from widgets.map.count_panel import CountPanel
from widgets.map.direct import PlaceDirective
from widgets.map.layer_strip import LayerStrip
from widgets.map.strip import FilterStrip
from widgets.map.view import TicketMap
from widgets.panel import Panel
from widgets.scale import Scale

SIDE_WIDTH = 400
"""Of the counties and bodies beside the map, in design pixels."""


class MapPage(QWidget):
    """A page for the map that the overview has too: `follow` it once, `take` it when the page is shown."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "page")
        self._scale = scale
        self._map: TicketMap | None = None
        self.panel = Panel(self.tr("问题线索分布"), scale, self)
        self.strip = FilterStrip(scale, self)
        self.counties = CountPanel(self.tr("区县"), scale, self)
        self.bodies = CountPanel(self.tr("主办单位"), scale, self)
        for panel in (self.counties, self.bodies):
            panel.set_note(self.tr("在办 · 超期"))
        self.layers = LayerStrip(scale, self)
        self.findings = QPushButton(self.tr("科技溯源清单"), self)
        self.findings.setProperty("look", "link")
        self.directive = PlaceDirective(self)
        self.panel.bar.addWidget(self.directive)
        self.panel.bar.addWidget(self.strip.clear)
        self.panel.bar.addWidget(self.strip.total)
        self.panel.body.addWidget(self.strip)
        self._layer_row = QHBoxLayout()
        self._layer_row.addWidget(self.layers)
        self._layer_row.addWidget(self.findings)
        self._layer_row.addStretch(1)
        self.panel.body.addLayout(self._layer_row)
        self._side = QVBoxLayout()
        self._side.addWidget(self.counties, 10)
        self._side.addWidget(self.bodies, 12)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.panel, 1)
        self._row.addLayout(self._side)
        self._apply_scale()
        scale.factor_changed.connect(self._apply_scale)

    def follow(self, ticket_map: TicketMap) -> None:
        """Show the map's filter and counts, and let the hand change them here."""
        self._map = ticket_map
        self.layers.follow(ticket_map.layers)
        self.directive.follow(ticket_map)
        self.strip.filter_chosen.connect(ticket_map.set_filter)
        self.strip.list_requested.connect(ticket_map.open_list)
        self.counties.row_chosen.connect(self._turn_county)
        self.bodies.row_chosen.connect(self._turn_body)
        ticket_map.filter_changed.connect(self._show_filter)
        ticket_map.facets_changed.connect(self._show_facets)
        self._show_filter(ticket_map.filter)
        self._show_facets(ticket_map.facets)

    def take(self, ticket_map: QWidget) -> None:
        """Give the map its place here."""
        self.panel.body.addWidget(ticket_map, 1)
        self.setFocusProxy(ticket_map)

    def set_actor(self, actor: Actor | None) -> None:
        """Offer only the orders that this person may give."""
        self.directive.set_actor(actor)

    def set_fresh(self, as_of: datetime) -> None:
        """Say as of which moment (aware) the map is true."""
        self.panel.set_fresh(as_of)

    def set_stale(self, since: datetime | None) -> None:
        """Veil the page because it is only true as of `since`; None lifts the veil."""
        for panel in (self.panel, self.counties, self.bodies):
            panel.set_stale(since)

    def _show_filter(self, chosen: MapFilter) -> None:
        self.strip.show_filter(chosen)
        if self._map is not None and self.isVisible():
            self._show_rows(self._map.facets, chosen)

    def _show_facets(self, facets: Facets) -> None:
        # While another page is shown, counts come several times a second for nobody to see.
        if self._map is not None and self.isVisible():
            self.strip.show_facets(facets)
            self._show_rows(facets, self._map.filter)

    def _show_rows(self, facets: Facets, chosen: MapFilter) -> None:
        self.counties.show_rows(facets.counties, chosen.areas)
        self.bodies.show_rows(facets.bodies, () if chosen.body is None else (chosen.body,))

    def _turn_county(self, code: str) -> None:
        if self._map is None:
            return
        if code in self._map.filter.areas:
            self._map.go_home()
        else:
            self._map.open_county((code,))

    def _turn_body(self, key: str) -> None:
        if self._map is not None:
            chosen = self._map.filter
            self._map.set_filter(replace(chosen, body=None if chosen.body == key else key))

    def _apply_scale(self) -> None:
        margin, gap = self._scale.size("margin"), self._scale.size("gap")
        self._row.setContentsMargins(margin, margin, margin, margin)
        self._row.setSpacing(gap)
        self._side.setSpacing(gap)
        self.panel.body.setSpacing(self._scale.px(6))
        self._layer_row.setSpacing(gap)
        for panel in (self.counties, self.bodies):
            panel.setFixedWidth(self._scale.px(SIDE_WIDTH))

    # --- Qt --------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._map is not None:
            self._show_facets(self._map.facets)
            self._map.set_large(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._map is not None:
            self._map.set_large(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leads from a county back to the city, before it leads back to the page before."""
        escape = event.key() == Qt.Key.Key_Escape
        if escape and self._map is not None and self._map.is_in_county:
            self._map.go_home()
        else:
            super().keyPressEvent(event)
