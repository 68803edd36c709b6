"""办理: the steps that the person at the screen may take on a ticket, and why not the rest."""

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from domain import events as e
from domain.coordinates import Point
from domain.dossier import Dossier, Facts
from domain.drafts import Choice
from domain.nodes import Node
from domain.people import PLATFORM, Actor
from domain.rights import COMMAND_OF, Reason, RefusedError
from domain.steps import HELPERS_STEPS, NODE_OF, STEPS, check_step, helps
from widgets.forms.asked import Asked
from widgets.panel import Panel
from widgets.plain import tip
from widgets.refusals import refusal_of, refusal_text
from widgets.scale import Scale
from widgets.step_bar import Offer, StepBar
from widgets.wording import node_name


class StepPanel(Panel):
    """Under the clocks: the nodes' steps in their order, then what may happen at any time, beside them
    where there is room.

    Signals: `step_requested(Asked)`.
    """

    step_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("办理"))
        self._dossier: Dossier | None = None
        self._actor: Actor | None = None
        nodes = [step for step in STEPS if step in NODE_OF]
        self.nodes = StepBar(nodes, scale, self)
        # The second one's width is no reason for a wider window: it can stand in a row of its own.
        self.others = StepBar(
            [step for step in STEPS if step not in NODE_OF], scale, self, needs_its_width=False
        )
        self._beside = True
        # In the title's row, before the note: the clocks above want the height.
        self.bar.insertWidget(1, self.nodes)
        self.bar.insertWidget(2, self.others)
        for bar in (self.nodes, self.others):
            bar.step_requested.connect(self._ask)
        self.nodes.show_offers([Offer(step, self.tr("先打开一张工单")) for step in nodes])
        self.others.hide()
        scale.factor_changed.connect(self._close_up)
        self._close_up()

    @property
    def buttons(self) -> dict[type, QPushButton]:
        """The buttons of all steps, by the type of their fact."""
        return {**self.nodes.buttons, **self.others.buttons}

    def refusal(self, step: type) -> str:
        """Return why a step is not offered, empty when it is."""
        return self.nodes.refusal(step) or self.others.refusal(step)

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        self._offer()

    def show_dossier(self, dossier: Dossier) -> None:
        """Offer what may be done now."""
        self._dossier = dossier
        self._offer()

    def _offer(self) -> None:
        dossier = self._dossier
        if dossier is None:
            return
        past = self.tr("正在回放，回到“现在”才能操作") if dossier.replayed else ""
        offers = offers_of(dossier, self._actor, past)
        for bar in (self.nodes, self.others):
            bar.show_offers(offers)
        self.others.setVisible(bool(self.others.offers))
        self._place()
        current = dossier.clock.trace.current
        if current is None:
            self.set_note("")
            return
        where = " · ".join(
            part for part in (node_name(current.node), dossier.body_name(current.body)) if part
        )
        now = self.tr("当前：{0}")
        text = now.format(where)
        node = node_name(current.node)
        # The clocks above say it, too: beside many buttons it stands whole or not at all.
        self.set_note(text, shorter=(now.format(node), node, ""))
        self._note.setToolTip(tip(text))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """Put the second bar beside the first, or under it where the panel is too narrow for both."""
        width = self.others.sizeHint().width()
        taken = self._title.width() + self.nodes.sizeHint().width() + 3 * self.bar.spacing()
        beside = width + taken + 2 * self.scale.size("panel_padding") <= self.width()
        if beside == self._beside:
            return
        self._beside = beside
        if beside:
            self.body.removeWidget(self.others)
            self.bar.insertWidget(2, self.others)
        else:
            self.bar.removeWidget(self.others)
            self.body.addWidget(self.others)
        self._close_up()

    def _close_up(self) -> None:
        """A panel of one row needs no room for a body."""
        side, edge = self.scale.size("panel_padding"), self.scale.px(8)
        self._outer.setContentsMargins(side, edge, side, edge)
        self._outer.setSpacing(0 if self._beside else self.scale.px(6))

    def _ask(self, step: type) -> None:
        if self._dossier is not None:
            self.step_requested.emit(asked_of(self._dossier, step, self._actor))


def offers_of(dossier: Dossier, actor: Actor | None, refusal: str = "") -> tuple[Offer, ...]:
    """Return what to offer of each step: every node of the ticket's procedure, and of the other steps those
    that the person's role knows. `refusal` is said of all of them, where there is one reason for all."""
    offers: list[Offer] = []
    due_found = bool(refusal)
    for step in STEPS:
        said, reason = _refusal(step, dossier, actor)
        if step in NODE_OF:
            if dossier.clock.policy.rule(NODE_OF[step]) is None and said:
                continue
        elif reason in (Reason.ROLE, Reason.NOBODY, Reason.NOT_PAUSED):
            continue
        elif step is e.Paused and reason is Reason.PAUSED:
            continue  # what can be done about a pause is to end it
        due = not said and not due_found and (step in NODE_OF or step is e.Resumed)
        due_found = due_found or due
        offers.append(Offer(step, refusal or said, due))
    return tuple(offers)


def asked_of(dossier: Dossier, step: type, actor: Actor | None = None) -> Asked:
    """Return what a step's form has to know of the ticket. `actor` is who will take it."""
    trace = dossier.clock.trace
    body = actor.body if actor is not None and step in HELPERS_STEPS and helps(actor.body, trace) else None
    waiting = [node.node for node in trace.open_nodes if node.due_at is not None]
    current = trace.current.node if trace.current is not None else None
    about = [f"{dossier.number} {dossier.title}"]
    lead = dossier.facts.lead or dossier.body_name(trace.lead)
    if lead:
        about.append(" / ".join((lead, *dossier.facts.assisting)))
    if dossier.merged_count and step in (e.FedBack, e.Revisited):
        about.append(_all_of_them(dossier))
    preset: dict[str, object] = {}
    if step is e.Extended:
        preset["node"] = _extended_first(waiting, current)
    if step is e.JointSupervisionOpened:
        # By the office and another one; whoever did the work signs nothing off (Y17).
        preset["bodies"] = (PLATFORM, *trace.assisting)
    return Asked(
        step,
        "\n".join(about),
        fixed={"ticket": dossier.number},
        options={"node": tuple(Choice(node, node_name(node)) for node in waiting)},
        preset=preset,
        body=body or trace.lead,
        point=_point_of(dossier.facts),
    )


def _point_of(facts: Facts) -> Point | None:
    return None if facts.lng is None or facts.lat is None else Point(facts.lng, facts.lat)


def _all_of_them(dossier: Dossier) -> str:
    """Say that more than one person waits for an answer, and under which numbers."""
    words = QCoreApplication.translate("steps", "本单含 {0} 件重复，须逐一告知 {1} 位投诉人：{2}")
    numbers = [dossier.number, *(row.number for row in dossier.merged)]
    return words.format(dossier.merged_count, dossier.merged_count + 1, "、".join(numbers))


def _extended_first(waiting: list[Node], current: Node | None) -> Node | None:
    if current in waiting:
        return current
    return waiting[0] if waiting else None


def _refusal(step: type, dossier: Dossier, actor: Actor | None) -> tuple[str, Reason | None]:
    if actor is None:
        return refusal_of(COMMAND_OF[step], None), Reason.NOBODY
    try:
        check_step(step, actor, dossier.clock)
    except RefusedError as error:
        return refusal_text(error), error.reason
    return "", None
