"""Evidence that goes with a step: the files are kept first, and the step bears their checksums.

Blocking: call from a worker thread.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from data_access import evidence
from data_access.evidence import EvidenceError
from data_access.store import Connection, Store
from desktop.use_cases.cases import take_case_note
from desktop.use_cases.tickets import take_step
from domain.case_events import RecordAdded, SubjectInspected
from domain.case_orders import ORDERS
from domain.drafts import StepDraft
from domain.events import Arrived, Rectified
from domain.evidence import LARGEST
from domain.people import Actor


def take_step_with_files(store: Store, draft: StepDraft, actor: Actor, now: datetime) -> str:
    """Keep a step's files with its ticket, then take the step, or note what happened in its case.

    Return the ticket's number.

    A file that is kept already is kept once, so that a retry after a lost answer is harmless. A step that is
    refused leaves its files behind; nobody's clock hears of them.

    Raises:
        EvidenceError: a file cannot be read, or is none that can be kept; the step was not taken.
        RefusedError: as `take_step`; this person may add nothing to this ticket.
        StoreError: the database is away; the step was not taken.
    """
    take = take_case_note if type(draft.fact) in ORDERS else take_step
    if not draft.files:
        return take(store, draft, actor, now)
    if not isinstance(draft.fact, Arrived | Rectified | SubjectInspected | RecordAdded):
        raise EvidenceError("此环节不登记现场影像。", "请在“到场”或“整改”环节添加。")
    kept = keep_files(store, draft.ticket, draft.files)
    fact = replace(draft.fact, evidence=(*draft.fact.evidence, *kept))
    return take(store, replace(draft, fact=fact, files=()), actor, now)


def keep_files(store: Store, matter: str, paths: Sequence[str]) -> tuple[str, ...]:
    """Keep files with a matter and return their checksums; one that is kept already is kept once.

    A matter is a ticket by its number, or a directive or a file by its stream (`directive/D-2026-001`).

    Raises:
        EvidenceError: a file cannot be read, or is none that can be kept.
        RefusedError: this person may add nothing to it.
        StoreError: the database is away.
    """
    return tuple(_kept(store, matter, Path(path)) for path in paths)


def _kept(store: Store, ticket: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            # One byte more than may be kept tells a file that is too large from one that is not.
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise EvidenceError(f"无法读取文件“{path.name}”。", "请确认文件还在原处后再提交。") from error

    def work(connection: Connection) -> str:
        return evidence.keep(connection, ticket, path.name, content)

    try:
        return store.write(work)
    except EvidenceError as error:
        raise EvidenceError(f"“{path.name}”：{error.message}", error.way_out) from error
