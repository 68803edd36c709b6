"""A directive on paper: what it asks and why, its receivers, and all that happened (T20)."""

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from desktop.dossiers.paper import sheets_of
from desktop.dossiers.paper_words import Section
from domain.directive_listing import DirectiveDetail, ReceiptRow, ThreadRow
from domain.events import DirectiveIssued
from widgets.pages.directive_words import actor_of, evidence_of, mark_of_event, text_of
from widgets.status import mark_of
from widgets.wording import local_moment_text, urgency_name


def directive_sheets(detail: DirectiveDetail, moment: datetime) -> bytes:
    """Return the PDF of a directive's thread as of a moment. Any thread."""
    head = _word("指令 {0}").format(detail.row.number)
    parts = (_head(detail), _receivers(detail), _thread(detail))
    return sheets_of(head, mark_of(detail.row.state).word, parts, moment)


def _head(detail: DirectiveDetail) -> Section:
    row = detail.row
    about = [*row.tickets, *detail.items, *detail.area_names]
    lines = [
        row.text,
        _word("依据：{0}").format(detail.basis) if detail.basis else "",
        _word("涉及：{0}").format("、".join(about)) if about else "",
        _word("{0} 于 {1} 下达 · {2}").format(
            row.issued_by, local_moment_text(row.issued_at), urgency_name(row.urgency)
        ),
        _word("签收限 {0} · 反馈限 {1}").format(_moment(row.sign_by), local_moment_text(row.deadline)),
        _word("已撤回：{0}").format(detail.withdrawn) if detail.withdrawn else "",
    ]
    return Section(_word("内容"), tuple(line for line in lines if line))


def _receivers(detail: DirectiveDetail) -> Section:
    header = ("接收单位", "状态", "签收", "签收人", "反馈", "轮次", "催办")
    return Section(
        _word("接收单位"),
        header=tuple(_word(name) for name in header),
        rows=tuple(_receiver(receipt) for receipt in detail.receipts),
        shares=(20, 12, 19, 12, 19, 8, 8),
    )


def _receiver(receipt: ReceiptRow) -> tuple[str, ...]:
    return (
        receipt.body_name,
        mark_of(receipt.state).word,
        _moment(receipt.signed_at),
        receipt.signed_by,
        _moment(receipt.fed_back_at),
        str(receipt.rounds or ""),
        str(receipt.reminded or ""),
    )


def _thread(detail: DirectiveDetail) -> Section:
    return Section(
        _word("往来"),
        header=tuple(_word(name) for name in ("时间", "事项", "单位", "办理人", "内容")),
        rows=tuple(_event(row) for row in detail.thread),
        shares=(19, 15, 13, 15, 38),
    )


def _event(row: ThreadRow) -> tuple[str, ...]:
    sums = [_word("附件 {0}").format(checksum) for checksum in evidence_of(row)]
    return (
        local_moment_text(row.event.at),
        mark_of_event(row).word,
        row.body_name,
        actor_of(row),
        # What was issued stands above.
        "" if isinstance(row.event.fact, DirectiveIssued) else "\n".join([text_of(row), *sums]),
    )


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else local_moment_text(moment)


def _word(source: str) -> str:
    return QCoreApplication.translate("directive", source)
