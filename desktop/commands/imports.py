"""`import`: tickets from a spreadsheet, what radar or van found, a year's calendar, a policy."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from data_access import rule_changes, rule_files
from data_access.rule_changes import RetroactiveError
from data_access.store import Connection
from desktop.application import open_store
from desktop.commands.options import Json, session_of
from desktop.imports.errors import FileError
from desktop.imports.findings import FindingOptions, import_findings
from desktop.imports.mapping import read_mapping
from desktop.imports.registry import import_stations
from desktop.imports.run import ImportReport, import_tickets
from desktop.time import now
from domain.admin_events import RuleKind
from domain.calendar import YearNotice, parse_holiday_cn
from domain.coordinates import Datum
from domain.findings import FindingSource

imports = typer.Typer(help="Bring files into the store.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="The file to read.")]


def register(app: typer.Typer) -> None:
    app.add_typer(imports, name="import")


@imports.command()
def tickets(
    ctx: typer.Context,
    file: File,
    mapping: Annotated[
        Path, typer.Option("--mapping", metavar="MAP.toml", help="What the columns mean: docs/import.md.")
    ],
    as_json: Json = False,
) -> None:
    """Import complaints from CSV (also .gz) or XLSX. The same file twice changes nothing."""
    settings = session_of(ctx).settings
    chosen = read_mapping(mapping)
    if not file.is_file():
        raise FileError(f"没有文件 {file}")
    store = open_store(settings)
    try:
        with _Bar(shown=not as_json) as bar:
            report = import_tickets(store, file, chosen, now(), settings.data, bar.move)
    finally:
        store.close()
    if as_json:
        _print_json(report.as_dict())
    else:
        _print_report(report)


@imports.command()
def stations(ctx: typer.Context, file: File, as_json: Json = False) -> None:
    """Register devices that speak HJ 212, and the limits of their values: TOML, see docs/import.md."""
    store = open_store(session_of(ctx).settings)
    try:
        found = import_stations(store, file)
    finally:
        store.close()
    if as_json:
        _print_json({"stations": found.stations, "limits": found.limits})
    else:
        typer.echo(f"登记监测点 {found.stations:,} 个，限值 {found.limits:,} 条。")


@imports.command()
def findings(
    ctx: typer.Context,
    file: File,
    source: Annotated[FindingSource, typer.Option("--source", help="Who found it.")],
    crs: Annotated[Datum, typer.Option("--crs", help="What the degrees refer to.")] = Datum.WGS84,
    threshold: Annotated[
        float | None, typer.Option("--threshold", help="From this value on it is a suspected problem.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Import what radar, van, drone or satellite found: GeoJSON or CSV, points or tracks (docs/import.md)."""
    store = open_store(session_of(ctx).settings)
    try:
        report = import_findings(store, file, FindingOptions(source, crs, threshold), now())
    finally:
        store.close()
    if as_json:
        _print_json(report.as_dict())
        return
    if not report.new:
        typer.echo("同一文件此前已导入（换来源、坐标系或阈值也算同一文件），没有新增，未改动。")
        return
    typer.echo(
        f"{report.file}：{report.points:,} 个点，{report.tracks:,} 条轨迹，疑似问题 {report.suspects:,} 个，"
        f"市域外 {report.outside:,} 个，退回 {report.rejected:,}。"
    )
    for reason in report.reasons:
        typer.echo(f"  {reason}")
    if report.rejected > len(report.reasons):
        typer.echo(f"  另有 {report.rejected - len(report.reasons):,} 条未列出")


@imports.command()
def calendar(ctx: typer.Context, file: File, as_json: Json = False) -> None:
    """Import a year's holidays and make-up days (holiday-cn JSON)."""
    try:
        text = _read(file)
        notice = parse_holiday_cn(json.loads(text))
    except ValueError as error:
        raise FileError(f"{file} 不是 holiday-cn 格式的日历：{error}") from error
    if notice is None:
        raise FileError(f"{file} 里还没有放假安排：该年通知尚未发布，工作日仍按周一至周五暂算")
    changed = _write(ctx, _PutCalendar(notice, text))
    if as_json:
        counts = {"off": len(notice.off), "working": len(notice.working)}
        _print_json({"year": notice.year, "source": notice.source, **counts, "rejudged": changed.rejudged})
    else:
        typer.echo(
            f"已导入 {notice.year} 年日历：放假 {len(notice.off)} 天，调休上班 {len(notice.working)} 天；"
            f"重新计算了 {changed.rejudged:,} 件工单的到期时间。"
        )


@imports.command()
def policy(
    ctx: typer.Context,
    file: File,
    retroactive: Annotated[
        bool,
        typer.Option("--retroactive", help="Judge tickets anew that came in since the policy is effective."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Import a version of a policy (TOML as in resources/policies)."""
    work = _AddPolicy(_read(file), retroactive)
    try:
        changed = _write(ctx, work)
    except RetroactiveError as error:
        message = (
            f"这版规则自 {error.policy.effective_from} 起生效，"
            f"库中已有 {error.tickets:,} 件此后受理的工单会按它重新判定，未导入"
        )
        raise FileError(
            message, "确要追溯，请加 --retroactive；否则把 effective_from 改为今后的日期。"
        ) from error
    except ValueError as error:
        raise FileError(f"{file} 不是有效的规则文件：{error}") from error
    if as_json:
        _print_json({"file": str(file), "new": changed.new, "rejudged": changed.rejudged})
    elif not changed.new:
        typer.echo("库中已有这一版规则，未改动：改动须升 version。")
    else:
        again = f"，并按它重新判定了 {changed.rejudged:,} 件工单" if changed.rejudged else ""
        typer.echo(f"规则已入库{again}。")


class _PutCalendar:
    def __init__(self, notice: YearNotice, text: str) -> None:
        self._notice = notice
        self._text = text

    def __call__(self, connection: Connection) -> rule_changes.Changed:
        changed = rule_changes.put_calendar_year(connection, self._notice)
        rule_files.note(connection, rule_files.read_rule(RuleKind.CALENDAR, self._text), changed.rejudged)
        return changed


class _AddPolicy:
    def __init__(self, text: str, retroactive: bool) -> None:
        self._text = text
        self._retroactive = retroactive

    def __call__(self, connection: Connection) -> rule_changes.Changed:
        changed = rule_changes.add_policy(connection, self._text, retroactive=self._retroactive)
        if changed.new:
            file = rule_files.read_rule(RuleKind.POLICY, self._text)
            rule_files.note(connection, file, changed.rejudged, retroactive=self._retroactive)
        return changed


class _Bar:
    """A progress bar on the error stream, where that is a terminal."""

    def __init__(self, *, shown: bool) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not (shown and console.is_terminal),
        )
        self._task: TaskID | None = None

    def __enter__(self) -> "_Bar":
        self._progress.start()
        self._task = self._progress.add_task("导入", total=None)
        return self

    def move(self, done: int, total: int) -> None:
        """Show how far the reading is."""
        assert self._task is not None
        self._progress.update(self._task, completed=done, total=total or None)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def _write(ctx: typer.Context, work: Any) -> Any:
    store = open_store(session_of(ctx).settings)
    try:
        return store.write(work)
    finally:
        store.close()


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(f"读不到文件 {file}：{error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FileError(f"文件 {file} 不是 UTF-8 编码") from error


def _print_json(values: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(values, ensure_ascii=False) + "\n")


def _print_report(report: ImportReport) -> None:
    typer.echo(
        f"{report.file}（{report.form}）：读 {report.rows:,} 行，新增 {report.added:,}，"
        f"续写 {report.updated:,}，未变 {report.unchanged:,}，退回 {report.rejected:,}。"
    )
    typer.echo(
        f"写入 {report.events:,} 条事件，用时 {report.seconds:.1f} 秒，每秒 {report.rows_per_second:,} 行。"
    )
    if report.moved:
        typer.echo(f"  {report.moved:,} 件的到期时间由来源更改")
    for reason, count in report.reasons.items():
        typer.echo(f"  退回 {count:,} 行，{reason}")
    for note, count in report.notes.items():
        typer.echo(f"  {count:,} 行{note}")
    if report.rejects_file is not None:
        typer.echo(f"退回的行及原因在 {report.rejects_file}")
