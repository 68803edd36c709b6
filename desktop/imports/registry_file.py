"""What may stand in a file of stations and limits: checked as a whole before anything is registered.

`docs/import.md` describes every key. All that is wrong with a file is told at once, each by its table, its
key and its field, since who writes such a file sees no line of this program.
"""

import datetime
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)

from desktop.factor_table import load_factors
from desktop.imports.errors import FileError
from desktop.toml_file import read_toml
from domain.factor_names import NAMES
from domain.stations import CONVERTED, MINUTES, StationKind

MOST_TOLD = 20
"""So many mistakes are told at once."""
_NAMED = "measures_"


def _known_factor(code: str) -> str:
    factors = load_factors()
    plain = code.removesuffix(CONVERTED)
    # Ozone of the air (a05024, HJ 524) is not in annex B, and every air station sends it.
    if factors.find(plain) or plain in NAMES:
        return code
    meant = factors.in_right_case(plain) or factors.code_of_2005(plain)
    raise ValueError(
        f"没有因子代码 {code}，应为 HJ 212-2017 附录 B 的代码，如 {meant or 'a34002'}；"
        "标准之外的代码先加进 resources/hj212/factors.csv"
    )


def _whole_minute(moment: datetime.time) -> datetime.time:
    if moment.second or moment.microsecond:
        raise ValueError(f"时刻只到分钟，秒应为 00，而不是 {moment}")
    return moment


Text = Annotated[str, Field(min_length=1, max_length=200)]
FactorCode = Annotated[str, AfterValidator(_known_factor)]
Sent = Annotated[str, Field(pattern=r"^[^\s;=&,#\x00-\x1f]{1,100}$")]
"""What a device says of itself in a frame, whose signs it cannot contain."""
Number = Annotated[float, Field(allow_inf_nan=False)]
Minute = Annotated[datetime.time, AfterValidator(_whole_minute)]


class _Part(BaseModel):
    # Strict: "80" is no number and 123456 no password. A value that was guessed right is a habit that
    # fails with the password 001234.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=True)


class MeasureRow(_Part):
    """A factor that a station measures."""

    factor: FactorCode
    unit: Annotated[str, Field(max_length=50)]
    factor_to_unit: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0


def _way_of(measures: object) -> str:
    return "in_place" if isinstance(measures, list) else "by_name"


def _each_once(rows: list[MeasureRow]) -> list[MeasureRow]:
    twice = [factor for factor, number in Counter(row.factor for row in rows).items() if number > 1]
    if twice:
        raise ValueError(f"因子 {'、'.join(twice)} 出现两次")
    return rows


Measures = Annotated[list[MeasureRow], Field(min_length=1), AfterValidator(_each_once)]
MeasuresOfStation = Annotated[
    Annotated[str, Tag("by_name")] | Annotated[Measures, Tag("in_place")], Discriminator(_way_of)
]


class _Shared(_Part):
    category: Text | None = None
    body: Text | None = None
    every_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None
    password: Annotated[str, Field(pattern=r"^[^\s;=&,#\x00-\x1f]{0,100}$")] | None = None


class StationRow(_Shared):
    """A device; what it does not say, its table says for all."""

    key: Text
    name: Text
    mn: Sent
    enterprise: str = ""
    area: Text | None = None
    township: Text | None = None
    point: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None
    measures: MeasuresOfStation | None = None
    retired: datetime.date | None = None

    @model_validator(mode="after")
    def _on_earth(self) -> "StationRow":
        if self.point is not None:
            lng, lat = self.point
            if abs(lng) > 180 or abs(lat) > 90:
                raise ValueError(
                    f"point 应为 [经度, 纬度]（WGS-84 度），{lat:g} 不是纬度"
                    if abs(lat) > 90
                    else f"point 应为 [经度, 纬度]（WGS-84 度），{lng:g} 不是经度"
                )
        return self


class KindTable(_Shared):
    """The stations of one kind, with what they share. `named` has the tables measures_NAME by NAME."""

    measures: Measures | None = None
    named: dict[str, Measures] = Field(default_factory=dict)
    station: list[StationRow] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, table: object) -> object:
        if not isinstance(table, dict):
            return table
        named = {name: rows for name, rows in table.items() if name.startswith(_NAMED)}
        plain = {name: rows for name, rows in table.items() if name not in named}
        # Who writes `named` itself writes a key that is not known.
        unknown = {" named": plain.pop("named")} if "named" in plain else {}
        return plain | unknown | {"named": {name.removeprefix(_NAMED): rows for name, rows in named.items()}}

    @model_validator(mode="after")
    def _all_measure(self) -> "KindTable":
        wrong = [
            f"{row.key} 的 measures 指 {_NAMED}{row.measures}，而没有这个表"
            if isinstance(row.measures, str)
            else f"{row.key} 没有 measures，本表也没有共用的 measures"
            for row in self.station
            if self.measures_of(row) is None
        ]
        if wrong:
            raise ValueError("；".join(wrong))
        return self

    def measures_of(self, row: StationRow) -> list[MeasureRow] | None:
        """Return what a station measures, None where nothing says it."""
        if isinstance(row.measures, str):
            return self.named.get(row.measures)
        return self.measures if row.measures is None else row.measures


class LimitRow(_Part):
    """A limit of a kind, or of a group of stations."""

    key: Text
    factor: FactorCode
    span: Literal["real_time", "minute", "hour", "day"]
    effective_from: datetime.date
    source: Text
    kind: Literal["dust", "water", "stack", "noise", "air"] | None = None
    stations: Text | None = None
    low: Number | None = None
    high: Number | None = None
    converted: bool = False
    minutes: int | None = None
    allowed_per_day: Annotated[int, Field(ge=0, le=10_000)] = 0
    begin: Minute | None = Field(default=None, alias="from")
    until: Minute | None = None
    effective_until: datetime.date | None = None

    @model_validator(mode="after")
    def _sense(self) -> "LimitRow":
        wrong = list(self._wrong())
        if wrong:
            raise ValueError("；".join(wrong))
        return self

    def _wrong(self) -> Iterator[str]:
        if (self.kind is None) == (self.stations is None):
            yield "kind（一类监测点）与 stations（[groups] 中的一组）须写且只写一个"
        if self.low is None and self.high is None:
            yield "low 与 high 至少写一个"
        elif self.low is not None and self.high is not None and self.low > self.high:
            yield f"low（{self.low:g}）大于 high（{self.high:g}）"
        if self.minutes is not None and (self.span != "minute" or self.minutes not in MINUTES):
            allowed = "、".join(map(str, MINUTES))
            yield f'minutes = {self.minutes} 应为 {allowed} 之一，且只用于 span = "minute"'
        if (self.begin is None) != (self.until is None):
            yield "from 与 until 须同时写"
        elif self.begin is not None and self.begin == self.until:
            yield "from 与 until 相同，限值从不适用；全天适用的两个都不写"
        if self.effective_until is not None and self.effective_until < self.effective_from:
            yield f"effective_until（{self.effective_until}）早于 effective_from（{self.effective_from}）"


class RegistryFile(_Part):
    """A whole file."""

    dust: KindTable = KindTable()
    water: KindTable = KindTable()
    stack: KindTable = KindTable()
    noise: KindTable = KindTable()
    air: KindTable = KindTable()
    limit: list[LimitRow] = Field(default_factory=list)
    groups: dict[str, list[Text]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _groups_are_there(self) -> "RegistryFile":
        wrong = [
            f"[[limit]] {row.key} 的 stations 指 {row.stations}，而 [groups] 中没有这一组"
            for row in self.limit
            if row.stations is not None and row.stations not in self.groups
        ]
        if wrong:
            raise ValueError("；".join(wrong))
        return self

    def tables(self) -> Iterator[tuple[StationKind, KindTable]]:
        """Yield the kinds in their order."""
        for kind in StationKind:
            yield kind, getattr(self, kind.value)


def read_registry_file(file: Path) -> RegistryFile:
    """Return what a file says.

    Raises:
        FileError: it cannot be read, is not TOML, or has what may not stand in it.
    """
    table = read_toml(file, f"登记文件 {file}")
    try:
        return RegistryFile.model_validate(table)
    except ValidationError as error:
        raise refusal(file, [_told(problem, table) for problem in error.errors()]) from error


def refusal(file: Path, problems: Sequence[str]) -> FileError:
    """Return the error that tells what is wrong with a file."""
    if len(problems) == 1:
        return FileError(f"{file} 未登记：{problems[0]}")
    more = [f"另有 {len(problems) - MOST_TOLD} 处"] if len(problems) > MOST_TOLD else []
    lines = "".join(f"\n  {line}" for line in [*problems[:MOST_TOLD], *more])
    return FileError(f"{file} 有 {len(problems)} 处不对，什么也没有登记：{lines}")


# --- wording -------------------------------------------------------------------------------------------

_TYPES: Mapping[str, str] = {
    "string_type": "应为加引号的文字",
    "int_type": "应为整数，不加引号",
    "int_from_float": "应为整数",
    "float_type": "应为数字，不加引号",
    "finite_number": "应为有限的数字",
    "bool_type": "应为 true 或 false，不加引号",
    "date_type": "应为日期，不加引号，如 2026-01-01",
    "date_from_datetime_inexact": "应为日期，如 2026-01-01",
    "time_type": "应为时刻，不加引号，如 22:00:00",
    "list_type": "应为方括号中的列表",
    "dict_type": "应为表",
    "model_type": "应为表",
    "model_attributes_type": "应为表",
    "string_too_short": "不能为空",
}


def _told(problem: Any, table: Mapping[str, Any]) -> str:
    """Return a mistake in words: where it is, what is expected, what stands there."""
    *above, last = problem["loc"] or ("",)
    kind, limits = problem["type"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        name, known = str(last).strip(), "、".join(_known_in(above))
        if not above:
            return f"不认识的表 [{name}]，应为 {known}"
        return f"{_place(above, table)}：不认识 {name}，可写的有 {known}"
    if kind == "missing":
        return f"{_place(above, table)}：缺少 {last}"
    place = _place(problem["loc"], table)
    place = f"{place}：" if place else ""
    if kind == "value_error":
        return f"{place}{limits['error']}"
    match kind:
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            sign = {"gt": "大于", "ge": "不小于", "lt": "小于", "le": "不大于"}
            wanted = "应" + "".join(f"{sign[name]} {bound:g}" for name, bound in limits.items())
        case "literal_error":
            wanted = f"应为 {limits['expected'].replace(' or ', ', ').replace(chr(39), '')} 之一"
        case "too_short":
            wanted = f"应有 {limits['min_length']} 项"
        case "too_long":
            wanted = f"至多 {limits['max_length']} 项"
        case "string_too_long":
            wanted = f"至多 {limits['max_length']} 个字"
        case "string_pattern_mismatch":
            wanted = "应为设备所发的原样：至多 100 个字，不含空白和 ; = & , #"
        case _:
            wanted = _TYPES.get(kind, "不合要求")
    if "password" in problem["loc"] or kind == "string_too_short":
        return f"{place}{wanted}"
    return f"{place}{wanted}，而不是 {_shown(problem['input'])}"


def _shown(value: object) -> str:
    """Return a value as it may stand in the file, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:60]}…"


_BRANCHES = ("by_name", "in_place")


def _place(path: Sequence[int | str], table: Any) -> str:
    """Return where something stands: `[dust] station 第 2 项（d2）point`."""
    words: list[str] = []
    value = table
    parts = [part for part in path if part not in _BRANCHES]
    for place, part in enumerate(parts):
        if part == "named":
            continue
        name = f"{_NAMED}{part}" if place and parts[place - 1] == "named" else part
        try:
            value = value[name]
        except (KeyError, IndexError, TypeError):
            value = None
        if isinstance(name, int):
            key = value.get("key", value.get("factor")) if isinstance(value, dict) else None
            words[-1] += f" 第 {name + 1} 项" + (f"（{key}）" if isinstance(key, str) else "")
        elif not words:
            words.append("[[limit]]" if name == "limit" else f"[{name}]")
        else:
            words.append(name)
    return " ".join(words)


def _known_in(above: Sequence[int | str]) -> list[str]:
    """Return what may stand at a place of the file."""
    names = [part for part in above if isinstance(part, str)]
    if not names:
        return [*(kind.value for kind in StationKind), "[[limit]]", "groups"]
    if names[0] == "limit":
        model: type[_Part] = LimitRow
    elif {"measures", "named"} & {*names}:
        model = MeasureRow
    else:
        model = StationRow if "station" in names else KindTable
    known = [field.alias or name for name, field in model.model_fields.items()]
    return [f"{_NAMED}…" if name == "named" else name for name in known]
