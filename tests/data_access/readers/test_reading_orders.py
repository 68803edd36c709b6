"""Directives, re-supervisions and ledger items as lists and in detail."""

from datetime import datetime, timedelta

from data_access.readers.directive_subjects import subject_of
from data_access.readers.directives import directive_detail, directive_rows, owed
from data_access.readers.dossier import dossier
from data_access.readers.ledger import ledger_detail, read_ledger
from data_access.readers.ledger_places import ledger_places
from data_access.readers.moment import at_moment
from data_access.readers.re_supervisions import re_supervision_detail, re_supervision_rows
from data_access.rules import Rules
from data_access.store import Store
from domain import events as e
from domain import item_events as items
from domain.drafts import DirectiveSubject, ReSupervisionDraft, SubjectSought
from domain.ledger import Colour, ColourReason
from domain.listing import TicketFilter
from domain.nodes import Node
from domain.overview import DirectiveState
from domain.people import SYSTEM, Actor, Role
from tests.data_access.readers.worlds import ANCHOR, LEADER, put_city, put_demo, put_streams
from tests.data_access.streams import DUTY, HANDLER, OTHER, START, happened, received, whole_life

DEADLINE = START + timedelta(hours=20)
BODIES = ("housing", "ecology")
ORDER = {
    "directive/D-1": happened(
        (
            0,
            LEADER,
            e.DirectiveIssued(
                "今晚停工", ("housing", "ecology"), DEADLINE, items=("I-1",), areas=("320312",)
            ),
        ),
        (1, HANDLER, e.DirectiveSigned("housing")),
        (2, HANDLER, e.DirectiveFedBack("housing", "已停")),
        (3, LEADER, e.DirectiveJudged("housing", False, "不实")),
        (4, HANDLER, e.DirectiveFedBack("housing", "已停并封存设备")),
        (5, LEADER, e.DirectiveJudged("housing", True)),
        (18, OTHER, e.DirectiveSigned("ecology")),
        (21, OTHER, e.DirectiveFedBack("ecology", "已查")),
        (22, LEADER, e.DirectiveJudged("ecology", True)),
        (23, LEADER, e.DirectiveWithdrawn("误发")),
    )
}


def test_a_directive_stands_as_its_worst_receiver(store: Store) -> None:
    put_city(store)
    rules = put_streams(store, ORDER)

    def at(hours: float) -> tuple[DirectiveState, int, int, int, tuple[int, int]]:
        moment = START + timedelta(hours=hours)

        def read(connection: object) -> object:
            (row,) = directive_rows(connection, moment)  # type: ignore[arg-type]
            still = owed(connection, moment)  # type: ignore[arg-type]
            return row.state, row.signed, row.fed_back, row.accepted, (still.to_sign, still.to_feed_back)

        return at_moment(store, rules, moment, read)  # type: ignore[return-value]

    assert at(0.5) == (DirectiveState.UNSIGNED, 0, 0, 0, (2, 2))
    assert at(2.5) == (DirectiveState.UNSIGNED, 1, 1, 0, (1, 1))
    assert at(3.5) == (DirectiveState.RETURNED, 1, 0, 0, (1, 2))
    assert at(5.5) == (DirectiveState.UNSIGNED, 1, 1, 1, (1, 1))
    assert at(15) == (DirectiveState.DUE_SOON, 1, 1, 1, (1, 1))
    assert at(20) == (DirectiveState.DUE_SOON, 2, 1, 1, (0, 1))
    assert at(20.001) == (DirectiveState.OVERDUE, 2, 1, 1, (0, 1))
    assert at(21.5) == (DirectiveState.FED_BACK, 2, 2, 1, (0, 0))
    assert at(22.5) == (DirectiveState.JUDGED, 2, 2, 2, (0, 0))
    assert at(23.5) == (DirectiveState.WITHDRAWN, 2, 2, 2, (0, 0))


def test_a_directive_in_detail(store: Store) -> None:
    put_city(store)
    put_streams(store, ORDER)
    found = store.read(lambda c: directive_detail(c, "D-1", ANCHOR))
    assert found is not None
    assert found.withdrawn == "误发"
    assert found.items == ("I-1",)
    assert found.area_names == ("铜山区",)
    assert {r.body: r.feedback for r in found.receipts} == {"housing": "已停并封存设备", "ecology": "已查"}
    assert store.read(lambda c: directive_detail(c, "D-9", ANCHOR)) is None


def test_a_sought_subject_names_the_tickets_that_nobody_leads_yet(store: Store) -> None:
    put_city(store)
    put_streams(store, {"ticket/T-1": whole_life()[:3], "ticket/T-2": whole_life()[:2]})
    wanted = TicketFilter(open_only=True)
    now = START + timedelta(hours=5)
    found = store.read(lambda c: subject_of(c, SubjectSought(DirectiveSubject(), wanted), now))
    assert (set(found.tickets), found.bodies, found.unled) == ({"T-1", "T-2"}, ("housing",), ("T-2",))
    own = SubjectSought(DirectiveSubject(bodies=("ecology",)), wanted)
    assert store.read(lambda c: subject_of(c, own, now)).unled == ()


def test_a_launched_file_shows_the_frozen_facts(store: Store) -> None:
    put_city(store)
    from desktop.use_cases.re_supervisions import launch_re_supervision

    put_streams(store, {"ticket/T-1": whole_life()[:3]})
    officer = Actor(Role.DISCIPLINE, "孙静", "discipline")
    now = START + timedelta(hours=5)
    draft = ReSupervisionDraft(
        request_id="7d0c4a0e-3d3a-4a43-9f5c-0d9f3c7f8a11",
        ticket="T-1",
        body="housing",
        cause="环节到期未办结",
        question="为何逾期未签收？",
        deadline=now + timedelta(days=1),
        node=Node.SIGN,
        round=1,
    )
    number = launch_re_supervision(store, draft, officer, now)
    (row,) = store.read(re_supervision_rows)
    assert (row.number, row.ticket, row.title, row.body_name) == (number, "T-1", "夜间施工噪声", "住建局")
    found = store.read(lambda c: re_supervision_detail(c, number))
    assert found is not None
    assert [event.fact for event in found.events] == [event.fact for event in whole_life()[:3]]
    assert found.names["housing"] == "住建局"
    assert found.question == "为何逾期未签收？"
    assert len(found.head) == 64


def test_a_draft_of_a_ticket_that_nobody_held_goes_by_the_body_of_its_warning(store: Store) -> None:
    """Taken in Monday 09:00, late to sign: drafted with no body; dispatched, sent back, dispatched again."""
    put_city(store)
    late = e.WarningRaised(e.WarningKind.LATE, e.WarningLevel.RED, Node.ARRIVE, 1, 1, None, "环节到期未办结")
    slow = e.WarningRaised(e.WarningKind.SLOW, e.WarningLevel.YELLOW, Node.ARRIVE, 1, 2, None, "环节将到期")
    drafted = e.ReSupervisionDrafted("T-1", None, Node.ARRIVE, 1, "环节到期未办结")
    life = (
        (0, DUTY, received()),
        (4, SYSTEM, late),
        (4, SYSTEM, e.ReSupervisionReferred("Z-1", "drafted", "环节到期未办结")),
        (6, DUTY, e.Accepted()),
        (7, DUTY, e.Dispatched("housing")),
        (8, HANDLER, e.ReturnedAsWrong("不在辖区")),
        (9, SYSTEM, slow),
        (10, DUTY, e.Dispatched("ecology")),
    )
    rules = put_streams(
        store, {"ticket/T-1": happened(*life), "re_supervision/Z-1": happened((4, SYSTEM, drafted))}
    )

    def at(hours: float) -> tuple[str | None, str]:
        moment = START + timedelta(hours=hours)
        (row,) = at_moment(store, rules, moment, re_supervision_rows)
        (same,) = store.read(lambda c: dossier(c, rules, "T-1", moment, ANCHOR)).re_supervisions  # type: ignore[union-attr]
        assert same == row
        return row.body, row.body_name

    assert at(5) == (None, "")
    assert at(7.5) == ("housing", "住建局")
    assert at(9.5) == at(11) == at(7.5)  # the clock of the second body is not late
    found = store.read(lambda c: re_supervision_detail(c, "Z-1"))
    assert found is not None
    assert found.row.body == "housing"


def test_a_draft_is_not_shown_to_the_body_that_it_is_about(store: Store) -> None:
    put_city(store)
    drafted = e.ReSupervisionDrafted("T-1", "housing", Node.SIGN, 1, "环节到期未办结")
    put_streams(store, {"re_supervision/Z-1": happened((4, SYSTEM, drafted))})
    assert len(store.read(lambda c: re_supervision_rows(c, open_only=True))) == 1
    assert store.read(lambda c: re_supervision_rows(c, body="housing")) == ()


ITEM = happened(
    (
        0,
        LEADER,
        items.ItemOpened(
            "省督察",
            "2026 第一批",
            "堆场扬尘未覆盖",
            "housing",
            START + timedelta(days=100),
            area="320312",
            milestones=(("覆盖", 40, "2026-10-14"), ("验收", 60, "2026-12-20")),
        ),
    ),
    (24 * 40, HANDLER, items.ItemProgressed(38, "大部覆盖")),
    (24 * 60, LEADER, items.ItemReturned("覆盖不实")),
    (24 * 70, HANDLER, items.ItemProgressed(45, "已重做")),
    (24 * 110, OTHER, items.ItemClosedOut("销号 1 号", "ecology")),
)


def changes(store: Store, rules: Rules, now: datetime) -> list[tuple[int, Colour, ColourReason]]:
    found = store.read(lambda c: ledger_detail(c, rules, "I-1", now))
    assert found is not None
    return [((change.at - START).days, change.colour, change.reason) for change in found.history]


def test_the_history_of_colours_names_each_change_with_its_reason(store: Store) -> None:
    put_city(store)
    rules = put_streams(store, {"item/I-1": ITEM})
    assert changes(store, rules, START + timedelta(days=120)) == [
        (0, Colour.BLUE, ColourReason.ON_PLAN),
        (30, Colour.RED, ColourReason.FAR_BEHIND),
        (40, Colour.BLUE, ColourReason.ON_PLAN),
        (60, Colour.RED, ColourReason.RETURNED),
        (70, Colour.BLUE, ColourReason.ON_PLAN),
        (90, Colour.YELLOW, ColourReason.NEAR_DUE),
        (97, Colour.RED, ColourReason.FAR_BEHIND),
        (100, Colour.RED, ColourReason.OVERDUE),
        (110, Colour.GREEN, ColourReason.CLOSED_OUT),
    ]
    assert changes(store, rules, START + timedelta(days=65))[-1] == (60, Colour.RED, ColourReason.RETURNED)
    assert store.read(lambda c: ledger_detail(c, rules, "I-1", START - timedelta(days=1))) is None


def test_an_item_in_detail_ends_as_its_row(store: Store) -> None:
    rules = put_demo(store, 60)
    ledger = store.read(lambda c: read_ledger(c, rules, ANCHOR))
    # Q18: each item of a county has a place on the map; the others are the whole city's.
    places = store.read(lambda c: ledger_places(c, rules, ANCHOR))
    assert [place.row for place in places] == [row for row in ledger.rows if row.area_name]
    assert all(116 < p.lng < 119 and 33 < p.lat < 35 and not p.exact for p in places)
    assert len(ledger.rows) == 60
    for row in ledger.rows[::7]:
        found = store.read(lambda c, n=row.number: ledger_detail(c, rules, n, ANCHOR))
        assert found is not None
        assert found.row == row
        assert (found.history[-1].colour, found.history[-1].reason) == (row.colour, row.reason)
