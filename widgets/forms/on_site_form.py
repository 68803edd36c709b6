"""The form of what was done on site: photos propose when and where that was, and say so (Y06, Y28)."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from domain.coordinates import metres_between
from domain.evidence import PhotoFacts
from widgets.elided_label import ElidedLabel
from widgets.forms.asked import FILES
from widgets.forms.place_fields import MomentField, PositionField
from widgets.forms.step_form import StepForm
from widgets.plain import tip
from widgets.scale import Scale
from widgets.wording import minute_text

LONGEST_NAME = 16
"""Characters of a file's name; its tooltip has all of it."""
MOST_SHOWN = 3
"""So many photos are told of, one a line; the rest are counted."""


class OnSiteForm(StepForm):
    """Signals: `photos_added(tuple)`: the paths of files whose own words are wanted by `show_photos`."""

    photos_added = Signal(object)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked_about: set[str] = set()
        self._photos: dict[str, PhotoFacts] = {}
        self.files = self.edits[FILES]
        self.position: PositionField | None = self.edits.get("position")
        self.moment: MomentField | None = self.edits.get("on_site_at")
        self.lines = [PhotoLine(self._scale, self) for _ in range(MOST_SHOWN)]
        self.rest = ElidedLabel(self._scale, self, tone="text_muted")
        self._told = QVBoxLayout()
        # Under the files: the first row says what the step is about.
        self.body.insertLayout(2 + list(self.edits).index(FILES), self._told)
        for line in self.lines:
            self._told.addWidget(line)
            line.adopted.connect(self._adopt)
        self._told.addWidget(self.rest)
        self.rest.hide()
        self.files.files_changed.connect(self._ask_photos)
        if self.position is not None and "distance_m" in self.edits:
            self.position.position_changed.connect(self._measure)

    def show_photos(self, photos: Sequence[PhotoFacts]) -> None:
        """Tell what photos say of themselves; those that were taken out meanwhile are passed over."""
        self._photos |= {photo.path: photo for photo in photos}
        self._tell()

    def _ask_photos(self) -> None:
        new = tuple(path for path in self.files.value if path not in self._asked_about)
        self._asked_about |= set(new)
        if new:
            self.photos_added.emit(new)
        self._tell()

    def _tell(self) -> None:
        known = [self._photos[path] for path in self.files.value if path in self._photos]
        for line, photo in zip(self.lines, [*known, *[None] * MOST_SHOWN], strict=False):
            line.show_photo(photo, self._says(photo) if photo is not None else (), self._can_adopt(photo))
        left = len(known) - MOST_SHOWN
        self.rest.set_text(self.tr("另有 {0} 份，提交后可在档案中查看").format(left))
        self.rest.setVisible(left > 0)

    def _says(self, photo: PhotoFacts) -> tuple[str, ...]:
        """Return what a photo says, the longest wording first."""
        name = photo.name if len(photo.name) <= LONGEST_NAME else f"{photo.name[:LONGEST_NAME]}…"
        if photo.problem:
            return (self.tr("{0}：{1}").format(name, photo.problem),)
        long, middle, short = [], [], []
        if photo.point is not None:
            where = f"{photo.point.lng:.6f}, {photo.point.lat:.6f}"
            far = ""
            if self.asked.point is not None:
                metres = round(metres_between(photo.point, self.asked.point))
                far = self.tr("距点位 {0} 米").format(metres)
            long.append(joined_by_comma(self.tr("位置 {0}（EXIF，{1}）").format(where, photo.datum), far))
            middle.append(self.tr("{0}（EXIF，{1}）").format(far or where, photo.datum))
            short.append(far or where)
        if photo.taken_at is not None:
            taken = minute_text(photo.taken_at)
            zone = "" if photo.zone_known else self.tr("，未注明时区，按本市时间")
            long.append(self.tr("拍摄于 {0}（EXIF{1}）").format(taken, zone))
            middle.append(self.tr("拍摄于 {0}（EXIF{1}）").format(taken[5:], zone))
            short.append(taken[5:])
        says = self.tr("{0}：{1}")
        return (
            says.format(name, "；".join(long)),
            says.format(name, "；".join(middle)),
            self.tr("{0}：{1}（EXIF）").format(name, "；".join(short)),
        )

    def _can_adopt(self, photo: PhotoFacts | None) -> bool:
        if photo is None or photo.problem:
            return False
        return (photo.point is not None and self.position is not None) or (
            photo.taken_at is not None and self.moment is not None
        )

    def _adopt(self, photo: PhotoFacts) -> None:
        if photo.point is not None and self.position is not None:
            self.position.adopt(
                photo.point, self.tr("照片“{0}”的 EXIF（{1}）").format(photo.name, photo.datum)
            )
        if photo.taken_at is not None and self.moment is not None:
            self.moment.set_moment(photo.taken_at)

    def _measure(self) -> None:
        """A distance that follows from a position is not typed."""
        distance, metres = self.edits["distance_m"], self.position.metres if self.position else None
        computed = not distance.isEnabled()
        distance.setEnabled(metres is None)
        if metres is not None:
            distance.setText(str(min(round(metres), distance.MOST)))
        elif computed:
            distance.clear()


def joined_by_comma(*parts: str) -> str:
    """Return the parts that are there, with commas between them."""
    return "，".join(part for part in parts if part)


class PhotoLine(QWidget):
    """What one photo says, and a button that takes it over.

    Signals: `adopted(PhotoFacts)`.
    """

    adopted = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._photo: PhotoFacts | None = None
        self.words = ElidedLabel(scale, self, tone="text_muted", font_name="font_dense")
        self.button = QPushButton(self.tr("采用"), self)
        self.button.setProperty("look", "small")
        self.button.setAutoDefault(False)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.words, 1)
        self._row.addWidget(self.button)
        self.button.clicked.connect(self._adopt)
        self.hide()

    def show_photo(self, photo: PhotoFacts | None, wordings: Sequence[str], adoptable: bool) -> None:
        """Show what a photo says, or nothing."""
        self._photo = photo
        self.words.set_text(*(wordings or ("",)))
        self.words.setToolTip(tip("\n".join((photo.name, *wordings[:1]))) if photo is not None else "")
        self.button.setVisible(adoptable)
        self.setVisible(photo is not None)

    def _adopt(self) -> None:
        if self._photo is not None:
            self.adopted.emit(self._photo)
