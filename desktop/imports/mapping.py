"""The mapping file: which column of a source means what, in a TOML that a city's staff can write.

`docs/import.md` describes every key. A mapping is checked as a whole before the first row is read.
"""

from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from desktop.imports.errors import FileError
from desktop.toml_file import read_toml
from domain.nodes import Node
from domain.urgency import parse_urgency

Names = Annotated[tuple[str, ...], Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Source(_Part):
    """Who wrote the file, and how it writes times and places."""

    key: str = Field(pattern=r"^[^\x00-\x1f]+$")
    title: str = ""
    policy: str = "standard"
    prefix: str = Field(default="", max_length=50)
    zone: ZoneInfo = ZoneInfo("Asia/Shanghai")
    times: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    encoding: str = "auto"
    delimiter: Literal["auto", ",", ";", "\t"] = "auto"
    sheet: str | None = None
    crs: Literal["WGS-84", "GCJ-02"] = "WGS-84"
    channel: str | None = None

    @field_validator("zone", mode="before")
    @classmethod
    def _zone(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return ZoneInfo(value)
        except (KeyError, OSError, ValueError) as error:
            raise ValueError(f"没有名为 {value!r} 的时区，应类似 Asia/Shanghai") from error

    @field_validator("encoding")
    @classmethod
    def _encoding(cls, value: str) -> str:
        if value == "auto":
            return value
        try:
            "".encode(value)
        except LookupError as error:
            raise ValueError(f"不认识编码 {value!r}，应为 auto、utf-8 或 gb18030") from error
        return value


class Columns(_Part):
    """Names of the source's columns. A list joins the cells that are not empty."""

    received: str
    id: str = "content"
    title: Names | None = None
    text: Names | None = None
    address: Names | None = None
    urgency: str | None = None
    category: str | None = None
    area: str | None = None
    township: str | None = None
    channel: str | None = None
    body: str | None = None
    lng: str | None = None
    lat: str | None = None
    complainant: str | None = None
    phone: str | None = None
    secrecy: str | None = None

    @field_validator("title", "text", "address", mode="before")
    @classmethod
    def _as_list(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _whole_point(self) -> "Columns":
        if (self.lng is None) != (self.lat is None):
            raise ValueError("lng 与 lat 须同时给出")
        return self


class Defaults(_Part):
    """What holds where the column is not mapped or the cell is empty."""

    title: str = ""
    channel: str = Field(default="导入", max_length=100)
    urgency: str = "ordinary"
    category: str | None = None
    area: str | None = None
    township: str | None = Field(default=None, max_length=100)
    body: str | None = None

    @field_validator("urgency")
    @classmethod
    def _urgency(cls, value: str) -> str:
        parse_urgency(value)
        return value


class CodeTable(_Part):
    """The source's codes and ours. `other`: keep the source's word, drop it, or reject the row."""

    codes: dict[str, str] = Field(default_factory=dict)
    names: dict[str, str] = Field(default_factory=dict)
    other: Literal["keep", "drop", "reject"]


class Tables(_Part):
    """Code tables by column. What is not said here is as stated in `docs/import.md`."""

    body: CodeTable = CodeTable(other="keep")
    category: CodeTable = CodeTable(other="keep")
    area: CodeTable = CodeTable(other="drop")
    channel: CodeTable = CodeTable(other="keep")
    urgency: CodeTable = CodeTable(other="reject")
    secrecy: CodeTable = CodeTable(other="reject")
    verdict: CodeTable = CodeTable(other="reject")

    @field_validator("*", mode="before")
    @classmethod
    def _usual_other(cls, table: object, info: ValidationInfo) -> object:
        if isinstance(table, dict) and info.field_name is not None:
            return {"other": cls.model_fields[info.field_name].default.other} | table
        return table

    @field_validator("urgency")
    @classmethod
    def _urgencies(cls, table: CodeTable) -> CodeTable:
        if table.other == "keep":
            raise ValueError("紧急程度不能 keep，只能 drop 或 reject")
        for word in table.codes.values():
            parse_urgency(word)
        return table

    @field_validator("secrecy", "verdict")
    @classmethod
    def _truths(cls, table: CodeTable) -> CodeTable:
        if table.other == "keep" or any(word not in ("yes", "no") for word in table.codes.values()):
            raise ValueError('只能对应到 "yes" 或 "no"，other 只能 drop 或 reject')
        return table


class DueColumn(_Part):
    """A column with the source's own due time for a node. Empty cells: never due, or by our policy."""

    node: Node
    column: str
    absent: Literal["never", "policy"] = "policy"


class DoneColumn(_Part):
    """A column that tells when a node was done, as a time or as a span after receipt."""

    node: Node
    column: str
    unit: Literal["time", "days after received", "hours after received", "minutes after received"] = Field(
        default="time", alias="as"
    )
    text: str | None = None
    by: str = ""
    verdict: str | None = None

    @model_validator(mode="after")
    def _verdict(self) -> "DoneColumn":
        if (self.node in (Node.REVISIT, Node.POST_CHECK)) != (self.verdict is not None):
            raise ValueError("revisit 与 post_check 须有 verdict 列，其他环节不能有")
        return self


class Mapping(_Part):
    """A whole mapping file."""

    source: Source
    columns: Columns
    defaults: Defaults = Defaults()
    tables: Tables = Tables()
    due: tuple[DueColumn, ...] = ()
    done: tuple[DoneColumn, ...] = ()

    @field_validator("due", "done")
    @classmethod
    def _once(cls, parts: tuple[Any, ...]) -> tuple[Any, ...]:
        nodes = [part.node for part in parts]
        if len(set(nodes)) != len(nodes):
            raise ValueError("同一环节只能出现一次")
        return parts

    def wanted(self) -> tuple[str, ...]:
        """Return the names of all columns that the mapping uses, each once."""
        names: list[str | None] = []
        for field, value in self.columns:
            if field == "id" and value == "content":
                continue
            names.extend(value if isinstance(value, tuple) else (value,))
        names.extend(due.column for due in self.due)
        for done in self.done:
            names.extend((done.column, done.text, done.verdict))
        return tuple(dict.fromkeys(name for name in names if name))


def read_mapping(path: Path) -> Mapping:
    """Return the mapping in a TOML file.

    Raises:
        FileError: it cannot be read, is not TOML, or a key is missing, unknown or does not fit.
    """
    values = read_toml(path, f"映射文件 {path}")
    try:
        return Mapping.model_validate(values)
    except ValidationError as error:
        lines = "；".join(_explain(problem) for problem in error.errors())
        raise FileError(f"映射文件 {path}：{lines}") from error


def _explain(problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"]) or "（整体）"
    match problem["type"]:
        case "missing":
            return f"缺少 {key}"
        case "extra_forbidden":
            return f"不认识 {key}"
        case "value_error":
            return f"{key}：{problem['ctx']['error']}"
        case "enum" | "literal_error":
            return f"{key} 应为 {problem['ctx']['expected']} 之一，而不是 {problem['input']!r}"
        case _:
            return f"{key}：{problem['msg']}，而不是 {problem['input']!r}"
