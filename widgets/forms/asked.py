"""Which step somebody wants to take: what a page hands to the forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from domain import drafts as d
from domain.coordinates import Point
from domain.drafts import Choice, StepDraft
from domain.duty_log import DeviceNoteDraft, DutyEntryDraft, HandOverDraft, RosterDraft
from domain.events import Fact
from domain.merging import MergeDraft, SplitDraft
from domain.rights import COMMAND_OF, Command

FILES = "files"
"""Name of the field whose files go with a step: it is the draft's, not the fact's."""
BESIDE = "beside"
"""Name of the field that makes another fact, noted together with the step's."""

_FACTS = frozenset(get_args(Fact))
_COMMANDS: Mapping[type, Command] = {
    MergeDraft: Command.DIRECT_CASE,
    SplitDraft: Command.DIRECT_CASE,
    d.ComplainantDraft: Command.SEE_COMPLAINANT,
    d.SignDirectiveDraft: Command.ANSWER_DIRECTIVE,
    d.FeedBackDraft: Command.ANSWER_DIRECTIVE,
    d.JudgeDraft: Command.ISSUE_DIRECTIVE,
    d.RemindDraft: Command.ISSUE_DIRECTIVE,
    d.RemindAllDraft: Command.ISSUE_DIRECTIVE,
    d.WithdrawDraft: Command.ISSUE_DIRECTIVE,
    d.DeclineDraft: Command.LAUNCH_RE_SUPERVISION,
    d.AskDraft: Command.LAUNCH_RE_SUPERVISION,
    d.FindDraft: Command.LAUNCH_RE_SUPERVISION,
    d.CloseFileDraft: Command.LAUNCH_RE_SUPERVISION,
    d.ExplainDraft: Command.EXPLAIN_RE_SUPERVISION,
    HandOverDraft: Command.KEEP_DUTY_LOG,
    DutyEntryDraft: Command.KEEP_DUTY_LOG,
    RosterDraft: Command.KEEP_DUTY_LOG,
    DeviceNoteDraft: Command.KEEP_DUTY_LOG,
}


@dataclass(frozen=True)
class Asked:
    """A step, and what is known of it already.

    `kind` is the type of a ticket's fact or of a draft of `domain.drafts`. `about` tells in lines what the
    step is about. `fixed` are values that the form does not ask for, such as the ticket's or the directive's
    number; `options` the choices of its CHOICE fields and `preset` what stands in its fields at first, both
    by the fields' names. `body` is whose matter it is, for the rights; `point` where it is. `quick`: Enter
    submits the form from any field, as at a desk.
    """

    kind: type
    about: str
    fixed: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    preset: Mapping[str, Any] = field(default_factory=dict)
    body: str | None = None
    point: Point | None = None
    quick: bool = False

    @property
    def command(self) -> Command:
        """The right that the step needs."""
        return COMMAND_OF[self.kind] if self.kind in _FACTS else _COMMANDS[self.kind]

    def draft(self, request_id: str, values: Mapping[str, Any]) -> Any:
        """Return the draft of the step with the form's values."""
        if self.kind in _FACTS:
            said = {name: value for name, value in values.items() if name not in (FILES, BESIDE)}
            return StepDraft(
                request_id,
                fact=self.kind(**said),
                files=tuple(values.get(FILES, ())),
                beside=values.get(BESIDE),
                **self.fixed,
            )
        return self.kind(request_id=request_id, **self.fixed, **values)
