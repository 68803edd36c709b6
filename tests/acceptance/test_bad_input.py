"""Bad input: a clear message each time, the good rows in, and no trace of the rest in the store."""

import csv
import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from data_access import schema
from data_access.rules import load_rules
from data_access.store import Connection, Store
from data_access.verify import verify
from desktop.imports.errors import FileError
from desktop.imports.run import ImportReport, import_tickets
from domain.events import Rectified
from tests.acceptance.reading import events_by_ticket, fingerprint
from tests.desktop.imports.sources import COLUMNS, FIRST, SECOND, csv_text, mapping, write_csv, write_xlsx

NOW = datetime(2026, 4, 1, tzinfo=UTC)
Importer = Callable[..., ImportReport]


@pytest.fixture
def imported(store: Store, tmp_path: Path) -> Importer:
    def run(path: Path, **changes: object) -> ImportReport:
        return import_tickets(store, path, mapping(**changes), NOW, tmp_path / "spare")

    return run


def many(count: int) -> list[tuple[str, ...]]:
    return [(f"M{number}", *FIRST[1:]) for number in range(count)]


def rejects_of(report: ImportReport) -> list[list[str]]:
    assert report.rejects_file is not None
    with Path(report.rejects_file).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def truncated_workbook(folder: Path) -> Path:
    path = write_xlsx(folder / "a.xlsx", many(6000))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    return path


def workbook_with_a_hole(folder: Path) -> Path:
    """A workbook whose sheet breaks off after thousands of good rows."""
    path = write_xlsx(folder / "a.xlsx", many(6000))
    content = bytearray(path.read_bytes())
    start = content.index(b"xl/worksheets/sheet1.xml")
    size = int.from_bytes(content[start - 12 : start - 8], "little")
    middle = start + max(size, 60_000) // 2
    content[middle : middle + 64] = bytes(64)
    path.write_bytes(content)
    return path


def wrong_encoding(folder: Path) -> Path:
    path = folder / "a.csv"
    path.write_bytes(csv_text(many(5000)).encode() + "A9,caf\xe9,x\r\n".encode("latin-1"))
    return path


def truncated_gzip(folder: Path) -> Path:
    path = folder / "a.csv.gz"
    packed = gzip.compress(csv_text(many(5000)).encode())
    path.write_bytes(packed[:-200])
    return path


def truncated_text(folder: Path) -> Path:
    path = folder / "a.csv"
    path.write_text(csv_text(many(5000)) + 'A9,标题,"写到一半', "utf-8")
    return path


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (truncated_workbook, "不完整或已损坏"),
        (workbook_with_a_hole, "不完整或已损坏"),
        (wrong_encoding, "第 5002 行不是 UTF-8 编码"),
        (truncated_gzip, "不完整或已损坏"),
        (truncated_text, "文件不完整：第 5002 行起的引号"),
    ],
)
def test_what_ends_the_reading_leaves_no_trace(
    store: Store, imported: Importer, tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    path = make(tmp_path)
    before = fingerprint(store)
    with pytest.raises(FileError) as caught:
        imported(path)
    assert said in caught.value.message
    assert fingerprint(store) == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


BAD_ROWS = {
    "受理时间": ("B1", *FIRST[1:3], "2026-02-30 08:00:00", *FIRST[4:]),
    "办结时间": ("B2", *FIRST[1:4], "2026-03-05 07:00:00", *FIRST[5:]),
    "编号": ("A1", "重号", *FIRST[2:]),
    "": ("B3", "长", "x" * 10_000_000, *FIRST[3:]),
}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_bad_rows_stay_out_and_say_why_and_the_rest_goes_in(
    store: Store, imported: Importer, tmp_path: Path, form: str
) -> None:
    rows = [FIRST, *BAD_ROWS.values(), SECOND]
    if form == "xlsx":
        # Excel itself holds no more than 32,767 characters in a cell; other programs write what they like.
        path = write_long_cells(tmp_path / "a.xlsx", rows)
    else:
        path = write_csv(tmp_path / "a.csv", rows)
    report = imported(path)
    assert (report.rows, report.added, report.rejected) == (6, 2, 4)
    assert set(events_by_ticket(store)) == {"T-A1", "T-A2"}
    assert events_by_ticket(store)["T-A1"][-1].fact == Rectified()

    header, *rejects = rejects_of(report)
    assert header == ["行", "列", "原因", *COLUMNS]
    assert [(int(line), column) for line, column, *_ in rejects] == [
        (3, "受理时间"),
        (4, "办结时间"),
        (5, "编号"),
        (6, ""),
    ]
    reasons = [reason for _, _, reason, *_ in rejects]
    assert "不是有效的日期时间：'2026-02-30 08:00:00'" in reasons[0]
    assert "早于受理时间" in reasons[1]
    assert "与第 2 行重复" in reasons[2]
    assert reasons[3] == "「内容」有 10,000,000 个字符，超过 100,000"
    assert max(len(cell) for row in rejects for cell in row) <= 32_100
    assert imported(path).unchanged == 2


PLACES = {
    "columns": {
        "body": "单位",
        "category": "标题",
        "channel": "内容",
        "area": "紧急程度",
        "township": "限期",
    },
    "tables": {"area": {"other": "keep"}},
    "due": [],
}


@pytest.mark.parametrize("column", ["单位", "标题", "内容", "紧急程度", "限期"])
def test_an_overlong_code_costs_its_row_only(
    store: Store, imported: Importer, tmp_path: Path, column: str
) -> None:
    columns = PLACES | {"columns": {"title": None, "text": None, "urgency": None} | PLACES["columns"]}
    long = tuple("长" * 9000 if name == column else cell for name, cell in zip(COLUMNS, FIRST, strict=True))
    report = imported(write_csv(tmp_path / "a.csv", [("L1", *long[1:]), SECOND]), **columns)
    assert (report.added, report.rejected) == (1, 1)
    (reject,) = rejects_of(report)[1:]
    assert (reject[1], reject[2]) == (column, "有 9,000 个字符，代码或名称不超过 100")
    assert set(events_by_ticket(store)) == {"T-A2"}


def test_an_overlong_default_or_prefix_is_refused_before_the_first_row(
    imported: Importer, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", [FIRST])
    with pytest.raises(FileError, match="单位」有 101 个字符，代码或名称不超过 100"):
        imported(path, defaults={"body": "长" * 101})
    with pytest.raises(FileError, match="不在代码表中"):
        imported(path, defaults={"body": "水务局"}, tables={"body": {"other": "reject"}})


def test_numbers_that_a_spreadsheet_has_rounded_are_no_ids(
    store: Store, imported: Importer, tmp_path: Path
) -> None:
    ids = (320300202611210001, 3.2030020261121e17, 1e15, "3.20300E+17")
    good = (123.0, 999_999_999_999_999, "320300202611210001")
    rows = [(number, *FIRST[1:]) for number in (*ids, *good)]
    report = imported(write_xlsx(tmp_path / "a.xlsx", rows))
    assert (report.added, report.rejected) == (3, 4)
    for reject in rejects_of(report)[1:]:
        assert (reject[1], reject[2]) == ("编号", "是超过 15 位的数字，末几位已丢失；请以文本格式保存编号")
    assert set(events_by_ticket(store)) == {"T-123", "T-999999999999999", "T-320300202611210001"}


def test_rejects_of_an_earlier_run_go_when_nothing_is_rejected_any_more(
    imported: Importer, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", [FIRST, BAD_ROWS["受理时间"]])
    report = imported(path)
    assert report.rejects_file is not None
    file = Path(report.rejects_file)
    write_csv(path, [FIRST, SECOND])
    assert imported(path).rejects_file is None
    assert not file.exists()
    file.write_text("行,谁的\n", "utf-8")
    imported(path)
    assert file.read_text("utf-8") == "行,谁的\n"


def write_long_cells(path: Path, rows: list[tuple[str, ...]]) -> Path:
    """Write a workbook with inline strings of any length."""
    from xml.sax.saxutils import escape
    from zipfile import ZIP_DEFLATED, ZipFile

    write_xlsx(path, [])
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    body = "".join(
        "<row>"
        + "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>' for cell in row)
        + "</row>"
        for row in [COLUMNS, *rows]
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{space}"><sheetData>{body}</sheetData></worksheet>'
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_a_rejected_row_cannot_become_a_formula(imported: Importer, tmp_path: Path) -> None:
    evil = ("B1", '=HYPERLINK("http://x")', "+1+1", "?", "-2", "@SUM(1)", *FIRST[6:])
    row = rejects_of(imported(write_csv(tmp_path / "a.csv", [FIRST, evil])))[1]
    assert row[4:9] == ['\'=HYPERLINK("http://x")', "'+1+1", "?", "-2", "'@SUM(1)"]


def test_harmless_cells_come_back_as_they_were(store: Store, imported: Importer, tmp_path: Path) -> None:
    evil = ("B1", '=HYPERLINK("http://x")', "'＝1", "2026-02-30 08:00:00", *FIRST[4:])
    report = imported(write_csv(tmp_path / "a.csv", [FIRST, evil]))
    assert report.rejects_file is not None
    file = Path(report.rejects_file)
    file.write_text(file.read_text("utf-8-sig").replace("2026-02-30", "2026-03-01"), "utf-8")
    assert imported(file).added == 1
    fact = events_by_ticket(store)["T-B1"][0].fact
    assert (fact.title, fact.text) == ('=HYPERLINK("http://x")', "'＝1")


def test_a_cell_that_was_cut_must_be_filled_in_again(imported: Importer, tmp_path: Path) -> None:
    long = ("B1", "标题", "长" * 40_000, "2026-02-30 08:00:00", *FIRST[4:])
    report = imported(write_csv(tmp_path / "a.csv", [FIRST, long]))
    assert report.rejects_file is not None
    file = Path(report.rejects_file)
    file.write_text(file.read_text("utf-8-sig").replace("2026-02-30", "2026-03-01"), "utf-8")
    again = imported(file)
    assert (again.added, again.rejected) == (0, 1)
    assert "已截断" in next(iter(again.reasons))


def test_an_empty_store_learns_the_bodies_that_a_source_names(
    store: Store, imported: Importer, tmp_path: Path
) -> None:
    body = {"codes": {"水务局": "water"}, "names": {"water": "市水务局"}}
    report = imported(
        write_csv(tmp_path / "a.csv", [FIRST, SECOND]), source={"policy": "standard"}, tables={"body": body}
    )
    assert (report.added, report.rejected) == (2, 0)
    body_names = select(schema.body.c.key, schema.body.c.name)
    assert {row.key: row.name for row in store.read(lambda c: c.execute(body_names).all())} == {
        "platform": "平台办",
        "discipline": "纪委监委",
        "water": "市水务局",
        "住建局": "住建局",
    }
    assert store.scratch(proved) is None


def test_rejects_can_be_mended_and_brought_in(store: Store, imported: Importer, tmp_path: Path) -> None:
    report = imported(write_csv(tmp_path / "a.csv", [FIRST, BAD_ROWS["受理时间"]]))
    assert report.rejects_file is not None
    file = Path(report.rejects_file)
    file.write_text(
        file.read_text("utf-8-sig").replace("2026-02-30 08:00:00", "2026-03-01 08:00:00"), "utf-8"
    )
    assert imported(file).added == 1
    assert set(events_by_ticket(store)) == {"T-A1", "T-B1"}


def test_a_later_export_continues_its_tickets(store: Store, imported: Importer, tmp_path: Path) -> None:
    imported(write_csv(tmp_path / "monday.csv", [FIRST, SECOND]))
    done = (*SECOND[:4], "2026-03-09 17:00:00", *SECOND[5:])
    report = imported(write_csv(tmp_path / "friday.csv", [FIRST, done]))
    assert (report.added, report.updated, report.unchanged, report.events) == (0, 1, 1, 1)
    assert events_by_ticket(store)["T-A2"][-1].at == datetime(2026, 3, 9, 9, tzinfo=UTC)
    assert imported(tmp_path / "friday.csv").unchanged == 2


def test_a_source_may_extend_or_fill_in_a_due_time_and_its_later_news_go_in(
    store: Store, imported: Importer, tmp_path: Path
) -> None:
    def due(connection: Connection) -> datetime:
        nodes = schema.node_state.c
        return connection.execute(select(nodes.due_at).where(nodes.ticket == "T-A2")).scalar_one()

    open_end = (*SECOND[:7], "")
    imported(write_csv(tmp_path / "monday.csv", [FIRST, open_end]))
    for day in (10, 20):
        row, expected = (*SECOND[:7], f"2026-03-{day} 18:00:00"), datetime(2026, 3, day, 10, tzinfo=UTC)
        report = imported(write_csv(tmp_path / f"{day}.csv", [FIRST, row]))
        assert (report.updated, report.moved, report.events, report.rejected) == (1, 1, 1, 0)
        assert store.read(due) == expected
    assert events_by_ticket(store)["T-A2"][-1].at == NOW
    # Told afterwards, done between the two due times: judged by the extension.
    done = (*row[:4], "2026-03-19 08:00:00", *row[5:])
    report = imported(write_csv(tmp_path / "done.csv", [FIRST, done]))
    assert (report.updated, report.rejected) == (1, 0)
    assert store.read(due) == expected
    assert store.scratch(proved) is None
    over = (*done[:7], "2026-03-30 20:00:00")
    report = imported(write_csv(tmp_path / "over.csv", [FIRST, over]))
    assert (report.rejected, report.moved) == (1, 0)
    assert "来源给定的到期时间 原为 2026-03-20T10:00:00+00:00" in rejects_of(report)[1][2]


def proved(connection: Connection) -> object:
    return verify(connection, load_rules(connection)).flaw


def test_an_export_that_contradicts_the_store_is_refused_row_by_row(
    store: Store, imported: Importer, tmp_path: Path
) -> None:
    imported(write_csv(tmp_path / "monday.csv", [FIRST, SECOND]))
    before = fingerprint(store)
    other = (FIRST[0], "换了标题", *FIRST[2:])
    report = imported(write_csv(tmp_path / "friday.csv", [other, SECOND]))
    assert (report.rejected, report.unchanged) == (1, 1)
    assert "标题 原为 '河水发臭'，现为 '换了标题'" in rejects_of(report)[1][2]
    assert fingerprint(store) == before


def test_a_header_alone_and_an_unknown_policy_are_refused(
    store: Store, imported: Importer, tmp_path: Path
) -> None:
    before = fingerprint(store)
    with pytest.raises(FileError, match="没有一行数据"):
        imported(write_csv(tmp_path / "a.csv", []))
    with pytest.raises(FileError, match=r"source\.policy 写的是 'gold'"):
        imported(write_csv(tmp_path / "a.csv", [FIRST]), source={"policy": "gold"})
    assert fingerprint(store) == before


def test_a_receipt_before_the_policys_first_day_is_refused(imported: Importer, tmp_path: Path) -> None:
    old = ("B1", *FIRST[1:3], "2019-06-01 08:00:00", *FIRST[4:])
    report = imported(write_csv(tmp_path / "a.csv", [FIRST, old]), source={"policy": "standard"})
    assert (report.added, report.rejected) == (1, 1)
    assert "早于所用规则的生效日" in rejects_of(report)[1][2]
