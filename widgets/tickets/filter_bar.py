"""What a list of tickets is narrowed to: fields to choose from, and chips that take a choice back."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from domain.listing import UNSET, TicketFilter
from domain.nodes import TicketState
from domain.urgency import Urgency
from widgets.arrow_fields import ArrowComboBox
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import mark_of, merged_mark
from widgets.wording import urgency_name

Choices = Sequence[tuple[str, str]]
"""Keys and names, in their order on screen."""

_OPEN, _MERGED = "open_only", "merged"
MOST_IN_SIGHT = 18
LONGEST_CHIP = 220
LISTED = ("text", "state", _MERGED, "urgency", "body", "area", "category", "channel")
"""The parts of a filter that a chip stands for, beside `open_only`; the others came with what was clicked."""


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What the store's master data offers to filter by."""

    bodies: Choices = ()
    areas: Choices = ()
    categories: Choices = ()
    channels: Choices = ()


class FilterBar(QWidget):
    """Signals: `filter_changed(TicketFilter)` when the hand chose another filter."""

    filter_changed = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._filter = TicketFilter()
        self._given = TicketFilter()
        self._names: dict[str, dict[str, str]] = {}
        self.fields: dict[str, ArrowComboBox] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for key, caption in (
            ("state", self.tr("状态")),
            ("urgency", self.tr("紧急")),
            ("body", self.tr("责任主体")),
            ("area", self.tr("区划")),
            ("category", self.tr("类别")),
            ("channel", self.tr("来源")),
        ):
            field = ArrowComboBox(scale, self)
            field.setObjectName(key)
            field.setAccessibleName(caption)
            field.setPlaceholderText(caption)
            field.setMaxVisibleItems(MOST_IN_SIGHT)
            field.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            field.activated.connect(self._choose)
            self.fields[key] = field
            self._row.addWidget(field)
        self.chips = [self._chip(key) for key in (_OPEN, *LISTED, "given")]
        self._row.addStretch(1)
        states = [(s.value, mark_of(s).word) for s in TicketState]
        self._fill("state", [(_OPEN, self.tr("在办")), *states, (_MERGED, merged_mark().word)])
        self._fill("urgency", [(u.value, urgency_name(u)) for u in Urgency])
        self.show_choices(FilterChoices())
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    def show_choices(self, choices: FilterChoices) -> None:
        """Offer what the store knows; what is chosen stays so."""
        unset = (UNSET, self.tr("未标注"))
        self._fill("body", choices.bodies)
        self._fill("area", (*choices.areas, unset) if choices.areas else ())
        self._fill("category", (*choices.categories, unset) if choices.categories else ())
        self._fill("channel", choices.channels)
        self._show()

    def show_filter(self, chosen: TicketFilter, given: str = "") -> None:
        """Show what the list is narrowed to. `given` names what of it no field can express, if anything."""
        self._filter = chosen
        plain = {name: getattr(TicketFilter(), name) for name in (_OPEN, *LISTED)}
        self._given = replace(chosen, **plain)
        self._names["given"] = {"given": given}
        self._show()

    @property
    def chosen(self) -> TicketFilter:
        """What the list is narrowed to."""
        return self._filter

    def _choose(self, position: int) -> None:
        field = self.sender()
        if isinstance(field, ArrowComboBox):
            key, value = field.objectName(), field.itemData(position)
            if key == "state":
                chosen = self._with_state(value)
            elif key == "urgency":
                chosen = replace(self._filter, urgency=Urgency(value))
            else:
                chosen = replace(self._filter, **{key: value})
            self._change(chosen)

    def _with_state(self, value: str) -> TicketFilter:
        """Return the filter with a state: what was closed was not merged, and what was merged is not open."""
        if value == _OPEN:
            return replace(self._filter, open_only=True, state=None, merged=None)
        if value == _MERGED:
            return replace(self._filter, open_only=False, state=None, merged=True)
        state = TicketState(value)
        merged = False if state is TicketState.CLOSED else None
        return replace(self._filter, open_only=False, state=state, merged=merged)

    def _take_back(self) -> None:
        chip = self.sender()
        if chip is None:
            return
        key = chip.objectName()
        if key == "given":
            kept = {name: getattr(self._filter, name) for name in (_OPEN, *LISTED)}
            self._change(replace(TicketFilter(), **kept))
        else:
            unmerged = {_MERGED: None} if key == "state" else {}
            self._change(replace(self._filter, **{key: getattr(TicketFilter(), key)}, **unmerged))

    def _change(self, chosen: TicketFilter) -> None:
        if chosen != self._filter:
            self.show_filter(chosen, self._names["given"]["given"])
            self.filter_changed.emit(chosen)

    def _show(self) -> None:
        for key, field in self.fields.items():
            value = getattr(self._filter, key)
            if key == "state" and value is None and self._filter.open_only:
                value = _OPEN
            if key == "state" and self._filter.merged:
                value = _MERGED
            field.setCurrentIndex(-1 if value is None else field.findData(str(value)))
        for chip in self.chips:
            words = self._words(chip.objectName())
            short = chip.fontMetrics().elidedText(
                words, Qt.TextElideMode.ElideRight, self._scale.px(LONGEST_CHIP)
            )
            chip.setText(f"{short}  ×")
            chip.setToolTip(tip(self.tr("去掉“{0}”").format(words)))
            chip.setVisible(bool(words))

    def _words(self, key: str) -> str:
        if key == "given":
            narrowed = any(getattr(self._given, f.name) != f.default for f in fields(TicketFilter))
            return self._names.get("given", {}).get("given", "") if narrowed else ""
        value: Any = getattr(self._filter, key)
        if key == _OPEN:
            return self.tr("在办") if value and self._filter.state is None else ""
        if key == _MERGED:
            return merged_mark().word if value else ""
        if value is None:
            return ""
        if key == "text":
            return f"“{value}”"
        return self._names.get(key, {}).get(str(value), str(value)).strip()

    def _fill(self, key: str, choices: Choices) -> None:
        field = self.fields[key]
        self._names[key] = dict(choices)
        field.clear()
        for value, name in choices:
            field.addItem(name, value)
        field.setEnabled(bool(choices))
        field.setCurrentIndex(-1)

    def _chip(self, key: str) -> QPushButton:
        chip = QPushButton(self)
        chip.setObjectName(key)
        chip.setProperty("look", "small")
        chip.setCursor(Qt.CursorShape.PointingHandCursor)
        chip.hide()
        chip.clicked.connect(self._take_back)
        self._row.addWidget(chip)
        return chip

    def _rescale(self) -> None:
        self._row.setSpacing(self._scale.px(8))
        for key, width in (("state", 120), ("urgency", 108), ("category", 178), ("channel", 150)):
            self.fields[key].setFixedWidth(self._scale.px(width))
        for key in ("body", "area"):
            self.fields[key].setFixedWidth(self._scale.px(168))
        for chip in self.chips:
            # Where many stand in a narrow window they are cut short; a tooltip has their words.
            chip.setMinimumWidth(self._scale.px(48))


def list_title() -> str:
    """The title of a list that no longer is what was clicked."""
    return QCoreApplication.translate("tickets", "按条件筛选的工单")
