"""The framed card that every region of a page is: title, note, freshness, body, and a veil when stale."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from widgets.elided_label import ElidedLabel
from widgets.painting import RIGHT
from widgets.scale import Scale
from widgets.veil import Veil
from widgets.wording import local_moment_text, local_time_text

NOTE_AGE = timedelta(minutes=1)
"""So far at the most the time in a note stays behind what is known to be true."""


class Panel(QFrame):
    """A card. Put the content into `body`; `bar` is the title row, for buttons at its right end.

    `set_fresh` says as of when the content is true, `set_stale` veils it when it no longer is.
    """

    def __init__(self, title: str, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale = scale
        self.setProperty("look", "panel")
        self.setAccessibleName(title)
        self._title = ElidedLabel(scale, self, tone="text_title", font_name="font_title", bold=True)
        self._title.set_text(title)
        self._note = ElidedLabel(scale, self, tone="text_muted", align=RIGHT)
        self.bar = QHBoxLayout()
        self._title.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.bar.addWidget(self._title)
        self.bar.addWidget(self._note, 1)
        self.body = QVBoxLayout()
        self._outer = QVBoxLayout(self)
        self._outer.addLayout(self.bar)
        self._outer.addLayout(self.body, 1)
        self._note_text = ""
        self._shorter: tuple[str, ...] = ()
        self._tones: Mapping[str, str] = {}
        self._fresh: datetime | None = None
        self._as_of: datetime | None = None
        self._veil = Veil(scale, self)
        self._apply_scale()
        scale.factor_changed.connect(self._apply_scale)

    @property
    def title(self) -> str:
        """The title on screen."""
        return self.accessibleName()

    def set_title(self, title: str) -> None:
        """Change the title."""
        self._title.set_text(title)
        self.setAccessibleName(title)

    def set_note(
        self,
        text: str,
        tone: str = "text_muted",
        shorter: Sequence[str] = (),
        tones: Mapping[str, str] | None = None,
    ) -> None:
        """Write the short note at the right of the title, in a colour token.

        `shorter` words of it, the longest first, stand for it where there is no room. `tones` are colour
        tokens of parts of it, as they stand between " · "; the time that follows is always a quiet one.
        """
        self._note.set_tone(tone)
        if (tones or {}) != self._tones:
            self._tones = tones or {}
            self._write_note()
        if (text, tuple(shorter)) != (self._note_text, self._shorter):
            self._note_text, self._shorter = text, tuple(shorter)
            self._write_note()

    @property
    def note(self) -> str:
        """The note on screen, freshness included."""
        return self._note.text()

    def set_fresh(self, as_of: datetime) -> None:
        """Say as of which moment (aware) the content is true, and write it into the note."""
        if as_of != self._fresh:
            self._fresh = self._as_of = as_of
            self._write_note()

    def confirm(self, as_of: datetime) -> None:
        """Say that the content, unchanged, is still true as of a moment (aware).

        The note keeps its time for a while: unchanged panels would else repaint it every second.
        """
        self._as_of = as_of
        if self._fresh is not None and as_of - self._fresh >= NOTE_AGE:
            self.set_fresh(as_of)

    def set_stale(self, since: datetime | None) -> None:
        """Veil the content with the moment as of which it is true; None lifts the veil.

        `since` is that moment where nothing was shown yet.
        """
        self._veil.set_since(since and (self._as_of or since))
        self._write_note()
        self._make_room()

    def _write_note(self) -> None:
        if self._fresh is None or self._veil.isVisibleTo(self):
            # The veil's badge says the time; beside it a note stands whole or not at all.
            self._note.set_part_tones(self._tones)
            self._note.set_text(self._note_text, *self._shorter, *(("",) if self._fresh is not None else ()))
            return
        time = local_time_text(self._fresh)
        long = self.tr("更新于 {0}").format(time)
        head = f"{self._note_text} · " if self._note_text else ""
        self._note.set_part_tones({**self._tones, long: "text_muted", time: "text_muted"})
        # The note itself matters more than its time, which the tooltip has in full.
        self._note.set_text(f"{head}{long}", f"{head}{time}", self._note_text or time, *self._shorter)
        self._note.setToolTip(self.tr("更新于 {0}").format(local_moment_text(self._fresh)))

    def _apply_scale(self) -> None:
        pad, gap = self.scale.size("panel_padding"), self.scale.size("gap")
        self._outer.setContentsMargins(pad, self.scale.px(9), pad, pad)
        self._outer.setSpacing(self.scale.px(8))
        self.bar.setSpacing(gap)
        self.body.setSpacing(0)
        self._make_room()

    def _make_room(self) -> None:
        """Keep the note clear of the veil's badge."""
        self.bar.setContentsMargins(0, 0, self._veil.badge_width, 0)
