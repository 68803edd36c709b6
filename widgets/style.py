"""The look applied to Qt: style sheet, palette and fonts, all from the tokens.

Plain text has the application's own font and palette: a rule for every widget would hand them down through
the tree anew for each of its levels.

Widgets choose their look by a dynamic property: `look` on buttons (primary, danger, chip, tab), `tone` and
`textsize` on labels. So one style sheet, set again when the scale changes, restyles the whole window.
"""

from importlib.resources import as_file, files
from string import Template

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from widgets.scale import Scale
from widgets.tokens import tokens

FONT_PACKAGE, FONT_FILE = "manimgx_fonts_cjk", "NotoSansCJK-VF.otf.ttc"


def load_fonts() -> str:
    """Register the Chinese font, once a process, and return its family name.

    Raises:
        RuntimeError: Qt cannot read the font file.
    """
    if tokens().family in QFontDatabase.families():
        return tokens().family
    with as_file(files(FONT_PACKAGE) / FONT_FILE) as path:
        number = QFontDatabase.addApplicationFont(str(path))
    families = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    if tokens().family not in families:
        raise RuntimeError(f"the font file {FONT_FILE} has no family {tokens().family!r}: {families}")
    return tokens().family


def palette() -> QPalette:
    """Return the application palette: what style sheets do not reach takes its colours from here."""
    look = tokens()
    made = QPalette()
    role = QPalette.ColorRole
    pairs = {
        role.Window: "background",
        role.WindowText: "text",
        role.Base: "panel",
        role.AlternateBase: "card",
        role.Text: "text",
        role.PlaceholderText: "text_muted",
        role.Button: "panel",
        role.ButtonText: "text",
        role.BrightText: "text_strong",
        role.ToolTipBase: "panel",
        role.ToolTipText: "text",
        role.Highlight: "selection",
        role.HighlightedText: "text_strong",
        role.Link: "accent",
        role.Mid: "panel_border",
        role.Dark: "shadow",
        role.Shadow: "shadow",
        role.Light: "chip_border",
        role.Midlight: "panel_border",
    }
    for qt_role, name in pairs.items():
        made.setColor(qt_role, look.qcolor(name))
    for qt_role in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, qt_role, look.qcolor("text_faint"))
    return made


def apply_style(application: QApplication, scale: Scale) -> None:
    """Dress the whole application for this scale; call again when the factor changed."""
    application.setPalette(palette())
    # The font file is variable and its default is Thin: the weight has to come with the application's font.
    application.setFont(scale.font("font_body"))
    # Before the event loop runs, widgets that exist already are not told.
    for widget in application.allWidgets():
        QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.ApplicationFontChange))
    application.setStyleSheet(stylesheet(scale))


def stylesheet(scale: Scale) -> str:
    """Return the style sheet of the whole application for this scale."""
    look = tokens()
    values = {f"c_{name}": value for name, value in look.colours.items()}
    values |= {f"s_{name}": f"{scale.size(name)}px" for name in look.sizes}
    values |= {f"p{n}": f"{scale.px(n)}px" for n in (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 34, 38)}
    return Template(_SHEET).substitute(values)


_SHEET = """
QMainWindow, QWidget[look="page"] { background: $c_background; }
QDialog { background: $c_panel; }
QLabel[look="page"] { background: $c_background; color: $c_text_muted; font-size: $s_font_title; }
QLabel { background: transparent; }
QLabel[tone="title"] { color: $c_text_title; font-weight: 700; font-size: $s_font_title; }
QLabel[tone="strong"] { color: $c_text_strong; font-weight: 700; }
QLabel[tone="muted"] { color: $c_text_muted; }
QLabel[tone="faint"] { color: $c_text_faint; }
QLabel[tone="done"] { color: $c_done; }
QLabel[tone="on_time"] { color: $c_on_time; }
QLabel[tone="due_soon"] { color: $c_due_soon; }
QLabel[tone="overdue"] { color: $c_overdue; }
QLabel[textsize="small"] { font-size: $s_font_small; }
QLabel[textsize="title"] { font-size: $s_font_title; }
QLabel[textsize="header"] { font-size: $s_font_header; font-weight: 700; }
QLabel[textsize="big"] { font-size: $s_font_big; font-weight: 700; }
QToolTip {
    color: $c_text; background: $c_hover; border: $p1 solid $c_chip_border; padding: $p6;
    font-size: $s_font_small;
}
QFrame[look="panel"] {
    background: $c_panel; border: $p1 solid $c_panel_border; border-radius: $s_radius;
}
QFrame[look="header"] {
    background: $c_header; border: none; border-bottom: $p1 solid $c_panel_border; border-radius: 0;
}
QFrame[look="replay"] { background: $c_header; border: none; border-bottom: $p1 solid $c_panel_border; }
QFrame[look="replay"][past="true"] {
    background: $c_purple; border: none; border-bottom: $p3 solid $c_purple_border;
}
QFrame[look="replay"] QDateTimeEdit, QFrame[look="replay"] QComboBox {
    padding: $p2 $p8 $p2 $p8; font-size: $s_font_small;
}
QFrame[look="replay"][past="true"] QPushButton[look="small"] {
    color: $c_button_text; border-color: $c_purple_border;
}
QLabel[look="sample"] {
    color: $c_due_soon; border: $p1 solid $c_due_soon; border-radius: $p5; font-size: $s_font_small;
    padding: $p1 $p8 $p1 $p8;
}
QLabel[look="notice"] {
    color: $c_text; background: $c_hover; border: $p1 solid $c_due_soon; border-radius: $s_radius;
    padding: $p10 $p20 $p10 $p20;
}
QFrame[look="line"] { background: $c_row_line; border: none; max-height: $p1; min-height: $p1; }

QPushButton {
    color: $c_text; background: transparent; border: $p1 solid $c_chip_border; border-radius: $p5;
    padding: $p4 $p14 $p4 $p14; font-size: $s_font_body;
}
QPushButton:hover { background: $c_hover; border-color: $c_accent; }
QPushButton:pressed { background: $c_selection; }
QPushButton:focus { border: $p2 solid $c_focus; }
QPushButton:disabled { color: $c_text_faint; border-color: $c_panel_border; background: transparent; }
QPushButton[look="primary"] {
    color: $c_button_text; background: $c_primary_button; border-color: $c_primary_button_border;
}
QPushButton[look="primary"]:hover { background: $c_primary_button_border; }
QPushButton[look="danger"] {
    color: $c_button_text; background: $c_danger_button; border-color: $c_danger_button_border;
}
QPushButton[look="danger"]:hover { border-color: $c_overdue_text; }
QPushButton[look="primary"]:focus, QPushButton[look="danger"]:focus { border: $p2 solid $c_focus; }
QPushButton[look="primary"]:disabled, QPushButton[look="danger"]:disabled {
    color: $c_text_faint; background: $c_hover; border-color: $c_panel_border;
}
QPushButton[look="small"], QPushButton[look="small_danger"] {
    padding: $p1 $p10 $p1 $p10; font-size: $s_font_small;
}
QPushButton[look="small_danger"] {
    color: $c_button_text; background: $c_danger_button; border-color: $c_danger_button_border;
}
QPushButton[look="small_danger"]:hover { border-color: $c_overdue_text; }
QPushButton[look="small_danger"]:focus { border: $p2 solid $c_focus; }
QPushButton[look="small"]:disabled { color: $c_text_faint; border-color: $c_panel_border; }
QPushButton[look="small_danger"]:disabled {
    color: $c_overdue_text; background: transparent; border-color: $c_danger_button;
}
QPushButton[look="step"], QPushButton[look="step_due"], QPushButton[look="step_danger"] {
    padding: $p4 $p10 $p4 $p10; font-size: $s_font_small;
}
QPushButton[look="step_due"] {
    color: $c_button_text; background: $c_primary_button; border-color: $c_primary_button_border;
}
QPushButton[look="step_due"]:hover { background: $c_primary_button_border; }
QPushButton[look="step_danger"] {
    color: $c_button_text; background: $c_danger_button; border-color: $c_danger_button_border;
}
QPushButton[look="step_danger"]:hover { border-color: $c_overdue_text; }
QPushButton[look="step"]:focus, QPushButton[look="step_due"]:focus, QPushButton[look="step_danger"]:focus {
    border: $p2 solid $c_focus;
}
QPushButton[look="step_danger"]:disabled {
    color: $c_text_faint; background: $c_hover; border-color: $c_panel_border;
}
QPushButton[look="key"], QPushButton[look="key_due"], QPushButton[look="lane"] {
    padding: $p1 $p6 $p1 $p6; font-size: $s_font_dense;
}
QPushButton[look="key_due"] {
    color: $c_button_text; background: $c_primary_button; border-color: $c_primary_button_border;
}
QPushButton[look="lane"] { color: $c_text_title; border: $p1 solid transparent; }
QPushButton[look="lane"]:checked { color: $c_text_strong; background: $c_selection; border-color: $c_accent; }
QPushButton[look="lane"]:focus { border-color: $c_focus; }
QTableView[look="desk"] QHeaderView::section { padding: $p1 $p8 $p1 $p8; font-size: $s_font_dense; }
QLabel[textsize="dense"], QPlainTextEdit[textsize="dense"] { font-size: $s_font_dense; }
QPushButton[look="tab"] {
    color: $c_text_title; border: $p2 solid transparent; border-radius: $p6; padding: $p6 $p10 $p6 $p10;
}
QPushButton[look="tab"]:hover { background: $c_hover; }
QPushButton[look="tab"]:checked { color: $c_text_strong; background: $c_selection; }
QPushButton[look="tab"]:focus { border-color: $c_focus; }
QPushButton[look="link"] { border: $p2 solid transparent; color: $c_accent; padding: $p2 $p4 $p2 $p4; }
QPushButton[look="link"]:hover { background: $c_hover; }
QPushButton[look="link"]:focus { border-color: $c_focus; }
QPushButton[look="link"]:disabled { border-color: transparent; }

QAbstractItemView {
    background: transparent; border: none; outline: none; selection-background-color: $c_selection;
    selection-color: $c_text_strong;
}
QTableView { gridline-color: $c_row_line; alternate-background-color: $c_card; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section {
    color: $c_text_muted; background: $c_panel; border: none; border-bottom: $p1 solid $c_panel_border;
    padding: $p6 $p8 $p6 $p8; font-size: $s_font_small;
}
QScrollArea, QScrollArea > QWidget > QWidget[look="clear"] { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: $p8; margin: 0; }
QScrollBar:horizontal { background: transparent; height: $p8; margin: 0; }
QScrollBar::handle { background: $c_chip_border; border-radius: $p4; }
QScrollBar::handle:vertical { min-height: $p24; }
QScrollBar::handle:horizontal { min-width: $p24; }
QScrollBar::handle:hover { background: $c_text_faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QLineEdit, QPlainTextEdit, QTextEdit, QDateTimeEdit, QComboBox, QSpinBox {
    color: $c_text; background: $c_background; border: $p1 solid $c_chip_border; border-radius: $p5;
    padding: $p6 $p8 $p6 $p8; selection-background-color: $c_primary_button;
    selection-color: $c_text_strong;
}
QLineEdit:disabled, QPlainTextEdit:disabled, QTextEdit:disabled, QDateTimeEdit:disabled, QComboBox:disabled {
    color: $c_text_faint; background: transparent; border-color: $c_panel_border;
}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QDateTimeEdit:focus, QComboBox:focus, QSpinBox:focus {
    border: $p2 solid $c_focus;
}
QComboBox QAbstractItemView { background: $c_panel; border: $p1 solid $c_chip_border; }
QComboBox::drop-down, QDateTimeEdit::drop-down {
    subcontrol-origin: border; subcontrol-position: center right; border: none; width: $p34;
}
QComboBox::down-arrow, QDateTimeEdit::down-arrow { image: none; }
QCheckBox, QRadioButton {
    background: transparent; spacing: $p8; padding: $p2; border: $p2 solid transparent;
}
QCheckBox:focus, QRadioButton:focus { border-color: $c_focus; border-radius: $p4; }
QMenu { background: $c_panel; border: $p1 solid $c_chip_border; padding: $p4; }
QMenu::item { padding: $p6 $p20 $p6 $p20; }
QMenu::item:selected { background: $c_selection; }
QTabBar::tab { padding: $p6 $p14 $p6 $p14; color: $c_text_muted; border-bottom: $p2 solid transparent; }
QTabBar::tab:selected { color: $c_text_strong; border-bottom-color: $c_accent; }
QSplitter::handle { background: $c_panel_border; }
"""
