"""Every fact to its text and back, and one text for one fact."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codec import decode, encode, to_text
from domain.events import KINDS, DirectiveIssued, DueSupplied, Fact, Filed, Paused, Received
from domain.nodes import Node
from tests.domain.city import at

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
EARLIEST, LATEST = datetime(1970, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001 - Hypothesis adds the zone
st.register_type_strategy(str, TEXT)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
st.register_type_strategy(datetime, st.datetimes(EARLIEST, LATEST, timezones=ZONES))
FACTS = st.sampled_from(sorted(KINDS)).flatmap(lambda kind: st.builds(KINDS[kind]))


def text_of(fact: Fact) -> str:
    return to_text(encode(fact)[1])


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_there_and_back(kind: str) -> None:
    @given(st.from_type(KINDS[kind]))
    def there_and_back(fact: Fact) -> None:
        named, values = encode(fact)
        stored = to_text(values)
        again = decode(named, json.loads(stored))
        assert again == fact
        assert type(again) is type(fact)
        assert text_of(again) == stored  # what verify computes again
        assert hash(again) == hash(fact)

    there_and_back()


@given(FACTS)
def test_the_text_is_canonical(fact: Fact) -> None:
    stored = text_of(fact)
    values = json.loads(stored)
    assert stored == json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert "\x1f" not in stored
    assert "\n" not in stored


def test_the_text_of_a_known_fact() -> None:
    fact = DueSupplied(Node.RECTIFY, at("2026-09-23 18:00"), "12345 工单")
    assert encode(fact)[0] == "DueSupplied"
    assert text_of(fact) == '{"due":"2026-09-23T10:00:00+00:00","node":"rectify","source":"12345 工单"}'


def test_one_fact_has_one_text_whatever_its_zone() -> None:
    here = DirectiveIssued("立即核查", ("housing",), at("2026-09-23 18:00"))
    there = replace(here, deadline=here.deadline.astimezone(timezone(timedelta(hours=8))))
    assert text_of(here) == text_of(there)


def test_fields_at_their_default_are_left_out() -> None:
    assert text_of(Received("12345", "噪声")) == '{"channel":"12345","title":"噪声"}'


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("Deleted", {}),
        ("Paused", {"reason": "等待"}),
        ("Paused", {"reason": "等待", "approved_by": "王磊", "until": "2026"}),
        ("DueSupplied", {"node": "nowhere", "due": None, "source": ""}),
        ("DueSupplied", {"node": "rectify", "due": "tomorrow", "source": ""}),
        ("DueSupplied", {"node": "rectify", "due": 5, "source": ""}),
        ("Dispatched", {"lead": "housing", "assisting": 5}),
    ],
)
def test_what_does_not_fit_is_refused(kind: str, values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(kind, values)


def test_what_cannot_be_said_is_refused() -> None:
    naive = datetime(2026, 9, 23, 18, 0)  # noqa: DTZ001 - a naive time is what is refused
    with pytest.raises(ValueError, match="due"):
        encode(DueSupplied(Node.RECTIFY, naive, ""))
    with pytest.raises(ValueError, match="float"):
        text_of(Received("12345", "噪声", lng=float("nan")))


def test_every_kind_is_immutable_and_has_its_own_name() -> None:
    assert all(name == kind.__name__ for name, kind in KINDS.items())
    with pytest.raises(AttributeError):
        Paused("等待", "王磊").reason = "别的"  # type: ignore[misc]
    assert [field.name for field in fields(Filed)] == ["document"]
    assert at("2026-09-23 18:00").tzinfo is UTC
