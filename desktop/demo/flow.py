"""What happens to a ticket: who does what when, node after node, round after round, to the end.

The flow goes on past the anchor; the caller cuts it there. So whether a ticket is still open, and how long a
node has been running, follows from the same habits that made the closed ones.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from hashlib import sha256
from random import Random

from desktop.demo.plan import Plan
from desktop.demo.world import World, supervisors
from domain.case_events import ResponsibilityNamed, ResponsibleAs, SupervisionSignedOff
from domain.due import due_time
from domain.events import (
    Accepted,
    Arrived,
    Closed,
    Dispatched,
    DueSupplied,
    Event,
    Extended,
    Fact,
    FedBack,
    Filed,
    JointSupervisionOpened,
    Paused,
    Penalised,
    PostChecked,
    Rectified,
    Resumed,
    ReturnedAsWrong,
    Revisited,
    Signed,
)
from domain.nodes import Node
from domain.people import PLATFORM, Actor, Role
from domain.policy import ClockKind
from domain.urgency import Urgency

MAX_ROUNDS = 3

PHASE = {Node.SIGN: 0.1, Node.ARRIVE: 0.35, Node.RECTIFY: 0.6, Node.FEED_BACK: 0.85}
"""Where in a body's row of tickets the late ones of a node stand, so that not all fall on one ticket."""


class Habit(Enum):
    """How a ticket's holders behave. NORMAL may be late; the others never are: BRISK ones finish early,
    SLOW ones when most of the time has gone."""

    NORMAL = "normal"
    PUNCTUAL = "punctual"
    BRISK = "brisk"
    SLOW = "slow"


HELP_LATE = 3.1
"""What follows keeps the lead's pace: who helps is late to sign, for nearly all three of its nodes."""

CHECKERS = ("ecology", "urban_management", "industry", "housing", "agriculture")
"""Who looks again after the work was done; some of them had no part in it."""

HELP = ((Node.SIGN, 0.1, 0.8), (Node.ARRIVE, 0.15, 0.6), (Node.RECTIFY, 0.3, 0.7))
"""When an assisting body does its part, in shares of its own time (Y24)."""


@dataclass(frozen=True, slots=True)
class Chances:
    """How often things take a turn."""

    returned: float = 0.03
    paused: float = 0.025
    extended: float = 0.02
    supplied: float = 0.55
    violation: float = 0.05
    violation_urgent: float = 0.16
    unsatisfied: float = 0.021
    not_passed: float = 0.01
    on_the_spot: float = 0.16


CHANCES = Chances()


@dataclass
class Flow:
    """One ticket on its way. `pace` stretches what comes after the revisit."""

    world: World
    plan: Plan
    habit: Habit
    pace: float
    random: Random = field(init=False)
    events: list[Event] = field(init=False, default_factory=list)
    lead: str = field(init=False, default="")
    assisting: tuple[str, ...] = field(init=False, default=())
    supplied: datetime | None = field(init=False, default=None)
    round: int = field(init=False, default=1)

    def __post_init__(self) -> None:
        self.random = Random(f"{self.plan.seed}/{self.habit.value}")  # noqa: S311 - seeded on purpose

    def run(self) -> list[Event]:
        """Return all events of the ticket in order of time, past the anchor too."""
        received, at = self.plan.received, self.plan.received_at
        self.add(at, channel_actor(self.world, received.channel), received)
        if received.channel == "12345" and not self.urgent and self.random.random() < CHANCES.supplied:
            self.supply_due(at)
        dispatched = self.dispatch(at)
        handler, start = self.world.handler(self.lead, self.random), at
        for self.round in range(1, MAX_ROUNDS + 1):
            begun = dispatched if self.round == 1 else start
            rectified, violation = self.on_site(start, begun, handler)
            penalised = self.penalise(rectified, handler) if violation else None
            fed_back = self.feed_back(rectified, handler)
            bounced = self.follow_up(rectified, fed_back, penalised, last=self.round == MAX_ROUNDS)
            if bounced is None:
                break
            start = bounced
        self.events.sort(key=_at)
        return self.events

    # --- the steps ---

    def dispatch(self, at: datetime) -> datetime:
        """Accept and dispatch; sometimes to a wrong body first. Return when the right one got it."""
        quick = self.urgent
        accepted = at + self.between(12, 55) if quick else self.within(at, Node.ACCEPT, 0.02, 0.6)
        self.add(accepted, self.world.on_duty(accepted), Accepted())
        dispatched = accepted + (self.between(20, 80) if quick else self.between(90, 1500))
        self.lead, self.assisting = self.world.city.lead_for(self.plan.category, self.plan.received.area)
        rule = self.plan.category.rule
        if not quick and self.random.random() < CHANCES.returned:
            dispatched = self.misdispatch(dispatched)
        officer = self.world.on_duty(dispatched)
        self.add(dispatched, officer, Dispatched(self.lead, self.assisting, rule))
        if self.plan.received.urgency is Urgency.CRITICAL:
            # Somebody watches over each of the gravest ones (B02).
            watcher = self.world.on_duty(dispatched)
            self.add(dispatched, officer, ResponsibilityNamed(ResponsibleAs.WATCHER, watcher.name))
        return dispatched

    def misdispatch(self, at: datetime) -> datetime:
        others = [b.key for b in self.world.city.responsible if b.key not in (self.lead, "tongshan", "gulou")]
        wrong = self.random.choice(others)
        self.add(at, self.world.on_duty(at), Dispatched(wrong, (), None))
        back = at + self.between(600, 5400)
        right = self.world.city.body(self.lead)
        reason = self.say("return_reasons").format(other=right.short if right else self.lead)
        self.add(back, self.world.handler(wrong, self.random), ReturnedAsWrong(reason))
        return back + self.between(240, 1500)

    def on_site(self, start: datetime, begun: datetime, handler: Actor) -> tuple[datetime, bool]:
        """Sign, arrive, rectify. `start` starts the clocks, `begun` is when the body got the ticket."""
        if self.urgent:
            signed = begun + self.between(15, 75)
            if self.is_late(start, Node.SIGN):
                due = self.due(start, Node.SIGN)
                signed = max(signed, due + self.between(30, 400))
        else:
            signed = begun + self.between(240, 6000)
            if self.is_late(start, Node.SIGN):
                signed = max(signed, self.due(start, Node.SIGN) + self.between(200, 5000))
        self.add(signed, handler, Signed())
        arrived = max(self.finish(start, Node.ARRIVE, 0.02, 0.32), signed + self.between(400, 1500))
        self.add(arrived, handler, self.arrival())
        rectified, violation = self.rectify(start, arrived, handler)
        self.help(begun, rectified)
        return rectified, violation

    def help(self, begun: datetime, rectified: datetime) -> None:
        """Assisting bodies do their part before the lead is done, on clocks of their own (Y24)."""
        for body in self.assisting:
            if body == self.lead:
                continue
            key = f"{self.plan.seed}/helper/{body}/{self.round}"
            random = Random(key)  # noqa: S311 - of its own, so that help changes nothing else of a ticket
            helper = self.world.handler(body, random)
            ends = []
            for node, low, high in HELP:
                due = self.due(begun, node, supplied=False)
                share = random.uniform(low, high)
                late = random.random() < HELP_LATE * (1 - self.world.on_time_rate(body, begun))
                if late and node is Node.SIGN and self.habit is Habit.NORMAL:
                    share = random.uniform(1.02, 1.1)
                ends.append(begun + share * (due - begun))
            done = min(ends[2], rectified - timedelta(seconds=random.randint(30, 300)))
            arrived = min(ends[1], done - timedelta(seconds=random.randint(1200, 1800)))
            signed = max(min(ends[0], arrived), begun + timedelta(seconds=5))
            arrived = max(arrived, signed)
            done = max(done, arrived)
            step = f"help/{body}/{self.round}"
            seen, proof = (photo(self.plan.number, f"{step}/{what}") for what in ("arrive", "rectify"))
            distance = round(min(random.expovariate(1 / 45), 480), 0)
            self.add(signed, helper, Signed())
            self.add(arrived, helper, Arrived(distance, (seen,), self.world.texts.step("arrive", random)))
            self.add(done, helper, Rectified("协同处置", evidence=(proof,)))

    def arrival(self) -> Arrived:
        distance = round(min(self.random.expovariate(1 / 45), 480), 0)
        return Arrived(distance, self.photos(f"arrive/{self.round}"), self.say("arrive"))

    def rectify(self, start: datetime, arrived: datetime, handler: Actor) -> tuple[datetime, bool]:
        spot_on = not self.urgent and self.random.random() < CHANCES.on_the_spot
        if self.habit is Habit.SLOW:
            done = self.finish(start, Node.RECTIFY, 0.86, 0.97)
        elif spot_on and not self.is_late(start, Node.RECTIFY):
            done = arrived + self.between(1500, 7200)
        else:
            done = self.finish(start, Node.RECTIFY, 0.15, 0.66)
        done = max(done, arrived + self.between(900, 2400))
        if not self.urgent and self.round == 1 and not spot_on and self.habit is not Habit.SLOW:
            done = self.interrupt(arrived, done)
        measures = self.random.choice(self.world.texts.kinds[self.plan.category.code].measures)
        share = CHANCES.violation_urgent if self.urgent else CHANCES.violation
        violation = self.round == 1 and self.random.random() < share
        self.add(done, handler, Rectified(measures, violation, self.photos(f"rectify/{self.round}")))
        return done, violation

    def interrupt(self, arrived: datetime, done: datetime) -> datetime:
        """Sometimes a pause or an extension between arrival and result; return when it is done then."""
        draw = self.random.random()
        officer = self.world.on_duty(arrived)
        if draw < CHANCES.paused:
            paused = self.world.office_moment(arrived + self.between(1200, 5400), self.random)
            resumed = self.world.office_moment(paused + self.between(90_000, 340_000), self.random)
            self.add(paused, officer, Paused(self.say("pause_reasons"), officer.name))
            self.add(resumed, officer, Resumed())
            return max(done + (resumed - paused), resumed + self.between(3600, 40_000))
        if draw < CHANCES.paused + CHANCES.extended:
            asked = self.world.office_moment(arrived + self.between(3600, 30_000), self.random)
            due = self.due(self.plan.received_at, Node.RECTIFY)
            if asked < min(due, done):
                until = self.end_of_day_after(due, 3)
                reason = self.say("extend_reasons")
                self.add(asked, officer, Extended(Node.RECTIFY, until, reason, officer.name))
                if self.random.random() < 0.6:
                    return self.world.office_moment(due + self.between(40_000, 110_000), self.random)
        return done

    def penalise(self, rectified: datetime, handler: Actor) -> datetime:
        year = self.world.local(rectified).year
        filed = self.office(rectified + self.random.uniform(0.4, 5) * timedelta(days=1))
        serial = self.random.randint(40, 900)
        self.add(filed, handler, Filed(f"徐立〔{year}〕{serial} 号"))
        done = self.office(filed + self.random.uniform(1.5, 6) * timedelta(days=1))
        amount = self.random.choice((500, 2000, 5000, 10_000, 20_000, 30_000, 50_000, 100_000))
        self.add(done, handler, Penalised(f"徐罚〔{year}〕{serial} 号", amount))
        return done

    def feed_back(self, rectified: datetime, handler: Actor) -> datetime:
        if self.urgent:
            fed_back = self.finish(rectified, Node.FEED_BACK, 0.15, 0.7)
        else:
            fed_back = self.office(rectified + self.between(1200, 26_000))
            due = self.due(rectified, Node.FEED_BACK)
            if self.is_late(rectified, Node.FEED_BACK):
                fed_back = due + self.overtime()
            elif fed_back > due:
                fed_back = due - self.between(600, 9000)
        self.add(fed_back, handler, FedBack(self.say("feed_back_by"), self.say("feed_back")))
        return fed_back

    def follow_up(
        self, rectified: datetime, fed_back: datetime, penalised: datetime | None, *, last: bool
    ) -> datetime | None:
        """Revisit, post-check, close. Return when the ticket was bounced back, None when it was closed."""
        caller = self.world.caller()
        revisited = self.office(max(fed_back, rectified) + self.pace * self.between(2400, 60_000))
        due = self.due(rectified, Node.REVISIT)
        if self.is_late(rectified, Node.REVISIT, PLATFORM):
            revisited = due + self.overtime()
        elif revisited > due:
            revisited = max(due - self.between(300, 14_000), rectified + self.between(600, 1800))
        satisfied = last or self.random.random() >= CHANCES.unsatisfied
        self.add(
            revisited, caller, Revisited(satisfied, self.say("satisfied" if satisfied else "unsatisfied"))
        )
        if not satisfied:
            self.join(revisited)
            return revisited
        checked = self.office(revisited + self.pace * self.random.uniform(0.4, 3.2) * timedelta(days=1))
        due = self.due(revisited, Node.POST_CHECK)
        if self.habit is Habit.SLOW:
            checked = self.within(revisited, Node.POST_CHECK, 0.86, 0.97)
        if penalised is not None and checked <= penalised:
            checked = self.office(penalised + self.between(3600, 40_000))
        other = self.other_body()
        if checked > due:
            checked = due - self.between(600, 7200)
        if self.is_late(revisited, Node.POST_CHECK, other):
            checked = due + self.overtime()
        checker = self.world.handler(other, self.random)
        passed = last or self.random.random() >= CHANCES.not_passed
        self.add(
            checked, checker, PostChecked(passed, self.say("check_passed" if passed else "check_failed"))
        )
        if not passed:
            self.join(checked)
            return checked
        closed = self.office(checked + self.pace * self.between(1200, 30_000))
        closed = min(closed, self.due(checked, Node.CLOSE) - self.between(300, 3000))
        if penalised is not None:
            closed = max(closed, penalised + self.between(600, 3600))
        closed = max(closed, checked + self.between(60, 200))
        self.sign_off(closed - timedelta(seconds=50))
        self.add(closed, self.world.on_duty(closed), Closed(self.say("closed")))
        return None

    def sign_off(self, at: datetime) -> None:
        """Work that was found wanting is closed when each of its supervisors is content with it (Y17)."""
        if self.round == 1:
            return
        random = Random(f"{self.plan.seed}/sign_off")  # noqa: S311 - of its own, as that of help
        for body in supervisors(self.lead):
            text = self.world.texts.step("sign_off", random)
            self.add(at, self.world.supervisor(body, at), SupervisionSignedOff(text))

    def join(self, at: datetime) -> None:
        bodies = supervisors(self.lead)
        officer = self.world.on_duty(at)
        self.add(at + timedelta(seconds=40), officer, JointSupervisionOpened(bodies, self.say("joint")))

    def supply_due(self, at: datetime) -> None:
        """12345 brings its own due time for the result: five to seven working days (Y08)."""
        until = self.end_of_day_after(at, self.random.choice((5, 5, 5, 6, 7)))
        self.add(at, channel_actor(self.world, "12345"), DueSupplied(Node.RECTIFY, until, "12345 工单"))
        self.supplied = until

    # --- time ---

    @property
    def urgent(self) -> bool:
        return self.plan.received.urgency is not Urgency.ORDINARY

    def due(self, start: datetime, node: Node, *, supplied: bool = True) -> datetime:
        at_first = supplied and node is Node.RECTIFY and start == self.plan.received_at
        if at_first and self.supplied is not None:
            return self.supplied
        limit = self.world.limit(node, self.plan.received.urgency)
        due = due_time(start, limit, self.world.calendar)
        assert due is not None
        return due

    def is_late(self, moment: datetime, node: Node, body: str | None = None) -> bool:
        """Whether this node will be late. The lead's first round misses exactly its share, ticket by ticket;
        what others do, and what comes after a bounce-back, is left to chance."""
        if self.habit is not Habit.NORMAL:
            return False
        share = 1 - self.world.on_time_rate(body or self.lead, moment)
        if body is not None or self.round > 1:
            return self.random.random() < share
        before = self.plan.turn * share + PHASE[node]
        return int(before + share) > int(before)

    def within(self, start: datetime, node: Node, low: float, high: float) -> datetime:
        """Return a moment after this share of the node's time, most often nearer to `low`."""
        share = low + (high - low) * self.random.betavariate(1.6, 2.6)
        if self.habit is Habit.BRISK:
            share *= 0.7
        return start + share * (self.due(start, node) - start)

    def finish(self, start: datetime, node: Node, low: float, high: float) -> datetime:
        """Return when a body ends a node: in time after such a share of it, or late by its rate."""
        due = self.due(start, node)
        natural = self.world.limit(node, self.plan.received.urgency).kind is ClockKind.NATURAL
        if self.is_late(start, node):
            return due + (self.random.uniform(0.04, 0.35) * (due - start) if natural else self.overtime())
        moment = self.within(start, node, low, high)
        if natural:
            return moment
        # Somebody of each body is on duty at all hours (T05): one goes on site at night and at weekends too.
        if node is not Node.ARRIVE or self.random.random() < 0.5:
            moment = self.office(moment)
        return moment if moment < due else due - self.between(300, 5400)

    def overtime(self) -> timedelta:
        """How late a working-day node is: mostly the same evening."""
        if self.random.random() < 0.75:
            return self.between(400, 13_000)
        return self.between(50_000, 66_000)

    def office(self, moment: datetime) -> datetime:
        """Return the moment, or the next office hours; every fifth time people work on into the evening."""
        hour = self.world.local(moment).hour
        if 8 <= hour < 21 and self.random.random() < 0.2:
            return moment
        return self.world.office_moment(moment, self.random)

    def end_of_day_after(self, moment: datetime, days: int) -> datetime:
        day = self.world.calendar.local_day(moment)
        for _ in range(days):
            day = self.world.calendar.next_working_day(day)
        return self.world.calendar.end_of_office(day).astimezone(UTC)

    def between(self, low: int, high: int) -> timedelta:
        return timedelta(seconds=self.random.randint(low, high))

    # --- the rest ---

    def other_body(self) -> str:
        """Return who checks afterwards: a body that had no part in the work (X12)."""
        return next(key for key in CHECKERS if key != self.lead and key not in self.assisting)

    def photos(self, step: str) -> tuple[str, ...]:
        count = self.random.choice((1, 2, 2, 3))
        return tuple(photo(self.plan.number, f"{step}/{n}") for n in range(count))

    def say(self, step: str) -> str:
        return self.world.texts.step(step, self.random)

    def add(self, at: datetime, actor: Actor, fact: Fact) -> None:
        self.events.append(Event(at.astimezone(UTC).replace(microsecond=0), actor, fact))


def photo(number: str, what: str) -> str:
    """Return the checksum of a picture that nobody took: 64 hex digits, the same every time."""
    return sha256(f"{number}/{what}".encode()).hexdigest()


def _at(event: Event) -> datetime:
    return event.at


def channel_actor(world: World, key: str) -> Actor:
    """Return the channel as the actor that brings a ticket in."""
    channel = world.city.channel(key)
    return Actor(Role.SYSTEM, channel.name if channel else key)
