"""What people and files should not send, and do: texts, numbers and moments at and beyond every edge."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

CASES = int(os.environ.get("QINGSHAO_HOSTILE_CASES", "10000"))
"""Inputs in all. By default always the same ones, so that a fault is met by whoever brought it in."""

TEXTS = (
    "", " ", "\t", "\n", "\r\n", "\0", "a\0b", "\x1f", "a\x1fb", "\x7f", "\x85", "\u2028", "\ufeff", "\uffff",
    "\ud800", "a\udfffb", "\u202egnp.exe", "𠮷", "👨‍👩‍👧", "é", "İ", "ﬀ", "１２３", "٣", "－１",
    "'", "''", '"', "\\", "\\'", "`", "$$", "$1", "%", "%s", "%(a)s", "{}", "{0}", "{a.b}", ":a", "::text",
    "--", "'; DROP TABLE event; --", "1); DELETE FROM event; --", "' OR 1=1 --", "\\x00", "E'\\\\'", "\\.",
    "=1+1", "=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝１", "＋１", "－x", "＠x",
    "<b>粗</b>", "<img src=http://127.0.0.1:1/x>", "<script>1</script>", "&amp;", "]]>", "<!--",
    "../../etc/passwd", "CON", "nul.txt", "a/b", "a\\b", "C:\\x", "file:///etc/passwd", "\\\\host\\share",
    "NaN", "nan", "inf", "-Infinity", "1e999", "-1e999", "1e-999", "0x10", "1_000", "1,000", "١", "0", "-0",
    "9" * 400, "0" * 5000, "None", "null", "true", "[]", "{}", "ticket/T-1", "T-1", "system", "admin",
    "2026-02-30", "0000-00-00", "9999-12-31 23:59:59", "10000-01-01", "1-1-1", "2026-11-21T25:61:61",
    "2026-11-21 09:30:00+99:99", "46000.5", "-1.5", "1e10", "24:00", "２０２６-１１-２１",
    "长" * 2001, "a" * 100_001, "\n" * 3000, "\u0301" * 500, " " * 1000,
)  # fmt: skip

MOMENTS = (
    datetime.min.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(2026, 12, 31, 16, 0, tzinfo=UTC),
)

NUMBERS = (0, 1, -1, 2**31 - 1, 2**31, -(2**31) - 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30)

FLOATS = (0.0, -0.0, 1e-320, 1e308, float("inf"), float("-inf"), float("nan"), -1.0, 38.04999)

texts = st.one_of(
    st.sampled_from(TEXTS),
    st.text(st.characters(exclude_categories=()), max_size=12),
    st.text("甲乙丙丁 ，。ab1", min_size=1, max_size=20),
)


def cases(share: float, each: int = 1) -> settings:
    """Return how a test runs with its share of all inputs, `each` of them to an example."""
    return settings(
        max_examples=max(1, round(CASES * share / each)),
        deadline=None,
        database=None,
        derandomize="QINGSHAO_HOSTILE_CASES" not in os.environ,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


def built(kind: type[Any], known: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Return records of a dataclass with anything that its types allow; `known` says more of some fields."""
    hints = get_type_hints(kind)
    return st.builds(
        kind, **{name: known[name] if name in known else of(hint) for name, hint in hints.items()}
    )


def of(hint: Any) -> st.SearchStrategy[Any]:
    """Return values of a type, those at the edges first of all."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return st.one_of(*(of(part) for part in get_args(hint)))
    if origin is tuple:
        inner = [part for part in get_args(hint) if part is not Ellipsis]
        return (
            st.lists(of(inner[0]), max_size=3).map(tuple) if len(inner) == 1 else st.tuples(*map(of, inner))
        )
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    return _PLAIN[hint]()


_PLAIN: dict[Any, Callable[[], st.SearchStrategy[Any]]] = {
    str: lambda: texts,
    bool: st.booleans,
    int: lambda: st.one_of(st.sampled_from(NUMBERS), st.integers(0, 200)),
    float: lambda: st.one_of(st.sampled_from(FLOATS), st.floats()),
    datetime: lambda: st.one_of(
        st.sampled_from(MOMENTS),
        st.datetimes(datetime(2026, 11, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    ),
    NoneType: st.none,
}

leaves = st.one_of(
    texts,
    st.none(),
    st.booleans(),
    st.sampled_from(NUMBERS),
    st.sampled_from(FLOATS),
    st.sampled_from(MOMENTS),
)

values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=5,
)
"""What a parsed TOML or JSON may hold, and more."""


def mutated(values_: Any, path: list[int], put: Any) -> Any:
    """Return nested lists and dicts with one place changed: `path` chooses it, step by step."""
    if not path or not isinstance(values_, (dict, list)) or not values_:
        return put
    keys = list(values_) if isinstance(values_, dict) else list(range(len(values_)))
    chosen = keys[path[0] % len(keys)]
    copy: Any = dict(values_) if isinstance(values_, dict) else list(values_)
    if put is REMOVED and len(path) == 1:
        del copy[chosen]
    else:
        copy[chosen] = mutated(values_[chosen], path[1:], put)
    return copy


REMOVED = object()
"""As a value to put: the place itself goes."""
