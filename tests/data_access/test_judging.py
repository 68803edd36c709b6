"""The rule engine over the real store: it reads what is new, warns once, and survives being killed (T04)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import text

from data_access import evidence, judging, judging_queue, log, rule_changes, schema
from data_access.bulk import add_tickets
from data_access.rules import RESOURCES, load_rules
from data_access.store import Connection, Store
from data_access.sweeper import Sweeper
from data_access.verify import verify
from domain.case_events import MergedInto, RecordAdded, RecordKind, SplitOff
from domain.events import (
    Accepted,
    Arrived,
    Closed,
    Dispatched,
    Event,
    Fact,
    FedBack,
    Paused,
    PostChecked,
    Received,
    Rectified,
    Resumed,
    ReSupervisionDeclined,
    ReSupervisionReferred,
    Revisited,
    Signed,
    WarningCleared,
    WarningKind,
    WarningRaised,
)
from domain.nodes import Node
from domain.people import PLATFORM, Actor, Role
from domain.urgency import Urgency
from tests.data_access.streams import ticket

DUTY = Actor(Role.DUTY, "王磊", PLATFORM)
HANDLER = Actor(Role.HANDLER, "陈立", "housing")
OTHER = Actor(Role.HANDLER, "周倩", "ecology")
OFFICER = Actor(Role.DISCIPLINE, "张弛", "discipline")
KIND = {"category": "C12", "lng": 117.2, "lat": 34.26}


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def life(received_at: datetime, *, files: tuple[str, ...] = (), closed: bool = False) -> tuple[Event, ...]:
    """Received to fed back within five hours, with the evidence given; or to the end."""
    steps: list[tuple[float, Actor, Fact]] = [
        (0, DUTY, Received("12345", "夜间施工噪声", urgency=Urgency.FIRST, area="320312", **KIND)),
        (0.01, DUTY, Accepted()),
        (0.02, DUTY, Dispatched("housing")),
        (0.05, HANDLER, Signed()),
        (1, HANDLER, Arrived(12.5)),
        (4, HANDLER, Rectified("停工", evidence=files)),
        (4.5, HANDLER, FedBack("电话")),
    ]
    if closed:
        steps += [
            (5, DUTY, Revisited(True)),
            (6, OTHER, PostChecked(True)),
            (7, DUTY, Closed("已解决")),
        ]
    return tuple(Event(received_at + timedelta(hours=hours), who, fact) for hours, who, fact in steps)


def put(store: Store, number: str, events: tuple[Event, ...]) -> None:
    store.write(lambda c: add_tickets(c, load_rules(c), [ticket(number, events)]))


def add(store: Store, number: str, *events: Event) -> None:
    store.write(lambda c: log.append(c, load_rules(c), [log.Addition(f"ticket/{number}", events, None)]))


def work(store: Store, at: datetime | None = None) -> judging.Judged:
    """The engine's turns until nothing is left to do now."""
    raised = cleared = drafted = 0
    for _ in range(50):
        done = store.write(lambda c: judging.turn(c, at or log.transaction_time(c)))
        raised, cleared, drafted = raised + done.raised, cleared + done.cleared, drafted + done.drafted
        if not done.more:
            return replace(done, raised=raised, cleared=cleared, drafted=drafted)
    raise AssertionError("the engine never rests")


def said(store: Store, number: str) -> list[Fact]:
    records = store.read(lambda c: log.read_stream(c, f"ticket/{number}"))
    kinds = (WarningRaised, WarningCleared)
    return [
        r.event.fact
        for r in records
        if isinstance(r.event.fact, kinds) and r.event.fact.kind is WarningKind.WRONG
    ]


def rules_said(store: Store, number: str) -> list[tuple[str, str]]:
    return [(type(fact).__name__, fact.rule_id) for fact in said(store, number)]  # type: ignore[union-attr]


def test_what_is_new_is_judged_once_and_drafts_a_file(store: Store) -> None:
    put(store, "T-1", life(now() - timedelta(hours=6)))
    done = work(store)
    assert (done.raised, done.cleared, done.drafted) == (1, 0, 1)
    (fact,) = said(store, "T-1")
    assert isinstance(fact, WarningRaised)
    assert (fact.rule_id, fact.node, fact.body) == ("E01", Node.RECTIFY, "housing")
    assert fact.facts
    assert work(store) == judging.Judged()
    add(store, "T-1", Event(now(), DUTY, Revisited(True)))
    assert work(store).raised == 0
    assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None


class KilledError(Exception):
    """The program dies in the middle of its transaction."""


def test_a_program_that_is_killed_between_leaves_it_to_the_next_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after reading, killed after writing: nothing is lost, and nothing is said twice."""
    put(store, "T-1", life(now() - timedelta(hours=6)))

    def die_after(connection: Connection) -> None:
        judging_queue.take_in(connection)
        raise KilledError

    def die_in_the_end(connection: Connection) -> None:
        judging.turn(connection, log.transaction_time(connection))
        raise KilledError

    with pytest.raises(KilledError):
        store.write(die_after)
    store.write(judging_queue.take_in)
    with pytest.raises(KilledError):
        store.write(die_in_the_end)
    assert said(store, "T-1") == []
    work(store)
    work(store)
    assert rules_said(store, "T-1") == [("WarningRaised", "E01")]


def test_the_sweeper_judges_after_it_has_swept(store: Store) -> None:
    put(store, "T-1", life(now() - timedelta(hours=6)))
    sweeper = Sweeper(store)
    try:
        for _ in range(10):
            sweeper.round()
    finally:
        sweeper.close()
    assert rules_said(store, "T-1") == [("WarningRaised", "E01")]


def test_one_ticket_that_cannot_be_judged_keeps_no_other_from_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "T-1", life(now() - timedelta(hours=6)))
    put(store, "T-2", life(now() - timedelta(hours=6)))
    real = judging.judge

    def odd(events: list[Event], *others: object) -> object:
        if any(event.at == first for event in events):
            raise LookupError("an odd stream")
        return real(events, *others)  # type: ignore[arg-type]

    first = store.read(lambda c: log.read_stream(c, "ticket/T-1"))[0].event.at
    second = life(now() - timedelta(hours=6, minutes=1))
    put(store, "T-3", second)
    monkeypatch.setattr(judging, "judge", odd)
    sweeper = Sweeper(store)
    try:
        faults = [fault for _ in range(12) for fault in sweeper.round().faults]
    finally:
        sweeper.close()
    assert rules_said(store, "T-3") == [("WarningRaised", "E01")]
    assert {number for number, _ in faults} >= {"T-1"}


def test_evidence_brought_later_clears_it(store: Store) -> None:
    put(store, "T-1", life(now() - timedelta(hours=6)))
    work(store)
    add(store, "T-1", Event(now(), HANDLER, RecordAdded(RecordKind.SPOT_CHECK, "补充", evidence=("a" * 64,))))
    assert work(store).cleared == 1
    assert rules_said(store, "T-1") == [("WarningRaised", "E01"), ("WarningCleared", "E01")]
    assert work(store) == judging.Judged()


@pytest.mark.parametrize(
    ("stop", "go"),
    [
        (Paused("等待检测", "王磊"), Resumed()),
        (MergedInto("T-9", "同一点位"), SplitOff("T-9", "不是同一件事")),
    ],
    ids=["paused", "merged"],
)
def test_a_ticket_that_stands_still_raises_nothing_until_it_runs_again(
    store: Store, stop: Fact, go: Fact
) -> None:
    """Inhibition by a parent."""
    begun = now() - timedelta(hours=6)
    put(store, "T-1", (*life(begun)[:5], Event(begun + timedelta(hours=4.1), DUTY, stop)))
    blind = Event(begun + timedelta(hours=4), HANDLER, Rectified("停工"))
    add(store, "T-1", blind)
    assert work(store).raised == 0
    add(store, "T-1", Event(now(), DUTY, go))
    assert work(store).raised == 1


def test_a_complaint_on_the_same_point_after_the_close_is_charged_to_who_handled_it(store: Store) -> None:
    """Y18, Q20. The old ticket is told long after it happened, and is looked at all the same when a new one
    comes in near it; one of another kind, or 200 m away, is none."""
    closed = life(now() - timedelta(days=9), files=("a" * 64,), closed=True)
    put(store, "OLD", closed)
    assert work(store).raised == 0

    def complain(number: str, **other: object) -> None:
        fact = Received("12345", "又在施工", urgency=Urgency.FIRST, area="320312", **(KIND | other))  # type: ignore[arg-type]
        put(store, number, (Event(now() - timedelta(minutes=1), DUTY, fact),))

    complain("FAR", lat=34.262)
    complain("OTHER", category="D01")
    assert work(store).raised == 0
    complain("NEAR", lat=34.2605)
    assert work(store).raised == 1
    (fact,) = said(store, "OLD")
    assert isinstance(fact, WarningRaised)
    assert (fact.rule_id, fact.node, fact.body) == ("P10", Node.RECTIFY, "housing")
    assert any("NEAR" in line for line in fact.facts)
    assert not any("FAR" in line or "OTHER" in line for line in fact.facts)
    assert said(store, "NEAR") == []


def test_a_file_of_another_ticket_is_found_by_its_checksum(store: Store) -> None:
    """Y18: whoever handed it in later is charged, whichever was told first."""
    put(store, "T-1", life(now() - timedelta(hours=6), files=("a" * 64,)))
    put(store, "T-2", life(now() - timedelta(hours=5), files=("b" * 64,)))
    assert work(store).raised == 0
    put(store, "T-3", life(now() - timedelta(hours=5, minutes=30), files=("b" * 64,)))
    work(store)
    assert rules_said(store, "T-2") == [("WarningRaised", "E03")]
    assert rules_said(store, "T-1") == rules_said(store, "T-3") == []


def photograph(seed: int) -> Image.Image:
    """A picture with the broad shapes and the fine grain of a photograph."""
    random = np.random.default_rng(seed)
    broad = Image.fromarray(random.integers(0, 255, (9, 12, 3), dtype=np.uint8))
    grain = random.normal(0, 9, (600, 800, 3))
    shapes = np.asarray(broad.resize((800, 600), Image.Resampling.BICUBIC), dtype=float)
    return Image.fromarray(np.clip(shapes + grain, 0, 255).astype(np.uint8))


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def test_a_picture_that_was_compressed_again_and_scaled_is_found(store: Store) -> None:
    """Y18: the same photograph at half the size and another quality; and a different one beside it."""
    original = photograph(1)
    half = original.resize((400, 300), Image.Resampling.LANCZOS)
    pictures = {
        "T-1": encoded(original, quality=92),
        "T-2": encoded(half, quality=55),
        "T-3": encoded(photograph(2), quality=92),
        "T-4": encoded(original.resize((640, 480)), "PNG"),
    }
    for n, (number, content) in enumerate(pictures.items()):
        events = life(now() - timedelta(hours=6, minutes=-n))
        put(store, number, events[:5])
        kept = store.write(lambda c, n=number, p=content: evidence.keep(c, n, "现场.jpg", p))
        done = Rectified("停工", evidence=(kept,))
        add(store, number, replace(events[5], fact=done))
    work(store)
    assert rules_said(store, "T-1") == rules_said(store, "T-3") == []
    assert rules_said(store, "T-2") == [("WarningRaised", "E04")]
    assert rules_said(store, "T-4") == [("WarningRaised", "E04")]
    (fact,) = said(store, "T-2")
    assert isinstance(fact, WarningRaised)
    assert any("T-1" in line for line in fact.facts)


def test_a_file_that_was_decided_settles_its_warning(store: Store) -> None:
    """T10: what cannot be undone ends when an officer has decided about it."""
    put(store, "T-1", life(now() - timedelta(hours=6)))
    work(store)
    number = store.read(lambda c: c.execute(schema.re_supervision.select()).one()).number
    decided_at = now() + timedelta(seconds=1)
    decline = Event(decided_at, OFFICER, ReSupervisionDeclined("已当面说明"))
    referred = Event(decided_at, OFFICER, ReSupervisionReferred(number, "declined"))
    additions = [log.Addition(f"re_supervision/{number}", [decline]), log.Addition("ticket/T-1", [referred])]
    store.write(lambda c: log.append(c, load_rules(c), additions))
    assert work(store).cleared == 1
    cleared = said(store, "T-1")[-1]
    assert isinstance(cleared, WarningCleared)
    assert cleared.reason == "settled"
    assert work(store) == judging.Judged()


def test_what_a_city_tells_of_its_past_makes_nobody_look(store: Store) -> None:
    """As an import does: nobody watched then, and nobody is warned of it now."""
    put(store, "T-1", life(now() - timedelta(days=40), closed=True))
    assert work(store) == judging.Judged()
    assert said(store, "T-1") == []


def test_old_tickets_cost_nothing(store: Store) -> None:
    """The engine reads only what is new: with nothing new it looks at one place of an index."""
    put(store, "T-1", life(now() - timedelta(hours=6), files=("a" * 64,)))
    work(store)

    def plan(connection: Connection) -> Iterator[str]:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        row = judging_queue._position(connection)
        asked = {"xid": row.xid, "id": row.id, "most": 10, "showing": []}
        statement = text("EXPLAIN " + judging_queue._NEW_EVENTS.text)
        return iter([line[0] for line in connection.execute(statement, asked)])

    told = "\n".join(store.write(plan))
    assert "event_xid" in told
    assert "ROW(xid, id) > ROW(" in told


def test_a_copy_on_another_server_begins_with_what_is_new(store: Store) -> None:
    put(store, "T-1", life(now() - timedelta(hours=6), files=("a" * 64,)))
    work(store)
    store.write(lambda c: c.execute(schema.judging.update().values(database="1", xid=9, id=9)))
    put(store, "T-2", life(now() - timedelta(hours=6)))
    assert work(store) == judging.Judged()
    add(store, "T-2", Event(now(), DUTY, Revisited(True)))
    assert work(store).raised == 1


def test_a_changed_rule_that_is_meant_to_look_back_judges_open_tickets_anew(store: Store) -> None:
    """E01 becomes another rule, E05 narrower: what stood by the old one is over."""
    begun = now() - timedelta(hours=6)
    events = life(begun)
    far = tuple(
        replace(event, fact=Arrived(300.0, ("a" * 64,))) if isinstance(event.fact, Arrived) else event
        for event in events
    )
    put(store, "T-1", far)
    put(store, "T-2", events)
    work(store)
    assert rules_said(store, "T-1") == []
    assert rules_said(store, "T-2") == [("WarningRaised", "E01")]
    policy = (RESOURCES / "policies" / "standard-v2.toml").read_text("utf-8")
    policy = policy.replace("version = 2", "version = 7").replace("metres = 500", "metres = 200")
    policy = policy.replace('id = "E01"', 'id = "E91"')
    store.write(lambda c: rule_changes.add_policy(c, policy, retroactive=True))
    work(store)
    assert rules_said(store, "T-1") == [("WarningRaised", "E05")]
    assert sorted(rules_said(store, "T-2")) == [
        ("WarningCleared", "E01"),
        ("WarningRaised", "E01"),
        ("WarningRaised", "E91"),
    ]
