"""人员: an admin's page. Who may sign in and as what, who was refused, and the rules that judge tickets."""

from collections.abc import Sequence
from datetime import date, datetime

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from domain.admin_events import RuleKind
from domain.staff import LOG_SETTINGS, AdminView, AttemptCount, LogAccess, RuleLine, StaffMember
from widgets.admin_words import attempt_reason_name, member_mark, rule_kind_name, rule_mark
from widgets.fact_grid import FactGrid, small_label
from widgets.pages.choice_row import ChoiceRow
from widgets.pages.list_page import DetailPanel
from widgets.panel import Panel
from widgets.plain import tip
from widgets.scale import Scale
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.wording import CITY_ZONE, local_moment_text, role_name, short_moment_text

ALWAYS = date(1970, 1, 1)
"""From this day on: a rule that was in force before there were any records."""

LONGEST_LOGIN = 30
"""Characters of a login that the panel beside the list shows; the list's tool tip has all of it."""


class PeoplePage(QWidget):
    """Signals: `add_requested()`, and with a StaffMember `change_requested`, `password_requested`,
    `revoke_requested` and `restore_requested`; `rule_requested(RuleKind)` to install one from a file;
    `trial_requested()` to try a policy's file first.
    """

    add_requested = Signal()
    change_requested = Signal(object)
    password_requested = Signal(object)
    revoke_requested = Signal(object)
    restore_requested = Signal(object)
    rule_requested = Signal(object)
    trial_requested = Signal()

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._view: AdminView | None = None
        self._failed: dict[str, int] = {}
        self.setProperty("look", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.people = self._people_panel()
        self.person = PersonPanel(scale, self)
        self.attempts = AttemptsPanel(scale, self)
        self.rules = RulesPanel(scale, self)
        self._row, self._left, self._lower = QHBoxLayout(self), QVBoxLayout(), QHBoxLayout()
        self._left.addWidget(self.people, 3)
        self._left.addLayout(self._lower, 2)
        self._lower.addWidget(self.attempts, 5)
        self._lower.addWidget(self.rules, 7)
        self._row.addLayout(self._left, 1)
        self._row.addWidget(self.person)
        self.setFocusProxy(self.table)
        self.person.change.clicked.connect(self._ask_change)
        self.person.password.clicked.connect(self._ask_password)
        self.person.revoke.clicked.connect(self._ask_revoke)
        self.person.restore.clicked.connect(self._ask_restore)
        self.rules.rule_requested.connect(self.rule_requested)
        self.rules.trial.clicked.connect(self.trial_requested)
        scale.factor_changed.connect(self._respace)
        self._respace()

    def show_administration(self, view: AdminView) -> None:
        """Show people, refused sign-ins and rules."""
        self._view = view
        self._failed = {}
        for row in view.attempts:
            self._failed[row.login] = self._failed.get(row.login, 0) + row.count
        self.people.set_fresh(view.as_of)
        active = sum(member.active and member.login is not None for member in view.members)
        gone = sum(not member.active for member in view.members)
        self.which.show_counts([len(view.members), active, gone])
        self._show_filtered(None)
        self.attempts.show_attempts(view)
        self.rules.show_rules(view.rules, view.as_of)

    def choose(self, login: str) -> None:
        """Choose a person, if they are listed."""
        self.table.choose(login)

    def tick(self, now: datetime) -> None:
        """Nothing here counts down."""

    def set_stale(self, since: datetime | None) -> None:
        """Veil the page because it is only true as of `since`; None lifts the veil."""
        for panel in (self.people, self.person, self.attempts, self.rules):
            panel.set_stale(since)

    def _people_panel(self) -> Panel:
        columns = (
            Column("state", self.tr("状态"), 108, _state),
            Column("login", self.tr("登录名"), 190, _login),
            Column("role", self.tr("身份"), 100, _role),
            Column("name", self.tr("姓名"), 134, _name),
            Column("where", self.tr("单位 · 职务"), 200, _where, stretch=True),
            Column("seen", self.tr("最近登录"), 150, self._seen),
            Column("failed", self.tr("24 小时失败"), 116, self._failures, right=True),
        )
        self.table = RecordTable(RecordModel(columns, _key_of), self._scale)
        self.table.setAccessibleName(self.tr("人员"))
        panel = Panel(self.tr("人员"), self._scale, self)
        choices = ((None, self.tr("全部")), (True, self.tr("可登录")), (False, self.tr("已停用")))
        self.which = ChoiceRow(choices, self._scale, panel)
        self.add = QPushButton(self.tr("添加人员"), panel)
        self.add.setProperty("look", "primary")
        tools = QHBoxLayout()
        tools.addWidget(self.which)
        tools.addStretch(1)
        tools.addWidget(self.add)
        panel.body.addLayout(tools)
        panel.body.addWidget(self.table, 1)
        self.which.choice_changed.connect(self._show_filtered)
        self.table.record_chosen.connect(self._chosen)
        self.table.record_activated.connect(self._activated)
        self.add.clicked.connect(self.add_requested)
        return panel

    def _show_filtered(self, _value: object) -> None:
        members = self._view.members if self._view is not None else ()
        wanted = self.which.value
        shown = [
            member
            for member in members
            if wanted is None or (member.active == wanted and (member.login is not None or not wanted))
        ]
        empty = self.tr("没有这样的人员") if members else self.tr("还没有人员，请添加")
        self.table.set_empty_text(empty)
        self.table.show_records(shown)
        self.people.set_note(self.tr("{0} 人").format(len(shown)))
        if self.table.chosen() is None and shown:
            self.table.selectRow(0)
        self._chosen(self.table.chosen())

    def _chosen(self, member: StaffMember | None) -> None:
        seen = self._view.last_seen.get(member.login or "") if member and self._view else None
        self.person.show_member(member, seen, self._failed.get(member.login or "", 0) if member else 0)

    def _activated(self, member: StaffMember, _column: str) -> None:
        if member.login is not None:
            self.change_requested.emit(member)

    def _ask_change(self) -> None:
        self.change_requested.emit(self.person.member)

    def _ask_password(self) -> None:
        self.password_requested.emit(self.person.member)

    def _ask_revoke(self) -> None:
        self.revoke_requested.emit(self.person.member)

    def _ask_restore(self) -> None:
        self.restore_requested.emit(self.person.member)

    def _seen(self, member: StaffMember) -> Cell:
        if member.sessions:
            return Cell(self.tr("在线"), colour="done", tooltip=self.tr("{0} 个会话").format(member.sessions))
        at = self._view.last_seen.get(member.login or "") if self._view is not None else None
        return Cell("—", colour="text_faint") if at is None else Cell(short_moment_text(at)[:-3])

    def _failures(self, member: StaffMember) -> Cell:
        if self._view is None or self._view.access is not LogAccess.READ:
            return Cell("—", colour="text_faint", tooltip=self.tr("服务器日志不可读"))
        count = self._failed.get(member.login or "", 0)
        return Cell(str(count), colour="due_soon" if count else "text_faint", bold=bool(count))

    def _respace(self) -> None:
        margin, gap = self._scale.size("margin"), self._scale.size("gap")
        self._row.setContentsMargins(margin, margin, margin, margin)
        for layout in (self._row, self._left, self._lower):
            layout.setSpacing(gap)


class PersonPanel(DetailPanel):
    """The chosen person, and what can be done about them."""

    WIDTH = 460

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self.member: StaffMember | None = None
        captions = (
            self.tr("登录名"),
            self.tr("身份"),
            self.tr("单位"),
            self.tr("区划"),
            self.tr("职务"),
            self.tr("会话"),
            self.tr("最近登录"),
            self.tr("24 小时失败"),
            self.tr("最近更改"),
        )
        self.facts = FactGrid(captions, scale, self)
        self.content.addWidget(self.facts)
        self.content.addStretch(1)
        self.change = QPushButton(self.tr("更改"), self)
        self.password = QPushButton(self.tr("重置口令"), self)
        self.revoke = QPushButton(self.tr("停用"), self)
        self.revoke.setProperty("look", "danger")
        self.restore = QPushButton(self.tr("恢复"), self)
        self.restore.setProperty("look", "primary")
        self.add_orders(self.change, self.password, self.revoke, self.restore)
        self.show_member(None, None, 0)

    def show_member(self, member: StaffMember | None, seen: datetime | None, failed: int) -> None:
        """Show a person; `seen` is when they last came in, `failed` how often they were refused in a day."""
        self.member = member
        if member is None:
            self.show_nothing(self.tr("选择一个人"))
            return
        mark = member_mark(member)
        self.show_content(member.name, f"{mark.shape.value} {mark.word}", mark.colour_name)
        self.facts.show_values(
            (
                _short(member.login) if member.login else self.tr("未设登录名，不能登录"),
                role_name(member.role),
                member.body_name,
                member.area_name,
                member.title,
                str(member.sessions) if member.sessions else "",
                local_moment_text(seen) if seen else "",
                str(failed) if failed else "",
                local_moment_text(member.changed_at) if member.changed_at else "",
            )
        )
        for button in (self.change, self.password, self.revoke):
            button.setEnabled(member.login is not None)
        self.revoke.setVisible(member.active)
        self.restore.setVisible(not member.active)


class AttemptsPanel(Panel):
    """Refused sign-ins of the last day by hour, name and address; or why they cannot be shown."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("登录失败（24 小时）"))
        columns = (
            Column("hour", self.tr("时段"), 126, _hour, least=96),
            Column("login", self.tr("登录名"), 100, _tried, stretch=True, least=70),
            Column("address", self.tr("来自"), 142, _address, least=84),
            Column("reason", self.tr("原因"), 146, _reason, least=84),
            Column("count", self.tr("次数"), 62, _count, right=True),
        )
        self.table = RecordTable(RecordModel(columns, _attempt_key), scale, self)
        self.table.setAccessibleName(self.tr("登录失败"))
        self.said = small_label(self, "muted")
        self.said.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.said, 1)

    def show_attempts(self, view: AdminView) -> None:
        """Show who was refused, or what to grant so that it can be shown."""
        readable = view.access is LogAccess.READ
        self.table.setVisible(readable)
        self.said.setVisible(not readable)
        self.table.set_empty_text(self.tr("没有失败的登录"), "done")
        self.table.show_records(view.attempts)
        count = sum(row.count for row in view.attempts)
        if not readable:
            self.set_note(self.tr("看不到"), "due_soon")
        else:
            self.set_note(self.tr("{0} 次").format(count), "due_soon" if count else "")
        if view.access is LogAccess.NONE:
            self.said.setText(
                self.tr(
                    "服务器没有收集日志，失败的登录无从得知。请在服务器的 postgresql.conf 中设置：\n"
                    "{0}\n"
                    "然后重启服务器。内置数据库不要求口令，没有失败的登录。"
                ).format(LOG_SETTINGS)
            )
        elif not readable:
            said = self.tr("服务器日志不可读。请数据库管理员（超级用户）在本库执行：")
            self.said.setText("\n".join((said, *view.grants)))


class RulesPanel(Panel):
    """Policies, calendars and schemes with their versions; `trial` is the button that tries a policy first.

    Signals: `rule_requested(RuleKind)`.
    """

    rule_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("规则 · 日历 · 配色"))
        self._now: datetime | None = None
        columns = (
            Column("state", self.tr("状态"), 94, self._state),
            Column("kind", self.tr("种类"), 92, _kind),
            Column("name", self.tr("名称"), 230, _rule_name, stretch=True, least=160),
            Column("version", self.tr("版本"), 58, _version, right=True),
            Column("from", self.tr("生效日"), 112, _from),
            Column("by", self.tr("提交"), 130, _by, least=56),
        )
        self.table = RecordTable(RecordModel(columns, _rule_key), scale, self)
        self.table.setAccessibleName(self.tr("规则"))
        self._tools = tools = QHBoxLayout()
        self.buttons: dict[RuleKind, QPushButton] = {}
        for kind in RuleKind:
            button = QPushButton(self.tr("安装{0}文件…").format(rule_kind_name(kind)), self)
            button.setObjectName(kind.value)
            button.setProperty("look", "small")
            button.clicked.connect(self._ask)
            tools.addWidget(button)
            self.buttons[kind] = button
        self.trial = QPushButton(self.tr("试算政策…"), self)
        self.trial.setProperty("look", "small")
        self.trial.setToolTip(tip(self.tr("安装之前，先看它会使哪些环节晚、慢、错；不写入任何内容")))
        tools.addStretch(1)
        tools.addWidget(self.trial)
        self.body.addWidget(self.table, 1)
        self.body.addLayout(tools)
        scale.factor_changed.connect(self._space_tools)
        self._space_tools()

    def _space_tools(self) -> None:
        self._tools.setSpacing(self.scale.size("gap"))
        self._tools.setContentsMargins(0, self.scale.px(8), 0, 0)

    def show_rules(self, rules: Sequence[RuleLine], now: datetime) -> None:
        """Show all rules; `now` tells which have not begun."""
        self._now = now
        self.table.show_records(rules)
        waiting = sum(line.state.value == "waiting" for line in rules)
        self.set_note(self.tr("{0} 份待核对").format(waiting) if waiting else "", "due_soon")

    def _ask(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.rule_requested.emit(RuleKind(sender.objectName()))

    def _state(self, line: RuleLine) -> Cell:
        begun = self._now is None or line.effective_from <= self._now.astimezone(CITY_ZONE).date()
        mark = rule_mark(line, begun=begun)
        return Cell(mark.word, CellLook.MARK, mark.colour_name, mark, tooltip=line.note)


def _short(login: str) -> str:
    """A login has no place to break a line at."""
    return login if len(login) <= LONGEST_LOGIN else login[: LONGEST_LOGIN - 1] + "…"


def _key_of(member: StaffMember) -> str:
    return member.login or f"{member.role} {member.body} {member.name}"


def _state(member: StaffMember) -> Cell:
    mark = member_mark(member)
    return Cell(mark.word, CellLook.MARK, mark.colour_name, mark)


def _login(member: StaffMember) -> Cell:
    if member.login is None:
        return Cell("—", colour="text_faint")
    return Cell(member.login, colour="text_strong", tooltip=member.login)


def _role(member: StaffMember) -> Cell:
    return Cell(role_name(member.role))


def _name(member: StaffMember) -> Cell:
    return Cell(member.name, tooltip=member.name)


def _where(member: StaffMember) -> Cell:
    text = " · ".join(part for part in (member.body_name, member.area_name, member.title) if part)
    return Cell(text, colour="text_muted", tooltip=text)


def _attempt_key(row: AttemptCount) -> str:
    return f"{row.hour} {row.login} {row.address} {row.reason}"


def _hour(row: AttemptCount) -> Cell:
    return Cell(f"{row.hour.astimezone(CITY_ZONE):%m-%d %H 时}", tooltip=local_moment_text(row.last_at))


def _tried(row: AttemptCount) -> Cell:
    return Cell(row.login or "—", colour="text_strong", tooltip=row.login)


def _address(row: AttemptCount) -> Cell:
    return Cell(row.address or "—", tooltip=row.address)


def _reason(row: AttemptCount) -> Cell:
    name = attempt_reason_name(row.reason)
    return Cell(name, colour="text_muted", tooltip=name)


def _count(row: AttemptCount) -> Cell:
    return Cell(str(row.count), bold=True, colour="due_soon")


def _rule_key(line: RuleLine) -> str:
    return f"{line.kind} {line.name} {line.version} {line.submitted_at}"


def _kind(line: RuleLine) -> Cell:
    return Cell(rule_kind_name(line.kind))


def _rule_name(line: RuleLine) -> Cell:
    note = line.note or line.name
    return Cell(f"{line.name} · {line.note}" if line.note else line.name, colour="text_strong", tooltip=note)


def _version(line: RuleLine) -> Cell:
    return Cell(str(line.version))


def _from(line: RuleLine) -> Cell:
    if line.effective_from <= ALWAYS:
        always = QCoreApplication.translate("RulesPanel", "一直")
        return Cell(always, colour="text_muted", tooltip=line.effective_from.isoformat())
    return Cell(line.effective_from.isoformat())


def _by(line: RuleLine) -> Cell:
    if line.submitted_at is None:
        return Cell("—", colour="text_faint")
    text = f"{line.submitted_by} {short_moment_text(line.submitted_at)[:-3]}"
    return Cell(
        text, colour="text_muted", tooltip=f"{line.submitted_by} {local_moment_text(line.submitted_at)}"
    )
