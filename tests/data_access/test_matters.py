"""The rows of matters: as a rebuild and a replay have them, as a migration fills them, as lists read them."""

import importlib
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text

from data_access import log, replay, schema
from data_access.readers.matters import matter_counts, matter_rows, matters_by_key, settled_matters
from data_access.readers.month_sums import month_sums
from data_access.rules import load_rules
from data_access.store import Store
from data_access.verify import rebuild_caches, verify
from domain import case_events as c
from domain import events as e
from domain.case import MatterKind
from domain.case_events import Authority, CaseMark, RecordKind, ResponsibleAs
from domain.events import Event
from domain.matter_listing import MatterFilter
from domain.month_sums import MonthSums, total_of
from domain.nodes import Node
from domain.people import Actor
from tests.data_access.readers.worlds import put_streams
from tests.data_access.streams import DUTY, HANDLER, START, happened, received, whole_life

HELD = ((0, DUTY, received()), (0.2, DUTY, e.Accepted()), (0.5, DUTY, e.Dispatched("housing", ("police",))))
NOW = START + timedelta(days=20)


def case(*facts: tuple[float, Actor, e.Fact]) -> tuple[Event, ...]:
    return happened(*HELD, *facts)


@pytest.fixture
def kept(store: Store) -> Store:
    """Tickets with matters of each kind, and one that turned a bad review round."""
    meeting = c.RecordAdded(
        RecordKind.CONSULTATION,
        "会商",
        decisions=("停工", "复检"),
        deadlines=(START + timedelta(days=2), START + timedelta(days=30)),
    )
    bad, good = e.Revisited(False, "还在冒烟"), e.Revisited(True)
    in_charge = c.ResponsibilityNamed(ResponsibleAs.LEAD_IN_CHARGE, "周副市长")
    put_streams(
        store,
        {
            "ticket/A": case(
                (1, HANDLER, c.SubjectsListed(("一号店", "二号店"))),
                (2, HANDLER, c.ExtensionRequested(Node.RECTIFY, START + timedelta(days=9), "雨季")),
                (3, DUTY, meeting),
                (4, DUTY, in_charge),
                (5, HANDLER, c.HelpAsked("ecology", "是否属危废？")),
            ),
            "ticket/B": case((6, DUTY, in_charge), (7, DUTY, e.Chased("快办"))),
            "ticket/C": (*whole_life(), *happened((90, DUTY, c.CaseMarked(CaseMark.MODEL, True, "推广")))),
            "ticket/D": case(
                (30, HANDLER, e.Rectified("停工")), (40, DUTY, bad), (60, DUTY, good), (70, DUTY, bad)
            ),
            "ticket/E": case(
                (30, HANDLER, e.Rectified("停工")), (40, DUTY, bad), (41, DUTY, bad), (50, DUTY, e.Closed())
            ),
            "ticket/F": case((40, DUTY, good)),
        },
    )
    return store


def test_rows_are_those_of_a_rebuild(kept: Store) -> None:
    rows = select(schema.matter).order_by(*schema.matter.primary_key)
    before = kept.read(lambda s: s.execute(rows).all())
    assert before
    assert kept.scratch(lambda s: verify(s, load_rules(s))).flaw is None
    kept.write(lambda s: rebuild_caches(s, load_rules(s)))
    assert kept.read(lambda s: s.execute(rows).all()) == before


def test_a_wrong_row_is_found(kept: Store) -> None:
    kept.write(lambda s: s.execute(text("UPDATE matter SET ended_at = now() WHERE kind = 'help'")))
    flaw = kept.scratch(lambda s: verify(s, load_rules(s))).flaw
    assert flaw is not None
    assert "matter" in flaw.reason


def test_a_migration_fills_in_what_older_events_say(kept: Store) -> None:
    """Nobody had been named for anything: bad reviews wait for a follower (Y19)."""
    migration = importlib.import_module("data_access.migrations.versions.0010_matters")
    followers = text("SELECT * FROM matter WHERE sort = 'follower' ORDER BY ticket, number")
    expected = kept.read(lambda s: s.execute(followers).all())
    assert [(row.ticket, row.outcome) for row in expected] == [
        ("D", "turned_round"),
        ("D", None),
        ("E", "closed"),
    ]
    kept.write(lambda s: s.execute(text("DELETE FROM matter")))
    kept.write(lambda s: s.execute(text(migration.WAITING_FOR_A_FOLLOWER)))
    assert kept.read(lambda s: s.execute(followers).all()) == expected


def test_a_past_moment_has_the_matters_of_then(kept: Store) -> None:
    def read(moment: timedelta) -> int:
        def work(session: object) -> int:
            return replay.at(
                session,  # type: ignore[arg-type]
                load_rules(session),  # type: ignore[arg-type]
                START + moment,
                lambda s: s.execute(select(func.count()).select_from(schema.matter)).scalar_one(),
            )

        return kept.scratch(work)

    assert [read(timedelta(hours=hours)) for hours in (0.6, 1.5, 2.5, 3.5)] == [0, 2, 3, 6]


def test_lists_are_read_by_kind_body_and_person(kept: Store) -> None:
    """Q09, Q10, B22, B26: what is open, by when it is due; each row once, by its key, too."""

    def listed(**chosen: object) -> list[tuple[str, MatterKind]]:
        asked = MatterFilter(**chosen)  # type: ignore[arg-type]
        rows = kept.read(lambda s: matter_rows(s, asked, 100))
        settled = kept.read(lambda s: settled_matters(s, asked))
        assert settled.keys(0, 100) == [row.key for row in rows]
        assert kept.read(lambda s: matters_by_key(s, [row.key for row in rows])) == list(rows)
        return [(row.ticket, row.kind) for row in rows]

    everything = listed()
    assert everything[0] == ("D", MatterKind.RESPONSIBILITY)  # nobody was named
    assert listed(kind=MatterKind.DECISION) == [("A", MatterKind.DECISION)] * 2
    # What lay longest comes first.
    assert listed(kind=MatterKind.RESPONSIBILITY, person="周副市长") == [
        ("A", MatterKind.RESPONSIBILITY),
        ("B", MatterKind.RESPONSIBILITY),
    ]
    assert listed(body="ecology") == [("A", MatterKind.HELP)]
    assert listed(kind=MatterKind.MARK) == [("C", MatterKind.MARK)]
    assert len(listed(with_ended=True)) > len(everything)
    counts = kept.read(lambda s: matter_counts(s, NOW))
    assert counts.by_kind[MatterKind.SUBJECT] == 2
    assert (counts.overdue, counts.in_charge) == (1, {"周副市长": 2})
    rows = {
        row.ticket: row for row in kept.read(lambda s: matter_rows(s, MatterFilter(person="周副市长"), 9))
    }
    assert rows["A"].coordinated_at == START + timedelta(hours=3)
    assert rows["B"].coordinated_at == START + timedelta(hours=7)
    assert kept.read(lambda s: matters_by_key(s, ["A\x1ehelp\x1e9\x1e0"])) == [None]


def test_one_order_adds_what_verify_computes(kept: Store) -> None:
    fact = Event(NOW, HANDLER, c.HelpAsked("police", "请协助"))
    addition = log.Addition("ticket/B", [fact])
    kept.write(lambda s: log.append(s, load_rules(s), [addition]))
    assert kept.scratch(lambda s: verify(s, load_rules(s))).flaw is None


def test_what_was_opened_before_is_filled_in_by_the_migration(store: Store) -> None:
    """Y17: each supervisor of each joint supervision; a later one, or the close, has ended it."""
    joint = e.JointSupervisionOpened(("platform", "ecology"), "没有解决")
    again = e.JointSupervisionOpened(("platform", "platform"), "又反弹")
    put_streams(
        store,
        {
            "ticket/A": case((30, HANDLER, e.Rectified("停工")), (40, DUTY, joint), (50, DUTY, again)),
            "ticket/B": case((40, DUTY, joint), (60, DUTY, e.Closed())),
        },
    )
    rows = select(schema.matter).order_by(*schema.matter.primary_key)
    before = store.read(lambda s: s.execute(rows).all())
    assert len(before) == 5
    migration = importlib.import_module("data_access.migrations.versions.0017_supervisions")
    store.write(lambda s: s.execute(schema.matter.delete()))
    store.write(lambda s: s.execute(text(migration.INSERT)))
    assert store.read(lambda s: s.execute(rows).all()) == before


def test_sums_by_month_are_of_the_citys_months_and_of_a_bodys_own(store: Store) -> None:
    """Q19: filed and penalised with their yuan, transfers and their receipts."""
    guilty = e.Rectified("停工", violation=True)
    filed = (30, HANDLER, guilty), (31, HANDLER, e.Filed("徐立 1 号"))
    sent = (32, HANDLER, c.TransferredOut(Authority.POLICE, "移送 1 号", "涉嫌犯罪"))
    month = 24 * 31
    put_streams(
        store,
        {
            "ticket/A": case(*filed, sent, (33, HANDLER, e.Penalised("徐罚 1 号", 20_000))),
            "ticket/B": case(*filed, (month, HANDLER, e.Penalised("徐罚 2 号", 500))),
            "ticket/C": case(*filed, (month, HANDLER, e.Penalised("徐罚 3 号"))),
        },
    )
    zone = ZoneInfo("Asia/Shanghai")
    later = START + timedelta(days=40)
    found = store.read(lambda s: month_sums(s, later, zone))
    assert len(found) == 12
    first, second = START.astimezone(zone).date().replace(day=1), found[0].month
    assert found[0] == MonthSums(second, 0, 2, 500)
    assert found[1] == MonthSums(first, 3, 1, 20_000, 1, 0)
    assert total_of(found) == MonthSums(None, 3, 3, 20_500, 1, 0)
    # As it stood then, and of somebody else's cases.
    assert store.read(lambda s: month_sums(s, later, zone, "ecology"))[1].filed == 0
    assert store.read(lambda s: month_sums(s, START + timedelta(hours=32), zone))[0].penalised == 0
