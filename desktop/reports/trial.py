"""A policy's trial as JSON and as tables: counts before and after, and the tickets that change."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from data_access.policy_trial import ChangedTicket
from data_access.readers.names import Names
from desktop.reports.tables import new_table, print_parts
from desktop.reports.words import NODES
from domain.nodes import ORDER
from domain.policy import Policy
from domain.policy_trial import BeforeAfter, Change, Pace, Standing, Trial, lines_of

HEADER = ("工单", "事由", "环节", "轮次", "段", "责任主体", "现行政策", "试行政策")
"""Columns of the file of all changes."""

PACES = {Pace.IN_TIME: "按时", Pace.SLOW: "做得慢", Pace.LATE: "做得晚", Pace.NONE: "无此计时"}


def standing_text(standing: Standing) -> str:
    """Return how a clock stands, in words: 做得晚 · 做不对 W03."""
    wrong = f" · 做不对 {'、'.join(standing.wrong)}" if standing.wrong else ""
    return PACES[standing.pace] + wrong


def change_rows(ticket: ChangedTicket, names: Names) -> Iterator[tuple[str, ...]]:
    """Yield a row of HEADER for each clock that changes."""
    for change in ticket.changes:
        yield (
            ticket.number,
            ticket.title,
            NODES[change.node],
            str(change.round),
            str(change.leg),
            names.short_body(change.body),
            standing_text(change.before),
            standing_text(change.after),
        )


def change_values(ticket: ChangedTicket) -> dict[str, Any]:
    """Return a changed ticket as JSON values."""
    return {"ticket": ticket.number, "title": ticket.title, "changes": list(map(_change, ticket.changes))}


def node_values(trial: Trial, names: Names) -> list[dict[str, Any]]:
    """Return the counts by node and body as JSON values: each a pair, before and after."""
    return [
        {
            "node": node,
            "body": body,
            "body_name": names.body(body),
            **{
                name: [getattr(counts.before, name), getattr(counts.after, name)]
                for name in ("clocks", "late", "slow", "wrong")
            },
        }
        for (node, body), counts in sorted(trial.nodes.items(), key=_place)
    ]


def rule_values(trial: Trial, policies: Sequence[Policy]) -> list[dict[str, Any]]:
    """Return the counts by rule as JSON values."""
    sentences = _sentences(policies)
    return [
        {"rule": rule, "sentence": sentences.get(rule, ""), "clocks": counts}
        for rule, counts in sorted(trial.rules.items())
    ]


def print_trial(
    title: str, trial: Trial, policies: Sequence[Policy], first: Sequence[ChangedTicket], names: Names
) -> None:
    """Print what a trial found; `first` are the first tickets that change, `policies` all of the family."""
    print_parts(escape(title), _nodes(trial, names))
    if trial.rules:
        print_parts(_rules(trial, policies))
    if first:
        print_parts(_tickets(trial, first, names))
    if not trial.tickets:
        print_parts("○ 没有可试算的工单：这段时间没有受理此流程的工单。请改用其他 --from 与 --to。")
        return
    said = "■ 有变化" if trial.changed else "● 没有变化"
    print_parts(f"{said}：试算 {trial.tickets:,} 件，结果不同 {trial.changed:,} 件。未写入任何内容。")


def _nodes(trial: Trial, names: Names) -> Table:
    table = new_table(
        "各环节与责任主体（现行 → 试行）",
        ("环节", "责任主体", "计时", "做得晚", "做得慢", "做不对"),
        right=("计时", "做得晚", "做得慢", "做不对"),
    )
    for line in lines_of(trial):
        if line.whole:
            table.add_row(NODES[line.node], "合计", *_cells(line.counts), style="bold")
        else:
            table.add_row("", escape(names.short_body(line.body)), *_cells(line.counts))
    return table


def _rules(trial: Trial, policies: Sequence[Policy]) -> Table:
    table = new_table("做不对的规则（现行 → 试行）", ("规则", "内容", "次数"), right=("次数",))
    sentences = _sentences(policies)
    for rule, (then, now) in sorted(trial.rules.items()):
        table.add_row(escape(rule), escape(sentences.get(rule, "")), _pair(then, now))
    return table


def _tickets(trial: Trial, first: Sequence[ChangedTicket], names: Names) -> Table:
    table = new_table(f"结果不同的工单（前 {len(first)} 件，共 {trial.changed:,} 件）", HEADER)
    for ticket in first:
        for row in change_rows(ticket, names):
            table.add_row(*map(escape, row))
    return table


def _cells(counts: BeforeAfter) -> tuple[str, str, str, str]:
    before, after = counts.before, counts.after
    return (
        _pair(before.clocks, after.clocks),
        _pair(before.late, after.late),
        _pair(before.slow, after.slow),
        _pair(before.wrong, after.wrong),
    )


def _pair(before: int, after: int) -> str:
    return f"{before:,}" if before == after else f"{before:,} → {after:,}"


def _change(change: Change) -> dict[str, Any]:
    return {
        "node": change.node,
        "round": change.round,
        "leg": change.leg,
        "part": change.part,
        "body": change.body,
        "before": {"pace": change.before.pace, "wrong": change.before.wrong},
        "after": {"pace": change.after.pace, "wrong": change.after.wrong},
    }


def _sentences(policies: Sequence[Policy]) -> Mapping[str, str]:
    return {rule.id: rule.sentence for policy in policies for rule in policy.wrong}


def _place(item: tuple[tuple[Any, str | None], BeforeAfter]) -> tuple[int, str]:
    (node, body), _ = item
    return ORDER[node], body or ""
