"""Fuzhou 12345 complaints about rivers, and other citizens' messages: three more shapes of file."""

import csv
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from data_access.store import Store
from desktop.imports.mapping import read_mapping
from desktop.imports.run import ImportReport, import_tickets
from domain.events import Event, FedBack, Received
from tests.acceptance.conftest import MAPPINGS
from tests.acceptance.reading import events_by_ticket, fingerprint

ROWS = 1203
Importer = Callable[[str, str], ImportReport]


@pytest.fixture
def imported(store: Store, shared_data: Path, now: datetime, tmp_path: Path) -> Importer:
    """Imports one of the complaint files by one of the mappings kept here."""

    def run(file: str, mapping: str) -> ImportReport:
        path = shared_data / "complaints" / file
        return import_tickets(store, path, read_mapping(MAPPINGS / mapping), now, tmp_path)

    return run


def rows_of(folder: Path, file: str) -> list[dict[str, str]]:
    with (folder / "complaints" / file).open(encoding="utf-8-sig", newline="") as stream:
        return [{key: cell.strip() for key, cell in row.items()} for row in csv.DictReader(stream)]


def received_of(events: list[Event]) -> Received:
    fact = events[0].fact
    assert isinstance(fact, Received)
    return fact


def days_to_reply(events: list[Event]) -> float | None:
    replies = [event.at for event in events if isinstance(event.fact, FedBack)]
    return None if not replies else (replies[0] - events[0].at).total_seconds() / 86400


def test_complaints_keep_channel_text_and_reply(imported: Importer, store: Store, shared_data: Path) -> None:
    file = "fuzhou_complaints_by_district.csv"
    report = imported(file, "fuzhou_text.toml")
    assert (report.rows, report.added, report.rejected) == (ROWS, ROWS, 0)

    expected: Counter[tuple[object, ...]] = Counter()
    for row in rows_of(shared_data, file):
        days = row["reply_days(published)"]
        answer = (float(days), row["回复1"]) if days else (None, None)
        expected[(row["时间"], row["信息来源"], row["标题"], row["投诉件内容"], *answer)] += 1
    found: Counter[tuple[object, ...]] = Counter()
    for events in events_by_ticket(store).values():
        fact = received_of(events)
        texts = [event.fact.text for event in events if isinstance(event.fact, FedBack)]
        day = f"{events[0].at.astimezone(read_mapping(MAPPINGS / 'fuzhou_text.toml').source.zone):%Y-%m-%d}"
        answer = (days_to_reply(events), texts[0] if texts else None)
        found[(day, fact.channel, fact.title, fact.text, *answer)] += 1
    assert found == expected
    # The file tells no day for one of the replies: the report says so.
    assert list(report.notes.values()) == [1]


def test_the_coded_file_gives_the_published_days(imported: Importer, store: Store, shared_data: Path) -> None:
    file = "fuzhou_reply_timeliness_1203.csv"
    report = imported(file, "fuzhou_timeliness.toml")
    assert (report.rows, report.added, report.rejected) == (ROWS, ROWS, 0)
    rows = rows_of(shared_data, file)
    expected = Counter((row["诉求时间—到某一天"][:10], float(row["回复时长"])) for row in rows)
    zone = read_mapping(MAPPINGS / "fuzhou_timeliness.toml").source.zone
    tickets = events_by_ticket(store).values()
    assert Counter((f"{e[0].at.astimezone(zone):%Y-%m-%d}", days_to_reply(e)) for e in tickets) == expected
    assert {received_of(events).channel for events in tickets} >= {"12345app", "网站", "电话", "微信"}


def test_both_files_side_by_side_and_again(imported: Importer, store: Store) -> None:
    pairs = (
        ("fuzhou_complaints_by_district.csv", "fuzhou_text.toml"),
        ("fuzhou_reply_timeliness_1203.csv", "fuzhou_timeliness.toml"),
    )
    assert [imported(*pair).added for pair in pairs] == [ROWS, ROWS]
    before = fingerprint(store)
    assert [imported(*pair).unchanged for pair in pairs] == [ROWS, ROWS]
    assert fingerprint(store) == before


def test_labelled_messages_keep_their_numbers_and_long_texts(
    imported: Importer, store: Store, shared_data: Path
) -> None:
    report = imported("tipdm_labeled.csv", "tipdm.toml")
    assert (report.rows, report.added, report.rejected) == (500, 500, 0)
    tickets = events_by_ticket(store)
    for row in rows_of(shared_data, "tipdm_labeled.csv"):
        fact = received_of(tickets[f"TD-{row['留言编号']}"])
        assert (fact.title, fact.text, fact.category) == (row["留言主题"], row["留言详情"], row["label"])
