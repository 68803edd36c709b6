"""From a row to a ticket with its events, or to a reason why not."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data_access.readers.keys import Keys
from desktop.imports.errors import RowError
from desktop.imports.mapping import Mapping
from desktop.imports.tables import Row, Table, open_table
from desktop.imports.tickets import TicketReader
from domain.events import (
    Arrived,
    Closed,
    Dispatched,
    DueSupplied,
    FedBack,
    PostChecked,
    Received,
    Rectified,
    Revisited,
    Signed,
)
from domain.intake import Complainant, NewTicket
from domain.nodes import Node
from domain.urgency import Urgency
from tests.desktop.imports.sources import COLUMNS, FIRST, SECOND, mapping, write_csv, write_xlsx

NOW = datetime(2026, 4, 1, tzinfo=UTC)
UNKNOWN = Keys({}, {}, {}, {})


def no_progress() -> int:
    return 0


def reader_of(chosen: Mapping, columns: Sequence[str] = COLUMNS, known: Keys = UNKNOWN) -> TicketReader:
    table = Table(tuple(columns), iter(()), no_progress, 0, "CSV")
    return TicketReader(chosen, table, NOW, datetime(1970, 1, 1, tzinfo=UTC), known)


def read(cells: Sequence[str], line: int = 2, **changes: Any) -> NewTicket:
    return reader_of(mapping(**changes)).read(Row(line, cells, None))


def altered(row: Sequence[str], **cells: str) -> tuple[str, ...]:
    return tuple(cells.get(column, cell) for column, cell in zip(COLUMNS, row, strict=True))


def test_a_closed_row_has_its_events_at_their_own_times() -> None:
    ticket = read(FIRST)
    received = datetime(2026, 3, 5, 0, tzinfo=UTC)
    assert ticket.number == "T-A1"
    assert [(event.at, event.fact) for event in ticket.events] == [
        (
            received,
            Received(
                channel="导入",
                title="河水发臭",
                text="河水发臭，请处理",
                urgency=Urgency.FIRST,
                external_id="A1",
                urgency_as_written="一级",
                policy="source-due",
            ),
        ),
        (received, DueSupplied(Node.RECTIFY, None, "test")),
        (received, Dispatched("水务局")),
        (datetime(2026, 3, 6, 1, 30, tzinfo=UTC), Rectified()),
    ]
    assert {event.actor.name for event in ticket.events} == {"导入:test"}
    assert [event.actor.body for event in ticket.events] == [None, None, "platform", "水务局"]


def test_an_open_row_ends_with_its_dispatch_and_brings_its_due_time() -> None:
    facts = [event.fact for event in read(SECOND).events]
    assert facts[1:] == [
        DueSupplied(Node.RECTIFY, datetime(2026, 3, 10, 10, tzinfo=UTC), "test"),
        Dispatched("住建局"),
    ]


def test_without_the_sources_word_our_policy_sets_the_due_time() -> None:
    due = [{"node": "rectify", "column": "限期", "absent": "policy"}]
    assert not any(isinstance(event.fact, DueSupplied) for event in read(FIRST, due=due).events)


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"受理时间": "2026-02-30 08:00:00"}, "受理时间", "不是有效的日期时间：'2026-02-30 08:00:00'"),
        ({"受理时间": ""}, "受理时间", "是空的，应为受理时间"),
        ({"受理时间": "2026-04-02"}, "受理时间", "（2026-04-02）晚于现在"),
        ({"受理时间": "1900-01-01"}, "受理时间", "年份 1900 不在 1970–2200 之间"),
        ({"办结时间": "2026-03-05 07:59:59"}, "办结时间", "早于受理时间「受理时间」（2026-03-05 08:00:00）"),
        ({"办结时间": "2026-04-02"}, "办结时间", "晚于现在"),
        ({"办结时间": "尽快"}, "办结时间", "不是有效的日期时间：'尽快'"),
        ({"限期": "2026-02-30"}, "限期", "不是有效的日期时间"),
        ({"紧急程度": "火速"}, "紧急程度", "的值 '火速' 不在代码表中"),
        ({"编号": ""}, "编号", "是空的，应为编号"),
        ({"编号": "9" * 101}, "编号", "有 101 个字符"),
        ({"编号": "A\x1f1"}, "编号", "含有控制字符"),
        ({"单位": "水务\x1f局"}, "单位", "含有控制字符"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_column_and_reason(
    cells: dict[str, str], column: str, reason: str
) -> None:
    with pytest.raises(RowError) as caught:
        read(altered(FIRST, **cells))
    assert caught.value.column == column
    assert reason in caught.value.reason


def test_a_due_time_may_lie_ahead_or_even_before_the_receipt() -> None:
    for due in ("2059-12-31 19:00:00", "2026-03-05 00:00:00"):
        assert isinstance(read(altered(FIRST, 限期=due)).events[1].fact, DueSupplied)


def test_a_known_id_is_refused_and_names_the_first_line() -> None:
    reader = reader_of(mapping())
    reader.read(Row(2, FIRST, None))
    with pytest.raises(RowError, match="的编号 A1 与第 2 行重复"):
        reader.read(Row(9, altered(SECOND, 编号="A1"), None))


def test_the_id_of_a_row_that_failed_is_still_free() -> None:
    reader = reader_of(mapping())
    with pytest.raises(RowError):
        reader.read(Row(2, altered(FIRST, 受理时间="?"), None))
    assert reader.read(Row(3, FIRST, None)).number == "T-A1"


def test_rows_without_ids_are_known_by_their_content_and_count() -> None:
    chosen = mapping(columns={"id": "content"})
    numbers = [reader_of(chosen).read(Row(2, row, None)).number for row in (FIRST, SECOND, FIRST)]
    assert numbers[0] == numbers[2] != numbers[1]
    reader = reader_of(chosen)
    again = [reader.read(Row(line, FIRST, None)).number for line in (2, 3, 4)]
    assert again == [numbers[0], f"{numbers[0]}-2", f"{numbers[0]}-3"]


def test_the_content_hash_follows_what_is_said_and_nothing_else() -> None:
    same = read(FIRST).content_hash
    assert len(same) == 32
    assert read(altered(FIRST, 受理时间="2026/3/5 08:00:00"), line=99).content_hash == same
    for change in (
        {"标题": "x"},
        {"办结时间": ""},
        {"限期": "2026-03-09"},
        {"单位": "x"},
        {"紧急程度": "普通"},
    ):
        assert read(altered(FIRST, **change)).content_hash != same


def test_csv_and_xlsx_of_the_same_rows_are_the_same_tickets(tmp_path: Path) -> None:
    found = []
    for path in (
        write_csv(tmp_path / "a.csv", [FIRST, SECOND]),
        write_xlsx(tmp_path / "a.xlsx", [FIRST, SECOND]),
    ):
        with open_table(path, mapping()) as table:
            reader = TicketReader(mapping(), table, NOW, datetime(1970, 1, 1, tzinfo=UTC), UNKNOWN)
            found.append([reader.read(row) for row in table.rows])
    assert found[0] == found[1]


def test_codes_are_translated_and_what_is_met_is_collected() -> None:
    tables = {"body": {"codes": {"水务局": "water"}, "names": {"water": "市水务局"}, "other": "keep"}}
    known = Keys({"住建局": "housing"}, {}, {}, {})
    reader = reader_of(mapping(tables=tables), known=known)
    leads = [
        next(event.fact.lead for event in ticket.events if isinstance(event.fact, Dispatched))
        for ticket in (reader.read(Row(line, row, None)) for line, row in enumerate((FIRST, SECOND), start=2))
    ]
    assert leads == ["water", "housing"]
    reader.read(Row(4, altered(FIRST, 编号="A3", 单位="园林局"), None))
    assert reader.bodies.met == {"water": "市水务局", "housing": "housing", "园林局": "园林局"}


def test_unknown_codes_are_rejected_or_dropped_where_the_mapping_says_so() -> None:
    with pytest.raises(RowError, match="不在代码表中"):
        read(FIRST, tables={"body": {"other": "reject"}})
    facts = [event.fact for event in read(FIRST, tables={"body": {"other": "drop"}}).events]
    assert not any(isinstance(fact, Dispatched) for fact in facts)


def test_all_nodes_can_be_told() -> None:
    columns = ("时", "签", "到", "结", "馈", "访", "评", "查", "果", "销", "说")
    steps = [
        {"node": "sign", "column": "签", "as": "minutes after received"},
        {"node": "arrive", "column": "到", "as": "hours after received", "text": "说"},
        {"node": "rectify", "column": "结", "as": "days after received", "text": "说"},
        {"node": "feed_back", "column": "馈", "text": "说", "by": "电话"},
        {"node": "revisit", "column": "访", "verdict": "评", "text": "说"},
        {"node": "post_check", "column": "查", "verdict": "果"},
        {"node": "close", "column": "销", "text": "说"},
    ]
    chosen = Mapping.model_validate(
        {
            "source": {"key": "s"},
            "columns": {"received": "时"},
            "defaults": {"body": "water"},
            "tables": {"verdict": {"codes": {"好": "yes"}}},
            "done": steps,
        }
    )
    cells = (
        "2026-03-01",
        "5",
        "2",
        "1.5",
        "2026-03-03",
        "2026-03-04",
        "好",
        "2026-03-05",
        "不合格",
        "2026-03-06",
        "话",
    )
    ticket = reader_of(chosen, columns).read(Row(2, cells, None))
    start = datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert [(event.at - start, event.fact) for event in ticket.events[2:]] == [
        (timedelta(minutes=5), Signed()),
        (timedelta(hours=2), Arrived(note="话")),
        (timedelta(days=1.5), Rectified("话")),
        (timedelta(days=2), FedBack("电话", "话")),
        (timedelta(days=3), Revisited(True, "话")),
        (timedelta(days=4), PostChecked(False)),
        (timedelta(days=5), Closed("话")),
    ]
    for bad, said in (("-1", "是负数"), ("soon", "应为数字"), ("1e400", "应为数字")):
        with pytest.raises(RowError, match=said):
            reader_of(chosen, columns).read(Row(2, (cells[0], bad, *cells[2:]), None))


def test_a_closing_in_the_hour_that_comes_twice_is_not_before_its_opening() -> None:
    zone = {"source": {"zone": "America/New_York"}}
    row = altered(FIRST, 受理时间="2025-11-02 01:50:00", 办结时间="2025-11-02 01:10:00")
    events = read(row, **zone).events
    assert events[-1].at - events[0].at == timedelta(minutes=20)


def test_a_point_is_brought_to_wgs84_once() -> None:
    columns = ("时", "经", "纬")
    for crs, expected in (("WGS-84", (117.2, 34.3)), ("GCJ-02", (117.1941, 34.3006))):
        chosen = Mapping.model_validate(
            {"source": {"key": "s", "crs": crs}, "columns": {"received": "时", "lng": "经", "lat": "纬"}}
        )
        fact = reader_of(chosen, columns).read(Row(2, ("2026-03-01", "117.2", "34.3"), None)).events[0].fact
        assert isinstance(fact, Received)
        assert (fact.lng, fact.lat) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("point", [("x", "1"), ("200", "1"), ("1", "nan"), ("0", "0"), ("1e999", "1")])
def test_a_useless_point_costs_the_point_and_not_the_complaint(point: tuple[str, str]) -> None:
    chosen = Mapping.model_validate(
        {"source": {"key": "s"}, "columns": {"received": "时", "lng": "经", "lat": "纬"}}
    )
    reader = reader_of(chosen, ("时", "经", "纬"))
    fact = reader.read(Row(2, ("2026-03-01", *point), None)).events[0].fact
    assert isinstance(fact, Received)
    assert (fact.lng, fact.lat) == (None, None)
    assert dict(reader.notes) == {"经纬度无法使用，记为没有位置": 1}


def test_a_complainant_is_kept_apart() -> None:
    columns = ("时", "人", "话", "密")
    chosen = Mapping.model_validate(
        {
            "source": {"key": "s", "empty": ["NULL"]},
            "columns": {"received": "时", "complainant": "人", "phone": "话", "secrecy": "密"},
        }
    )
    reader = reader_of(chosen, columns)
    ticket = reader.read(Row(2, ("2026-03-01", "张三", "13800000000", "是"), None))
    assert ticket.complainant == Complainant("张三", "13800000000", secrecy=True)
    assert "张三" not in repr(ticket.events)
    assert reader.read(Row(3, ("2026-03-01", "NULL", "", "否"), None)).complainant is None
