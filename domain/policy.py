"""The procedure as data: which node is due when, by whom, from when on (product.md, The procedure).

A policy is a version of a family, read from TOML. A ticket is judged by the version of its family that was
in force when it came in; a changed rule is a new version, never an edit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from domain.fields import converted, day, flag, name_of, required, version
from domain.nodes import ORDER, Node
from domain.repeat_rules import MergingRule, RepeatsRule, parse_merging, parse_repeats
from domain.sensor_rules import SensorRule, parse_sensors
from domain.urgency import Urgency
from domain.wrong.rule import Rung, WrongRule, parse_ladder, parse_rules

RECEIVED = "received"
"""A clock that starts when the ticket comes in (in a later round: when it is bounced back)."""


class ClockKind(StrEnum):
    """NATURAL runs day and night; WORKING counts working days of the calendar."""

    NATURAL = "natural"
    WORKING = "working"


class Holder(StrEnum):
    """Who must do a node. OTHER is a body that is not the handler."""

    PLATFORM = "platform"
    BODY = "body"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a node may take: a natural duration, or a number of working days."""

    kind: ClockKind
    duration: timedelta = timedelta()
    working_days: int = 0

    def __str__(self) -> str:
        if self.kind is ClockKind.WORKING:
            return f"{self.working_days} wd"
        minutes = int(self.duration.total_seconds() // 60)
        if minutes % 1440 == 0:
            return f"{minutes // 1440} d"
        return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


@dataclass(frozen=True, slots=True)
class NodeRule:
    """One node of a policy. No limit for an urgency means that only a source can set a due time.

    `start` is the node whose completion starts this clock, None for RECEIVED. `samples` are the urgencies
    whose limit no source states (示例); `violation_only` nodes run only where a violation was found;
    `first_round_only` nodes are not repeated after a bounce-back; of an `assisting` node each assisting body
    has a clock of its own, beside the lead's (Y24).
    """

    node: Node
    holder: Holder
    start: Node | None
    limits: Mapping[Urgency, Limit]
    violation_only: bool = False
    first_round_only: bool = False
    assisting: bool = False
    samples: frozenset[Urgency] = frozenset()

    def is_sample(self, urgency: Urgency) -> bool:
        """Whether no source states the limit for this urgency (示例)."""
        return urgency in self.samples


SIGN_WITHIN = timedelta(hours=24)
"""How long a receiver has to sign a directive where the policy says nothing else (示例; T20)."""


@dataclass(frozen=True)
class Policy:
    """A version of the procedure. `rules` are in the order of the procedure.

    `sentences` are the rules' sentences for warnings, by "late" and "slow". `merging` and `repeats` say when
    reports may be one, and when a place is a repeat point; `sensors` when values are a matter. A receiver has
    `sign_directive_within` to sign a directive that was issued while this version was in force. `wrong` are
    the rules of procedure, `ladder` is what a warning climbs while nobody acknowledges it (docs/rules.md);
    `directives_climb` says that late receivers of directives climb it, too.
    """

    family: str
    version: int
    effective_from: date
    title: str
    yellow_share: float
    zone: ZoneInfo
    rules: tuple[NodeRule, ...]
    sentences: Mapping[str, str]
    merging: MergingRule = MergingRule()  # noqa: RUF009 - frozen
    repeats: RepeatsRule = RepeatsRule()  # noqa: RUF009 - frozen
    sensors: SensorRule = SensorRule()  # noqa: RUF009 - frozen
    sign_directive_within: timedelta = SIGN_WITHIN
    wrong: tuple[WrongRule, ...] = ()
    ladder: tuple[Rung, ...] = ()
    directives_climb: bool = False

    @property
    def directive_ladder(self) -> tuple[Rung, ...]:
        """What warnings of late receivers climb; nothing where the policy does not say that they do."""
        return self.ladder if self.directives_climb else ()

    def rule(self, node: Node) -> NodeRule | None:
        """Return the rule of a node, or None when this policy has no such node."""
        return next((rule for rule in self.rules if rule.node is node), None)


class NoPolicyError(ValueError):
    """No version of the family was in force on that day."""


@dataclass(frozen=True)
class PolicyBook:
    """All versions of all families."""

    policies: Sequence[Policy]

    def in_force(self, family: str, moment: datetime) -> Policy:
        """Return the version of a family in force at a moment.

        Raises:
            NoPolicyError: the family is unknown, or none of its versions was in force yet.
        """
        best: Policy | None = None
        for policy in self.policies:
            if policy.family != family or policy.effective_from > moment.astimezone(policy.zone).date():
                continue
            if best is None or (policy.effective_from, policy.version) > (best.effective_from, best.version):
                best = policy
        if best is None:
            raise NoPolicyError(f"no policy of family {family!r} is in force at {moment.isoformat()}")
        return best


_UNITS: dict[str, timedelta] = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


def parse_limit(text: str) -> Limit:
    """Return the limit written as "5 min", "2 h", "15 d" or "5 wd" (working days).

    Raises:
        ValueError: the text has another form, or the amount is not positive.
    """
    amount, _, unit = text.strip().partition(" ")
    if not amount.isdigit() or int(amount) < 1 or unit not in (*_UNITS, "wd"):
        raise ValueError(f'a limit is written like "5 min", "2 h", "15 d" or "5 wd", not {text!r}')
    if unit == "wd":
        return Limit(ClockKind.WORKING, working_days=int(amount))
    return Limit(ClockKind.NATURAL, duration=int(amount) * _UNITS[unit])


def parse_policy(values: Mapping[str, Any]) -> Policy:
    """Return the policy in the parsed TOML of `resources/policies`.

    Raises:
        ValueError: something is missing or does not fit; the message names the field.
    """
    sentences = required(values, "sentences", "policy")
    nodes = required(values, "node", "policy")
    if not isinstance(sentences, Mapping) or not {"late", "slow"} <= sentences.keys():
        raise ValueError("policy: sentences need late and slow")
    if not isinstance(nodes, Sequence) or not nodes or not all(isinstance(node, Mapping) for node in nodes):
        raise ValueError("policy: node is a list of tables, [[node]]")
    policy = Policy(
        family=name_of(values, "family", "policy"),
        version=version(values, "policy"),
        effective_from=day(values, "effective_from", "policy"),
        title=str(required(values, "title", "policy")),
        yellow_share=converted(float, values, "yellow_share", "policy"),
        zone=_zone(str(values.get("zone", "Asia/Shanghai"))),
        rules=tuple(sorted((_parse_rule(node) for node in nodes), key=_order)),
        sentences={str(key): str(sentence) for key, sentence in sentences.items()},
        wrong=parse_rules(values),
        ladder=parse_ladder(values),
        merging=parse_merging(values),
        repeats=parse_repeats(values),
        sensors=parse_sensors(values),
        sign_directive_within=_sign_within(values),
        directives_climb=flag(values, "directives_climb", "policy"),
    )
    present = [rule.node for rule in policy.rules]
    if len(set(present)) != len(present):
        raise ValueError("policy: node: one of them stands twice")
    for rule in policy.rules:
        if rule.start is not None and (rule.start not in present or ORDER[rule.start] >= ORDER[rule.node]):
            raise ValueError(f"policy: node {rule.node}: start: cannot start from {rule.start}")
    for wrong in policy.wrong:
        named = (*wrong.nodes, wrong.after) if wrong.after is not None else wrong.nodes
        absent = next((node for node in named if node not in present), None)
        if absent is not None:
            raise ValueError(f"policy: rule {wrong.id}: node: this policy has no {absent}")
    if not 0 < policy.yellow_share < 1:
        raise ValueError("policy: yellow_share lies between 0 and 1")
    return policy


def _parse_rule(values: Mapping[str, Any]) -> NodeRule:
    node = converted(Node, values, "node", "policy: node")
    where = f"policy: node {node}"
    limits = values.get("limit", {})
    if isinstance(limits, str):
        limits = dict.fromkeys((urgency.value for urgency in Urgency), limits)
    if not isinstance(limits, Mapping):
        raise ValueError(f"{where}: limit is a text, or a text for each urgency")
    unknown = values.keys() - _RULE_FIELDS
    if unknown:
        raise ValueError(f"{where}: {min(unknown)} is no field of a node")
    start = required(values, "start", where)
    try:
        parsed = {Urgency(urgency): parse_limit(str(text)) for urgency, text in limits.items()}
    except ValueError as error:
        raise ValueError(f"{where}: limit: {error}") from error
    return NodeRule(
        node=node,
        holder=converted(Holder, values, "holder", where),
        start=None if start == RECEIVED else converted(Node, values, "start", where),
        limits=parsed,
        violation_only=flag(values, "violation_only", where),
        first_round_only=flag(values, "first_round_only", where),
        assisting=_assisting(values, where),
        samples=_samples(values, where),
    )


_RULE_FIELDS = frozenset(
    {"node", "holder", "start", "limit", "violation_only", "first_round_only", "assisting", "sample"}
)


def _assisting(values: Mapping[str, Any], where: str) -> bool:
    assisting = flag(values, "assisting", where)
    if assisting and values.get("holder") != Holder.BODY:
        raise ValueError(f"{where}: assisting: only a body's node can be one of assisting bodies, too")
    return assisting


def _samples(values: Mapping[str, Any], where: str) -> frozenset[Urgency]:
    value = values.get("sample", False)
    if not isinstance(value, list):
        return frozenset(Urgency) if flag(values, "sample", where) else frozenset()
    try:
        return frozenset(Urgency(urgency) for urgency in value)
    except ValueError as error:
        raise ValueError(f"{where}: sample: {error}") from error


def _sign_within(values: Mapping[str, Any]) -> timedelta:
    text = values.get("sign_directive_within")
    if text is None:
        return SIGN_WITHIN
    limit = parse_limit(str(text))
    if limit.kind is not ClockKind.NATURAL:
        raise ValueError("policy: sign_directive_within is counted in hours, not in working days")
    return limit.duration


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"policy: zone: there is no time zone {name!r}") from error


def _order(rule: NodeRule) -> int:
    return ORDER[rule.node]


def newest(policies: Iterable[Policy]) -> Policy:
    """Return the policy with the latest effective date and version."""
    return max(policies, key=lambda policy: (policy.effective_from, policy.version))
