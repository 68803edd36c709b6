"""Pages as PNG files: for a machine without a display, for reports, and for looking at what was drawn."""

import asyncio
import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from data_access.errors import StoreError
from desktop import runtime
from desktop.errors import WorldError

if TYPE_CHECKING:
    from desktop.shell import CommandCentre

SECONDS_BETWEEN = 10
SHORTEST_REST = 2
WALL = QSize(1920, 1080)

_log = logging.getLogger(__name__)


async def draw(centre: "CommandCentre", folder: Path, size: QSize, pages: Sequence[str]) -> list[Path]:
    """Draw these pages into `folder`, one file a page, and return the files.

    A file is replaced whole: whoever reads one never meets half a picture.
    """
    files = []
    centre.resize(size)
    centre.show()
    for page in pages:
        centre.show_page(page)
        await centre.refreshed()
        file = folder / f"{page}.png"
        await runtime.in_thread(_save, centre.picture(), file)
        files.append(file)
    return files


async def draw_until_quit(centre: "CommandCentre", folder: Path, size: QSize = WALL) -> None:
    """Draw every page, again and again, until someone quits. A failed round is logged and tried again."""
    while True:
        begun = time.monotonic()
        try:
            await draw(centre, folder, size, centre.pages())
        except (StoreError, WorldError) as error:
            _log.warning("pictures not drawn this time: %s", error)
        # A round takes seconds itself; the rest keeps a slow machine usable.
        await asyncio.sleep(max(SHORTEST_REST, SECONDS_BETWEEN - (time.monotonic() - begun)))


def prepare_folder(folder: Path) -> None:
    """Create the folder, or raise a WorldError that says why pictures cannot go there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise WorldError(
            f"Pictures cannot go to {folder}: {refused.strerror}.", "Name another folder."
        ) from refused
    if not os.access(folder, os.W_OK):
        raise WorldError(f"Pictures cannot go to {folder}: it cannot be written.", "Name another folder.")


def _save(image: QImage, file: Path) -> None:
    half = file.with_name(f".{file.name}.part")
    if not image.save(str(half), "PNG"):
        raise WorldError(f"The picture {file} cannot be written.", "See whether the disk is full.")
    half.replace(file)
