"""What the hostile tests share."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture
def closed_logs() -> Iterator[None]:
    """The log file that a command opens in this process is closed again."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(False)
