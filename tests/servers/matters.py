"""A matter for every fact that a person may record: what stood before, what is said, and how to order it.

In facts and drafts BODY, TICKET, NUMBER and OFFICER stand for what a scene makes of them: whose matter it is,
its ticket, the number of its directive or file, and who is on duty.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from data_access import people
from data_access.store import Store
from desktop.use_cases.by_draft import carry_out
from domain import admin_events as a
from domain import drafts as d
from domain import events as e
from domain import staff
from domain.case_events import Categorised, LetGo, MergedInto, SplitOff, TookIn
from domain.codec import encode, to_text
from domain.dispatching import DispatchDraft
from domain.duty_events import DutyNote
from domain.duty_log import DutyEntryDraft, stream_of
from domain.events import Event, Fact
from domain.findings import ClueDraft, clue_number, external_id
from domain.merging import MergeDraft, SplitDraft
from domain.nodes import Node
from domain.people import SYSTEM, Actor, Role
from domain.rights import COMMAND_OF, RIGHTS, Command
from domain.urgency import Urgency
from tests.servers.case_matters import noted

BODY, TICKET, NUMBER, OFFICER = "<body>", "<ticket>", "<number>", "<officer>"
MAIN = "XZ-20260320-0132"
"""The demo city's ticket of the dossier: what others are merged into."""
PERSONS = tuple(role for role in Role if role is not Role.SYSTEM)
SECOND = timedelta(seconds=1)
NOW = datetime.now(UTC).replace(microsecond=0)
LATER = NOW + timedelta(days=40)
VERIFIER = f"SCRAM-SHA-256$4096:{'A' * 22}==${'B' * 43}=:{'C' * 43}="
SCHEME = """
key = "{0}"
version = 1
effective_from = 2031-01-01
near_share = 0.1
behind_yellow = 10
behind_red = 30
[legend]
green = "已销号"
blue = "按序时推进"
yellow = "临期或滞后"
red = "逾期或退回"
"""


@dataclass(frozen=True)
class Scene:
    """One matter in the store, which nobody else touches. `body` is the one that it belongs to."""

    index: int
    body: str
    cast: Mapping[tuple[Role, str | None], Actor]

    @property
    def ticket(self) -> str:
        """Its ticket."""
        return f"M-{self.index:04d}"

    @property
    def directive(self) -> str:
        """The directive that is its matter."""
        return f"D-2025-{self.index:03d}"

    @property
    def file(self) -> str:
        """The re-supervision file that is its matter."""
        return f"Z-2025-{self.index:04d}"

    @property
    def login(self) -> str:
        """The person whom an admin changes."""
        return f"matrix-{self.index}"

    @property
    def rule(self) -> str:
        """The rule, or the body's key, that an admin brings."""
        return f"matrix_{self.index}"

    @property
    def request(self) -> str:
        """What a form would have made when it opened."""
        return f"00000000-0000-4000-8000-{self.index:012d}"

    def actor(self, fact: Fact) -> Actor:
        """Return who has the right to record a fact of this matter."""
        command = COMMAND_OF.get(type(fact))
        if command is None or isinstance(fact, e.Received | e.ReSupervisionDrafted | e.ReSupervisionReferred):
            return SYSTEM
        # Whoever keeps a case is of the body that holds it: a plan is approved by somebody else.
        role = Role.HANDLER if command is Command.KEEP_CASE else next(iter(RIGHTS[command]))
        return self.cast[role, self.body if role is Role.HANDLER else None]


@dataclass(frozen=True)
class Matter:
    """What a fact is tried on. `before` happened in its stream; `order` gives it as a window would.

    `sql` are the statements by which it is recorded: `allowed` False leaves out what nobody refuses.
    """

    said: Fact
    family: str = "ticket"
    before: tuple[Fact, ...] = ()
    order: Callable[["Matter", Store, Scene, Actor], object] | None = None
    sql: Callable[["Matter", Scene, bool], str] | None = None
    hours_ago: float = 0.1

    def fact(self, scene: Scene) -> Fact:
        """Return what is said in a scene."""
        found: Fact = placed(self.said, scene, number_of(self, scene))
        return found

    def stream(self, scene: Scene) -> str:
        """Return the stream that it is said in."""
        return f"{self.family}/{number_of(self, scene)}"

    def carry_out(self, store: Store, scene: Scene, actor: Actor) -> None:
        """Order it through the use case, as whoever the store is open for."""
        if self.order is not None:
            self.order(self, store, scene, actor)
        else:
            carry_out(store, d.StepDraft(scene.request, scene.ticket, self.fact(scene)), actor, now())

    def statements(self, scene: Scene, *, allowed: bool) -> str:
        """Return what one types in psql to record it."""
        if self.sql is not None:
            return self.sql(self, scene, allowed)
        return recorded(self.stream(scene), self.fact(scene))

    def tickets_events(self, scene: Scene) -> tuple[Event, ...]:
        """Return what happened to the scene's ticket."""
        began: list[Fact] = [e.Received("12345", "夜间施工噪声", urgency=Urgency.ORDINARY, area="320312")]
        held: list[Fact] = list(_HELD)
        if self.family == "re_supervision":
            held.append(e.ReSupervisionReferred(scene.file, "drafted", "部门签收超期"))
        began += list(self.before) if self.family == "ticket" else held
        start = NOW - timedelta(hours=self.hours_ago)
        return tuple(
            Event(
                start + (timedelta(hours=4) if isinstance(fact, e.WarningRaised) else n * SECOND), actor, fact
            )
            for n, (actor, fact) in enumerate(_acted(began, scene, scene.ticket))
        )

    def own_events(self, scene: Scene) -> tuple[Event, ...]:
        """Return what happened in the matter's own stream where it is not the ticket's."""
        if self.family not in ("directive", "re_supervision"):
            return ()
        start = NOW - timedelta(hours=self.hours_ago) + 10 * SECOND
        acted = _acted(self.before, scene, number_of(self, scene))
        return tuple(Event(start + n * SECOND, actor, fact) for n, (actor, fact) in enumerate(acted))


def now() -> datetime:
    """Return the moment of an order."""
    return datetime.now(UTC)


def number_of(matter: Matter, scene: Scene) -> str:
    """Return what a matter's stream is called after."""
    return {
        "ticket": scene.ticket,
        "access": scene.ticket,
        "directive": scene.directive,
        "re_supervision": scene.file,
        "person": scene.login,
        "body": scene.rule,
        "rules": f"scheme-{scene.rule}",
        "duty": stream_of(now(), ZoneInfo("Asia/Shanghai")).partition("/")[2],
    }[matter.family]


def placed(thing: Any, scene: Scene, number: str) -> Any:
    """Return a fact or a draft with the names of a scene."""
    officer = scene.cast[Role.DUTY, None].name
    names = {BODY: scene.body, TICKET: scene.ticket, NUMBER: number, OFFICER: officer}
    changed: dict[str, Any] = {}
    for field in fields(thing):
        value = getattr(thing, field.name)
        if isinstance(value, tuple):
            changed[field.name] = tuple(names.get(part, part) for part in value)
        elif isinstance(value, str):
            changed[field.name] = names.get(value, value)
    return replace(thing, **changed)


def _acted(facts: tuple[Fact, ...] | list[Fact], scene: Scene, number: str) -> Iterator[tuple[Actor, Fact]]:
    for fact in facts:
        yield scene.actor(fact), placed(fact, scene, number)


# --- how each is ordered and typed ---------------------------------------------------------------------


def quoted(text: str) -> str:
    """Return a text as SQL says it."""
    return "'" + text.replace("'", "''") + "'"


def recorded(stream: str, fact: Fact, expected: int | None = None) -> str:
    """Return the statement that records a fact."""
    kind, values = encode(fact)
    version = "NULL" if expected is None else expected
    said = ", ".join(map(quoted, (kind, to_text(values))))
    return f"SELECT record_event({quoted(stream)}, {version}, {said});\n"


def _typed(statement: str) -> Callable[[Matter, Scene, bool], str]:
    def sql(matter: Matter, scene: Scene, allowed: bool) -> str:
        return statement.format(
            ticket=quoted(scene.ticket), login=quoted(scene.login), rule=quoted(scene.rule), verifier=VERIFIER
        )

    return sql


def _new_stream(matter: Matter, scene: Scene, allowed: bool) -> str:
    """What opens a stream takes the next number; who may not guesses one."""
    family, letter, digits = {
        "directive": ("directive", "D", 3),
        "re_supervision": ("re_supervision", "Z", 4),
    }[matter.family]
    year = NOW.year
    numbering = f"SELECT '{letter}-{year}-9' AS number \\gset\n"
    if allowed:
        numbering = (
            f"SELECT '{letter}-{year}-' || lpad(next_serial('{family}', {year})::text, {digits}, '0')"
            " AS number \\gset\n"
        )
    kind, values = encode(placed(matter.said, scene, ""))
    said = ", ".join(map(quoted, (kind, to_text(values))))
    return f"{numbering}SELECT record_event('{family}/' || :'number', 0, {said});\n"


def _referred(opening: Fact) -> Callable[[Matter, Scene, bool], str]:
    """What a ticket's log says of a directive or a file stands there only together with it."""

    def sql(matter: Matter, scene: Scene, allowed: bool) -> str:
        family = "directive" if isinstance(opening, e.DirectiveIssued) else "re_supervision"
        opened = _new_stream(Matter(opening, family), scene, allowed)
        if not allowed:
            opened = opened.partition("\n")[0] + "\n"
        kind, values = encode(matter.fact(scene))
        text = quoted(to_text({**values, "number": "?"}))
        return (
            f"BEGIN;\n{opened}SELECT record_event({quoted(matter.stream(scene))}, NULL, '{kind}',"
            f" replace({text}, '\"?\"', '\"' || :'number' || '\"'));\nCOMMIT;\n"
        )

    return sql


def _draft(make: Callable[[Scene], Any]) -> Callable[[Matter, Store, Scene, Actor], object]:
    def order(matter: Matter, store: Store, scene: Scene, actor: Actor) -> object:
        return carry_out(store, placed(make(scene), scene, number_of(matter, scene)), actor, now())

    return order


def _clue(_matter: Matter, scene: Scene, _allowed: bool) -> str:
    """What a person brings in says which finding it is."""
    said = replace(FOUND, external_id=external_id(scene.index))
    return recorded(f"ticket/{clue_number(scene.index)}", said)


def _put_body(matter: Matter, store: Store, scene: Scene, actor: Actor) -> None:
    # No window adds a body: `admin body` does, by the same call.
    store.write(partial(people.put_body, key=scene.rule, name="河长办", short_name="河长"))


def _issue(scene: Scene) -> d.DirectiveDraft:
    return d.DirectiveDraft(scene.request, "今晚停工", (BODY,), LATER, tickets=(TICKET,))


def _launch(number: str | None = None) -> Callable[[Scene], d.ReSupervisionDraft]:
    def make(scene: Scene) -> d.ReSupervisionDraft:
        return d.ReSupervisionDraft(
            scene.request, TICKET, BODY, "部门签收超期", "为何未签收？", LATER, Node.SIGN, 1, number
        )

    return make


def _merge(scene: Scene) -> MergeDraft:
    return MergeDraft(scene.request, MAIN, (TICKET,), "同一工地")


def _split(scene: Scene) -> SplitDraft:
    return SplitDraft(scene.request, TICKET, "另一处工地")


def _merger(of_repeat: Fact, of_main: Fact) -> Callable[[Matter, Scene, bool], str]:
    """What a merger or a split says stands in both tickets' logs, or in neither."""

    def sql(_matter: Matter, scene: Scene, _allowed: bool) -> str:
        repeat = recorded(f"ticket/{scene.ticket}", placed(of_repeat, scene, scene.ticket))
        return f"BEGIN;\n{repeat}{recorded(f'ticket/{MAIN}', placed(of_main, scene, MAIN))}COMMIT;\n"

    return sql


def _person(scene: Scene, role: Role, title: str = "") -> staff.PersonDraft:
    return staff.PersonDraft(scene.login, "测试员", role, title=title)


# --- the table -----------------------------------------------------------------------------------------

FOUND = e.Received("tracing", "露天堆场未苫盖", area="320312", lng=117.2, lat=34.1)
"""A finding of a drone, made a clue."""
_MERGED, _OFF = MergedInto(MAIN, "同一工地"), SplitOff(MAIN, "另一处工地")
_HELD = (e.Accepted(), e.Dispatched(BODY))
_THERE = (*_HELD, e.Signed(), e.Arrived(12.5))
_DONE = (*_THERE, e.Rectified("停工", violation=True))
_TOLD = (*_THERE, e.Rectified("停工"), e.FedBack("电话", "已告知"))
_CAUSE = (e.WarningKind.LATE, e.WarningLevel.RED, Node.SIGN, 1, 1)

_ISSUED = e.DirectiveIssued("今晚停工", (BODY,), LATER)
_SIGNED_BY = (_ISSUED, e.DirectiveSigned(BODY))
_ANSWERED = (*_SIGNED_BY, e.DirectiveFedBack(BODY, "已停工"))

_DRAFTED = e.ReSupervisionDrafted(TICKET, BODY, Node.SIGN, 1, "部门签收超期")
_LAUNCHED = (_DRAFTED, e.ReSupervisionLaunched(BODY, "为何未签收？", LATER, "{}", "00"))
_EXPLAINED = (*_LAUNCHED, e.ReSupervisionExplained("车辆外出"))
_FOUND = (*_EXPLAINED, e.ReSupervisionFound(e.Behaviour.SLOWNESS, "超时 41 分"))


def _of_directive(said: Fact, before: tuple[Fact, ...], make: Callable[[Scene], Any]) -> Matter:
    return Matter(said, "directive", before, _draft(make))


def _of_file(said: Fact, before: tuple[Fact, ...], make: Callable[[Scene], Any]) -> Matter:
    return Matter(said, "re_supervision", before, _draft(make))


def _of_person(said: Fact, make: Callable[[Scene], Any], statement: str) -> Matter:
    return Matter(said, "person", order=_draft(make), sql=_typed(statement))


MATTERS: Mapping[type[Fact], Matter] = {
    type(matter.said): matter
    for matter in (
        # The platform office's.
        Matter(e.Accepted()),
        Matter(e.Dispatched(BODY, rule="责任清单 3.12"), before=(e.Accepted(),)),
        Matter(
            Categorised("C12", ("夜间施工",)),
            order=_draft(lambda s: DispatchDraft(s.request, TICKET, "C12", ("夜间施工",))),
        ),
        Matter(_MERGED, before=_HELD, order=_draft(_merge), sql=_merger(_MERGED, TookIn(TICKET))),
        Matter(TookIn(TICKET), before=_HELD, order=_draft(_merge), sql=_merger(_MERGED, TookIn(TICKET))),
        Matter(_OFF, before=(*_HELD, _MERGED), order=_draft(_split), sql=_merger(_OFF, LetGo(TICKET))),
        Matter(
            LetGo(TICKET), before=(*_HELD, _MERGED), order=_draft(_split), sql=_merger(_OFF, LetGo(TICKET))
        ),
        Matter(e.Chased("请立即到场"), before=_HELD),
        Matter(e.Paused("等待鉴定", OFFICER), before=_HELD),
        Matter(e.Resumed(), before=(*_HELD, e.Paused("等待鉴定", "王磊"))),
        Matter(e.Extended(Node.SIGN, LATER, "暴雪", OFFICER), before=_HELD),
        Matter(e.JointSupervisionOpened((BODY,), "群众反复举报"), before=_HELD),
        Matter(e.Revisited(satisfied=True), before=_TOLD),
        Matter(e.PostChecked(passed=True), before=(*_TOLD, e.Revisited(satisfied=True))),
        Matter(e.Closed("已解决"), before=(*_TOLD, e.Revisited(satisfied=True), e.PostChecked(passed=True))),
        # The body's.
        Matter(e.Signed(), before=_HELD),
        Matter(e.ReturnedAsWrong("不在辖区"), before=_HELD),
        Matter(e.Arrived(38.5, ("a" * 64,), "噪声 71 dB(A)"), before=(*_HELD, e.Signed())),
        Matter(e.Rectified("停工", violation=True), before=_THERE),
        Matter(e.Filed("徐环立〔2026〕1 号"), before=_DONE),
        Matter(e.Penalised("徐环罚〔2026〕1 号", 20000), before=(*_DONE, e.Filed("徐环立〔2026〕1 号"))),
        Matter(e.FedBack("电话", "已告知"), before=_DONE),
        Matter(
            e.WarningAcknowledged(*_CAUSE, "已电话催办"),
            before=(*_HELD, e.WarningRaised(*_CAUSE, BODY, "4 小时内签收")),
            order=_draft(lambda s: d.AcknowledgeDraft(s.request, TICKET, *_CAUSE, "已电话催办")),
            hours_ago=6,
        ),
        Matter(
            e.ComplainantSeen("回访核实"),
            "access",
            order=_draft(lambda s: d.ComplainantDraft(s.request, TICKET, "回访核实")),
            sql=_typed(
                "SELECT see_complainant({ticket}, '回访核实') AS look \\gset\n"
                "SELECT * FROM complainant_of(:'look');"
            ),
        ),
        Matter(
            e.DutyNoted(DutyNote.ENTRY, "接到市府办电话"),
            "duty",
            order=_draft(lambda s: DutyEntryDraft(s.request, "接到市府办电话")),
        ),
        Matter(
            FOUND,
            order=_draft(lambda s: ClueDraft(s.request, s.index, FOUND.title)),
            sql=_clue,
        ),
        # What is noted in a case.
        *(Matter(said, before=before) for said, before in noted(BODY, LATER, _HELD)),
        # A leader's directive, and the answers to it.
        Matter(_ISSUED, "directive", order=_draft(_issue), sql=_new_stream),
        Matter(
            e.DirectiveReferred(NUMBER, "今晚停工", (BODY,), LATER),
            before=_HELD,
            order=_draft(_issue),
            sql=_referred(replace(_ISSUED, tickets=(TICKET,))),
        ),
        _of_directive(
            e.DirectiveJudged(BODY, accepted=True),
            _ANSWERED,
            lambda s: d.JudgeDraft(s.request, NUMBER, BODY, accepted=True),
        ),
        _of_directive(
            e.DirectiveReminded(BODY, "请尽快签收"),
            (_ISSUED,),
            lambda s: d.RemindDraft(s.request, NUMBER, (BODY,), "请尽快签收"),
        ),
        _of_directive(
            e.DirectiveWithdrawn("另行部署"),
            (_ISSUED,),
            lambda s: d.WithdrawDraft(s.request, NUMBER, "另行部署"),
        ),
        _of_directive(
            e.DirectiveSigned(BODY), (_ISSUED,), lambda s: d.SignDirectiveDraft(s.request, NUMBER, BODY)
        ),
        _of_directive(
            e.DirectiveFedBack(BODY, "已停工"),
            _SIGNED_BY,
            lambda s: d.FeedBackDraft(s.request, NUMBER, BODY, "已停工"),
        ),
        # An officer's file, and the body's explanation.
        Matter(_DRAFTED, "re_supervision", order=_draft(_launch()), sql=_new_stream),
        Matter(
            e.ReSupervisionReferred(NUMBER, "launched", "为何未签收？", LATER),
            before=_HELD,
            order=_draft(_launch()),
            sql=_referred(_DRAFTED),
        ),
        _of_file(_LAUNCHED[1], (_DRAFTED,), _launch(NUMBER)),
        _of_file(
            e.ReSupervisionDeclined("情况已查明"),
            (_DRAFTED,),
            lambda s: d.DeclineDraft(s.request, NUMBER, "情况已查明"),
        ),
        _of_file(
            e.ReSupervisionAsked("当日有几辆车？", LATER),
            _EXPLAINED,
            lambda s: d.AskDraft(s.request, NUMBER, "当日有几辆车？", LATER),
        ),
        _of_file(
            e.ReSupervisionExplained("车辆外出"),
            _LAUNCHED,
            lambda s: d.ExplainDraft(s.request, NUMBER, "车辆外出"),
        ),
        _of_file(
            e.ReSupervisionFound(e.Behaviour.SLOWNESS, "超时 41 分"),
            _EXPLAINED,
            lambda s: d.FindDraft(s.request, NUMBER, e.Behaviour.SLOWNESS, "超时 41 分"),
        ),
        _of_file(
            e.ReSupervisionClosed("谈话"), _FOUND, lambda s: d.CloseFileDraft(s.request, NUMBER, "谈话")
        ),
        # An admin's people, bodies and rules.
        _of_person(
            a.PersonAdded("测试员", Role.WALL),
            lambda s: staff.AddPerson(_person(s, Role.WALL)),
            "SELECT add_person({login}, '测试员', 'wall', verifier => '{verifier}');",
        ),
        _of_person(
            a.PersonChanged("测试员", Role.LEADER, title="值班长"),
            lambda s: staff.ChangePerson(_person(s, Role.LEADER, "值班长")),
            "SELECT change_person({login}, '测试员', 'leader', title => '值班长');",
        ),
        _of_person(
            a.PersonRevoked("调离"),
            lambda s: staff.RevokePerson(s.login, "调离"),
            "SELECT revoke_person({login}, '调离');",
        ),
        _of_person(
            a.PersonRestored(), lambda s: staff.RestorePerson(s.login), "SELECT restore_person({login});"
        ),
        _of_person(
            a.PasswordReset(),
            lambda s: staff.ResetPassword(s.login),
            "SELECT reset_password({login}, '{verifier}');",
        ),
        Matter(
            a.BodyAdded("河长办", "河长"),
            "body",
            order=_put_body,
            sql=_typed("SELECT put_body({rule}, '河长办', '河长');"),
        ),
        Matter(
            a.BodyChanged("河长办", "河长"),
            "body",
            order=_put_body,
            sql=_typed("SELECT put_body({rule}, '河长办', '河长');"),
        ),
        Matter(
            a.RuleSubmitted(a.RuleKind.SCHEME, "", "", 1, "2031-01-01"),
            "rules",
            order=_draft(
                lambda s: staff.SubmitRule(
                    a.RuleKind.SCHEME, s.rule, 1, date(2031, 1, 1), SCHEME.format(s.rule)
                )
            ),
            sql=_typed("SELECT submit_rule('scheme', {rule}, 'text of it', 1, '2031-01-01');"),
        ),
    )
}
"""By what a person records (`domain.rights.COMMAND_OF`)."""

PREPARED: Mapping[type[Fact], str] = {
    e.Received: (
        "INSERT INTO finding (number, file, source, at, lng, lat, what, unit, is_clue, area)"
        " OVERRIDING SYSTEM VALUE SELECT {index}, f.number, 'drone', now(), 117.2, 34.1, '露天堆场未苫盖',"
        " '', true, '320312' FROM finding_file AS f ORDER BY f.number LIMIT 1"
    ),
    a.PersonChanged: "SELECT add_person({login}, '测试员', 'wall')",
    a.PersonRevoked: "SELECT add_person({login}, '测试员', 'wall')",
    a.PersonRestored: "SELECT add_person({login}, '测试员', 'wall'), revoke_person({login}, '调离')",
    a.PasswordReset: "SELECT add_person({login}, '测试员', 'wall')",
    a.BodyChanged: "SELECT put_body({rule}, '河道办')",
}
"""What an admin must have done before, or an import."""
FOUND_FILE = (
    "INSERT INTO finding_file (source, name, sha256, crs, findings, imported_at)"
    " VALUES ('drone', 'flight.geojson', repeat('0', 64), 'WGS-84', 0, now())"
)
"""The file that all findings of the city are from."""
