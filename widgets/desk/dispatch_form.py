"""定类与分派: the kind that the text suggests, and the bodies that the responsibility list names for it.

The officer decides: choosing another kind puts its bodies and its line into the fields; each can be changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtWidgets import QWidget

from domain.dispatching import DispatchDraft
from domain.drafts import Choice
from domain.suggesting import Advice, Assignment
from widgets.desk.duty_words import assignment_text
from widgets.desk.marked_text import MarkedText
from widgets.desk.quick_enter import QuickEnter
from widgets.fact_grid import small_label
from widgets.forms.field_edits import BodiesField, ChoiceField
from widgets.forms.order_form import OrderForm
from widgets.scale import Scale


class Purpose(Enum):
    """What the form is opened for."""

    DISPATCH = "dispatch"
    KIND = "kind"
    AGAIN = "again"
    """改派: another dispatch puts a wrong one right."""


@dataclass(frozen=True)
class DispatchSubject:
    """What the form has to know. `kinds` are all of the list, by code with their names; `assignments` whom
    the list names for each kind at this place. `category`, `lead` and `assisting` are the ticket's now;
    `proposed` is the lead that a correction begins with."""

    ticket: str
    title: str
    text: str
    advice: Advice
    kinds: Sequence[Choice]
    assignments: Mapping[str, Assignment]
    holders: Sequence[Choice]
    bodies: Sequence[Choice]
    names: Mapping[str, str]
    category: str | None = None
    lead: str | None = None
    assisting: tuple[str, ...] = ()
    proposed: str | None = None
    expected: int | None = None
    purpose: Purpose = Purpose.DISPATCH
    place: str = ""


class DispatchForm(OrderForm):
    """Signals: `submitted(object)` with a `DispatchDraft`. Enter submits from any field.

    In the list of kinds the suggested ones come first, each with a digit: one keystroke chooses it.
    """

    def __init__(self, subject: DispatchSubject, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self.subject = subject
        self.set_titles(*_titles(self, subject.purpose))
        about = small_label(self)
        about.setText(
            "\n".join(part for part in (f"{subject.ticket} {subject.title}", subject.place) if part)
        )
        self.body.addWidget(about)
        self.text = MarkedText(scale, self, lines=5)
        self.text.show_text(subject.text, subject.advice.spans)
        self.body.addWidget(self.text)
        self.kind = ChoiceField(self._kinds(), self.tr("请选择类别"), scale, self)
        self.kind.choose(self._first_kind())
        self.add_row(self.tr("类别（数字选建议，或键入代码）"), self.kind)
        self.why = small_label(self, "muted")
        self.body.addWidget(self.why)
        self.lead = ChoiceField(subject.holders, self.tr("请选择主办单位"), scale, self)
        self.assisting = BodiesField(subject.bodies, scale, self)
        self.rule = small_label(self, "done")
        self._sends = subject.purpose is not Purpose.KIND
        if self._sends:
            self.add_row(self.tr("主办单位"), self.lead)
            self.add_row(self.tr("协办单位（选填）"), self.assisting)
        else:
            self.lead.hide()
            self.assisting.hide()
        self.body.addWidget(self.rule)
        self.body.addStretch(1)
        self.kind.currentIndexChanged.connect(self._kind_changed)
        self.lead.currentIndexChanged.connect(self._show_rule)
        self.assisting.choice_changed.connect(self._show_rule)
        self._kind_changed()
        if subject.purpose is Purpose.AGAIN:
            self.lead.choose(subject.proposed or subject.lead or "")
            self.assisting.choose(subject.assisting)
            self._show_rule()
        QuickEnter(self)
        self.kind.setFocus()

    def problem(self) -> tuple[str, QWidget] | None:
        subject = self.subject
        if not self.kind.value and not (self._sends and self.lead.value):
            return self.tr("请选择“类别”"), self.kind
        if self._sends and not self.lead.value:
            return self.tr("请选择“主办单位”"), self.lead
        if not self._sends and self.kind.value == subject.category:
            return self.tr("类别没有改变"), self.kind
        same = (self.lead.value, self._helping()) == (subject.lead, subject.assisting)
        if subject.purpose is Purpose.AGAIN and same:
            return self.tr("请改选主办或协办单位"), self.lead
        return None

    def draft(self) -> DispatchDraft:
        subject, code = self.subject, self.kind.value
        changes = bool(code) and code != subject.category
        return DispatchDraft(
            self.request_id,
            subject.ticket,
            category=code if changes else None,
            words=subject.advice.words_for(code) if changes else (),
            lead=self.lead.value if self._sends else None,
            assisting=self._helping() if self._sends else (),
            rule=self._rule() if self._sends else None,
            again=subject.purpose is Purpose.AGAIN,
            expected=subject.expected,
        )

    def _kinds(self) -> Sequence[Choice]:
        """All kinds: the suggested ones first, with digits; a kind that the ticket has is among the rest."""
        suggested = {c.category.code: c for c in self.subject.advice.candidates}
        first = [
            Choice(code, f"{place} {code} {found.category.name} {found.share:.0%}")
            for place, (code, found) in enumerate(suggested.items(), start=1)
        ]
        rest = [Choice(k.key, f"{k.key} {k.name}") for k in self.subject.kinds if k.key not in suggested]
        return (*first, *rest)

    def _first_kind(self) -> str:
        subject = self.subject
        best = subject.advice.best
        return subject.category or (best.category.code if best is not None else "")

    def _kind_changed(self) -> None:
        code = self.kind.value
        words = "、".join(self.subject.advice.words_for(code))
        if words:
            self.why.setText(self.tr("依据词：{0}").format(words))
        elif code == self.subject.category and code:
            self.why.setText(self.tr("工单现有的类别"))
        else:
            self.why.setText(self.tr("正文中没有这一类的词，由您定类") if code else "")
        found = self.subject.assignments.get(code)
        if found is not None:
            self.lead.choose(found.lead)
            self.assisting.choose(found.assisting)
        self._show_rule()

    def _helping(self) -> tuple[str, ...]:
        return tuple(key for key in self.assisting.value if key != self.lead.value)

    def _rule(self) -> str | None:
        """The line of the list, when it is what the fields say; a dispatch by hand cites none."""
        found = self.subject.assignments.get(self.kind.value)
        return found.rule if found is not None and found.lead == self.lead.value else None

    def _show_rule(self) -> None:
        found = self.subject.assignments.get(self.kind.value)
        if found is None:
            self.rule.setText("")
        elif self._sends and self._rule() is None:
            named = assignment_text(found, self.subject.names)
            self.rule.setText(self.tr("◆ 与责任清单不同，清单为：{0}").format(named))
        else:
            self.rule.setText(self.tr("● {0}").format(assignment_text(found, self.subject.names)))


def _titles(form: DispatchForm, purpose: Purpose) -> tuple[str, str]:
    return {
        Purpose.DISPATCH: (form.tr("分派工单"), form.tr("分派（Enter）")),
        Purpose.KIND: (form.tr("定类"), form.tr("定类（Enter）")),
        Purpose.AGAIN: (form.tr("改派：原分派留在日志中"), form.tr("改派（Enter）")),
    }[purpose]
