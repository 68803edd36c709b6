"""What a person may note in a case, each with what stood before: for the table of matters."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from desktop.city import load_city
from domain import case_events as c
from domain.case_events import Authority, CaseMark, RecordKind, ResponsibleAs, SubjectResult
from domain.events import Arrived, Fact, JointSupervisionOpened, Rectified, Signed
from domain.nodes import Node
from domain.staff import OFFICES

ANOTHER = load_city().responsible[-1].key
"""A body that neither of the handlers of the table acts for."""


def noted(body: str, later: datetime, held: tuple[Fact, ...]) -> Iterator[tuple[Fact, tuple[Fact, ...]]]:
    """Yield each fact and what happened before it in its ticket, which `body` holds."""
    listed = c.SubjectsListed(("一号店", "二号店"))
    plan = c.RecordAdded(RecordKind.PLAN, "一案一策", "分三步整改")
    meeting = c.RecordAdded(
        RecordKind.CONSULTATION, "会商", participants=("街道",), decisions=("停工",), deadlines=(later,)
    )
    transfer = c.TransferredOut(Authority.POLICE, "徐环移〔2026〕1 号", "涉嫌犯罪")
    pause = c.PauseRequested("等待鉴定")
    yield listed, held
    yield c.SubjectInspected("一号店", SubjectResult.COMPLIANT, "净化设施运行正常"), (*held, listed)
    yield plan, held
    yield c.RecordApproved(1, "同意"), (*held, plan)
    yield c.DecisionDone(1, 1, "已停工"), (*held, meeting)
    yield c.HelpAsked(ANOTHER, "能否新设烟道？"), held
    yield c.HelpAnswered(1, "不得新设", "大气法第八十一条"), (*held, c.HelpAsked(body, "能否新设烟道？"))
    yield transfer, held
    yield c.TransferReceipted(1, "回执 7", "李警官"), (*held, transfer)
    yield pause, held
    yield c.ExtensionRequested(Node.RECTIFY, later, "雨季"), held
    yield c.LeadVolunteered("请有关部门报到"), held
    yield c.RequestDeclined(body, "按期办理"), (*held, pause)
    yield c.ResponsibilityNamed(ResponsibleAs.LEAD_IN_CHARGE, "周副市长", reason="第二批"), held
    joint = JointSupervisionOpened((body, *OFFICES.values()), "没有解决")
    yield c.SupervisionSignedOff("同意办结"), (*held, Signed(), Arrived(), Rectified("停工"), joint)
    yield c.CaseMarked(CaseMark.MODEL, True, "值得推广"), held


def typed(later: datetime) -> Mapping[type[Fact], Mapping[str, Any]]:
    """Return what is typed into the form of each; what there is only one of is chosen already."""
    return {
        c.SubjectsListed: {"subjects": "一号店\n二号店"},
        c.SubjectInspected: {"subject": "一号店", "result": SubjectResult.COMPLIANT},
        c.RecordAdded: {"record": RecordKind.PLAN, "title": "一案一策"},
        c.RecordApproved: {"note": "同意"},
        c.DecisionDone: {"text": "已停工"},
        c.HelpAsked: {"to": ANOTHER, "question": "能否新设烟道？"},
        c.HelpAnswered: {"text": "不得新设"},
        c.TransferredOut: {"to": Authority.POLICE, "document": "移送 1 号", "reason": "涉嫌犯罪"},
        c.TransferReceipted: {"document": "回执 7"},
        c.PauseRequested: {"reason": "等待鉴定"},
        c.ExtensionRequested: {"node": Node.RECTIFY, "due": later, "reason": "雨季"},
        c.LeadVolunteered: {"text": "请有关部门报到"},
        c.RequestDeclined: {"reason": "按期办理"},
        c.ResponsibilityNamed: {"responsible": ResponsibleAs.LEAD_IN_CHARGE, "name": "周副市长"},
        c.SupervisionSignedOff: {"text": "同意办结"},
        c.CaseMarked: {"mark": CaseMark.MODEL, "marked": True, "reason": "值得推广"},
    }
