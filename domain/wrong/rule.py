"""The rules of procedure that a policy sets: [[rule]] and [[escalation]] tables of its file (T04).

A rule has an ID, a sentence for the screen, a level, a predicate of the documented set (docs/rules.md) and
that predicate's parameters. What is wrong in a file is said with the field's name.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from domain.events import WarningLevel
from domain.fields import converted, flag, name_of, required
from domain.nodes import Node
from domain.people import Role
from domain.urgency import Urgency


class Predicate(StrEnum):
    """What a rule can ask of a ticket; docs/rules.md says what each means."""

    WITHOUT_EVIDENCE = "without_evidence"
    SKIPPED = "skipped"
    OUT_OF_ORDER = "out_of_order"
    VERIFIER_IS_HANDLER = "verifier_is_handler"
    EVIDENCE_USED_BEFORE = "evidence_used_before"
    PICTURE_ALIKE = "picture_alike"
    FAR_ARRIVAL = "far_arrival"
    PENALTY_WITHOUT_CASE = "penalty_without_case"
    DOCUMENT_MISSING = "document_missing"
    REBOUND = "rebound"
    PUSHED = "pushed"
    JUST_BEFORE_DUE = "just_before_due"
    DONE_TOO_SOON = "done_too_soon"
    NO_FEEDBACK = "no_feedback"
    UNWATCHED = "unwatched"
    STILL_EXCEEDS = "still_exceeds"


class Parameter(StrEnum):
    """The numbers and names that predicates take."""

    METRES = "metres"
    DAYS = "days"
    TIMES = "times"
    MINUTES = "minutes"
    BITS = "bits"
    AFTER = "after"
    """The node that must have been done before."""


MOST: Mapping[Parameter, int] = {
    Parameter.METRES: 100_000,
    Parameter.DAYS: 3660,
    Parameter.TIMES: 100,
    Parameter.MINUTES: 525_600,
    Parameter.BITS: 15,
}
"""The largest value of a number. Pictures that differ in up to 15 bits of 256 are found by an index."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a predicate needs in a file: its parameters, and the nodes that it can be charged to."""

    parameters: tuple[Parameter, ...]
    nodes: tuple[Node, ...]


_ON_SITE = (Node.ARRIVE, Node.RECTIFY)
_EVERY = tuple(Node)

FORMS: Mapping[Predicate, Form] = {
    Predicate.WITHOUT_EVIDENCE: Form((), (Node.RECTIFY, Node.CLOSE)),
    Predicate.SKIPPED: Form((), _EVERY),
    Predicate.OUT_OF_ORDER: Form((Parameter.AFTER,), _EVERY),
    Predicate.VERIFIER_IS_HANDLER: Form((), (Node.POST_CHECK,)),
    Predicate.EVIDENCE_USED_BEFORE: Form((), _ON_SITE),
    Predicate.PICTURE_ALIKE: Form((Parameter.BITS,), _ON_SITE),
    Predicate.FAR_ARRIVAL: Form((Parameter.METRES,), (Node.ARRIVE,)),
    Predicate.PENALTY_WITHOUT_CASE: Form((), (Node.PENALISE,)),
    Predicate.DOCUMENT_MISSING: Form((), (Node.FILE, Node.PENALISE)),
    Predicate.REBOUND: Form((Parameter.DAYS, Parameter.METRES), (Node.RECTIFY, Node.POST_CHECK, Node.CLOSE)),
    Predicate.PUSHED: Form((Parameter.TIMES,), (Node.DISPATCH, Node.SIGN)),
    Predicate.JUST_BEFORE_DUE: Form((Parameter.MINUTES,), _ON_SITE),
    Predicate.DONE_TOO_SOON: Form((Parameter.MINUTES,), (Node.RECTIFY,)),
    Predicate.NO_FEEDBACK: Form((), (Node.FEED_BACK,)),
    Predicate.UNWATCHED: Form((Parameter.MINUTES,), _EVERY),
    Predicate.STILL_EXCEEDS: Form((Parameter.MINUTES, Parameter.DAYS), (Node.RECTIFY,)),
}


@dataclass(frozen=True)
class WrongRule:
    """A rule of procedure. `nodes` are those that it is charged to; `urgencies` whom it holds for.

    `numbers` are the parameters that are numbers; `after` is the node of an order, None for the others.
    `sample` marks what no source states (示例).
    """

    id: str
    sentence: str
    level: WarningLevel
    predicate: Predicate
    nodes: tuple[Node, ...]
    numbers: Mapping[Parameter, int] = field(default_factory=dict)
    after: Node | None = None
    urgencies: frozenset[Urgency] = frozenset(Urgency)
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the ladder: who is told of a warning of this level that nobody acknowledged for so long."""

    level: WarningLevel
    after: timedelta
    to: Role
    sample: bool = False


_RULE_FIELDS = frozenset({"id", "sentence", "level", "predicate", "node", "urgency", "sample"})
_RUNG_FIELDS = frozenset({"level", "after", "to", "sample"})
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_READERS = (Role.DUTY, Role.DISCIPLINE, Role.LEADER)


def parse_rules(values: Mapping[str, Any]) -> tuple[WrongRule, ...]:
    """Return the [[rule]] tables of a policy, in their order.

    Raises:
        ValueError: something is missing or does not fit; the message names the rule and the field.
    """
    rules = tuple(map(_rule, _tables(values, "rule")))
    known = [rule.id for rule in rules]
    twice = next((each for each in known if known.count(each) > 1), None)
    if twice is not None:
        raise ValueError(f"policy: rule {twice}: id: stands twice")
    return rules


def parse_ladder(values: Mapping[str, Any]) -> tuple[Rung, ...]:
    """Return the [[escalation]] tables of a policy, soonest first.

    Raises:
        ValueError: something is missing or does not fit; the message names the field.
    """
    rungs = sorted(map(_rung, _tables(values, "escalation")), key=_after)
    if len({(rung.level, rung.after) for rung in rungs}) != len(rungs):
        raise ValueError("policy: escalation: after: two steps of a level come at the same time")
    return tuple(rungs)


def _tables(values: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    tables = values.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        raise ValueError(f"policy: {name} is a list of tables, [[{name}]]")
    return tables


def _rule(values: Mapping[str, Any]) -> WrongRule:
    id_ = name_of(values, "id", "policy: rule")
    where = f"policy: rule {id_}"
    if not _ID.fullmatch(id_):
        raise ValueError(f"{where}: id: up to 40 letters, figures, dots, dashes")
    predicate = converted(Predicate, values, "predicate", where)
    form = FORMS[predicate]
    _only(values, _RULE_FIELDS | set(form.parameters), where, f"a rule {predicate}")
    return WrongRule(
        id=id_,
        sentence=name_of(values, "sentence", where),
        level=converted(WarningLevel, values, "level", where),
        predicate=predicate,
        nodes=_nodes(values, form, where),
        numbers={name: _number(values, name, where) for name in form.parameters if name in MOST},
        after=converted(Node, values, "after", where) if Parameter.AFTER in form.parameters else None,
        urgencies=_urgencies(values, where),
        sample=flag(values, "sample", where),
    )


def _nodes(values: Mapping[str, Any], form: Form, where: str) -> tuple[Node, ...]:
    if "node" not in values and len(form.nodes) == 1:
        return form.nodes
    value = required(values, "node", where)
    try:
        nodes = tuple(Node(each) for each in (value if isinstance(value, list) else [value]))
    except ValueError as error:
        raise ValueError(f"{where}: node: {error}") from error
    if not nodes or len(set(nodes)) != len(nodes):
        raise ValueError(f"{where}: node: one or more, each once")
    odd = next((node for node in nodes if node not in form.nodes), None)
    if odd is not None:
        raise ValueError(f"{where}: node: {odd} is none of {', '.join(form.nodes)}")
    return nodes


def _number(values: Mapping[str, Any], name: Parameter, where: str) -> int:
    value = required(values, name, where)
    if type(value) is not int or not 0 <= value <= MOST[name]:
        raise ValueError(f"{where}: {name}: a whole number from 0 to {MOST[name]}, not {value!r}")
    return value


def _urgencies(values: Mapping[str, Any], where: str) -> frozenset[Urgency]:
    value = values.get("urgency", list(Urgency))
    try:
        found = frozenset(Urgency(each) for each in (value if isinstance(value, list) else [value]))
    except ValueError as error:
        raise ValueError(f"{where}: urgency: {error}") from error
    if not found:
        raise ValueError(f"{where}: urgency: one or more")
    return found


def _rung(values: Mapping[str, Any]) -> Rung:
    where = "policy: escalation"
    _only(values, _RUNG_FIELDS, where, "a step of the ladder")
    to = converted(Role, values, "to", where)
    if to not in _READERS:
        raise ValueError(f"{where}: to: {to} is none of {', '.join(_READERS)}")
    return Rung(
        level=converted(WarningLevel, values, "level", where),
        after=_duration(str(required(values, "after", where)), where),
        to=to,
        sample=flag(values, "sample", where),
    )


def _duration(text: str, where: str) -> timedelta:
    amount, _, unit = text.strip().partition(" ")
    if not amount.isdecimal() or not 1 <= int(amount[:9]) <= 100_000 or unit not in _UNITS:
        raise ValueError(f'{where}: after: is written like "15 min", "1 h" or "2 d", not {text!r}')
    return int(amount) * _UNITS[unit]


def _only(values: Mapping[str, Any], fields: frozenset[str] | set[str], where: str, what: str) -> None:
    unknown = values.keys() - fields
    if unknown:
        raise ValueError(f"{where}: {min(unknown)} is no field of {what}")


def _after(rung: Rung) -> timedelta:
    return rung.after
