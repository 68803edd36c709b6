"""Reports as tables for a terminal."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from data_access.readers.ledger import Ledger
from desktop.reports.sections import Section
from desktop.reports.words import (
    COLOURS,
    KINDS,
    LEVELS,
    NODES,
    REASONS,
    STATES,
    STATUSES,
    URGENCIES,
    clock_text,
    explanation_text,
    moment_text,
    rate_text,
)
from domain.codec import encode, to_text
from domain.dossier import Dossier
from domain.listing import RunningWarnings, TicketPage
from domain.ranking import MINIMUM_DUE, RankingRow

WIDE = 180
"""Columns where the output is no terminal: a file or a pipe has no edge."""


def print_ranking(rows: Sequence[RankingRow], title: str) -> None:
    """Print who is on time; rates with both their figures."""
    names = ("名次", "对象", "按期率", "按期", "应办结", "超期未办", "下限", "升降", "满意/回访", "打回")
    table = new_table(title, names, right=("名次", "按期率", "按期", "应办结", "超期未办", "下限", "打回"))
    for row in rows:
        move = "" if not row.move else f"{'▲' if row.move > 0 else '▼'}{abs(row.move)}"
        table.add_row(
            str(row.rank) if row.rank else "样本不足",
            escape(row.name) or "未填",
            rate_text(row.rate),
            str(row.on_time),
            str(row.due),
            str(row.open_overdue),
            rate_text(row.low),
            move,
            f"{row.satisfied}/{row.revisited}",
            str(row.bounced),
        )
    table.caption = f"按期率 = 按期办结 ÷ 应办结；按 95% 威尔逊下限排序，应办结不足 {MINIMUM_DUE} 不排名"
    print_parts(table)


def print_warnings(found: RunningWarnings, now: datetime) -> None:
    """Print the running warnings, worst first."""
    table = new_table(
        f"环节预警 · 红 {found.red} · 黄 {found.yellow}",
        (
            "级别",
            "类型",
            "环节",
            "计时",
            "紧急",
            "工单",
            "事由",
            "责任主体",
            "区划",
            "规则",
            "确认",
            "再监督",
        ),
    )
    for row in found.rows:
        table.add_row(
            LEVELS[row.level],
            KINDS[row.kind],
            NODES[row.node],
            clock_text(row, now),
            URGENCIES[row.urgency],
            escape(row.ticket),
            escape(row.title),
            escape(row.body_name),
            escape(row.area_name),
            escape(row.rule),
            escape(row.acknowledged_by or ""),
            escape(row.re_supervision or ""),
        )
    print_parts(table)


def print_ledger(ledger: Ledger, zone: ZoneInfo) -> None:
    """Print the four-colour ledger with its legend."""
    legend = "  ".join(f"{COLOURS[c.colour]} {c.legend} {c.count}" for c in ledger.counts)
    table = new_table(
        "四色整改台账",
        ("颜色", "原因", "事项", "问题", "责任主体", "区划", "进度", "应达", "期限", "逾期天数"),
        right=("进度", "应达", "逾期天数"),
    )
    for row in ledger.rows:
        table.add_row(
            COLOURS[row.colour],
            REASONS[row.reason],
            escape(row.number),
            escape(row.problem),
            escape(row.body_name),
            escape(row.area_name),
            f"{row.percent}%",
            f"{row.planned}%",
            moment_text(row.deadline, zone)[:10],
            str(row.days_over or ""),
        )
    table.caption = f"{legend}  ·  方案 v{ledger.scheme.version}"
    print_parts(table)


def print_tickets(page: TicketPage, zone: ZoneInfo) -> None:
    """Print a page of tickets."""
    last = page.offset + len(page.rows)
    table = new_table(
        f"工单 {page.offset + 1 if page.rows else 0}–{last} / 共 {page.total}",
        ("状态", "工单", "事由", "紧急", "类别", "区划", "责任主体", "环节", "轮次", "受理", "到期"),
    )
    for row in page.rows:
        assisting = row.pressing.assisting if row.pressing else ""
        table.add_row(
            STATES[row.state],
            escape(row.number),
            escape(row.title),
            URGENCIES[row.urgency],
            escape(row.category_name),
            escape(row.area_name),
            escape(f"{assisting}（协办）" if assisting else row.body_name),
            NODES[row.told_node] if row.told_node else "",
            str(row.told_round),
            moment_text(row.received_at, zone),
            moment_text(row.told_due_at, zone),
        )
    print_parts(table)


def print_dossier(shown: Dossier, zone: ZoneInfo) -> None:
    """Print a ticket: the case, its nodes against their limits, and its log with hashes."""
    facts, clock = shown.facts, shown.clock
    head = (
        f"[bold]{escape(shown.number)}[/]  {escape(shown.title)}  {STATES[clock.state]}",
        f"截至 {moment_text(clock.as_of, zone)}  {URGENCIES[clock.trace.received.urgency]}"
        f"  第 {clock.trace.round} 轮  {'链完整' if shown.chain_ok else '[red]■ 链不完整[/]'}",
        "  ".join(escape(p) for p in (facts.area, facts.township, facts.address, facts.category) if p),
        escape(f"主办 {facts.lead}" + (f"  协办 {'、'.join(facts.assisting)}" if facts.assisting else "")),
        escape(facts.text),
    )
    nodes = new_table("环节", ("环节", "轮/段", "责任主体", "经办", "开始", "到期", "完成", "状态", "依据"))
    for node, why in zip(clock.trace.nodes, shown.explanations, strict=True):
        nodes.add_row(
            NODES[node.node],
            f"{node.round}/{node.leg}",
            escape(shown.body_name(node.body)),
            escape(node.person or ""),
            moment_text(node.started_at, zone),
            moment_text(node.due_at, zone),
            moment_text(node.ended_at, zone),
            STATUSES[clock.status(node)],
            escape(explanation_text(why, zone)),
        )
    log = new_table("事件", ("时间", "人员", "事件", "内容", "SHA-256"))
    for row in shown.log:
        kind, values = encode(row.event.fact)
        log.add_row(
            moment_text(row.event.at, zone),
            escape(row.event.actor.name),
            kind,
            escape(to_text(values)),
            row.hash[:16] if row.ok else f"[red]■ {row.hash[:16]}[/]",
        )
    print_parts(*(line for line in head if line), nodes, log)


def print_sections(sections: Iterable[Section]) -> None:
    """Print a report's sections, one under the other."""
    for section in sections:
        table = new_table(section.title, section.columns, section.right)
        for row in section.rows:
            table.add_row(*map(escape, row))
        if section.rows:
            print_parts(table)
        else:
            print_parts(f"[italic]{escape(section.title)}[/]")
        print_parts(*((escape(section.note), "") if section.note else ("",)))


def new_table(title: str, names: Iterable[str], right: Iterable[str] = ()) -> Table:
    """Return an empty table; the columns `right` stand at their right edge."""
    table = Table(title=title, title_justify="left", caption_justify="left")
    for name in names:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return table


def print_parts(*parts: str | Table) -> None:
    """Write texts and tables to standard output."""
    console = Console(file=sys.stdout, highlight=False)
    if not console.is_terminal:
        console = Console(file=sys.stdout, highlight=False, width=WIDE)
    for part in parts:
        console.print(part)
