"""The one form for all steps: what it asks for stands in the tables `ticket_steps` and `answer_steps`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from domain.calendar import WorkCalendar
from domain.drafts import Choice
from widgets.fact_grid import small_label
from widgets.forms.answer_steps import ANSWER_STEPS
from widgets.forms.asked import Asked
from widgets.forms.case_steps import CASE_STEPS
from widgets.forms.duty_steps import DUTY_STEPS
from widgets.forms.field_edits import (
    BodiesField,
    ChoiceField,
    DeadlineField,
    LineField,
    NamesField,
    NumberField,
    TextField,
    WordedChoiceField,
    YesNoField,
)
from widgets.forms.files_field import FilesField, local_files
from widgets.forms.order_form import OrderForm
from widgets.forms.place_fields import MomentField, PositionField
from widgets.forms.readings_field import ReadingsField
from widgets.forms.step_fields import Field, FormWords, Kind, word
from widgets.forms.ticket_steps import TICKET_STEPS
from widgets.plain import tip
from widgets.scale import Scale

STEP_FORMS: Mapping[type, FormWords] = {**TICKET_STEPS, **ANSWER_STEPS, **CASE_STEPS, **DUTY_STEPS}
"""What each step asks for, by the type of its fact or draft."""

LINES = 3
ABOUT_LINES, ABOUT_CHARACTERS = 8, 160
"""What a step is about is cut to so many lines of so many characters; the tooltip has all of it."""


class StepForm(OrderForm):
    """Signals: `submitted(object)` with the step's draft. A step without fields needs only a confirmation.

    Raises:
        KeyError: there is no form for this kind of step.
    """

    def __init__(
        self,
        asked: Asked,
        bodies: Sequence[Choice],
        now: datetime,
        calendar: WorkCalendar,
        scale: Scale,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(scale, parent)
        self.asked = asked
        self._words = STEP_FORMS[asked.kind]
        self._bodies = tuple(bodies)
        self._now, self._calendar = now, calendar
        self.set_titles(word(self._words.title), word(self._words.submit))
        self.submit_button.setProperty("look", self._words.look)
        about = small_label(self)
        about.setText(_in_short(asked.about))
        about.setToolTip(tip(asked.about))
        self.add_row(self.tr("事项"), about)
        self.edits: dict[str, Any] = {}
        for field in self._words.fields:
            edit = self._made(field)
            self.edits[field.name] = edit
            self.add_row(word(field.caption), edit)
        said = small_label(self, "muted")
        said.setText(word(self._words.said))
        self.body.addWidget(said)
        self.body.addStretch(1)
        self.missing = small_label(self, "muted")
        self.missing.hide()
        if self._words.final:
            self._buttons.insertWidget(0, self.missing, 20)
            for edit in self.edits.values():
                changed = edit.answer_changed if isinstance(edit, WordedChoiceField) else edit.textChanged
                changed.connect(self._weigh)
            self._weigh()
        first = next(iter(self.edits.values()), self.submit_button)
        first.setFocus()

    def problem(self) -> tuple[str, QWidget] | None:
        for field in self._words.fields:
            edit = self.edits[field.name]
            caption = word(field.caption).partition("（")[0]
            if edit.flaw:
                return self.tr("{0}：{1}").format(caption, edit.flaw), edit
            if edit.value in ("", (), None) and self._is_needed(field):
                if isinstance(edit, WordedChoiceField) and edit.is_chosen:
                    return self.tr("请在“{0}”下方写明{1}").format(caption, word(field.hint)), edit
                asks = (
                    self.tr("请填写“{0}”")
                    if isinstance(edit, TextField | LineField)
                    else self.tr("请选择“{0}”")
                )
                return asks.format(caption), edit
        return None

    def draft(self) -> Any:
        values: dict[str, Any] = dict.fromkeys(self._words.left_to_use_case, "")
        for field in self._words.fields:
            value = self.edits[field.name].value
            if field.kind in (Kind.POSITION, Kind.READINGS):
                values |= value or {}
            elif value not in ("", (), None):
                values[field.name] = field.made(value) if field.made is not None else value
        return self.asked.draft(self.request_id, values)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take files wherever on the form they are let go."""
        dropped = local_files(event.mimeData())
        files = next((edit for edit in self.edits.values() if isinstance(edit, FilesField)), None)
        if files is not None and dropped:
            event.acceptProposedAction()
            files.add(dropped)

    def _set_busy(self, busy: bool) -> None:
        super()._set_busy(busy)
        if self._words.final and not busy:
            self._weigh()

    def _weigh(self) -> None:
        """Let the button be pressed when nothing is missing any more, and say what is."""
        found = self.problem()
        self.submit_button.setEnabled(found is None and not self.busy)
        self.missing.setText("" if found is None else found[0])
        self.missing.setVisible(found is not None)

    def _is_needed(self, field: Field) -> bool:
        return field.required and not (field.unless and self.edits[field.unless].value is True)

    def _made(self, field: Field) -> QWidget:
        hint, scale, preset = word(field.hint), self._scale, self.asked.preset.get(field.name)
        match field.kind:
            case Kind.TEXT:
                text = TextField(hint, LINES, scale, self)
                text.setPlainText(preset or "")
                return text
            case Kind.LINES:
                names = NamesField(hint, LINES, scale, self)
                names.setPlainText("\n".join(preset or ()))
                return names
            case Kind.LINE | Kind.NUMBER:
                line = LineField(hint, self) if field.kind is Kind.LINE else NumberField(hint, self)
                line.setText(str(preset or ""))
                return line
            case Kind.CHOICE:
                choice = ChoiceField(self._choices(field), self.tr("请选择"), scale, self)
                choice.choose(preset or "")
                return choice
            case Kind.WORDED:
                usual = [word(answer) for answer in field.words]
                return WordedChoiceField(usual, hint, field.longest, scale, self, detailed=field.detailed)
            case Kind.BODIES:
                grid = BodiesField(self.asked.options.get(field.name, self._bodies), scale, self)
                grid.choose(preset or ())
                return grid
            case Kind.DEADLINE:
                deadline = DeadlineField(self._now, self._calendar, scale, self)
                if isinstance(preset, datetime):
                    deadline.set_deadline(preset)
                return deadline
            case Kind.FILES:
                self.setAcceptDrops(True)
                return FilesField(scale, self)
            case Kind.POSITION:
                return PositionField(self.asked.point, scale, self)
            case Kind.READINGS:
                return ReadingsField(hint, scale, self)
            case Kind.MOMENT:
                return MomentField(self._now, self._calendar, scale, self)
            case Kind.YES_NO:
                return YesNoField(word(field.words[0]), word(field.words[1]), scale, self)

    def _choices(self, field: Field) -> Sequence[Choice]:
        given = tuple(Choice(key, word(name)) for key, name in field.choices)
        return given or self.asked.options.get(field.name, ())


def _in_short(about: str) -> str:
    lines = about.splitlines()
    shown = [
        line if len(line) <= ABOUT_CHARACTERS else line[:ABOUT_CHARACTERS] + "…"
        for line in lines[:ABOUT_LINES]
    ]
    return "\n".join([*shown, "…"] if len(lines) > ABOUT_LINES else shown)
