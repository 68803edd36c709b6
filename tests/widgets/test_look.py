"""The tokens, the scale and the marks: what every page relies on."""

import itertools
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontInfo, QImage, QPainter
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from domain.events import WarningLevel
from domain.ledger import Colour
from domain.nodes import NodeStatus, TicketState
from domain.overview import DirectiveState, FeedState
from widgets.scale import LARGEST, SMALLEST, Scale
from widgets.status import Mark, Shape, mark_of, paint_mark, rate_mark
from widgets.style import apply_style, load_fonts, palette, stylesheet
from widgets.tokens import tokens

GROUNDS = ("background", "header", "panel", "card", "hover")
INKS = (
    "text", "text_strong", "text_title", "text_muted", "text_faint", "accent", "done", "on_time", "due_soon",
    "overdue", "overdue_text", "paused",
)  # fmt: skip
ON_BUTTONS = (
    ("button_text", "primary_button"),
    ("button_text", "primary_button_border"),
    ("button_text", "danger_button"),
    ("button_text", "purple"),
    ("text", "selection"),
    ("text_strong", "selection"),
    ("text", "county_fill"),
    *(("background", f"air_{level}") for level in (1, 2, 3)),
    *(("button_text", f"air_{level}") for level in (4, 5, 6)),
)
STATUSES = (TicketState, NodeStatus, WarningLevel, Colour, FeedState, DirectiveState)


def luminance(name: str) -> float:
    """Relative luminance of a token by WCAG 2."""
    hexes = re.findall("..", tokens().colour(name)[1:])
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
              for c in (int(pair, 16) / 255 for pair in hexes)]  # fmt: skip
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(ink: str, ground: str) -> float:
    """Contrast ratio of two tokens by WCAG 2."""
    light, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_wcag_does():
    assert contrast("background", "background") == 1
    assert contrast("text_strong", "shadow") > 15


@pytest.mark.parametrize(("ink", "ground"), [*itertools.product(INKS, GROUNDS), *ON_BUTTONS])
def test_text_can_be_read(ink: str, ground: str):
    assert contrast(ink, ground) >= 4.5


def test_focus_and_status_colours_stand_out_from_their_ground():
    for ink, ground in itertools.product(("focus", "done", "on_time", "due_soon", "overdue"), GROUNDS):
        assert contrast(ink, ground) >= 3, (ink, ground)


def test_every_colour_is_a_full_hex_colour():
    assert all(re.fullmatch("#[0-9a-f]{6}", value) for value in tokens().colours.values())


DESK_TYPE = "font_dense"


def test_no_text_on_the_wall_is_smaller_than_18():
    fonts = {name: size for name, size in tokens().sizes.items() if name.startswith("font_")}
    assert fonts.pop(DESK_TYPE) < 18
    assert min(fonts.values()) >= 18


def test_the_small_type_is_for_desks_and_forms_alone():
    """A desk is read from near, a wall is not."""
    widgets = Path(__file__).parents[2] / "widgets"
    using = {path for path in widgets.rglob("*.py") if DESK_TYPE in path.read_text("utf-8")}
    assert {path.parent.name for path in using} <= {"desk", "forms", "widgets"}
    assert {path.name for path in using if path.parent == widgets} == {"scale.py", "style.py"}
    dressed = re.findall(r"([^{}]+){[^{}]*font_dense[^{}]*}", (widgets / "style.py").read_text("utf-8"))
    assert dressed
    assert all(re.search(r'look="(key|lane|desk)|textsize="dense"', selectors) for selectors in dressed)


def test_unknown_tokens_are_errors():
    with pytest.raises(KeyError):
        tokens().colour("mauve")
    with pytest.raises(KeyError):
        tokens().size("font_tiny")


def test_scale_fits_the_smaller_side_within_its_limits(qapp: QApplication):
    scale = Scale()
    for (width, height), factor in {
        (1920, 1080): 1.0,
        (3840, 2160): 2.0,
        (2560, 1080): 1.0,
        (1280, 1024): 1280 / 1920,
        (100, 100): SMALLEST,
        (99_999, 99_999): LARGEST,
    }.items():
        scale.fit(width, height)
        assert scale.factor == pytest.approx(factor)


def test_scale_tells_only_of_changes(qtbot: QtBot):
    scale = Scale()
    with qtbot.assertNotEmitted(scale.factor_changed):
        scale.fit(1920, 1080)
    with qtbot.waitSignal(scale.factor_changed):
        scale.fit(3840, 2160)
    assert scale.px(10) == 20
    assert scale.font("font_small").pixelSize() == 36


def test_a_hair_line_never_vanishes(qapp: QApplication):
    scale = Scale()
    scale.fit(1, 1)
    assert scale.px(1) == 1
    assert scale.px(0) == 0


def test_the_chinese_font_is_there_with_its_weight(qtbot: QtBot, qapp: QApplication):
    load_fonts()
    label = QLabel("青哨")
    qtbot.addWidget(label)
    apply_style(qapp, Scale())
    label.ensurePolished()
    assert QFontInfo(label.font()).family() == tokens().family
    axes = {tag: label.font().variableAxisValue(tag) for tag in label.font().variableAxisTags()}
    assert list(axes.values()) == [400.0]
    qapp.setStyleSheet("")


def test_the_style_sheet_scales_and_leaves_no_gap(qapp: QApplication):
    scale = Scale()
    normal = stylesheet(scale)
    scale.fit(3840, 2160)
    double = stylesheet(scale)
    assert "$" not in normal
    assert "font-size: 20px" in normal
    assert "font-size: 40px" in double


def test_the_palette_is_dark(qapp: QApplication):
    made = palette()
    assert made.window().color().lightness() < 40 < made.windowText().color().lightness()


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_is_told_apart_without_its_colour(status: type):
    marks = [mark_of(member) for member in status]
    assert len({mark.word for mark in marks}) == len(marks)
    by_shape: dict[Shape, set[str]] = {}
    for mark in marks:
        assert mark.word
        by_shape.setdefault(mark.shape, set()).add(mark.colour_name)
    if status in (TicketState, WarningLevel, Colour, FeedState):
        colours = {mark.colour_name for mark in marks}
        assert len({mark.shape for mark in marks}) >= len(colours) - (status is TicketState)


def test_the_same_word_of_two_enums_has_its_own_mark():
    # TicketState.OVERDUE == DirectiveState.OVERDUE as strings; PAUSED and ON_TIME differ between tables.
    assert mark_of(TicketState.ON_TIME).word == "按时"
    assert mark_of(NodeStatus.ON_TIME).word == "按时办结"


def test_rates_have_the_marks_of_the_thresholds():
    assert [rate_mark(rate).word for rate in (1.0, 0.95, 0.949, 0.90, 0.85, 0.849, 0.0)] == [
        "绿", "绿", "蓝", "蓝", "黄", "红", "红",
    ]  # fmt: skip


def test_each_shape_is_drawn_and_no_two_alike(qapp: QApplication):
    pictures = set()
    for shape in Shape:
        image = QImage(24, 24, QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        paint_mark(painter, QRectF(4, 4, 16, 16), Mark("text", shape, ""))
        painter.end()
        pictures.add(bytes(image.constBits()))
    assert len(pictures) == len(Shape)
    assert bytes(24 * 24 * 4) not in pictures
