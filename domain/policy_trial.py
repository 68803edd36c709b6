"""A changed policy tried on what happened: which nodes would be late, slow or wrong under it (product.md).

Clocks follow from the events, the policy and the calendar alone, so the same events are judged twice, and
nothing is written. What people did because of the old limits stays as they did it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.calendar import WorkCalendar
from domain.events import Event
from domain.node_clock import NodeClock
from domain.nodes import ORDER, Node, NodeStatus
from domain.policy import Policy
from domain.trace import trace
from domain.wrong.judge import judge
from domain.wrong.surroundings import Surroundings

Key = tuple[int, int, int, Node]
"""A clock of a ticket: round, leg, part, node."""


class Pace(StrEnum):
    """How a clock was kept. LATE: not done when due. SLOW: past the policy's share of its limit, not late.

    NONE: the policy starts no such clock.
    """

    IN_TIME = "in_time"
    SLOW = "slow"
    LATE = "late"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Standing:
    """How one clock stands under a policy: its body, its pace, and the IDs of the rules that it breaks."""

    body: str | None
    pace: Pace
    wrong: tuple[str, ...] = ()

    @property
    def judged(self) -> tuple[Pace, tuple[str, ...]]:
        """What a changed policy can change; whom it is charged to follows from the events."""
        return self.pace, self.wrong


MISSING = Standing(None, Pace.NONE)


@dataclass(frozen=True, slots=True)
class Change:
    """A clock of a ticket that stands otherwise under the other policy."""

    node: Node
    round: int
    leg: int
    part: int
    before: Standing
    after: Standing

    @property
    def body(self) -> str | None:
        """The body that is charged."""
        return self.after.body if self.before.pace is Pace.NONE else self.before.body


@dataclass(slots=True)
class Count:
    """How many clocks of a node and a body there are, and how many of them are late, slow, wrong."""

    clocks: int = 0
    late: int = 0
    slow: int = 0
    wrong: int = 0

    def add(self, standing: Standing) -> None:
        """Count a clock."""
        self.clocks += standing.pace is not Pace.NONE
        self.late += standing.pace is Pace.LATE
        self.slow += standing.pace is Pace.SLOW
        self.wrong += bool(standing.wrong)


@dataclass(slots=True)
class BeforeAfter:
    """The same counts under both policies."""

    before: Count = field(default_factory=Count)
    after: Count = field(default_factory=Count)

    @property
    def differs(self) -> bool:
        """Whether the policies differ here."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class TrialSpan:
    """Which tickets are tried: received from `since` on and before `until`; None is no bound."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrialLine:
    """What came of it at a node: as a `whole`, or for one body."""

    node: Node
    body: str | None
    counts: BeforeAfter
    whole: bool = False


@dataclass(slots=True)
class Trial:
    """What came of a trial: counts by node and body, and by rule; its size does not grow with the tickets."""

    tickets: int = 0
    changed: int = 0
    nodes: dict[tuple[Node, str | None], BeforeAfter] = field(default_factory=dict)
    rules: dict[str, list[int]] = field(default_factory=dict)
    """By rule's ID: how many clocks break it before, and after."""

    def add(self, before: Mapping[Key, Standing], after: Mapping[Key, Standing]) -> tuple[Change, ...]:
        """Count a ticket, and return which of its clocks stand otherwise, in order."""
        self.tickets += 1
        changes = []
        for key in sorted(before.keys() | after.keys(), key=_position):
            then, now = before.get(key, MISSING), after.get(key, MISSING)
            change = Change(key[3], *key[:3], then, now)
            counts = self.nodes.setdefault((change.node, change.body), BeforeAfter())
            counts.before.add(then)
            counts.after.add(now)
            for side, standing in enumerate((then, now)):
                for rule in standing.wrong:
                    self.rules.setdefault(rule, [0, 0])[side] += 1
            if then.judged != now.judged:
                changes.append(change)
        self.changed += bool(changes)
        return tuple(changes)


def lines_of(trial: Trial) -> list[TrialLine]:
    """Return each node as a whole in the order of the procedure, and under it the bodies at which the
    policies differ."""
    by_node: dict[Node, list[TrialLine]] = {}
    for node, body in sorted(trial.nodes, key=_place):
        by_node.setdefault(node, []).append(TrialLine(node, body, trial.nodes[node, body]))
    lines: list[TrialLine] = []
    for node, rows in by_node.items():
        before, after = (_sum(row.counts.before for row in rows), _sum(row.counts.after for row in rows))
        lines.append(TrialLine(node, None, BeforeAfter(before, after), whole=True))
        lines += [row for row in rows if row.counts.differs]
    return lines


def standings(
    events: Iterable[Event], policy: Policy, calendar: WorkCalendar, around: Surroundings, now: datetime
) -> dict[Key, Standing]:
    """Return how each clock of a ticket stands under a policy as of a moment.

    Raises:
        ValueError: the ticket had not been received by then.
    """
    happened: Sequence[Event] = [event for event in events if event.at <= now]
    traced = trace(happened, policy, calendar)
    found = {_key(node): Standing(node.body, pace_of(node, now)) for node in traced.nodes}
    broken: dict[Key, set[str]] = {}
    if policy.wrong:
        for violation in judge(happened, policy, calendar, around, now).violations:
            place = violation.place
            key = (place.round, place.leg, place.part, place.node)
            broken.setdefault(key, set()).add(violation.rule.id)
            found.setdefault(key, Standing(place.body, Pace.NONE))
    for key, rules in broken.items():
        standing = found[key]
        found[key] = Standing(standing.body, standing.pace, tuple(sorted(rules)))
    return found


def pace_of(node: NodeClock, now: datetime) -> Pace:
    """Return how a clock was kept up to a moment, or to its end."""
    if node.status(now) in (NodeStatus.LATE, NodeStatus.OVERDUE):
        return Pace.LATE
    until = node.ended_at or now
    if node.yellow_at is not None and until >= node.yellow_at and not node.paused:
        return Pace.SLOW
    return Pace.IN_TIME


def _sum(counts: Iterable[Count]) -> Count:
    whole = Count()
    for count in counts:
        whole.clocks += count.clocks
        whole.late += count.late
        whole.slow += count.slow
        whole.wrong += count.wrong
    return whole


def _place(place: tuple[Node, str | None]) -> tuple[int, str]:
    return ORDER[place[0]], place[1] or ""


def _key(node: NodeClock) -> Key:
    return node.round, node.leg, node.part, node.node


def _position(key: Key) -> tuple[int, int, int, int]:
    return key[0], key[1], ORDER[key[3]], key[2]
