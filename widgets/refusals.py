"""Why something is not allowed, in words: before a button is offered, and after an order was refused."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain.nodes import Node
from domain.people import Actor, Role
from domain.rights import ABOUT_NODES, Command, Reason, RefusedError, check
from widgets.wording import node_name, role_name

_REASONS = {
    Reason.OTHER_BODY: QT_TRANSLATE_NOOP("refusals", "只能办理本单位的事项"),
    Reason.NO_TEXT: QT_TRANSLATE_NOOP("refusals", "内容不能为空"),
    Reason.TEXT_TOO_LONG: QT_TRANSLATE_NOOP("refusals", "内容过长，最多 {0} 字"),
    Reason.NO_RECEIVERS: QT_TRANSLATE_NOOP("refusals", "请至少选择一个接收单位"),
    Reason.UNKNOWN_BODY: QT_TRANSLATE_NOOP("refusals", "没有这个单位：{0}"),
    Reason.UNKNOWN_TICKET: QT_TRANSLATE_NOOP("refusals", "没有这件工单：{0}"),
    Reason.DEADLINE_PAST: QT_TRANSLATE_NOOP("refusals", "期限已过，请重新选择"),
    Reason.NO_SUCH_WARNING: QT_TRANSLATE_NOOP("refusals", "该预警已经解除"),
    Reason.ALREADY_ACKNOWLEDGED: QT_TRANSLATE_NOOP("refusals", "{0} 已经确认过该预警"),
    Reason.NOT_A_DRAFT: QT_TRANSLATE_NOOP("refusals", "再监督 {0} 已不是草稿"),
    Reason.ALREADY_RUNNING: QT_TRANSLATE_NOOP("refusals", "同一事项的再监督 {0} 正在办理"),
    Reason.BAD_LOGIN: QT_TRANSLATE_NOOP(
        "refusals", "登录名 {0} 不能用：最多 63 字节，不含空格、引号和斜杠，不以 pg_ 或 qingshao_ 开头"
    ),
    Reason.LOGIN_TAKEN: QT_TRANSLATE_NOOP("refusals", "登录名 {0} 已被使用，请换一个"),
    Reason.UNKNOWN_PERSON: QT_TRANSLATE_NOOP("refusals", "没有登录名为 {0} 的人员"),
    Reason.UNKNOWN_ROLE: QT_TRANSLATE_NOOP("refusals", "没有这种身份：{0}"),
    Reason.UNKNOWN_AREA: QT_TRANSLATE_NOOP("refusals", "没有这个区划：{0}"),
    Reason.BODY_OF_ROLE: QT_TRANSLATE_NOOP(
        "refusals", "单位与身份不符：承办人须属于一个责任主体，其他身份不另设单位"
    ),
    Reason.ROLE_HAS_POWER: QT_TRANSLATE_NOOP(
        "refusals", "{0} 是数据库所有者、服务或超级用户，不能作为人员管理"
    ),
    Reason.LAST_ADMIN: QT_TRANSLATE_NOOP("refusals", "{0} 是最后一个可用的管理员，请先添加另一个管理员"),
    Reason.ALREADY_REVOKED: QT_TRANSLATE_NOOP("refusals", "{0} 已经停用"),
    Reason.NOT_REVOKED: QT_TRANSLATE_NOOP("refusals", "{0} 没有停用，无需恢复"),
    Reason.BAD_VERIFIER: QT_TRANSLATE_NOOP("refusals", "口令须以 SCRAM-SHA-256 校验值提交，请用本程序设置"),
    Reason.BAD_PASSWORD: QT_TRANSLATE_NOOP("refusals", "口令太短：至少 {0} 个字符"),
    Reason.BAD_KEY: QT_TRANSLATE_NOOP("refusals", "代码 {0} 不能用：最多 63 字节，不含空格"),
    Reason.BAD_RULE: QT_TRANSLATE_NOOP("refusals", "规则文件不合格：{0}"),
    Reason.RULE_WAITING: QT_TRANSLATE_NOOP("refusals", "{0} 还有一份在等待生效，请稍候"),
    Reason.KNOWN_VERSION: QT_TRANSLATE_NOOP("refusals", "{0} 已有这一版，改动须升版本号"),
    Reason.NOBODY: QT_TRANSLATE_NOOP("refusals", "当前登录账号没有对应的人员，请联系管理员"),
    Reason.BAD_DATA: QT_TRANSLATE_NOOP("refusals", "提交的内容不符合要求：{0}"),
    Reason.NOT_TO_DO: QT_TRANSLATE_NOOP("refusals", "{0} 目前不需要办理此环节，请刷新后核对"),
    Reason.WITHDRAWN: QT_TRANSLATE_NOOP("refusals", "指令 {0} 已撤回"),
    Reason.CHANGED_MEANWHILE: QT_TRANSLATE_NOOP("refusals", "期间有他人办理，请核对后重新提交"),
    Reason.DEADLINE_TOO_FAR: QT_TRANSLATE_NOOP("refusals", "期限过远，最多 {0} 年，请重新选择"),
    Reason.TICKET_CLOSED: QT_TRANSLATE_NOOP("refusals", "工单已销号，不能再办理"),
    Reason.PAUSED: QT_TRANSLATE_NOOP("refusals", "工单已暂停，请先由平台办恢复计时"),
    Reason.NOT_PAUSED: QT_TRANSLATE_NOOP("refusals", "工单没有暂停，无需恢复"),
    Reason.NOT_DISPATCHED: QT_TRANSLATE_NOOP("refusals", "工单尚未分派，请先由平台办分派"),
    Reason.ALREADY_DONE: QT_TRANSLATE_NOOP("refusals", "“{0}”环节已经办理，请刷新后核对"),
    Reason.NOT_YET: QT_TRANSLATE_NOOP("refusals", "请先完成“{0}”环节"),
    Reason.NO_SUCH_NODE: QT_TRANSLATE_NOOP("refusals", "该工单适用的流程没有“{0}”环节"),
    Reason.NOT_RUNNING: QT_TRANSLATE_NOOP("refusals", "“{0}”环节目前没有计时，请选择正在办理的环节"),
    Reason.NO_VIOLATION: QT_TRANSLATE_NOOP("refusals", "整改时未认定违法，不需要立案和处罚"),
    Reason.UNFINISHED: QT_TRANSLATE_NOOP("refusals", "“{0}”环节尚未办结，不能销号；可先延期“销号”"),
    Reason.NO_DUE_TIME: QT_TRANSLATE_NOOP("refusals", "“{0}”环节没有到期时间，无需延期"),
    Reason.DUE_NOT_LATER: QT_TRANSLATE_NOOP("refusals", "延期后的到期时间须晚于原到期时间"),
    Reason.BAD_AMOUNT: QT_TRANSLATE_NOOP("refusals", "金额须为 0 至 {0} 元的整数"),
    Reason.BAD_DISTANCE: QT_TRANSLATE_NOOP("refusals", "距离须为 0 至 {0} 米"),
    Reason.BAD_EVIDENCE: QT_TRANSLATE_NOOP("refusals", "证据须以文件校验值登记，最多 {0} 件，请重新添加"),
    Reason.BAD_POSITION: QT_TRANSLATE_NOOP("refusals", "位置须为经度和纬度，请核对后重新填写"),
    Reason.BAD_READING: QT_TRANSLATE_NOOP("refusals", "监测读数须各有名称、数值和限值，最多 {0} 项"),
    Reason.NOT_HAPPENED_YET: QT_TRANSLATE_NOOP("refusals", "时间不能晚于现在，请重新选择"),
    Reason.BEFORE_RECEPTION: QT_TRANSLATE_NOOP("refusals", "时间不能早于工单受理，请重新选择"),
    Reason.UNKNOWN_DIRECTIVE: QT_TRANSLATE_NOOP("refusals", "没有这条指令：{0}"),
    Reason.NOT_A_RECEIVER: QT_TRANSLATE_NOOP("refusals", "该单位不是指令 {0} 的接收单位"),
    Reason.ALREADY_SIGNED: QT_TRANSLATE_NOOP("refusals", "本单位已经签收该指令"),
    Reason.NOT_SIGNED: QT_TRANSLATE_NOOP("refusals", "请先签收指令 {0}"),
    Reason.ALREADY_FED_BACK: QT_TRANSLATE_NOOP("refusals", "已经反馈，请等待领导评价"),
    Reason.NOT_FED_BACK: QT_TRANSLATE_NOOP("refusals", "该单位还没有需要评价的反馈"),
    Reason.ALREADY_JUDGED: QT_TRANSLATE_NOOP("refusals", "该反馈已认定属实，不需要再办理"),
    Reason.NOTHING_OWED: QT_TRANSLATE_NOOP("refusals", "所选单位已经反馈，不需要催办"),
    Reason.TOO_MANY: QT_TRANSLATE_NOOP("refusals", "数量过多，一次最多 {0} 件"),
    Reason.UNKNOWN_FILE: QT_TRANSLATE_NOOP("refusals", "没有这件再监督：{0}"),
    Reason.NOT_LAUNCHED: QT_TRANSLATE_NOOP("refusals", "再监督 {0} 尚未启动"),
    Reason.FILE_ENDED: QT_TRANSLATE_NOOP("refusals", "再监督 {0} 已经结束"),
    Reason.ALREADY_EXPLAINED: QT_TRANSLATE_NOOP("refusals", "再监督 {0} 已经提交说明"),
    Reason.EXPLANATION_PENDING: QT_TRANSLATE_NOOP("refusals", "说明期限未到，请等待单位说明后再认定"),
    Reason.ALREADY_FOUND: QT_TRANSLATE_NOOP("refusals", "再监督 {0} 已经认定"),
    Reason.MERGED: QT_TRANSLATE_NOOP("refusals", "工单已并入 {0}，请在那件工单中办理，或先拆分"),
    Reason.NOT_MERGED: QT_TRANSLATE_NOOP("refusals", "{0} 没有并入其他工单，无需拆分"),
    Reason.MAIN_CLOSED: QT_TRANSLATE_NOOP("refusals", "{0} 已销号，不能再并入"),
    Reason.INTO_ITSELF: QT_TRANSLATE_NOOP("refusals", "{0} 不能并入自己"),
    Reason.NO_REPEATS: QT_TRANSLATE_NOOP("refusals", "请选择要并入的工单，一次最多 {0} 件"),
    Reason.HAS_CASE: QT_TRANSLATE_NOOP("refusals", "{0} 已立案或处罚，须单独办结，不能并入其他工单"),
    Reason.HAS_MERGED: QT_TRANSLATE_NOOP("refusals", "{0} 已含并入的工单，请以它为主单，或先拆分"),
    Reason.NOT_FOUND_YET: QT_TRANSLATE_NOOP("refusals", "请先对再监督 {0} 作出认定"),
    Reason.NO_SUBJECTS: QT_TRANSLATE_NOOP("refusals", "该工单没有列出检查对象，请先列出"),
    Reason.UNKNOWN_SUBJECT: QT_TRANSLATE_NOOP("refusals", "检查对象清单中没有“{0}”"),
    Reason.SUBJECTS_LEFT: QT_TRANSLATE_NOOP("refusals", "检查对象“{0}”还没有结果，请逐个登记后再办结整改"),
    Reason.UNCHANGED: QT_TRANSLATE_NOOP("refusals", "与已登记的相同，无需再次登记"),
    Reason.NO_PARTICIPANTS: QT_TRANSLATE_NOOP("refusals", "请写明参加人员"),
    Reason.NO_DOCUMENT: QT_TRANSLATE_NOOP("refusals", "请填写文书编号"),
    Reason.DEADLINES_UNPAIRED: QT_TRANSLATE_NOOP("refusals", "每项议定事项须有一个期限"),
    Reason.UNKNOWN_RECORD: QT_TRANSLATE_NOOP("refusals", "没有第 {0} 号记录"),
    Reason.NOTHING_TO_APPROVE: QT_TRANSLATE_NOOP("refusals", "没有等待批准的方案"),
    Reason.ALREADY_APPROVED: QT_TRANSLATE_NOOP("refusals", "第 {0} 号记录不需要批准，请刷新后核对"),
    Reason.OWN_RECORD: QT_TRANSLATE_NOOP("refusals", "不能批准自己登记的方案，请由他人批准"),
    Reason.UNKNOWN_DECISION: QT_TRANSLATE_NOOP("refusals", "该记录没有第 {0} 项议定事项"),
    Reason.NO_OPEN_DECISION: QT_TRANSLATE_NOOP("refusals", "没有待落实的议定事项"),
    Reason.DECISION_DONE: QT_TRANSLATE_NOOP("refusals", "第 {0} 项议定事项已经落实"),
    Reason.NO_CLOCK: QT_TRANSLATE_NOOP("refusals", "本单位在该工单上没有正在计时的环节"),
    Reason.ALREADY_ASKED: QT_TRANSLATE_NOOP("refusals", "相同的申请或求助正在等待答复"),
    Reason.NO_OPEN_REQUEST: QT_TRANSLATE_NOOP("refusals", "该单位没有等待答复的申请"),
    Reason.OWN_HELP: QT_TRANSLATE_NOOP("refusals", "请向其他单位或上级管家求助"),
    Reason.UNKNOWN_QUESTION: QT_TRANSLATE_NOOP("refusals", "没有第 {0} 号求助"),
    Reason.NO_OPEN_QUESTION: QT_TRANSLATE_NOOP("refusals", "没有等待答复的求助"),
    Reason.ALREADY_ANSWERED: QT_TRANSLATE_NOOP("refusals", "第 {0} 号求助已经答复"),
    Reason.UNKNOWN_TRANSFER: QT_TRANSLATE_NOOP("refusals", "没有第 {0} 号移送"),
    Reason.NO_OPEN_TRANSFER: QT_TRANSLATE_NOOP("refusals", "没有等待回执的移送"),
    Reason.ALREADY_RECEIPTED: QT_TRANSLATE_NOOP("refusals", "第 {0} 号移送已有回执"),
    Reason.NO_SUPERVISION: QT_TRANSLATE_NOOP("refusals", "没有等待您签结的联合督办"),
    Reason.SUPERVISION_OPEN: QT_TRANSLATE_NOOP("refusals", "还有 {0} 家督办单位没有签结联合督办，不能销号"),
    Reason.UNKNOWN_FINDING: QT_TRANSLATE_NOOP("refusals", "没有第 {0} 号发现"),
    Reason.ALREADY_A_CLUE: QT_TRANSLATE_NOOP("refusals", "该发现已转为线索 {0}"),
    Reason.NO_NAMES: QT_TRANSLATE_NOOP("refusals", "请写明姓名"),
    Reason.NO_DEVICES: QT_TRANSLATE_NOOP("refusals", "请选择设备事项"),
    Reason.BAD_DAY: QT_TRANSLATE_NOOP("refusals", "{0} 不是一年以内的日期，请按 2026-03-05 的样子填写"),
    Reason.NO_BAD_REVIEW: QT_TRANSLATE_NOOP("refusals", "该工单没有需要跟进的差评"),
}

_ROLE = QT_TRANSLATE_NOOP("refusals", "只有{0}可以执行此操作")
LOOKING_BACK = Actor(Role.WALL, "回放")
"""Whoever looks at a past minute, whatever their role: nothing can be done there."""

_LOOKING_BACK = QT_TRANSLATE_NOOP("refusals", "正在回放，回到“现在”才能操作")
_NOBODY = QT_TRANSLATE_NOOP("refusals", "尚未选择身份")


def refusal_text(error: RefusedError) -> str:
    """Return the words for a refused order."""
    if error.reason is Reason.ROLE:
        return _word(_ROLE).format("、".join(role_name(role) for role in error.allowed))
    detail = error.detail
    if error.reason in ABOUT_NODES:
        detail = node_name(Node(detail))
    return _word(_REASONS[error.reason]).format(detail)


def refusal_of(command: Command, actor: Actor | None, body: str | None = None) -> str:
    """Return why this person may not do this, empty when they may. `body` is whose matter it is."""
    if actor is None:
        return _word(_NOBODY)
    if actor is LOOKING_BACK:
        return _word(_LOOKING_BACK)
    try:
        check(command, actor, body)
    except RefusedError as error:
        return refusal_text(error)
    return ""


def _word(source: str) -> str:
    return QCoreApplication.translate("refusals", source)
