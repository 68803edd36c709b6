"""Boston 311, second half of 2011: our verdict on every case is the city's own."""

import csv
import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data_access.readers.ranking import ranking
from data_access.store import Connection, Store
from desktop.imports.mapping import read_mapping
from desktop.imports.run import ImportReport, import_tickets
from domain.listing import Outcome, TicketFilter
from domain.nodes import Node
from domain.ranking_query import RankBy
from tests.acceptance.conftest import MAPPINGS
from tests.acceptance.reading import fingerprint, numbers_of

ROWS = 58_251
FLAGGED = 58_093


@pytest.fixture(scope="module")
def file(shared_data: Path) -> Path:
    return shared_data / "boston311" / "boston311_2011H2.csv.gz"


@pytest.fixture(scope="module")
def rows(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def expected(shared_data: Path) -> dict[str, dict[str, int]]:
    values = json.loads((shared_data / "boston311" / "expected.json").read_text("utf-8"))
    found: dict[str, dict[str, int]] = values["boston311_2011H2.csv"]["per_department"]
    return found


@pytest.fixture(scope="module")
def report(
    module_store: Store, file: Path, now: datetime, tmp_path_factory: pytest.TempPathFactory
) -> ImportReport:
    spare = tmp_path_factory.mktemp("spare")
    found = import_tickets(module_store, file, read_mapping(MAPPINGS / "boston311.toml"), now, spare)
    print(f"Boston 311: {found.rows_per_second:,} rows/s")  # noqa: T201 - the issue wants it printed
    return found


@pytest.fixture(scope="module")
def late(module_store: Store, report: ImportReport, now: datetime) -> set[str]:
    """Numbers of the cases that are late, done or not."""
    assert report.rows
    found: set[str] = set()
    for outcome in (Outcome.LATE, Outcome.OPEN_OVERDUE):
        found |= numbers_of(module_store, TicketFilter(node=Node.RECTIFY, outcome=outcome), now)
    return found


def test_all_rows_go_in(report: ImportReport) -> None:
    assert (report.rows, report.added, report.rejected) == (ROWS, ROWS, 0)
    assert report.rejects_file is None


def test_the_verdict_on_each_case_is_the_citys(rows: list[dict[str, str]], late: set[str]) -> None:
    flagged = [row for row in rows if row["ontime"]]
    differing = [
        row["case_enquiry_id"]
        for row in flagged
        if (f"BOS-{row['case_enquiry_id']}" in late) != (row["ontime"] == "OVERDUE")
    ]
    assert (len(flagged), differing) == (FLAGGED, [])


def test_counts_per_body_are_the_citys(
    rows: list[dict[str, str]], late: set[str], expected: dict[str, dict[str, int]]
) -> None:
    found: dict[str, Counter[str]] = {body: Counter() for body in expected}
    for row in rows:
        counts = found[row["department"]]
        counts["rows"] += 1
        counts["open_rows"] += not row["closed_dt"]
        if not row["ontime"]:
            counts["blank"] += 1
        elif f"BOS-{row['case_enquiry_id']}" in late:
            counts["overdue"] += 1
        else:
            counts["ontime"] += 1
    for body, counts in found.items():
        assert {name: counts[name] for name in ("rows", "ontime", "overdue", "blank", "open_rows")} == {
            name: expected[body][name] for name in ("rows", "ontime", "overdue", "blank", "open_rows")
        }


def test_the_ranking_counts_what_the_city_counts(
    module_store: Store,
    report: ImportReport,
    rows: list[dict[str, str]],
    expected: dict[str, dict[str, int]],
) -> None:
    # The last target of the file is in 2059: only then have all cases fallen due.
    at_last = datetime(2060, 1, 1, tzinfo=UTC)

    def read(connection: Connection) -> dict[str, tuple[int, int, int]]:
        ranked = ranking(connection, RankBy.BODY, Node.RECTIFY, None, None, at_last)
        return {row.key: (row.due, row.on_time, row.open_overdue) for row in ranked}

    found = module_store.read(read)
    assert report.rows
    # The city left the flag of 158 cases blank; they have due times all the same, and count for us.
    blank = [row for row in rows if not row["ontime"] and row["target_dt"]]
    for body, counts in expected.items():
        done = [row for row in blank if row["department"] == body and row["closed_dt"]]
        still = sum(row["department"] == body and not row["closed_dt"] for row in blank)
        on_time = counts["closed_with_target_ontime"] + sum(
            row["closed_dt"] <= row["target_dt"] for row in done
        )
        late_at_close = counts["closed_with_target"] - counts["closed_with_target_ontime"]
        open_overdue = counts["overdue"] - late_at_close + still
        due = counts["closed_with_target"] + len(done) + open_overdue
        assert found.get(body, (0, 0, 0)) == (due, on_time, open_overdue), body


def test_the_same_file_again_changes_nothing(
    module_store: Store, report: ImportReport, file: Path, now: datetime, tmp_path: Path
) -> None:
    before = fingerprint(module_store)
    assert before["ticket"] == report.added
    again = import_tickets(module_store, file, read_mapping(MAPPINGS / "boston311.toml"), now, tmp_path)
    assert (again.unchanged, again.added, again.events, again.rejected) == (ROWS, 0, 0, 0)
    assert fingerprint(module_store) == before
