"""How safe a connection is, in words and, where it is not safe, as a mark."""

from PySide6.QtCore import QCoreApplication

from domain.servers import Protection, Server

_CONTEXT = "protection"


def protection_text(server: Server) -> str:
    """Return how connections to a server are protected, as a sentence for a form."""
    tr = QCoreApplication.translate
    if server.protection is Protection.LOCAL:
        return tr(_CONTEXT, "● 本机，不经过网络")
    if server.protection is Protection.VERIFIED:
        return tr(_CONTEXT, "● 加密，并核验服务器证书和主机名")
    if server.protection is Protection.UNVERIFIED:
        return tr(_CONTEXT, "◆ 加密，但未核验服务器身份（由连接地址指定）")
    return tr(_CONTEXT, "■ 可能未加密（由连接地址指定）")


def protection_mark(server: Server) -> tuple[str, str]:
    """Return what every page says of a weak connection, and why; empty for a safe one."""
    tr = QCoreApplication.translate
    if server.protection is Protection.UNVERIFIED:
        return tr(_CONTEXT, "未验证"), tr(_CONTEXT, "连接已加密，但没有核验服务器的身份；请改用 verify-full")
    if server.protection is Protection.UNENCRYPTED:
        return tr(_CONTEXT, "未加密"), tr(
            _CONTEXT, "连接可能没有加密，网络上的人可以看到；请改用 verify-full"
        )
    return "", ""
