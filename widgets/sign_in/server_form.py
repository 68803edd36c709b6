"""One saved server: where it is, and whose certificates it is checked by. Never a password."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from domain.servers import Server
from widgets.fact_grid import small_label
from widgets.forms.order_form import OrderForm
from widgets.scale import Scale
from widgets.sign_in.protection import protection_text


class ServerForm(OrderForm):
    """Signals: `submitted(Server)`."""

    def __init__(self, server: Server | None, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self.set_titles(self.tr("新增服务器") if server is None else self.tr("修改服务器"), self.tr("保存"))
        self._before = server
        known = server or Server("", "")
        self.name = self._field(self.tr("名称"), known.name, self.tr("如：市生态环境局"))
        self.host = self._field(
            self.tr("主机"), known.host, self.tr("主机名，与服务器证书一致；多台以逗号分隔")
        )
        self.port = self._field(self.tr("端口"), known.port, "5432")
        self.database = self._field(self.tr("库名"), known.database, "qingshao")
        self.root_certificate = self._field(
            self.tr("根证书文件"), known.root_certificate, self.tr("留空即用本机系统信任的证书")
        )
        self.certificate = self._field(
            self.tr("本人证书文件"), known.certificate, self.tr("以证书登录时填写")
        )
        self.key = self._field(self.tr("本人私钥文件"), known.key, self.tr("以证书登录时填写"))
        self.protection = small_label(self, "muted")
        self.body.addWidget(self.protection)
        self.host.textChanged.connect(self._tell_protection)
        self._tell_protection()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def problem(self) -> tuple[str, QWidget] | None:
        if not self.host.text().strip():
            return self.tr("请填写主机"), self.host
        for port in self.port.text().split(","):
            if port.strip() and not (port.strip().isdecimal() and 0 < int(port) < 65536):
                return self.tr("端口应为 1 到 65535 的数字"), self.port
        if not self.database.text().strip():
            return self.tr("请填写库名"), self.database
        return None

    def draft(self) -> Server:
        host = self.host.text().strip()
        unchanged = self._before is not None and self._before.host == host
        return Server(
            name=self.name.text().strip() or host.split(",")[0],
            host=host,
            port=self.port.text().replace(" ", ""),
            database=self.database.text().strip(),
            # A weaker protection was asked for by an address, for that host only.
            tls=self._before.tls if unchanged else None,
            root_certificate=self.root_certificate.text().strip(),
            certificate=self.certificate.text().strip(),
            key=self.key.text().strip(),
        )

    def _field(self, caption: str, text: str, hint: str) -> QLineEdit:
        field = QLineEdit(text, self)
        field.setPlaceholderText(hint)
        self.add_row(caption, field)
        return field

    def _tell_protection(self) -> None:
        self.protection.setText(self.tr("连接方式：{0}").format(protection_text(self.draft())))
