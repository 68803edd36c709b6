"""What somebody does next on an open ticket: the events of one step, in the order that the procedure asks.

Pure: a ticket as it stands, a moment and a source of chance in; events out.
"""

from datetime import UTC, datetime
from random import Random
from zlib import crc32

from data_access.log import Addition
from data_access.open_work import OpenNode, OpenTicket
from desktop.demo.flow import CHANCES, CHECKERS, MAX_ROUNDS, photo
from desktop.demo.living.habits import next_node
from desktop.demo.world import World, supervisors
from domain.case_events import SupervisionSignedOff
from domain.city import Category
from domain.events import (
    Accepted,
    Arrived,
    Closed,
    Dispatched,
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
from domain.urgency import Urgency

AMOUNTS = (500, 2000, 5000, 10_000, 20_000, 30_000, 50_000, 100_000)
LONGER = 3
"""Working days by which the office extends."""


def can_go_on(world: World, ticket: OpenTicket) -> bool:
    """Whether the demo's people know this ticket's category and the body that holds it."""
    held = ticket.lead is None or (Role.HANDLER, ticket.lead) in world.staff
    return held and world.city.category(ticket.category) is not None


def next_step(world: World, ticket: OpenTicket, now: datetime, random: Random) -> Addition | None:
    """Return what continues the ticket's stream, decided on its present version; None when nothing runs."""
    node, category = next_node(ticket), world.city.category(ticket.category)
    if node is None or category is None:
        return None
    at = max(now, ticket.stepped_at).astimezone(UTC)
    step = _Step(world, ticket, node, category, at, random)
    events = [Event(at, actor, fact) for actor, fact in step.done()]
    return Addition(f"ticket/{ticket.number}", events, ticket.version)


Done = list[tuple[Actor, Fact]]


class _Step:
    def __init__(
        self,
        world: World,
        ticket: OpenTicket,
        node: OpenNode,
        category: Category,
        at: datetime,
        random: Random,
    ) -> None:
        self.world, self.ticket, self.node, self.category = world, ticket, node, category
        self.at, self.random = at, random
        self.officer = world.on_duty(at)
        self.urgent = ticket.urgency is not Urgency.ORDINARY

    def done(self) -> Done:
        if self.ticket.paused:
            return [(self.officer, Resumed())]
        match self.node.node:
            case Node.ACCEPT:
                return [(self.officer, Accepted())]
            case Node.DISPATCH:
                return [(self.officer, self.dispatched())]
            case Node.SIGN:
                return [(self.handler, self.returned() or Signed())]
            case Node.ARRIVE:
                distance = round(min(self.random.expovariate(1 / 45), 480), 0)
                return [(self.handler, Arrived(distance, self.photos(), self.say("arrive")))]
            case Node.RECTIFY:
                return [self.interrupted() or (self.handler, self.rectified())]
            case Node.FEED_BACK:
                return [(self.handler, FedBack(self.say("feed_back_by"), self.say("feed_back")))]
            case Node.FILE:
                return [(self.handler, Filed(f"徐立〔{self.year}〕{self.random.randint(40, 9000)} 号"))]
            case Node.PENALISE:
                document = f"徐罚〔{self.year}〕{self.random.randint(40, 9000)} 号"
                return [(self.handler, Penalised(document, self.random.choice(AMOUNTS)))]
            case Node.REVISIT:
                satisfied = self.last_round or self.random.random() >= CHANCES.unsatisfied
                fact = Revisited(satisfied, self.say("satisfied" if satisfied else "unsatisfied"))
                return [(self.world.caller(), fact), *([] if satisfied else self.joined())]
            case Node.POST_CHECK:
                passed = self.last_round or self.random.random() >= CHANCES.not_passed
                checker = self.staff_of(self.other_body())
                checked = PostChecked(passed, self.say("check_passed" if passed else "check_failed"))
                return [(checker, checked), *([] if passed else self.joined())]
            case Node.CLOSE:
                return [*self.signed_off(), (self.officer, Closed(self.say("closed")))]

    # --- who ---

    @property
    def handler(self) -> Actor:
        """The same person all along, of the body that holds the node."""
        return self.staff_of(self.node.body or self.ticket.lead or PLATFORM)

    def staff_of(self, body: str) -> Actor:
        people = self.world.staff.get((Role.HANDLER, body))
        if not people:
            return self.officer
        return people[crc32(self.ticket.number.encode()) % len(people)]

    def other_body(self) -> str:
        """Who checks afterwards: a body that had no part in the work (X12)."""
        worked = {self.ticket.lead, *self.ticket.assisting}
        return next(key for key in CHECKERS if key not in worked)

    # --- what ---

    def dispatched(self) -> Dispatched:
        lead, assisting = self.world.city.lead_for(self.category, self.ticket.area)
        if not self.urgent and self.node.leg == 1 and self.random.random() < CHANCES.returned:
            others = [body.key for body in self.world.city.responsible if body.key != lead]
            return Dispatched(self.random.choice(others), (), None)
        return Dispatched(lead, assisting, self.category.rule)

    def returned(self) -> ReturnedAsWrong | None:
        """A body that got what the responsibility list gives to another sends it back, once."""
        right, _ = self.world.city.lead_for(self.category, self.ticket.area)
        if self.ticket.lead == right or (self.node.round, self.node.leg) != (1, 1) or self.urgent:
            return None
        body = self.world.city.body(right)
        return ReturnedAsWrong(self.say("return_reasons").format(other=body.short if body else right))

    def interrupted(self) -> tuple[Actor, Fact] | None:
        """Sometimes the office grants a pause or an extension instead of getting a result."""
        if self.urgent or self.node.round > 1 or self.node.body in self.ticket.assisting:
            return None
        draw = self.random.random()
        if draw < CHANCES.paused:
            return self.officer, Paused(self.say("pause_reasons"), self.officer.name)
        due = self.node.due_at
        if draw < CHANCES.paused + CHANCES.extended and not self.node.extended and due and due > self.at:
            day = self.world.calendar.local_day(due)
            for _ in range(LONGER):
                day = self.world.calendar.next_working_day(day)
            until = self.world.calendar.end_of_office(day).astimezone(UTC)
            return self.officer, Extended(Node.RECTIFY, until, self.say("extend_reasons"), self.officer.name)
        return None

    def rectified(self) -> Rectified:
        measures = self.random.choice(self.world.texts.kinds[self.category.code].measures)
        share = CHANCES.violation_urgent if self.urgent else CHANCES.violation
        violation = self.node.round == 1 and self.random.random() < share
        return Rectified(measures, violation, self.photos())

    def joined(self) -> Done:
        return [(self.officer, JointSupervisionOpened(supervisors(self.ticket.lead), self.say("joint")))]

    def signed_off(self) -> Done:
        """Work that was found wanting is closed when each of its supervisors is content with it (Y17)."""
        if self.node.round == 1:
            return []
        return [
            (self.world.supervisor(body, self.at), SupervisionSignedOff(self.say("sign_off")))
            for body in supervisors(self.ticket.lead)
        ]

    @property
    def last_round(self) -> bool:
        return self.node.round >= MAX_ROUNDS

    @property
    def year(self) -> int:
        return self.world.local(self.at).year

    def photos(self) -> tuple[str, ...]:
        step = f"living/{self.node.node}/{self.node.round}/{self.node.leg}"
        count = self.random.choice((1, 2, 2, 3))
        return tuple(photo(self.ticket.number, f"{step}/{n}") for n in range(count))

    def say(self, step: str) -> str:
        return self.world.texts.step(step, self.random)
