"""Who may do what (product.md, Rights): one table, which use cases, windows and the database all follow."""

from collections.abc import Mapping
from enum import StrEnum

from domain.admin_events import (
    BodyAdded,
    BodyChanged,
    PasswordReset,
    PersonAdded,
    PersonChanged,
    PersonRestored,
    PersonRevoked,
    RuleSubmitted,
)
from domain.case_events import (
    CaseMarked,
    Categorised,
    DecisionDone,
    ExtensionRequested,
    HelpAnswered,
    HelpAsked,
    LeadVolunteered,
    LetGo,
    MergedInto,
    PauseRequested,
    RecordAdded,
    RecordApproved,
    RequestDeclined,
    ResponsibilityNamed,
    SplitOff,
    SubjectInspected,
    SubjectsListed,
    SupervisionSignedOff,
    TookIn,
    TransferReceipted,
    TransferredOut,
)
from domain.events import (
    Accepted,
    Arrived,
    Chased,
    Closed,
    ComplainantSeen,
    DirectiveFedBack,
    DirectiveIssued,
    DirectiveJudged,
    DirectiveReferred,
    DirectiveReminded,
    DirectiveSigned,
    DirectiveWithdrawn,
    Dispatched,
    DutyNoted,
    Extended,
    Fact,
    FedBack,
    Filed,
    JointSupervisionOpened,
    Paused,
    Penalised,
    PostChecked,
    Received,
    Rectified,
    Resumed,
    ReSupervisionAsked,
    ReSupervisionClosed,
    ReSupervisionDeclined,
    ReSupervisionDrafted,
    ReSupervisionExplained,
    ReSupervisionFound,
    ReSupervisionLaunched,
    ReSupervisionReferred,
    ReturnedAsWrong,
    Revisited,
    Signed,
    WarningAcknowledged,
)
from domain.people import Actor, Role


class Command(StrEnum):
    """What a person can ask for."""

    SEE_TICKETS = "see_tickets"
    SEE_COMPLAINANT = "see_complainant"
    RAISE_CLUE = "raise_clue"
    RUN_PLATFORM_NODES = "run_platform_nodes"
    RUN_BODY_NODES = "run_body_nodes"
    DIRECT_CASE = "direct_case"
    KEEP_CASE = "keep_case"
    ASK_OFFICE = "ask_office"
    SIGN_OFF = "sign_off"
    KEEP_DUTY_LOG = "keep_duty_log"
    ACKNOWLEDGE_WARNING = "acknowledge_warning"
    ISSUE_DIRECTIVE = "issue_directive"
    ANSWER_DIRECTIVE = "answer_directive"
    LAUNCH_RE_SUPERVISION = "launch_re_supervision"
    EXPLAIN_RE_SUPERVISION = "explain_re_supervision"
    SEE_HISTORY = "see_history"
    ADMINISTER = "administer"


class Scope(StrEnum):
    """How far a right reaches: OWN_BODY is the body that the person acts for."""

    ALL = "all"
    OWN_BODY = "own_body"


_EVERYBODY = (Role.WALL, Role.DUTY, Role.DISCIPLINE, Role.LEADER, Role.ADMIN)

RIGHTS: Mapping[Command, Mapping[Role, Scope]] = {
    Command.SEE_TICKETS: dict.fromkeys(_EVERYBODY, Scope.ALL) | {Role.HANDLER: Scope.OWN_BODY},
    Command.SEE_COMPLAINANT: {
        Role.DUTY: Scope.ALL,
        Role.HANDLER: Scope.OWN_BODY,
        Role.DISCIPLINE: Scope.ALL,
    },
    # Out of what radar, van, drone or satellite found (T24): nothing else comes in by a person.
    Command.RAISE_CLUE: {Role.DUTY: Scope.ALL},
    Command.RUN_PLATFORM_NODES: {Role.DUTY: Scope.ALL},
    Command.RUN_BODY_NODES: {Role.HANDLER: Scope.OWN_BODY},
    Command.DIRECT_CASE: {Role.DUTY: Scope.ALL},
    # Lead or assisting: who works on a case keeps its records.
    Command.KEEP_CASE: {Role.DUTY: Scope.ALL, Role.HANDLER: Scope.OWN_BODY},
    Command.ASK_OFFICE: {Role.HANDLER: Scope.OWN_BODY},
    # Each for the body that they act for: the office, the commission, or one of the twelve (Y17).
    Command.SIGN_OFF: {Role.DUTY: Scope.ALL, Role.HANDLER: Scope.OWN_BODY, Role.DISCIPLINE: Scope.ALL},
    Command.KEEP_DUTY_LOG: {Role.DUTY: Scope.ALL},
    Command.ACKNOWLEDGE_WARNING: {
        Role.DUTY: Scope.ALL,
        Role.HANDLER: Scope.OWN_BODY,
        Role.DISCIPLINE: Scope.ALL,
        Role.LEADER: Scope.ALL,
    },
    Command.ISSUE_DIRECTIVE: {Role.LEADER: Scope.ALL},
    Command.ANSWER_DIRECTIVE: {Role.HANDLER: Scope.OWN_BODY},
    Command.LAUNCH_RE_SUPERVISION: {Role.DISCIPLINE: Scope.ALL},
    Command.EXPLAIN_RE_SUPERVISION: {Role.HANDLER: Scope.OWN_BODY},
    # What is on record about bodies and people over months (T28).
    Command.SEE_HISTORY: {Role.DISCIPLINE: Scope.ALL, Role.LEADER: Scope.ALL},
    Command.ADMINISTER: {Role.ADMIN: Scope.ALL},
}

COMMAND_OF: Mapping[type[Fact], Command] = {
    fact: command
    for command, facts in {
        Command.SEE_COMPLAINANT: (ComplainantSeen,),
        Command.RAISE_CLUE: (Received,),
        Command.RUN_PLATFORM_NODES: (
            Accepted,
            Dispatched,
            Chased,
            Paused,
            Resumed,
            Extended,
            JointSupervisionOpened,
            Revisited,
            PostChecked,
            Closed,
        ),
        Command.DIRECT_CASE: (
            Categorised,
            MergedInto,
            SplitOff,
            TookIn,
            LetGo,
            RequestDeclined,
            RecordApproved,
            ResponsibilityNamed,
            CaseMarked,
        ),
        Command.RUN_BODY_NODES: (Signed, ReturnedAsWrong, Arrived, Rectified, Filed, Penalised, FedBack),
        Command.KEEP_CASE: (
            SubjectsListed,
            SubjectInspected,
            RecordAdded,
            DecisionDone,
            HelpAsked,
            HelpAnswered,
            TransferredOut,
            TransferReceipted,
        ),
        Command.ASK_OFFICE: (PauseRequested, ExtensionRequested, LeadVolunteered),
        Command.SIGN_OFF: (SupervisionSignedOff,),
        Command.KEEP_DUTY_LOG: (DutyNoted,),
        Command.ACKNOWLEDGE_WARNING: (WarningAcknowledged,),
        Command.ISSUE_DIRECTIVE: (
            DirectiveIssued,
            DirectiveReferred,
            DirectiveJudged,
            DirectiveReminded,
            DirectiveWithdrawn,
        ),
        Command.ANSWER_DIRECTIVE: (DirectiveSigned, DirectiveFedBack),
        Command.LAUNCH_RE_SUPERVISION: (
            ReSupervisionDrafted,
            ReSupervisionLaunched,
            ReSupervisionDeclined,
            ReSupervisionAsked,
            ReSupervisionFound,
            ReSupervisionClosed,
            ReSupervisionReferred,
        ),
        Command.EXPLAIN_RE_SUPERVISION: (ReSupervisionExplained,),
        Command.ADMINISTER: (
            PersonAdded,
            PersonChanged,
            PersonRevoked,
            PersonRestored,
            PasswordReset,
            BodyAdded,
            BodyChanged,
            RuleSubmitted,
        ),
    }.items()
    for fact in facts
}
"""The right that a person needs to record a fact. What stands in no line is recorded by the program alone:
imports, feeds and sweeps."""


class Reason(StrEnum):
    """Why an order is refused, by use cases and by the database. The words are the screen's
    (`widgets.refusals`). NOT_TO_DO is the database's: it does not tell which of the steps' reasons holds."""

    ROLE = "role"
    OTHER_BODY = "other_body"
    NO_TEXT = "no_text"
    TEXT_TOO_LONG = "text_too_long"
    NO_RECEIVERS = "no_receivers"
    UNKNOWN_BODY = "unknown_body"
    UNKNOWN_TICKET = "unknown_ticket"
    DEADLINE_PAST = "deadline_past"
    NO_SUCH_WARNING = "no_such_warning"
    ALREADY_ACKNOWLEDGED = "already_acknowledged"
    NOT_A_DRAFT = "not_a_draft"
    ALREADY_RUNNING = "already_running"
    CHANGED_MEANWHILE = "changed_meanwhile"
    NOBODY = "nobody"
    BAD_DATA = "bad_data"
    NOT_TO_DO = "not_to_do"
    DEADLINE_TOO_FAR = "deadline_too_far"
    TICKET_CLOSED = "ticket_closed"
    PAUSED = "paused"
    NOT_PAUSED = "not_paused"
    NOT_DISPATCHED = "not_dispatched"
    ALREADY_DONE = "already_done"
    NOT_YET = "not_yet"
    NO_SUCH_NODE = "no_such_node"
    NOT_RUNNING = "not_running"
    NO_VIOLATION = "no_violation"
    UNFINISHED = "unfinished"
    NO_DUE_TIME = "no_due_time"
    DUE_NOT_LATER = "due_not_later"
    BAD_AMOUNT = "bad_amount"
    BAD_DISTANCE = "bad_distance"
    BAD_EVIDENCE = "bad_evidence"
    BAD_POSITION = "bad_position"
    BAD_READING = "bad_reading"
    NOT_HAPPENED_YET = "not_happened_yet"
    BEFORE_RECEPTION = "before_reception"
    UNKNOWN_DIRECTIVE = "unknown_directive"
    NOT_A_RECEIVER = "not_a_receiver"
    WITHDRAWN = "withdrawn"
    BAD_LOGIN = "bad_login"
    LOGIN_TAKEN = "login_taken"
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_ROLE = "unknown_role"
    UNKNOWN_AREA = "unknown_area"
    BODY_OF_ROLE = "body_of_role"
    ROLE_HAS_POWER = "role_has_power"
    LAST_ADMIN = "last_admin"
    ALREADY_REVOKED = "already_revoked"
    NOT_REVOKED = "not_revoked"
    BAD_VERIFIER = "bad_verifier"
    BAD_PASSWORD = "bad_password"  # noqa: S105 - a word, not one of them
    BAD_KEY = "bad_key"
    BAD_RULE = "bad_rule"
    RULE_WAITING = "rule_waiting"
    KNOWN_VERSION = "known_version"
    ALREADY_SIGNED = "already_signed"
    NOT_SIGNED = "not_signed"
    ALREADY_FED_BACK = "already_fed_back"
    NOT_FED_BACK = "not_fed_back"
    ALREADY_JUDGED = "already_judged"
    NOTHING_OWED = "nothing_owed"
    TOO_MANY = "too_many"
    UNKNOWN_FILE = "unknown_file"
    NOT_LAUNCHED = "not_launched"
    FILE_ENDED = "file_ended"
    ALREADY_EXPLAINED = "already_explained"
    EXPLANATION_PENDING = "explanation_pending"
    ALREADY_FOUND = "already_found"
    NOT_FOUND_YET = "not_found_yet"
    NO_SUBJECTS = "no_subjects"
    UNKNOWN_SUBJECT = "unknown_subject"
    SUBJECTS_LEFT = "subjects_left"
    UNCHANGED = "unchanged"
    NO_PARTICIPANTS = "no_participants"
    NO_DOCUMENT = "no_document"
    DEADLINES_UNPAIRED = "deadlines_unpaired"
    UNKNOWN_RECORD = "unknown_record"
    NOTHING_TO_APPROVE = "nothing_to_approve"
    ALREADY_APPROVED = "already_approved"
    OWN_RECORD = "own_record"
    UNKNOWN_DECISION = "unknown_decision"
    NO_OPEN_DECISION = "no_open_decision"
    DECISION_DONE = "decision_done"
    NO_CLOCK = "no_clock"
    ALREADY_ASKED = "already_asked"
    NO_OPEN_REQUEST = "no_open_request"
    OWN_HELP = "own_help"
    UNKNOWN_QUESTION = "unknown_question"
    NO_OPEN_QUESTION = "no_open_question"
    ALREADY_ANSWERED = "already_answered"
    UNKNOWN_TRANSFER = "unknown_transfer"
    NO_OPEN_TRANSFER = "no_open_transfer"
    ALREADY_RECEIPTED = "already_receipted"
    NO_BAD_REVIEW = "no_bad_review"
    MERGED = "merged"
    NOT_MERGED = "not_merged"
    MAIN_CLOSED = "main_closed"
    INTO_ITSELF = "into_itself"
    NO_REPEATS = "no_repeats"
    HAS_CASE = "has_case"
    HAS_MERGED = "has_merged"
    UNKNOWN_FINDING = "unknown_finding"
    ALREADY_A_CLUE = "already_a_clue"
    NO_SUPERVISION = "no_supervision"
    SUPERVISION_OPEN = "supervision_open"
    NO_NAMES = "no_names"
    NO_DEVICES = "no_devices"
    BAD_DAY = "bad_day"


ABOUT_NODES = frozenset(
    {
        Reason.ALREADY_DONE,
        Reason.NOT_YET,
        Reason.NO_SUCH_NODE,
        Reason.NOT_RUNNING,
        Reason.UNFINISHED,
        Reason.NO_DUE_TIME,
    }
)
"""Reasons whose detail is the key of a node."""


class RefusedError(Exception):
    """An order was refused; nothing was written. `allowed` are the roles that may, for Reason.ROLE;
    `detail` names what is at fault, such as a body's key, a file's number or a node's key (ABOUT_NODES)."""

    def __init__(self, reason: Reason, detail: str = "", allowed: tuple[Role, ...] = ()) -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail
        self.allowed = allowed


def check(command: Command, actor: Actor, body: str | None = None) -> None:
    """Let an actor's command pass; `body` is the body that the matter belongs to.

    Raises:
        RefusedError: the role has no such right, or only for its own body.
    """
    scopes = RIGHTS[command]
    scope = scopes.get(actor.role)
    if scope is None:
        raise RefusedError(Reason.ROLE, command.value, tuple(role for role in Role if role in scopes))
    if scope is Scope.OWN_BODY and (actor.body is None or body != actor.body):
        raise RefusedError(Reason.OTHER_BODY, body or "")


def may(command: Command, actor: Actor, body: str | None = None) -> bool:
    """Whether an actor's command would pass."""
    try:
        check(command, actor, body)
    except RefusedError:
        return False
    return True
