"""What is wrong on site: no evidence, evidence of something else, too far, too soon (Y18, Y30, T04, T12)."""

from collections.abc import Iterator
from datetime import timedelta

from domain.events import Arrived, Closed, Event
from domain.node_clock import NodeClock, NodeEnd
from domain.nodes import Node
from domain.wrong.history import History, Shown, Violation, place_of, span_text
from domain.wrong.rule import Parameter, WrongRule


def without_evidence(history: History, rule: WrongRule) -> Iterator[Violation]:
    """Reported done, or closed, though nothing from the site was ever handed in in that round (T12, Y18).

    At `rectify`: each time that a body reported its work done. At `close`: the last round. What is handed in
    later ends it.
    """
    if Node.RECTIFY in rule.nodes:
        for clock in history.clocks(Node.RECTIFY, NodeEnd.DONE):
            if clock.ended_at is None or _evidence_of_round(history, clock):
                continue
            done = history.clock_text(clock.ended_at)
            facts = (f"{done} {history.name(clock.body)}报整改办结", "本轮到场、整改均未提交现场影像")
            yield Violation(rule, place_of(clock), clock.ended_at, facts)
    if Node.CLOSE in rule.nodes:
        for event, _ in history.all(Closed):
            if event.at != history.traced.closed_at or _shown_in(history, history.traced.round):
                continue
            facts = (f"{history.clock_text(event.at)} 销号", "销号时本轮没有任何现场影像")
            yield Violation(rule, history.place(event, Node.CLOSE), event.at, facts)


def just_before_due(history: History, rule: WrongRule) -> Iterator[Violation]:
    """Done within N minutes before the due time, with no evidence of it (T12)."""
    most = timedelta(minutes=rule.numbers[Parameter.MINUTES])
    for node in rule.nodes:
        for clock in history.clocks(node, NodeEnd.DONE):
            if clock.ended_at is None or clock.due_at is None or _evidence_of_round(history, clock):
                continue
            left = clock.due_at - clock.ended_at
            if timedelta(0) <= left <= most:
                facts = (
                    f"{history.clock_text(clock.ended_at)} 办结，距到期 {history.clock_text(clock.due_at)}"
                    f" 仅 {span_text(left)}",
                    "未提交现场影像",
                )
                yield Violation(rule, place_of(clock), clock.ended_at, facts)


def done_too_soon(history: History, rule: WrongRule) -> Iterator[Violation]:
    """Reported done within N minutes of arriving: nobody can have put anything right so fast (Y30)."""
    least = timedelta(minutes=rule.numbers[Parameter.MINUTES])
    for clock in history.clocks(Node.RECTIFY, NodeEnd.DONE):
        here = (clock.round, clock.leg, clock.part)
        arrived = next(
            (
                c.ended_at
                for c in history.clocks(Node.ARRIVE, NodeEnd.DONE)
                if (c.round, c.leg, c.part) == here
            ),
            None,
        )
        if arrived is None or clock.ended_at is None:
            continue
        took = clock.ended_at - arrived
        if timedelta(0) <= took < least:
            facts = (
                f"{history.clock_text(arrived)} 到场，{history.clock_text(clock.ended_at)} 报整改办结",
                f"相隔 {span_text(took)}，规则要求不少于 {span_text(least)}",
            )
            yield Violation(rule, place_of(clock), clock.ended_at, facts)


def far_arrival(history: History, rule: WrongRule) -> Iterator[Violation]:
    """Arrived farther than N metres from the point of the ticket; a nearer arrival of the round ends it."""
    most = rule.numbers[Parameter.METRES]
    arrivals = [(event, fact) for event, fact in history.all(Arrived) if fact.distance_m is not None]
    for event, fact in arrivals:
        if fact.distance_m is None or fact.distance_m <= most:
            continue
        place = history.place(event, Node.ARRIVE)
        mended = any(
            later.at > event.at
            and later.actor.body == event.actor.body
            and history.whereabouts(later.at) == (place.round, place.leg)
            and again.distance_m is not None
            and again.distance_m <= most
            for later, again in arrivals
        )
        if not mended:
            at = history.clock_text(event.at)
            facts = (f"{at} 登记到场，距举报点 {fact.distance_m:.0f} 米，规则允许 {most} 米以内",)
            yield Violation(rule, place, event.at, facts)


def evidence_used_before(history: History, rule: WrongRule) -> Iterator[Violation]:
    """A file of evidence was handed in before, in another ticket or an earlier round of this one (Y18).

    Evidence that is handed in afterwards does not undo it.
    """
    for event, files in _by_event(history, rule):
        facts: list[str] = []
        for shown in files:
            used = [use for use in history.around.uses if use.sha256 == shown.sha256 and use.at < event.at]
            first = min(used, key=lambda use: (use.at, use.ticket), default=None)
            if first is not None:
                when = history.clock_text(first.at)
                facts.append(f"影像 {shown.sha256[:12]}… 已于 {when} 用于工单 {first.ticket}")
            own = _earlier_round(history, shown)
            if own is not None:
                when = history.clock_text(own.event.at)
                facts.append(f"影像 {shown.sha256[:12]}… 已于 {when} 在本工单前一轮用过")
        if facts:
            place = history.place(event, files[0].node)
            yield Violation(rule, place, event.at, (f"{history.clock_text(event.at)} 提交", *facts))


def picture_alike(history: History, rule: WrongRule) -> Iterator[Violation]:
    """A picture is nearly the same as one of another ticket: compressed again, scaled, cut a little (Y18).

    A file that is the very same is `evidence_used_before`, not this.
    """
    most = rule.numbers[Parameter.BITS]
    for event, files in _by_event(history, rule):
        facts: list[str] = []
        for shown in files:
            near = [
                picture
                for picture in history.around.alike
                if picture.sha256 == shown.sha256
                and picture.other != shown.sha256
                and picture.bits <= most
                and picture.at < event.at
            ]
            first = min(near, key=lambda picture: (picture.at, picture.ticket), default=None)
            if first is not None:
                facts.append(
                    f"影像 {shown.sha256[:12]}… 与工单 {first.ticket} 于 {history.clock_text(first.at)}"
                    f" 提交的 {first.other[:12]}… 几乎相同（256 位感知哈希相差 {first.bits} 位）"
                )
        if facts:
            place = history.place(event, files[0].node)
            yield Violation(rule, place, event.at, (f"{history.clock_text(event.at)} 提交", *facts))


def _by_event(history: History, rule: WrongRule) -> Iterator[tuple[Event, list[Shown]]]:
    found: dict[int, tuple[Event, list[Shown]]] = {}
    for shown in history.shown():
        if shown.node in rule.nodes:
            found.setdefault(id(shown.event), (shown.event, []))[1].append(shown)
    yield from found.values()


def _earlier_round(history: History, shown: Shown) -> Shown | None:
    round_, _ = history.whereabouts(shown.event.at)
    return next(
        (
            other
            for other in history.shown()
            if other.sha256 == shown.sha256
            and other.event.at < shown.event.at
            and history.whereabouts(other.event.at)[0] < round_
        ),
        None,
    )


def _evidence_of_round(history: History, clock: NodeClock) -> bool:
    """Whether a body handed anything in from the site in the round and leg of its clock."""
    return any(
        _is_of_clock(history.whereabouts(shown.event.at), clock)
        and (shown.event.actor.body in (clock.body, None) or clock.body is None)
        for shown in history.shown()
    )


def _is_of_clock(whereabouts: tuple[int, int], clock: NodeClock) -> bool:
    round_, leg = whereabouts
    # An assisting body goes on while the lead changes.
    return round_ == clock.round and (leg == clock.leg or clock.part > 0)


def _shown_in(history: History, round_: int) -> bool:
    return any(history.whereabouts(shown.event.at)[0] == round_ for shown in history.shown())
