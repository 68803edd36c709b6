"""The top of every page: city, pages, health of the feeds, who one is, and what time it is."""

from collections.abc import Sequence
from datetime import datetime
from itertools import product

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from domain.calendar import DayKind
from domain.overview import DirectiveState, FeedHealth, Overview
from domain.people import Actor
from widgets.bell_chip import BellChip
from widgets.elided_label import ElidedLabel
from widgets.feed_strip import FeedStrip
from widgets.page_keys import NEXT, PREVIOUS, PageKeys
from widgets.painting import CENTRE, RIGHT, draw_card, draw_text, text_width
from widgets.plain import PlainLabel, harmless, tip
from widgets.scale import Scale
from widgets.status import mark_icon, mark_of
from widgets.wording import CITY_ZONE, count_text, day_kind_name, local_time_text, role_name

DIRECTIVES = "directives"
"""The page whose tab says how many receivers are late."""

FEEDS_WIDTH, FEEDS_LEAST = 250, 100
"""What the feeds have at the least, in pixels at 1920: while there is room, and in the smallest window."""


class Header(QFrame):
    """Emits the wanted page's key; that somebody else is at the desk; that another time is to be shown."""

    page_requested = Signal(str)
    actor_requested = Signal()
    replay_requested = Signal()

    def __init__(self, pages: Sequence[tuple[str, str]], scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self.setProperty("look", "header")
        self._title = ElidedLabel(scale, self, tone="text_strong", font_name="font_header", bold=True)
        self._sample = PlainLabel(self.tr("示例数据"), self)
        self._sample.setProperty("look", "sample")
        self._sample.setToolTip(self.tr("屏上数据为示例城市的虚构数据"))
        self._sample.hide()
        self._is_sample = self._trial = False
        self._mark = _MarkChip(scale, self)
        self._mark.hide()
        self._sample.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.pages: dict[str, QPushButton] = {}
        self._withheld: set[str] = set()
        self._names = dict(pages)
        self._late = 0
        self._page = ""
        # In no group: in one of any kind Qt lets Tab reach the button only that had the focus last.
        self._tabs = QHBoxLayout()
        for key, name in pages:
            button = QPushButton(name, self)
            button.setObjectName(key)
            button.setProperty("look", "tab")
            button.setCheckable(True)
            button.setAccessibleName(self.tr("页面 {0}").format(name))
            button.clicked.connect(self._clicked)
            self._tabs.addWidget(button)
            self.pages[key] = button
        self._keys = PageKeys(list(self.pages.values()), self)
        self._keys.page_wanted.connect(self.page_requested)
        self._tell_keys()
        self.feeds = FeedStrip(scale, self)
        # A locked seat hides them; what is left stays where it is.
        policy = self.feeds.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.feeds.setSizePolicy(policy)
        self.bell = BellChip(scale, self)
        self.actor = QPushButton(self)
        self.actor.clicked.connect(self.actor_requested)
        self.clock = _Clock(scale, self)
        self.clock.pressed.connect(self.replay_requested)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._title)
        self._layout.addWidget(self._sample, 0, Qt.AlignmentFlag.AlignVCenter)
        self._layout.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignVCenter)
        self._layout.addLayout(self._tabs)
        self._layout.addWidget(self.feeds, 1)
        self._layout.addWidget(self.bell, 0, Qt.AlignmentFlag.AlignVCenter)
        self._layout.addWidget(self.actor)
        self._layout.addWidget(self.clock)
        self._apply_scale()
        scale.factor_changed.connect(self._apply_scale)

    def show_page(self, key: str) -> None:
        """Highlight the page that is on screen; a page without a tab highlights none."""
        self._page = key
        for name, button in self.pages.items():
            button.setChecked(name == key)

    def offer_page(self, key: str, *, offered: bool) -> None:
        """Show a page's tab, or leave it out for whom it is none."""
        self._withheld -= {key}
        if not offered:
            self._withheld.add(key)
        self.pages[key].setVisible(offered)
        self._tell_keys()

    def show_actor(self, actor: Actor) -> None:
        """Show who acts at this seat."""
        role = role_name(actor.role)
        # A name may say the role already.
        text = (actor.name or role) if role in actor.name or not actor.name else f"{role} {actor.name}"
        self.actor.setText(text)
        self.actor.setAccessibleName(self.tr("当前身份 {0}，点此更换").format(text))
        self.actor.setToolTip(tip(self.actor.accessibleName()))

    def set_mark(self, text: str, reason: str, *, trial: bool = False) -> None:
        """Say on every page what one must know of the connection; an empty text says nothing.

        That of a `trial` says that what one sees is made up, too: there is no room for both.
        """
        self._trial = trial
        self._sample.setVisible(self._is_sample and not trial)
        head = harmless(text).split("，")[0]
        self._mark.set_text(harmless(text), head, head.split("·")[-1])
        self._mark.setToolTip(tip(reason))
        self._mark.setAccessibleName(f"{text}：{reason}")
        self._mark.setVisible(bool(text))
        self._share_out()

    def _mark_late(self) -> None:
        button = self.pages.get(DIRECTIVES)
        if button is None or not (self._late or not button.icon().isNull()):
            return
        side, gap = self._scale.size("mark"), self._scale.px(5)
        mark = mark_icon(mark_of(DirectiveState.OVERDUE), side, gap, button.devicePixelRatioF())
        button.setIcon(mark if self._late else QIcon())
        button.setIconSize(QSize(side + gap, side))

    def set_locked(self, locked: bool) -> None:
        """Show nothing but the clock and the marks while the seat is locked; the bell goes on, untouched."""
        for key, button in self.pages.items():
            button.setVisible(not locked and key not in self._withheld)
        self._tell_keys()
        for widget in (self.feeds, self.actor):
            widget.setVisible(not locked)
        self.bell.setEnabled(not locked)

    def show_overview(self, overview: Overview) -> None:
        """Show the city, the feeds and what kind of day it is."""
        self.show_city(overview.city, overview.sample)
        self.show_feeds(overview.feeds)
        self.show_day(overview.day_name, overview.day_kind)
        self.show_late_directives(overview.directives_late)

    def show_late_directives(self, count: int) -> None:
        """Say on the tab of directives how many receivers are late to sign or to feed back."""
        button = self.pages.get(DIRECTIVES)
        if button is None or count == self._late:
            return
        self._late = count
        name = self._names[DIRECTIVES]
        button.setText(f"{name} {count_text(count)}" if count else name)
        self._mark_late()
        said = self.tr("{0} 家次签收或反馈超时").format(count) if count else ""
        button.setAccessibleDescription(said)
        self._tell_keys()

    def show_city(self, city: str, sample: bool) -> None:
        """Show whose command centre this is, and whether its data is made up."""
        title = self.tr("{0}污染防治综合监管").format(city)
        self._title.set_text(title, city)
        self._title.setToolTip(tip(title))
        self._is_sample = sample
        self._sample.setVisible(sample and not self._trial)
        self._share_out()

    def show_feeds(self, feeds: Sequence[FeedHealth]) -> None:
        """Show how the sources' links are."""
        self.feeds.show_feeds(feeds)

    def show_day(self, name: str, kind: DayKind | None) -> None:
        """Show what the calendar says of today: a holiday's name or "", and the kind of the day."""
        self.clock.show_day(name, kind)

    def tick(self, now: datetime) -> None:
        """Move the clock to now (aware)."""
        self.clock.tick(now)

    def event(self, event: QEvent) -> bool:
        """Share the room out anew when it is another, or when something in it wants more or less."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._share_out()
        return super().event(event)

    def _clicked(self) -> None:
        # The highlight follows what is shown, not what was asked for.
        self.show_page(self._page)
        self.page_requested.emit(self.sender().objectName())

    def _tell_keys(self) -> None:
        """Say in each tab's tool tip which key leads there."""
        keys = self._keys.keys()
        walk = self.tr("上一页 {0} · 下一页 {1}").format(PREVIOUS, NEXT)
        for key, button in self.pages.items():
            said = button.accessibleDescription()
            own = f"{self._names[key]}（{keys[key]}）" if key in keys else self._names[key]
            button.setToolTip(tip("\n".join(line for line in (said, own, walk) if line)))

    def _share_out(self) -> None:
        """Give title, mark and bell the room of a wording each: what a longer one lacks, none shall waste.

        The city's name stands whole; where not all fits, the bell's words give way, then the mark's, then the
        title's, and where nothing else is left the feeds': no name of a page is cut.
        """
        titles = self._title.widths()
        marks = self._mark.widths() if not self._mark.isHidden() else [0]
        bells = self.bell.widths() if not self.bell.isHidden() else [0]
        margins, gap = self._layout.contentsMargins(), self._layout.spacing()
        others = [self._sample, self.feeds, self.actor, self.clock]
        shown = [widget for widget in others if not widget.isHidden()]
        taken = sum(max(w.minimumWidth(), w.sizeHint().width()) for w in shown if w is not self.feeds)
        taken += self._scale.px(FEEDS_WIDTH) + self._tabs.sizeHint().width()
        gaps = len(shown) + 1 + (not self._mark.isHidden()) + (not self.bell.isHidden())
        room = self.width() - margins.left() - margins.right() - gaps * gap - taken
        wanted = list(product(titles, marks, bells))
        title, mark, bell = next((widths for widths in wanted if sum(widths) <= room), wanted[-1])
        lack = max(0, title + mark + bell - room)
        self.feeds.setMinimumWidth(max(self._scale.px(FEEDS_WIDTH) - lack, self._scale.px(FEEDS_LEAST)))
        for label, width in ((self._title, title), (self._mark, mark), (self.bell, bell)):
            if width and label.maximumWidth() != width:
                label.setMinimumWidth(min(width, label.widths()[-1]))
                label.setMaximumWidth(width)
                # Not with the next turn of the loop: a picture may be taken before that.
                self._layout.setGeometry(self.contentsRect())

    def _apply_scale(self) -> None:
        scale = self._scale
        self.setFixedHeight(scale.size("header_height"))
        margin = scale.px(20)
        self._layout.setContentsMargins(margin, 0, margin, 0)
        self._layout.setSpacing(scale.px(16))
        self._tabs.setSpacing(0)
        self._mark_late()
        self._share_out()


class _MarkChip(ElidedLabel):
    """A framed word of warning, in as few words as there is room for."""

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(scale, parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        return self.fitting(self.width() - self._edges())

    def widths(self) -> list[int]:
        return [width + self._edges() for width in super().widths()]

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width() + self._edges(), hint.height() + self._scale.px(4))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.least_width(), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        text, font = self.text(), self._scale.font("font_small")
        width = min(self.width(), round(text_width(font, text)) + 1 + self._edges())
        frame = QRectF(0, 0, width, self.height())
        draw_card(painter, frame, self._scale, None, "due_soon")
        draw_text(painter, frame, text, font, "due_soon", CENTRE)

    def _edges(self) -> int:
        return self._scale.px(20)


class _Clock(QWidget):
    """The time, large, over date, weekday and the kind of the day. Pressed, it is to show another time."""

    pressed = Signal()

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(parent)
        self._scale = scale
        self.time_text = "--:--:--"
        self.date_text = ""
        self._day = ""
        self._now: datetime | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(self.tr("回放：查看过去任一时刻（Ctrl+R）"))
        self.setAccessibleDescription(self.toolTip())
        scale.factor_changed.connect(self.updateGeometry)

    def show_day(self, name: str, kind: DayKind | None) -> None:
        """Take what the calendar says of today; None means that its year is not published."""
        day = name or day_kind_name(kind)
        if day != self._day:
            self._day = day
            self._write()

    def tick(self, now: datetime) -> None:
        """Show this moment (aware) in the city's zone."""
        self._now = now
        self._write()

    def sizeHint(self) -> QSize:
        date = text_width(self._scale.font("font_small"), self.date_text)
        time = text_width(self._scale.font("font_clock", bold=True), "00:00:00")
        return QSize(round(max(date, time)) + self._scale.px(2), self._scale.px(60))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        upper = QRectF(rect.x(), rect.y() + self._scale.px(3), rect.width(), rect.height() * 0.56)
        lower = QRectF(
            rect.x(), upper.bottom(), rect.width(), rect.bottom() - upper.bottom() - self._scale.px(5)
        )
        big = self._scale.font("font_clock", bold=True)
        draw_text(painter, upper, self.time_text, big, "text_strong", RIGHT)
        tone = "focus" if self.hasFocus() or self.underMouse() else "text_muted"
        draw_text(painter, lower, self.date_text, self._scale.font("font_small"), tone, RIGHT)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)

    def _write(self) -> None:
        if self._now is None:
            return
        local = self._now.astimezone(CITY_ZONE)
        weekday = (
            self.tr("星期一"),
            self.tr("星期二"),
            self.tr("星期三"),
            self.tr("星期四"),
            self.tr("星期五"),
            self.tr("星期六"),
            self.tr("星期日"),
        )[local.weekday()]
        date = f"{local:%Y-%m-%d} {weekday}" + (f" · {self._day}" if self._day else "")
        time = local_time_text(self._now)
        if (time, date) == (self.time_text, self.date_text):
            return
        self.time_text = time
        if date != self.date_text:
            self.date_text = date
            self.setAccessibleName(date)
            self.updateGeometry()
        self.update()
