"""Every kind of event in the words of the log: a short kind for the chip, and a line of text."""

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain import case_events as c
from domain import events as e
from widgets.case_words import authority_name, mark_name, record_name, responsible_name, result_name
from widgets.environment.words import averaged_name, factor_name
from widgets.status import mark_of
from widgets.warning_words import climbed_to
from widgets.wording import (
    behaviour_name,
    kind_name,
    local_moment_text,
    node_name,
    urgency_name,
)

CONTEXT = "log"

_KINDS: dict[type, tuple[str, str]] = {
    e.Received: (QT_TRANSLATE_NOOP("log", "受理"), "accent"),
    e.DueSupplied: (QT_TRANSLATE_NOOP("log", "来源时限"), "text_faint"),
    e.Accepted: (QT_TRANSLATE_NOOP("log", "签收"), "accent"),
    e.Dispatched: (QT_TRANSLATE_NOOP("log", "分派"), "accent"),
    e.Signed: (QT_TRANSLATE_NOOP("log", "部门签收"), "accent"),
    e.ReturnedAsWrong: (QT_TRANSLATE_NOOP("log", "退回改派"), "due_soon"),
    e.Arrived: (QT_TRANSLATE_NOOP("log", "到场"), "accent"),
    e.Rectified: (QT_TRANSLATE_NOOP("log", "整改"), "accent"),
    e.Filed: (QT_TRANSLATE_NOOP("log", "立案"), "accent"),
    e.Penalised: (QT_TRANSLATE_NOOP("log", "处罚"), "accent"),
    e.FedBack: (QT_TRANSLATE_NOOP("log", "反馈"), "accent"),
    e.Revisited: (QT_TRANSLATE_NOOP("log", "回访"), "accent"),
    e.PostChecked: (QT_TRANSLATE_NOOP("log", "后督查"), "accent"),
    e.Closed: (QT_TRANSLATE_NOOP("log", "销号"), "done"),
    e.Paused: (QT_TRANSLATE_NOOP("log", "暂停"), "paused"),
    e.Resumed: (QT_TRANSLATE_NOOP("log", "恢复"), "paused"),
    e.Extended: (QT_TRANSLATE_NOOP("log", "延期"), "paused"),
    e.JointSupervisionOpened: (QT_TRANSLATE_NOOP("log", "联合督办"), "purple_border"),
    e.Chased: (QT_TRANSLATE_NOOP("log", "催办"), "due_soon"),
    e.WarningRaised: (QT_TRANSLATE_NOOP("log", "预警"), "overdue"),
    e.WarningAcknowledged: (QT_TRANSLATE_NOOP("log", "预警确认"), "on_time"),
    e.WarningCleared: (QT_TRANSLATE_NOOP("log", "预警解除"), "done"),
    e.WarningEscalated: (QT_TRANSLATE_NOOP("log", "预警升级"), "overdue"),
    c.MergedInto: (QT_TRANSLATE_NOOP("log", "并入"), "paused"),
    c.SplitOff: (QT_TRANSLATE_NOOP("log", "拆分"), "paused"),
    c.TookIn: (QT_TRANSLATE_NOOP("log", "含重复"), "on_time"),
    c.LetGo: (QT_TRANSLATE_NOOP("log", "拆出"), "on_time"),
    c.PauseRequested: (QT_TRANSLATE_NOOP("log", "申请暂停"), "paused"),
    c.ExtensionRequested: (QT_TRANSLATE_NOOP("log", "申请延期"), "paused"),
    c.RequestDeclined: (QT_TRANSLATE_NOOP("log", "不批准"), "due_soon"),
    c.SubjectsListed: (QT_TRANSLATE_NOOP("log", "检查对象"), "accent"),
    c.SubjectInspected: (QT_TRANSLATE_NOOP("log", "检查结果"), "accent"),
    c.RecordAdded: (QT_TRANSLATE_NOOP("log", "案情记录"), "accent"),
    c.RecordApproved: (QT_TRANSLATE_NOOP("log", "批准方案"), "done"),
    c.DecisionDone: (QT_TRANSLATE_NOOP("log", "事项落实"), "done"),
    c.HelpAsked: (QT_TRANSLATE_NOOP("log", "求助"), "purple_border"),
    c.HelpAnswered: (QT_TRANSLATE_NOOP("log", "求助答复"), "purple_border"),
    c.TransferredOut: (QT_TRANSLATE_NOOP("log", "移送"), "primary_button_border"),
    c.TransferReceipted: (QT_TRANSLATE_NOOP("log", "移送回执"), "primary_button_border"),
    c.ResponsibilityNamed: (QT_TRANSLATE_NOOP("log", "责任人"), "accent"),
    c.CaseMarked: (QT_TRANSLATE_NOOP("log", "案例"), "done"),
    c.SupervisionSignedOff: (QT_TRANSLATE_NOOP("log", "督办签结"), "purple_border"),
    c.LeadVolunteered: (QT_TRANSLATE_NOOP("log", "领哨吹哨"), "accent"),
    e.SensorExceeded: (QT_TRANSLATE_NOOP("log", "监测超标"), "overdue"),
    e.SensorRecovered: (QT_TRANSLATE_NOOP("log", "超标结束"), "done"),
    e.SensorVerified: (QT_TRANSLATE_NOOP("log", "监测核验"), "on_time"),
    e.DirectiveReferred: (QT_TRANSLATE_NOOP("log", "指令"), "primary_button_border"),
    e.ReSupervisionReferred: (QT_TRANSLATE_NOOP("log", "再监督"), "purple_border"),
}

_STEPS = {
    "drafted": QT_TRANSLATE_NOOP("log", "生成草稿"),
    "launched": QT_TRANSLATE_NOOP("log", "启动"),
    "asked": QT_TRANSLATE_NOOP("log", "追问"),
    "explained": QT_TRANSLATE_NOOP("log", "已说明"),
    "found": QT_TRANSLATE_NOOP("log", "已认定"),
    "declined": QT_TRANSLATE_NOOP("log", "不启动"),
    "closed": QT_TRANSLATE_NOOP("log", "办结"),
}


# Why a warning ended, as the sweep notes it; anything else is a person's own words.
_ENDS = {
    "done": QT_TRANSLATE_NOOP("log", "环节已办结"),
    "handed_over": QT_TRANSLATE_NOOP("log", "已移交下一单位"),
    "skipped": QT_TRANSLATE_NOOP("log", "环节已终止"),
    "late": QT_TRANSLATE_NOOP("log", "已到期，转为红色预警"),
    "moved": QT_TRANSLATE_NOOP("log", "到期时间已变更"),
    "mended": QT_TRANSLATE_NOOP("log", "问题已纠正或已说明"),
    "settled": QT_TRANSLATE_NOOP("log", "已有处理决定"),
}


def kind_text(fact: e.Fact) -> str:
    """Return the short word for a kind of event; the kind's own name when it is none of a ticket's."""
    known = _KINDS.get(type(fact))
    return _word(known[0]) if known else type(fact).__name__


def kind_colour(fact: e.Fact) -> str:
    """Return the colour token of an event's chip."""
    if isinstance(fact, e.WarningRaised):
        return mark_of(fact.level).colour_name
    known = _KINDS.get(type(fact))
    return known[1] if known else "text_faint"


def step_text(step: str) -> str:
    """Return the word for a step of a re-supervision; the step itself when it is unknown."""
    known = _STEPS.get(step)
    return _word(known) if known else step


def fact_text(fact: e.Fact, names: Mapping[str, str], channels: Mapping[str, str]) -> str:
    """Return one line that says what happened. `names` are bodies' names by key, `channels` the channels'."""
    return "，".join(part for part in _parts(fact, names, channels) if part)


def _parts(fact: e.Fact, names: Mapping[str, str], channels: Mapping[str, str]) -> tuple[str, ...]:
    match fact:
        case e.Received():
            return (_name(fact.channel, channels), urgency_name(fact.urgency), fact.title)
        case e.DueSupplied(due=None):
            return (node_name(fact.node), _word("来源不设时限"), fact.source)
        case e.DueSupplied():
            return (node_name(fact.node), _word("到期 {0}").format(local_moment_text(fact.due)), fact.source)
        case e.Accepted():
            return (_word("平台办签收"),)
        case e.Dispatched():
            assisting = "、".join(_name(key, names) for key in fact.assisting)
            return (
                _word("主办 {0}").format(_name(fact.lead, names)),
                _word("协办 {0}").format(assisting) if assisting else "",
                _word("依据：{0}").format(fact.rule) if fact.rule else "",
            )
        case e.Signed():
            return (_word("责任主体签收"),)
        case e.ReturnedAsWrong():
            return (_word("退回改派：{0}").format(fact.reason),)
        case e.Arrived():
            files = _word("现场影像 {0} 份").format(len(fact.evidence)) if fact.evidence else ""
            away = "" if fact.distance_m is None else _word("定位偏差 {0} m").format(round(fact.distance_m))
            since = _told(_word("到场时间 {0}"), fact.on_site_at)
            where = "" if fact.lng is None else f"{fact.lng:.6f}, {fact.lat:.6f}（{fact.source or 'WGS-84'}）"
            return (_word("到场"), since, files, away, fact.note, *_measured(fact), where)
        case e.Rectified():
            # Only what was reported: an import that says nothing of a violation has not denied one.
            found = _word("发现违法行为") if fact.violation else ""
            files = _word("影像 {0} 份").format(len(fact.evidence)) if fact.evidence else ""
            return (fact.measures or _word("整改办结"), found, files, *_measured(fact))
        case e.Filed():
            return (_word("立案文书 {0}").format(fact.document),)
        case e.Penalised():
            amount = _word("罚款 {0} 元").format(fact.amount) if fact.amount else ""
            return (_word("处罚文书 {0}").format(fact.document), amount)
        case e.FedBack():
            told = _told(_word("告知时间 {0}"), fact.told_at)
            return (_word("已反馈：{0}").format(fact.by), told, fact.text)
        case e.Revisited():
            return (_word("满意") if fact.satisfied else _word("不满意，打回重办"), fact.text)
        case e.PostChecked():
            return (_word("后督查通过") if fact.passed else _word("后督查未通过，打回重办"), fact.text)
        case e.Closed():
            return (fact.outcome or _word("销号"),)
        case e.Paused():
            return (fact.reason, _word("批准：{0}").format(fact.approved_by))
        case e.Resumed():
            return (_word("恢复计时"),)
        case e.Extended():
            until = _word("{0} 延期至 {1}").format(node_name(fact.node), local_moment_text(fact.due))
            return (until, fact.reason, _word("批准：{0}").format(fact.approved_by))
        case e.JointSupervisionOpened():
            return ("、".join(_name(key, names) for key in fact.bodies), fact.reason)
        case e.Chased():
            return (fact.text,)
        case e.WarningRaised():
            level = _word("{0}色预警").format(mark_of(fact.level).word)
            told = "；".join(fact.facts)
            return (f"{level}：{node_name(fact.node)} · {kind_name(fact.kind)}", fact.rule, told)
        case e.WarningEscalated():
            return (
                f"{node_name(fact.node)} · {kind_name(fact.kind)}",
                climbed_to(fact.to),
                _word("无人确认"),
            )
        case e.WarningAcknowledged():
            return (f"{node_name(fact.node)} · {kind_name(fact.kind)}", fact.note)
        case e.WarningCleared():
            return (f"{node_name(fact.node)} · {kind_name(fact.kind)}", _end_text(fact.reason))
        case c.MergedInto():
            return (_word("并入 {0}，由该工单办理").format(fact.main), _away(fact.distance_m), fact.reason)
        case c.SplitOff():
            return (_word("从 {0} 拆分，恢复单独办理").format(fact.main), fact.reason)
        case c.TookIn():
            return (_word("{0} 并入本单，一并办理、一并反馈").format(fact.ticket), _away(fact.distance_m))
        case c.LetGo():
            return (_word("{0} 从本单拆出，单独办理").format(fact.ticket),)
        case c.PauseRequested():
            return (_word("申请暂停计时"), fact.reason)
        case c.ExtensionRequested():
            until = _word("申请{0}延至 {1}").format(node_name(fact.node), local_moment_text(fact.due))
            return (until, fact.reason)
        case c.RequestDeclined():
            return (_word("不批准 {0} 的申请").format(_name(fact.body, names)), fact.reason)
        case c.SubjectsListed():
            listed = "、".join(fact.subjects)
            return (_word("列出 {0} 个检查对象：{1}").format(len(fact.subjects), listed),)
        case c.SubjectInspected():
            files = _word("影像 {0} 份").format(len(fact.evidence)) if fact.evidence else ""
            return (f"{fact.subject}：{result_name(fact.result)}", fact.text, files)
        case c.RecordAdded():
            files = _word("材料 {0} 份").format(len(fact.evidence)) if fact.evidence else ""
            decided = _word("议定 {0} 项").format(len(fact.decisions)) if fact.decisions else ""
            who = _word("参加：{0}").format("、".join(fact.participants)) if fact.participants else ""
            titled = f"{record_name(fact.record)}：{fact.title}"
            return (titled, fact.document, fact.text, decided, who, files)
        case c.RecordApproved():
            return (_word("批准第 {0} 号记录").format(fact.number), fact.note)
        case c.DecisionDone():
            done = _word("第 {0} 号记录第 {1} 项已落实").format(fact.number, fact.decision)
            return (done, fact.text)
        case c.HelpAsked():
            return (_word("向 {0} 求助").format(_name(fact.to, names)), fact.question)
        case c.HelpAnswered():
            law = _word("依据：{0}").format(fact.law) if fact.law else ""
            return (_word("答复第 {0} 号求助").format(fact.number), fact.text, law)
        case c.TransferredOut():
            return (_word("移送{0}").format(authority_name(fact.to)), fact.document, fact.reason)
        case c.TransferReceipted():
            receipt = _word("第 {0} 号移送的回执 {1}").format(fact.number, fact.document)
            return (receipt, _word("签收人 {0}").format(fact.by) if fact.by else "")
        case c.ResponsibilityNamed():
            kind = responsible_name(fact.responsible)
            whose = f"{kind}（{node_name(fact.node)}）" if fact.node is not None else kind
            return (f"{whose}：{fact.name or _word('不再指定')}", fact.reason)
        case c.CaseMarked():
            marked = _word("列为{0}") if fact.marked else _word("撤销{0}")
            return (marked.format(mark_name(fact.mark)), fact.reason)
        case c.SupervisionSignedOff():
            return (_word("同意办结，签结联合督办"), fact.text)
        case c.LeadVolunteered():
            return (fact.text,)
        case e.SensorExceeded():
            beyond = _word("{0} {1} {2:g}，限 {3:g} {4}").format(
                fact.name or fact.station, _averaged(fact), fact.value, fact.limit, fact.unit
            )
            since = _word("自 {0}").format(local_moment_text(fact.began_at))
            return (beyond.strip(), since, _word("限值出处：{0}").format(fact.source) if fact.source else "")
        case e.SensorRecovered():
            words = _word("{0} {1} 已恢复，超标 {2} 次，最不利值 {3:g}")
            if fact.lost:
                words = _word("{0} {1} 数据中断，是否恢复不明，此前超标 {2} 次，最不利值 {3:g}")
            told = words.format(fact.name or fact.station, factor_name(fact.factor), fact.over, fact.peak)
            until = _word("最后超标于 {0}") if fact.lost else _word("恢复于 {0}")
            return (told, until.format(local_moment_text(fact.ended_at)))
        case e.SensorVerified():
            proved = _word("同一监测点核验通过") if fact.passed else _word("同一监测点核验未通过")
            told = _word("{0} {1} 整改后至 {2}").format(
                fact.name or fact.station, factor_name(fact.factor), local_moment_text(fact.until)
            )
            return (
                proved,
                told,
                _word("有效 {0}/{1} 个，超标 {2} 个").format(fact.valid, fact.values, fact.over),
            )
        case e.DirectiveReferred():
            until = _word("期限 {0}").format(local_moment_text(fact.deadline))
            return (f"{fact.number} {fact.text}", until)
        case e.ReSupervisionReferred():
            until = _word("说明期限 {0}").format(local_moment_text(fact.deadline)) if fact.deadline else ""
            return (f"{step_text(fact.step)} {fact.number}", fact.text, until)
        case e.ReSupervisionFound():
            return (behaviour_name(fact.behaviour), fact.text)
        case _:
            return (type(fact).__name__,)


def _away(distance_m: float | None) -> str:
    return "" if distance_m is None else _word("相距 {0} m").format(round(distance_m))


def _averaged(fact: e.SensorExceeded) -> str:
    """Return what was judged: the factor, and the time that its value stands for."""
    name = factor_name(fact.factor)
    if fact.span is None:
        return name
    return f"{name} {averaged_name(fact.span, fact.minutes)}"


def _measured(fact: e.Arrived | e.Rectified) -> tuple[str, ...]:
    told = zip(fact.measured, fact.values, fact.limits, strict=False)
    return tuple(_word("{0} {1:g} / {2:g}").format(*reading) for reading in told)


def _told(words: str, moment: datetime | None) -> str:
    return "" if moment is None else words.format(local_moment_text(moment)[:-3])


def _end_text(reason: str) -> str:
    known = _ENDS.get(reason)
    return reason if known is None else _word(known)


def _name(key: str, names: Mapping[str, str]) -> str:
    return names.get(key, key)


def _word(source: str) -> str:
    return QCoreApplication.translate(CONTEXT, source)
