"""The duty log by plain SQL: by whoever is on duty, whole lines, of this month; no handler reads it (T05)."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data_access import log
from data_access.readers.duty_log import duty_log
from data_access.rules import load_rules
from data_access.store import Store
from data_access.verify import verify
from desktop.use_cases.by_draft import carry_out
from domain.duty_events import DutyNote, ShiftTime
from domain.duty_log import HandOverDraft, RosterDraft, shift_at, stream_of
from domain.people import Role
from tests.data_access.gate.conftest import SignIn
from tests.domain.test_duty_log import ZONE


def record(store: Store, month: str, **said: object) -> str:
    """Record a line as one types it in psql; return the reason for which it was refused, or "ok"."""
    about = {"stream": f"duty/{month}", "data": json.dumps(said, ensure_ascii=False)}
    statement = text("SELECT record_event(:stream, NULL, 'DutyNoted', :data)")
    try:
        store.write(lambda c: c.execute(statement, about).first())
    except DBAPIError as error:
        return str(error.orig.diag.message_detail).split()[0]  # type: ignore[union-attr]
    return "ok"


def test_lines_are_whole_and_of_this_month(sign_in: SignIn, bodies: tuple[str, str]) -> None:
    duty = sign_in(Role.DUTY)
    month = stream_of(datetime.now(UTC), ZONE).partition("/")[2]
    entry = {"note": "entry", "text": "接到市府办电话"}
    assert record(duty, month, **entry) == "ok"
    assert record(duty, "2020-01", **entry) == "bad_data"
    assert record(duty, month, note="entry", text=" ") == "no_text"
    assert record(duty, month, note="hand_over", text="盯到场") == "no_names"
    devices = {"note": "devices", "text": "已通知运维"}
    assert record(duty, month, **devices) == "no_devices"
    assert record(duty, month, **devices, items=["x"]) == "bad_data"
    assert record(duty, month, **devices | {"text": ""}, items=[7]) == "no_text"
    assert record(duty, month, **devices, items=[3, 7]) == "ok"
    roster = {"note": "roster", "names": ["李雪"], "shift": "day"}
    assert record(duty, month, **roster, day="明天") == "bad_day"
    assert record(duty, month, note="roster", names=["李雪"], day="2026-11-22") == "bad_day"
    assert record(duty, month, **roster, day="2026-11-22") == "ok"
    for other in (sign_in(Role.HANDLER, bodies[0]), sign_in(Role.LEADER)):
        assert record(other, month, **entry) == "role"
    with pytest.raises(DBAPIError):
        duty.write(lambda c: c.execute(text("SELECT check_duty_note('x', '{}')")))


def test_the_log_is_kept_by_order_and_read_by_all_but_handlers(
    city: Store, sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    duty, handler = sign_in(Role.DUTY), sign_in(Role.HANDLER, bodies[0])
    assert duty.actor is not None
    now = city.read(log.transaction_time)
    day, shift, _ = shift_at(now, ZONE)
    request = "00000000-0000-4000-8000-00000000000{0}"
    carry_out(duty, RosterDraft(request.format(1), day.isoformat(), shift, ("李雪",)), duty.actor, now)
    for _ in range(2):
        carry_out(duty, HandOverDraft(request.format(2), "盯到场", ("李雪",)), duty.actor, now)
    found = duty.read(lambda c: duty_log(c, now + timedelta(minutes=1), ZONE))
    assert (found.now.names, found.now.shift in ShiftTime) == (("李雪",), True)
    assert [line.fact.note for line in found.lines] == [DutyNote.HAND_OVER, DutyNote.ROSTER]  # type: ignore[union-attr]
    assert found.handed_over is not None
    assert handler.read(lambda c: duty_log(c, now + timedelta(minutes=1), ZONE)).lines == ()
    assert city.scratch(lambda c: verify(c, load_rules(c))).flaw is None
