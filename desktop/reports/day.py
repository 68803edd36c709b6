"""The daily report as sections of text: for a terminal, and as a page of its own that prints on paper.

The page carries everything in itself and is black on white: it is to be signed, and kept in a binder.
"""

import sys
from html import escape
from zoneinfo import ZoneInfo

from desktop.reports.sections import Section
from desktop.reports.tables import print_sections
from desktop.reports.words import FEEDS, moment_text
from domain.day_report import DayReport, Reporting
from domain.seal import spelled

SEAL = "日封"
NOT_SEALED = "尚未封存"
KEEP = (
    '请把日封抄录或打印后由办公室保存在数据库之外。核对：verify --seal 日期 "64 位数字"。'
    "数字一致，即证明截至该日的全部记录自封存以来未被任何人（包括数据库所有者）改动。"
)


def title_of(report: DayReport) -> str:
    """Return the report's head line."""
    mark = "（示例数据）" if report.sample else ""
    return f"{report.city}污染防治监督日报 {report.day}{mark}"


def lead_of(report: DayReport, zone: ZoneInfo) -> str:
    """Return until when it counts, and whether the day is sealed."""
    until = "全天" if report.ended else f"截至 {moment_text(report.as_of, zone)}，本日尚未结束"
    if report.seal is not None:
        state = f"已于 {moment_text(report.seal.sealed_at, zone)} 封存"
    elif report.ended:
        state = f"{NOT_SEALED}：值守程序（窗口或 collect）运行时自动封存"
    else:
        state = f"{NOT_SEALED}：次日 00:05 后封存"
    return f"{until}；本日{state}。"


def sections_of(report: DayReport, zone: ZoneInfo) -> tuple[Section, ...]:
    """Return what the report says, in its order."""
    done, now = report.happened, report.standing
    figures = ("事项", "数")
    at_the_end = "日终" if report.ended else "目前"
    return (
        Section(
            "工单与预警",
            figures,
            _figures(
                ("受理", done.received),
                ("受理：其中未诉先办、主动发现", done.proactive),
                ("销号", done.closed),
                ("打回", done.bounced),
                (f"{at_the_end}在办", now.open_tickets),
                ("红色预警：发出", done.red_raised),
                ("红色预警：确认", done.red_acknowledged),
                (f"红色预警：{at_the_end}未确认", now.red_unacknowledged),
                ("黄色预警：发出", done.yellow_raised),
                ("查看举报人", done.complainants_seen),
            ),
            right=("数",),
        ),
        Section(
            f"超期未办（{at_the_end}，按责任主体）",
            ("责任主体", "环节", "工单", "最早到期"),
            tuple(
                (
                    body.name or "未分派",
                    f"{body.nodes:,}",
                    f"{body.tickets:,}",
                    moment_text(body.oldest, zone),
                )
                for body in now.overdue
            ),
            right=("环节", "工单"),
            note="" if now.overdue else "没有超期的环节。",
        ),
        Section(
            f"未报单位（{'当日' if report.ended else '今日'}有在办工单而没有任何办理记录）",
            ("责任主体", "在办工单", "最后一次办理"),
            tuple(
                (
                    body.name,
                    f"{body.tickets:,}",
                    moment_text(body.last_word, zone) if body.last_word else "近 30 日没有",
                )
                for body in report.reporting.silent
            ),
            right=("在办工单",),
            note=_reported(report.reporting),
        ),
        Section(
            "指令与再监督",
            figures,
            _figures(
                ("指令：下达", done.directives_issued),
                ("指令：签收", done.directives_signed),
                ("指令：反馈", done.directives_fed_back),
                ("指令：评判", done.directives_judged),
                (f"指令：{at_the_end}未签收", now.directives_unsigned),
                (f"指令：{at_the_end}逾期", now.directives_overdue),
                ("再监督：形成草稿", done.files_drafted),
                ("再监督：启动", done.files_launched),
                ("再监督：不启动", done.files_declined),
                ("再监督：结案", done.files_closed),
                (f"再监督：{at_the_end}在办", now.files_open),
            ),
            right=("数",),
        ),
        Section(
            f"数据来源异常（{at_the_end}）",
            ("来源", "状态", "末次来数"),
            tuple((feed.name, FEEDS[feed.state], moment_text(feed.last_seen, zone)) for feed in now.feeds),
            note="" if now.feeds else "各来源正常。",
        ),
        Section(
            "日封（SHA-256，四位一组）",
            ("日期", "流", "事件", SEAL),
            tuple(
                (str(seal.day), f"{seal.streams:,}", f"{seal.events:,}", spelled(seal.hash))
                for seal in reversed(report.seals)
            ),
            right=("流", "事件"),
            note=KEEP if report.seals else "还没有封存过任何一天。",
        ),
    )


def print_day(report: DayReport, zone: ZoneInfo) -> None:
    """Print the report to the terminal."""
    sys.stdout.write(f"{title_of(report)}\n{lead_of(report, zone)}\n\n")
    print_sections(sections_of(report, zone))


def day_page(report: DayReport, zone: ZoneInfo) -> str:
    """Return the report as an HTML page that needs nothing else; printed it is two sheets of A4 at most."""
    parts = [_table(section) for section in sections_of(report, zone)]
    title = escape(title_of(report))
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n<p>{escape(lead_of(report, zone))}</p>\n"
        + "\n".join(parts)
        + '\n<p class="sign">值班：____________　审核：____________　日期：____________</p>\n</body></html>\n'
    )


STYLE = (
    "body{font-family:'Noto Sans CJK SC','Microsoft YaHei',sans-serif;font-size:11pt}"
    "body{margin:2em auto;max-width:60em}"
    "h1{font-size:16pt}h2{font-size:12pt;margin:1.2em 0 .3em}"
    "table{border-collapse:collapse;min-width:24em}th,td{border:1px solid;padding:.2em .5em;text-align:left}"
    "td.right,th.right{text-align:right;min-width:4em}td{white-space:nowrap}tr{break-inside:avoid}"
    "td.seal{font-family:monospace;white-space:pre}.note{font-size:9pt}.sign{margin-top:2em}"
    "@page{size:A4;margin:15mm}@media print{body{margin:0}}"
)


def _reported(said: Reporting) -> str:
    if not said.bodies:
        return "没有单位有在办工单。"
    return f"应报 {said.bodies} 家，已报 {said.bodies - len(said.silent)} 家。"


def _figures(*rows: tuple[str, int]) -> tuple[tuple[str, ...], ...]:
    return tuple((name, f"{value:,}") for name, value in rows)


def _table(section: Section) -> str:
    def cell(tag: str, column: str, text: str) -> str:
        if column == SEAL and tag == "td":
            # Two lines of eight groups are read out without losing the place.
            middle = len(text) // 2
            return f'<td class="seal">{escape(text[:middle])}\n{escape(text[middle + 1 :])}</td>'
        kind = ' class="right"' if column in section.right else ""
        return f"<{tag}{kind}>{escape(text)}</{tag}>"

    lines = [f"<h2>{escape(section.title)}</h2>"]
    if section.rows:
        head = "".join(cell("th", column, column) for column in section.columns)
        lines.append(f"<table><thead><tr>{head}</tr></thead><tbody>")
        for row in section.rows:
            cells = (cell("td", column, text) for column, text in zip(section.columns, row, strict=True))
            lines.append(f"<tr>{''.join(cells)}</tr>")
        lines.append("</tbody></table>")
    if section.note:
        lines.append(f'<p class="note">{escape(section.note)}</p>')
    return "\n".join(lines)
