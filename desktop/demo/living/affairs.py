"""What people do beside the tickets' own steps: warnings, files, directives and ledger items go on.

Pure: what waits, a moment and a source of chance in; deeds out, the most pressing first. Nothing happens
sooner after the step before it than people take, so that a fast demo is not all paperwork.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from data_access.log import Addition
from data_access.open_work import OpenAffairs, OpenAlarm, OpenFile, OpenItem, OpenReceipt
from desktop.city import CITY_FOLDER, read_table
from desktop.demo.files import ANSWER, FINDINGS
from desktop.demo.world import World
from domain.drafts import AcknowledgeDraft, DirectiveDraft, ReSupervisionDraft
from domain.events import (
    Behaviour,
    Chased,
    DirectiveFedBack,
    DirectiveJudged,
    DirectiveReminded,
    DirectiveSigned,
    Event,
    Fact,
    ReSupervisionClosed,
    ReSupervisionDeclined,
    ReSupervisionExplained,
    ReSupervisionFound,
    WarningLevel,
)
from domain.item_events import ItemClosedOut, ItemProgressed
from domain.people import PLATFORM, Actor, Role
from domain.re_supervision import FileState
from domain.re_supervision_orders import reference
from domain.urgency import Urgency

DECLINED = 0.6
"""The share of drafts that an officer declines with a reason."""
ACKNOWLEDGED = 0.75
"""The chance, at each look, that somebody acknowledges a red warning that has stood for minutes."""
CHASED = 0.01
"""The chance, at each look, that the holder of a slow or red node is told to hurry."""
JUDGED_NO = 0.05
REMINDED = 0.3
"""The chance, at each look, that a leader reminds a late receiver who was not reminded of late."""
FEW_RECEIPTS = 12
"""With fewer answers outstanding a leader may give another directive."""
NEW_DIRECTIVE = 0.02
"""The chance of one, at each look."""
FEW_ITEMS = 20
"""With fewer open ledger items than this none is closed out."""

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
REMINDED_AGAIN = 6 * _HOUR

PAUSES = {
    FileState.DRAFTED: 12 * _MINUTE,
    FileState.LAUNCHED: 25 * _MINUTE,
    FileState.EXPLAINED: 20 * _MINUTE,
    FileState.FOUND: 15 * _MINUTE,
}
"""How long a file rests in each state, at least half of it."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody does: events that continue streams, or an order given as from the screen."""

    additions: tuple[Addition, ...] = ()
    order: AcknowledgeDraft | ReSupervisionDraft | DirectiveDraft | None = None
    actor: Actor | None = None


def deeds(world: World, waiting: OpenAffairs, now: datetime, random: Random) -> Iterator[Deed]:
    """Yield what may happen now, in an order drawn by chance, at most one for each matter."""
    found: list[Deed] = []
    for alarm in waiting.alarms:
        found += _on_alarm(world, alarm, now, random)
    for file in waiting.files:
        found += _on_file(world, file, now, random)
    directives: set[str] = set()
    for receipt in waiting.receipts:
        # One answer for each directive at a look: its stream has one version.
        if receipt.directive not in directives and (deed := _on_receipt(world, receipt, now, random)):
            directives.add(receipt.directive)
            found.append(deed)
    for item in waiting.items:
        found += _on_item(world, item, now, random, few=len(waiting.items) < FEW_ITEMS)
    if len(waiting.receipts) < FEW_RECEIPTS and random.random() < NEW_DIRECTIVE:
        found.append(_new_directive(world, now, random))
    random.shuffle(found)
    yield from found


def _on_alarm(world: World, alarm: OpenAlarm, now: datetime, random: Random) -> Iterator[Deed]:
    red = alarm.level is WarningLevel.RED
    age = now - alarm.raised_at
    if age < _drawn(40, 400, f"{alarm.ticket}/{alarm.node}/{alarm.level}") or not (red or age > 6 * _MINUTE):
        return
    if red and random.random() < ACKNOWLEDGED:
        body = alarm.body
        own = body is not None and body != PLATFORM and _has_staff(world, body) and random.random() < 0.5
        who = world.handler(body, random) if own and body else world.on_duty(now)
        note = world.texts.step("acknowledge", random)
        draft = AcknowledgeDraft(
            _request(random),
            alarm.ticket,
            alarm.kind,
            alarm.level,
            alarm.node,
            alarm.round,
            alarm.leg,
            note,
            alarm.part,
            alarm.rule_id,
        )
        yield Deed(order=draft, actor=who)
    elif random.random() < CHASED:
        chased = Event(now, world.on_duty(now), Chased(world.texts.step("chase", random)))
        yield Deed((Addition(f"ticket/{alarm.ticket}", [chased]),))


def _on_file(world: World, file: OpenFile, now: datetime, random: Random) -> Iterator[Deed]:
    rest = PAUSES.get(file.state)
    if rest is None or now - file.last_at < rest * _share(f"{file.number}/{file.state}"):
        return
    officer = _officer(world, file, random)
    say = world.texts.step
    match file.state:
        case FileState.DRAFTED if random.random() < DECLINED or not _has_staff(world, file.body):
            yield _on(file, now, officer, ReSupervisionDeclined(say("decline", random)))
        case FileState.DRAFTED:
            assert file.body is not None
            draft = ReSupervisionDraft(
                request_id=_request(random),
                ticket=file.ticket,
                body=file.body,
                question=f"请说明“{file.cause}”的原因、责任人和整改措施。",
                deadline=now + ANSWER,
                node=file.node,
                round=file.round,
                cause=file.cause,
                number=file.number,
            )
            yield Deed(order=draft, actor=officer)
        case FileState.LAUNCHED if _has_staff(world, file.body):
            assert file.body is not None
            handler = world.handler(file.body, random)
            yield _on(file, now, handler, ReSupervisionExplained(say("explain", random)))
        case FileState.EXPLAINED:
            behaviour = Behaviour.NO_FAULT if random.random() < 0.3 else random.choice(FINDINGS)
            yield _on(file, now, officer, ReSupervisionFound(behaviour, say("find", random)))
        case FileState.FOUND:
            yield _on(file, now, officer, ReSupervisionClosed(say("recommend", random)))
        case _:
            return


def _on(file: OpenFile, now: datetime, actor: Actor, fact: Fact) -> Deed:
    """Continue a file, and say so in the ticket's own log where that is due."""
    event = Event(now, actor, fact)
    additions = [Addition(f"re_supervision/{file.number}", [event], file.version)]
    referred = reference(file.number, event)
    if referred is not None:
        additions.append(Addition(f"ticket/{file.ticket}", [referred]))
    return Deed(tuple(additions))


def _on_receipt(world: World, receipt: OpenReceipt, now: datetime, random: Random) -> Deed | None:
    body, age = receipt.body, now - receipt.issued_at
    span = receipt.deadline - receipt.issued_at
    if not _has_staff(world, body):
        return None
    key = f"{receipt.directive}/{body}"
    steps = _words()["directive_steps"]
    rested = receipt.reminded_at is None or now - receipt.reminded_at > REMINDED_AGAIN
    if receipt.is_late(now) and rested and random.random() < REMINDED:
        reminded = DirectiveReminded(body, random.choice(steps["remind"]))
        return _answer(receipt, now, _leader_of(world, receipt), reminded)
    if receipt.signed_at is None:
        if age < _drawn(90, 5400, key):
            return None
        return _answer(receipt, now, world.handler(body, random), DirectiveSigned(body))
    if receipt.fed_back_at is None or receipt.accepted is False:
        if age < min(span * 0.8, _drawn(1200, 14_400, f"{key}/fed_back")) and receipt.accepted is None:
            return None
        text = random.choice(steps["feed_back"])
        return _answer(receipt, now, world.handler(body, random), DirectiveFedBack(body, text))
    if now - receipt.fed_back_at < _drawn(600, 7200, f"{key}/judged"):
        return None
    accepted = random.random() >= JUDGED_NO
    text = random.choice(steps["judge_yes" if accepted else "judge_no"])
    return _answer(receipt, now, _leader_of(world, receipt), DirectiveJudged(body, accepted, text))


def _leader_of(world: World, receipt: OpenReceipt) -> Actor:
    leaders = world.city.staff(Role.LEADER)
    return next((p.actor for p in leaders if p.name == receipt.issued_by), leaders[0].actor)


def _answer(receipt: OpenReceipt, now: datetime, actor: Actor, fact: Fact) -> Deed:
    event = Event(now, actor, fact)
    return Deed((Addition(f"directive/{receipt.directive}", [event], receipt.version),))


def _on_item(world: World, item: OpenItem, now: datetime, random: Random, *, few: bool) -> Iterator[Deed]:
    if now - item.last_at < _drawn(1800, 40_000, f"{item.number}/{item.percent}"):
        return
    if not _has_staff(world, item.body):
        return
    if item.percent >= 97:
        if few:
            return
        year = world.local(now).year
        document = f"徐污防攻坚办销〔{year}〕{random.randint(400, 9000)} 号"
        verifier = "市生态环境局" if item.body != "ecology" else "市污防攻坚办"
        fact: Fact = ItemClosedOut(document, verifier)
        actor = world.on_duty(now)
    else:
        note = random.choice(_words()["ledger"]["progress"])
        fact = ItemProgressed(min(100, item.percent + random.randint(1, 6)), note)
        actor = world.handler(item.body, random)
    yield Deed((Addition(f"item/{item.number}", [Event(now, actor, fact)], item.version),))


def _new_directive(world: World, now: datetime, random: Random) -> Deed:
    row = random.choice(_words()["directive"])
    receivers = tuple(row["bodies"]) or tuple(body.key for body in world.city.responsible)
    draft = DirectiveDraft(
        request_id=_request(random),
        text=row["text"],
        receivers=receivers,
        deadline=now + timedelta(hours=row["hours"]),
        urgency=Urgency(row["urgency"]),
    )
    return Deed(order=draft, actor=random.choice(world.city.staff(Role.LEADER)).actor)


def _officer(world: World, file: OpenFile, random: Random) -> Actor:
    officers = [person.actor for person in world.city.staff(Role.DISCIPLINE)]
    return next((officer for officer in officers if officer.name == file.officer), random.choice(officers))


def _has_staff(world: World, body: str | None) -> bool:
    return (Role.HANDLER, body) in world.staff


def _request(random: Random) -> str:
    text = f"{random.getrandbits(128):032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _drawn(low: float, high: float, key: str) -> timedelta:
    return timedelta(seconds=low + (high - low) * (_share(key) - 0.5))


def _share(key: str) -> float:
    """Between 0.5 and 1.5, the same for the same key."""
    return 0.5 + Random(key).random()  # noqa: S311 - seeded on purpose


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    return read_table(CITY_FOLDER, "ledger.toml")
