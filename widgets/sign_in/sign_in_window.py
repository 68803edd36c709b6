"""The first window of a seat at a named server: which server, who one is, and the password."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from domain.servers import Protection, Server
from widgets.arrow_fields import ArrowComboBox
from widgets.fact_grid import small_label
from widgets.icon import program_icon
from widgets.plain import PlainLabel
from widgets.scale import Scale
from widgets.sign_in.protection import protection_text
from widgets.sign_in.sign_in_panel import SignInPanel


class SignInWindow(QWidget):
    """`panel` asks who one is.

    Signals: `server_chosen(Server)`; `edit_requested(Server)`, `add_requested()`, `remove_requested(Server)`
    change the saved servers; `closed()` without anybody having signed in.
    """

    server_chosen = Signal(object)
    edit_requested = Signal(object)
    add_requested = Signal()
    remove_requested = Signal(object)
    closed = Signal()

    def __init__(self, scale: Scale) -> None:
        super().__init__()
        self._scale = scale
        self._servers: tuple[Server, ...] = ()
        self.setWindowTitle(self.tr("登录"))
        self.setWindowIcon(program_icon())
        self.setProperty("look", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._mark = PlainLabel(self)
        self._title = PlainLabel(self.tr("青哨"), self)
        self._title.setProperty("textsize", "big")
        self._title.setProperty("tone", "strong")
        self._subtitle = PlainLabel(self.tr("污染防治综合监管"), self)
        self._subtitle.setProperty("tone", "muted")
        self.servers = ArrowComboBox(scale, self)
        self.servers.setAccessibleName(self.tr("服务器"))
        self.servers.currentIndexChanged.connect(self._choose)
        self.add_button = self._small(self.tr("新增"))
        self.add_button.clicked.connect(self.add_requested)
        self.edit_button = self._small(self.tr("修改"))
        self.edit_button.clicked.connect(self._ask_edit)
        self.remove_button = self._small(self.tr("删除"))
        self.remove_button.clicked.connect(self._ask_remove)
        self.where = small_label(self, "muted")
        self.panel = SignInPanel(scale, self)
        self._build()
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    @property
    def server(self) -> Server | None:
        """The chosen server; None while there is none."""
        row = self.servers.currentIndex()
        return self._servers[row] if 0 <= row < len(self._servers) else None

    def show_servers(self, servers: Sequence[Server], chosen: Server | None) -> None:
        """List these servers, one of them chosen."""
        self.servers.blockSignals(True)
        self.servers.clear()
        self._servers = tuple(servers)
        for server in servers:
            self.servers.addItem(server.name)
        if chosen in self._servers:
            self.servers.setCurrentIndex(self._servers.index(chosen))
        self.servers.blockSignals(False)
        self._choose(self.servers.currentIndex())

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        place = self.screen().availableGeometry()
        self.move(place.center() - self.rect().center())

    def sizeHint(self) -> QSize:
        return QSize(self._scale.px(620), max(super().sizeHint().height(), self._scale.px(700)))

    def _choose(self, _row: int) -> None:
        server = self.server
        self.edit_button.setEnabled(server is not None)
        self.remove_button.setEnabled(server is not None)
        self.panel.setEnabled(server is not None)
        if server is None:
            self._tell(self.tr("请先新增一台服务器。"), "muted")
            return
        weak = server.protection in (Protection.UNENCRYPTED, Protection.UNVERIFIED)
        self._tell(f"{server.address}\n{protection_text(server)}", "overdue" if weak else "muted")
        self.server_chosen.emit(server)

    def _tell(self, text: str, tone: str) -> None:
        self.where.setText(text)
        if self.where.property("tone") != tone:
            self.where.setProperty("tone", tone)
            self.where.style().polish(self.where)

    def _ask_edit(self) -> None:
        self.edit_requested.emit(self.server)

    def _ask_remove(self) -> None:
        self.remove_requested.emit(self.server)

    def _small(self, word: str) -> QPushButton:
        button = QPushButton(word, self)
        button.setProperty("look", "small")
        button.setAccessibleName(self.tr("{0}服务器").format(word))
        return button

    def _build(self) -> None:
        self._layout = QVBoxLayout(self)
        head = QHBoxLayout()
        head.addWidget(self._mark)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._subtitle)
        head.addLayout(words, 1)
        self._layout.addLayout(head)
        caption = PlainLabel(self.tr("服务器"), self)
        caption.setProperty("tone", "muted")
        caption.setProperty("textsize", "small")
        caption.setBuddy(self.servers)
        self._layout.addSpacing(self._scale.px(12))
        self._layout.addWidget(caption)
        self._layout.addWidget(self.servers)
        self._layout.addWidget(self.where)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.add_button, self.edit_button, self.remove_button):
            buttons.addWidget(button)
        self._layout.addLayout(buttons)
        self._layout.addSpacing(self._scale.px(12))
        self._layout.addWidget(self.panel)
        self._layout.addStretch(1)

    def _rescale(self) -> None:
        px = self._scale.px
        self._layout.setContentsMargins(px(40), px(32), px(40), px(32))
        self._layout.setSpacing(px(8))
        self._mark.setPixmap(program_icon().pixmap(px(72), px(72)))
        self._mark.setFixedWidth(px(92))
        self.setFixedWidth(px(620))
