"""What changed between two looks at the store: the one message that every desk gets."""

from dataclasses import dataclass, replace
from datetime import datetime

MOST_NAMES = 2000
"""Above so many names a desk reads anew instead of asking for each."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Streams that got events, and tickets whose colour changed by time alone, since `since`.

    Names are those of `data_access.project.KINDS`: ticket, directive, re-supervision and item numbers, and in
    `administration` the logins, bodies and rules that an admin changed, and the months of the duty log.
    `everything` means: do not rely on the names, read anew (a start, a return, a large import).
    `new_minute`: the shown minute changed, and what depends on a deadline or a day may look different.
    `now` is the moment of this look.
    """

    now: datetime
    since: datetime | None = None
    everything: bool = False
    new_minute: bool = False
    tickets: frozenset[str] = frozenset()
    directives: frozenset[str] = frozenset()
    re_supervisions: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    administration: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything may look different."""
        return (
            self.everything
            or self.new_minute
            or bool(
                self.tickets or self.directives or self.re_supervisions or self.items or self.administration
            )
        )

    def and_then(self, later: "Touched") -> "Touched":
        """Return both as one, for a desk that did not look in between.

        With `everything` no names are kept: a page that nobody opens for months must not gather them.
        """
        tickets = self.tickets | later.tickets
        items = self.items | later.items
        papers = self.directives | later.directives, self.re_supervisions | later.re_supervisions
        administration = self.administration | later.administration
        if (
            self.everything
            or later.everything
            or len(tickets) + len(items) + len(administration) + sum(map(len, papers)) > MOST_NAMES
        ):
            return Touched(later.now, self.since, everything=True, new_minute=True)
        return replace(
            later,
            since=self.since,
            new_minute=self.new_minute or later.new_minute,
            tickets=tickets,
            directives=papers[0],
            re_supervisions=papers[1],
            items=items,
            administration=administration,
        )
