"""Tells of a trouble once, and once more when it is over: a folder is looked at every few seconds."""

import logging

_log = logging.getLogger(__name__)


class Telling:
    """What was last said about one thing."""

    def __init__(self, about: str) -> None:
        self._about = about
        self._said: str | None = None

    def trouble(self, what: str, example: str = "") -> None:
        """Say that something is wrong, and with which file for example, unless that was said last."""
        if what != self._said:
            _log.warning("%s: %s%s", self._about, what, f"（{example}）" if example else "")
        self._said = what

    def well(self) -> None:
        """Say that the trouble is over, if there was any."""
        if self._said is not None:
            _log.info("%s: goes on; it was: %s", self._about, self._said)
        self._said = None
