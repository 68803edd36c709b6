"""Reads the files of a dossier that may come from anybody: nothing is unpacked, run or followed.

Names, links, sizes and doubles are looked at before a byte is read; contents are read in portions.
"""

import hashlib
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from desktop.dossiers import form
from desktop.errors import WorldError

PORTION = 1 << 20
MOST_SQUEEZED = 1_100
"""So many times smaller than its content an entry of a ZIP can be by honest means (deflate's own limit)."""

_ODD_NAME = re.compile(r'[\\:*?"<>|\x00-\x1f\x7f]')


class DossierError(WorldError):
    """What was given is no dossier that can be read at all."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a dossier: its path inside, with slashes, and its size in bytes."""

    name: str
    size: int


class UnsafeError(ValueError):
    """Something in a dossier that no exporter writes: a link, a path that leads out, a bomb."""


class Opened(Protocol):
    """A dossier's files. `unsafe` are what must not be touched, each with the reason."""

    entries: dict[str, Entry]
    unsafe: list[tuple[str, str]]

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading."""


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Open a dossier, a ZIP or a folder.

    Raises:
        DossierError: there is nothing there, or it is neither.
    """
    if path.is_dir():
        yield _Folder(path)
        return
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise DossierError(f"没有 {path}", "给出导出的卷宗：ZIP 文件或文件夹。") from error
    except OSError as error:
        raise DossierError(f"读不了 {path}：{error.strerror}", "检查文件权限后再试。") from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise DossierError(
            f"{path} 不是完整的 ZIP：{error}", "可能没有下载完整，或不是导出的卷宗。"
        ) from error
    with archive:
        yield _Zip(archive)


def content(of: Opened, name: str, most: int = form.MOST_JSON) -> bytes:
    """Return a whole file.

    Raises:
        UnsafeError: it is larger than it says, or than anything of its kind.
        ValueError: it cannot be unpacked.
    """
    size = of.entries[name].size
    if size > most:
        raise UnsafeError(f"过大（{size} 字节）")
    with _told(), of.open(name) as file:
        found = file.read(size + 1)
    if len(found) != size:
        raise UnsafeError("大小与目录所列不符")
    return found


def checksum(of: Opened, name: str) -> tuple[int, str]:
    """Return a file's real size and SHA-256 in hex, read in portions.

    Raises:
        UnsafeError: it is larger than it says.
        ValueError: it cannot be unpacked.
    """
    digest, size, said = hashlib.sha256(), 0, of.entries[name].size
    with _told(), of.open(name) as file:
        while portion := file.read(PORTION):
            size += len(portion)
            if size > said:
                raise UnsafeError("大小与目录所列不符")
            digest.update(portion)
    return size, digest.hexdigest()


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.entries: dict[str, Entry] = {}
        self.unsafe: list[tuple[str, str]] = []
        self._infos: dict[str, zipfile.ZipInfo] = {}
        names = _Names()
        infos = archive.infolist()
        if archive.comment:
            self.unsafe.append(("ZIP", "附有注释，不是导出时写的"))
        for info in infos[: form.MOST_FILES]:
            mode = info.external_attr >> 16
            # What is a name elsewhere may hold a NUL behind which another name is hidden.
            flaw = names.flaw_of(info.orig_filename, info.file_size)
            if flaw is None and info.is_dir():
                flaw = "是一个文件夹条目，不是导出时写的"
            if flaw is None and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                flaw = "是链接或特殊文件"
            if flaw is None and info.flag_bits & 1:
                flaw = "加了密"
            if flaw is None and info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                flaw = "压缩方式不是导出时用的"
            if flaw is None and info.file_size > max(info.compress_size, 1) * MOST_SQUEEZED:
                flaw = "解压后大小异常（压缩炸弹）"
            if flaw is not None:
                self.unsafe.append((info.orig_filename, flaw))
                continue
            self.entries[info.filename] = Entry(info.filename, info.file_size)
            self._infos[info.filename] = info
        if len(infos) > form.MOST_FILES:
            self.unsafe.append(("ZIP", f"文件过多（{len(infos)} 个）"))

    def open(self, name: str) -> IO[bytes]:
        return self._archive.open(self._infos[name])


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.entries: dict[str, Entry] = {}
        self.unsafe: list[tuple[str, str]] = []
        names = _Names()
        for file in _walk(path):
            name = file.relative_to(path).as_posix()
            try:
                found = file.lstat()
            except OSError as error:
                self.unsafe.append((name, f"读不了：{error.strerror}"))
                continue
            flaw = names.flaw_of(name, found.st_size)
            if flaw is None and not stat.S_ISREG(found.st_mode):
                flaw = "是链接或特殊文件"
            if flaw is not None:
                self.unsafe.append((name, flaw))
                continue
            self.entries[name] = Entry(name, found.st_size)
            if len(self.entries) > form.MOST_FILES:
                self.unsafe.append((".", "文件过多"))
                break

    def open(self, name: str) -> IO[bytes]:
        return (self._path / name).open("rb")


class _Names:
    """Looks at names as they come: what leads out of a dossier, or stands there twice, is told."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._bytes = 0

    def flaw_of(self, name: str, size: int) -> str | None:
        self._bytes += size
        parts = PurePosixPath(name).parts
        if not name or name.startswith("/") or ".." in parts or "." in name.split("/"):
            return "路径指向卷宗之外"
        if _ODD_NAME.search(name) or any(unicodedata.category(c) in ("Cf", "Cs") for c in name):
            return "名称含有不允许的字符"
        # Two names that some systems take for one: the later would hide the earlier.
        same = unicodedata.normalize("NFC", name).casefold()
        if same in self._seen:
            return "名称重复"
        self._seen.add(same)
        if self._bytes > form.MOST_BYTES:
            return "总量过大"
        return None


def _walk(path: Path) -> Iterator[Path]:
    """Yield everything below a folder that is no folder itself; links are not followed."""
    for child in sorted(path.iterdir()):
        if child.is_dir() and not child.is_symlink():
            yield from _walk(child)
        else:
            yield child


@contextmanager
def _told() -> Iterator[None]:
    """Raise whatever a broken ZIP or file may raise as a ValueError."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"解压不了：{error}") from error
    except OSError as error:
        raise ValueError(f"读不了：{error.strerror or error}") from error
