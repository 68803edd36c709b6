"""Feeds the duty officer's desk: the queue, the chosen line with its suggestion, what its keys order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic

from PySide6.QtCore import QObject, Signal

from data_access import orders
from data_access.errors import StoreError
from data_access.readers.dossier import dossier
from data_access.readers.duty_lines import queue_rows, ticket_texts
from data_access.readers.duty_queue import ACROSS, settled_queue
from data_access.readers.duty_shift import shift_of
from data_access.readers.names import read_names
from data_access.readers.settled import Settled
from data_access.readers.warnings import warnings_of_tickets
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime, time
from desktop.city import load_city
from desktop.pages.desk import Desk
from desktop.pages.device_look import DeviceLook
from desktop.pages.given_once import GivenOnce
from desktop.pages.lazy_list import LazyList
from desktop.readings import Readings
from desktop.touched import Touched
from domain.batch import BatchDraft
from domain.case_events import Categorised
from domain.city import BodyKind
from domain.desk_queue import DutyLane, QueueRow, ticket_of_row
from domain.dispatching import DispatchDraft
from domain.drafts import Choice, StepDraft
from domain.duty_shift import Shift
from domain.events import Dispatched, Paused
from domain.people import Actor
from domain.suggesting import Advice, Assignment, assignment, suggest
from widgets.desk import duty_orders as given
from widgets.desk import duty_words as keys
from widgets.desk.dispatch_form import DispatchForm, Purpose
from widgets.desk.duty_detail import DutyDetail, Office
from widgets.desk.duty_page import DutyPage
from widgets.desk.queue_batch import BatchForm, BatchLine
from widgets.dossier.merge_panel import asked_merger
from widgets.refusals import LOOKING_BACK
from widgets.scale import Scale

CALM_SHARE = 4
"""Two minutes are all the time there is to accept: the queue rests less than other lists."""


COUNTS_REST_SECONDS = 15.0
"""While one lane is worked, the counts of the others rest so long."""


class Counts:
    """How many lines each lane has, and when that was last counted; outlives the choice of a lane."""

    def __init__(self) -> None:
        self.lanes: Mapping[DutyLane, int] = {}
        self._counted_at = -COUNTS_REST_SECONDS

    def settle(self, connection: Connection, lane: DutyLane, now: datetime) -> Settled:
        """Return the lines of a lane; the other lanes are counted with it when that is due. In a worker."""
        due = monotonic() - self._counted_at >= COUNTS_REST_SECONDS
        settled, self.lanes = settled_queue(connection, lane, now, None if due else self.lanes)
        if due or lane in ACROSS:
            self._counted_at = monotonic()
        return settled


class Waiting:
    """What waits in a lane: a source of `LazyList`."""

    def __init__(self, lane: DutyLane, counts: Counts) -> None:
        self._lane = lane
        self._counts = counts

    def first(
        self, _connection: Connection, _rules: Rules, _now: datetime, _limit: int
    ) -> Sequence[QueueRow]:
        """Return nothing: the whole lane is settled in one look."""
        return ()

    def settle(self, connection: Connection, _rules: Rules, now: datetime) -> Settled:
        return self._counts.settle(connection, self._lane, now)

    def by_key(
        self, connection: Connection, _rules: Rules, now: datetime, keys: Sequence[str]
    ) -> Sequence[QueueRow | None]:
        return queue_rows(connection, keys, now)


@dataclass(frozen=True)
class _Suggestions:
    """What the texts of several tickets suggest, and whom the list names for each, by ticket."""

    advices: Mapping[str, Advice]
    assignments: Mapping[str, Mapping[str, Assignment]]
    names: Mapping[str, str]


class DutyDesk(Desk):
    """Remembers which lane is listed, and whose ticket is beside it.

    Signals: `order_given(object)`: carry out this order, which needs no form. `form_requested(OrderForm)`.
    `environment_requested(object)`: show what devices need.
    """

    order_given = Signal(object)
    environment_requested = Signal(object)
    form_requested = Signal(object)

    def __init__(self, page: DutyPage, readings: Readings, scale: Scale, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.duty_page = page
        self._scale = scale
        self._actor: Actor | None = None
        self._since = time.now()
        self._acted = False
        self._ordered: QueueRow | None = None
        self._last: QueueRow | None = None
        self._number: str | None = None
        self._reading = False
        self._detail: DutyDetail | None = None
        self._source: Waiting | None = None
        self._counts = Counts()
        self._given = GivenOnce()
        self._list = LazyList(page.table, readings, self, CALM_SHARE)
        self._list.counted.connect(self._counted)
        self._list.refused.connect(self.refused)
        page.list_requested.connect(self._open_lane)
        page.detail_requested.connect(self._choose)
        page.ticket_requested.connect(self.ticket_requested)
        page.order_requested.connect(self._order)
        page.said.connect(self.refused)
        page.repeats_requested.connect(self._show_repeats)
        page.log_requested.connect(self._show_log)
        self._devices = DeviceLook(readings, page.show_devices)
        page.devices_requested.connect(self.environment_requested)

    @property
    def restless(self) -> bool:
        return self._list.restless

    def set_actor(self, actor: Actor) -> None:
        super().set_actor(actor)
        if actor is not LOOKING_BACK:
            self._actor = actor

    def turn_minute(self) -> None:
        super().turn_minute()
        self._list.turn_minute()

    def tick(self, now: datetime) -> None:
        super().tick(now)
        if self.fresh:
            self._devices.tick()

    async def refresh(self) -> None:
        await self.update(Touched(self.readings.now(), everything=True))
        await self.painted()

    async def painted(self) -> None:
        await self._list.settled()
        await self._read_detail()

    def concerned(self, touched: Touched) -> bool:
        return touched.everything or touched.new_minute or bool(touched.tickets or touched.administration)

    async def update(self, touched: Touched) -> None:
        if self._source is None:
            self._open_lane()
        elif self.concerned(touched) or self._list.restless:
            in_sight = self.duty_page.table.keys_in_sight()
            shown = [key for key in in_sight if ticket_of_row(key) in touched.tickets]
            await self._list.update(shown, everything=touched.everything)
        if self._actor is not None and (touched.everything or touched.new_minute or self._acted):
            self._acted = False
            self.duty_page.show_shift(await self.readings.read_present(self._shift))
        if touched.everything or touched.new_minute or touched.administration:
            await self._devices.look()
        if touched.everything or self._number in touched.tickets:
            await self._read_detail()

    def _show_repeats(self) -> None:
        self.page_requested.emit("repeats")

    def _show_log(self) -> None:
        self.page_requested.emit("duty_log")

    def carried(self, draft: object, _found: object) -> None:
        """Count anew what was done here after each order, and keep in mind where it can be put right."""
        self._acted = self._acted or isinstance(draft, StepDraft | DispatchDraft | BatchDraft)
        row = self._ordered
        if row is None or not isinstance(draft, StepDraft | DispatchDraft) or draft.ticket != row.ticket:
            return
        self._last = row
        self.duty_page.show_last(row.ticket)
        if isinstance(draft, DispatchDraft) and draft.lead is not None:
            # Its line is gone: whoever sees a mistake now has to find it again.
            self.refused.emit(self.tr("{0} 已分派。按 U 可改派。").format(row.ticket))

    def not_written(self, draft: object) -> None:
        """Let an order be given again that was not written."""
        self._given.let_go(draft)

    def _shift(self, connection: Connection, _rules: Rules, now: datetime) -> Shift:
        assert self._actor is not None
        return shift_of(connection, self._actor, self._since, max(now, self._since))

    # --- the queue -------------------------------------------------------------------------------------

    def _open_lane(self) -> None:
        self._source = Waiting(self.duty_page.lane, self._counts)
        self._list.open(self._source)

    def _counted(self, total: int | None, as_of: datetime) -> None:
        if total is None:
            return
        counts = self._counts.lanes
        self.duty_page.show_counts([counts.get(lane) for lane in DutyLane], as_of)
        self.duty_page.choose_first()

    # --- the chosen line -------------------------------------------------------------------------------

    def _choose(self, number: str) -> None:
        self._number = number
        if not self._reading:
            runtime.spawn(self._read_chosen(), "line of the queue")

    async def _read_chosen(self) -> None:
        """Read the chosen line's ticket, and again while another was chosen meanwhile."""
        self._reading, read = True, None
        try:
            while read != self._number:
                read = self._number
                await self._read_detail()
        except StoreError as error:
            self.refused.emit(error.message)
        finally:
            self._reading = False

    async def _read_detail(self) -> None:
        number = self._number
        if number is None:
            return
        found = await self._read_one(number)
        if found is not None and number == self._number:
            self._detail = found
            self.duty_page.show_detail(found)

    async def _read_one(self, number: str) -> DutyDetail | None:
        present = time.now()
        moment = self.readings.as_of or present

        def work(connection: Connection, rules: Rules, _moment: datetime) -> DutyDetail | None:
            found = dossier(connection, rules, number, moment, present)
            if found is None:
                return None
            kinds, bodies = orders.categories(connection), orders.body_kinds(connection)
            received = found.clock.trace.received
            advice = _advise(kinds, found.title, found.facts.text)
            return DutyDetail(
                found, advice, _assignments(kinds, bodies, received.area), _office(kinds, bodies, found.names)
            )

        return await self.readings.read_present(work)

    # --- what the hand does ----------------------------------------------------------------------------

    def _order(self, letter: str, rows: tuple[QueueRow, ...]) -> None:
        """Do what a key says about the lines that were chosen when it was pressed, whatever is chosen now."""
        if letter == keys.UNDO_LAST:
            runtime.spawn(self._undo_last(), "undo last")
            return
        self._ordered = rows[0] if len(rows) == 1 else None
        if letter == keys.OPEN:
            self.ticket_requested.emit(rows[0].ticket)
        elif letter == keys.MERGE:
            self.step_requested.emit(asked_merger(rows[0].ticket, rows[0].title))
        elif letter == keys.ACCEPT and len(rows) == 1:
            draft = given.accept_draft(rows[0])
            # A second press would be told that its own first has accepted already.
            if self._given.takes(draft):
                self.order_given.emit(draft)
        elif letter == keys.TAKE_NOTE or len(rows) > 1:
            runtime.spawn(self._several(letter, rows), f"batch {letter}")
        else:
            runtime.spawn(self._one(letter, rows[0]), f"desk {letter}")

    async def _one(self, letter: str, row: QueueRow) -> None:
        try:
            detail = await self._read_one(row.ticket)
        except StoreError as error:
            self.refused.emit(error.message)
            return
        actor = self._actor
        if detail is None or actor is None:
            self.refused.emit(self.tr("没有工单 {0}。").format(row.ticket))
        elif letter in (keys.DISPATCH, keys.KIND):
            purpose = Purpose.DISPATCH if letter == keys.DISPATCH else Purpose.KIND
            self._open_dispatch(row, detail, actor, purpose)
        elif letter in given.STEP_OF:
            refusal = given.refused_step(letter, detail, actor)
            if refusal:
                self.refused.emit(refusal)
            else:
                self.step_requested.emit(given.asked_step(letter, row, detail, actor, time.now()))
        elif letter in (keys.GRANT, keys.DECLINE):
            self._answer(letter, row, detail, actor)
        elif letter == keys.FOLLOW:
            self.step_requested.emit(given.asked_follower(row, detail, actor))
        elif letter == keys.UNDO:
            self._undo(row, detail, actor)

    def _answer(self, letter: str, row: QueueRow, detail: DutyDetail, actor: Actor) -> None:
        request = given.open_request(detail.dossier)
        asked = given.asked_answer(letter, row, detail, actor)
        if asked is not None:
            self.step_requested.emit(asked)
        elif request is None:
            self.refused.emit(self.tr("{0} 没有待批的申请。").format(row.ticket))
        else:
            # Who offers to lead is answered by a dispatch.
            self._open_dispatch(row, detail, actor, Purpose.AGAIN, request.body)

    async def _undo_last(self) -> None:
        """Offer the counter-step of what was last ordered here, wherever its line is now."""
        row, actor = self._last, self._actor
        if row is None or actor is None:
            return
        try:
            detail = await self._read_one(row.ticket)
        except StoreError as error:
            self.refused.emit(error.message)
            return
        if detail is not None:
            self._ordered = row
            self._undo(replace(row, version=detail.version), detail, actor)

    def _undo(self, row: QueueRow, detail: DutyDetail, actor: Actor) -> None:
        counter = given.counter_step(detail, actor)
        if counter is Paused:
            self.step_requested.emit(given.asked_resume(row, detail, actor))
        elif counter is Dispatched:
            self._open_dispatch(row, detail, actor, Purpose.AGAIN)
        elif counter is Categorised:
            self._open_dispatch(row, detail, actor, Purpose.KIND)
        else:
            self.refused.emit(str(counter))

    def _open_dispatch(
        self, row: QueueRow, detail: DutyDetail, actor: Actor, purpose: Purpose, lead: str | None = None
    ) -> None:
        subject = given.dispatch_subject(row, detail, actor, purpose, lead)
        self.form_requested.emit(DispatchForm(subject, self._scale, self.page.window()))

    # --- several at once -------------------------------------------------------------------------------

    async def _several(self, letter: str, rows: Sequence[QueueRow]) -> None:
        try:
            lines = await self._lines(letter, rows)
        except StoreError as error:
            self.refused.emit(error.message)
            return
        title, submit = self._titles(letter)
        self.form_requested.emit(BatchForm(title, submit, lines, self._scale, self.page.window()))

    async def _lines(self, letter: str, rows: Sequence[QueueRow]) -> tuple[BatchLine, ...]:
        tickets = list(dict.fromkeys(row.ticket for row in rows))
        if letter == keys.ACCEPT:
            return given.accept_lines(rows)
        if letter == keys.CHASE:
            return given.chase_lines(rows, time.now())
        if letter == keys.DISPATCH:

            def suggested(connection: Connection, _rules: Rules, _now: datetime) -> _Suggestions:
                return _suggestions(connection, tickets)

            found = await self.readings.read_present(suggested)
            return given.dispatch_lines(rows, found.advices, found.assignments, found.names)

        def running(connection: Connection, rules: Rules, now: datetime) -> tuple[BatchLine, ...]:
            return given.note_lines(rows, warnings_of_tickets(connection, rules, tickets, now))

        return await self.readings.read_present(running)

    def _titles(self, letter: str) -> tuple[str, str]:
        return {
            keys.ACCEPT: (self.tr("批量签收"), self.tr("全部签收（Enter）")),
            keys.DISPATCH: (self.tr("批量分派：按责任清单"), self.tr("全部分派（Enter）")),
            keys.CHASE: (self.tr("批量催办"), self.tr("全部催办（Enter）")),
        }.get(letter, (self.tr("确认预警"), self.tr("全部确认（Enter）")))


def _advise(kinds: frozenset[str], title: str, text: str) -> Advice:
    return suggest(tuple(c for c in load_city().categories if c.code in kinds), title, text)


def _assignments(
    kinds: frozenset[str], bodies: Mapping[str, BodyKind], area: str | None
) -> dict[str, Assignment]:
    """Return whom the list names for each kind at a place, of the bodies that can hold a ticket."""
    city = load_city()
    holders = {key for key, kind in bodies.items() if kind is BodyKind.RESPONSIBLE}
    named = {c.code: assignment(city, c, area, holders) for c in city.categories if c.code in kinds}
    return {code: found for code, found in named.items() if found is not None}


def _office(kinds: frozenset[str], bodies: Mapping[str, BodyKind], names: Mapping[str, str]) -> Office:
    listed = tuple(Choice(c.code, c.name) for c in load_city().categories if c.code in kinds)
    helping = [key for key, kind in bodies.items() if kind is not BodyKind.DISCIPLINE]
    holding = [key for key in helping if bodies[key] is BodyKind.RESPONSIBLE]
    return Office(
        listed,
        tuple(Choice(key, names.get(key, key)) for key in holding),
        tuple(Choice(key, names.get(key, key)) for key in helping),
    )


def _suggestions(connection: Connection, tickets: Sequence[str]) -> _Suggestions:
    kinds, bodies = orders.categories(connection), orders.body_kinds(connection)
    texts = ticket_texts(connection, tickets)
    return _Suggestions(
        {number: _advise(kinds, found.title, found.text) for number, found in texts.items()},
        {number: _assignments(kinds, bodies, found.area) for number, found in texts.items()},
        read_names(connection).short_bodies,
    )
