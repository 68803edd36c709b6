"""What stands in a dossier on paper, section by section, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from data_access.readers.bundle import Bundle
from domain import events as e
from domain.clock import TicketClock
from domain.dossier import Dossier
from domain.dossier_proof import named_evidence
from domain.events import Event
from domain.frozen_facts import comparable_of, hand_overs
from domain.node_clock import NodeClock
from domain.re_supervision import ReSupervision
from domain.seal import spelled
from widgets.dossier.log_text import fact_text, kind_text
from widgets.pages.file_words import answer_text, comparable_text
from widgets.status import file_mark, mark_of
from widgets.wording import (
    behaviour_name,
    countdown_text,
    duration_text,
    kind_name,
    local_moment_text,
    node_name,
    short_moment_text,
    urgency_name,
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, lines, and a table whose columns are as wide as `shares` say. Without a header its columns
    are captions and values in turn. With `pictures` those among the evidence come behind it. What stands
    `together` is not torn by the end of a page."""

    title: str
    lines: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    shares: tuple[int, ...] = ()
    pictures: bool = False
    together: bool = False


def head_line(bundle: Bundle) -> str:
    """Return what names the dossier, on every page: with a mark where its city is made up."""
    mark = _tr("（示例数据）") if bundle.sample else ""
    if bundle.number == bundle.ticket:
        return _tr("工单卷宗 {0}").format(bundle.ticket) + mark
    return _tr("再监督卷宗 {0}（工单 {1}）").format(bundle.number, bundle.ticket) + mark


def sections(bundle: Bundle) -> Iterator[Section]:
    """Yield what there is, in the order in which it is read."""
    shown = bundle.dossier
    events = [row.event for row in shown.log]
    yield _case(bundle)
    asked = sorted(bundle.files, key=lambda file: (file.number != bundle.number, file.number))
    for file in asked:
        yield _file(file, shown)
    yield _clocks(shown)
    handed = tuple(hand_overs(events))
    if handed:
        yield Section(
            _tr("移交"),
            header=(_tr("时间"), _tr("经手"), _tr("由"), _tr("至"), _tr("依据或理由")),
            rows=tuple(
                (
                    local_moment_text(datetime.fromisoformat(row["at"])),
                    row["person"],
                    shown.body_name(row["from"]) or _tr("平台办"),
                    shown.body_name(row["to"]) or _tr("退回平台办"),
                    row["reason"],
                )
                for row in handed
            ),
            shares=(20, 12, 18, 18, 32),
        )
    warnings = tuple(_warnings(events, shown))
    if warnings:
        yield Section(
            _tr("预警"),
            header=(
                _tr("预警"),
                _tr("环节"),
                _tr("单位"),
                _tr("规则"),
                _tr("发出"),
                _tr("确认"),
                _tr("解除"),
            ),
            rows=warnings,
            shares=(11, 10, 13, 27, 13, 13, 13),
        )
    if shown.directives:
        yield Section(
            _tr("指令"),
            header=(_tr("编号"), _tr("内容"), _tr("接收单位"), _tr("下达"), _tr("期限"), _tr("状态")),
            rows=tuple(
                (
                    row.number,
                    row.text,
                    "、".join(row.receiver_names),
                    f"{row.issued_by} {short_moment_text(row.issued_at)}",
                    short_moment_text(row.deadline),
                    mark_of(row.state).word,
                )
                for row in shown.directives
            ),
            shares=(13, 29, 18, 16, 12, 12),
        )
    yield _log(shown)
    yield _evidence(bundle)
    yield _proof(bundle)


def _case(bundle: Bundle) -> Section:
    shown = bundle.dossier
    facts, clock = shown.facts, shown.clock
    trace = clock.trace
    closed = local_moment_text(trace.closed_at) if trace.closed_at else _tr("未销号")
    captions = (
        (_tr("城市"), bundle.city, _tr("截至"), local_moment_text(clock.as_of)),
        (_tr("状态"), mark_of(clock.state).word, _tr("紧急程度"), urgency_name(trace.received.urgency)),
        (_tr("受理"), local_moment_text(trace.received_at), _tr("销号"), closed),
        (_tr("来源"), facts.channel, _tr("类别"), f"{facts.category_class} {facts.category}".strip()),
        (_tr("主办"), facts.lead or _tr("尚未分派"), _tr("协办"), "、".join(facts.assisting) or "—"),
        (
            _tr("点位"),
            " ".join(part for part in (facts.area, facts.township, facts.address) if part),
            _tr("轮次"),
            _tr("第 {0} 轮，打回 {1} 次").format(trace.round, trace.bounces),
        ),
        (
            _tr("判定依据"),
            f"{clock.policy.family} v{clock.policy.version}",
            _tr("举报人"),
            _tr("不在卷宗内"),
        ),
    )
    return Section(_tr("案情"), (facts.text,) if facts.text else (), (), captions, (10, 40, 10, 40))


def _file(file: ReSupervision, shown: Dossier) -> Section:
    node = node_name(file.node) if file.node is not None else _tr("整件工单")
    # A draft of a time when nobody held the ticket: its row goes by the warning.
    now = next((row.body_name for row in shown.re_supervisions if row.number == file.number), "")
    rows: list[tuple[str, ...]] = [
        (_tr("状态"), file_mark(file.state).word),
        (_tr("被监督单位"), shown.body_name(file.body) or now or _tr("待定")),
        (_tr("环节与事由"), f"{node}：{file.cause}"),
        (_tr("草稿"), local_moment_text(file.drafted_at)),
    ]
    if file.launched_at is not None:
        rows.append((_tr("启动"), f"{local_moment_text(file.launched_at)} {file.officer or ''}"))
        rows.append((_tr("固定的末端"), file.facts_head or ""))
    for number, each in enumerate(file.exchanges, start=1):
        asked_at, until = local_moment_text(each.asked_at), local_moment_text(each.deadline)
        asked = _tr("{0} {1}，限 {2}：{3}").format(asked_at, each.officer, until, each.question)
        rows.append((_tr("问 {0}").format(number), asked))
        rows.append((_tr("答 {0}").format(number), answer_text(each)))
    compared = comparable_text(comparable_of(file.facts))
    if compared:
        rows.append((_tr("可比案件"), compared))
    if file.behaviour is not None:
        rows.append((_tr("认定"), f"{behaviour_name(file.behaviour)}：{file.finding or ''}"))
    elif file.finding:
        rows.append((_tr("不予启动"), file.finding))
    if file.recommendation:
        rows.append((_tr("建议"), file.recommendation))
    if file.closed_at is not None:
        rows.append((_tr("结束"), local_moment_text(file.closed_at)))
    return Section(_tr("再监督 {0}").format(file.number), (), (), tuple(rows), (16, 84))


def _clocks(shown: Dossier) -> Section:
    clock = shown.clock
    return Section(
        _tr("各环节时钟"),
        header=(
            _tr("轮次"),
            _tr("环节"),
            _tr("单位"),
            _tr("经办"),
            _tr("开始"),
            _tr("到期"),
            _tr("办结"),
            _tr("结果"),
        ),
        rows=tuple(_clock(node, clock, shown) for node in clock.trace.nodes),
        shares=(5, 11, 13, 9, 17, 17, 17, 11),
    )


def _clock(node: NodeClock, clock: TicketClock, shown: Dossier) -> tuple[str, ...]:
    word = mark_of(clock.status(node)).word
    if node.due_at is not None and node.ended_at is not None and node.ended_at > node.due_at:
        word = f"{word}，超 {duration_text(node.ended_at - node.due_at)}"
    elif node.due_at is not None and node.ended_at is None:
        word = f"{word}，{countdown_text(node.due_at, clock.as_of)}"
    legs = f"{node.round}" if node.leg == 1 else f"{node.round}.{node.leg}"
    return (
        legs,
        node_name(node.node),
        shown.body_name(node.body) or "—",
        node.person or "—",
        _to_the_second(node.started_at),
        _to_the_second(node.due_at),
        _to_the_second(node.ended_at),
        word,
    )


def _warnings(events: Sequence[Event], shown: Dossier) -> Iterator[tuple[str, ...]]:
    raised: dict[tuple[object, ...], list[object]] = {}
    for event in events:
        fact = event.fact
        if not isinstance(fact, e.WarningRaised | e.WarningAcknowledged | e.WarningCleared):
            continue
        cause = (fact.kind, fact.level, fact.node, fact.round, fact.leg, fact.part, fact.rule_id)
        if isinstance(fact, e.WarningRaised):
            raised[cause] = [fact, event.at, "", ""]
        elif cause in raised and isinstance(fact, e.WarningAcknowledged):
            raised[cause][2] = f"{event.actor.name} {_short(event.at)}"
        elif cause in raised:
            raised[cause][3] = _short(event.at)
    for fact, at, seen, cleared in raised.values():
        assert isinstance(fact, e.WarningRaised)
        assert isinstance(at, datetime)
        yield (
            f"{mark_of(fact.level).word} {kind_name(fact.kind)}",
            node_name(fact.node),
            shown.body_name(fact.body) or "—",
            "\n".join((fact.rule, *fact.facts)),
            _short(at),
            str(seen) or "—",
            str(cleared) or "—",
        )


def _log(shown: Dossier) -> Section:
    rows = []
    for number, row in enumerate(shown.log, start=1):
        body = shown.body_name(row.event.actor.body)
        who = f"{body} {row.event.actor.name}".strip()
        text = fact_text(row.event.fact, shown.names, shown.channels)
        rows.append(
            (
                str(number),
                local_moment_text(row.event.at)[2:],
                who,
                kind_text(row.event.fact),
                text,
                row.hash[:8],
            )
        )
    return Section(
        _tr("全部事件（{0}）").format(len(rows)),
        header=("#", _tr("时间"), _tr("经手"), _tr("事件"), _tr("内容"), _tr("散列")),
        rows=tuple(rows),
        shares=(5, 17, 15, 10, 42, 11),
    )


def _evidence(bundle: Bundle) -> Section:
    named = named_evidence(bundle.streams)
    own = f"ticket/{bundle.ticket} "

    def place(event: str) -> str:
        return event.removeprefix(own)

    rows = [
        (
            kept.file.name,
            kept.file.media_type.value,
            f"{kept.file.size:,}",
            checksum,
            "\n".join(map(place, named.get(checksum, (_tr("未被引用"),)))),
        )
        for checksum, kept in sorted(bundle.evidence.items())
    ]
    rows += [
        (_tr("未存文件"), "—", "—", checksum, "\n".join(map(place, by)))
        for checksum, by in sorted(named.items())
        if checksum not in bundle.evidence
    ]
    if not rows:
        return Section(_tr("证据"), (_tr("没有登记证据。"),))
    return Section(
        _tr("证据（{0}）").format(len(rows)),
        header=(_tr("名称"), _tr("类型"), _tr("字节"), "SHA-256", _tr("登记于")),
        rows=tuple(rows),
        shares=(22, 13, 10, 40, 15),
        pictures=True,
    )


def _proof(bundle: Bundle) -> Section:
    lines = [
        _tr("本卷宗的事件逐一以 SHA-256 相接；用 verify 命令查证整个文件，不需要数据库。"),
        *(
            f"{stream}  #1–#{len(records)}\n{spelled(records[-1].hash)}"
            for stream, records in bundle.streams.items()
        ),
    ]
    lines += [
        _tr("日封 {0}（当日 {1} 条流）\n{2}").format(seal.day, seal.streams, spelled(seal.hash))
        for seal in bundle.seals
    ]
    if not bundle.seals:
        lines.append(_tr("尚无日封覆盖这些事件，或导出人无权读取日封。"))
    return Section(_tr("证明"), tuple(lines), together=True)


def _to_the_second(moment: datetime | None) -> str:
    """Limits are as short as two minutes."""
    return local_moment_text(moment)[2:] if moment is not None else "—"


def _short(moment: datetime | None) -> str:
    return local_moment_text(moment)[2:16] if moment is not None else "—"


def _tr(source: str) -> str:
    return QCoreApplication.translate("paper", source)
