"""Merging and splitting over the real server: what is written, and what is refused, even past the program."""

import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from data_access.readers.repeats import merged_rows
from data_access.store import Store
from desktop.use_cases import mergers
from desktop.use_cases.complainant import see_complainant
from desktop.use_cases.tickets import take_step
from domain.case_events import LetGo, MergedInto, SplitOff
from domain.dossier import SeenComplainant
from domain.drafts import ComplainantDraft
from domain.events import Accepted, Closed, Dispatched, Filed, Paused, Rectified
from domain.merging import MergeDraft, SplitDraft
from domain.people import Role
from domain.rights import Reason, RefusedError
from tests.data_access.gate.conftest import SignIn
from tests.data_access.streams import DUTY, HANDLER
from tests.desktop.orders.conftest import Seats, events, facts, flaw, now, put, step
from tests.desktop.orders.test_orders_at_once import at_once, one_of


def draft(main: str, *repeats: str, **values: object) -> MergeDraft:
    return MergeDraft(str(uuid.uuid4()), main, repeats, "同一工地", **values)  # type: ignore[arg-type]


def split_draft(ticket: str) -> SplitDraft:
    return SplitDraft(str(uuid.uuid4()), ticket, "是另一处工地")


def refused(order: Callable[[], object]) -> Reason:
    with pytest.raises(RefusedError) as caught:
        order()
    return caught.value.reason


def said_to(order: Callable[[], object]) -> str:
    """The reason that the database names for refusing an order; empty when it is carried out."""
    try:
        order()
    except DBAPIError as error:
        detail: str = error.orig.diag.message_detail  # type: ignore[union-attr]
        return detail.partition(" ")[0]
    return ""


def test_a_merger_writes_both_logs_at_once_and_a_split_lets_both_go(city: Store, seat: Seats) -> None:
    for number in ("T-1", "T-2", "T-3"):
        put(city, number, [(DUTY, Accepted()), (DUTY, Dispatched("housing"))])
    store, actor = seat(Role.DUTY)
    order = draft("T-1", "T-2", "T-3")
    assert mergers.merge(store, order, actor, now()) == "T-1"
    mergers.merge(store, order, actor, now())  # a retry writes nothing more
    assert facts(city, "ticket/T-1")[-2:] == ["TookIn", "TookIn"]
    assert events(city, "ticket/T-2")[-1].fact == MergedInto("T-1", "同一工地")
    row = city.read(
        lambda c: c.exec_driver_sql("SELECT merged_into, closed_at FROM ticket WHERE number = 'T-2'").one()
    )
    assert row.merged_into == "T-1"
    assert row.closed_at is not None
    late = step("T-2", Dispatched("ecology"))
    assert refused(lambda: take_step(store, late, actor, now())) is Reason.MERGED
    assert mergers.split(store, split_draft("T-2"), actor, now()) == "T-2"
    assert isinstance(events(city, "ticket/T-2")[-1].fact, SplitOff)
    assert events(city, "ticket/T-1")[-1].fact == LetGo("T-2")
    assert refused(lambda: mergers.split(store, split_draft("T-2"), actor, now())) is Reason.NOT_MERGED
    assert flaw(city) is None


def test_what_must_not_be_merged_is_refused_with_its_reason(city: Store, seat: Seats) -> None:
    for number in ("T-1", "T-2", "T-3", "T-4"):
        put(city, number, [(DUTY, Accepted())])
    put(
        city,
        "T-5",
        [
            (DUTY, Accepted()),
            (DUTY, Dispatched("housing")),
            (HANDLER, Rectified("罚", True)),
            (HANDLER, Filed("1")),
        ],
    )
    store, actor = seat(Role.DUTY)

    def merge(main: str, *repeats: str) -> Callable[[], object]:
        return lambda: mergers.merge(store, draft(main, *repeats), actor, now())

    assert refused(merge("T-1", "T-1")) is Reason.INTO_ITSELF
    assert refused(merge("T-1", "T-9")) is Reason.UNKNOWN_TICKET
    assert refused(merge("T-1", "T-5")) is Reason.HAS_CASE
    assert refused(merge("T-1")) is Reason.NO_REPEATS
    merge("T-1", "T-2")()
    assert refused(merge("T-3", "T-2")) is Reason.MERGED  # it is in another
    assert refused(merge("T-2", "T-3")) is Reason.MERGED  # into what is in another: a chain
    assert refused(merge("T-3", "T-1")) is Reason.HAS_MERGED  # what holds others: a chain, or a circle
    stale = draft("T-3", "T-4", seen=(("T-4", 1),))
    assert refused(lambda: mergers.merge(store, stale, actor, now())) is Reason.CHANGED_MEANWHILE
    handler, who = seat(Role.HANDLER, "housing")
    assert refused(lambda: mergers.merge(handler, draft("T-3", "T-4"), who, now())) is Reason.ROLE


def test_of_two_who_merge_at_once_one_is_told(city: Store, sign_in: SignIn) -> None:
    for number in ("T-1", "T-2"):
        put(city, number, [(DUTY, Accepted())])
    seats = [sign_in(Role.DUTY) for _ in range(2)]
    # Each into the other: whoever is second finds the main one merged. Locks in one order: no deadlock.
    there = at_once(
        [
            (seats[0], lambda s, a: mergers.merge(s, draft("T-1", "T-2"), a, now())),
            (seats[1], lambda s, a: mergers.merge(s, draft("T-2", "T-1"), a, now())),
        ]
    )
    assert one_of(there, Reason.MERGED, Reason.HAS_MERGED)
    back = next(n for n in ("T-1", "T-2") if "MergedInto" in facts(city, f"ticket/{n}"))
    again = at_once([(s, lambda s, a: mergers.split(s, split_draft(back), a, now())) for s in seats])
    assert one_of(again, Reason.NOT_MERGED, Reason.CHANGED_MEANWHILE)
    assert flaw(city) is None


def test_who_writes_past_the_program_cannot_merge_one_sidedly(city: Store, sign_in: SignIn) -> None:
    """The database holds what `domain.merging` does, against SQL typed by hand (B09)."""
    for number in ("T-1", "T-2", "T-3", "T-4"):
        put(city, number, [(DUTY, Accepted())])
    filed = [(DUTY, Dispatched("housing")), (HANDLER, Rectified("罚", True)), (HANDLER, Filed("1"))]
    put(city, "T-5", [(DUTY, Accepted()), *filed])
    put(city, "T-6", [(DUTY, Accepted()), (DUTY, Closed("已解决"))])
    put(city, "T-7", [(DUTY, Accepted()), (DUTY, Paused("等待", "王磊"))])
    duty = sign_in(Role.DUTY)

    def typed(*orders: tuple[str, str, str]) -> str:
        """What the database says to facts (ticket, kind, data) of one transaction."""

        def work(connection: Connection) -> None:
            for number, kind, data in orders:
                connection.exec_driver_sql(
                    "SELECT record_event(%s, NULL, %s, %s)", (f"ticket/{number}", kind, data)
                )

        return said_to(lambda: duty.write(work))

    def into(main: str) -> str:
        return f'{{"main":"{main}","reason":"x"}}'

    def took(ticket: str) -> str:
        return f'{{"ticket":"{ticket}"}}'

    assert typed(("T-1", "TookIn", took("T-2"))) == "bad_data"
    assert typed(("T-1", "LetGo", took("T-2"))) == "bad_data"
    assert typed(("T-2", "MergedInto", into("T-1"))) == "bad_data"  # the main one's log says nothing of it
    assert typed(("T-2", "MergedInto", into("T-2"))) == "into_itself"
    assert typed(("T-2", "MergedInto", into("T-9"))) == "unknown_ticket"
    assert typed(("T-5", "MergedInto", into("T-1"))) == "has_case"
    assert typed(("T-6", "MergedInto", into("T-1"))) == "ticket_closed"
    assert typed(("T-1", "MergedInto", into("T-6"))) == "main_closed"
    assert typed(("T-7", "MergedInto", into("T-1"))) == "paused"
    assert typed(("T-2", "SplitOff", into("T-1"))) == "not_merged"
    assert typed(("T-2", "MergedInto", into("T-1")), ("T-3", "TookIn", took("T-2"))) == "bad_data"
    assert all("MergedInto" not in facts(city, f"ticket/T-{n}") for n in range(1, 8))
    assert typed(("T-2", "MergedInto", into("T-1")), ("T-1", "TookIn", took("T-2"))) == ""
    assert typed(("T-2", "MergedInto", into("T-3"))) == "merged"
    assert typed(("T-3", "MergedInto", into("T-2"))) == "merged"  # a chain
    assert typed(("T-1", "MergedInto", into("T-2"))) == "merged"  # a circle
    assert typed(("T-1", "MergedInto", into("T-3"))) == "has_merged"
    assert typed(("T-2", "SplitOff", into("T-3")), ("T-3", "LetGo", took("T-2"))) == "bad_data"
    assert typed(("T-2", "SplitOff", into("T-1"))) == "bad_data"
    assert typed(("T-2", "SplitOff", into("T-1")), ("T-1", "LetGo", took("T-2"))) == ""
    handler = sign_in(Role.HANDLER, "housing")
    merging = "SELECT record_event('ticket/T-5', NULL, 'MergedInto', %s)"
    assert said_to(lambda: handler.write(lambda c: c.exec_driver_sql(merging, (into("T-1"),)))) == "role"


def test_who_handles_the_main_ticket_sees_its_repeats_and_their_complainants(
    city: Store, sign_in: SignIn
) -> None:
    """Y21, X08: a repeat that no body ever held is the matter of the main ticket's."""
    put(city, "T-1", [(DUTY, Accepted()), (DUTY, Dispatched("housing"))])
    put(city, "T-2", [(DUTY, Accepted())])
    city.write(
        lambda c: c.exec_driver_sql("INSERT INTO complainant VALUES ('T-2', '孟庆云', '13800001111', false)")
    )
    duty, own, other = (
        sign_in(*who) for who in ((Role.DUTY,), (Role.HANDLER, "housing"), (Role.HANDLER, "ecology"))
    )
    mergers.merge(duty, draft("T-1", "T-2"), duty.actor, now())  # type: ignore[arg-type]

    def held(store: Store) -> list[str]:
        return [row.number for row in store.read(lambda c: merged_rows(c, "T-1", ("T-2",)))]

    def look(store: Store) -> object:
        order = ComplainantDraft(str(uuid.uuid4()), "T-2", "反馈办理结果")
        return see_complainant(store, order, store.actor, now())  # type: ignore[arg-type]

    assert held(city) == held(duty) == held(own) == ["T-2"]
    assert held(other) == []
    assert look(own) == SeenComplainant("孟庆云", "13800001111")
    assert refused(lambda: look(other)) is Reason.OTHER_BODY
    assert facts(city, "access/T-2") == ["ComplainantSeen"]
    # Split off, it is nobody's of that body any more.
    mergers.split(duty, split_draft("T-2"), duty.actor, now())  # type: ignore[arg-type]
    assert held(own) == []
    assert refused(lambda: look(own)) is Reason.OTHER_BODY
