"""The common shape of a list page: a table in a panel, and beside it what is known of the chosen line."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from widgets.panel import Panel
from widgets.scale import Scale
from widgets.table.view import RecordTable


class ListPage(QWidget):
    """A page with a table panel; `tools` goes under its title. `show_beside` adds the detail panel."""

    def __init__(self, title: str, table: RecordTable, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self.setProperty("look", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.table = table
        self.panel = Panel(title, scale, self)
        self.tools = QHBoxLayout()
        self.panel.body.addLayout(self.tools)
        self.panel.body.addWidget(table, 1)
        table.setAccessibleName(title)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.panel, 1)
        self.detail: DetailPanel | None = None
        self.setFocusProxy(table)
        scale.factor_changed.connect(self._respace)
        self._respace()

    def show_beside(self, detail: "DetailPanel") -> None:
        """Put the detail panel at the right of the table."""
        self.detail = detail
        self._row.addWidget(detail)

    def add_tools(self, widgets: Sequence[QWidget]) -> None:
        """Put filters and buttons under the title, from the left."""
        for widget in widgets:
            self.tools.addWidget(widget)
        self.tools.addStretch(1)

    def choose_first(self) -> None:
        """Choose the first line where none is chosen, so that the detail beside it is not empty."""
        if self.table.chosen() is None and self.table.model().rowCount():
            self.table.selectRow(0)

    def tick(self, now: datetime) -> None:
        """Move the countdowns in sight to a new moment."""
        self.table.tick(now)

    def set_stale(self, since: datetime | None) -> None:
        """Veil the page because it is only true as of `since`; None lifts the veil."""
        self.panel.set_stale(since)
        if self.detail is not None:
            self.detail.set_stale(since)

    def _respace(self) -> None:
        margin, gap = self._scale.size("margin"), self._scale.size("gap")
        self._row.setContentsMargins(margin, margin, margin, margin)
        self._row.setSpacing(gap)
        self.tools.setSpacing(gap)
        self.panel.body.setSpacing(self._scale.px(6))


class DetailPanel(Panel):
    """What is known of the chosen line; scrolls when it is much. `content` takes the widgets."""

    WIDTH = 620

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self._inner = QWidget(self)
        self._inner.setProperty("look", "clear")
        self.content = QVBoxLayout(self._inner)
        self.content.setContentsMargins(0, 0, 0, 0)
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._inner)
        self._inner.hide()
        self.body.addWidget(self._area)
        self._orders: list[QWidget] = []
        self._order_row = QHBoxLayout()
        self.body.addLayout(self._order_row)
        scale.factor_changed.connect(self._respace_content)
        self._respace_content()

    def add_orders(self, *orders: QWidget) -> None:
        """Put what can be done about the chosen line under it, in sight however long the content is."""
        row = self._order_row
        for widget in orders:
            widget.hide()
            row.addWidget(widget)
        row.addStretch(1)
        self._orders += orders

    def show_nothing(self, text: str) -> None:
        """Say that no line is chosen."""
        self.set_title(text)
        self.set_note("")
        self._inner.hide()
        for widget in self._orders:
            widget.hide()

    def show_content(self, title: str, note: str, tone: str) -> None:
        """Show the content under a title; the note, a status, has the colour of its mark."""
        self.set_title(title)
        self.set_note(note, tone)
        self._inner.show()
        for widget in self._orders:
            widget.show()

    @property
    def has_content(self) -> bool:
        """Whether a line is shown."""
        return not self._inner.isHidden()

    def _respace_content(self) -> None:
        self.content.setSpacing(self.scale.px(12))
        self._order_row.setSpacing(self.scale.px(6))
        self.setFixedWidth(self.scale.px(self.WIDTH))


def fit_table(table: RecordTable, rows: int, scale: Scale, most: int = 12) -> None:
    """Make a table inside a detail panel as high as its rows, at most `most` of them."""
    table.setFixedHeight(scale.px(38) * (min(rows, most) + 1) + scale.px(4))
