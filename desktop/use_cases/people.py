"""What an admin orders from the screen. The database writes the roles, the rows and the log, or refuses.

Blocking: call from a worker thread. Nothing here is written twice by a second try: who is added is there, and
who is revoked is revoked.
"""

from datetime import datetime
from functools import partial

from data_access import people, rule_files
from data_access.store import Store
from domain.people import Actor
from domain.rights import Command, check
from domain.staff import AddPerson, ChangePerson, ResetPassword, RestorePerson, RevokePerson, SubmitRule


def add_person(store: Store, draft: AddPerson, actor: Actor, _now: datetime) -> str | None:
    """Let a new person sign in; return the password that was made, None where PostgreSQL keeps none.

    Raises:
        RefusedError: it may not be, or the draft does not fit; nothing was written.
        StoreError: the database is away; nothing was written.
    """
    check(Command.ADMINISTER, actor)
    secret = people.new_password() if draft.with_password else None
    store.write(partial(people.add_person, draft=draft.person, password=secret))
    return secret


def change_person(store: Store, draft: ChangePerson, actor: Actor, _now: datetime) -> None:
    """Give a person another name, role, body, area or title.

    Raises:
        RefusedError: it may not be, or the draft does not fit; nothing was written.
        StoreError: the database is away; nothing was written.
    """
    check(Command.ADMINISTER, actor)
    store.write(partial(people.change_person, draft=draft.person))


def revoke_person(store: Store, draft: RevokePerson, actor: Actor, _now: datetime) -> int:
    """Let a person in no more; return how many open sessions were ended.

    Raises:
        RefusedError: it may not be; nothing was written.
        StoreError: the database is away.
    """
    check(Command.ADMINISTER, actor)
    ended = store.write(partial(people.revoke_person, login=draft.login, reason=draft.reason))
    # Whoever came in while the first was being written.
    return ended + store.write(partial(people.end_sessions_of_revoked, login=draft.login))


def restore_person(store: Store, draft: RestorePerson, actor: Actor, _now: datetime) -> None:
    """Let a revoked person in again.

    Raises:
        RefusedError: it may not be; nothing was written.
        StoreError: the database is away; nothing was written.
    """
    check(Command.ADMINISTER, actor)
    store.write(partial(people.restore_person, login=draft.login))


def reset_password(store: Store, draft: ResetPassword, actor: Actor, _now: datetime) -> str:
    """Give a person a new password, and return it; what was opened with the old one is ended.

    Raises:
        RefusedError: it may not be; nothing was written.
        StoreError: the database is away; nothing was written.
    """
    check(Command.ADMINISTER, actor)
    secret = people.new_password()
    store.write(partial(people.reset_password, login=draft.login, password=secret))
    return secret


def submit_rule(store: Store, draft: SubmitRule, actor: Actor, _now: datetime) -> str:
    """Hand a rule's file over to the engine; return the SHA-256 of its text in hex.

    Raises:
        RefusedError: it may not be, or this version is known; nothing was written.
        StoreError: the database is away; nothing was written.
    """
    check(Command.ADMINISTER, actor)
    file = rule_files.RuleFile(draft.kind, draft.name, draft.version, draft.effective_from, draft.text)
    return store.write(partial(rule_files.submit, file=file, retroactive=draft.retroactive))
