"""A row of buttons, one for each step: what may be taken now is offered, the rest says why not."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from widgets.forms.step_fields import word
from widgets.forms.step_form import STEP_FORMS
from widgets.plain import tip
from widgets.scale import Scale


@dataclass(frozen=True, slots=True)
class Offer:
    """A step by the type of its fact or draft; `refusal` says why it may not be taken, empty when it may.

    `due` marks the step that comes next in the procedure.
    """

    kind: type
    refusal: str = ""
    due: bool = False


class StepBar(QWidget):
    """Buttons in the order of the procedure, made once.

    Signals: `step_requested(object)` with the step's type.
    """

    step_requested = Signal(object)

    def __init__(
        self,
        kinds: Sequence[type],
        scale: Scale,
        parent: QWidget | None = None,
        *,
        needs_its_width: bool = True,
    ) -> None:
        super().__init__(parent)
        self._needs_its_width = needs_its_width
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._scale = scale
        self._offers: tuple[Offer, ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.buttons: dict[type, QPushButton] = {}
        for kind in kinds:
            button = QPushButton(word(STEP_FORMS[kind].short), self)
            button.setProperty("look", "step")
            button.setAutoDefault(False)
            button.clicked.connect(self._clicked)
            self._row.addWidget(button)
            self.buttons[kind] = button
        self._row.addStretch(1)
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    @property
    def offers(self) -> tuple[Offer, ...]:
        """What is offered now."""
        return self._offers

    def refusal(self, kind: type) -> str:
        """Return why a step is not offered, empty when it is."""
        return next((offer.refusal for offer in self._offers if offer.kind is kind), "")

    def show_offers(self, offers: Sequence[Offer]) -> None:
        """Offer these steps; the others are not shown. Steps without a button are passed over."""
        shown = tuple(offer for offer in offers if offer.kind in self.buttons)
        if shown == self._offers:
            return
        before = {offer.kind: offer for offer in self._offers}
        self._offers = shown
        by_kind = {offer.kind: offer for offer in shown}
        # The window's own focus: a form may still be over it.
        focused = self.window().focusWidget()
        held = next((kind for kind, button in self.buttons.items() if button is focused), None)
        for kind, button in self.buttons.items():
            offer = by_kind.get(kind)
            if offer == before.get(kind) and offer is not None:
                continue
            button.setVisible(offer is not None)
            if offer is not None:
                self._dress(button, offer)
        if held is not None and not self._offered(held):
            self._go_on()

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        return least if self._needs_its_width else QSize(0, least.height())

    def _offered(self, kind: type) -> bool:
        button = self.buttons[kind]
        return button.isEnabled() and not button.isHidden()

    def _go_on(self) -> None:
        """Whoever has just taken a step by keyboard finds the next one under the hand."""
        offered = [offer for offer in self._offers if not offer.refusal]
        chosen = next((offer for offer in offered if offer.due), offered[0] if offered else None)
        if chosen is not None:
            self.buttons[chosen.kind].setFocus(Qt.FocusReason.OtherFocusReason)

    def _dress(self, button: QPushButton, offer: Offer) -> None:
        button.setEnabled(not offer.refusal)
        button.setToolTip(tip(offer.refusal))
        button.setAccessibleDescription(offer.refusal)
        look = "step_due" if offer.due and not offer.refusal else "step"
        if button.property("look") != look:
            button.setProperty("look", look)
            button.style().unpolish(button)
            button.style().polish(button)

    def _clicked(self) -> None:
        pressed = self.sender()
        for kind, button in self.buttons.items():
            if button is pressed:
                self.step_requested.emit(kind)

    def _rescale(self) -> None:
        self._row.setSpacing(self._scale.px(6))
