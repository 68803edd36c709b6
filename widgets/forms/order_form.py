"""What all forms share: one draft, inline messages, a busy state, and text that survives a refusal."""

import uuid
from abc import abstractmethod
from typing import Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from widgets.fact_grid import small_label
from widgets.plain import PlainLabel
from widgets.scale import Scale
from widgets.tokens import tokens


class OrderForm(QDialog):
    """A form that asks for one order. Open it with `open()`; it accepts itself only after `show_done`.

    Signals: `submitted(object)` with the frozen draft. The draft's request id is made with the form, so that
    submitting again after a lost answer writes once. Esc asks once before it throws away what was typed.
    """

    submitted = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self.request_id = str(uuid.uuid4())
        self._busy = False
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._heading = PlainLabel(self)
        self._heading.setProperty("textsize", "title")
        self._heading.setProperty("tone", "strong")
        self.body = QVBoxLayout()
        self.message = small_label(self, "overdue")
        self.message.hide()
        self.asking = small_label(self, "due_soon")
        self.asking.hide()
        self._asked_about: tuple[str, ...] = ()
        self.cancel_button = QPushButton(self.tr("取消"), self)
        self._cancel_text = self.cancel_button.text()
        self.cancel_button.setAutoDefault(False)
        self.submit_button = QPushButton(self)
        self.submit_button.setProperty("look", "primary")
        self.submit_button.setAutoDefault(False)
        self._submit_text = ""
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        self._buttons.addWidget(self.cancel_button)
        self._buttons.addWidget(self.submit_button)
        self._outer = QVBoxLayout(self)
        self._outer.addWidget(self._heading)
        self._outer.addLayout(self.body, 1)
        self._outer.addWidget(self.message)
        self._outer.addWidget(self.asking)
        self._outer.addLayout(self._buttons)
        self.cancel_button.clicked.connect(self.reject)
        self.submit_button.clicked.connect(self.submit)
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    @abstractmethod
    def problem(self) -> tuple[str, QWidget] | None:
        """Return what is wrong with the input, in words, and the field to mend; None when all is well."""

    @abstractmethod
    def draft(self) -> Any:
        """Return the frozen draft of what is typed."""

    def set_titles(self, title: str, submit_text: str) -> None:
        """Name the form and its button."""
        self.setWindowTitle(title)
        self._heading.setText(title)
        self.name_button(submit_text)

    def name_button(self, text: str) -> None:
        """Say on its button what the form does."""
        self._submit_text = text
        if not self._busy:
            self.submit_button.setText(text)

    @property
    def busy(self) -> bool:
        """Whether an answer to the draft is awaited."""
        return self._busy

    def submit(self) -> None:
        """Hand the draft over, or say what is missing. While an answer is awaited, nothing happens."""
        if self._busy:
            return
        found = self.problem()
        if found is not None:
            text, field = found
            self._say(text)
            field.setFocus()
            return
        self._say("")
        self._stop_asking()
        self._set_busy(True)
        self.submitted.emit(self.draft())

    def show_refusal(self, text: str) -> None:
        """The order was refused: say why, and keep everything that was typed."""
        self._set_busy(False)
        self._say(text)
        self.submit_button.setFocus()

    def show_done(self) -> None:
        """The order was written: close the form."""
        self._set_busy(False)
        self.accept()

    def show_carried(self, found: Any) -> None:  # noqa: ARG002 - a form that stays says what came of it
        """The order was carried out, and this is what its use case returned: close the form."""
        self.show_done()

    def reject(self) -> None:
        """Close without an order; not while an answer is awaited."""
        if not self._busy:
            super().reject()

    def typed(self) -> tuple[str, ...]:
        """Return what a hand has typed into the fields; what stood there at first is no loss."""
        lines = [
            line.text()
            for line in self.findChildren(QLineEdit)
            # A date that is chosen is chosen again in a moment.
            if line.isModified() and not isinstance(line.parent(), QAbstractSpinBox)
        ]
        texts = [e.toPlainText() for e in self.findChildren(QPlainTextEdit) if e.document().isModified()]
        return tuple(text for text in (*lines, *texts) if text.strip())

    def _asks(self) -> bool:
        """Ask whether what is typed is to be lost; return whether that was not asked before."""
        typed = self.typed()
        if self._busy or not typed or typed == self._asked_about:
            return False
        if not self._asked_about:
            self._cancel_text = self.cancel_button.text()
        self._asked_about = typed
        self.asking.setText(self.tr("◆ 已填写的内容尚未提交。再按一次 Esc 即放弃，继续填写则保留。"))
        self.asking.show()
        self.cancel_button.setText(self.tr("放弃填写"))
        return True

    def _stop_asking(self) -> None:
        if self._asked_about:
            self._asked_about = ()
            self.asking.hide()
            self.cancel_button.setText(self._cancel_text)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._busy or (event.spontaneous() and self._asks()):
            event.ignore()
        else:
            super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.submit()
        elif enter and isinstance(button := self.focusWidget(), QPushButton):
            button.click()
        elif not enter and not (event.key() == Qt.Key.Key_Escape and self._asks()):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw an edge: a wall without a window manager gives none."""
        super().paintEvent(event)
        painter = QPainter(self)
        width = self._scale.px(1)
        painter.setPen(QPen(tokens().qcolor("chip_border"), width))
        half = width / 2
        painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))
        painter.end()

    def add_row(self, caption: str, field: QWidget) -> None:
        """Put a field under its caption."""
        label = PlainLabel(caption, self)
        label.setProperty("tone", "muted")
        label.setProperty("textsize", "small")
        label.setBuddy(field)
        field.setAccessibleName(caption)
        row = QVBoxLayout()
        row.setSpacing(self._scale.px(4))
        row.addWidget(label)
        row.addWidget(field)
        self.body.addLayout(row)

    def _say(self, text: str) -> None:
        self.message.setText(f"■ {text}" if text else "")
        self.message.setVisible(bool(text))

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.submit_button.setEnabled(not busy)
        self.cancel_button.setEnabled(not busy)
        self.submit_button.setText(self.tr("正在提交…") if busy else self._submit_text)

    def _rescale(self) -> None:
        pad = self._scale.px(24)
        self._outer.setContentsMargins(pad, self._scale.px(18), pad, pad)
        self._outer.setSpacing(self._scale.px(14))
        self.body.setSpacing(self._scale.px(14))
        self._buttons.setSpacing(self._scale.px(12))
        self.setMinimumWidth(self._scale.px(820))
        self.setStyleSheet(indicators(self._scale))


def indicators(scale: Scale) -> str:
    """Boxes and dots that can be seen on the dark ground; Fusion's own vanish in it."""
    colour, px = tokens().colour, scale.px
    base = f"width: {px(16)}px; height: {px(16)}px; border: {px(1)}px solid {colour('text_muted')};"
    return (
        f"QCheckBox::indicator {{ {base} border-radius: {px(3)}px; background: {colour('background')}; }}"
        f"QRadioButton::indicator {{ {base} border-radius: {px(9)}px; background: {colour('background')}; }}"
        f"QCheckBox::indicator:checked, QRadioButton::indicator:checked {{ background: {colour('accent')};"
        f" border-color: {colour('text_strong')}; }}"
        f"QCheckBox::indicator:indeterminate {{ background: {colour('chip_border')}; }}"
    )
