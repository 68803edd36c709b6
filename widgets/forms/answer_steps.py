"""What the answers to a directive, the steps of a re-supervision and a look at a complainant ask for.

The keys are types of draft; a field's name is that of the draft's field.
"""

from collections.abc import Mapping

from PySide6.QtCore import QT_TRANSLATE_NOOP

from domain import drafts as d
from domain.events import Behaviour
from domain.merging import SplitDraft
from domain.orders import LONGEST_NAME
from widgets.forms.step_fields import Field, FormWords, Kind

_LOGGED_DIRECTIVE = QT_TRANSLATE_NOOP("steps", "以您的姓名记入指令，不可修改。")
_LOGGED_FILE = QT_TRANSLATE_NOOP("steps", "以您的姓名记入再监督卷宗，不可修改。")

ANSWER_STEPS: Mapping[type, FormWords] = {
    # --- a merged ticket ---
    SplitDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "拆分"),
        QT_TRANSLATE_NOOP("steps", "拆分工单"),
        QT_TRANSLATE_NOOP("steps", "拆分"),
        QT_TRANSLATE_NOOP("steps", "拆分后单独办理，时钟接着走，并入期间不计时；两件工单的日志都会记下。"),
        (
            Field(
                "reason",
                QT_TRANSLATE_NOOP("steps", "拆分理由"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "为何不是同一问题，例如：核实为相邻的另一处工地"),
            ),
        ),
    ),
    # --- a look at who complained ---
    d.ComplainantDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "查看"),
        QT_TRANSLATE_NOOP("steps", "查看举报人"),
        QT_TRANSLATE_NOOP("steps", "查看"),
        QT_TRANSLATE_NOOP("steps", "谁在何时因何查看将记入日志；姓名和电话显示 60 秒后自动隐去。"),
        (
            Field(
                "reason",
                QT_TRANSLATE_NOOP("steps", "查看事由"),
                Kind.WORDED,
                words=(
                    QT_TRANSLATE_NOOP("steps", "联系举报人核实情况"),
                    QT_TRANSLATE_NOOP("steps", "反馈办理结果"),
                    QT_TRANSLATE_NOOP("steps", "回访"),
                    QT_TRANSLATE_NOOP("steps", "核查重复举报"),
                    QT_TRANSLATE_NOOP("steps", "执纪核查"),
                ),
                longest=LONGEST_NAME,
                hint=QT_TRANSLATE_NOOP("steps", "补充说明"),
            ),
        ),
    ),
    # --- a directive ---
    d.SignDirectiveDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "签收"),
        QT_TRANSLATE_NOOP("steps", "签收指令"),
        QT_TRANSLATE_NOOP("steps", "确认签收"),
        _LOGGED_DIRECTIVE,
    ),
    d.FeedBackDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "反馈"),
        QT_TRANSLATE_NOOP("steps", "反馈指令"),
        QT_TRANSLATE_NOOP("steps", "反馈"),
        _LOGGED_DIRECTIVE,
        (
            Field(
                "text",
                QT_TRANSLATE_NOOP("steps", "落实情况"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "做了什么、做到什么程度"),
            ),
            Field("files", QT_TRANSLATE_NOOP("steps", "佐证材料（可不填）"), Kind.FILES, required=False),
        ),
    ),
    d.RemindDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "催办"),
        QT_TRANSLATE_NOOP("steps", "催办指令"),
        QT_TRANSLATE_NOOP("steps", "催办"),
        QT_TRANSLATE_NOOP("steps", "每个单位各记一次催办，不可撤销。"),
        (
            Field("bodies", QT_TRANSLATE_NOOP("steps", "接收单位"), Kind.BODIES),
            Field("text", QT_TRANSLATE_NOOP("steps", "催办内容"), Kind.TEXT),
        ),
    ),
    d.RemindAllDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "全部催办"),
        QT_TRANSLATE_NOOP("steps", "全部催办"),
        QT_TRANSLATE_NOOP("steps", "全部催办"),
        QT_TRANSLATE_NOOP("steps", "每个单位各记一次催办，不可撤销；期间已反馈的不再催办。"),
        (Field("text", QT_TRANSLATE_NOOP("steps", "催办内容"), Kind.TEXT),),
    ),
    d.JudgeDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "评价"),
        QT_TRANSLATE_NOOP("steps", "评价反馈"),
        QT_TRANSLATE_NOOP("steps", "评价"),
        QT_TRANSLATE_NOOP("steps", "退回的须由该单位重新反馈。"),
        (
            Field("body", QT_TRANSLATE_NOOP("steps", "接收单位"), Kind.CHOICE),
            Field(
                "accepted",
                QT_TRANSLATE_NOOP("steps", "评价"),
                Kind.YES_NO,
                words=(QT_TRANSLATE_NOOP("steps", "属实"), QT_TRANSLATE_NOOP("steps", "退回")),
            ),
            Field(
                "text",
                QT_TRANSLATE_NOOP("steps", "意见"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "退回的必须写明原因"),
                unless="accepted",
            ),
        ),
    ),
    d.WithdrawDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "撤回"),
        QT_TRANSLATE_NOOP("steps", "撤回指令"),
        QT_TRANSLATE_NOOP("steps", "撤回"),
        QT_TRANSLATE_NOOP("steps", "撤回后各单位不再需要签收和反馈；指令与原因保留可查。"),
        (Field("reason", QT_TRANSLATE_NOOP("steps", "撤回原因"), Kind.TEXT),),
        "danger",
        final=True,
    ),
    # --- a re-supervision ---
    d.DeclineDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "不予启动"),
        QT_TRANSLATE_NOOP("steps", "不予启动"),
        QT_TRANSLATE_NOOP("steps", "不予启动"),
        _LOGGED_FILE,
        (Field("reason", QT_TRANSLATE_NOOP("steps", "不启动的理由"), Kind.TEXT),),
        final=True,
    ),
    d.AskDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "追问"),
        QT_TRANSLATE_NOOP("steps", "追问"),
        QT_TRANSLATE_NOOP("steps", "发出追问"),
        QT_TRANSLATE_NOOP("steps", "原问题与说明保留；被监督单位须在新期限内再次说明。"),
        (
            Field(
                "question",
                QT_TRANSLATE_NOOP("steps", "要求进一步说明"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "哪一点没有说清，需要什么依据"),
            ),
            Field("deadline", QT_TRANSLATE_NOOP("steps", "说明期限"), Kind.DEADLINE),
        ),
    ),
    d.ExplainDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "说明"),
        QT_TRANSLATE_NOOP("steps", "情况说明"),
        QT_TRANSLATE_NOOP("steps", "提交说明"),
        _LOGGED_FILE,
        (
            Field(
                "text",
                QT_TRANSLATE_NOOP("steps", "说明"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "对照所问逐项说明，并写明依据"),
            ),
            Field("files", QT_TRANSLATE_NOOP("steps", "佐证材料（可不填）"), Kind.FILES, required=False),
        ),
    ),
    d.FindDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "认定"),
        QT_TRANSLATE_NOOP("steps", "认定"),
        QT_TRANSLATE_NOOP("steps", "认定"),
        _LOGGED_FILE,
        (
            Field(
                "behaviour",
                QT_TRANSLATE_NOOP("steps", "认定结果"),
                Kind.CHOICE,
                choices=(
                    (Behaviour.INACTION, QT_TRANSLATE_NOOP("steps", "不作为")),
                    (Behaviour.SLOWNESS, QT_TRANSLATE_NOOP("steps", "慢作为")),
                    (Behaviour.LAXITY, QT_TRANSLATE_NOOP("steps", "懒作为")),
                    (Behaviour.MISCONDUCT, QT_TRANSLATE_NOOP("steps", "乱作为")),
                    (Behaviour.NO_FAULT, QT_TRANSLATE_NOOP("steps", "无过错")),
                ),
                made=Behaviour,
            ),
            Field(
                "text",
                QT_TRANSLATE_NOOP("steps", "认定依据"),
                Kind.TEXT,
                hint=QT_TRANSLATE_NOOP("steps", "哪一条规则、哪一份证据"),
            ),
        ),
        "danger",
    ),
    d.CloseFileDraft: FormWords(
        QT_TRANSLATE_NOOP("steps", "办结"),
        QT_TRANSLATE_NOOP("steps", "建议并办结"),
        QT_TRANSLATE_NOOP("steps", "办结"),
        _LOGGED_FILE,
        (
            Field(
                "recommendation",
                QT_TRANSLATE_NOOP("steps", "处理建议"),
                Kind.WORDED,
                words=(
                    QT_TRANSLATE_NOOP("steps", "谈话"),
                    QT_TRANSLATE_NOOP("steps", "通报"),
                    QT_TRANSLATE_NOOP("steps", "移送"),
                    QT_TRANSLATE_NOOP("steps", "结案"),
                ),
                hint=QT_TRANSLATE_NOOP("steps", "对象、内容与期限"),
                detailed=True,
            ),
        ),
        final=True,
    ),
}
