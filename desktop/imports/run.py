"""Imports a file of tickets: one transaction for the file, so that nothing is ever half imported."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

from data_access import bulk, log, master, rules, tallies
from data_access.errors import StoreError
from data_access.readers.keys import read_keys
from data_access.store import Connection, Store
from desktop.imports.errors import FileError, MappingError, RowError
from desktop.imports.mapping import Mapping
from desktop.imports.rejects import RejectsFile
from desktop.imports.tables import Row, Table, open_table
from desktop.imports.tickets import TicketReader
from desktop.imports.waiting import Waiting, Waits
from domain.intake import ContradictionError, NewBody, NewCategory, NewTicket
from domain.policy import Policy

CHUNK = 2000
REASONS_SHOWN = 5

Progress = Callable[[int, int], None]
"""Called with how much is read and how much there is: bytes of a CSV, rows of an XLSX; 0 if unknown."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `reasons` are the most frequent ones for rejecting, by column, each told by its
    first row and with how many rows; `notes` count what was left out of rows that went in; `moved` are the
    tickets, among those updated, for which the source changed or filled in a due time.
    """

    file: str
    source: str
    form: str
    rows: int
    added: int
    updated: int
    unchanged: int
    moved: int
    rejected: int
    events: int
    rejects_file: str | None
    reasons: dict[str, int]
    notes: dict[str, int]
    seconds: float
    rows_per_second: int

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return asdict(self)


def import_tickets(
    store: Store,
    path: Path,
    mapping: Mapping,
    now: datetime,
    spare_folder: Path,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring a file of tickets into the store: all rows that can be read, or nothing at all.

    A number that the store knows with the same content is left alone. Known tickets with news are continued
    at the end, in one short step: while the file is read, nobody's orders wait for it. Rows that cannot be
    read go to a rejects file beside the source, or in the spare folder where that cannot be written.

    Raises:
        FileError: the file cannot be read to its end; nothing went in.
        StoreError: the database went away; nothing went in.
    """
    started = perf_counter()
    with (
        open_table(path, mapping) as table,
        RejectsFile(path, table.columns, spare_folder) as rejects,
    ):
        work = _Import(table, rejects, mapping, now, progress)
        try:
            store.write(work.write)
        except StoreError as error:
            way_out = "本次导入没有写入任何内容；数据库恢复后再导入一次即可。"
            raise StoreError(error.message, way_out) from error
        with suppress(StoreError):
            # All is in, and right: this makes rankings quick again, and any open program would do it.
            while store.write(tallies.refresh):
                pass
        kept = rejects.keep()
    seconds = perf_counter() - started
    return ImportReport(
        file=str(path),
        source=mapping.source.key,
        form=table.form,
        rows=work.rows,
        added=work.counts.added,
        updated=work.counts.updated,
        unchanged=work.counts.unchanged,
        moved=work.counts.moved,
        rejected=rejects.count,
        events=work.counts.events,
        rejects_file=str(kept) if kept is not None else None,
        reasons=work.reasons(),
        notes=dict(work.notes.most_common()),
        seconds=round(seconds, 2),
        rows_per_second=round(work.rows / seconds),
    )


class _Import:
    """The work of one transaction."""

    def __init__(
        self, table: Table, rejects: RejectsFile, mapping: Mapping, now: datetime, progress: Progress | None
    ) -> None:
        self.counts = bulk.Counts()
        self.rows = 0
        self._rejected: Counter[str] = Counter()
        self._examples: dict[str, str] = {}
        self.notes: Counter[str] = Counter()
        self._table = table
        self._rejects = rejects
        self._mapping = mapping
        self._now = now
        self._progress = progress
        self._learned: set[str] = set()

    def write(self, connection: Connection) -> None:
        """Write all rows of the table.

        Raises:
            FileError: the table ends before its end, or the mapping names a policy that is not there.
        """
        # First of all: what is read below holds until the end, and two imports cannot wait for each other.
        bulk.be_the_only_import(connection)
        rules.install_defaults(connection)
        book = rules.load_rules(connection)
        earliest, keys = self._earliest(book), read_keys(connection)
        try:
            reader = TicketReader(self._mapping, self._table, self._now, earliest, keys)
        except RowError as error:
            raise MappingError(f"映射里 [defaults] 写的{error}") from error
        with _seldom_collecting(), Waiting() as waiting:
            rows = self._table.rows
            while chunk := list(islice(rows, CHUNK)):
                self.rows += len(chunk)
                waiting.put(self._write_new(connection, book, reader, chunk))
                gc.collect(0)
                if self._progress is not None:
                    self._progress(self._table.done(), self._table.total)
            if not self.rows:
                raise FileError("文件只有表头，没有一行数据")
            for ready in waiting.chunks():
                self._continue_known(connection, book, ready)
        if self.counts.events:
            log.ring(connection)
        self.notes = reader.notes

    def reasons(self) -> dict[str, int]:
        """Return the most frequent reasons for rejecting, each by its first row, with how many rows."""
        return {self._examples[column]: count for column, count in self._rejected.most_common(REASONS_SHOWN)}

    def _write_new(
        self, connection: Connection, book: rules.Rules, reader: TicketReader, chunk: list[Row]
    ) -> list[Waits]:
        """Write the new tickets of a chunk; return how known ones go on, which must wait."""
        tickets: list[NewTicket] = []
        sources: dict[str, Row] = {}
        for row in chunk:
            try:
                ticket = reader.read(row)
            except RowError as error:
                self._reject(row, error)
            else:
                tickets.append(ticket)
                sources[ticket.number] = row
        self._learn(connection, reader)
        counts, changed = bulk.add_new(connection, book, tickets)
        self.counts.add(counts)
        prepared, refused = bulk.prepare(connection, book, changed, self._now)
        for refusal in refused:
            self._reject(sources[refusal.number], _explain(refusal.error))
        return [Waits(item, sources[item.ticket.number]) for item in prepared]

    def _continue_known(self, connection: Connection, book: rules.Rules, chunk: list[Waits]) -> None:
        rows = {prepared.ticket.number: row for prepared, row in chunk}
        ready = [prepared for prepared, _ in chunk]
        counts, refused = bulk.continue_known(connection, book, ready, self._now)
        self.counts.add(counts)
        for refusal in refused:
            self._reject(rows[refusal.number], _explain(refusal.error))

    def _reject(self, row: Row, error: RowError) -> None:
        self._rejects.add(row.line, error, row.cells)
        self._rejected[error.column] += 1
        self._examples.setdefault(error.column, f"如第 {row.line} 行{error}")

    def _learn(self, connection: Connection, reader: TicketReader) -> None:
        """Make bodies and categories that the source named known to the store."""
        bodies = [NewBody(key, name) for key, name in reader.bodies.met.items()]
        categories = [NewCategory(key, name) for key, name in reader.categories.met.items()]
        if len(bodies) + len(categories) > len(self._learned):
            self._learned = {*reader.bodies.met, *reader.categories.met}
            master.add_bodies(connection, bodies)
            master.add_categories(connection, categories)

    def _earliest(self, book: rules.Rules) -> datetime:
        """Return the moment from which on the mapping's policy can judge a ticket."""
        family = self._mapping.source.policy
        versions = [policy for policy in book.policies.policies if policy.family == family]
        if not versions:
            known = "、".join(sorted({policy.family for policy in book.policies.policies}))
            raise MappingError(f"映射里的 source.policy 写的是 {family!r}，没有这样的规则；有：{known}")
        first = min(versions, key=_effective)
        return datetime.combine(first.effective_from, time.min, first.zone)


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Leave the search for cycles to the ends of chunks: rows make none, and it costs a tenth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _effective(policy: Policy) -> date:
    return policy.effective_from


def _explain(error: ContradictionError) -> RowError:
    field = _FIELDS.get(error.field, error.field)
    return RowError(
        "", f"与库中已有的同号工单不一致：{field} 原为 {_shown(error.stored)}，现为 {_shown(error.delivered)}"
    )


def _shown(value: object) -> str:
    if value is None or value == "":
        return "空"
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else repr(value)[:80]


_FIELDS = {
    "Received.at": "受理时间",
    "Received.title": "标题",
    "Received.text": "内容",
    "Received.channel": "来源",
    "Received.category": "类别",
    "Received.area": "区划",
    "Received.urgency": "紧急程度",
    "DueSupplied.due": "来源给定的到期时间",
}
