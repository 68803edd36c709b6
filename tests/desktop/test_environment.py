"""Before Qt is loaded: a display that is there, silent or lacks libraries gets a word instead of an abort."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from desktop import environment
from desktop.errors import WorldError

ROOT = Path(__file__).parents[2]

linux = pytest.mark.skipif(sys.platform != "linux", reason="X and Wayland")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No display and no choice made yet; what a test sets is undone, Qt's variables included."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("QTWEBENGINE_CHROMIUM_FLAGS", "--lang=zh-CN")
    return monkeypatch


@linux
def test_without_a_display_it_draws_into_memory(bare):
    display = environment.choose_display()
    assert not display.windowed
    assert display.note == "There is no display."
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"
    assert os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] == "--lang=zh-CN --disable-gpu"
    environment.use_offscreen()
    assert os.environ["QTWEBENGINE_CHROMIUM_FLAGS"].count("--disable-gpu") == 1


@linux
def test_a_display_that_does_not_answer_is_named(bare):
    bare.setenv("DISPLAY", ":4711")
    display = environment.choose_display()
    assert not display.windowed
    assert "DISPLAY=:4711" in display.note


@linux
def test_a_wayland_socket_that_does_not_answer_is_named(bare, tmp_path):
    bare.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    bare.setenv("WAYLAND_DISPLAY", "wayland-9")
    assert "WAYLAND_DISPLAY=wayland-9" in environment.choose_display().note


@linux
def test_a_wayland_socket_that_answers_is_a_display(bare, tmp_path):
    bare.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    bare.setenv("WAYLAND_DISPLAY", "wayland-9")
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind(str(tmp_path / "wayland-9"))
        compositor.listen()
        if environment.missing_libraries("wayland"):
            with pytest.raises(WorldError, match="libwayland"):
                environment.choose_display()
        else:
            assert environment.choose_display().platforms == ("wayland",)


@linux
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb on this machine")
def test_a_real_x_server_is_a_display(bare):
    read, write = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-nolisten", "tcp"], pass_fds=[write], stderr=subprocess.DEVNULL
    ) as server:
        os.close(write)
        with os.fdopen(read) as said:
            bare.setenv("DISPLAY", f":{said.readline().strip()}")
        assert environment.choose_display().platforms == ("xcb",)
        server.terminate()


@linux
def test_missing_libraries_are_named_with_their_packages(bare, tmp_path):
    table = tmp_path / "libraries.tsv"
    table.write_text(
        "library\tpackage\tneeded for\n"
        "libc.so.6\tlibc6\txcb\n"
        "libno-cursor.so.0\tlibno-cursor0\txcb\n"
        "libno-sound.so.2\tlibno-sound2 t64\txcb\n",
        encoding="utf-8",
    )
    bare.setattr(environment, "LIBRARIES", table)
    bare.setattr(environment, "_glibc", lambda: (2, 41))
    bare.setattr(environment, "_x_answers", lambda: True)
    assert environment.missing_libraries("xcb") == [
        ("libno-cursor.so.0", "libno-cursor0"),
        ("libno-sound.so.2", "libno-sound2t64"),
    ]
    bare.setenv("DISPLAY", ":4711")
    with pytest.raises(WorldError) as caught:
        environment.choose_display()
    assert "libno-cursor.so.0" in caught.value.message
    if shutil.which("apt-get"):
        assert caught.value.way_out.endswith("libno-cursor0 libno-sound2t64")


@linux
def test_the_list_of_libraries_is_what_qt_asks_for():
    """A new PySide6 may ask for more; then this list must grow. Needs binutils."""
    objdump = shutil.which("objdump")
    if objdump is None:
        pytest.skip("objdump is not installed")
    import PySide6

    qt = Path(PySide6.__file__).parent / "Qt"
    needed: set[str] = set()
    asking = ("WebEngineCore", "Gui", "Multimedia")
    plugins = ("platforms/libqxcb.so", "multimedia/libffmpegmediaplugin.so")
    for name in (*(f"lib/libQt6{part}.so.6" for part in asking), *(f"plugins/{name}" for name in plugins)):
        listing = subprocess.run(
            [objdump, "-p", qt / name], capture_output=True, text=True, check=True
        ).stdout
        needed |= {line.split()[1] for line in listing.splitlines() if "NEEDED" in line}
    listed = {line.split("\t")[0] for line in environment.LIBRARIES.read_text(encoding="utf-8").splitlines()}
    # The C library and its kin are everywhere; the rest comes with a package that is listed already.
    brought = {"libsmime3.so", "libnssutil3.so", "libplc4.so", "libplds4.so", "libgthread-2.0.so.0"}
    everywhere = {
        "libc",
        "libm",
        "libdl",
        "libpthread",
        "librt",
        "libresolv",
        "libstdc++",
        "libgcc_s",
        "libz",
    }
    own = {name for name in needed if name.startswith(("libQt6", "libicu", "libav", "libsw", "ld-linux"))}
    rest = {name for name in needed - brought - own if name.split(".so")[0] not in everywhere}
    assert rest <= listed


@linux
def test_the_runtime_folder_is_private_and_ours(bare, tmp_path):
    bare.delenv("XDG_RUNTIME_DIR", raising=False)
    bare.setattr(environment.tempfile, "gettempdir", lambda: str(tmp_path))
    environment.prepare()
    folder = Path(os.environ["XDG_RUNTIME_DIR"])
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_uid == os.getuid()


@linux
@pytest.mark.parametrize("values", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LANG": "xx_XX.ISO-8859-1"}, {}])
def test_any_locale_becomes_utf8_and_qt_is_content(values):
    program = (
        "import sys\n"
        "from desktop import environment\n"
        "environment.prepare(); environment.use_offscreen()\n"
        "from PySide6.QtGui import QGuiApplication\n"
        "app = QGuiApplication(sys.argv[:1])\n"
        "print('青哨')\n"
    )
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))
    }
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=kept | values, capture_output=True, check=True
    )
    assert done.stdout.decode("utf-8").strip() == "青哨"
    assert done.stderr == b""


@linux
def test_root_is_told_about_the_sandbox_once(bare):
    bare.delenv("QTWEBENGINE_DISABLE_SANDBOX", raising=False)
    bare.setattr(environment.os, "geteuid", lambda: 0)
    line = environment.settle_sandbox()
    assert line is not None
    assert "root" in line
    assert os.environ["QTWEBENGINE_DISABLE_SANDBOX"] == "1"
    assert environment.settle_sandbox() is None
