"""案情: what a case is about, with its complainant masked; a look at who it is is logged, and short."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from domain.dossier import Dossier, Facts, SeenComplainant
from domain.drafts import ComplainantDraft
from domain.people import Actor, Role
from domain.rights import Command, may
from widgets.fact_grid import FactGrid
from widgets.forms.asked import Asked
from widgets.panel import Panel
from widgets.plain import tip
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.wording import joined

LONGEST = 110
"""The words of a complaint are cut after so many characters; the tooltip has all of them."""

SEEN_MS = 60_000
"""So long a complainant's name and number stay on screen."""

COMPLAINANT = 4
"""The complainant's row."""


class CasePanel(Panel):
    """Signals: `complainant_requested(Asked)`: somebody wants to see who complained."""

    complainant_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("案情"))
        self._dossier: Dossier | None = None
        self._actor: Actor | None = None
        self._seen: str | None = None
        self.look = QPushButton(self.tr("查看举报人"), self)
        self.look.setProperty("look", "small")
        self.look.setAutoDefault(False)
        self.look.clicked.connect(self._ask)
        self.bar.addWidget(self.look)
        captions = (
            self.tr("来源"),
            self.tr("类别"),
            self.tr("主办/协办"),
            self.tr("点位"),
            self.tr("举报人"),
            self.tr("内容"),
        )
        self.grid = FactGrid(captions, scale, self, longest=LONGEST)
        self.body.addWidget(self.grid)
        self.rest = QTimer(self)
        self.rest.setObjectName("complainant rest")
        self.rest.setSingleShot(True)
        self.rest.setInterval(SEEN_MS)
        self.rest.timeout.connect(self.hide_complainant)
        self._offer()

    @property
    def seen(self) -> bool:
        """Whether a complainant is on screen."""
        return self._seen is not None

    def show_dossier(self, dossier: Dossier) -> None:
        """Show the case in words; a complainant that was looked at stays while it is the same ticket's."""
        if self._dossier is None or self._dossier.number != dossier.number or dossier.replayed:
            self._forget()
        self._dossier = dossier
        self._write()
        self._offer()

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what somebody else has looked at goes."""
        self._actor = actor
        self._forget()
        self._write()
        self._offer()

    def show_complainant(self, who: SeenComplainant) -> None:
        """Show who complained, for a minute."""
        name = " ".join(part for part in (who.name, who.phone) if part) or self.tr("未留姓名和电话")
        self._seen = self.tr("{0}\n本次查看已记入日志，{1} 秒后隐去").format(name, SEEN_MS // 1000)
        self.rest.start()
        self._write()

    def hide_complainant(self) -> None:
        """Mask the complainant again."""
        self._forget()
        self._write()

    def _forget(self) -> None:
        self.rest.stop()
        self._seen = None

    def _ask(self) -> None:
        dossier = self._dossier
        if dossier is not None:
            fixed, about = {"ticket": dossier.number}, f"{dossier.number} {dossier.title}"
            self.complainant_requested.emit(
                Asked(ComplainantDraft, about, fixed=fixed, body=self._body(dossier))
            )

    def _offer(self) -> None:
        refusal = self._refusal()
        self.look.setEnabled(not refusal)
        self.look.setToolTip(tip(refusal))
        self.look.setAccessibleDescription(refusal)

    def _refusal(self) -> str:
        dossier = self._dossier
        if dossier is None:
            return self.tr("先打开一张工单")
        if dossier.replayed:
            return self.tr("正在回放，回到“现在”才能操作")
        refusal = refusal_of(Command.SEE_COMPLAINANT, self._actor, self._body(dossier))
        if refusal:
            return refusal
        facts = dossier.facts
        if facts.secrecy and self._actor is not None and self._actor.role is Role.HANDLER:
            return self.tr("举报人要求保密，承办单位不能查看")
        return "" if facts.complainant or facts.secrecy else self.tr("未登记举报人")

    def _body(self, dossier: Dossier) -> str | None:
        """Whose matter it is to know the complainant: of the lead body, and of the assisting ones."""
        trace = dossier.clock.trace
        own = self._actor.body if self._actor is not None else None
        return own if own in trace.assisting else trace.lead

    def _write(self) -> None:
        if self._dossier is None:
            return
        facts = self._dossier.facts
        channel, merged = facts.channel, self._dossier.merged_count
        if merged:
            channel = self.tr("{0}（含 {1} 件重复）").format(channel, merged)
        kind = " / ".join(part for part in (facts.category_class, facts.category) if part)
        bodies = " / ".join(part for part in (facts.lead, "、".join(facts.assisting)) if part)
        where = _place(facts)
        if facts.repeats > 1:
            where = self.tr("{0}；近 {1} 日第 {2} 次反映").format(where, facts.repeat_days, facts.repeats)
        texts = (
            channel,
            kind or self.tr("未分类"),
            bodies or self.tr("尚未分派"),
            where or self.tr("无点位"),
            self._seen or self._masked(facts),
            facts.text or "—",
        )
        self.grid.show_values(texts)

    def _masked(self, facts: Facts) -> str:
        if facts.secrecy:
            return self.tr("已脱敏 · 要求保密")
        if facts.complainant:
            return self.tr("{0}（已脱敏）").format(facts.complainant)
        body = self._body(self._dossier) if self._dossier is not None else None
        seeing = self._actor is not None and may(Command.SEE_COMPLAINANT, self._actor, body)
        # Whoever has no right to a complainant is not told either whether there is one.
        return self.tr("未登记") if seeing else self.tr("无权查看")


def _place(facts: Facts) -> str:
    """County, township and address; an address often begins with the names before it."""
    address = facts.address
    for name in (facts.area, facts.township):
        address = address.removeprefix(name).lstrip()
    return joined(facts.area, facts.township, address)
