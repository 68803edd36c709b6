"""What a person notes in a case with plain SQL: of one's own tickets, about what exists, once; and the rows
of `matter` that follow are what a rebuild writes."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from data_access import log, schema
from data_access.proving import prove
from data_access.rules import load_rules
from data_access.store import Store
from data_access.verify import rebuild_caches, verify
from desktop.use_cases.by_draft import carry_out
from domain import case_events as c
from domain.case_events import Authority, CaseMark, RecordKind, ResponsibleAs, SubjectResult
from domain.codec import encode, to_text
from domain.drafts import StepDraft
from domain.events import (
    Arrived,
    Closed,
    Fact,
    FedBack,
    JointSupervisionOpened,
    Paused,
    Rectified,
    Resumed,
    Revisited,
    Signed,
)
from domain.nodes import Node
from domain.people import Actor, Role
from domain.rights import Reason, RefusedError
from tests.data_access.gate.conftest import SignIn
from tests.data_access.streams import START

PLAN = c.RecordAdded(RecordKind.PLAN, "一案一策")


def record(store: Store, ticket: str, fact: Fact) -> None:
    """Record a fact as one would with psql, past all checks of the windows."""
    kind, values = encode(fact)
    about = {"stream": f"ticket/{ticket}", "kind": kind, "data": to_text(values)}
    store.write(lambda s: s.execute(text("SELECT record_event(:stream, NULL, :kind, :data)"), about).one())


def refusal(store: Store, ticket: str, fact: Fact) -> str:
    with pytest.raises(DBAPIError) as error:
        record(store, ticket, fact)
    return str(error.value.orig.diag.message_detail)  # type: ignore[union-attr]


def note(store: Store, fact: Fact, ticket: str = "T-1") -> None:
    """Carry out an order as a window does."""
    actor = store.actor
    assert isinstance(actor, Actor)
    now = store.read(log.transaction_time)
    carry_out(store, StepDraft(str(uuid.uuid4()), ticket, fact), actor, now)


def test_a_case_is_kept_by_order_and_follows_from_its_events(
    city: Store, sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    """Each fact once, by the persons who may; the rows equal a rebuild's (B13, B22, B24, B26, Q09, Y26)."""
    handler, asked, duty = (
        sign_in(Role.HANDLER, bodies[0]),
        sign_in(Role.HANDLER, bodies[1]),
        sign_in(Role.DUTY),
    )
    soon = city.read(log.transaction_time) + timedelta(days=30)
    note(handler, c.SubjectsListed(tuple(f"{n} 号店" for n in range(1, 16))))
    note(handler, c.SubjectInspected("3 号店", SubjectResult.VIOLATION, "油烟直排"))
    note(handler, PLAN)
    note(duty, c.RecordApproved(1, "同意"))
    meeting = c.RecordAdded(
        RecordKind.CONSULTATION, "会商", "", "", ("住建局", "街道"), ("停工", "复检"), (soon, soon)
    )
    note(duty, meeting)
    note(handler, c.DecisionDone(2, 1, "已停工"))
    note(handler, c.PauseRequested("等待检测"))
    note(handler, c.ExtensionRequested(Node.RECTIFY, soon, "雨季"))
    note(handler, c.LeadVolunteered("请有关部门报到"))
    note(duty, c.RequestDeclined(bodies[0], "不必"))
    note(handler, c.HelpAsked(bodies[1], "是否属危废？"))
    assert asked.read(lambda s: s.execute(schema.ticket.select()).all())
    note(asked, c.HelpAnswered(1, "属于", "固废法第六条"))
    note(handler, c.TransferredOut(Authority.POLICE, "移送 1", "涉嫌犯罪"))
    note(handler, c.TransferReceipted(1, "回执 7", "李警官"))
    note(duty, c.ResponsibilityNamed(ResponsibleAs.WATCHER, "甲", Node.SIGN))
    note(duty, c.ResponsibilityNamed(ResponsibleAs.LEAD_IN_CHARGE, "周副市长"))
    note(duty, c.CaseMarked(CaseMark.MODEL, True, "值得推广"))
    assert city.scratch(lambda s: verify(s, load_rules(s))).flaw is None
    statement = text("SELECT kind, count(*), count(ended_at) FROM matter GROUP BY kind ORDER BY kind")
    assert {row[0]: (row[1], row[2]) for row in city.read(lambda s: s.execute(statement).all())} == {
        "decision": (2, 1),
        "help": (1, 1),
        "mark": (1, 0),
        "record": (2, 2),
        "request": (3, 1),
        "responsibility": (2, 0),
        "subject": (15, 1),
        "transfer": (1, 1),
    }
    rows = text("SELECT * FROM matter ORDER BY ticket, kind, number, part")
    before = city.read(lambda s: s.execute(rows).all())
    city.write(lambda s: rebuild_caches(s, load_rules(s)))
    assert city.read(lambda s: s.execute(rows).all()) == before


def test_a_handler_keeps_no_other_bodys_case(city: Store, sign_in: SignIn, bodies: tuple[str, str]) -> None:
    """Nor that of a ticket about which its body was only asked: it sees it, and answers."""
    handler, other = (sign_in(Role.HANDLER, body) for body in bodies)
    facts = (
        PLAN,
        c.SubjectsListed(("一号店",)),
        c.HelpAsked("platform", "？"),
        c.TransferredOut(Authority.COURT, "1", "x"),
        c.PauseRequested("等待"),
        c.LeadVolunteered("我来"),
    )
    for fact in facts:
        assert refusal(other, "T-1", fact).split()[0] == "other_body", fact
    assert other.read(lambda s: s.execute(text("SELECT number FROM ticket")).scalars().all()) == ["T-2"]
    record(handler, "T-1", c.HelpAsked(bodies[1], "是否属危废？"))
    note(handler, c.HelpAsked(bodies[1], "还有一问"))
    for fact in facts:
        assert refusal(other, "T-1", fact).split()[0] == "other_body", fact
    seen = other.read(lambda s: s.execute(text("SELECT number FROM ticket ORDER BY 1")).scalars().all())
    assert seen == ["T-1", "T-2"]
    # Who complained is not the asked body's to know.
    with pytest.raises(DBAPIError):
        other.write(lambda s: s.execute(text("SELECT see_complainant('T-1', '想知道')")).one())
    record(other, "T-1", c.HelpAnswered(1, "属于"))
    assert refusal(other, "T-1", c.HelpAnswered(1, "再说一遍")) == "already_answered 1"
    assert refusal(handler, "T-1", c.HelpAnswered(2, "自问自答")).startswith("other_body")


REFUSED = (
    (Role.HANDLER, c.RecordApproved(1), "role RecordApproved"),
    (Role.HANDLER, c.RequestDeclined("housing", "x"), "role RequestDeclined"),
    (Role.HANDLER, c.CaseMarked(CaseMark.MODEL, True, "x"), "role CaseMarked"),
    (Role.HANDLER, c.ResponsibilityNamed(ResponsibleAs.FOLLOWER, "x"), "role ResponsibilityNamed"),
    (Role.DUTY, c.PauseRequested("x"), "role PauseRequested"),
    (Role.LEADER, PLAN, "role RecordAdded"),
    (Role.WALL, PLAN, "role RecordAdded"),
    (Role.DUTY, c.RecordApproved(2), "already_approved 2"),
    (Role.DUTY, c.RecordApproved(3), "already_approved 3"),
    (Role.DUTY, c.RecordApproved(4), "own_record"),
    (Role.DUTY, c.RecordApproved(0), "unknown_record 0"),
    (Role.DUTY, c.RecordApproved(5), "unknown_record 5"),
    (Role.HANDLER, c.DecisionDone(3, 1), "decision_done 1"),
    (Role.HANDLER, c.DecisionDone(3, 3), "unknown_decision 3"),
    (Role.HANDLER, c.DecisionDone(3, 0), "unknown_decision 0"),
    (Role.HANDLER, c.DecisionDone(1, 1), "unknown_decision 1"),
    (Role.HANDLER, c.TransferReceipted(1, "x"), "unknown_transfer 1"),
    (Role.HANDLER, c.HelpAnswered(1, "x"), "unknown_question 1"),
    (Role.DUTY, c.HelpAsked("platform", "x"), "own_help"),
    (Role.HANDLER, c.HelpAsked("nobody", "x"), "unknown_body nobody"),
    (Role.HANDLER, c.SubjectInspected("没有这家", SubjectResult.COMPLIANT), "unknown_subject 没有这家"),
    (Role.DUTY, c.RequestDeclined("platform", "x"), "no_open_request"),
    (Role.HANDLER, c.PauseRequested("again"), "already_asked"),
)
"""Of a case with three plans, a consultation whose one decision is done, and a request."""


def test_what_a_fact_is_about_must_exist_once(city: Store, sign_in: SignIn, bodies: tuple[str, str]) -> None:
    handler, duty = sign_in(Role.HANDLER, bodies[0]), sign_in(Role.DUTY)
    soon = city.read(log.transaction_time) + timedelta(days=30)
    record(handler, "T-1", PLAN)
    record(handler, "T-1", PLAN)
    record(
        duty, "T-1", c.RecordAdded(RecordKind.CONSULTATION, "会商", decisions=("停工",), deadlines=(soon,))
    )
    record(duty, "T-1", PLAN)
    record(handler, "T-1", c.DecisionDone(3, 1))
    note(handler, c.PauseRequested("等待"))
    seats = {
        Role.HANDLER: handler,
        Role.DUTY: duty,
        Role.LEADER: sign_in(Role.LEADER),
        Role.WALL: sign_in(Role.WALL),
    }
    for role, fact, reason in REFUSED:
        assert refusal(seats[role], "T-1", fact) == reason, (role, fact)


def test_decisions_and_deadlines_go_in_pairs(city: Store, sign_in: SignIn, bodies: tuple[str, str]) -> None:
    handler = sign_in(Role.HANDLER, bodies[0])
    now = city.read(log.transaction_time)
    odd = c.RecordAdded(RecordKind.CONSULTATION, "会商", decisions=("停工", "复检"), deadlines=(now,))
    assert refusal(handler, "T-1", odd) == "deadlines_unpaired"
    past = c.RecordAdded(
        RecordKind.CONSULTATION, "会商", decisions=("停工",), deadlines=(now - timedelta(days=1),)
    )
    assert refusal(handler, "T-1", past) == "deadline_past"


def test_work_is_not_reported_done_with_a_subject_left(sign_in: SignIn, bodies: tuple[str, str]) -> None:
    """B24: neither by psql nor by the window."""
    handler = sign_in(Role.HANDLER, bodies[0])
    for fact in (Signed(), Arrived(), c.SubjectsListed(("一号店", "二号店"))):
        record(handler, "T-1", fact)
    record(handler, "T-1", c.SubjectInspected("一号店", SubjectResult.COMPLIANT))
    assert refusal(handler, "T-1", Rectified("停工")) == "subjects_left T-1"
    with pytest.raises(RefusedError) as error:
        note(handler, Rectified("停工"))
    assert (error.value.reason, error.value.detail) == (Reason.SUBJECTS_LEFT, "二号店")
    record(handler, "T-1", c.SubjectInspected("二号店", SubjectResult.NOT_FOUND))
    record(handler, "T-1", Rectified("停工"))


def test_a_ticket_is_closed_when_both_supervisors_have_signed_it_off(
    city: Store, sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    """Y17: each for the own body and once, neither by psql nor by the window; the other sees the ticket."""
    handler, other, duty = (
        sign_in(Role.HANDLER, bodies[0]),
        sign_in(Role.HANDLER, bodies[1]),
        sign_in(Role.DUTY),
    )
    content = c.SupervisionSignedOff("已核实，同意办结")
    for fact in (Signed(), Arrived(), Rectified("停工")):
        record(handler, "T-1", fact)
    assert refusal(other, "T-1", content) == "other_body"
    assert refusal(duty, "T-1", content) == "no_supervision"
    note(duty, JointSupervisionOpened(("platform", bodies[1]), "群众不满意"))
    assert refusal(handler, "T-1", content) == "no_supervision"
    assert refusal(other, "T-1", c.SupervisionSignedOff(" ")) == "no_text"
    seen = other.read(lambda s: s.execute(text("SELECT number FROM ticket ORDER BY 1")).scalars().all())
    assert seen == ["T-1", "T-2"]
    note(other, content)
    assert refusal(other, "T-1", content) == "no_supervision"
    assert refusal(duty, "T-1", Closed("清零")) == "supervision_open 1"
    note(duty, Paused("等待", ""))
    assert refusal(duty, "T-1", content) == "paused"
    note(duty, Resumed())
    statement = text("SELECT to_body, outcome FROM matter WHERE kind = 'supervision' ORDER BY number")
    assert city.read(lambda s: s.execute(statement).all()) == [("platform", None), (bodies[1], "signed_off")]
    note(duty, content)
    assert city.scratch(lambda s: verify(s, load_rules(s))).flaw is None
    record(duty, "T-1", Closed("清零"))


def test_supervisors_sign_off_what_was_done_and_again_what_is_done_again(
    city: Store, sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    """Y17: not before work is reported done; and no word of one round closes the next, by psql either."""
    handler, duty = sign_in(Role.HANDLER, bodies[0]), sign_in(Role.DUTY)
    content = c.SupervisionSignedOff("已核实，同意办结")
    for fact in (Signed(), Arrived()):
        record(handler, "T-1", fact)
    note(duty, JointSupervisionOpened(("platform",), "群众不满意"))
    assert refusal(duty, "T-1", content) == "not_yet rectify"
    record(handler, "T-1", Rectified("停工"))
    note(duty, content)
    record(handler, "T-1", FedBack("电话"))
    note(duty, Revisited(False, "又反弹"))
    assert refusal(duty, "T-1", Closed("清零")) == "supervision_open 1"
    assert refusal(duty, "T-1", content) == "not_yet rectify"
    record(handler, "T-1", Rectified("拆除"))
    note(duty, content)
    assert city.scratch(lambda s: verify(s, load_rules(s))).flaw is None
    record(duty, "T-1", Closed("清零"))


def test_a_request_says_who_asks_by_its_session(
    city: Store, sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    """Nobody asks in another body's name: a request has no field for it, and no other may be smuggled in."""
    handler = sign_in(Role.HANDLER, bodies[0])
    about = {"data": json.dumps({"reason": "x", "body": bodies[1]})}
    statement = text("SELECT record_event('ticket/T-1', NULL, 'PauseRequested', :data)")
    with pytest.raises(DBAPIError) as error:
        handler.write(lambda s: s.execute(statement, about).one())
    assert error.value.orig.diag.message_detail == "bad_data PauseRequested.body"  # type: ignore[union-attr]
    note(handler, c.PauseRequested("等待"))
    row = city.read(lambda s: s.execute(schema.matter.select()).one())
    assert (row.from_body, row.to_body, row.person) == (
        bodies[0],
        "platform",
        handler.actor and handler.actor.name,
    )


FORGED = text(
    "INSERT INTO matter (ticket, kind, number, part, sort, title, to_body, opened_at)"
    " VALUES (:ticket, :kind, :number, 0, '', 'x', :body, :at)"
)


@pytest.mark.faults_expected
def test_rows_of_matters_are_no_persons_to_write(
    city: Store, sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    """But with an order; what a handler writes besides is possible at most, and repaired by the proof."""
    handler = sign_in(Role.HANDLER, bodies[0])
    good = {"ticket": "T-1", "kind": "help", "number": 7, "body": bodies[1], "at": START}
    with pytest.raises(DBAPIError):
        handler.write(lambda s: s.execute(FORGED, good))
    note(handler, c.PauseRequested("等待"))

    def forge(**changed: object) -> None:
        def work(session: Connection) -> None:
            about = {"data": '{"title":"x","record":"plan"}'}
            session.execute(
                text("SELECT record_event('ticket/T-1', NULL, 'RecordAdded', :data)"), about
            ).one()
            session.execute(FORGED, good | changed)

        handler.write(work)

    for odd in (
        {"ticket": "T-2"},
        {"kind": "nonsense"},
        {"number": 0},
        {"number": 100_000},
        {"at": datetime(3500, 1, 1, tzinfo=UTC)},
    ):
        with pytest.raises(DBAPIError):
            forge(**odd)
    forge()
    assert city.scratch(lambda s: verify(s, load_rules(s))).flaw is not None
    city.write(lambda s: prove(s, load_rules(s)))
    assert city.scratch(lambda s: verify(s, load_rules(s))).flaw is None
    for command in ("UPDATE matter SET outcome = 'granted'", "TRUNCATE matter"):
        with pytest.raises(DBAPIError):
            handler.write(lambda s, sql=command: s.execute(text(sql)))
