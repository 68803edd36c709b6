"""The form for a note in a case: a step's form whose rows come and go with what was chosen."""

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.forms.asked import BESIDE
from widgets.forms.decision_rows import DecisionRows
from widgets.forms.field_edits import ChoiceField, NamesField, TextField, YesNoField
from widgets.forms.step_fields import Field, Kind, word
from widgets.forms.step_form import LINES, StepForm

MANY = 5
"""A form with more fields than these is a long one."""


class CaseForm(StepForm):
    """Signals: `submitted(object)` with the draft of a step whose fact is a note of the case."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for name in {field.only[0] for field in self._words.fields if field.only}:
            choice = self.edits[name]
            assert isinstance(choice, ChoiceField)
            choice.currentIndexChanged.connect(self._show_rows)
        self._show_rows()

    def problem(self) -> tuple[str, QWidget] | None:
        found = super().problem()
        return None if found is not None and found[1].isHidden() else found

    def draft(self) -> Any:
        values: dict[str, Any] = {}
        for field in self._words.fields:
            value = self.edits[field.name].value
            if value in ("", (), None) or not self._counts(field):
                continue
            if field.kind is Kind.DECISIONS:
                values["decisions"] = tuple(text for text, _ in value)
                values["deadlines"] = tuple(deadline for _, deadline in value)
                continue
            made = value if field.made is None else field.made(value)
            if isinstance(made, dict):
                values |= made
            else:
                values[field.name] = made
        for field in self._words.fields:
            # A name that is left empty says: nobody any more.
            if field.name == "name":
                values.setdefault("name", "")
        return self.asked.draft(self.request_id, values)

    def _counts(self, field: Field) -> bool:
        """Whether a field is one of what was chosen, and of what this person may ask for."""
        if field.name == BESIDE and self.asked.options.get(BESIDE) == ():
            return False
        return not field.only or self.edits[field.only[0]].value in field.only[1]

    def _is_needed(self, field: Field) -> bool:
        return self._counts(field) and super()._is_needed(field)

    def _made(self, field: Field) -> QWidget:
        preset = self.asked.preset.get(field.name)
        if field.kind is Kind.LINES:
            return NamesField(word(field.hint), self._lines, self._scale, self)
        if field.kind is Kind.TEXT and self._lines < LINES:
            return TextField(word(field.hint), self._lines, self._scale, self)
        if field.kind is Kind.DECISIONS:
            return DecisionRows(self._now, self._calendar, self._scale, self)
        edit = super()._made(field)
        if isinstance(edit, YesNoField) and isinstance(preset, bool):
            edit.answer(preset)
        if isinstance(edit, ChoiceField) and not preset and edit.count() == 2:
            # There is only one thing that it could be about.
            edit.setCurrentIndex(1)
        return edit

    @property
    def _lines(self) -> int:
        """A form of many fields must fit a low window."""
        return LINES if len(self._words.fields) <= MANY else LINES - 1

    def _show_rows(self, _index: int = 0) -> None:
        for field in self._words.fields:
            if field.only or field.name == BESIDE:
                edit = self.edits[field.name]
                shown = self._counts(field)
                edit.setVisible(shown)
                caption = self._caption_of(edit)
                if caption is not None:
                    caption.setVisible(shown)

    def _caption_of(self, edit: QWidget) -> QWidget | None:
        for position in range(self.body.count()):
            row = self.body.itemAt(position).layout()
            if isinstance(row, QVBoxLayout) and row.indexOf(edit) >= 0:
                return row.itemAt(0).widget()
        return None
