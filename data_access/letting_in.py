"""Why a server lets somebody not in, in the user's words: for whoever signs in, and for every other door.

What the server said is not repeated: a person can do nothing with its codes.
"""

import re
from enum import StrEnum

import psycopg

from data_access.errors import StoreError


class Refusal(StrEnum):
    """Why a server lets somebody not in."""

    WRONG = "wrong"
    NO_PASSWORD = "no_password"  # noqa: S105 - no secret
    REVOKED = "revoked"
    NOT_ALLOWED = "not_allowed"
    NO_DATABASE = "no_database"
    TOO_MANY = "too_many"
    CERTIFICATE = "certificate"
    NO_TLS = "no_tls"
    UNREACHABLE = "unreachable"


class SignInError(StoreError):
    """The server was asked to let somebody in and does not. `refusal` tells why."""

    def __init__(self, refusal: Refusal, message: str, way_out: str) -> None:
        super().__init__(message, way_out)
        self.refusal = refusal

    @property
    def final(self) -> bool:
        """Whether asking again will not help: a seat that was connected is no longer wanted there."""
        return self.refusal in (Refusal.WRONG, Refusal.NO_PASSWORD, Refusal.REVOKED, Refusal.NOT_ALLOWED)


_BY_CODE = {
    "28P01": Refusal.WRONG,
    "28000": Refusal.REVOKED,
    "42501": Refusal.NOT_ALLOWED,
    "3D000": Refusal.NO_DATABASE,
    "53300": Refusal.TOO_MANY,
}
# A failed connection brings its text only, no SQLSTATE (libpq 18). The client's part of it is English; the
# server's is in its own language, English or Chinese here. The order matters: the first that is found counts.
_BY_TEXT = (
    (Refusal.NO_PASSWORD, r"no password supplied"),
    (Refusal.NO_TLS, r"does not support SSL|SSL required|no encryption|SSL off"),
    (
        Refusal.CERTIFICATE,
        r"certificate verify failed|does not match host name|server certificate|root certificate|SSL error"
        r"|tlsv1 alert|weak sslmode|private key file|certificate file|requires a valid client cert",
    ),
    (Refusal.REVOKED, r"not permitted to log in|不允许角色|is not currently accepting connections"),
    (Refusal.NOT_ALLOWED, r"permission denied for database|CONNECT privilege|权限不够|pg_hba\.conf"),
    # pgbouncer knows nobody by a login that was revoked.
    (
        Refusal.WRONG,
        r'authentication failed|认证失败|role "[^"]*" does not exist|角色 ?"[^"]*" ?不存在|no such user',
    ),
    (Refusal.NO_DATABASE, r'database "[^"]*" does not exist|数据库 ?"[^"]*" ?不存在'),
    (Refusal.TOO_MANY, r"too many (?:clients|connections)|connection slots|太多"),
)
_AT_THE_DOOR = ("28P01", "28000", "3D000", "53300")
"""Not 42501: a statement that somebody may not give has the same code as a database that is closed."""
_WORDS = {
    Refusal.WRONG: ("用户名或口令不正确", "请核对后重新输入；忘记口令时请管理员重置。"),
    Refusal.NO_PASSWORD: ("服务器要求口令", "请输入口令。"),
    Refusal.REVOKED: ("此账号已被停用，不能登录", "请联系本市的系统管理员。"),
    Refusal.NOT_ALLOWED: (
        "此账号或此机器无权连接这个库",
        "请管理员检查账号授权和服务器的接入规则（pg_hba）。",
    ),
    Refusal.NO_DATABASE: ("服务器上没有这个库", "请核对服务器设置里的库名。"),
    Refusal.TOO_MANY: ("服务器的连接已满", "请稍候再试；经常出现时请管理员增加连接数。"),
    Refusal.CERTIFICATE: (
        "无法确认服务器的身份：证书校验未通过，已停止连接",
        "请核对主机名，或在服务器设置里指定本单位的根证书；不要绕过校验。",
    ),
    Refusal.NO_TLS: ("服务器不接受所要求的加密方式，已停止连接", "请管理员为服务器开启 TLS。"),
    Refusal.UNREACHABLE: ("连不上服务器", "请核对主机、端口和网络，稍后再试。"),
}


def told(error: psycopg.Error) -> SignInError:
    """Return why a connection could not be had, in the user's words."""
    said = str(error)
    refusal = _BY_CODE.get(error.sqlstate or "")
    if refusal is None:
        found = (known for known, pattern in _BY_TEXT if re.search(pattern, said, re.IGNORECASE))
        refusal = next(found, Refusal.UNREACHABLE)
    return SignInError(refusal, *_WORDS[refusal])


def refused(error: psycopg.Error) -> SignInError | None:
    """Return why a server refused a connection; None when it was not refused: unreachable, or lost later."""
    # The driver begins so when a connection could not be made; one that is lost may speak of TLS, too.
    if not str(error).startswith("connection ") and error.sqlstate not in _AT_THE_DOOR:
        return None
    reason = told(error)
    return None if reason.refusal is Refusal.UNREACHABLE else reason
