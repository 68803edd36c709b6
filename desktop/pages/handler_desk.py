"""Feeds a handler's desk: the own body's tickets, the chosen one's dossier, what waits for an answer."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from data_access.errors import StoreError
from data_access.readers.dossier import dossier
from data_access.readers.handler_desk import first_of_queue, handler_counts, queue_rows, settled_queue
from data_access.readers.settled import Settled
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime, time
from desktop.pages.desk import Desk
from desktop.pages.given_once import GivenOnce
from desktop.pages.lazy_list import LazyList
from desktop.readings import Readings
from desktop.touched import Touched
from domain.desk_queue import QueueRow
from domain.dossier import Dossier
from domain.drafts import StepDraft
from domain.events import Signed
from domain.handler_desk import HandlerCounts, HandlerGroup
from domain.listing import TicketFilter
from domain.people import Actor
from widgets.desk.handler_page import OPEN, HandlerDeskPage, held_back
from widgets.desk.queue_batch import BatchForm, BatchLine
from widgets.refusals import LOOKING_BACK
from widgets.scale import Scale

SIGN = "S"


@dataclass(frozen=True, slots=True)
class OwnTickets:
    """The tickets of a body in a lane of its desk: a source of `LazyList`."""

    body: str
    group: HandlerGroup
    text: str = ""

    def first(self, connection: Connection, _rules: Rules, now: datetime, limit: int) -> Sequence[QueueRow]:
        return first_of_queue(connection, self.body, self.group, self.text, now, limit)

    def settle(self, connection: Connection, _rules: Rules, _now: datetime) -> Settled:
        return settled_queue(connection, self.body, self.group, self.text)

    def by_key(
        self, connection: Connection, _rules: Rules, now: datetime, keys: Sequence[str]
    ) -> Sequence[QueueRow | None]:
        return queue_rows(connection, self.body, keys, now)


class HandlerDesk(Desk):
    """Remembers which lane is listed, and whose ticket's dossier is beside it.

    Signals: `line_requested(str, str)`: show the line of this number on another page.
    `order_given(object)`: carry out this order, which needs no form. `batch_requested(BatchForm)`.
    """

    line_requested = Signal(str, str)
    order_given = Signal(object)
    batch_requested = Signal(object)

    def __init__(self, page: HandlerDeskPage, readings: Readings, scale: Scale, window: QObject) -> None:
        super().__init__(page, readings, window)
        self.desk_page = page
        self._scale = scale
        self._body: str | None = None
        self._number: str | None = None
        self._given = GivenOnce()
        self._list = LazyList(page.table, readings, self)
        self._list.refused.connect(self.refused)
        self._list.counted.connect(self._counted)
        page.list_requested.connect(self._list_again)
        page.detail_requested.connect(self._choose)
        page.order_requested.connect(self._order)
        page.ticket_requested.connect(self.ticket_requested)
        page.said.connect(self.refused)
        page.answers.directive_requested.connect(self._open_directive)
        page.answers.file_requested.connect(self._open_file)
        page.answers.questions_requested.connect(self._open_questions)

    @property
    def restless(self) -> bool:
        return self._list.restless

    def set_actor(self, actor: Actor) -> None:
        super().set_actor(actor)
        if actor is not LOOKING_BACK:
            self._body = actor.body

    def turn_minute(self) -> None:
        super().turn_minute()
        self._list.turn_minute()

    async def refresh(self) -> None:
        await self.update(Touched(self.readings.now(), everything=True))
        await self.painted()

    async def painted(self) -> None:
        await self._list.settled()
        await self._read_dossier()

    def concerned(self, touched: Touched) -> bool:
        return bool(touched)

    async def update(self, touched: Touched) -> None:
        body = self._body
        if body is None:
            return
        if self._list.source is None:
            self._list_again()
        elif self.concerned(touched) or self._list.restless:
            await self._list.update(touched.tickets, everything=touched.everything)

        def work(connection: Connection, _rules: Rules, now: datetime) -> tuple[HandlerCounts, datetime]:
            return handler_counts(connection, body, now), now

        self.desk_page.show_desk(*await self.readings.read(work))
        if touched.everything or touched.new_minute or self._number in touched.tickets:
            await self._read_dossier()

    # --- the chosen ticket -----------------------------------------------------------------------------

    def _choose(self, number: str) -> None:
        if number != self._number or self.desk_page.pane.dossier is None:
            self._number = number
            runtime.spawn(self._read_or_say(), "own ticket")

    async def _read_or_say(self) -> None:
        try:
            await self._read_dossier()
        except StoreError as error:
            self.refused.emit(error.message)

    async def _read_dossier(self) -> None:
        number = self._number
        if number is None:
            return
        found = await self._dossier(number)
        if found is not None and number == self._number:
            self.desk_page.show_dossier(found)

    async def _dossier(self, number: str) -> Dossier | None:
        present = time.now()
        moment = self.readings.as_of or present

        def work(connection: Connection, rules: Rules, _moment: datetime) -> Dossier | None:
            return dossier(connection, rules, number, moment, present)

        return await self.readings.read_present(work)

    # --- what the hand does ----------------------------------------------------------------------------

    def _order(self, letter: str, rows: tuple[QueueRow, ...]) -> None:
        if letter == OPEN:
            self.ticket_requested.emit(rows[0].ticket)
        elif letter == SIGN and len(rows) > 1:
            self.batch_requested.emit(self._batch(rows))
        elif letter == SIGN:
            signature = _signature(rows[0])
            # A second press would be told that its own first has signed already.
            if self._given.takes(signature):
                runtime.spawn(self._step(letter, rows[0], signature), "own step")
        else:
            runtime.spawn(self._step(letter, rows[0]), "own step")

    def not_written(self, draft: object) -> None:
        """Let an order be given again that was not written."""
        self._given.let_go(draft)

    async def _step(self, letter: str, row: QueueRow, signature: StepDraft | None = None) -> None:
        """Take a step on what is true now: the line may be older than the ticket."""
        if not await self._taken(letter, row, signature):
            self._given.let_go(signature)

    async def _taken(self, letter: str, row: QueueRow, signature: StepDraft | None) -> bool:
        try:
            found = self.desk_page.pane.dossier
            if found is None or found.number != row.ticket:
                found = await self._dossier(row.ticket)
        except StoreError as error:
            self.refused.emit(error.message)
            return False
        if found is None:
            self.refused.emit(self.tr("没有工单 {0}。").format(row.ticket))
            return False
        refusal = self.desk_page.refusal(letter, found)
        if refusal:
            self.refused.emit(refusal)
        elif signature is not None:
            self.order_given.emit(signature)
        else:
            self.step_requested.emit(self.desk_page.asked(letter, found))
        return not refusal

    def _batch(self, rows: Sequence[QueueRow]) -> BatchForm:
        lines = []
        for row in rows:
            refusal = held_back(row)
            order = None if refusal else _signature(row)
            says = self.tr("部门签收") if order is not None else self.tr("不办")
            lines.append(BatchLine(row.ticket, row.title, says, order, refusal))
        # What will be done comes first, however many others were chosen with it.
        lines.sort(key=_is_held)
        window = self.desk_page.window()
        return BatchForm(self.tr("批量签收"), self.tr("全部签收"), lines, self._scale, window)

    def _open_directive(self, number: str) -> None:
        self.line_requested.emit("directives", number)

    def _open_file(self, number: str) -> None:
        self.line_requested.emit("re_supervisions", number)

    def _open_questions(self, tickets: tuple[str, ...]) -> None:
        self.tickets_requested.emit(TicketFilter(numbers=tickets), self.tr("等本单位答复提问的工单"))

    # --- the list --------------------------------------------------------------------------------------

    def _list_again(self) -> None:
        if self._body is not None:
            page = self.desk_page
            self._list.open(OwnTickets(self._body, page.lane, page.text))

    def _counted(self, total: int | None, _as_of: datetime) -> None:
        if total is not None:
            self.desk_page.choose_first()


def _is_held(line: BatchLine) -> bool:
    return line.order is None


def _signature(row: QueueRow) -> StepDraft:
    return StepDraft(str(uuid.uuid4()), row.ticket, Signed(), row.version)
