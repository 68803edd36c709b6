"""Small sources for tests: a mapping, and rows written as CSV or XLSX."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from desktop.imports.mapping import Mapping

COLUMNS = ("编号", "标题", "内容", "受理时间", "办结时间", "单位", "紧急程度", "限期")
FIRST = (
    "A1",
    "河水发臭",
    "河水发臭，请处理",
    "2026-03-05 08:00:00",
    "2026-03-06 09:30:00",
    "水务局",
    "一级",
    "",
)
SECOND = (
    "A2",
    "工地扬尘",
    "夜间施工\n扬尘",
    "2026-03-05 09:00:00",
    "",
    "住建局",
    "普通",
    "2026-03-10 18:00:00",
)


def mapping(**changes: Any) -> Mapping:
    """Return a mapping of COLUMNS; `changes` are merged into its sections."""
    values: dict[str, Any] = {
        "source": {"key": "test", "policy": "source-due", "prefix": "T-"},
        "columns": {
            "id": "编号",
            "title": "标题",
            "text": "内容",
            "received": "受理时间",
            "body": "单位",
            "urgency": "紧急程度",
        },
        "due": [{"node": "rectify", "column": "限期", "absent": "never"}],
        "done": [{"node": "rectify", "column": "办结时间"}],
    }
    for section, change in changes.items():
        values[section] = values.get(section, {}) | change if isinstance(change, dict) else change
    return Mapping.model_validate(values)


def csv_text(rows: Iterable[Sequence[str]], columns: Sequence[str] = COLUMNS, delimiter: str = ",") -> str:
    """Return rows under a header as CSV."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows([columns, *rows])
    return stream.getvalue()


def write_csv(path: Path, rows: Iterable[Sequence[str]], encoding: str = "utf-8") -> Path:
    """Write rows under a header to a CSV file."""
    path.write_bytes(csv_text(rows).encode(encoding))
    return path


def write_xlsx(path: Path, rows: Iterable[Sequence[Any]], above: Iterable[Sequence[Any]] = ()) -> Path:
    """Write rows under a header to a workbook, with more rows above the header if wanted."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (*above, COLUMNS, *rows):
        sheet.append(list(row))
    book.save(path)
    return path
