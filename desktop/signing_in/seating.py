"""Lets people change places at the window: by a demo person's name, or by one's own login."""

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from data_access.errors import StoreError
from desktop import runtime
from desktop.forms import Forms
from desktop.seat import Seat, Sitting
from desktop.signing_in.entrances import DemoEntrance
from domain.city import Person
from widgets.forms.order_form import OrderForm
from widgets.scale import Scale
from widgets.sign_in.demo_person_form import DemoPersonForm

_log = logging.getLogger(__name__)


class Seating(QObject):
    """One dialog at a time, over the window.

    Signals:
        sat_down(Sitting): somebody else takes the seat; the window reads all anew.
        refused(str): it could not even be asked; a sentence for the screen.
    """

    sat_down = Signal(object)
    refused = Signal(str)

    def __init__(self, seat: Seat, forms: Forms, scale: Scale, window: QWidget) -> None:
        super().__init__(window)
        self._seat = seat
        self._forms = forms
        self._scale = scale
        self._window = window
        self.form: OrderForm | None = None

    def open_change(self) -> None:
        """Ask who is to sit here."""
        if isinstance(self._seat.entrance, DemoEntrance):
            runtime.spawn(self._open_demo_people(self._seat.entrance), "demo people")

    async def _open_demo_people(self, entrance: DemoEntrance) -> None:
        choices = self._forms.choices
        if choices is None:
            self.refused.emit(self.tr("名册尚未读到，请稍候再试。"))
            return
        try:
            people = await runtime.in_thread(entrance.people)
        except StoreError as error:
            self.refused.emit(f"{error.message}。{error.way_out}")
            return
        sitter = self._seat.sitter
        current = None if sitter is None else sitter.actor
        names = choices.names.short_bodies
        self._open(DemoPersonForm(people, names, current, self._scale, self._window), self._sit_demo)

    def _open(self, form: OrderForm, submitted: Callable[[object], None]) -> None:
        if self.form is not None:
            form.deleteLater()
            return
        self.form = form
        form.submitted.connect(submitted)
        form.finished.connect(self._closed)
        form.open()

    def _closed(self, _result: int) -> None:
        self.form = None

    def _sit_demo(self, person: object) -> None:
        if isinstance(self._seat.entrance, DemoEntrance) and isinstance(person, Person):
            runtime.spawn(self._sit(self._seat.entrance.sit, person), "sit down")

    async def _sit(self, sit: Callable[[Person], Sitting], person: Person) -> None:
        try:
            sitting = await runtime.in_thread(sit, person)
        except StoreError as error:
            self._say(f"{error.message}。{error.way_out}")
            return
        if self.form is not None:
            self.form.show_done()
        self.sat_down.emit(sitting)

    def _say(self, text: str) -> None:
        if self.form is not None:
            self.form.show_refusal(text)
        else:
            self.refused.emit(text)
