"""What is wrong with the order of things: skipped, too early, by the wrong body, missing (T04, X12)."""

from collections.abc import Iterator
from datetime import timedelta

from domain.case_events import RecordAdded, RecordKind, ResponsibilityNamed, ResponsibleAs
from domain.events import (
    Event,
    FedBack,
    Filed,
    Penalised,
    PostChecked,
    Received,
    ReturnedAsWrong,
)
from domain.node_clock import NodeClock, NodeEnd
from domain.nodes import Node
from domain.steps import NODE_OF
from domain.wrong.history import History, Place, Violation, place_of, span_text
from domain.wrong.rule import Parameter, WrongRule
from domain.wrong.words import NODES

STEP_OF = {node: step for step, node in NODE_OF.items()}


def skipped(history: History, rule: WrongRule) -> Iterator[Violation]:
    """Closed though a node of the last round was never done (T04). One that needs a violation, only then."""
    closed_at = history.traced.closed_at
    if closed_at is None:
        return
    for node in rule.nodes:
        of_policy = history.policy.rule(node)
        if of_policy is None or (of_policy.first_round_only and history.traced.round > 1):
            continue
        if any(event.at <= closed_at for event in _steps(history, node, history.traced.round)):
            continue
        left = [c for c in history.clocks(node, NodeEnd.SKIPPED) if c.ended_at == closed_at and not c.part]
        if of_policy.violation_only and not left:
            continue
        place = place_of(left[-1]) if left else history.expected(node)
        facts = (f"{history.clock_text(closed_at)} 销号时，{NODES[node]}环节没有办理记录",)
        yield Violation(rule, place, closed_at, facts)


def out_of_order(history: History, rule: WrongRule) -> Iterator[Violation]:
    """A step was taken before the one that must come first (T04); a late report of that one ends it."""
    assert rule.after is not None
    for node in rule.nodes:
        for event, _ in history.all(STEP_OF[node]):
            place = history.place(event, node)
            if _came_before(history, rule.after, event, place):
                continue
            facts = (
                f"{history.clock_text(event.at)} 已办{NODES[node]}",
                f"此前没有{NODES[rule.after]}的办理记录",
            )
            yield Violation(rule, place, event.at, facts)


def verifier_is_handler(history: History, rule: WrongRule) -> Iterator[Violation]:
    """A body that worked on the ticket, as its lead or assisting, checked its own work (X12).

    A later check by another body ends it.
    """
    for clock in history.clocks(Node.POST_CHECK, NodeEnd.DONE):
        worked = {
            done.body for done in history.clocks(Node.RECTIFY, NodeEnd.DONE) if done.round == clock.round
        } | {clock.handler}
        if clock.ended_at is None or clock.body is None or clock.body not in worked:
            continue
        others = [
            event
            for event, _ in history.all(PostChecked)
            if event.at > clock.ended_at and event.actor.body not in (None, *worked)
        ]
        if not others:
            facts = (
                f"参与整改的主体：{'、'.join(sorted(history.name(body) for body in worked if body))}",
                f"{history.clock_text(clock.ended_at)} 后督查主体：{history.name(clock.body)}",
                "后督查应由另一主体核查",
            )
            yield Violation(rule, place_of(clock), clock.ended_at, facts)


def penalty_without_case(history: History, rule: WrongRule) -> Iterator[Violation]:
    """A penalty though no case was ever filed (T04, T12); filing it ends this."""
    if any(True for _ in history.all(Filed)):
        return
    for event, fact in history.all(Penalised):
        document = fact.document.strip() or "（无文号）"
        facts = (f"{history.clock_text(event.at)} 处罚 {document}，{fact.amount} 元", "没有立案记录")
        yield Violation(rule, history.place(event, Node.PENALISE), event.at, facts)


def document_missing(history: History, rule: WrongRule) -> Iterator[Violation]:
    """A case or a penalty without the number of its document (T04)."""
    steps = [(event, fact) for event in history.events if isinstance(fact := event.fact, Filed | Penalised)]
    for event, fact in steps:
        node = NODE_OF[type(fact)]
        named = any(
            type(again) is type(fact) and later.at > event.at and again.document.strip()
            for later, again in steps
        )
        if node in rule.nodes and not fact.document.strip() and not named:
            facts = (f"{history.clock_text(event.at)} {NODES[node]}，没有文书编号",)
            yield Violation(rule, history.place(event, node), event.at, facts)


def pushed(history: History, rule: WrongRule) -> Iterator[Violation]:
    """Handed on between bodies more than N times (T12): charged to who handed it on last, or the office."""
    most = rule.numbers[Parameter.TIMES]
    handed: dict[tuple[int, int], NodeClock] = {}
    for clock in history.traced.nodes:
        if clock.end is NodeEnd.HANDED_OVER and clock.part == 0 and clock.body is not None:
            handed.setdefault((clock.round, clock.leg), clock)
    if len(handed) <= most:
        return
    reasons = {event.at: fact.reason for event, fact in history.all(ReturnedAsWrong)}
    lines = []
    for clock in handed.values():
        assert clock.ended_at is not None
        why = reasons.get(clock.ended_at)
        told = f"，理由：{why}" if why else ""
        lines.append(f"{history.clock_text(clock.ended_at)} {history.name(clock.handler)}移出{told}")
    last = list(handed.values())[-1]
    assert last.ended_at is not None
    facts = (f"在主体之间移交 {len(handed)} 次，规则允许 {most} 次", *lines)
    for node in rule.nodes:
        clock = next(
            (c for c in history.clocks(node) if (c.round, c.leg, c.part) == (last.round, last.leg, 0)), last
        )
        body = clock.body if node is Node.DISPATCH else last.handler
        yield Violation(rule, Place(node, last.round, last.leg, 0, body), last.ended_at, facts)


def rebound(history: History, rule: WrongRule) -> Iterator[Violation]:
    """Another complaint of the same kind on the same point within N days after the close (Y18, Q20).

    That the same sensor exceeds its limit again is as good as a complaint.
    """
    closed_at = history.traced.closed_at
    if closed_at is None:
        return
    until = closed_at + timedelta(days=rule.numbers[Parameter.DAYS])
    near = sorted(
        (
            other
            for other in history.around.later
            if closed_at < other.received_at <= until
            and other.received_at <= history.now
            and (other.sensed or other.distance_m <= rule.numbers[Parameter.METRES])
        ),
        key=lambda other: (other.received_at, other.ticket),
    )
    if not near:
        return
    facts = [f"{history.clock_text(closed_at)} 销号"]
    for other in near[:5]:
        again = f"同类投诉 {other.ticket}，距本单 {other.distance_m:.0f} 米"
        if other.sensed:
            again = f"{other.sensed} 再次超标（{other.ticket}）"
        after = span_text(other.received_at - closed_at)
        facts.append(f"{history.clock_text(other.received_at)} {again}，销号后 {after}")
    if len(near) > 5:
        facts.append(f"另有 {len(near) - 5} 件")
    for node in rule.nodes:
        done = [clock for clock in history.clocks(node, NodeEnd.DONE) if clock.part == 0]
        place = place_of(done[-1]) if done else history.expected(node)
        yield Violation(rule, place, near[0].received_at, tuple(facts))


def no_feedback(history: History, rule: WrongRule) -> Iterator[Violation]:
    """Closed though nobody told the complainant in the last round (B04, Y21); telling them ends it."""
    closed_at = history.traced.closed_at
    if closed_at is None or history.policy.rule(Node.FEED_BACK) is None:
        return
    told = [event for event, _ in history.all(FedBack)]
    told += [event for event, fact in history.all(RecordAdded) if fact.record is RecordKind.NOTICE]
    if any(history.whereabouts(event.at)[0] == history.traced.round for event in told):
        return
    left = [c for c in history.clocks(Node.FEED_BACK, NodeEnd.SKIPPED) if c.ended_at == closed_at]
    place = place_of(left[-1]) if left else history.expected(Node.FEED_BACK)
    facts = (f"{history.clock_text(closed_at)} 销号", "本轮没有向投诉人反馈的记录")
    yield Violation(rule, place, closed_at, facts)


def unwatched(history: History, rule: WrongRule) -> Iterator[Violation]:
    """A node ran for N minutes and nobody was named to watch it (B02); naming somebody ends it."""
    wait = timedelta(minutes=rule.numbers[Parameter.MINUTES])
    for clock in history.traced.open_nodes:
        if clock.part > 0 or clock.node not in rule.nodes or _watcher(history, clock):
            continue
        facts = (
            f"{NODES[clock.node]}环节 {history.clock_text(clock.started_at)} 起算",
            f"{span_text(wait)}后仍未指定专人盯守",
        )
        yield Violation(rule, place_of(clock), clock.started_at + wait, facts)


def _watcher(history: History, clock: NodeClock) -> bool:
    named = ""
    for _, fact in history.all(ResponsibilityNamed):
        if fact.responsible is ResponsibleAs.WATCHER and fact.node in (None, clock.node):
            named = fact.name
    return bool(named)


def _steps(history: History, node: Node, round_: int) -> Iterator[Event]:
    """The steps of a node that were taken in a round; in any, of what a later round does not repeat."""
    rule = history.policy.rule(node)
    # A filed case goes on in its own time: a later round does not repeat it.
    any_round = node in (Node.FILE, Node.PENALISE) or (rule is not None and rule.first_round_only)
    for event, _ in history.all(STEP_OF[node]):
        if any_round or history.place(event, node).round == round_:
            yield event


def _came_before(history: History, first: Node, event: Event, place: Place) -> bool:
    if first is Node.ACCEPT and isinstance(event.fact, Received):
        return True
    return any(step.at <= event.at for step in _steps(history, first, place.round))
