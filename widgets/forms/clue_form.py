"""转为线索: a finding of radar, van, drone or satellite becomes a ticket (T24)."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from domain.drafts import Choice
from domain.findings import ClueDraft, Finding
from domain.urgency import Urgency
from widgets.fact_grid import small_label
from widgets.finding_words import finding_lines, text_of, title_of
from widgets.forms.field_edits import ChoiceField, LineField, TextField
from widgets.forms.order_form import OrderForm
from widgets.scale import Scale
from widgets.wording import urgency_name


class ClueForm(OrderForm):
    """Signals: `submitted(object)` with a `ClueDraft`. `kinds` are those of the responsibility list."""

    def __init__(
        self, finding: Finding, kinds: Sequence[Choice], scale: Scale, parent: QWidget | None = None
    ) -> None:
        super().__init__(scale, parent)
        self.finding = finding
        self.set_titles(self.tr("转为线索"), self.tr("转为线索"))
        about = small_label(self)
        about.setText("\n".join(finding_lines(finding)))
        self.body.addWidget(about)
        self.title = LineField(self.tr("一句话说明问题"), self)
        self.title.setText(title_of(finding))
        self.add_row(self.tr("标题"), self.title)
        self.kind = ChoiceField(
            [Choice(kind.key, f"{kind.key} {kind.name}") for kind in kinds],
            self.tr("待分派时定类"),
            scale,
            self,
        )
        self.add_row(self.tr("类别（选填）"), self.kind)
        self.urgency = ChoiceField(
            [Choice(one.value, urgency_name(one)) for one in Urgency], self.tr("请选择紧急程度"), scale, self
        )
        self.urgency.choose(Urgency.ORDINARY.value)
        self.add_row(self.tr("紧急程度"), self.urgency)
        self.text = TextField(self.tr("来源说了什么"), 4, scale, self)
        self.text.setPlainText(text_of(finding))
        self.add_row(self.tr("内容"), self.text)
        self.title.setFocus()

    def problem(self) -> tuple[str, QWidget] | None:
        if not self.title.value:
            return self.tr("请填写“标题”"), self.title
        if not self.urgency.value:
            return self.tr("请选择“紧急程度”"), self.urgency
        fields = ((self.tr("标题"), self.title), (self.tr("内容"), self.text))
        flawed = next(((name, field) for name, field in fields if field.flaw), None)
        return None if flawed is None else (f"“{flawed[0]}”{flawed[1].flaw}", flawed[1])

    def draft(self) -> ClueDraft:
        return ClueDraft(
            self.request_id,
            self.finding.number,
            self.title.value,
            self.text.value,
            self.kind.value or None,
            Urgency(self.urgency.value),
        )
