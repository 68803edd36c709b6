"""All warnings of a cause by one order: each once, all or none, and who was first stays first (T09)."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from data_access.store import Store
from desktop.use_cases.acknowledging import acknowledge_warnings
from desktop.use_cases.tickets import acknowledge_warning
from domain.acknowledging import TakenNote, name_of
from domain.drafts import AcknowledgeDraft, AcknowledgeTogetherDraft
from domain.events import WarningAcknowledged, WarningKind, WarningLevel, WarningRaised
from domain.nodes import Node
from domain.people import SYSTEM, Role
from domain.rights import Reason, RefusedError
from tests.data_access.gate.conftest import SignIn
from tests.desktop.orders.conftest import Seats, by, events, flaw, now, put
from tests.domain.test_steps import HELD

CAUSE = (WarningKind.LATE, WarningLevel.RED, Node.SIGN, 1, 1)
NUMBERS = ("T-1", "T-2", "T-3")


def request() -> str:
    return str(uuid.uuid4())


def one(number: str, **changes: object) -> AcknowledgeDraft:
    return AcknowledgeDraft(request(), number, *CAUSE, **changes)  # type: ignore[arg-type]


def order(*numbers: str) -> AcknowledgeTogetherDraft:
    return AcknowledgeTogetherDraft(request(), tuple(map(one, numbers)), "断网所致，已逐家电话通知")


def late(store: Store, *numbers: str, body: str = "housing") -> None:
    raised = WarningRaised(*CAUSE, body=body, rule="环节到期未办结")
    for number in numbers:
        put(store, number, [*(by(fact) for fact in HELD), (SYSTEM, raised)])


def noted(store: Store, number: str) -> list[tuple[str, str]]:
    """Who took note, and what they said."""
    found = events(store, f"ticket/{number}")
    return [(e.actor.name, e.fact.note) for e in found if isinstance(e.fact, WarningAcknowledged)]


def test_each_is_acknowledged_once_and_what_others_did_stays(city: Store, seat: Seats) -> None:
    late(city, *NUMBERS)
    leader, first = seat(Role.LEADER)
    acknowledge_warning(leader, one("T-2", note="我来问"), first, now())
    duty, actor = seat(Role.DUTY)
    draft = order(*NUMBERS, "T-9")
    left = {name_of(one(n), n): who for n, who in (("T-2", first.name), ("T-9", None))}
    for _ in range(2):  # the answer was lost, and the form is submitted again
        assert acknowledge_warnings(duty, draft, actor, now()) == TakenNote(2, left)
    said = [(actor.name, "断网所致，已逐家电话通知")]
    assert [noted(city, number) for number in NUMBERS] == [said, [(first.name, "我来问")], said]
    # Nothing is left to do: nothing is written, and it is said who did it.
    again = acknowledge_warnings(duty, order(*NUMBERS), actor, now())
    assert again.acknowledged == 0
    assert set(again.left.values()) == {actor.name, first.name}
    assert flaw(city) is None


def test_all_or_none_and_for_ones_own_body_only(city: Store, seat: Seats) -> None:
    late(city, "T-1", "T-2")
    late(city, "T-3", body="planning")
    handler, actor = seat(Role.HANDLER, "housing")
    with pytest.raises(RefusedError) as error:
        acknowledge_warnings(handler, order("T-1", "T-3"), actor, now())
    assert error.value.reason is Reason.OTHER_BODY
    assert [noted(city, number) for number in NUMBERS] == [[], [], []]
    assert acknowledge_warnings(handler, order("T-1", "T-2"), actor, now()) == TakenNote(2, {})
    wall, screen = seat(Role.WALL)
    with pytest.raises(RefusedError) as error:
        acknowledge_warnings(wall, order("T-3"), screen, now())
    assert error.value.reason is Reason.ROLE
    assert flaw(city) is None


def test_two_who_take_note_of_the_same_cause_at_once(city: Store, sign_in: SignIn) -> None:
    late(city, *NUMBERS)
    seats = [sign_in(Role.DUTY), sign_in(Role.LEADER)]
    start = Barrier(len(seats))

    def give(store: Store, numbers: tuple[str, ...]) -> TakenNote:
        assert store.actor is not None
        start.wait(timeout=20)
        return acknowledge_warnings(store, order(*numbers), store.actor, now())

    with ThreadPoolExecutor(len(seats)) as pool:
        # In opposite orders: neither waits for the other for ever.
        found = list(pool.map(give, seats, (NUMBERS, NUMBERS[::-1])))
    assert sorted(taken.acknowledged for taken in found) == [0, 3]
    assert all(len(noted(city, number)) == 1 for number in NUMBERS)
    assert flaw(city) is None
