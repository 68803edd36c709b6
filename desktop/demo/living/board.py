"""The open tickets of a living city as columns, so that the ripest of many are found at once."""

from datetime import datetime

import numpy as np

from data_access.open_work import OpenTicket
from desktop.demo.living.habits import next_node, put_off_until, shortest_seconds, typical_seconds
from desktop.demo.world import World
from domain.nodes import Node

PUT_OFF_SHARE = 0.2
"""How many tickets may be put off, at the most: others would be left with all the work."""
FIRST_NODES = {Node.ACCEPT: 0.01, Node.DISPATCH: 0.01, Node.SIGN: 0.03}
"""How many may be put off at each of the first nodes, in shares of all: hours are long there where a day has
thousands of tickets, and the pipeline would fill from its front."""
PILE_SHARE = 0.35
"""The share of the steps that goes to what is overdue already, so that what comes in is not late too."""

_FIRST = {node: place for place, node in enumerate(FIRST_NODES, 1)}
_COLUMNS = ("since", "typical", "ready", "held", "due", "first")


class Board:
    """Tickets with the step that comes next on each. Seconds are of the epoch."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tickets: list[OpenTicket] = []
        self._place: dict[str, int] = {}
        self._values = {name: np.zeros(256) for name in _COLUMNS}

    def __len__(self) -> int:
        return len(self._tickets)

    def __contains__(self, number: str) -> bool:
        return number in self._place

    def numbers(self) -> list[str]:
        """Return the numbers of all tickets."""
        return list(self._place)

    def put(self, ticket: OpenTicket, now: datetime, stepped_at: datetime | None = None) -> None:
        """Take a ticket, or what became of it; `stepped_at` when that is known better than the store does."""
        node = next_node(ticket)
        if node is None:
            self.drop(ticket.number)
            return
        place = self._place.get(ticket.number)
        if place is None:
            place = self._place[ticket.number] = len(self._tickets)
            self._tickets.append(ticket)
            if place == len(self._values["since"]):
                self._values = {name: np.resize(held, 2 * place) for name, held in self._values.items()}
        else:
            self._tickets[place] = ticket
        since = (stepped_at or ticket.stepped_at).timestamp()
        until = put_off_until(self._world, ticket, node, now)
        values = self._values
        values["since"][place] = since
        values["typical"][place] = typical_seconds(ticket, node)
        values["ready"][place] = since + shortest_seconds(ticket, node)
        values["held"][place] = until.timestamp() if until else 0.0
        values["first"][place] = _FIRST.get(node.node, 0)
        values["due"][place] = node.due_at.timestamp() if node.due_at else np.inf

    def drop(self, number: str) -> None:
        """Forget a ticket: the last one takes its place."""
        place = self._place.pop(number, None)
        if place is None:
            return
        last = self._tickets.pop()
        if last.number != number:
            self._tickets[place] = last
            self._place[last.number] = place
            for values in self._values.values():
                values[place] = values[len(self._tickets)]

    def overdue(self, now: datetime) -> int:
        """Return how many tickets have a next step that is overdue."""
        return int(np.count_nonzero(self._values["due"][: len(self)] < now.timestamp()))

    def ripest(self, now: datetime, most: int, draw: float) -> list[OpenTicket]:
        """Return the tickets whose next step has waited longest for its kind, `most` at the most.

        What is overdue gets its share of them and no more; `draw`, from 0 to 1, rounds it.
        """
        count, moment = len(self), now.timestamp()
        since, typical, ready, held, due, first = (self._values[name][:count] for name in _COLUMNS)
        free = held <= moment
        for node, share in FIRST_NODES.items():
            _free_longest(free, held, first == _FIRST[node], max(1, int(share * count)))
        _free_longest(free, held, np.ones(count, dtype=bool), int(PUT_OFF_SHARE * count))
        ripeness = (moment - since) / typical
        overdue = due < moment
        from_pile = int(most * PILE_SHARE + draw)
        pile = _top(ripeness, free & overdue, from_pile)
        chosen = [*pile]
        for mask in (free & ~overdue & (ready <= moment), free & ~overdue):
            taken = np.zeros(count, dtype=bool)
            taken[chosen] = True
            chosen += _top(ripeness, mask & ~taken, most - len(chosen))
        if len(chosen) < most:
            taken = np.zeros(count, dtype=bool)
            taken[chosen] = True
            chosen += _top(ripeness, free & ~taken, most - len(chosen))
        return [self._tickets[place] for place in chosen]


def _free_longest(free: np.ndarray, held: np.ndarray, among: np.ndarray, allowed: int) -> None:
    """Let those be done after all that would be put off longest, so that no more than allowed are."""
    put_off = np.flatnonzero(~free & among)
    if len(put_off) > allowed:
        free[put_off[np.argsort(held[put_off])[allowed:]]] = True


def _top(values: np.ndarray, mask: np.ndarray, most: int) -> list[int]:
    places = np.flatnonzero(mask)
    if most <= 0 or not len(places):
        return []
    if most < len(places):
        places = places[np.argpartition(-values[places], most - 1)[:most]]
    return [int(place) for place in places[np.argsort(-values[places])]]
