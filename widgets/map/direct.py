"""下达指令 from a map: about the counties that it shows, or the body that it is narrowed to."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from domain.drafts import Choice, DirectiveSubject, SubjectSought
from domain.nodes import TicketState
from domain.people import Actor
from domain.rights import Command
from widgets.directive_basis import about_place
from widgets.plain import tip
from widgets.refusals import refusal_of

if TYPE_CHECKING:
    # The web engine is loaded with the map, not with a button beside it.
    from widgets.map.view import TicketMap


class PlaceDirective(QPushButton):
    """Offered while the map shows a county; `follow` the map once.

    Signals: `directive_requested(SubjectSought)`: about the overdue tickets that the map shows there, or,
    where it is narrowed to tickets of another state, about those.
    """

    directive_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, hides: bool = False) -> None:
        """`hides`: it is not to be seen while no county is shown."""
        super().__init__(parent)
        self.setText(self.tr("下达指令"))
        self.setProperty("look", "small")
        self._map: TicketMap | None = None
        self._actor: Actor | None = None
        self._hides = hides
        self.clicked.connect(self._ask)
        self._offer()

    def follow(self, ticket_map: "TicketMap") -> None:
        """Speak of what this map shows."""
        self._map = ticket_map
        ticket_map.filter_changed.connect(self._offer)
        self._offer()

    def set_actor(self, actor: Actor | None) -> None:
        """Offer it only to who may issue one; to others it says why not."""
        self._actor = actor
        self._offer()

    def _offer(self, _filter: object = None) -> None:
        chosen = self._map.filter if self._map is not None else None
        shown = chosen is not None and bool(chosen.areas or chosen.body)
        reason = "" if shown else self.tr("先在地图上选择区县或主办单位")
        reason = reason or refusal_of(Command.ISSUE_DIRECTIVE, self._actor)
        self.setEnabled(not reason)
        self.setToolTip(tip(reason or self.tr("就地图所示的区县或单位下达指令")))
        self.setVisible(shown or not self._hides)

    def _ask(self) -> None:
        if self._map is None:
            return
        chosen, facets = self._map.filter, self._map.facets
        wanted = self._map.tickets_shown()
        if not chosen.states:
            wanted = replace(wanted, state=TicketState.OVERDUE)
        counties = [row for row in facets.counties if row.key in chosen.areas]
        bodies = [row for row in facets.bodies if row.key == chosen.body]
        areas = tuple(Choice(row.key, row.name) for row in counties)
        rows = counties or bodies
        sought = about_place(
            areas or tuple(Choice(row.key, row.name) for row in bodies),
            wanted,
            sum(row.open for row in rows),
            sum(row.overdue for row in rows),
        )
        receivers = (chosen.body,) if chosen.body is not None else ()
        subject = DirectiveSubject(areas=areas, bodies=receivers, basis=sought.subject.basis)
        self.directive_requested.emit(SubjectSought(subject, wanted))
