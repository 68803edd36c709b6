"""The large map's filter: urgency, state and category, each choice with how many tickets it would show."""

from dataclasses import replace

from PySide6.QtCore import QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QPushButton, QWidget

from domain.listing import UNSET
from widgets.map.choice import EVERYTHING, Facets, MapFilter
from widgets.map.points import STATES, URGENCIES
from widgets.map.words import category_word
from widgets.scale import Scale
from widgets.status import mark_icon, mark_of
from widgets.tokens import tokens
from widgets.wording import exact_count_text, urgency_name

KEY_ROLE = Qt.ItemDataRole.UserRole


class FilterStrip(QWidget):
    """Chips and a list of categories; several choices hold at once.

    Signals:
        filter_chosen(MapFilter): the hand chose another filter.
        list_requested(): the list of all tickets that pass.
    """

    filter_chosen = Signal(object)
    list_requested = Signal()

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._filter, self._facets = EVERYTHING, Facets()
        self._keys: tuple[tuple[str, bool], ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.urgencies = self._chips(len(URGENCIES), self._turn_urgency)
        self._line = QFrame(self)
        self._line.setProperty("look", "line")
        self._row.addWidget(self._line)
        self.states = self._chips(len(STATES), self._turn_state)
        self.categories = CategoryBox(scale, self)
        self.categories.setAccessibleName(self.tr("类别"))
        self.categories.addItem(self.tr("全部类别"), None)
        self.categories.activated.connect(self._choose_category)
        self._row.addStretch(1)
        self._row.addWidget(self.categories)
        # What speaks of the whole filter goes into the panel's title row.
        self.clear = QPushButton(self.tr("清除筛选"), self)
        self.clear.setProperty("look", "link")
        self.clear.clicked.connect(self._clear)
        self.total = QPushButton(self)
        self.total.setProperty("look", "link")
        self.total.clicked.connect(self.list_requested)
        scale.factor_changed.connect(self._apply_scale)
        self._apply_scale()
        self.show_filter(EVERYTHING)

    def show_filter(self, chosen: MapFilter) -> None:
        """Show what is chosen, whoever chose it."""
        self._filter = chosen
        for button, urgency in zip(self.urgencies, URGENCIES, strict=True):
            button.setChecked(urgency in chosen.urgencies)
        for button, state in zip(self.states, STATES, strict=True):
            button.setChecked(state in chosen.states)
        self.clear.setVisible(bool(chosen))
        self._list_categories()

    def show_facets(self, facets: Facets) -> None:
        """Write the counts behind the choices."""
        self._facets = facets
        for button, urgency, tickets in zip(self.urgencies, URGENCIES, facets.urgencies, strict=True):
            _write(button, f"{urgency_name(urgency)} {exact_count_text(tickets)}")
        for button, state, tickets in zip(self.states, STATES, facets.states, strict=True):
            _write(button, f"{mark_of(state).word} {exact_count_text(tickets)}")
        _write(self.total, self.tr("清单 {0} 件").format(exact_count_text(facets.total)))
        self.total.setEnabled(facets.total > 0)
        self._list_categories()

    def _chips(self, count: int, turned: object) -> list[QPushButton]:
        # In no group: in one of any kind Qt lets Tab reach the button only that had the focus last.
        buttons = []
        for number in range(count):
            button = QPushButton(self)
            button.setProperty("look", "tab")
            button.setCheckable(True)
            button.setProperty("number", number)
            button.clicked.connect(turned)
            self._row.addWidget(button)
            buttons.append(button)
        return buttons

    def _turn_urgency(self) -> None:
        turned = URGENCIES[self.sender().property("number")]
        self._choose(replace(self._filter, urgencies=self._filter.urgencies ^ {turned}))

    def _turn_state(self) -> None:
        turned = STATES[self.sender().property("number")]
        self._choose(replace(self._filter, states=self._filter.states ^ {turned}))

    def _choose_category(self, row: int) -> None:
        self._choose(replace(self._filter, category=self.categories.itemData(row, KEY_ROLE)))

    def _clear(self) -> None:
        self._choose(EVERYTHING)

    def _choose(self, chosen: MapFilter) -> None:
        self.filter_chosen.emit(chosen)

    def _list_categories(self) -> None:
        """Bring the list of categories up to date, text by text: an open list stays open and where it is."""
        keys = self._category_keys()
        box = self.categories
        if keys != self._keys:
            with QSignalBlocker(box):
                while box.count() > 1 + len(keys):
                    box.removeItem(box.count() - 1)
                while box.count() < 1 + len(keys):
                    box.addItem("", None)
            self._keys = keys
        for row, (key, is_class) in enumerate(keys, start=1):
            tickets = self._facets.categories.get(key, 0)
            word = category_word(key, self._facets)
            text = f"{'' if is_class else '　'}{word} {exact_count_text(tickets)}"
            if box.itemText(row) != text:
                box.setItemText(row, text)
            if box.itemData(row, KEY_ROLE) != key:
                box.setItemData(row, key, KEY_ROLE)
        chosen = self._filter.category
        row = next((at for at, (key, _) in enumerate(keys, start=1) if key == chosen), 0)
        if box.currentIndex() != row:
            box.setCurrentIndex(row)

    def _category_keys(self) -> tuple[tuple[str, bool], ...]:
        """Return classes, each followed by its kinds, then what is in none; those that are chosen or met."""
        kinds = sorted(self._facets.category_choices, key=lambda kind: (kind.group_key, kind.key))
        found: dict[str, bool] = {}
        for kind in kinds:
            if kind.group_key:
                found.setdefault(kind.group_key, True)
            found.setdefault(kind.key, not kind.group_key)
        if UNSET in self._facets.categories or self._filter.category == UNSET:
            found[UNSET] = True
        if self._filter.category is not None:
            found.setdefault(self._filter.category, True)
        return tuple(found.items())

    def _apply_scale(self) -> None:
        scale = self._scale
        self._row.setSpacing(scale.px(4))
        self._line.setFixedSize(scale.px(12), scale.px(1))
        self.categories.setFixedWidth(scale.px(240))
        side, gap = scale.size("mark"), scale.px(3)
        for button, state in zip(self.states, STATES, strict=True):
            button.setIcon(mark_icon(mark_of(state), side, gap, button.devicePixelRatioF()))
            button.setIconSize(QSize(side + gap, side))


class CategoryBox(QComboBox):
    """A list to choose from that shows that it is one: the style sheet leaves it without an arrow."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        half = self._scale.px(5)
        middle = QPointF(self.width() - self._scale.px(18), self.height() / 2)
        corners = [QPointF(-half, -half / 2), QPointF(half, -half / 2), QPointF(0, half / 2)]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens().qcolor("text_muted"))
        painter.drawPolygon([middle + corner for corner in corners])


def _write(button: QPushButton, text: str) -> None:
    if button.text() != text:
        button.setText(text)
