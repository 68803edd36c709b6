"""确认预警: a named person takes note of a warning; the warning itself clears when its cause ends."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from domain.drafts import AcknowledgeDraft
from domain.listing import WarningRow
from domain.orders import LONGEST_TEXT
from widgets.fact_grid import small_label
from widgets.forms.order_form import OrderForm
from widgets.forms.text_edit import SentenceEdit
from widgets.scale import Scale
from widgets.status import mark_of
from widgets.wording import kind_name, local_moment_text, node_name


class AcknowledgeForm(OrderForm):
    """Signals: `submitted(AcknowledgeDraft)`."""

    def __init__(self, row: WarningRow, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self.set_titles(self.tr("确认预警"), self.tr("确认"))
        self._row = row
        mark = mark_of(row.level)
        level = small_label(self, mark.colour_name)
        level.setText(f"{mark.shape.value} {mark.word} · {node_name(row.node)} · {kind_name(row.kind)}")
        what = small_label(self)
        what.setText(
            "\n".join(
                (
                    f"{row.ticket} {row.title}",
                    self.tr("{0} · 到期 {1}").format(row.body_name, local_moment_text(row.due_at)),
                    self.tr("依据：{0}").format(row.rule),
                )
            )
        )
        both = QWidget(self)
        lines = QVBoxLayout(both)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        lines.addWidget(level)
        lines.addWidget(what)
        self.add_row(self.tr("预警"), both)
        self.note = SentenceEdit(self.tr("可填写已采取的措施（选填）"), 3, scale, self)
        self.add_row(self.tr("备注"), self.note)
        said = small_label(self, "muted")
        said.setText(self.tr("确认表示已知悉，将记入工单日志；原因消除后预警才会解除。"))
        self.body.addWidget(said)
        self.note.setFocus()

    def problem(self) -> tuple[str, QWidget] | None:
        if self.note.too_long:
            return self.tr("备注过长，最多 {0} 字").format(LONGEST_TEXT), self.note
        return None

    def draft(self) -> AcknowledgeDraft:
        row = self._row
        clock = (row.node, row.round, row.leg)
        return AcknowledgeDraft(
            self.request_id, row.ticket, row.kind, row.level, *clock, self.note.text, row.part, row.rule_id
        )
