"""Which use case carries out which draft: a form hands over the draft, and nobody has to know the way."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from data_access.store import Store
from desktop.use_cases import (
    acknowledging,
    complainant,
    directives,
    dispatching,
    duty,
    evidence,
    findings,
    mergers,
    people,
    re_supervisions,
    tickets,
)
from domain import drafts as d
from domain import duty_log, merging, staff
from domain.dispatching import DispatchDraft
from domain.findings import ClueDraft
from domain.people import Actor

UseCase = Callable[[Store, Any, Actor, datetime], Any]

USE_CASES: Mapping[type, UseCase] = {
    d.StepDraft: evidence.take_step_with_files,
    DispatchDraft: dispatching.dispatch_ticket,
    ClueDraft: findings.raise_clue,
    d.AcknowledgeDraft: tickets.acknowledge_warning,
    d.AcknowledgeTogetherDraft: acknowledging.acknowledge_warnings,
    d.ComplainantDraft: complainant.see_complainant,
    merging.MergeDraft: mergers.merge,
    merging.SplitDraft: mergers.split,
    d.DirectiveDraft: directives.issue_directive,
    d.SignDirectiveDraft: directives.sign_directive,
    d.FeedBackDraft: directives.feed_back,
    d.JudgeDraft: directives.judge_feedback,
    d.RemindDraft: directives.remind,
    d.RemindAllDraft: directives.remind_all,
    d.WithdrawDraft: directives.withdraw_directive,
    d.ReSupervisionDraft: re_supervisions.launch_re_supervision,
    d.DeclineDraft: re_supervisions.decline_re_supervision,
    d.AskDraft: re_supervisions.ask,
    d.ExplainDraft: re_supervisions.explain,
    d.FindDraft: re_supervisions.find,
    d.CloseFileDraft: re_supervisions.close_re_supervision,
    duty_log.HandOverDraft: duty.keep_duty_log,
    duty_log.DutyEntryDraft: duty.keep_duty_log,
    duty_log.RosterDraft: duty.keep_duty_log,
    duty_log.DeviceNoteDraft: duty.keep_duty_log,
    staff.AddPerson: people.add_person,
    staff.ChangePerson: people.change_person,
    staff.RevokePerson: people.revoke_person,
    staff.RestorePerson: people.restore_person,
    staff.ResetPassword: people.reset_password,
    staff.SubmitRule: people.submit_rule,
}


def carry_out(store: Store, draft: Any, actor: Actor, now: datetime) -> Any:
    """Carry out an order; return what its use case returns: the number of what it was about, or who was seen.

    Raises:
        RefusedError: it may not be carried out; nothing was written.
        StoreError: the database is away; nothing was written.
    """
    return USE_CASES[type(draft)](store, draft, actor, now)
