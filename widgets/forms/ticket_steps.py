"""What each step of a ticket asks for: a table, so that a new fact needs a line and no class of its own.

The keys are types of fact; a field's name is that of the fact's field.
"""

from collections.abc import Mapping

from PySide6.QtCore import QT_TRANSLATE_NOOP

from domain import events as e
from domain.nodes import Node
from widgets.forms.asked import FILES
from widgets.forms.step_fields import Field, FormWords, Kind, line_if_any

_LOGGED = QT_TRANSLATE_NOOP("steps", "确认后以您的姓名记入工单日志，不可修改。")

_EVIDENCE = Field(FILES, QT_TRANSLATE_NOOP("steps", "现场影像（选填）"), Kind.FILES, required=False)

_READINGS = Field(
    "readings",
    QT_TRANSLATE_NOOP("steps", "现场监测（选填，一行一项：名称 数值 / 限值 单位）"),
    Kind.READINGS,
    required=False,
    hint=QT_TRANSLATE_NOOP("steps", "例如：噪声 71 / 55 dB(A)"),
)

TICKET_STEPS: Mapping[type, FormWords] = {
    # --- a ticket, by the platform office ---
    e.Accepted: FormWords(
        QT_TRANSLATE_NOOP("steps", "签收"),
        QT_TRANSLATE_NOOP("steps", "签收工单"),
        QT_TRANSLATE_NOOP("steps", "确认签收"),
        _LOGGED,
    ),
    e.Dispatched: FormWords(
        QT_TRANSLATE_NOOP("steps", "分派"),
        QT_TRANSLATE_NOOP("steps", "分派工单"),
        QT_TRANSLATE_NOOP("steps", "分派"),
        _LOGGED,
        (
            Field("lead", QT_TRANSLATE_NOOP("steps", "主办单位"), Kind.CHOICE),
            Field("assisting", QT_TRANSLATE_NOOP("steps", "协办单位（选填）"), Kind.BODIES, required=False),
            line_if_any(
                "rule",
                QT_TRANSLATE_NOOP("steps", "分派依据（选填）"),
                QT_TRANSLATE_NOOP("steps", "例如：责任清单 3.12"),
            ),
        ),
    ),
    e.Revisited: FormWords(
        QT_TRANSLATE_NOOP("steps", "回访"),
        QT_TRANSLATE_NOOP("steps", "登记回访"),
        QT_TRANSLATE_NOOP("steps", "登记"),
        QT_TRANSLATE_NOOP("steps", "不满意将打回重办，进入下一轮并开启联合督办。"),
        (
            Field(
                "satisfied",
                QT_TRANSLATE_NOOP("steps", "举报人是否满意"),
                Kind.YES_NO,
                words=(QT_TRANSLATE_NOOP("steps", "满意"), QT_TRANSLATE_NOOP("steps", "不满意，打回重办")),
            ),
            Field(
                "text",
                QT_TRANSLATE_NOOP("steps", "回访情况"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "举报人怎么说；不满意的必须写明原因"),
                unless="satisfied",
            ),
        ),
    ),
    e.PostChecked: FormWords(
        QT_TRANSLATE_NOOP("steps", "后督查"),
        QT_TRANSLATE_NOOP("steps", "登记后督查"),
        QT_TRANSLATE_NOOP("steps", "登记"),
        QT_TRANSLATE_NOOP("steps", "由非承办单位进行；未通过将打回重办，进入下一轮。"),
        (
            Field(
                "passed",
                QT_TRANSLATE_NOOP("steps", "督查结论"),
                Kind.YES_NO,
                words=(QT_TRANSLATE_NOOP("steps", "通过"), QT_TRANSLATE_NOOP("steps", "未通过，打回重办")),
            ),
            Field(
                "text",
                QT_TRANSLATE_NOOP("steps", "督查情况"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "到场看到了什么；未通过的必须写明原因"),
                unless="passed",
            ),
        ),
    ),
    e.Closed: FormWords(
        QT_TRANSLATE_NOOP("steps", "销号"),
        QT_TRANSLATE_NOOP("steps", "工单销号"),
        QT_TRANSLATE_NOOP("steps", "销号"),
        QT_TRANSLATE_NOOP("steps", "销号后不再计时，也不能再办理；不可撤销。"),
        (
            Field(
                "outcome",
                QT_TRANSLATE_NOOP("steps", "办理结论"),
                Kind.WORDED,
                words=(
                    QT_TRANSLATE_NOOP("steps", "清零"),
                    QT_TRANSLATE_NOOP("steps", "阶段性化解"),
                    QT_TRANSLATE_NOOP("steps", "未化解"),
                    QT_TRANSLATE_NOOP("steps", "反映问题不属实"),
                    QT_TRANSLATE_NOOP("steps", "已移送其他部门办理"),
                ),
                hint=QT_TRANSLATE_NOOP("steps", "补充说明"),
            ),
        ),
        final=True,
    ),
    e.Chased: FormWords(
        QT_TRANSLATE_NOOP("steps", "催办"),
        QT_TRANSLATE_NOOP("steps", "催办"),
        QT_TRANSLATE_NOOP("steps", "催办"),
        _LOGGED,
        (
            Field(
                "text",
                QT_TRANSLATE_NOOP("steps", "催办内容"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "要求承办单位做什么、何时之前"),
            ),
        ),
    ),
    e.Paused: FormWords(
        QT_TRANSLATE_NOOP("steps", "暂停"),
        QT_TRANSLATE_NOOP("steps", "批准暂停"),
        QT_TRANSLATE_NOOP("steps", "批准暂停"),
        QT_TRANSLATE_NOOP("steps", "暂停期间不计时，画面始终标明已暂停；批准人记为您本人。"),
        (
            Field(
                "reason",
                QT_TRANSLATE_NOOP("steps", "暂停原因"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "例如：等待检测、鉴定结果"),
            ),
        ),
        left_to_use_case=("approved_by",),
    ),
    e.Resumed: FormWords(
        QT_TRANSLATE_NOOP("steps", "恢复"),
        QT_TRANSLATE_NOOP("steps", "恢复计时"),
        QT_TRANSLATE_NOOP("steps", "恢复"),
        QT_TRANSLATE_NOOP("steps", "各环节时钟从现在起继续走，暂停的时间不计入。"),
    ),
    e.Extended: FormWords(
        QT_TRANSLATE_NOOP("steps", "延期"),
        QT_TRANSLATE_NOOP("steps", "批准延期"),
        QT_TRANSLATE_NOOP("steps", "批准延期"),
        QT_TRANSLATE_NOOP("steps", "批准人记为您本人，理由记入工单日志。"),
        (
            Field("node", QT_TRANSLATE_NOOP("steps", "延期环节"), Kind.CHOICE, made=Node),
            Field("due", QT_TRANSLATE_NOOP("steps", "延期至"), Kind.DEADLINE),
            Field("reason", QT_TRANSLATE_NOOP("steps", "延期理由"), Kind.TEXT),
        ),
        left_to_use_case=("approved_by",),
    ),
    e.JointSupervisionOpened: FormWords(
        QT_TRANSLATE_NOOP("steps", "联合督办"),
        QT_TRANSLATE_NOOP("steps", "联合督办"),
        QT_TRANSLATE_NOOP("steps", "开启联合督办"),
        _LOGGED,
        (
            Field("bodies", QT_TRANSLATE_NOOP("steps", "参与单位"), Kind.BODIES),
            Field("reason", QT_TRANSLATE_NOOP("steps", "督办事由"), Kind.TEXT),
        ),
    ),
    # --- a ticket, by the body that handles it ---
    e.Signed: FormWords(
        QT_TRANSLATE_NOOP("steps", "部门签收"),
        QT_TRANSLATE_NOOP("steps", "部门签收"),
        QT_TRANSLATE_NOOP("steps", "确认签收"),
        _LOGGED,
    ),
    e.ReturnedAsWrong: FormWords(
        QT_TRANSLATE_NOOP("steps", "退回改派"),
        QT_TRANSLATE_NOOP("steps", "退回改派"),
        QT_TRANSLATE_NOOP("steps", "退回"),
        QT_TRANSLATE_NOOP("steps", "退回后由平台办重新分派，协办的只退自己一份；本单位已用的时间照计。"),
        (
            Field(
                "reason",
                QT_TRANSLATE_NOOP("steps", "退回理由"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "为何不属本单位职责、应由谁办理"),
            ),
        ),
    ),
    e.Arrived: FormWords(
        QT_TRANSLATE_NOOP("steps", "到场"),
        QT_TRANSLATE_NOOP("steps", "登记到场"),
        QT_TRANSLATE_NOOP("steps", "登记到场"),
        _LOGGED,
        (
            _EVIDENCE,
            Field("position", QT_TRANSLATE_NOOP("steps", "到场位置（选填）"), Kind.POSITION, required=False),
            Field(
                "distance_m",
                QT_TRANSLATE_NOOP("steps", "与点位的距离（米，有位置时自动计算）"),
                Kind.NUMBER,
                required=False,
            ),
            Field("on_site_at", QT_TRANSLATE_NOOP("steps", "到场时间"), Kind.MOMENT, required=False),
            Field(
                "note",
                QT_TRANSLATE_NOOP("steps", "现场情况（选填）"),
                Kind.TEXT,
                required=False,
                hint=QT_TRANSLATE_NOOP("steps", "到场看到了什么"),
            ),
            _READINGS,
        ),
    ),
    e.Rectified: FormWords(
        QT_TRANSLATE_NOOP("steps", "整改"),
        QT_TRANSLATE_NOOP("steps", "整改办结"),
        QT_TRANSLATE_NOOP("steps", "办结"),
        QT_TRANSLATE_NOOP("steps", "发现违法行为的，随即开始立案计时；没有现场影像的，按“做不对”预警。"),
        (
            Field(
                "measures",
                QT_TRANSLATE_NOOP("steps", "整改措施与结果"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "做了什么、现在怎样"),
            ),
            Field(
                "violation",
                QT_TRANSLATE_NOOP("steps", "是否发现违法行为"),
                Kind.YES_NO,
                words=(
                    QT_TRANSLATE_NOOP("steps", "发现违法行为，须立案"),
                    QT_TRANSLATE_NOOP("steps", "未发现"),
                ),
            ),
            _READINGS,
            _EVIDENCE,
        ),
    ),
    e.Filed: FormWords(
        QT_TRANSLATE_NOOP("steps", "立案"),
        QT_TRANSLATE_NOOP("steps", "登记立案"),
        QT_TRANSLATE_NOOP("steps", "登记立案"),
        _LOGGED,
        (
            Field(
                "document",
                QT_TRANSLATE_NOOP("steps", "立案文书号"),
                Kind.LINE,
                hint=QT_TRANSLATE_NOOP("steps", "例如：徐环立〔2026〕1 号"),
            ),
        ),
    ),
    e.Penalised: FormWords(
        QT_TRANSLATE_NOOP("steps", "处罚"),
        QT_TRANSLATE_NOOP("steps", "登记处罚"),
        QT_TRANSLATE_NOOP("steps", "登记处罚"),
        _LOGGED,
        (
            Field(
                "document",
                QT_TRANSLATE_NOOP("steps", "处罚文书号"),
                Kind.LINE,
                hint=QT_TRANSLATE_NOOP("steps", "例如：徐环罚〔2026〕1 号"),
            ),
            Field(
                "amount", QT_TRANSLATE_NOOP("steps", "罚款（元，无罚款可不填）"), Kind.NUMBER, required=False
            ),
        ),
    ),
    e.FedBack: FormWords(
        QT_TRANSLATE_NOOP("steps", "反馈"),
        QT_TRANSLATE_NOOP("steps", "反馈举报人"),
        QT_TRANSLATE_NOOP("steps", "登记反馈"),
        _LOGGED,
        (
            Field(
                "by",
                QT_TRANSLATE_NOOP("steps", "反馈方式"),
                Kind.CHOICE,
                choices=(
                    ("电话", QT_TRANSLATE_NOOP("steps", "电话")),
                    ("短信", QT_TRANSLATE_NOOP("steps", "短信")),
                    ("书面", QT_TRANSLATE_NOOP("steps", "书面")),
                    ("当面", QT_TRANSLATE_NOOP("steps", "当面")),
                    ("网络平台", QT_TRANSLATE_NOOP("steps", "网络平台")),
                ),
            ),
            Field(
                "text",
                QT_TRANSLATE_NOOP("steps", "反馈内容"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "告知了举报人什么"),
            ),
            Field("told_at", QT_TRANSLATE_NOOP("steps", "告知时间"), Kind.MOMENT, required=False),
        ),
    ),
}
