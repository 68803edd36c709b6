"""People as an admin sees them: who may sign in, as what, and who tried to and was not let in."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.admin_events import RuleKind
from domain.drafts import Choice
from domain.people import PLATFORM, Role

OFFICES: dict[Role, str] = {Role.DUTY: PLATFORM, Role.DISCIPLINE: "discipline"}
"""The body that follows from a role. A handler's is named; others are of the platform office or of none."""

LOG_SETTINGS = """\
logging_collector = on
log_destination = 'stderr'
log_line_prefix = '%m [%p] %u@%d %h '
log_connections = on
log_error_verbosity = 'terse'"""
"""What a city's server is set to: refused sign-ins are known, and no complainant is in its log."""

SHORTEST_PASSWORD = 10
"""Characters. What a directory or a certificate lets in, PostgreSQL does not ask for a password."""


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """A person as an admin types it."""

    login: str
    name: str
    role: Role
    body: str | None = None
    area: str | None = None
    title: str = ""

    @property
    def acts_for(self) -> str | None:
        """The key of the body that the person acts for."""
        return OFFICES.get(self.role, self.body or None)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person of the store. `login` None is a name of a list, who cannot sign in; `sessions` are open now,
    `changed_at` is when an admin last changed something, None for people of the demo city."""

    login: str | None
    name: str
    role: Role
    body: str | None
    body_name: str
    area: str | None
    area_name: str
    title: str
    active: bool
    sessions: int = 0
    changed_at: datetime | None = None


class AttemptReason(StrEnum):
    """Why somebody was not let in."""

    PASSWORD = "password"  # noqa: S105 - a word, not one of them
    NOT_ALLOWED = "not_allowed"
    NO_ENTRY = "no_entry"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody asked to be let in under a name and was refused. `address` is empty where the log has none."""

    at: datetime
    login: str
    address: str
    reason: AttemptReason


@dataclass(frozen=True, slots=True)
class AttemptCount:
    """Refused attempts under a name from an address in one hour, which begins at `hour`."""

    hour: datetime
    login: str
    address: str
    reason: AttemptReason
    count: int
    last_at: datetime


def count_attempts(attempts: Iterable[Attempt]) -> tuple[AttemptCount, ...]:
    """Count refused attempts by name, address, reason and hour, the newest hour first."""
    counted: Counter[tuple[datetime, str, str, AttemptReason]] = Counter()
    last: dict[tuple[datetime, str, str, AttemptReason], datetime] = {}
    for attempt in attempts:
        hour = attempt.at.replace(minute=0, second=0, microsecond=0)
        key = (hour, attempt.login, attempt.address, attempt.reason)
        counted[key] += 1
        last[key] = max(attempt.at, last.get(key, attempt.at))
    rows = [AttemptCount(*key, count, last[key]) for key, count in counted.items()]
    return tuple(sorted(rows, key=_newest_first))


def _newest_first(row: AttemptCount) -> tuple[float, int, str]:
    return (-row.hour.timestamp(), -row.count, row.login)


class LogAccess(StrEnum):
    """Whether the server's log could be read: DENIED needs a grant, NONE is a server that collects no log."""

    READ = "read"
    DENIED = "denied"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SignIns:
    """What the server's log tells of signing in. `last` is when each login last came in, as far as the log
    goes back and where the server writes that; `owner` is the role that a grant is missing for."""

    access: LogAccess
    refused: Sequence[Attempt] = ()
    last: Sequence[tuple[str, datetime]] = ()
    owner: str = ""


class RuleState(StrEnum):
    """Where a rule stands. WAITING was submitted and is not read yet; BUILT_IN came with the program."""

    BUILT_IN = "built_in"
    INSTALLED = "installed"
    WAITING = "waiting"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule for the admin's list. `in_force` tells whether it judges what comes in today."""

    kind: RuleKind
    name: str
    version: int
    effective_from: date
    state: RuleState
    in_force: bool = False
    submitted_by: str = ""
    submitted_at: datetime | None = None
    note: str = ""


# --- what an admin asks for from the screen ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AddPerson:
    """添加人员. Without a password of ours LDAP, GSSAPI or a certificate lets the person in."""

    person: PersonDraft
    with_password: bool = True


@dataclass(frozen=True, slots=True)
class ChangePerson:
    """更改人员."""

    person: PersonDraft


@dataclass(frozen=True, slots=True)
class RevokePerson:
    """停用: let somebody in no more, and end what is open."""

    login: str
    reason: str


@dataclass(frozen=True, slots=True)
class RestorePerson:
    """恢复."""

    login: str


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """重置口令: a made one is shown once."""

    login: str


@dataclass(frozen=True, slots=True)
class SubmitRule:
    """安装规则文件: a file that was read and found in order."""

    kind: RuleKind
    name: str
    version: int
    effective_from: date
    text: str
    retroactive: bool = False


@dataclass(frozen=True, slots=True)
class AdminView:
    """All that an admin's page shows. `attempts` are those of the last day."""

    members: tuple[StaffMember, ...]
    access: LogAccess
    attempts: tuple[AttemptCount, ...]
    last_seen: Mapping[str, datetime]
    rules: tuple[RuleLine, ...]
    bodies: tuple[Choice, ...]
    areas: tuple[Choice, ...]
    as_of: datetime
    grants: tuple[str, ...] = ()
