"""The first window of a seat at a named server, from its opening until somebody has signed in."""

import asyncio

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from data_access.errors import StoreError
from desktop import runtime
from desktop.errors import WorldError
from desktop.seat import Seat, Sitting
from desktop.signing_in import keyring_store
from desktop.signing_in.entrances import ServerEntrance
from desktop.signing_in.saved import SavedServers
from domain.servers import Server, SignIn
from widgets.scale import Scale
from widgets.sign_in.server_form import ServerForm
from widgets.sign_in.sign_in_window import SignInWindow
from widgets.style import apply_style, load_fonts

SHARE_OF_SCREEN = 0.9


class FrontDoor(QObject):
    """Shows the window, keeps the saved servers, and hands over the seat of whoever signs in."""

    def __init__(self, saved: SavedServers, server: Server | None = None, login: str = "") -> None:
        """`server` and `login` stand there already: an address named them."""
        super().__init__()
        self._saved = saved
        self._named = server
        self._editing: Server | None = None
        self._done: asyncio.Future[Seat | None] = asyncio.get_running_loop().create_future()
        self._scale = Scale(self)
        load_fonts()
        self._fit()
        self.window = SignInWindow(self._scale)
        self.form: ServerForm | None = None
        self.window.add_requested.connect(self._add)
        self.window.edit_requested.connect(self._edit)
        self.window.remove_requested.connect(self._remove)
        self.window.server_chosen.connect(self._recall)
        self.window.closed.connect(self._closed)
        self.window.panel.sign_in_requested.connect(self._sign_in)
        known = saved.known
        self.window.panel.show_persons(known.logins)
        self.window.panel.begin(login or (known.logins[0] if known.logins else ""))
        self._show_servers(server or known.server)
        runtime.spawn(self._offer_keyring(), "keyring")

    async def until_signed_in(self) -> Seat | None:
        """Open the window; return the seat of whoever signs in, None when the window is closed."""
        self.window.show()
        try:
            return await self._done
        finally:
            self.window.hide()
            self.window.deleteLater()
            self.deleteLater()

    def _fit(self) -> None:
        """Be as large on this screen as the pages will be."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        screen = app.primaryScreen().availableSize() * SHARE_OF_SCREEN
        self._scale.fit(screen.width(), screen.height())
        apply_style(app, self._scale)

    def _servers(self) -> tuple[Server, ...]:
        known = self._saved.known.servers
        return known if self._named is None or self._named in known else (self._named, *known)

    def _show_servers(self, chosen: Server | None) -> None:
        self.window.show_servers(self._servers(), chosen or next(iter(self._servers()), None))

    # --- the saved servers -----------------------------------------------------------------------------

    def _add(self) -> None:
        self._open_form(None)

    def _edit(self, server: object) -> None:
        if isinstance(server, Server):
            self._open_form(server)

    def _open_form(self, server: Server | None) -> None:
        self._editing = server
        self.form = ServerForm(server, self._scale, self.window)
        self.form.submitted.connect(self._save)
        self.form.finished.connect(self._form_closed)
        self.form.open()

    def _form_closed(self, _result: int) -> None:
        self.form = None

    def _save(self, server: object) -> None:
        if not isinstance(server, Server) or self.form is None:
            return
        try:
            self._saved.keep(self._saved.known.with_server(server, self._editing))
        except WorldError as error:
            self.form.show_refusal(self.tr("没有保存：{0}").format(error.message))
            return
        if self._named == self._editing:
            self._named = None
        self.form.show_done()
        self._show_servers(server)

    def _remove(self, server: object) -> None:
        if not isinstance(server, Server):
            return
        if server == self._named:
            self._named = None
        try:
            self._saved.keep(self._saved.known.without(server))
        except WorldError as error:
            self.window.panel.say(self.tr("没有删除：{0}").format(error.message))
        self._show_servers(None)

    # --- signing in ------------------------------------------------------------------------------------

    async def _offer_keyring(self) -> None:
        if await runtime.in_thread(keyring_store.keyring_here) is not None:
            self.window.panel.offer_remembering()
            await self._fill_in()

    def _recall(self, _server: object) -> None:
        runtime.spawn(self._fill_in(), "keyring")

    async def _fill_in(self) -> None:
        panel, server = self.window.panel, self.window.server
        login = panel.login.text().strip()
        if server is None or not login or panel.password.text():
            return
        password = await runtime.in_thread(keyring_store.recall, server, login)
        if password and login == panel.login.text().strip():
            panel.begin(login, password)

    def _sign_in(self, wanted: object) -> None:
        server = self.window.server
        if isinstance(wanted, SignIn) and server is not None:
            runtime.spawn(self._signed_in(ServerEntrance(server), wanted), "sign in")

    async def _signed_in(self, entrance: ServerEntrance, wanted: SignIn) -> None:
        panel = self.window.panel
        try:
            sitting = await runtime.in_thread(entrance.sit, wanted)
        except StoreError as error:
            panel.show_refusal(f"{error.message}。{error.way_out}")
            return
        except Exception as error:  # noqa: BLE001 - the window must not wait for ever
            runtime.report(error, "sign in")
            panel.show_refusal(self.tr("未能登录，故障已记入日志。"))
            return
        panel.show_done()
        await self._note(entrance.server, wanted)
        self._pass(sitting, entrance)

    async def _note(self, server: Server, wanted: SignIn) -> None:
        """Remember server and name; the password only in a keyring, and only if asked."""
        self._saved.note(server, wanted.login)
        kept = wanted.password if wanted.remember else ""
        await runtime.in_thread(keyring_store.remember, server, wanted.login, kept)

    def _pass(self, sitting: Sitting, entrance: ServerEntrance) -> None:
        if self._done.done():
            runtime.spawn(runtime.in_thread(sitting.end), "nobody waits")
        else:
            self._done.set_result(Seat(None, sitting, entrance))

    def _closed(self) -> None:
        if not self._done.done():
            self._done.set_result(None)
