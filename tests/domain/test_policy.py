"""The procedure as data: the shipped policy against the table, versions, and faulty files."""

import tomllib
from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.clock import clock
from domain.nodes import Node
from domain.policy import NoPolicyError, PolicyBook, newest, parse_limit, parse_policy
from domain.urgency import Urgency, parse_urgency
from tests.domain.city import CALENDAR, DUTY, RESOURCES, STANDARD, as_of, at, node_of, received, stream

# product.md, The procedure: node, holder, critical and first, ordinary, from. * marks 示例.
PROCEDURE = """
accept     | platform | 2 min * | 30 min * | received
dispatch   | platform | 4 min * | 1 h *    | received
sign       | body     | 5 min   | 4 h *    | received
arrive     | body     | 2 h     | 2 wd *   | received
rectify    | body     | 12 h    | 5 wd     | received
file       | body     | 15 d *  | 15 d *   | rectify
penalise   | body     | 90 d *  | 90 d *   | file
feed_back  | body     | 2 h *   | 1 wd *   | rectify
revisit    | platform | 1 wd    | 1 wd     | rectify
post_check | other    | 10 wd * | 10 wd *  | revisit
close      | platform | 1 wd *  | 1 wd *   | post_check
"""
TABLE = [[cell.strip() for cell in line.split("|")] for line in PROCEDURE.strip().splitlines()]


@pytest.mark.parametrize(("node", "holder", "fast", "ordinary", "start"), TABLE, ids=[r[0] for r in TABLE])
def test_the_shipped_policy_is_the_table(
    node: str, holder: str, fast: str, ordinary: str, start: str
) -> None:
    rule = STANDARD.rule(Node(node))
    assert rule is not None
    assert rule.holder.value == holder
    assert (rule.start.value if rule.start else "received") == start
    for urgency, cell in ((Urgency.CRITICAL, fast), (Urgency.FIRST, fast), (Urgency.ORDINARY, ordinary)):
        assert rule.limits[urgency] == parse_limit(cell.removesuffix("*").strip()), urgency
        assert rule.is_sample(urgency) == cell.endswith("*"), urgency
    assert rule.violation_only == (node in ("file", "penalise"))


def test_the_shipped_policy_has_no_other_node() -> None:
    assert (
        [rule.node.value for rule in STANDARD.rules] == [row[0] for row in TABLE] == [n.value for n in Node]
    )
    assert STANDARD.yellow_share == 0.75


def test_every_shipped_policy_can_be_read() -> None:
    files = sorted((RESOURCES / "policies").glob("*.toml"))
    assert {parse_policy(tomllib.loads(file.read_text("utf-8"))).family for file in files} >= {
        "standard",
        "reply",
        "source-due",
    }


def values(**changes: Any) -> dict[str, Any]:
    return {
        "family": "standard",
        "version": 1,
        "effective_from": date(2026, 1, 1),
        "title": "试行",
        "yellow_share": 0.75,
        "sentences": {"late": "逾期", "slow": "临期"},
        "node": [{"node": "accept", "holder": "platform", "start": "received", "limit": "2 min"}],
    } | changes


def node(**changes: Any) -> dict[str, Any]:
    return values(node=[values()["node"][0] | changes])


@pytest.mark.parametrize(
    ("faulty", "named"),
    [
        *[({k: v for k, v in values().items() if k != name}, name) for name in values()],
        (values(version="one"), "version"),
        (values(effective_from="2026-01-01"), "effective_from"),
        (values(effective_from=datetime(2026, 1, 1, tzinfo=UTC)), "effective_from"),
        (values(yellow_share=1.5), "yellow_share"),
        (values(yellow_share=float("nan")), "yellow_share"),
        (values(yellow_share="much"), "yellow_share"),
        (values(zone="Asia/Xuzhou"), "zone"),
        (values(sentences={"late": "逾期"}), "sentences"),
        (values(sentences="逾期"), "sentences"),
        (values(node={"node": "accept"}), "node"),
        (values(node=[]), "node"),
        (values(node=values()["node"] * 2), "twice"),
        (node(node="accpet"), "accpet"),
        (node(holder="nobody"), "accept: holder"),
        (node(start="close"), "accept: start"),
        (node(start="tomorrow"), "accept: start"),
        (node(limit="5 minutes"), "accept: limit.*5 minutes"),
        (node(limit="0 min"), "accept: limit"),
        (node(limit={"urgent": "5 min"}), "accept: limit.*urgent"),
        (node(limit=5), "accept: limit"),
        (node(sample="yes"), "accept: sample"),
        (node(sample=["urgent"]), "accept: sample.*urgent"),
        (node(limits="5 min"), "accept: limits"),
    ],
)
def test_a_faulty_policy_names_the_field(faulty: dict[str, Any], named: str) -> None:
    parse_policy(values())
    with pytest.raises(ValueError, match=named):
        parse_policy(faulty)


def book() -> PolicyBook:
    return PolicyBook(
        [
            parse_policy(values(version=2, effective_from=date(2026, 9, 18))),
            parse_policy(values(version=1, effective_from=date(2026, 1, 1))),
            parse_policy(values(version=3, effective_from=date(2026, 9, 18))),
            parse_policy(values(family="reply", effective_from=date(2020, 1, 1))),
        ]
    )


@pytest.mark.parametrize(
    ("moment", "version"),
    [
        ("2026-01-01 00:00", 1),
        ("2026-09-17 23:59:59.999999", 1),
        ("2026-09-18 00:00", 3),  # the later version of one day holds
        ("2026-09-18 07:59", 3),  # in UTC it is still the 17th
        ("2030-01-01 00:00", 3),
    ],
)
def test_a_version_holds_from_its_day_in_the_city(moment: str, version: int) -> None:
    assert book().in_force("standard", at(moment)).version == version


@pytest.mark.parametrize(
    ("family", "moment"), [("standard", "2025-12-31 23:59"), ("express", "2026-05-01 00:00")]
)
def test_no_policy_in_force_is_an_error(family: str, moment: str) -> None:
    with pytest.raises(NoPolicyError, match=family):
        book().in_force(family, at(moment))


def test_the_newest_version() -> None:
    assert newest(p for p in book().policies if p.family == "standard").version == 3


def test_a_ticket_keeps_the_policy_in_force_when_it_came_in() -> None:
    stricter = parse_policy(
        values(
            version=2,
            effective_from=date(2026, 9, 18),
            node=[{"node": "accept", "holder": "platform", "start": "received", "limit": "1 min"}],
        )
    )
    both = PolicyBook([parse_policy(values()), stricter])
    events = stream("2026-09-17 23:59", (0, DUTY, received()))
    judged = both.in_force("standard", events[0].at)
    assert node_of(as_of(events, "2026-09-18 00:30", judged), Node.ACCEPT).due_at == at("2026-09-18 00:01")
    # ... and the changed policy can be tried on the old ticket.
    tried = clock(events, stricter, CALENDAR, at("2026-09-18 00:30"))
    assert node_of(tried, Node.ACCEPT).due_at == at("2026-09-18 00:00")


@pytest.mark.parametrize("text", ["5 min", "2 h", "15 d", "5 wd", "90 min"])
def test_a_limit_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_limit(text)) == text


@pytest.mark.parametrize(
    ("word", "urgency"),
    [
        ("特急", Urgency.CRITICAL),
        ("特级", Urgency.CRITICAL),
        ("一级", Urgency.FIRST),
        ("普通", Urgency.ORDINARY),
        (" 普通 ", Urgency.ORDINARY),
        ("Critical", Urgency.CRITICAL),
    ],
)
def test_words_for_urgency(word: str, urgency: Urgency) -> None:
    assert parse_urgency(word) is urgency


@pytest.mark.parametrize("word", ["", "特", "urgent", "二级"])
def test_an_unknown_urgency_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="unknown urgency"):
        parse_urgency(word)
