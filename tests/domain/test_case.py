"""A ticket as a case: what its events fold into, and which note is accepted or refused, with a reason."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import case_events as c
from domain import events as e
from domain.case import Case, Ending, RequestKind
from domain.case_events import Authority, CaseMark, RecordKind, ResponsibleAs, SubjectResult
from domain.case_fold import fold_case
from domain.case_orders import ORDERS, Standing, check_subjects_done, possible_notes, take_note
from domain.clock import clock
from domain.drafts import StepDraft
from domain.events import Event, Fact
from domain.nodes import Node
from domain.people import PLATFORM, SYSTEM, Actor, Role
from domain.rights import COMMAND_OF, Command, Reason, RefusedError
from tests.domain.city import CALENDAR, DUTY, ECOLOGY, HOUSING, STANDARD, at, received
from tests.domain.test_steps import ACTORS, BODIES

START = at("2026-09-17 16:00")
POLICE = Actor(Role.HANDLER, "赵刚", "planning")
OTHER_DUTY = Actor(Role.DUTY, "刘芳", PLATFORM)
PHOTO = "ab" * 32
SOON = START + timedelta(days=40)

Step = tuple[Actor, Fact]
HELD: tuple[Step, ...] = ((DUTY, e.Accepted()), (DUTY, e.Dispatched("housing", ("planning",))))
"""With housing in the lead and planning assisting."""
DONE: tuple[Step, ...] = (
    *HELD,
    (HOUSING, e.Signed()),
    (HOUSING, e.Arrived()),
    (HOUSING, e.Rectified("停工")),
)
CLOSED: tuple[Step, ...] = (
    *DONE,
    (HOUSING, e.FedBack("电话")),
    (DUTY, e.Revisited(True)),
    (DUTY, e.PostChecked(True)),
    (DUTY, e.Closed("清零")),
)
PLAN = c.RecordAdded(RecordKind.PLAN, "一案一策", "分三步整改")
MEETING = c.RecordAdded(
    RecordKind.CONSULTATION,
    "第一次会商",
    "",
    participants=("住建局", "街道"),
    decisions=("停工", "复检"),
    deadlines=(SOON, SOON + timedelta(days=1)),
)
LISTED = c.SubjectsListed(("一号店", "二号店"))


def happened(*steps: Step) -> list[Event]:
    """A ticket to which these things happened, an hour apart."""
    moments = (START + timedelta(hours=hours) for hours in range(1, len(steps) + 1))
    return [
        Event(START, SYSTEM, received()),
        *(Event(moment, actor, fact) for moment, (actor, fact) in zip(moments, steps, strict=True)),
    ]


def case_of(*steps: Step) -> Case:
    return fold_case(happened(*steps))


def standing(actor: Actor, *steps: Step) -> Standing:
    events = happened(*steps)
    now = events[-1].at + timedelta(minutes=5)
    return Standing(actor, fold_case(events), clock(events, STANDARD, CALENDAR, now), BODIES, now)


def note(actor: Actor, fact: Fact, *steps: Step) -> Fact:
    """Return the fact as it would be recorded."""
    return take_note(StepDraft("r", "T-1", fact), standing(actor, *steps)).fact


def refused(actor: Actor, fact: Fact, *steps: Step) -> Reason:
    with pytest.raises(RefusedError) as error:
        note(actor, fact, *steps)
    return error.value.reason


# --- folding --------------------------------------------------------------------------------------------


def test_subjects_keep_the_last_result_of_each() -> None:
    """B24: one ticket, fifteen restaurants, a result for each; a later finding replaces an earlier one."""
    names = tuple(f"{n} 号店" for n in range(1, 16))
    found = case_of(
        *HELD,
        (HOUSING, c.SubjectsListed(names)),
        (HOUSING, c.SubjectInspected("1 号店", SubjectResult.VIOLATION, "油烟直排", (PHOTO,))),
        (HOUSING, c.SubjectInspected("1 号店", SubjectResult.RECTIFIED, "已装净化器")),
        (HOUSING, c.SubjectInspected("没有这家", SubjectResult.COMPLIANT)),
        (HOUSING, c.SubjectsListed(("15 号店", "16 号店"))),
    )
    assert [s.name for s in found.subjects] == [f"{n} 号店" for n in range(1, 17)]
    first = found.subjects[0]
    assert (first.result, first.inspected and first.inspected.text) == (SubjectResult.RECTIFIED, "已装净化器")
    assert len(found.subjects_left) == 15


def test_decisions_of_a_consultation_wait_until_they_are_done() -> None:
    """B13, Q10: a consultation with decisions, each with its deadline."""
    found = case_of(*HELD, (DUTY, MEETING), (HOUSING, c.DecisionDone(1, 2, "已复检")))
    (record,) = found.records
    assert [d.deadline for d in record.decisions] == list(MEETING.deadlines)
    assert [d.text for _, d in found.open_decisions] == ["停工"]
    assert record.decisions[0].is_overdue(SOON + timedelta(seconds=1))
    assert not record.decisions[0].is_overdue(SOON)
    assert not record.decisions[1].is_overdue(SOON + timedelta(days=9))


def test_the_plan_in_force_is_the_last_approved() -> None:
    """Q12: a later plan replaces one that waits, never one that was approved."""
    second = replace(PLAN, title="一案一策（修订）")
    waiting = case_of((HOUSING, PLAN), (HOUSING, second))
    assert waiting.plan is None
    assert waiting.records[0].replaced_at is not None
    found = case_of((HOUSING, PLAN), (DUTY, c.RecordApproved(1, "同意")), (HOUSING, second))
    assert found.plan is not None
    assert (found.plan.number, found.records[0].replaced_at) == (1, None)
    later = case_of(
        (HOUSING, PLAN), (DUTY, c.RecordApproved(1)), (HOUSING, second), (DUTY, c.RecordApproved(2))
    )
    assert later.plan is not None
    assert later.plan.number == 2


ASKED_PAUSE = (HOUSING, c.PauseRequested("等待检测"))
ASKED_MORE = (HOUSING, c.ExtensionRequested(Node.RECTIFY, SOON, "雨季"))
OFFERED = (POLICE, c.LeadVolunteered("愿意牵头"))


@pytest.mark.parametrize(
    ("asked", "answer", "ending"),
    [
        (ASKED_PAUSE, (DUTY, e.Paused("等待检测", "王磊")), Ending.GRANTED),
        (ASKED_PAUSE, (DUTY, c.RequestDeclined("housing", "材料不足")), Ending.DECLINED),
        (ASKED_PAUSE, (DUTY, c.RequestDeclined("planning", "材料不足")), None),
        (ASKED_PAUSE, (HOUSING, e.ReturnedAsWrong("不属本单位")), Ending.LAPSED),
        (ASKED_PAUSE, (DUTY, e.Dispatched("ecology")), Ending.LAPSED),
        (ASKED_PAUSE, (DUTY, c.MergedInto("T-2", "重复")), Ending.LAPSED),
        (ASKED_PAUSE, (HOUSING, e.Signed()), None),
        (ASKED_PAUSE, (DUTY, e.Closed()), Ending.LAPSED),
        (ASKED_MORE, (DUTY, e.Extended(Node.RECTIFY, SOON, "雨季", "王磊")), Ending.GRANTED),
        (ASKED_MORE, (DUTY, e.Extended(Node.ARRIVE, SOON, "雨季", "王磊")), None),
        (ASKED_MORE, (HOUSING, e.Rectified("停工")), Ending.LAPSED),
        (ASKED_MORE, (POLICE, e.Rectified("停工")), None),
        (ASKED_MORE, (DUTY, e.Revisited(False, "没有解决")), Ending.LAPSED),
        (OFFERED, (DUTY, e.Dispatched("planning")), Ending.GRANTED),
        (OFFERED, (DUTY, e.Dispatched("housing", ("planning", "ecology"))), None),
        (OFFERED, (DUTY, c.RequestDeclined("planning", "由住建局牵头")), Ending.DECLINED),
        (
            (HOUSING, c.LeadVolunteered("请有关部门报到")),
            (DUTY, e.Dispatched("housing", ("ecology",))),
            Ending.GRANTED,
        ),
    ],
)
def test_how_a_request_ends(asked: Step, answer: Step, ending: Ending | None) -> None:
    """Y28, B23: granted by the office's own act, declined, or lapsed because there is nothing to grant."""
    (request,) = case_of(*HELD, asked, answer).requests
    assert request.ending is ending
    assert (request.ended is None) is (ending is None)


def test_the_last_open_request_of_a_body_is_declined() -> None:
    found = case_of(*HELD, ASKED_PAUSE, ASKED_MORE, (DUTY, c.RequestDeclined("housing", "按期办")))
    assert [r.kind for r in found.open_requests] == [RequestKind.PAUSE]


def test_a_question_and_its_answer_stop_no_clock() -> None:
    """B22: asked of a steward, answered with the law; the clocks run on."""
    steps = (*HELD, (HOUSING, c.HelpAsked("ecology", "是否属危废？")))
    before = standing(HOUSING, *steps)
    assert [q.to for q in before.case.open_questions] == ["ecology"]
    assert before.trace.open_nodes == standing(HOUSING, *HELD, (DUTY, e.Chased("快"))).trace.open_nodes
    found = case_of(*steps, (ECOLOGY, c.HelpAnswered(1, "属于", "固废法第六条")))
    assert not found.open_questions
    assert found.questions[0].law == "固废法第六条"


def test_a_transfer_waits_for_its_receipt() -> None:
    """Y26, Q19."""
    sent = (HOUSING, c.TransferredOut(Authority.POLICE, "移送〔2026〕1 号", "涉嫌犯罪"))
    assert len(case_of(sent).open_transfers) == 1
    found = case_of(
        sent, (HOUSING, c.TransferReceipted(1, "回执 7", "李警官")), (DUTY, c.TransferReceipted(9, "x"))
    )
    assert not found.open_transfers
    assert found.transfers[0].receipt_document == "回执 7"


def test_who_answers_for_what() -> None:
    """B02, Y19, Q09: a watcher for a node, a follower for a bad review, a lead-in-charge for the ticket."""

    def named(kind: ResponsibleAs, name: str, node: Node | None = None) -> Step:
        return DUTY, c.ResponsibilityNamed(kind, name, node)

    steps = [
        named(ResponsibleAs.WATCHER, "甲", Node.SIGN),
        named(ResponsibleAs.WATCHER, "乙", Node.ARRIVE),
        named(ResponsibleAs.WATCHER, "丙", Node.SIGN),
        named(ResponsibleAs.LEAD_IN_CHARGE, "周副市长"),
    ]
    found = case_of(*HELD, *steps)
    assert found.watchers == {Node.SIGN: "丙", Node.ARRIVE: "乙"}
    assert found.lead_in_charge == "周副市长"
    assert found.follower is None
    bad = (DUTY, e.Revisited(False, "还在冒烟"))
    assert case_of(*steps, bad).follower == ""
    followed = (*steps, bad, named(ResponsibleAs.FOLLOWER, "丁"))
    assert case_of(*followed).follower == "丁"
    assert case_of(*followed, bad).follower == "丁"
    turned = case_of(*followed, (DUTY, e.Revisited(True)))
    assert turned.follower is None
    assert turned.responsibilities[-1].ending is Ending.TURNED_ROUND
    assert case_of(*steps, named(ResponsibleAs.WATCHER, "", Node.SIGN)).watchers == {Node.ARRIVE: "乙"}
    assert not case_of(*steps, (DUTY, e.Closed())).watchers
    whole = case_of(*steps, named(ResponsibleAs.WATCHER, "戊"))
    assert (whole.watcher(Node.SIGN), whole.watcher(Node.CLOSE)) == ("丙", "戊")
    assert found.watcher(Node.CLOSE) is None


def test_a_case_was_last_moved_on_when_somebody_conferred_or_chased() -> None:
    """Q09: the last time that a lead-in-charge's case was moved on."""
    assert case_of().coordinated_at is None
    found = case_of(*HELD, (DUTY, MEETING), (HOUSING, e.Signed()))
    assert found.coordinated_at == START + timedelta(hours=3)


def test_marks_stand_until_they_are_taken_away() -> None:
    """B26."""
    found = case_of((DUTY, c.CaseMarked(CaseMark.MODEL, True, "值得推广")))
    assert [m.mark for m in found.standing_marks] == [CaseMark.MODEL]
    gone = case_of(
        (DUTY, c.CaseMarked(CaseMark.MODEL, True, "值得推广")),
        (DUTY, c.CaseMarked(CaseMark.WARNING, False, "没有")),
        (DUTY, c.CaseMarked(CaseMark.MODEL, False, "数据有误")),
    )
    assert not gone.standing_marks
    assert len(gone.marks) == 1


# --- notes that are accepted ----------------------------------------------------------------------------

WORDED = c.RecordAdded(RecordKind.NOTICE, "告知举报人", "已停工", document="电话")
TRANSFER = c.TransferredOut(Authority.POLICE, "移送〔2026〕1 号", "涉嫌犯罪")
QUESTION = (HOUSING, c.HelpAsked("ecology", "是否属危废？"))
BAD_REVIEW = (*DONE, (HOUSING, e.FedBack("电话")), (DUTY, e.Revisited(False, "没有解决")))
WATCHER = c.ResponsibilityNamed(ResponsibleAs.WATCHER, "甲", Node.SIGN)
FOLLOWER = c.ResponsibilityNamed(ResponsibleAs.FOLLOWER, "丁")
IN_CHARGE = c.ResponsibilityNamed(ResponsibleAs.LEAD_IN_CHARGE, "周副市长")
JOINT = (DUTY, e.JointSupervisionOpened((PLATFORM, "ecology"), "没有解决"))
SUPERVISED = (*BAD_REVIEW, JOINT, (HOUSING, e.Rectified("重新封闭")))
"""Found wanting, put under joint supervision, and reported done again (Y17)."""
CONTENT = c.SupervisionSignedOff("已核实")
MODEL = c.CaseMarked(CaseMark.MODEL, True, "值得推广")

ACCEPTED: list[tuple[Actor, Fact, tuple[Step, ...]]] = [
    (HOUSING, LISTED, HELD),
    (POLICE, LISTED, HELD),
    (DUTY, LISTED, HELD),
    (HOUSING, c.SubjectInspected("一号店", SubjectResult.COMPLIANT, "", (PHOTO,)), (*HELD, (DUTY, LISTED))),
    (HOUSING, PLAN, HELD),
    (DUTY, MEETING, HELD),
    (HOUSING, WORDED, CLOSED),
    (HOUSING, c.RecordAdded(RecordKind.ON_SITE_ACT, "责令停产", document="责停〔2026〕3 号"), HELD),
    (DUTY, c.RecordApproved(1, "同意"), (*HELD, (HOUSING, PLAN))),
    (HOUSING, c.DecisionDone(1, 1, "已停工"), (*HELD, (DUTY, MEETING))),
    (HOUSING, ASKED_PAUSE[1], HELD),
    (HOUSING, ASKED_MORE[1], HELD),
    (POLICE, OFFERED[1], HELD),
    (DUTY, c.RequestDeclined("housing", "按期办"), (*HELD, ASKED_PAUSE)),
    (HOUSING, QUESTION[1], HELD),
    (ECOLOGY, c.HelpAnswered(1, "属于", "固废法"), (*HELD, QUESTION)),
    (DUTY, c.HelpAnswered(1, "属于"), (*HELD, QUESTION)),
    (HOUSING, TRANSFER, CLOSED),
    (DUTY, c.TransferReceipted(1, "回执 7"), (*HELD, (HOUSING, TRANSFER))),
    (DUTY, WATCHER, HELD),
    (DUTY, c.ResponsibilityNamed(ResponsibleAs.WATCHER, "戊"), HELD),
    (DUTY, FOLLOWER, BAD_REVIEW),
    (DUTY, IN_CHARGE, CLOSED),
    (DUTY, c.ResponsibilityNamed(ResponsibleAs.STATIONED, "钱工", reason="彭城铸造有限公司"), HELD),
    (DUTY, CONTENT, SUPERVISED),
    (ECOLOGY, c.SupervisionSignedOff("同意办结"), (*SUPERVISED, (DUTY, CONTENT))),
    (DUTY, MODEL, CLOSED),
    (DUTY, c.CaseMarked(CaseMark.MODEL, False, "数据有误"), (*HELD, (DUTY, MODEL))),
]


@pytest.mark.parametrize(("actor", "fact", "steps"), ACCEPTED)
def test_what_is_accepted_is_recorded_as_it_was_said(
    actor: Actor, fact: Fact, steps: tuple[Step, ...]
) -> None:
    assert note(actor, fact, *steps) == fact
    assert type(fact) in possible_notes(actor, standing(actor, *steps).case, standing(actor, *steps).clock)


def test_every_fact_of_a_case_is_accepted_once() -> None:
    assert {type(fact) for _, fact, _ in ACCEPTED} == set(ORDERS)


def test_texts_are_tidied_and_names_stand_once() -> None:
    assert note(HOUSING, c.SubjectsListed((" 一号店\n", "", "一号店", "三号店")), *HELD, (DUTY, LISTED)) == (
        c.SubjectsListed(("三号店",))
    )
    said = note(DUTY, replace(MEETING, title=" 会商 ", participants=("甲", " 甲 ", "")), *HELD)
    assert isinstance(said, c.RecordAdded)
    assert (said.title, said.participants) == ("会商", ("甲",))


# --- notes that are refused -----------------------------------------------------------------------------

MERGED = (*HELD, (DUTY, c.MergedInto("T-2", "同一工地")))
PAUSED = (*HELD, (DUTY, e.Paused("等待", "王磊")))


@pytest.mark.parametrize(
    ("actor", "fact", "steps", "reason"),
    [
        (ECOLOGY, LISTED, HELD, Reason.OTHER_BODY),
        (ECOLOGY, PLAN, (*HELD, QUESTION), Reason.OTHER_BODY),
        (HOUSING, c.RecordApproved(1), (*HELD, (HOUSING, PLAN)), Reason.ROLE),
        (HOUSING, MODEL, HELD, Reason.ROLE),
        (DUTY, ASKED_PAUSE[1], HELD, Reason.ROLE),
        (HOUSING, LISTED, CLOSED, Reason.TICKET_CLOSED),
        (HOUSING, QUESTION[1], CLOSED, Reason.TICKET_CLOSED),
        (DUTY, WATCHER, CLOSED, Reason.TICKET_CLOSED),
        (HOUSING, PLAN, MERGED, Reason.MERGED),
        (DUTY, WATCHER, MERGED, Reason.MERGED),
        (HOUSING, LISTED, (*HELD, (DUTY, LISTED)), Reason.UNCHANGED),
        (HOUSING, c.SubjectsListed(()), HELD, Reason.UNCHANGED),
        (HOUSING, c.SubjectsListed(tuple(map(str, range(201)))), HELD, Reason.TOO_MANY),
        (HOUSING, c.SubjectsListed(("字" * 201,)), HELD, Reason.TEXT_TOO_LONG),
        (
            HOUSING,
            c.SubjectsListed(tuple(map(str, range(199)))),
            (*HELD, (DUTY, LISTED)),
            Reason.TOO_MANY,
        ),
        (HOUSING, c.SubjectInspected("一号店", SubjectResult.COMPLIANT), HELD, Reason.NO_SUBJECTS),
        (
            HOUSING,
            c.SubjectInspected("三号店", SubjectResult.COMPLIANT),
            (*HELD, (DUTY, LISTED)),
            Reason.UNKNOWN_SUBJECT,
        ),
        (
            HOUSING,
            c.SubjectInspected("一号店", SubjectResult.COMPLIANT, "", ("x",)),
            (*HELD, (DUTY, LISTED)),
            Reason.BAD_EVIDENCE,
        ),
        (HOUSING, replace(PLAN, title=" "), HELD, Reason.NO_TEXT),
        (HOUSING, replace(PLAN, evidence=("x",)), HELD, Reason.BAD_EVIDENCE),
        (DUTY, replace(MEETING, participants=(" ",)), HELD, Reason.NO_PARTICIPANTS),
        (DUTY, replace(MEETING, deadlines=(SOON,)), HELD, Reason.DEADLINES_UNPAIRED),
        (DUTY, replace(MEETING, deadlines=(SOON, START)), HELD, Reason.DEADLINE_PAST),
        (DUTY, replace(MEETING, deadlines=(SOON, SOON.replace(year=2999))), HELD, Reason.DEADLINE_TOO_FAR),
        (DUTY, replace(MEETING, decisions=("停工", " ")), HELD, Reason.NO_TEXT),
        (DUTY, replace(MEETING, decisions=("x",) * 51, deadlines=(SOON,) * 51), HELD, Reason.TOO_MANY),
        (HOUSING, c.RecordAdded(RecordKind.ON_SITE_ACT, "责令停产"), HELD, Reason.NO_DOCUMENT),
        (HOUSING, c.RecordAdded(RecordKind.NOTICE, "告知举报人"), HELD, Reason.NO_TEXT),
        (DUTY, c.RecordApproved(1), HELD, Reason.NOTHING_TO_APPROVE),
        (DUTY, c.RecordApproved(1), (*HELD, (DUTY, MEETING)), Reason.NOTHING_TO_APPROVE),
        (DUTY, c.RecordApproved(2), (*HELD, (HOUSING, PLAN)), Reason.UNKNOWN_RECORD),
        (DUTY, c.RecordApproved(0), (*HELD, (HOUSING, PLAN)), Reason.UNKNOWN_RECORD),
        (DUTY, c.RecordApproved(1), (*HELD, (HOUSING, PLAN), (HOUSING, PLAN)), Reason.ALREADY_APPROVED),
        (DUTY, c.RecordApproved(1), (*HELD, (DUTY, PLAN)), Reason.OWN_RECORD),
        (HOUSING, c.DecisionDone(1, 1), HELD, Reason.NO_OPEN_DECISION),
        (HOUSING, c.DecisionDone(2, 1), (*HELD, (DUTY, MEETING)), Reason.UNKNOWN_RECORD),
        (HOUSING, c.DecisionDone(1, 3), (*HELD, (DUTY, MEETING)), Reason.UNKNOWN_DECISION),
        (
            HOUSING,
            c.DecisionDone(1, 1),
            (*HELD, (DUTY, MEETING), (HOUSING, c.DecisionDone(1, 1))),
            Reason.DECISION_DONE,
        ),
        (ECOLOGY, ASKED_PAUSE[1], HELD, Reason.OTHER_BODY),
        (HOUSING, ASKED_PAUSE[1], PAUSED, Reason.PAUSED),
        (HOUSING, ASKED_PAUSE[1], CLOSED, Reason.TICKET_CLOSED),
        (HOUSING, ASKED_PAUSE[1], (*DONE, (HOUSING, e.FedBack("电话"))), Reason.NO_CLOCK),
        (HOUSING, ASKED_PAUSE[1], (*HELD, ASKED_PAUSE), Reason.ALREADY_ASKED),
        (HOUSING, c.PauseRequested(" "), HELD, Reason.NO_TEXT),
        (HOUSING, c.ExtensionRequested(Node.REVISIT, SOON, "雨季"), HELD, Reason.NOT_RUNNING),
        (HOUSING, c.ExtensionRequested(Node.RECTIFY, START, "雨季"), HELD, Reason.DEADLINE_PAST),
        (
            HOUSING,
            c.ExtensionRequested(Node.RECTIFY, START + timedelta(hours=5), "雨季"),
            HELD,
            Reason.DUE_NOT_LATER,
        ),
        (HOUSING, ASKED_MORE[1], (*HELD, ASKED_MORE), Reason.ALREADY_ASKED),
        (POLICE, OFFERED[1], (*HELD, OFFERED), Reason.ALREADY_ASKED),
        (DUTY, c.RequestDeclined("housing", "按期办"), HELD, Reason.NO_OPEN_REQUEST),
        (DUTY, c.RequestDeclined("planning", "按期办"), (*HELD, ASKED_PAUSE), Reason.NO_OPEN_REQUEST),
        (DUTY, c.RequestDeclined("nobody", "按期办"), (*HELD, ASKED_PAUSE), Reason.UNKNOWN_BODY),
        (DUTY, c.RequestDeclined("housing", ""), (*HELD, ASKED_PAUSE), Reason.NO_TEXT),
        (HOUSING, c.HelpAsked("housing", "？"), HELD, Reason.OWN_HELP),
        (HOUSING, c.HelpAsked("nobody", "？"), HELD, Reason.UNKNOWN_BODY),
        (HOUSING, c.HelpAsked("ecology", " "), HELD, Reason.NO_TEXT),
        (HOUSING, QUESTION[1], (*HELD, QUESTION), Reason.ALREADY_ASKED),
        (ECOLOGY, c.HelpAnswered(1, "属于"), HELD, Reason.NO_OPEN_QUESTION),
        (POLICE, c.HelpAnswered(1, "属于"), (*HELD, QUESTION), Reason.OTHER_BODY),
        (HOUSING, c.HelpAnswered(1, "属于"), (*HELD, QUESTION), Reason.OTHER_BODY),
        (ECOLOGY, c.HelpAnswered(2, "属于"), (*HELD, QUESTION), Reason.UNKNOWN_QUESTION),
        (ECOLOGY, c.HelpAnswered(1, ""), (*HELD, QUESTION), Reason.NO_TEXT),
        (
            DUTY,
            c.HelpAnswered(1, "属于"),
            (*HELD, QUESTION, (ECOLOGY, c.HelpAnswered(1, "否")), (HOUSING, c.HelpAsked("ecology", "再问"))),
            Reason.ALREADY_ANSWERED,
        ),
        (HOUSING, replace(TRANSFER, document=" "), HELD, Reason.NO_TEXT),
        (HOUSING, TRANSFER, (*HELD, (HOUSING, TRANSFER)), Reason.UNCHANGED),
        (HOUSING, c.TransferReceipted(1, "回执"), HELD, Reason.NO_OPEN_TRANSFER),
        (HOUSING, c.TransferReceipted(2, "回执"), (*HELD, (HOUSING, TRANSFER)), Reason.UNKNOWN_TRANSFER),
        (
            HOUSING,
            c.TransferReceipted(1, "回执"),
            (
                *HELD,
                (HOUSING, TRANSFER),
                (HOUSING, replace(TRANSFER, document="移送〔2026〕2 号")),
                (HOUSING, c.TransferReceipted(1, "回执")),
            ),
            Reason.ALREADY_RECEIPTED,
        ),
        (DUTY, WATCHER, (*HELD, (DUTY, WATCHER)), Reason.UNCHANGED),
        (DUTY, replace(WATCHER, name=""), HELD, Reason.UNCHANGED),
        (DUTY, replace(IN_CHARGE, node=Node.SIGN), HELD, Reason.BAD_DATA),
        (DUTY, FOLLOWER, HELD, Reason.NO_BAD_REVIEW),
        (DUTY, FOLLOWER, (*BAD_REVIEW, (DUTY, FOLLOWER)), Reason.UNCHANGED),
        (DUTY, MODEL, (*HELD, (DUTY, MODEL)), Reason.UNCHANGED),
        (DUTY, replace(MODEL, marked=False), HELD, Reason.UNCHANGED),
        (DUTY, replace(MODEL, reason=""), HELD, Reason.NO_TEXT),
        (DUTY, c.ResponsibilityNamed(ResponsibleAs.STATIONED, "钱工"), CLOSED, Reason.TICKET_CLOSED),
        (DUTY, CONTENT, DONE, Reason.NO_SUPERVISION),
        (DUTY, CONTENT, (*SUPERVISED, (DUTY, CONTENT)), Reason.NO_SUPERVISION),
        (HOUSING, CONTENT, SUPERVISED, Reason.NO_SUPERVISION),
        (POLICE, CONTENT, SUPERVISED, Reason.NO_SUPERVISION),
        (ACTORS[Role.DISCIPLINE], CONTENT, SUPERVISED, Reason.NO_SUPERVISION),
        (ACTORS[Role.LEADER], CONTENT, SUPERVISED, Reason.ROLE),
        (DUTY, CONTENT, (*BAD_REVIEW, JOINT), Reason.NOT_YET),
        (DUTY, CONTENT, (*SUPERVISED, (DUTY, e.Paused("等待", "王磊"))), Reason.PAUSED),
        (DUTY, replace(CONTENT, text=" "), SUPERVISED, Reason.NO_TEXT),
        (DUTY, e.Accepted(), HELD, Reason.BAD_DATA),
    ],
)
def test_what_is_refused(actor: Actor, fact: Fact, steps: tuple[Step, ...], reason: Reason) -> None:
    assert refused(actor, fact, *steps) is reason


@pytest.mark.parametrize("role", Role)
def test_nobody_notes_without_the_right(role: Role) -> None:
    may = {type(fact) for actor, fact, steps in ACCEPTED if note_passes(ACTORS[role], fact, steps)}
    expected = {
        Role.DUTY: {kind for kind in ORDERS if COMMAND_OF[kind] is not Command.ASK_OFFICE},
        Role.HANDLER: {kind for kind in ORDERS if COMMAND_OF[kind] is not Command.DIRECT_CASE},
        Role.DISCIPLINE: {c.SupervisionSignedOff},
    }
    assert may <= expected.get(role, set())
    if role is Role.DUTY:
        # But for the plan, which it approves and has not written.
        assert may == expected[role]


def note_passes(actor: Actor, fact: Fact, steps: tuple[Step, ...]) -> bool:
    try:
        note(actor, fact, *steps)
    except RefusedError:
        return False
    return True


def test_a_helper_is_stationed_until_another_one_or_the_close() -> None:
    """Q14."""
    named = c.ResponsibilityNamed(ResponsibleAs.STATIONED, "钱工", reason="彭城铸造有限公司")
    assert case_of(*HELD, (DUTY, named)).stationed == "钱工"
    found = case_of(*HELD, (DUTY, named), (DUTY, replace(named, name="孙工")))
    assert (found.stationed, found.responsibilities[0].ending) == ("孙工", Ending.REPLACED)
    assert case_of(*HELD, (DUTY, named), (DUTY, e.Closed())).stationed is None


def test_a_supervision_waits_for_each_of_its_supervisors() -> None:
    """Y17: both sign it off; one opened later waits for all of its own anew."""
    found = case_of(*SUPERVISED, (DUTY, CONTENT))
    assert [(s.number, s.body, s.ending) for s in found.supervisions] == [
        (1, PLATFORM, Ending.SIGNED_OFF),
        (2, "ecology", None),
    ]
    assert standing(DUTY, *SUPERVISED, (DUTY, CONTENT)).trace.supervisors == ("ecology",)
    again = (*SUPERVISED, (DUTY, CONTENT), (DUTY, e.JointSupervisionOpened((PLATFORM,), "又反弹")))
    assert [s.ending for s in case_of(*again).supervisions] == [Ending.SIGNED_OFF, Ending.REPLACED, None]
    assert standing(DUTY, *again).trace.supervisors == (PLATFORM,)


@pytest.mark.parametrize("wanting", [e.Revisited(False, "又反弹"), e.PostChecked(False, "又反弹")])
def test_what_is_found_wanting_again_is_signed_off_again(wanting: Fact) -> None:
    """Y17: nobody has seen the work of the next round when the words of this one were given."""
    signed = (*SUPERVISED, (DUTY, CONTENT), (ECOLOGY, CONTENT))
    assert standing(DUTY, *signed).trace.supervisors == ()
    again = (*signed, (HOUSING, e.FedBack("电话")), (DUTY, wanting))
    assert standing(DUTY, *again).trace.supervisors == (PLATFORM, "ecology")
    assert [(s.body, s.opened.text, s.ending) for s in case_of(*again).supervisions] == [
        (PLATFORM, "没有解决", Ending.SIGNED_OFF),
        ("ecology", "没有解决", Ending.SIGNED_OFF),
        (PLATFORM, "没有解决", None),
        ("ecology", "没有解决", None),
    ]
    assert refused(DUTY, CONTENT, *again) is Reason.NOT_YET


def test_the_commission_signs_off_what_it_supervises() -> None:
    """Y17: each for the body that they act for, the commission too."""
    officer = ACTORS[Role.DISCIPLINE]
    joint = (DUTY, e.JointSupervisionOpened((PLATFORM, "discipline"), "没有解决"))
    steps = (*BAD_REVIEW, joint, (HOUSING, e.Rectified("重新封闭")))
    assert note(officer, CONTENT, *steps) == CONTENT


def test_merged_tickets_end_only_what_was_begun() -> None:
    assert note(DUTY, MODEL, *MERGED) == MODEL
    answer = c.HelpAnswered(1, "属于")
    assert note(ECOLOGY, answer, *HELD, QUESTION, (DUTY, c.MergedInto("T-2", "同一工地"))) == answer


def test_work_is_not_reported_done_while_a_subject_has_no_result() -> None:
    """B24: of the lead; what an assisting body has done is its own."""
    found = standing(
        HOUSING, *HELD, (DUTY, LISTED), (HOUSING, c.SubjectInspected("一号店", SubjectResult.COMPLIANT))
    )
    with pytest.raises(RefusedError) as error:
        check_subjects_done(found.case, HOUSING, found.trace)
    assert (error.value.reason, error.value.detail) == (Reason.SUBJECTS_LEFT, "二号店")
    check_subjects_done(found.case, POLICE, found.trace)
    done = fold_case(
        happened(
            *HELD,
            (DUTY, LISTED),
            (HOUSING, c.SubjectInspected("一号店", SubjectResult.COMPLIANT)),
            (HOUSING, c.SubjectInspected("二号店", SubjectResult.NOT_FOUND)),
        )
    )
    check_subjects_done(done, HOUSING, found.trace)


FACTS = st.sampled_from(
    [(actor, fact) for actor, fact, _ in ACCEPTED] + [step for _, _, s in ACCEPTED for step in s]
)


@given(st.lists(FACTS, max_size=14))
def test_any_history_folds_and_its_numbers_count(steps: list[Step]) -> None:
    """However facts follow each other, numbers count from 1, and the fold of a part is a part of the fold."""
    events = happened(*steps)
    found = fold_case(events)
    for things in (found.records, found.requests, found.questions, found.transfers, found.responsibilities):
        assert [thing.number for thing in things] == list(range(1, len(things) + 1))
    half = fold_case(events[: len(events) // 2])
    assert [r.noted for r in half.records] == [r.noted for r in found.records[: len(half.records)]]
    assert [s.name for s in half.subjects] == [s.name for s in found.subjects[: len(half.subjects)]]
