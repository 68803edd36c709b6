"""Where supervision fails, and how often compared with others: who, which node, which rule (T12, X05, X06).

Rates are per 100 nodes that fell due. A body is compared with the body in the middle of its peers, by the
Wilson interval of its own rate: only what lies wholly above or below says something.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from statistics import median

from domain.events import Behaviour, WarningKind
from domain.nodes import Node
from domain.overview import ReSupervisionRow
from domain.ranking import wilson_low

WINDOWS = (30, 90, 365)
"""Days that patterns are looked at over."""

MINIMUM = 20
"""Fewer nodes due than this is 样本不足: a rate of them is shown, and compared with nothing."""

LEAST_HITS = 3
"""Fewer hits than this stand out nowhere: where the peers have none at all, one is chance."""

MOST_LISTED = 500
"""Late nodes of a body's or a person's history that are listed, the latest first; all are counted."""


class Trait(StrEnum):
    """What is counted of a body: 一推二拖三不结, and what stands beside it (T12)."""

    LATE = "late"
    """Nodes that fell due and were not done in time: 拖."""
    OPEN = "open"
    """Those of them that are not done yet: 不结."""
    SLOW = "slow"
    """Warnings that a node ran slow."""
    WRONG = "wrong"
    """Warnings that a rule of procedure was broken."""
    THIN = "thin"
    """Those of them that are about evidence: 证据意识不强."""
    PUSHED = "pushed"
    """Tickets that the body held and that went on to another: 推."""
    BOUNCED = "bounced"
    """Revisits and post-checks that found the work not done."""


class Verdict(StrEnum):
    """How a rate compares with the middle of the peers."""

    HIGH = "high"
    LIKE = "like"
    LOW = "low"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Figure:
    """`hits` of `due`. `low` and `high` are the 95 % Wilson interval of the rate; `middle` is the median rate
    of all bodies with enough due, None where there is none to compare with. Rates are 0..1; hits may exceed
    what was due, for one node can break several rules."""

    hits: int
    due: int
    low: float
    high: float
    middle: float | None
    verdict: Verdict

    @property
    def rate(self) -> float | None:
        """Hits for each node due; None where nothing was."""
        return self.hits / self.due if self.due else None

    @property
    def times(self) -> float | None:
        """How many times the middle it is; None without something to compare with."""
        if self.verdict is Verdict.TOO_FEW or not self.middle or self.rate is None:
            return None
        return self.rate / self.middle


@dataclass(frozen=True, slots=True)
class NodeCount:
    """Nodes of a body that fell due in the window: `open` ones are past due and not done."""

    body: str
    node: Node
    due: int
    late: int
    open: int


@dataclass(frozen=True, slots=True)
class WarningCount:
    """Warnings of one cause that were raised about a body's nodes; `rule` is its sentence."""

    body: str
    node: Node
    kind: WarningKind
    rule_id: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True)
class FileCount:
    """Re-supervisions of a body that were launched in the window, and those that found a fault."""

    launched: int = 0
    faults: int = 0


@dataclass(frozen=True, slots=True)
class PatternCounts:
    """What was counted over [since, until). `names` are those of the bodies that are compared; `thin` are the
    IDs of the rules about evidence. `handed` and `bounced` are by body."""

    since: datetime
    until: datetime
    names: Mapping[str, str]
    nodes: Sequence[NodeCount] = ()
    warnings: Sequence[WarningCount] = ()
    handed: Mapping[str, int] = field(default_factory=dict)
    bounced: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, FileCount] = field(default_factory=dict)
    thin: frozenset[str] = frozenset()
    flows: Sequence["Flow"] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """Two bodies (T22): `times` tickets went from `giver` on to `taker`, and of `jointly` many the giver had
    the lead and the taker assisted."""

    giver: str
    taker: str
    times: int
    jointly: int = 0


@dataclass(frozen=True, slots=True)
class BodyPattern:
    """One body: how many of its nodes fell due, each trait, and its files."""

    body: str
    name: str
    due: int
    figures: Mapping[Trait, Figure]
    files: FileCount

    @property
    def striking(self) -> int:
        """In how many traits it stands out above its peers."""
        return sum(figure.verdict is Verdict.HIGH for figure in self.figures.values())


@dataclass(frozen=True, slots=True)
class NodePattern:
    """How late a body is at one node."""

    node: Node
    late: Figure
    open: int


@dataclass(frozen=True, slots=True)
class RulePattern:
    """How often a body was warned for one cause: `rule` is its sentence, `nodes` where."""

    kind: WarningKind
    rule_id: str
    rule: str
    nodes: tuple[Node, ...]
    figure: Figure


@dataclass(frozen=True, slots=True)
class PersonPattern:
    """How late the nodes were that a person ended, against all of the body; the empty name stands for nodes
    that nobody has ended."""

    person: str
    late: Figure


@dataclass(frozen=True, slots=True)
class PersonCount:
    """Nodes of a body that fell due and were ended by a person; the empty name for nobody."""

    person: str
    due: int
    late: int


@dataclass(frozen=True, slots=True)
class LateNode:
    """A node of a body that was not done in time: who ended it, empty while nobody has."""

    ticket: str
    title: str
    node: Node
    round: int
    person: str
    due_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class PastFile:
    """A re-supervision about a body, with what was found."""

    row: ReSupervisionRow
    behaviour: Behaviour | None
    finding: str
    recommendation: str


@dataclass(frozen=True, slots=True)
class History:
    """What is on record about a body, or one person of it (T28): late nodes and files, the latest first.

    `late` counts all of the window, `nodes` are at most MOST_LISTED of them; `files` are of all times.
    """

    body: str
    person: str
    people: tuple[PersonCount, ...]
    late: int
    nodes: tuple[LateNode, ...]
    files: tuple[PastFile, ...]


@dataclass(frozen=True, slots=True)
class PatternQuery:
    """Patterns over the last `days` days."""

    days: int = WINDOWS[1]


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """The history of a body over the last `days` days, or of one person of it."""

    body: str
    person: str = ""
    days: int = WINDOWS[1]


@dataclass(frozen=True, slots=True)
class TicketsQuery:
    """The tickets behind a number that no filter of the list can name: of a body, a trait, a rule or kind.

    `to` is the body to which PUSHED ones went, where not all are meant.
    """

    body: str
    trait: Trait
    since: datetime
    until: datetime
    kind: WarningKind | None = None
    rule_id: str | None = None
    to: str | None = None


def body_patterns(counts: PatternCounts) -> tuple[BodyPattern, ...]:
    """Return the bodies, those first that stand out most, then by how late they are."""
    due = _sums(counts.nodes, "due")
    hits: dict[Trait, Mapping[str, int]] = {
        Trait.LATE: _sums(counts.nodes, "late"),
        Trait.OPEN: _sums(counts.nodes, "open"),
        Trait.SLOW: _warned(w for w in counts.warnings if w.kind is WarningKind.SLOW),
        Trait.WRONG: _warned(w for w in counts.warnings if w.kind is WarningKind.WRONG),
        Trait.THIN: _warned(w for w in counts.warnings if w.rule_id in counts.thin),
        Trait.PUSHED: counts.handed,
        Trait.BOUNCED: counts.bounced,
    }
    figures = {trait: _compared(found, due, counts.names) for trait, found in hits.items()}
    rows = [
        BodyPattern(
            body,
            name,
            due.get(body, 0),
            {trait: found[body] for trait, found in figures.items()},
            counts.files.get(body, FileCount()),
        )
        for body, name in counts.names.items()
    ]
    return tuple(sorted(rows, key=_worst_first))


def node_patterns(counts: PatternCounts, body: str) -> tuple[NodePattern, ...]:
    """Return the nodes that fell due for a body, in the order of the procedure."""
    found = []
    for node in Node:
        here = [count for count in counts.nodes if count.node is node]
        own = next((count for count in here if count.body == body), None)
        if own is not None and own.due:
            compared = _compared(_sums(here, "late"), _sums(here, "due"), counts.names)
            found.append(NodePattern(node, compared[body], own.open))
    return tuple(found)


def rule_patterns(counts: PatternCounts, body: str) -> tuple[RulePattern, ...]:
    """Return what a body was warned for, the most frequent first; all late ones are one cause."""
    due = _sums(counts.nodes, "due")
    causes: defaultdict[tuple[WarningKind, str], list[WarningCount]] = defaultdict(list)
    for warning in counts.warnings:
        causes[warning.kind, warning.rule_id].append(warning)
    found = []
    for (kind, rule_id), warnings in causes.items():
        own = [warning for warning in warnings if warning.body == body]
        if own:
            nodes = tuple(node for node in Node if any(w.node is node for w in own))
            figure = _compared(_warned(warnings), due, counts.names)[body]
            found.append(RulePattern(kind, rule_id, own[0].rule, nodes, figure))
    return tuple(sorted(found, key=_most_frequent_first))


def person_patterns(people: Sequence[PersonCount]) -> tuple[PersonPattern, ...]:
    """Return the people of a body, the most late nodes first, each compared with the body as a whole."""
    due, late = sum(each.due for each in people), sum(each.late for each in people)
    whole = late / due if due else None
    rows = [PersonPattern(each.person, _figure(each.late, each.due, whole)) for each in people]
    return tuple(sorted(rows, key=_most_late_first))


def _compared(hits: Mapping[str, int], due: Mapping[str, int], bodies: Iterable[str]) -> dict[str, Figure]:
    keys = tuple(bodies)
    rates = [hits.get(key, 0) / due[key] for key in keys if due.get(key, 0) >= MINIMUM]
    # One body alone is its own middle.
    middle = median(rates) if len(rates) > 1 else None
    return {key: _figure(hits.get(key, 0), due.get(key, 0), middle) for key in keys}


def _figure(hits: int, due: int, middle: float | None) -> Figure:
    if not due:
        return Figure(hits, 0, 0.0, 1.0, middle, Verdict.TOO_FEW)
    within = min(hits, due)
    low, high = wilson_low(within, due), 1.0 - wilson_low(due - within, due)
    if due < MINIMUM or middle is None:
        verdict = Verdict.TOO_FEW
    elif low > middle:
        verdict = Verdict.HIGH if hits >= LEAST_HITS else Verdict.LIKE
    else:
        verdict = Verdict.LOW if high < middle else Verdict.LIKE
    return Figure(hits, due, low, high, middle, verdict)


def _sums(counts: Iterable[NodeCount], what: str) -> dict[str, int]:
    found: defaultdict[str, int] = defaultdict(int)
    for count in counts:
        found[count.body] += getattr(count, what)
    return dict(found)


def _warned(warnings: Iterable[WarningCount]) -> dict[str, int]:
    found: defaultdict[str, int] = defaultdict(int)
    for warning in warnings:
        found[warning.body] += warning.count
    return dict(found)


def _worst_first(row: BodyPattern) -> tuple[int, bool, float, str]:
    return (-row.striking, row.due < MINIMUM, -row.figures[Trait.LATE].low, row.body)


def _most_frequent_first(row: RulePattern) -> tuple[int, str, str]:
    return (-row.figure.hits, row.kind, row.rule_id)


def _most_late_first(row: PersonPattern) -> tuple[int, int, str]:
    return (-row.late.hits, -row.late.due, row.person)
