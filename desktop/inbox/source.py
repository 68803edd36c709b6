"""One source's folder: what came in is imported by the very code of `main.py import`, and put away.

A file goes from the folder to 导入中, its copy on this machine is imported, and it goes on to 已导入, or with
the reason beside it to 未导入. It is moved before it is read, so that its sender cannot replace it meanwhile;
it is copied, so that no transaction ever waits for a network share. Whatever is cut short is done again from
导入中: an import knows what it has imported before.
"""

import errno
import logging
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from time import monotonic
from zoneinfo import ZoneInfo

from data_access.errors import StoreError
from data_access.master import put_feeds
from data_access.readers.keys import read_keys
from data_access.store import Connection, Store
from desktop import runtime
from desktop.imports.errors import FileError, MappingError
from desktop.imports.mapping import Mapping, read_mapping
from desktop.imports.run import ImportReport, import_tickets
from desktop.inbox.arrivals import DONE, FAILED, HEARTBEAT, IN_WORK, MAPPING, Arrival, Arrivals, size_and_time
from desktop.inbox.moving import give_up, move, reserve, stamped_name
from desktop.inbox.telling import Telling
from desktop.time import now

WAY_BACK = "改好或重新导出后，把文件放回上一级文件夹，会自动再导入；同样的内容导入两次不会重复。"
TRIES = 3
"""So often a file is tried with which this program cannot cope."""
_NANOSECONDS = 1_000_000_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """What all sources share: the store, the folder on this machine for copies, the zone of the times in
    names, and the lock for one import at a time (a second one would only wait in the database).
    """

    store: Store
    spool: Path
    zone: ZoneInfo
    importing: Lock
    now: Callable[[], datetime] = now


class Source:
    """One source. Blocking: `look` and `take_in` each for one thread at a time."""

    def __init__(self, folder: Path, place: Place) -> None:
        self.name = folder.name
        self.looking, self.taking_in = Telling(f"inbox {self.name}"), Telling(f"inbox {self.name}")
        self._linking = Telling(f"inbox {self.name}")
        self._folder = folder
        self._place = place
        self._arrivals = Arrivals(folder)
        self._words: dict[Path, int] = {}
        self._word: datetime | None = None
        self._told: datetime | None = None
        self._faults: Counter[str] = Counter()

    def look(self) -> tuple[Mapping, list[Arrival]]:
        """Return the files that can be taken in, in order, and by which mapping; note when the source spoke.

        Raises:
            OSError: the folder cannot be looked at.
            FileError: the mapping cannot be read, or makes no sense.
            StoreError: the database is away.
        """
        # Anew each time: it is small, and a mended one holds at once.
        mapping = read_mapping(self._folder / MAPPING)
        arrivals = self._arrivals.look(monotonic())
        words = {arrival.path: arrival.came for arrival in arrivals}
        heartbeat = self._folder / HEARTBEAT
        with suppress(FileNotFoundError):
            words[heartbeat] = heartbeat.stat().st_mtime_ns
        self._hear(words)
        if self._word is not None and (self._told is None or self._word > self._told):
            self._tell(mapping, self._word)
            self._told = self._word
        return mapping, arrivals

    def _hear(self, words: dict[Path, int]) -> None:
        """Take what is new among files and the times that they say."""
        new = [moment for path, moment in words.items() if self._words.get(path) != moment]
        self._words = words
        if new:
            # A clock that is ahead has spoken now, and only once: no silence is hidden behind it.
            word = min(datetime.fromtimestamp(max(new) / _NANOSECONDS, UTC), self._place.now())
            self._word = word if self._word is None else max(word, self._word)

    def take_in(self, arrival: Arrival, mapping: Mapping) -> None:
        """Import a file and put it away.

        Raises:
            OSError: the folder, or this machine's disk, cannot be used; the file waits.
            FileError: what the mapping says does not fit the store, or a fault of ours; the file waits.
            StoreError: the database is away; the file waits.
        """
        path = arrival.path
        with suppress(FileNotFoundError):  # somebody has taken it away, or another program has taken it in
            if not arrival.in_work:
                stamp = self._place.now().astimezone(self._place.zone).strftime("%Y%m%d-%H%M%S")
                path = move(path, self._folder / IN_WORK, stamped_name(path.name, stamp))
            before = size_and_time(path)
            self._place.spool.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(dir=self._place.spool) as room:
                copy = Path(room) / path.name
                try:
                    shutil.copyfile(path, copy)
                except PermissionError as error:
                    self._put_aside(path, FileError(f"没有读取文件的权限：{error.strerror}"))
                    return
                self._import(path, copy, mapping, before)

    def _import(self, path: Path, copy: Path, mapping: Mapping, before: tuple[int, int]) -> None:
        try:
            with self._place.importing:
                report = import_tickets(self._place.store, copy, mapping, self._place.now(), copy.parent)
        except (MappingError, StoreError):
            raise
        except FileError as error:
            cause = error.__cause__
            # The copy is read on this machine: a full disk is not the file's fault. A cut-off zip is EINVAL.
            if isinstance(cause, OSError) and cause.errno not in (None, errno.EINVAL):
                raise cause from error
            if size_and_time(path) == before:
                self._put_aside(path, error)
            return
        except Exception as fault:
            # No file may keep the next ones waiting for ever.
            runtime.report(fault, f"inbox {self.name}: {path.name}")
            self._faults[path.name] += 1
            if self._faults[path.name] < TRIES:
                raise FileError("程序出错，详情已写入日志；稍后再试") from fault
            del self._faults[path.name]
            self._put_aside(
                path, FileError("程序出错，未能导入；详情已写入青哨的日志", "请把日志交给维护人员。")
            )
            return
        if size_and_time(path) != before:
            # Its sender had only paused. Once it is whole it is read again: what is in stays as it is.
            _log.info("inbox %s: %s is still being written", self.name, path.name)
            return
        self._put_away(path, report)

    def _put_away(self, path: Path, report: ImportReport) -> None:
        rejects: Path | None = None
        target = reserve(self._folder / DONE, path.name)
        try:
            if report.rejects_file is not None:
                rejects = reserve(target.parent, f"{target.name}.rejects.csv")
                shutil.copyfile(report.rejects_file, rejects)
            path.replace(target)
        except OSError:
            give_up(target)
            if rejects is not None:
                # It is written again with the next attempt.
                rejects.unlink(missing_ok=True)
            raise
        _log.info(
            "inbox %s: %s: %d rows, %d new, %d continued, %d unchanged, %d rejected",
            self.name,
            target.name,
            report.rows,
            report.added,
            report.updated,
            report.unchanged,
            report.rejected,
        )

    def _put_aside(self, path: Path, error: FileError) -> None:
        target = move(path, self._folder / FAILED, path.name)
        at = self._place.now().astimezone(self._place.zone)
        way_out = f"{error.way_out}\n      {WAY_BACK}" if error.way_out else WAY_BACK
        text = f"文件：{target.name}\n时间：{at:%Y-%m-%d %H:%M:%S}\n原因：{error.message}\n办法：{way_out}\n"
        # With a byte order mark and line ends that every editor on Windows knows.
        reason = reserve(target.parent, f"{target.name}.txt")
        reason.write_text(text, encoding="utf-8-sig", newline="\r\n")
        _log.warning("inbox %s: %s was not imported: %s", self.name, target.name, error.message)

    def _tell(self, mapping: Mapping, word: datetime) -> None:
        """Note when the source last spoke, for its channel's link on screen (T23)."""
        wanted = mapping.source.channel

        def note(connection: Connection) -> bool:
            known = read_keys(connection).channels
            name = wanted or mapping.defaults.channel
            channel = known.get(mapping.tables.channel.codes.get(name, name))
            if channel is not None:
                put_feeds(connection, {channel: word})
            return channel is not None

        if self._place.store.write(note, again=True) or wanted is None:
            self._linking.well()
        else:
            self._linking.trouble(f"source.channel 写的 {wanted!r} 不是本市的来源，链路状态不显示")
