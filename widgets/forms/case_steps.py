"""What each note in a case asks for: the keys are types of fact, a field's name that of the fact's field."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP

from domain import case_events as c
from domain.case_events import Authority, CaseMark, RecordKind, ResponsibleAs, SubjectResult
from domain.nodes import Node
from widgets.case_words import AUTHORITIES, MARKS, RECORDS, RESPONSIBLE, RESULTS
from widgets.forms.asked import BESIDE, FILES
from widgets.forms.step_fields import Field, FormWords, Kind, line_if_any

_LOGGED = QT_TRANSLATE_NOOP("steps", "确认后以您的姓名记入工单日志，不可修改。")
_FILES = Field(FILES, QT_TRANSLATE_NOOP("steps", "影像与材料（选填）"), Kind.FILES, required=False)

MEETINGS = (RecordKind.CONSULTATION, RecordKind.ROUND_TABLE, RecordKind.VISIT)
DECIDING = MEETINGS
"""Three 包 of a visit are three decisions, each with who answers for it and its state (Q15)."""
DOCUMENTED = (
    RecordKind.ON_SITE_ACT,
    RecordKind.PLAN,
    RecordKind.EXPERT_OPINION,
    RecordKind.NOTICE,
    RecordKind.PUBLICATION,
)


def _words(words: Mapping[Any, str]) -> tuple[tuple[str, str], ...]:
    return tuple((key.value, word) for key, word in words.items())


def _decision(key: str) -> dict[str, int]:
    number, _, decision = key.partition(".")
    return {"number": int(number), "decision": int(decision)}


CASE_STEPS: Mapping[type, FormWords] = {
    c.SubjectsListed: FormWords(
        QT_TRANSLATE_NOOP("steps", "列对象"),
        QT_TRANSLATE_NOOP("steps", "列出检查对象"),
        QT_TRANSLATE_NOOP("steps", "列出"),
        QT_TRANSLATE_NOOP("steps", "每个对象都登记结果后，整改才能办结。"),
        (
            Field(
                "subjects",
                QT_TRANSLATE_NOOP("steps", "检查对象（一行一个）"),
                Kind.LINES,
                hint=QT_TRANSLATE_NOOP("steps", "例如：老城区烧烤店\n湘味小馆"),
            ),
        ),
    ),
    c.SubjectInspected: FormWords(
        QT_TRANSLATE_NOOP("steps", "登结果"),
        QT_TRANSLATE_NOOP("steps", "登记检查结果"),
        QT_TRANSLATE_NOOP("steps", "登记"),
        QT_TRANSLATE_NOOP("steps", "再次登记时以最后一次为准，此前的仍在日志中。"),
        (
            Field("subject", QT_TRANSLATE_NOOP("steps", "检查对象"), Kind.CHOICE),
            Field(
                "result",
                QT_TRANSLATE_NOOP("steps", "结果"),
                Kind.CHOICE,
                choices=_words(RESULTS),
                made=SubjectResult,
            ),
            Field(
                "text",
                QT_TRANSLATE_NOOP("steps", "情况（选填）"),
                Kind.TEXT,
                required=False,
                hint=QT_TRANSLATE_NOOP("steps", "看到了什么、要求怎样整改"),
            ),
            _FILES,
        ),
    ),
    c.RecordAdded: FormWords(
        QT_TRANSLATE_NOOP("steps", "加记录"),
        QT_TRANSLATE_NOOP("steps", "登记案情记录"),
        QT_TRANSLATE_NOOP("steps", "登记"),
        _LOGGED,
        (
            Field(
                "record",
                QT_TRANSLATE_NOOP("steps", "记录类型"),
                Kind.CHOICE,
                choices=_words(RECORDS),
                made=RecordKind,
            ),
            Field("title", QT_TRANSLATE_NOOP("steps", "标题"), Kind.LINE),
            Field(
                "document",
                QT_TRANSLATE_NOOP("steps", "文书编号或告知方式（选填；现场文书必填）"),
                Kind.LINE,
                required=False,
                hint=QT_TRANSLATE_NOOP("steps", "例如：责停〔2026〕3 号；电话"),
                only=("record", DOCUMENTED),
            ),
            Field(
                "text",
                QT_TRANSLATE_NOOP("steps", "内容（选填；告知举报人必填）"),
                Kind.TEXT,
                required=False,
            ),
            Field(
                "participants",
                QT_TRANSLATE_NOOP("steps", "参加人员与单位（一行一个）"),
                Kind.LINES,
                hint=QT_TRANSLATE_NOOP("steps", "例如：住建局 陈立\n举报人代表 2 名"),
                only=("record", MEETINGS),
            ),
            Field(
                "decisions",
                QT_TRANSLATE_NOOP("steps", "议定事项与期限（选填）"),
                Kind.DECISIONS,
                required=False,
                only=("record", DECIDING),
            ),
            _FILES,
        ),
    ),
    c.RecordApproved: FormWords(
        QT_TRANSLATE_NOOP("steps", "批方案"),
        QT_TRANSLATE_NOOP("steps", "批准一案一策"),
        QT_TRANSLATE_NOOP("steps", "批准"),
        QT_TRANSLATE_NOOP("steps", "批准后即为现行方案；自己登记的方案须由他人批准。"),
        (
            Field("number", QT_TRANSLATE_NOOP("steps", "方案"), Kind.CHOICE, made=int),
            Field("note", QT_TRANSLATE_NOOP("steps", "批准意见（选填）"), Kind.TEXT, required=False),
        ),
    ),
    c.DecisionDone: FormWords(
        QT_TRANSLATE_NOOP("steps", "落实"),
        QT_TRANSLATE_NOOP("steps", "登记议定事项落实"),
        QT_TRANSLATE_NOOP("steps", "登记"),
        _LOGGED,
        (
            Field("decision", QT_TRANSLATE_NOOP("steps", "议定事项"), Kind.CHOICE, made=_decision),
            Field("text", QT_TRANSLATE_NOOP("steps", "落实情况（选填）"), Kind.TEXT, required=False),
        ),
    ),
    c.PauseRequested: FormWords(
        QT_TRANSLATE_NOOP("steps", "申请暂停"),
        QT_TRANSLATE_NOOP("steps", "申请暂停计时"),
        QT_TRANSLATE_NOOP("steps", "提交申请"),
        QT_TRANSLATE_NOOP("steps", "由平台办批准；批准前照常计时。"),
        (
            Field(
                "reason",
                QT_TRANSLATE_NOOP("steps", "理由"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "例如：等待检测、鉴定结果"),
            ),
        ),
    ),
    c.ExtensionRequested: FormWords(
        QT_TRANSLATE_NOOP("steps", "申请延期"),
        QT_TRANSLATE_NOOP("steps", "申请延期"),
        QT_TRANSLATE_NOOP("steps", "提交申请"),
        QT_TRANSLATE_NOOP("steps", "由平台办批准；批准前仍按原期限计时。"),
        (
            Field("node", QT_TRANSLATE_NOOP("steps", "环节"), Kind.CHOICE, made=Node),
            Field("due", QT_TRANSLATE_NOOP("steps", "延至"), Kind.DEADLINE),
            Field("reason", QT_TRANSLATE_NOOP("steps", "理由"), Kind.TEXT),
        ),
    ),
    c.LeadVolunteered: FormWords(
        QT_TRANSLATE_NOOP("steps", "领哨吹哨"),
        QT_TRANSLATE_NOOP("steps", "主动领哨 / 吹哨"),
        QT_TRANSLATE_NOOP("steps", "提交"),
        QT_TRANSLATE_NOOP("steps", "协办单位可主动领哨牵头；主办单位可吹哨请有关部门报到，由平台办分派。"),
        (
            Field(
                "text",
                QT_TRANSLATE_NOOP("steps", "说明"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "例如：本单位愿意牵头；请生态环境局、城管局报到"),
            ),
        ),
    ),
    c.RequestDeclined: FormWords(
        QT_TRANSLATE_NOOP("steps", "不批准"),
        QT_TRANSLATE_NOOP("steps", "不批准申请"),
        QT_TRANSLATE_NOOP("steps", "不批准"),
        QT_TRANSLATE_NOOP("steps", "答复该单位最近一项申请；批准请用“暂停”“延期”或“分派”。"),
        (
            Field("body", QT_TRANSLATE_NOOP("steps", "申请单位"), Kind.CHOICE),
            Field("reason", QT_TRANSLATE_NOOP("steps", "不批准的理由"), Kind.TEXT),
        ),
        look="danger",
    ),
    c.HelpAsked: FormWords(
        QT_TRANSLATE_NOOP("steps", "求助"),
        QT_TRANSLATE_NOOP("steps", "向上级管家求助"),
        QT_TRANSLATE_NOOP("steps", "提交求助"),
        QT_TRANSLATE_NOOP("steps", "求助不是问责，也不停止计时；被问单位此后可以查看本工单。"),
        (
            Field("to", QT_TRANSLATE_NOOP("steps", "向谁求助"), Kind.CHOICE),
            Field(
                "question",
                QT_TRANSLATE_NOOP("steps", "问题"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "遇到的疑点难点，需要怎样的法规、技术支持"),
            ),
            Field(
                BESIDE,
                QT_TRANSLATE_NOOP("steps", "同时申请暂停计时的理由（选填；不填则照常计时）"),
                Kind.TEXT,
                required=False,
                made=c.PauseRequested,
            ),
        ),
    ),
    c.HelpAnswered: FormWords(
        QT_TRANSLATE_NOOP("steps", "答复"),
        QT_TRANSLATE_NOOP("steps", "答复求助"),
        QT_TRANSLATE_NOOP("steps", "答复"),
        _LOGGED,
        (
            Field("number", QT_TRANSLATE_NOOP("steps", "求助"), Kind.CHOICE, made=int),
            Field("text", QT_TRANSLATE_NOOP("steps", "答复"), Kind.TEXT),
            line_if_any(
                "law",
                QT_TRANSLATE_NOOP("steps", "所依据的法律法规（选填）"),
                QT_TRANSLATE_NOOP("steps", "例如：《噪声污染防治法》第四十三条"),
            ),
        ),
    ),
    c.TransferredOut: FormWords(
        QT_TRANSLATE_NOOP("steps", "移送"),
        QT_TRANSLATE_NOOP("steps", "移送司法机关"),
        QT_TRANSLATE_NOOP("steps", "登记移送"),
        QT_TRANSLATE_NOOP("steps", "移送后等待对方回执；不影响本工单计时。"),
        (
            Field(
                "to",
                QT_TRANSLATE_NOOP("steps", "移送至"),
                Kind.CHOICE,
                choices=_words(AUTHORITIES),
                made=Authority,
            ),
            Field(
                "document",
                QT_TRANSLATE_NOOP("steps", "移送文书号"),
                Kind.LINE,
                hint=QT_TRANSLATE_NOOP("steps", "例如：徐环移〔2026〕2 号"),
            ),
            Field("reason", QT_TRANSLATE_NOOP("steps", "移送事由"), Kind.TEXT),
        ),
    ),
    c.TransferReceipted: FormWords(
        QT_TRANSLATE_NOOP("steps", "回执"),
        QT_TRANSLATE_NOOP("steps", "登记移送回执"),
        QT_TRANSLATE_NOOP("steps", "登记"),
        _LOGGED,
        (
            Field("number", QT_TRANSLATE_NOOP("steps", "移送"), Kind.CHOICE, made=int),
            Field("document", QT_TRANSLATE_NOOP("steps", "回执文书号"), Kind.LINE),
            Field("by", QT_TRANSLATE_NOOP("steps", "签收人（选填）"), Kind.LINE, required=False),
        ),
    ),
    c.ResponsibilityNamed: FormWords(
        QT_TRANSLATE_NOOP("steps", "责任人"),
        QT_TRANSLATE_NOOP("steps", "明确责任人"),
        QT_TRANSLATE_NOOP("steps", "确认"),
        QT_TRANSLATE_NOOP("steps", "姓名留空即撤下现任责任人。"),
        (
            Field(
                "responsible",
                QT_TRANSLATE_NOOP("steps", "责任"),
                Kind.CHOICE,
                choices=_words(RESPONSIBLE),
                made=ResponsibleAs,
            ),
            Field(
                "node",
                QT_TRANSLATE_NOOP("steps", "盯守环节（不选即全部环节）"),
                Kind.CHOICE,
                required=False,
                made=Node,
                only=("responsible", (ResponsibleAs.WATCHER,)),
            ),
            Field("name", QT_TRANSLATE_NOOP("steps", "姓名"), Kind.LINE, required=False),
            line_if_any(
                "reason",
                QT_TRANSLATE_NOOP("steps", "批次或说明（选填）"),
                QT_TRANSLATE_NOOP("steps", "例如：第二批包案"),
            ),
        ),
    ),
    c.SupervisionSignedOff: FormWords(
        QT_TRANSLATE_NOOP("steps", "督办签结"),
        QT_TRANSLATE_NOOP("steps", "签结联合督办"),
        QT_TRANSLATE_NOOP("steps", "签结"),
        QT_TRANSLATE_NOOP("steps", "各督办单位都签结后，工单才能销号；打回重办的须重新签结。"),
        (
            Field(
                "text",
                QT_TRANSLATE_NOOP("steps", "督办意见"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "核实了什么、是否同意办结"),
            ),
        ),
    ),
    c.CaseMarked: FormWords(
        QT_TRANSLATE_NOOP("steps", "标案例"),
        QT_TRANSLATE_NOOP("steps", "标记案例"),
        QT_TRANSLATE_NOOP("steps", "确认"),
        QT_TRANSLATE_NOOP("steps", "收入案例库，供各单位查阅。"),
        (
            Field(
                "mark",
                QT_TRANSLATE_NOOP("steps", "案例"),
                Kind.CHOICE,
                choices=_words(MARKS),
                made=CaseMark,
            ),
            Field(
                "marked",
                QT_TRANSLATE_NOOP("steps", "标记"),
                Kind.YES_NO,
                words=(QT_TRANSLATE_NOOP("steps", "列为案例"), QT_TRANSLATE_NOOP("steps", "撤销标记")),
            ),
            Field("reason", QT_TRANSLATE_NOOP("steps", "理由"), Kind.TEXT),
        ),
    ),
}
