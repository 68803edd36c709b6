"""The strip over a handler's queue: what waits for the body's answer, each with its count."""

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from domain.handler_desk import Answers
from widgets.elided_label import ElidedLabel
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import Mark, Shape, mark_icon

WAITS = Mark("due_soon", Shape.DIAMOND, "")
"""What waits for the body is due soon, in the words beside it."""


class AnswerStrip(QWidget):
    """A button for each sort of answer; those that nothing waits for are not there.

    Signals: `directive_requested(str)`, `file_requested(str)` with the number to open first;
    `questions_requested(tuple)` with the tickets in which other bodies ask.
    """

    directive_requested = Signal(str)
    file_requested = Signal(str)
    questions_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self.answers = Answers()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._words = ElidedLabel(scale, self, tone="text_muted")
        self.to_sign = self._button()
        self.to_feed_back = self._button()
        self.to_explain = self._button()
        self.to_answer = self._button()
        for widget in (self._words, *self.buttons):
            self._row.addWidget(widget)
        self._row.addStretch(1)
        self.to_sign.clicked.connect(self._sign)
        self.to_feed_back.clicked.connect(self._feed_back)
        self.to_explain.clicked.connect(self._explain)
        self.to_answer.clicked.connect(self._answer)
        scale.factor_changed.connect(self._respace)
        self._respace()
        self.show_answers(Answers())

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """All buttons, from the left."""
        return self.to_sign, self.to_feed_back, self.to_explain, self.to_answer

    def show_answers(self, answers: Answers) -> None:
        """Say how many of each wait."""
        self.answers = answers
        wanted: list[tuple[QPushButton, str, int]] = [
            (self.to_sign, self.tr("待签收指令 {0}"), answers.directives),
            (self.to_feed_back, self.tr("待反馈指令 {0}"), answers.feedbacks),
            (self.to_explain, self.tr("待说明的再监督 {0}"), answers.explanations),
            (self.to_answer, self.tr("待答复的提问 {0}"), len(answers.questions)),
        ]
        for button, words, count in wanted:
            button.setText(words.format(count))
            button.setToolTip(tip(self.tr("点击或按 Enter 打开，先看期限最近的一件")))
            button.setVisible(count > 0)
        waiting = any(count for _, _, count in wanted)
        self._words.set_text(self.tr("等本单位答复：") if waiting else self.tr("● 没有等本单位答复的事项"))
        self._words.set_tone("text_muted" if waiting else "done")

    def _sign(self) -> None:
        self._ask(self.directive_requested, self.answers.first_directive)

    def _feed_back(self) -> None:
        self._ask(self.directive_requested, self.answers.first_feedback)

    def _explain(self) -> None:
        self._ask(self.file_requested, self.answers.first_explanation)

    def _answer(self) -> None:
        self.questions_requested.emit(self.answers.questions)

    def _ask(self, signal: Any, number: str | None) -> None:
        if number is not None:
            signal.emit(number)

    def _button(self) -> QPushButton:
        button = QPushButton(self)
        button.setProperty("look", "small")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _respace(self) -> None:
        self._row.setSpacing(self._scale.px(8))
        side, gap = self._scale.size("mark"), self._scale.px(3)
        for button in self.buttons:
            button.setIcon(mark_icon(WAITS, side, gap, button.devicePixelRatioF()))
            button.setIconSize(QSize(side + gap, side))
