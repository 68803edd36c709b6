"""The few kinds of field that all steps are filled in with: each has a value, and says its flaw."""

from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from domain.drafts import Choice
from domain.orders import LONGEST_NAME, LONGEST_TEXT
from domain.steps import LARGEST_AMOUNT
from widgets.arrow_fields import ArrowComboBox
from widgets.forms.choice_grid import ChoiceGrid
from widgets.forms.deadline_edit import DeadlineEdit
from widgets.forms.text_edit import SentenceEdit
from widgets.scale import Scale

OTHER = ""
"""Key of the choice that says: none of these, in words of one's own."""


class FieldEdit(Protocol):
    """What a step's form knows of its fields."""

    @property
    def value(self) -> Any:
        """What is typed or chosen; empty text, no keys or None where nothing is."""

    @property
    def flaw(self) -> str:
        """What is wrong with what was typed, in words; empty when nothing is. Missing is no flaw."""


class TextField(SentenceEdit):
    """A few sentences."""

    @property
    def value(self) -> str:
        """The text without white space around it."""
        return self.text

    @property
    def flaw(self) -> str:
        """Too long, with how long it may be."""
        return self.tr("过长，最多 {0} 字").format(LONGEST_TEXT) if self.too_long else ""


class NamesField(TextField):
    """Names, one a line."""

    @property
    def value(self) -> tuple[str, ...]:  # type: ignore[override]
        """The lines that are not empty, each once."""
        return tuple(dict.fromkeys(filter(None, (line.strip() for line in self.text.splitlines()))))


class LineField(QLineEdit):
    """One line, such as the number of a document."""

    def __init__(self, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)

    @property
    def value(self) -> str:
        """The text without white space around it."""
        return self.text().strip()

    @property
    def flaw(self) -> str:
        """Too long, with how long it may be."""
        return self.tr("过长，最多 {0} 字").format(LONGEST_NAME) if len(self.value) > LONGEST_NAME else ""


class NumberField(LineField):
    """A whole number of a unit; what is no number stays as it was typed, and is refused."""

    MOST = LARGEST_AMOUNT

    @property
    def value(self) -> int | None:  # type: ignore[override]
        """The number, None when nothing is typed or it is none."""
        typed = self.text().strip().replace(",", "").replace("，", "")
        return int(typed) if typed.isdecimal() and len(typed) <= len(str(self.MOST)) else None

    @property
    def flaw(self) -> str:
        """No number, or one that is too large."""
        if not self.text().strip():
            return ""
        if self.value is None or self.value > self.MOST:
            return self.tr("请填写 0 至 {0} 的整数").format(self.MOST)
        return ""


class ChoiceField(ArrowComboBox):
    """One of several, none at the start unless it is given."""

    def __init__(
        self, choices: Sequence[Choice], placeholder: str, scale: Scale, parent: QWidget | None = None
    ) -> None:
        super().__init__(scale, parent)
        self.addItem(placeholder, OTHER)
        for choice in choices:
            self.addItem(choice.name, choice.key)

    @property
    def value(self) -> str:
        """The key of the choice, empty for none."""
        return str(self.currentData() or OTHER)

    @property
    def flaw(self) -> str:
        """Nothing: what can be chosen is well."""
        return ""

    def choose(self, key: str) -> None:
        """Choose by key; an unknown one is passed over."""
        self.setCurrentIndex(max(0, self.findData(key)))


class BodiesField(ChoiceGrid):
    """Several bodies."""

    @property
    def value(self) -> tuple[str, ...]:
        """The keys of those chosen, in their order."""
        return self.chosen

    @property
    def flaw(self) -> str:
        """Nothing: what can be chosen is well."""
        return ""


class DeadlineField(DeadlineEdit):
    """A deadline in the future."""

    @property
    def value(self) -> Any:
        """The chosen moment, aware."""
        return self.deadline

    @property
    def flaw(self) -> str:
        """Past already."""
        return self.tr("已过，请重新选择") if self.is_past else ""


class YesNoField(QWidget):
    """Two answers, neither of which is taken for granted.

    Signals: `answer_changed()`.
    """

    answer_changed = Signal()

    def __init__(self, yes: str, no: str, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self.yes, self.no = QRadioButton(yes, self), QRadioButton(no, self)
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for button in (self.yes, self.no):
            self._group.addButton(button)
            self._row.addWidget(button)
        self._row.addStretch(1)
        self.setFocusProxy(self.yes)
        self._group.buttonClicked.connect(self._answered)
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    @property
    def value(self) -> bool | None:
        """The answer, None while there is none."""
        return True if self.yes.isChecked() else False if self.no.isChecked() else None

    @property
    def flaw(self) -> str:
        """Nothing: either answer is well."""
        return ""

    def answer(self, yes: bool) -> None:
        """Give an answer."""
        (self.yes if yes else self.no).setChecked(True)

    def _answered(self, _button: object) -> None:
        self.answer_changed.emit()

    def _rescale(self) -> None:
        self._row.setSpacing(self._scale.px(24))


class WordedChoiceField(QWidget):
    """One of the usual answers, a remark beside it, or words of one's own in its place. None is chosen at
    first: what is logged for good nobody has taken for granted. `detailed`: the remark must not be missing.

    Signals: `answer_changed()`.
    """

    answer_changed = Signal()

    def __init__(
        self,
        choices: Sequence[str],
        placeholder: str,
        longest: int,
        scale: Scale,
        parent: QWidget | None = None,
        *,
        detailed: bool = False,
    ) -> None:
        super().__init__(parent)
        self._scale = scale
        self._longest = longest
        self._detailed = detailed
        usual = [Choice(word, word) for word in choices]
        self.choice = ChoiceField(usual, self.tr("请选择"), scale, self)
        self.choice.addItem(self.tr("其他（请在下方写明）"), OTHER)
        self.words = TextField(placeholder, 2, scale, self)
        self.choice.currentIndexChanged.connect(self.answer_changed)
        self.words.textChanged.connect(self.answer_changed)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.choice)
        self._column.addWidget(self.words)
        self.setFocusProxy(self.choice)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    @property
    def is_chosen(self) -> bool:
        """Whether one of the usual answers is chosen, or words of one's own."""
        return self.choice.currentIndex() > 0

    @property
    def value(self) -> str:
        """The usual answer with the remark behind it, or the words alone; empty while one is missing."""
        if not self.is_chosen or (self._detailed and not self.words.value):
            return ""
        return "：".join(part for part in (self.choice.value, self.words.value) if part)

    @property
    def flaw(self) -> str:
        """Too long, with how long it may be."""
        return self.tr("过长，最多 {0} 字").format(self._longest) if len(self.value) > self._longest else ""

    def _rescale(self) -> None:
        self._column.setSpacing(self._scale.px(6))
