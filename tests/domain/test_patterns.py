"""Where supervision fails: rates against the middle of the peers, if that says anything (T12, X05, X06)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import WarningKind
from domain.nodes import Node
from domain.patterns import (
    LEAST_HITS,
    MINIMUM,
    BodyPattern,
    FileCount,
    NodeCount,
    PatternCounts,
    PersonCount,
    Trait,
    Verdict,
    WarningCount,
    body_patterns,
    node_patterns,
    person_patterns,
    rule_patterns,
)
from tests.domain.city import at

UNTIL = at("2026-09-17 16:00")
SINCE = UNTIL - timedelta(days=90)
NAMES = {"a": "甲局", "b": "乙局", "c": "丙局", "d": "丁局"}


def counts(**changes: object) -> PatternCounts:
    """Four bodies: of 200 nodes due 10, 12, 60 late; of 5 nodes 5."""
    nodes = (
        NodeCount("a", Node.SIGN, 100, 4, 0),
        NodeCount("a", Node.ARRIVE, 100, 6, 1),
        NodeCount("b", Node.SIGN, 200, 12, 0),
        NodeCount("c", Node.SIGN, 100, 50, 20),
        NodeCount("c", Node.ARRIVE, 100, 10, 0),
        NodeCount("d", Node.SIGN, 5, 5, 5),
    )
    return PatternCounts(SINCE, UNTIL, NAMES, **{"nodes": nodes, **changes})  # type: ignore[arg-type]


def of(rows: tuple[BodyPattern, ...], body: str) -> BodyPattern:
    return next(row for row in rows if row.body == body)


def test_a_body_is_compared_with_the_middle_of_those_that_had_enough() -> None:
    """5 %, 6 % and 30 %: the middle is 6 %. Five of five is a small sample, and moves nobody's middle."""
    rows = body_patterns(counts())
    late = {row.body: row.figures[Trait.LATE] for row in rows}
    assert {figure.middle for figure in late.values()} == {0.06}
    assert late["c"].verdict is Verdict.HIGH
    assert late["c"].times == pytest.approx(5.0)
    assert late["a"].verdict is Verdict.LIKE
    assert (late["d"].verdict, late["d"].rate, late["d"].times) == (Verdict.TOO_FEW, 1.0, None)
    assert rows[0].body == "c"


def test_what_is_lower_for_sure_is_said_too() -> None:
    nodes = [NodeCount(body, Node.SIGN, 1000, late, 0) for body, late in (("a", 1), ("b", 100), ("c", 120))]
    assert of(body_patterns(counts(nodes=nodes)), "a").figures[Trait.LATE].verdict is Verdict.LOW


def test_one_body_alone_is_compared_with_nobody() -> None:
    found = body_patterns(PatternCounts(SINCE, UNTIL, {"a": "甲局"}, [NodeCount("a", Node.SIGN, 90, 80, 0)]))
    assert found[0].figures[Trait.LATE].verdict is Verdict.TOO_FEW


def test_nothing_due_is_no_rate() -> None:
    (row,) = body_patterns(PatternCounts(SINCE, UNTIL, {"a": "甲局"}))
    assert row.figures[Trait.LATE].rate is None
    assert row.files == FileCount()
    assert person_patterns([]) == ()


def warnings(*found: tuple[str, WarningKind, str, int]) -> list[WarningCount]:
    return [WarningCount(body, Node.RECTIFY, kind, rule, f"规则 {rule}", n) for body, kind, rule, n in found]


def test_warnings_count_by_kind_and_thin_evidence_by_rule() -> None:
    """T12: thin evidence is what the policy's rules about evidence say."""
    late, slow, wrong = WarningKind.LATE, WarningKind.SLOW, WarningKind.WRONG
    said = warnings(("a", slow, "", 9), ("a", wrong, "E01", 4), ("a", wrong, "P05", 2), ("b", late, "", 7))
    found = body_patterns(counts(warnings=said, thin=frozenset({"E01"}), handed={"a": 6}, bounced={"b": 1}))
    a, b = of(found, "a").figures, of(found, "b").figures
    assert [a[trait].hits for trait in (Trait.SLOW, Trait.WRONG, Trait.THIN, Trait.PUSHED)] == [9, 6, 4, 6]
    assert (b[Trait.SLOW].hits, b[Trait.BOUNCED].hits) == (0, 1)


def test_one_hit_where_nobody_else_has_any_is_chance() -> None:
    for hits in (LEAST_HITS - 1, LEAST_HITS):
        figure = of(body_patterns(counts(handed={"a": hits})), "a").figures[Trait.PUSHED]
        assert figure.low > (figure.middle or 0.0)
        assert figure.verdict is (Verdict.HIGH if hits == LEAST_HITS else Verdict.LIKE)


def test_each_node_is_compared_with_the_same_node_of_others() -> None:
    sign, arrive = node_patterns(counts(), "c")
    assert (sign.node, sign.open, sign.late.hits, sign.late.verdict) == (Node.SIGN, 20, 50, Verdict.HIGH)
    assert (arrive.late.hits, arrive.late.middle) == (10, 0.08)
    assert [row.node for row in node_patterns(counts(), "b")] == [Node.SIGN]


def test_each_rule_with_how_often() -> None:
    """X06: which kind of warning or rule, most frequent first."""
    said = [
        *warnings(("a", WarningKind.WRONG, "E01", 3), ("b", WarningKind.WRONG, "E01", 1)),
        WarningCount("a", Node.CLOSE, WarningKind.WRONG, "E01", "规则 E01", 2),
        *warnings(("a", WarningKind.LATE, "", 10)),
    ]
    first, second = rule_patterns(counts(warnings=said), "a")
    assert (first.kind, first.figure.hits) == (WarningKind.LATE, 10)
    assert (second.rule_id, second.figure.hits, second.nodes) == ("E01", 5, (Node.RECTIFY, Node.CLOSE))
    assert second.figure.rate == 5 / 200


def test_a_person_is_compared_with_the_own_body() -> None:
    people = [PersonCount("陈立", 100, 30), PersonCount("周倩", 100, 2), PersonCount("", 3, 3)]
    found = person_patterns(people)
    assert [(row.person, row.late.verdict) for row in found] == [
        ("陈立", Verdict.HIGH),
        ("", Verdict.TOO_FEW),
        ("周倩", Verdict.LOW),
    ]


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 700)), min_size=1, max_size=4))
def test_what_stands_out_is_above_the_middle_with_enough_behind_it(found: list[tuple[int, int]]) -> None:
    bodies = list(NAMES)[: len(found)]
    nodes = [
        NodeCount(body, Node.SIGN, max(due, late), late, 0)
        for body, (due, late) in zip(bodies, found, strict=True)
    ]
    for row in body_patterns(counts(nodes=nodes)):
        figure = row.figures[Trait.LATE]
        assert 0.0 <= figure.low <= figure.high <= 1.0
        if figure.verdict is Verdict.HIGH:
            assert figure.due >= MINIMUM
            assert figure.rate is not None
            assert figure.middle is not None
            assert figure.rate > figure.middle
        if figure.due < MINIMUM:
            assert figure.verdict is Verdict.TOO_FEW
