"""Rules are parsed once, and never older than the snapshot they are read in."""

from datetime import date

from data_access import log, rules, schema
from data_access.rules import RESOURCES, load_rules
from data_access.store import Connection, Store, open_url
from domain.calendar import YearNotice
from tests.data_access.streams import whole_life

NEXT = (RESOURCES / "policies" / "standard-v1.toml").read_text("utf-8")
SPRING = YearNotice(2031, frozenset({date(2031, 2, 3)}), frozenset(), "test")


def next_policy() -> str:
    """The standard policy as a third version, in force from 2030 on."""
    lines = []
    for line in NEXT.splitlines():
        name = line.partition("=")[0].strip()
        if name == "version":
            line = "version = 3"
        elif name == "effective_from":
            line = "effective_from = 2030-01-01"
        lines.append(line)
    return "\n".join(lines)


def test_rules_that_say_the_same_are_the_same(store: Store) -> None:
    assert store.read(load_rules) is store.read(load_rules)
    assert store.write(load_rules) is store.read(load_rules)


def test_what_another_program_puts_in_counts_at_once(store: Store, database_url: str) -> None:
    other = open_url(database_url)
    try:
        before = store.read(load_rules)
        other.write(lambda c: rules.add_policy(c, next_policy()))
        with_policy = store.read(load_rules)
        assert len(with_policy.policies.policies) == len(before.policies.policies) + 1
        assert with_policy == other.read(load_rules)
        assert not with_policy.calendar.is_working(date(2031, 2, 1))
        assert with_policy.calendar.is_working(date(2031, 2, 3))
        other.write(lambda c: rules.put_calendar_year(c, SPRING))
        assert not store.read(load_rules).calendar.is_working(date(2031, 2, 3))
    finally:
        other.close()


def test_a_snapshot_keeps_the_rules_it_began_with(store: Store, database_url: str) -> None:
    other = open_url(database_url)

    def reading(connection: Connection) -> None:
        before = load_rules(connection)
        other.write(lambda c: rules.add_policy(c, next_policy()))
        assert other.read(load_rules) is not before
        assert load_rules(connection) is before

    try:
        store.read(reading)
        assert store.read(load_rules) == other.read(load_rules)
    finally:
        other.close()


def test_what_is_rolled_back_was_never_there(store: Store) -> None:
    before = store.read(load_rules)

    def trying(connection: Connection) -> None:
        rules.add_policy(connection, next_policy())
        assert len(load_rules(connection).policies.policies) == len(before.policies.policies) + 1

    store.scratch(trying)
    assert store.read(load_rules) is before


def test_a_newer_program_does_not_judge_a_citys_past_by_its_own_newer_policy(store: Store) -> None:
    shipped = schema.policy.c
    second = (shipped.family == "standard") & (shipped.version == 2)

    def versions(connection: Connection) -> set[int]:
        book = load_rules(connection).policies.policies
        return {policy.version for policy in book if policy.family == "standard"}

    def forget_the_second(connection: Connection) -> None:
        connection.execute(schema.policy.delete().where(second))

    assert store.read(versions) == {1, 2}
    # An empty store takes what comes with the program.
    store.write(forget_the_second)
    store.write(rules.install_defaults)
    assert store.read(versions) == {1, 2}
    # One that was judged by the first version goes on by it.
    store.write(forget_the_second)
    known = store.read(load_rules)
    store.write(lambda c: log.append(c, known, [log.Addition("ticket/A-1", whole_life())]))
    store.write(rules.install_defaults)
    assert store.read(versions) == {1}
