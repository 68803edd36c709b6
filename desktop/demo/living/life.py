"""Plays a city's life into a store: what comes in, what is done about it, which feeds speak.

All goes the ordinary way: complaints as imports bring them, steps through the log with the version they were
decided on, orders by the use cases. Somebody else's change wins: the ticket is looked at again, and another
one is taken meanwhile. Blocking: call from a worker thread, one turn at a time.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from data_access import bulk, log, master, open_work, planning, watched
from data_access.log import Addition
from data_access.open_work import OpenTicket
from data_access.rules import load_rules
from data_access.store import Connection, Store, be_patient_for_seconds
from desktop.demo.living.affairs import Deed, deeds
from desktop.demo.living.arrivals import Arrivals, busyness
from desktop.demo.living.board import Board
from desktop.demo.living.feeds import quiet_channels
from desktop.demo.living.steps import can_go_on, next_step
from desktop.demo.world import World, make_world
from desktop.errors import WorldError
from desktop.use_cases import directives, re_supervisions, tickets
from domain.drafts import AcknowledgeDraft, ReSupervisionDraft
from domain.events import Closed
from domain.intake import NewTicket
from domain.rights import RefusedError
from domain.sensor_clue import CHANNEL

MOST_ON_BOARD = 20_000
"""Of more open tickets, those next due are played with; the board is filled again from time to time."""
PORTION = 200
"""Changes of one transaction, at the most: a screen sees what is committed."""
ARRIVAL_SHARE = 1 / 13.4
"""A ticket has so many changes from its arrival to its close: help, returns and second rounds included."""
PULL = 8.0
"""How hard arrivals are held to the level: for 1 % too few open tickets so many percent more come in."""
BREATH = 0.06
"""How much fuller the board is at the busiest hours, against the mean of the day."""
SMALLEST_LEVEL = 25
LOOK = timedelta(seconds=4)
"""How often what waits beside the tickets is looked at."""
PAPERWORK = 0.06
"""The share of changes beside the tickets' own steps, at the most."""
SEEN = 60
"""How much of each kind a look takes in."""
FEED_BEAT = timedelta(seconds=5)
AGAIN = timedelta(minutes=15)
"""How often the board is read anew, for what others have done to tickets."""
PATIENCE_SECONDS = 8


@dataclass(slots=True)
class Score:
    """What was done so far, and how the city stands. `open` counts tickets that may be played with; `left`
    deeds that were dropped because somebody else was quicker; `quiet_names` channels that do not speak.
    """

    events: int = 0
    new: int = 0
    closed: int = 0
    left: int = 0
    open: int = 0
    overdue: int = 0
    quiet: frozenset[str] = frozenset()
    quiet_names: tuple[str, ...] = ()
    steps: Counter[str] = field(default_factory=Counter)


class Life:
    """A living city in a store. `rate` is changes a second, for the paperwork's share; `seed` the chance.
    With `sensed` the city's devices raise their alarms themselves, and none is made up.
    """

    def __init__(self, store: Store, now: datetime, rate: float, seed: int, *, sensed: bool = False) -> None:
        self._store = store
        self._left = frozenset({CHANNEL} if sensed else ())
        self._seed = seed
        self._rate = rate
        self._random = Random(f"living/{seed}/{now.isoformat()}")  # noqa: S311 - seeded on purpose
        self._world: World = make_world(now)
        self._board = Board(self._world)
        self._arrivals = Arrivals(self._world, self._random)
        self._level: float | None = None
        self._read_at = self._fed_at = self._looked_at = datetime.min.replace(tzinfo=now.tzinfo)
        self.score = Score()

    def turn(self, now: datetime, owed: int) -> int:
        """Do up to `owed` changes as of a moment, a portion at the most; return how many events were written.

        Raises:
            StoreError: the database is away; the next turn goes on.
            WorldError: the store is not a sample city.
        """
        if now - self._read_at >= AGAIN:
            self._read(now)
        if now - self._fed_at >= FEED_BEAT:
            self._feed(now)
        beside: list[Sequence[Addition]] = []
        written = 0
        if self._left and now - self._looked_at >= LOOK:
            self._take_in_clues(now)
        if now - self._looked_at >= LOOK and owed > 0:
            beside, written = self._paperwork(now, owed)
        owed = (
            min(owed, PORTION) - written - sum(len(addition.events) for deed in beside for addition in deed)
        )
        if owed > 0 or beside:
            written += self._steps(now, max(0, owed), beside)
        self.score.events += written
        self.score.overdue = self._board.overdue(now)
        return written

    # --- the tickets ---

    def _steps(self, now: datetime, owed: int, beside: Sequence[Sequence[Addition]]) -> int:
        arriving = self._arriving(now, owed)
        chosen = self._board.ripest(now, owed - arriving, self._random.random())
        steps = [next_step(self._world, ticket, now, self._random) for ticket in chosen]
        deeds_ = [*beside, *([step] for step in steps if step is not None)]
        done = self._store.write(_Work(self, deeds_, arriving, now), again=True)
        for number in done.asked:
            if number not in done.standing:
                self._board.drop(number)
        for number, ticket in done.standing.items():
            self._board.put(ticket, now, now if number in done.moved else None)
        closed = sum(isinstance(a.events[-1].fact, Closed) for a in done.written)
        score = self.score
        score.new += done.arrived
        score.closed += closed
        score.open += done.arrived - closed
        score.left += done.left
        score.steps.update(type(event.fact).__name__ for a in done.written for event in a.events)
        return done.events

    def _arriving(self, now: datetime, owed: int) -> int:
        assert self._level is not None
        wanted = max(SMALLEST_LEVEL, self._level * self._breath(now))
        lack = (wanted - self.score.open) / wanted
        share = ARRIVAL_SHARE * min(3.0, max(0.0, 1 + PULL * lack))
        return min(owed, int(owed * share + self._random.random()))

    def _breath(self, now: datetime) -> float:
        return 1 + BREATH * (busyness(self._world, now) - 1)

    def draw(self, now: datetime, count: int, last: int | None) -> list[NewTicket]:
        """Return tickets that come in now; `last` is the day's last serial where it was asked for."""
        if last is not None:
            self._arrivals.go_on_after(now, last)
        quiet = self.score.quiet | self._left
        return [self._arrivals.draw(now, quiet) for _ in range(count)]

    def day_to_ask(self, now: datetime) -> str | None:
        """Return how this day's numbers begin when its last one is not known."""
        return None if self._arrivals.knows(now) else self._arrivals.prefix(now)

    def _read(self, now: datetime) -> None:
        def work(connection: Connection) -> tuple[bool, int, list[OpenTicket]]:
            sample = open_work.is_sample(connection)
            if not sample:
                return False, 0, []
            return True, open_work.count_open(connection), open_work.open_tickets(connection, MOST_ON_BOARD)

        sample, count, tickets = self._store.read(work)
        if not sample:
            raise WorldError(
                "The store does not hold a sample city, and made-up people must not act on a real one.",
                "Use --data to name another folder; `demo` creates the demo city there.",
            )
        known = [ticket for ticket in tickets if can_go_on(self._world, ticket)]
        numbers = {ticket.number for ticket in known}
        for number in self._board.numbers():
            if number not in numbers:
                self._board.drop(number)
        for ticket in known:
            if ticket.number not in self._board:
                self._board.put(ticket, now)
        self.score.open = count
        if self._level is None:
            if not self._store.read(planning.knows_the_data):
                self._store.write(planning.know_the_data)
            self._level = count / self._breath(now)
        self._read_at = now

    def _take_in_clues(self, now: datetime) -> None:
        """Take the clues that devices raised since the last look onto the board: somebody must sign them."""
        since = max(self._looked_at, now - AGAIN) - LOOK

        def ask(connection: Connection) -> list[OpenTicket]:
            return open_work.open_tickets_since(connection, CHANNEL, since)

        for ticket in self._store.read(ask):
            if ticket.number not in self._board and can_go_on(self._world, ticket):
                self._board.put(ticket, now)
                self.score.open += 1
                self.score.new += 1

    # --- beside the tickets ---

    def _feed(self, now: datetime) -> None:
        channels = [channel for channel in self._world.city.linked if channel.key not in self._left]
        self.score.quiet = quiet_channels(channels, now, self._seed)
        self.score.quiet_names = tuple(c.name for c in channels if c.key in self.score.quiet)
        speaking = {channel.key: now for channel in channels if channel.key not in self.score.quiet}

        def speak(connection: Connection) -> None:
            master.put_feeds(connection, speaking)

        self._store.write(speak, again=True)
        self._fed_at = now

    def _paperwork(self, now: datetime, owed: int) -> tuple[list[Sequence[Addition]], int]:
        """Choose what is done beside the tickets, as much as the time since the last look allows.

        Returns what is to be written with the next steps, and how many events orders have written already.
        """
        since = min(now - self._looked_at, 2 * LOOK).total_seconds()
        self._looked_at = now
        most = min(owed, PORTION // 2, int(PAPERWORK * self._rate * since + self._random.random()))
        if most < 1:
            return [], 0
        waiting = self._store.read(lambda connection: open_work.open_affairs(connection, SEEN))
        chosen: list[Sequence[Addition]] = []
        written = count = 0
        for deed in deeds(self._world, waiting, now, self._random):
            if count + written >= most:
                break
            if deed.order is None:
                chosen.append(deed.additions)
                count += sum(len(addition.events) for addition in deed.additions)
                continue
            try:
                written += self._give(deed, now)
            except RefusedError:
                self.score.left += 1
        return chosen, written

    def _give(self, deed: Deed, now: datetime) -> int:
        order, actor = deed.order, deed.actor
        assert order is not None
        assert actor is not None
        if isinstance(order, AcknowledgeDraft):
            tickets.acknowledge_warning(self._store, order, actor, now)
            self.score.steps["WarningAcknowledged"] += 1
            return 1
        if isinstance(order, ReSupervisionDraft):
            re_supervisions.launch_re_supervision(self._store, order, actor, now)
            self.score.steps["ReSupervisionLaunched"] += 1
            return 2
        directives.issue_directive(self._store, order, actor, now)
        self.score.steps["DirectiveIssued"] += 1
        return 1


@dataclass(slots=True)
class _Done:
    """What a transaction wrote. `standing` are the tickets looked at as they stand now, those that are open;
    `moved` the ones that went a step on; `left` counts deeds that somebody else's change made untrue.
    """

    events: int = 0
    arrived: int = 0
    left: int = 0
    written: list[Addition] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)
    standing: dict[str, OpenTicket] = field(default_factory=dict)


class _Work:
    """One transaction: complaints that come in, and deeds about what nobody else has changed meanwhile."""

    def __init__(
        self, life: Life, chosen: Sequence[Sequence[Addition]], arriving: int, now: datetime
    ) -> None:
        self._life, self._chosen, self._arriving, self._now = life, chosen, arriving, now

    def __call__(self, connection: Connection) -> _Done:
        be_patient_for_seconds(connection, PATIENCE_SECONDS)
        done = _Done()
        # The imports' lock comes before that of the rules (data_access.bulk).
        new = self._new(connection) if self._arriving else []
        rules = load_rules(connection)
        if new:
            counts, _ = bulk.add_tickets(connection, rules, new)
            done.arrived, done.events = counts.added, counts.events
        streams = sorted({addition.stream for deed in self._chosen for addition in deed})
        log.lock(connection, streams)
        heads = log.heads(connection, streams)
        taken: set[str] = set()
        for deed in self._chosen:
            named = {addition.stream for addition in deed}
            true = all(a.expected is None or a.expected == heads[a.stream].version for a in deed)
            if true and not named & taken:
                taken |= named
                done.written += deed
            else:
                done.left += 1
        if done.written:
            watched.append(connection, rules, done.written)
            done.events += sum(len(addition.events) for addition in done.written)
        done.moved = set(_tickets(a.stream for a in done.written if a.expected is not None))
        done.asked = [*_tickets(streams), *(ticket.number for ticket in new)]
        done.standing = {ticket.number: ticket for ticket in open_work.tickets_of(connection, done.asked)}
        return done

    def _new(self, connection: Connection) -> list[NewTicket]:
        if not open_work.may_bring_tickets(connection):
            return []
        prefix = self._life.day_to_ask(self._now)
        last = None if prefix is None else open_work.last_serial(connection, prefix)
        return self._life.draw(self._now, self._arriving, last)


def _tickets(streams: Iterable[str]) -> Iterator[str]:
    return (stream.removeprefix("ticket/") for stream in streams if stream.startswith("ticket/"))


def _count(chosen: Sequence[Sequence[Addition]]) -> int:
    return sum(len(addition.events) for deed in chosen for addition in deed)
