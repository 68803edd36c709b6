"""The hash chain: every field counts, to the microsecond, and no two events share a text."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.chain import GENESIS, link, microseconds
from domain.people import Actor, Role

AT = datetime(2026, 9, 17, 8, 0, 0, 123456, tzinfo=UTC)
FIELDS: dict[str, Any] = {
    "previous": GENESIS,
    "stream": "ticket/XZ-1",
    "seq": 2,
    "kind": "Accepted",
    "at": AT,
    "actor": Actor(Role.DUTY, "王磊", "platform"),
    "data": '{"a":1}',
    "recorded_at": AT + timedelta(seconds=1),
}
CHANGES: list[dict[str, Any]] = [
    {"previous": b"\x01" + bytes(31)},
    {"stream": "ticket/XZ-2"},
    {"seq": 3},
    {"kind": "Signed"},
    {"at": AT + timedelta(microseconds=1)},
    {"actor": Actor(Role.LEADER, "王磊", "platform")},
    {"actor": Actor(Role.DUTY, "王 磊", "platform")},
    {"actor": Actor(Role.DUTY, "王磊", "ecology")},
    {"actor": Actor(Role.DUTY, "王磊")},
    {"data": '{"a":2}'},
    {"recorded_at": AT + timedelta(seconds=1, microseconds=1)},
]


@pytest.mark.parametrize("change", CHANGES, ids=[f"{n}-{next(iter(c))}" for n, c in enumerate(CHANGES)])
def test_any_single_field_changes_the_hash(change: dict[str, Any]) -> None:
    assert link(**(FIELDS | change)) != link(**FIELDS)


def test_the_hash_can_be_computed_with_any_tool() -> None:
    text = "\x1f".join(
        [
            "0" * 64,
            "ticket/XZ-1",
            "2",
            "Accepted",
            "1789632000123456",
            "duty",
            "王磊",
            "platform",
            '{"a":1}',
            "1789632001123456",
        ]
    )
    assert link(**FIELDS) == hashlib.sha256(text.encode("utf-8")).digest()


def test_a_zone_does_not_change_the_hash() -> None:
    assert link(**(FIELDS | {"at": AT.astimezone(ZoneInfo("Asia/Shanghai"))})) == link(**FIELDS)


@pytest.mark.parametrize(
    "change",
    [
        {"actor": Actor(Role.DUTY, "王\x1f磊", "platform")},
        {"actor": Actor(Role.DUTY, "王磊", "plat\x1fform")},
        {"actor": Actor(Role.DUTY, "王磊", "")},
        {"stream": "ticket/XZ\x1f1"},
    ],
)
def test_fields_that_could_run_together_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="neighbours"):
        link(**(FIELDS | change))


def test_microseconds_are_exact() -> None:
    for moment in (
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2262, 4, 11, 23, 47, 16, 854775, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ):
        assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds(moment)) == moment
    with pytest.raises(TypeError):
        microseconds(datetime(2026, 9, 17))  # noqa: DTZ001 - a naive time is what is refused
