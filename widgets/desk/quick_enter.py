"""Enter submits a desk's form from wherever the focus is: the hand on the keyboard looks for no button."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from widgets.forms.order_form import OrderForm

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class QuickEnter(QObject):
    """Watches the fields of a form. Shift+Enter begins a new line in a text; on 取消, Enter leaves."""

    def __init__(self, form: OrderForm) -> None:
        super().__init__(form)
        self._form = form
        for field in form.findChildren(QWidget):
            field.installEventFilter(self)
        # What is filled in already needs no key on the way.
        empty = [
            e for e in getattr(form, "edits", {}).values() if e.value in ("", (), None) and not e.isHidden()
        ]
        if empty:
            empty[0].setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() not in _ENTER or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            return False
        if watched is self._form.cancel_button:
            return False
        self._form.submit()
        return True
