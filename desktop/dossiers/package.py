"""Writes a dossier's files into a ZIP or a folder: under another name first, so it is whole or not there."""

import hashlib
import os
import shutil
import tempfile
import zipfile
from abc import ABC, abstractmethod
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO

from desktop.dossiers import form
from desktop.errors import WorldError

_EARLIEST, _LATEST = 1980, 2107
"""Years that a ZIP can say."""
_STORED = (".jpg", ".png", ".heic", ".mp4", ".pdf")
"""Endings of what is compressed already."""


class Package(ABC):
    """A dossier under way; leaving without a fault puts it in its place, with one takes it away.

    `listed` are path, size and SHA-256 of what was added, in its order.
    """

    def __init__(self, path: Path, *, replace: bool) -> None:
        self.path = path
        self.listed: list[dict[str, object]] = []
        self._replace = replace
        self._part = path

    def __enter__(self) -> "Package":
        try:
            self._check()
            self._begin()
        except OSError as error:
            self._drop()
            raise _unwritable(self.path, error) from error
        return self

    def add(self, name: str, content: bytes) -> None:
        """Add a file; its name is a path inside, with slashes.

        Raises:
            WorldError: there is no room for it.
        """
        try:
            self._write(name, content)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        checksum = hashlib.sha256(content).hexdigest()
        self.listed.append({"path": name, "size": len(content), "sha256": checksum})

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._end()
            if kind is None:
                self._check()
                self._place()
        except OSError as failed:
            raise _unwritable(self.path, failed) from failed
        finally:
            self._drop()

    def _check(self) -> None:
        if not self._replace and self.path.exists():
            raise WorldError(f"{self.path} 已经存在", "换一个名字，或先移走它；导出不覆盖已有的卷宗。")

    @abstractmethod
    def _begin(self) -> None:
        """Make what is written to."""

    @abstractmethod
    def _write(self, name: str, content: bytes) -> None:
        """Write one file."""

    @abstractmethod
    def _end(self) -> None:
        """Close it."""

    @abstractmethod
    def _place(self) -> None:
        """Give it its name."""

    @abstractmethod
    def _drop(self) -> None:
        """Take what is left of it away; once it has its name, nothing is."""


class ZipPackage(Package):
    """One file. Its entries bear the dossier's moment, so that the same dossier is the same file."""

    def __init__(self, path: Path, moment: datetime, *, replace: bool) -> None:
        super().__init__(path, replace=replace)
        year = min(max(moment.year, _EARLIEST), _LATEST)
        self._date = (year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
        self._file: IO[bytes] | None = None
        self._zip: zipfile.ZipFile | None = None

    def _begin(self) -> None:
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".", suffix=".part")
        self._part = Path(name)
        self._file = os.fdopen(descriptor, "wb")
        self._zip = zipfile.ZipFile(self._file, "w")

    def _write(self, name: str, content: bytes) -> None:
        entry = zipfile.ZipInfo(name, self._date)
        entry.create_system = 3  # the same on every system
        entry.external_attr = 0o644 << 16
        entry.compress_type = zipfile.ZIP_STORED if name.endswith(_STORED) else zipfile.ZIP_DEFLATED
        assert self._zip is not None
        self._zip.writestr(entry, content)

    def _end(self) -> None:
        try:
            if self._zip is not None:
                self._zip.close()
        finally:
            if self._file is not None:
                self._file.close()

    def _place(self) -> None:
        _settle(self._part)
        self._part.chmod(0o666 & ~_umask())
        self._part.replace(self.path)

    def _drop(self) -> None:
        if self._part != self.path:
            self._part.unlink(missing_ok=True)


class FolderPackage(Package):
    """A folder, which is not there before: what somebody keeps in one is never mixed with a dossier."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, replace=False)

    def _check(self) -> None:
        if self.path.is_dir() and not any(self.path.iterdir()):
            return
        super()._check()

    def _begin(self) -> None:
        self._part = Path(tempfile.mkdtemp(dir=self.path.parent, prefix=".", suffix=".part"))

    def _write(self, name: str, content: bytes) -> None:
        file = self._part / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    def _end(self) -> None:
        pass

    def _place(self) -> None:
        self._part.chmod(0o777 & ~_umask())
        if self.path.is_dir():
            self.path.rmdir()  # it is empty
        self._part.rename(self.path)

    def _drop(self) -> None:
        if self._part != self.path:
            shutil.rmtree(self._part, ignore_errors=True)


def package(path: Path, moment: datetime, *, replace: bool = False) -> Package:
    """Return the package that a path asks for: a ZIP by its ending, else a folder.

    A ZIP that is there already gives way with `replace`; a folder never does.
    """
    if path.suffix.lower() == ".zip":
        return ZipPackage(path, moment, replace=replace)
    return FolderPackage(path)


def close(into: Package, manifest: dict[str, object]) -> bytes:
    """Add the manifest over all files that were added, and its own sum; return that sum.

    Raises:
        WorldError: there is no room for it.
    """
    content = form.json_bytes({**manifest, "files": into.listed})
    into.add(form.MANIFEST, content)
    checksum = hashlib.sha256(content)
    into.add(form.SUM, f"{checksum.hexdigest()}  {form.MANIFEST}\n".encode())
    return checksum.digest()


def _settle(file: Path) -> None:
    """Have the content on the disk before its name: a power cut must not leave an empty dossier."""
    with file.open("rb+") as handle:
        os.fsync(handle.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(path: Path, error: OSError) -> WorldError:
    return WorldError(f"写不了 {path}：{error.strerror or error}", "换一个可写的位置，或腾出空间后再试。")
