"""The words of a case: kinds of records and requests, results, who answers for what, how things ended."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain.case import Ending, MatterKind, RequestKind
from domain.case_events import Authority, CaseMark, RecordKind, ResponsibleAs, SubjectResult

RECORDS = {
    RecordKind.ON_SITE_ACT: QT_TRANSLATE_NOOP("case", "现场文书"),
    RecordKind.PLAN: QT_TRANSLATE_NOOP("case", "一案一策"),
    RecordKind.EXPERT_OPINION: QT_TRANSLATE_NOOP("case", "专家意见"),
    RecordKind.CONSULTATION: QT_TRANSLATE_NOOP("case", "会商"),
    RecordKind.ROUND_TABLE: QT_TRANSLATE_NOOP("case", "圆桌对话"),
    RecordKind.VISIT: QT_TRANSLATE_NOOP("case", "走访座谈"),
    RecordKind.NOTICE: QT_TRANSLATE_NOOP("case", "告知举报人"),
    RecordKind.SPOT_CHECK: QT_TRANSLATE_NOOP("case", "抽查"),
    RecordKind.PUBLICATION: QT_TRANSLATE_NOOP("case", "结果公示"),
}
RESULTS = {
    SubjectResult.COMPLIANT: QT_TRANSLATE_NOOP("case", "合格"),
    SubjectResult.RECTIFIED: QT_TRANSLATE_NOOP("case", "已整改"),
    SubjectResult.VIOLATION: QT_TRANSLATE_NOOP("case", "违法"),
    SubjectResult.NOT_FOUND: QT_TRANSLATE_NOOP("case", "未找到"),
}
RESPONSIBLE = {
    ResponsibleAs.WATCHER: QT_TRANSLATE_NOOP("case", "环节盯守人"),
    ResponsibleAs.FOLLOWER: QT_TRANSLATE_NOOP("case", "差评跟进人"),
    ResponsibleAs.LEAD_IN_CHARGE: QT_TRANSLATE_NOOP("case", "包案领导"),
    ResponsibleAs.STATIONED: QT_TRANSLATE_NOOP("case", "驻企帮扶"),
}
MARKS = {
    CaseMark.MODEL: QT_TRANSLATE_NOOP("case", "典型案例"),
    CaseMark.WARNING: QT_TRANSLATE_NOOP("case", "警示案例"),
}
AUTHORITIES = {
    Authority.POLICE: QT_TRANSLATE_NOOP("case", "公安机关"),
    Authority.PROCURATORATE: QT_TRANSLATE_NOOP("case", "检察机关"),
    Authority.COURT: QT_TRANSLATE_NOOP("case", "人民法院"),
}
REQUESTS = {
    RequestKind.PAUSE: QT_TRANSLATE_NOOP("case", "申请暂停"),
    RequestKind.EXTENSION: QT_TRANSLATE_NOOP("case", "申请延期"),
    RequestKind.LEAD: QT_TRANSLATE_NOOP("case", "领哨吹哨"),
}
ENDINGS = {
    Ending.GRANTED: QT_TRANSLATE_NOOP("case", "已批准"),
    Ending.DECLINED: QT_TRANSLATE_NOOP("case", "未批准"),
    Ending.LAPSED: QT_TRANSLATE_NOOP("case", "已失效"),
    Ending.ANSWERED: QT_TRANSLATE_NOOP("case", "已答复"),
    Ending.RECEIPTED: QT_TRANSLATE_NOOP("case", "有回执"),
    Ending.APPROVED: QT_TRANSLATE_NOOP("case", "已批准"),
    Ending.DONE: QT_TRANSLATE_NOOP("case", "已完成"),
    Ending.REPLACED: QT_TRANSLATE_NOOP("case", "已更替"),
    Ending.TURNED_ROUND: QT_TRANSLATE_NOOP("case", "已转好评"),
    Ending.CLOSED: QT_TRANSLATE_NOOP("case", "已销号"),
    Ending.REMOVED: QT_TRANSLATE_NOOP("case", "已撤销"),
    Ending.SIGNED_OFF: QT_TRANSLATE_NOOP("case", "已签结"),
}
MATTERS = {
    MatterKind.RESPONSIBILITY: QT_TRANSLATE_NOOP("case", "责任人"),
    MatterKind.REQUEST: QT_TRANSLATE_NOOP("case", "申请"),
    MatterKind.HELP: QT_TRANSLATE_NOOP("case", "求助"),
    MatterKind.DECISION: QT_TRANSLATE_NOOP("case", "议定事项"),
    MatterKind.TRANSFER: QT_TRANSLATE_NOOP("case", "移送"),
    MatterKind.RECORD: QT_TRANSLATE_NOOP("case", "记录"),
    MatterKind.SUBJECT: QT_TRANSLATE_NOOP("case", "检查对象"),
    MatterKind.SUPERVISION: QT_TRANSLATE_NOOP("case", "联合督办"),
    MatterKind.MARK: QT_TRANSLATE_NOOP("case", "案例标记"),
}

_SORTS = {
    MatterKind.RESPONSIBILITY: (ResponsibleAs, RESPONSIBLE),
    MatterKind.REQUEST: (RequestKind, REQUESTS),
    MatterKind.TRANSFER: (Authority, AUTHORITIES),
    MatterKind.RECORD: (RecordKind, RECORDS),
    MatterKind.DECISION: (RecordKind, RECORDS),
    MatterKind.SUBJECT: (SubjectResult, RESULTS),
    MatterKind.MARK: (CaseMark, MARKS),
}


def case_word(source: str) -> str:
    """Return a word of these tables for the screen."""
    return QCoreApplication.translate("case", source)


def record_name(kind: RecordKind) -> str:
    """Return what a record is called."""
    return case_word(RECORDS[kind])


def result_name(result: SubjectResult) -> str:
    """Return what was found at a subject."""
    return case_word(RESULTS[result])


def responsible_name(kind: ResponsibleAs) -> str:
    """Return in which way a person answers."""
    return case_word(RESPONSIBLE[kind])


def mark_name(mark: CaseMark) -> str:
    """Return 典型案例 or 警示案例."""
    return case_word(MARKS[mark])


def authority_name(authority: Authority) -> str:
    """Return where a case is transferred to."""
    return case_word(AUTHORITIES[authority])


def request_name(kind: RequestKind) -> str:
    """Return what is asked of the office."""
    return case_word(REQUESTS[kind])


def ending_name(ending: Ending) -> str:
    """Return how something ended."""
    return case_word(ENDINGS[ending])


def matter_name(kind: MatterKind) -> str:
    """Return what can be open in a case."""
    return case_word(MATTERS[kind])


def sort_name(kind: MatterKind, sort: str) -> str:
    """Return what sort of its kind a matter is; the sort itself when this program does not know it."""
    known = _SORTS.get(kind)
    if known is None or not sort:
        return ""
    sorts, words = known
    try:
        return case_word(words[sorts(sort)])
    except ValueError:
        return sort
