"""When two reports may be one, and a place is a repeat point: the policy's tables [merging] and [repeats].

No source states more than "two or more" (B10): radius and days are 示例, which a version of the policy
changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LARGEST_RADIUS_M = 5000
LARGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class MergingRule:
    """A ticket may repeat another that came in at most `days` before or after it, within `radius_m`."""

    radius_m: int = 200
    days: int = 30
    sample: bool = True


@dataclass(frozen=True, slots=True)
class RepeatsRule:
    """A repeat point has at least `reports` of the last `days`, all within `radius_m` of its middle (B10)."""

    radius_m: int = 50
    days: int = 90
    reports: int = 2
    sample: bool = True


def parse_merging(values: Mapping[str, Any]) -> MergingRule:
    """Return the rule of the policy's table [merging]; what it leaves out is as in older versions.

    Raises:
        ValueError: something does not fit; the message names the field.
    """
    return MergingRule(**_checked(values, "merging", MergingRule()))


def parse_repeats(values: Mapping[str, Any]) -> RepeatsRule:
    """Return the rule of the policy's table [repeats]; what it leaves out is as in older versions.

    Raises:
        ValueError: something does not fit; the message names the field.
    """
    return RepeatsRule(**_checked(values, "repeats", RepeatsRule()))


_RANGES = {"radius_m": (1, LARGEST_RADIUS_M), "days": (1, LARGEST_DAYS), "reports": (2, 1000)}


def _checked(values: Mapping[str, Any], table: str, default: MergingRule | RepeatsRule) -> dict[str, Any]:
    written = values.get(table, {})
    where = f"policy: {table}"
    if not isinstance(written, Mapping):
        raise ValueError(f"{where} is a table, [{table}]")
    unknown = written.keys() - set(default.__dataclass_fields__)
    if unknown:
        raise ValueError(f"{where}: {min(unknown)} is no field of it")
    for name, value in written.items():
        if name == "sample":
            if not isinstance(value, bool):
                raise ValueError(f"{where}: sample is true or false, not {value!r}")
            continue
        least, most = _RANGES[name]
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"{where}: {name} is a whole number from {least} to {most}, not {value!r}")
    return dict(written)
