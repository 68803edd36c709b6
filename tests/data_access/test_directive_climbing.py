"""Late receivers climb the ladder over the real store: each step at its own second, and once (T13, T20)."""

from datetime import UTC, datetime, timedelta

from data_access import bulk, directive_sweep, log, rule_changes
from data_access.readers.directives import directive_detail, directive_rows, directives_by_number
from data_access.rules import RESOURCES, load_rules
from data_access.store import Store
from data_access.verify import verify
from domain.events import (
    DirectiveEscalated,
    DirectiveIssued,
    DirectiveLateness,
    DirectiveReminded,
    DirectiveSigned,
    Event,
    Fact,
)
from domain.people import Actor, Role
from tests.data_access.streams import HANDLER, OTHER

LEADER = Actor(Role.LEADER, "李强")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NUMBER, STREAM = "D-2026-001", "directive/D-2026-001"
UNSIGNED, OVERDUE = DirectiveLateness.UNSIGNED, DirectiveLateness.OVERDUE


def put(store: Store, start: datetime) -> None:
    """A directive to two bodies, to be signed within 24 hours and fed back within 48."""
    issued = DirectiveIssued("今晚停工", ("housing", "ecology"), start + 48 * HOUR)
    store.write(lambda c: bulk.add_streams(c, load_rules(c), [(STREAM, [Event(start, LEADER, issued)])]))


def swept(store: Store, moment: datetime) -> directive_sweep.Warned:
    return store.write(lambda c: directive_sweep.sweep_directives(c, load_rules(c), moment))


def add(store: Store, at: datetime, actor: Actor, fact: Fact) -> None:
    store.write(lambda c: log.append(c, load_rules(c), [log.Addition(STREAM, [Event(at, actor, fact)])]))


def climbed(store: Store, body: str) -> list[tuple[DirectiveLateness, datetime, int, Role]]:
    records = store.read(lambda c: log.read_stream(c, STREAM))
    events = [record.event for record in records]
    return [
        (event.fact.lateness, event.at, event.fact.step, event.fact.to)
        for event in events
        if isinstance(event.fact, DirectiveEscalated) and event.fact.body == body
    ]


def test_who_does_not_sign_climbs_until_a_named_person_sees_to_it(store: Store) -> None:
    start = datetime.now(UTC).replace(microsecond=0) - 60 * HOUR
    put(store, start)
    late = start + 24 * HOUR
    assert swept(store, late + 15 * MINUTE).climbed == 0
    assert store.read(directive_sweep.next_at) == late + 15 * MINUTE
    assert swept(store, late + 15 * MINUTE + timedelta(seconds=1)) == directive_sweep.Warned(climbed=2)
    first = (UNSIGNED, late + 15 * MINUTE, 1, Role.LEADER)
    assert climbed(store, "housing") == climbed(store, "ecology") == [first]
    # Housing is reminded by a leader, ecology signs: neither climbs further.
    add(store, late + 30 * MINUTE, LEADER, DirectiveReminded("housing", "请立即签收"))
    assert store.read(directive_sweep.next_at) == late + HOUR
    add(store, late + 40 * MINUTE, OTHER, DirectiveSigned("ecology"))
    assert store.read(directive_sweep.next_at) == start + 48 * HOUR
    now = late + 2 * HOUR
    assert swept(store, now) == directive_sweep.Warned()
    _shown(store, now)
    # After a standstill each step has the time that it should have had; nothing is written twice.
    add(store, start + 49 * HOUR, HANDLER, DirectiveSigned("housing"))
    assert swept(store, start + 60 * HOUR) == directive_sweep.Warned(2, 4)
    overdue = start + 48 * HOUR
    steps = [(OVERDUE, overdue + 15 * MINUTE, 1, Role.LEADER), (OVERDUE, overdue + HOUR, 2, Role.DISCIPLINE)]
    assert climbed(store, "housing") == climbed(store, "ecology") == [first, *steps]
    assert swept(store, start + 90 * HOUR) == directive_sweep.Warned()
    assert store.read(directive_sweep.next_at) is None
    assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None
    (row,) = store.read(lambda c: directive_rows(c, start + 60 * HOUR))
    assert row.climbed_to is Role.DISCIPLINE


def _shown(store: Store, now: datetime) -> None:
    """Of whom is late now the pages say how far it climbed; who has signed is not late any more."""
    (row,) = store.read(lambda c: directive_rows(c, now))
    assert (row.late, row.climbed_to) == (1, Role.LEADER)
    (line,) = store.read(lambda c: directives_by_number(c, now, [NUMBER]))
    assert line is not None
    detail = store.read(lambda c: directive_detail(c, NUMBER, now))
    assert detail is not None
    assert detail.receipts == line.receipts
    found = {receipt.body: (receipt.climbed_to, receipt.climbed_at) for receipt in line.receipts}
    assert found == {"housing": (Role.LEADER, now - 105 * MINUTE), "ecology": (None, None)}
    # Before it climbed, nothing of it is told.
    (row,) = store.read(lambda c: directive_rows(c, now - 106 * MINUTE))
    assert (row.late, row.climbed_to) == (1, None)


def test_a_policy_that_says_nothing_of_it_leaves_directives_as_they_were(store: Store) -> None:
    """Until an admin brings one that does: then what is late climbs, each step at its own time."""
    written = (RESOURCES / "policies" / "standard-v2.toml").read_text("utf-8")
    says = "directives_climb = true"
    assert says in written
    silent = written.replace(says, "directives_climb = false").replace("\nversion = 2\n", "\nversion = 8\n")
    start = datetime.now(UTC).replace(microsecond=0) - 30 * HOUR
    store.write(lambda c: rule_changes.add_policy(c, silent))
    put(store, start)
    assert swept(store, start + 30 * HOUR) == directive_sweep.Warned(2)
    assert store.read(directive_sweep.next_at) == start + 48 * HOUR
    again = written.replace("\nversion = 2\n", "\nversion = 9\n")
    store.write(lambda c: rule_changes.add_policy(c, again))
    assert swept(store, start + 30 * HOUR) == directive_sweep.Warned(0, 4)
    assert [step for _, _, step, _ in climbed(store, "housing")] == [1, 2]
    assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None
