"""Anything that a file of tickets could hold, through the importer into the store: in it goes, or back."""

import csv
import gzip
import random
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_access.errors import StoreError
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Store
from data_access.verify import verify
from desktop.city import load_city
from desktop.errors import WorldError
from desktop.imports.mapping import Mapping
from desktop.imports.rejects import OWN_COLUMNS
from desktop.imports.run import ImportReport, import_tickets
from tests.hostile.pool import TEXTS, cases
from tests.hostile.standing import assert_quiet, read_events, read_everything

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ROWS = 40
NUMBER = re.compile(r"[+-][0-9.,]+(?:[eE][+-]?[0-9]+)?%?")
WHOLE_EVERY = 10

MAPPING = Mapping.model_validate(
    {
        "source": {"key": "敌意", "prefix": "H-"},
        "columns": {
            "id": "编号",
            "received": "受理时间",
            "title": "标题",
            "text": ["内容", "补充"],
            "urgency": "紧急程度",
            "category": "类别",
            "area": "区县",
            "township": "街道",
            "channel": "来源",
            "body": "单位",
            "lng": "经度",
            "lat": "纬度",
            "complainant": "姓名",
            "phone": "电话",
            "secrecy": "保密",
        },
        "tables": {
            "secrecy": {"codes": {"是": "yes", "否": "no"}, "other": "reject"},
            "verdict": {"codes": {"满意": "yes", "不满意": "no"}, "other": "reject"},
        },
        "due": [{"node": "rectify", "column": "限期"}],
        "done": [
            {"node": "rectify", "column": "办结时间"},
            {"node": "revisit", "column": "回访时间", "verdict": "满意", "text": "回访"},
        ],
    }
)
COLUMNS = MAPPING.wanted()
GOOD = {
    "受理时间": "2026-11-05 08:00:00",
    "标题": "河水发臭",
    "内容": "请处理",
    "紧急程度": "一级",
    "经度": "117.2",
    "纬度": "34.3",
    "保密": "否",
    "办结时间": "2026-11-06 09:30:00",
    "满意": "满意",
}
TIMES = ("受理时间", "限期", "办结时间", "回访时间")


def rows_of(seed: int, spoiled: float) -> list[list[str]]:
    """Return rows with this share of their cells spoiled."""
    chance = random.Random(seed)
    made = []
    for n in range(ROWS):
        row = {**GOOD, "编号": f"{seed % 5}-{n}"}
        for name in COLUMNS:
            if chance.random() < spoiled:
                row[name] = _cell(chance)
        made.append([row.get(name, "") for name in COLUMNS])
    return made


def _cell(chance: random.Random) -> str:
    if chance.random() < 0.8:
        return chance.choice(TEXTS)
    return "".join(chr(chance.choice((chance.randrange(0x80), chance.randrange(0x110000)))) for _ in range(5))


def csv_bytes(rows: Sequence[Sequence[str]], form: "Form", header: Sequence[str]) -> bytes:
    lines = []
    for row in (*form.above, header, *rows):
        cells = [cell.replace('"', '""') for cell in row]
        lines.append(form.delimiter.join(f'"{cell}"' if form.quoted else cell for cell in cells))
    return form.line_end.join(lines).encode(
        form.encoding, "surrogatepass" if "utf" in form.encoding else "replace"
    )


class Form:
    """How a table is written down."""

    def __init__(self, chance: random.Random) -> None:
        self.encoding = chance.choice(("utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16", "latin-1"))
        self.delimiter = chance.choice((",", ",", "\t", ";", "|"))
        self.quoted = chance.random() < 0.8
        self.line_end = chance.choice(("\n", "\r\n", "\r", "\n\n"))
        self.above = [["某市导出"], []] if chance.random() < 0.2 else []
        self.zipped = chance.random() < 0.2


def spoil(content: bytes, chance: random.Random) -> bytes:
    """Cut, turn over or double some bytes."""
    if not content:
        return content
    at = chance.randrange(len(content))
    match chance.randrange(5):
        case 0:
            return content[:at]
        case 1:
            return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
        case 2:
            return content[:at] + b"\0" * 3 + content[at:]
        case 3:
            return content[:at] + b'"' + content[at:]
        case _:
            return content + content[at:]


def header_of(chance: random.Random) -> list[str]:
    header = list(COLUMNS)
    match chance.randrange(12):
        case 0:
            header.append(chance.choice(header))
        case 1:
            header[chance.randrange(len(header))] = chance.choice(TEXTS)
        case 2:
            header.reverse()
        case 3:
            del header[chance.randrange(len(header))]
    return header


class Trial:
    """Imports files into one store, and compares it before and after."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.rows = self.files = self.refused = self.rejected = 0

    def run(self, path: Path) -> None:
        whole = self.files % WHOLE_EVERY == 0
        read = read_everything if whole else read_events
        before = read(self.store)
        self.files += 1
        for old in self.folder.glob("*.rejects.csv"):
            old.unlink()
        try:
            report = import_tickets(self.store, path, MAPPING, NOW, self.folder)
        except (WorldError, StoreError) as refused:
            assert_quiet(refused)
            self.refused += 1
            assert read(self.store) == before, "something of a refused file was stored"
            assert list(self.folder.glob("*.rejects.csv*")) == []
        else:
            self._check(report, before, read(self.store), whole=whole)

    def _check(self, report: ImportReport, before: Any, after: Any, *, whole: bool) -> None:
        self.rows += report.rows
        self.rejected += report.rejected
        assert report.rows == report.added + report.updated + report.unchanged + report.rejected
        counts = (before["event"], after["event"]) if whole else (before, after)
        assert counts[1][0] - counts[0][0] == report.events
        for reason in report.reasons:
            assert_quiet(ValueError(reason))
        if report.rejects_file is None:
            assert report.rejected == 0
        else:
            self._check_rejects(Path(report.rejects_file), report.rejected)

    def _check_rejects(self, path: Path, rejected: int) -> None:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = list(csv.reader(stream))
        assert lines[0][: len(OWN_COLUMNS)] == list(OWN_COLUMNS)
        assert len(lines) == rejected + 1
        for line in lines:
            for cell in line:
                signed = cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
                assert not signed or NUMBER.fullmatch(cell), cell


@pytest.fixture
def trial(store: Store, tmp_path: Path) -> Trial:
    store.write(lambda c: put_city(c, load_city(), datetime(2026, 1, 1, tzinfo=UTC)))
    return Trial(store, tmp_path)


@pytest.mark.slow
def test_csv(trial: Trial) -> None:
    @cases(0.48, each=ROWS)
    @given(st.integers(0, 2**32), st.sampled_from((0.0, 0.02, 0.1, 0.5)), st.booleans())
    def bring(seed: int, spoiled: float, broken: bool) -> None:
        chance = random.Random(seed)
        form = Form(chance)
        content = csv_bytes(rows_of(seed, spoiled), form, header_of(chance))
        if broken and chance.random() < 0.5:
            content = spoil(content, chance)
        if form.zipped:
            content = gzip.compress(content)
            content = spoil(content, chance) if broken else content
        path = trial.folder / "in.csv"
        path.write_bytes(content)
        trial.run(path)

    bring()
    assert trial.rejected > 0
    assert trial.refused > 0
    assert trial.rows > trial.rejected
    assert trial.store.scratch(lambda c: verify(c, load_rules(c))).flaw is None


@pytest.mark.slow
def test_xlsx(trial: Trial) -> None:
    @cases(0.15, each=ROWS)
    @given(st.integers(0, 2**32), st.sampled_from((0.0, 0.05, 0.3)), st.booleans())
    def bring(seed: int, spoiled: float, broken: bool) -> None:
        chance = random.Random(seed)
        path = trial.folder / "in.xlsx"
        write_workbook(path, [header_of(chance), *rows_of(seed, spoiled)], chance)
        if broken:
            path.write_bytes(spoil(path.read_bytes(), chance))
        trial.run(path)

    bring()
    assert trial.rows > trial.rejected > 0
    assert trial.refused > 0
    assert trial.store.scratch(lambda c: verify(c, load_rules(c))).flaw is None


TYPES = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/'
    'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="表" '
    'sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
"""A workbook's own parts, written by hand: a library would refuse the cells that others let through."""


def write_workbook(path: Path, rows: Sequence[Sequence[str]], chance: random.Random) -> None:
    """Write rows as a workbook whose cells say of themselves what they like."""
    lines = []
    share = chance.choice((0.0, 0.002, 0.1))
    for number, row in enumerate(rows, 1):
        cells = "".join(_cell_xml(text, chance, share if number > 1 else 0.0) for text in row)
        lines.append(f'<row r="{number}">{cells}</row>')
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"{''.join(lines)}</sheetData></worksheet>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in TYPES.items():
            archive.writestr(name, content)
        archive.writestr("xl/worksheets/sheet1.xml", sheet.encode("utf-8", "replace"))


def _cell_xml(text: str, chance: random.Random, odd: float) -> str:
    shown = escape("".join(c if c in "\t\n\r" or ord(c) >= 32 else f"_x{ord(c):04X}_" for c in text))
    if chance.random() >= odd:
        return f'<c t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'
    kind = chance.choice(("n", "n", "b", "d", "e", "s", "str", "x"))
    number = chance.choice(
        ("1e999", "-1", "2958466", "0.1", "45000.5", "NaN", "9" * 30, "60", "", "-0.0", "１")
    )
    value = number if chance.random() < 0.7 else shown
    style = ' s="7"' if chance.random() < 0.1 else ""
    formula = "<f>1/0</f>" if chance.random() < 0.2 else ""
    return f'<c t="{kind}"{style}>{formula}<v>{value}</v></c>'
