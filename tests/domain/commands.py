"""Everything that people can order about tickets, as the use cases decide it, without a store; and at random.

`City` holds some tickets at one moment and carries out orders: each is accepted, and its events appended, or
refused. Strategies draw orders that are possible now, and any others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import strategies as st

from domain import case_events as c
from domain import events as e
from domain.calendar import WorkCalendar
from domain.case_fold import fold_case
from domain.case_orders import ORDERS, Standing, check_subjects_done, possible_notes, take_note
from domain.city import BodyKind
from domain.clock import TicketClock, clock
from domain.drafts import StepDraft
from domain.events import Event, Fact
from domain.merging import MergeDraft, Side, SplitDraft, merge, split
from domain.nodes import Node
from domain.people import PLATFORM, Actor, Role
from domain.policy import Policy
from domain.steps import STEPS, check_step, consequence, possible_steps, take_step
from domain.urgency import Urgency
from tests.domain.city import CALENDAR, DUTY, ECOLOGY, HOUSING, at, policy_of

START = at("2026-09-17 16:00")
"""A Thursday; ten days on come the long holidays of October."""

POLICIES = (policy_of("standard-v2"), policy_of("standard-v1"))
POLICE = Actor(Role.HANDLER, "高远", "police")
ACTORS = (
    DUTY,
    Actor(Role.DUTY, "石磊", PLATFORM),
    HOUSING,
    ECOLOGY,
    POLICE,
    Actor(Role.HANDLER, "无单位"),
    Actor(Role.DISCIPLINE, "韩冬", "discipline"),
    Actor(Role.LEADER, "赵市长"),
    Actor(Role.WALL, "大屏"),
    Actor(Role.ADMIN, "管理员"),
)
HOLDERS = ("housing", "ecology", "police")
BODIES: Mapping[str, BodyKind] = {
    PLATFORM: BodyKind.PLATFORM,
    "discipline": BodyKind.DISCIPLINE,
    **dict.fromkeys(HOLDERS, BodyKind.RESPONSIBLE),
}
TICKETS = ("T-1", "T-2")


@dataclass
class City:
    """Some tickets, each with its events, and what time it is."""

    policy: Policy
    urgencies: Mapping[str, Urgency]
    calendar: WorkCalendar = CALENDAR
    now: datetime = START
    events: dict[str, list[Event]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, urgency in self.urgencies.items():
            received = e.Received("12345", "夜间施工噪声", urgency=urgency, lng=117.2, lat=34.2)
            self.events[number] = [Event(self.now, DUTY, received)]

    def clock(self, number: str) -> TicketClock:
        """A ticket's clocks now."""
        return clock(self.events[number], self.policy, self.calendar, self.now)

    def possible(self, number: str, actor: Actor) -> tuple[type[Fact], ...]:
        """What this person is offered."""
        now, case = self.clock(number), fold_case(self.events[number])
        return (*possible_steps(now, actor), *possible_notes(actor, case, now))

    def order(self, number: str, actor: Actor, fact: Fact) -> None:
        """Carry out an order, as `desktop.use_cases` does.

        Raises:
            RefusedError: it is refused; nothing has changed.
        """
        draft, now, case = StepDraft("", number, fact), self.clock(number), fold_case(self.events[number])
        if type(fact) in ORDERS:
            standing = Standing(actor, case, now, BODIES, self.now)
            self.events[number].append(take_note(draft, standing))
            return
        check_step(type(fact), actor, now)
        if isinstance(fact, e.Rectified):
            check_subjects_done(case, actor, now.trace)
        event = take_step(draft, actor, now, BODIES, self.now)
        follows = consequence(event, now, BODIES)
        self.events[number] += [event] if follows is None else [event, follows]

    def merge(self, main: str, repeat: str, actor: Actor) -> None:
        """Merge a ticket into another.

        Raises:
            RefusedError: it is refused.
        """
        self._add(merge(MergeDraft("", main, (repeat,), "同一工地"), actor, self._sides(), self.now))

    def split(self, number: str, actor: Actor) -> None:
        """Split a ticket off again.

        Raises:
            RefusedError: it is refused.
        """
        self._add(split(SplitDraft("", number, "另一工地"), actor, self._sides(), self.now))

    def _sides(self) -> dict[str, Side]:
        return {number: Side(number, events, self.clock(number)) for number, events in self.events.items()}

    def _add(self, found: Mapping[str, tuple[Event, ...]]) -> None:
        for number, events in found.items():
            self.events[number] += events


MINUTES = st.integers(0, 60 * 24 * 40)
MOMENTS = MINUTES.map(lambda minutes: START + timedelta(minutes=minutes))
TEXTS = st.sampled_from(["已停工", "  多余的空格 ", "非职责", "请补充"])
ANY_TEXTS = TEXTS | st.sampled_from(["", "   ", "长" * 5000])
SUMS = st.lists(st.sampled_from(["a" * 64, "b" * 64]), max_size=2).map(tuple)
ANY_SUMS = SUMS | st.just(("no sum",))
KEYS = st.sampled_from(HOLDERS)
ANY_KEYS = st.sampled_from([*BODIES, "nobody"])
NODES = st.sampled_from(Node)
NUMBERS = st.integers(1, 2)
DUES = st.integers(1, 60 * 24 * 90)


def facts(kind: type[Fact], now: datetime, *, whatever: bool) -> st.SearchStrategy[Fact]:
    """Facts of a kind as a form may hand them over; with `whatever`, as only an attacker does, too."""
    said = ANY_TEXTS if whatever else TEXTS
    keys = ANY_KEYS if whatever else KEYS
    sums = ANY_SUMS if whatever else SUMS
    numbers = st.integers(-1, 9) if whatever else NUMBERS
    coming = DUES.map(lambda minutes: now + timedelta(minutes=minutes))
    due = MOMENTS | coming if whatever else coming
    made: dict[type[Fact], st.SearchStrategy[Fact]] = {
        e.Dispatched: st.builds(e.Dispatched, keys, st.lists(keys, max_size=2).map(tuple)),
        e.ReturnedAsWrong: st.builds(e.ReturnedAsWrong, said),
        e.Arrived: st.builds(
            e.Arrived,
            st.none() | st.floats(0, 2000) | (st.just(-1.0) if whatever else st.just(5.0)),
            sums,
            note_of(said),
        ),
        e.Rectified: st.builds(e.Rectified, said, st.booleans(), sums),
        e.Filed: st.builds(e.Filed, said),
        e.Penalised: st.builds(e.Penalised, said, st.integers(-1 if whatever else 0, 10**13)),
        e.FedBack: st.builds(e.FedBack, said, note_of(said)),
        e.Revisited: st.builds(e.Revisited, st.booleans(), said),
        e.PostChecked: st.builds(e.PostChecked, st.booleans(), said),
        e.Closed: st.builds(e.Closed, note_of(said)),
        e.Paused: st.builds(e.Paused, said, st.just("")),
        e.Extended: st.builds(e.Extended, NODES, due, said, st.just("")),
        e.JointSupervisionOpened: st.builds(
            e.JointSupervisionOpened, st.lists(keys, max_size=2).map(tuple), said
        ),
        e.Chased: st.builds(e.Chased, said),
        c.SubjectsListed: st.builds(
            c.SubjectsListed, st.lists(st.sampled_from(["甲店", "乙店", "丙店"]), max_size=3).map(tuple)
        ),
        c.SubjectInspected: st.builds(
            c.SubjectInspected, st.sampled_from(["甲店", "乙店", "丙店"]), st.sampled_from(c.SubjectResult)
        ),
        c.RecordAdded: st.builds(
            c.RecordAdded,
            st.sampled_from(c.RecordKind),
            said,
            said,
            document=said,
            participants=st.just(("企业", "群众")),
            decisions=st.just(("限期拆除",)),
            deadlines=st.lists(due, min_size=0 if whatever else 1, max_size=1).map(tuple),
            evidence=sums,
        ),
        c.RecordApproved: st.builds(c.RecordApproved, numbers),
        c.DecisionDone: st.builds(c.DecisionDone, numbers, numbers),
        c.PauseRequested: st.builds(c.PauseRequested, said),
        c.ExtensionRequested: st.builds(c.ExtensionRequested, NODES, due, said),
        c.LeadVolunteered: st.builds(c.LeadVolunteered, said),
        c.RequestDeclined: st.builds(c.RequestDeclined, keys, said),
        c.HelpAsked: st.builds(c.HelpAsked, keys, said),
        c.HelpAnswered: st.builds(c.HelpAnswered, numbers, said, note_of(said)),
        c.TransferredOut: st.builds(c.TransferredOut, st.sampled_from(c.Authority), said, said),
        c.TransferReceipted: st.builds(c.TransferReceipted, numbers, said),
        c.ResponsibilityNamed: st.builds(
            c.ResponsibilityNamed, st.sampled_from(c.ResponsibleAs), said, st.none() | NODES
        ),
        c.SupervisionSignedOff: st.builds(c.SupervisionSignedOff, said),
        c.CaseMarked: st.builds(c.CaseMarked, st.sampled_from(c.CaseMark), st.booleans(), said),
    }
    return made[kind] if kind in made else st.just(kind())


def note_of(said: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """What may be left empty."""
    return said | st.just("")


ORDERABLE: tuple[type[Fact], ...] = (*STEPS, *ORDERS)
"""Every kind of fact that somebody can order about one ticket."""
NOT_ORDERABLE: tuple[Fact, ...] = (
    e.Received("12345", "再来一次"),
    e.DueSupplied(Node.SIGN, None, "12345"),
    e.WarningCleared(e.WarningKind.LATE, e.WarningLevel.RED, Node.SIGN, 1, 1, "自行解除"),
    c.MergedInto("T-2", "绕过"),
    c.SplitOff("T-2", "绕过"),
    e.DirectiveSigned("housing"),
    e.ReSupervisionClosed("了结"),
)
"""What nobody can record by a step, whoever they are."""
