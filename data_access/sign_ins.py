"""Who tried to sign in, read from the server's own log by `sign_in_lines` (gate/server_log.sql).

PostgreSQL notes a refused attempt nowhere else. It writes its log as JSON, as CSV or as plain lines; of the
last, only those with the address know it (`log_connections`, or %h in `log_line_prefix`).
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from domain.staff import Attempt, AttemptReason, LogAccess, SignIns

_WRONG_PASSWORD, _NOT_ALLOWED = "28P01", "28000"
_REFUSED = (_WRONG_PASSWORD, _NOT_ALLOWED)


@dataclass(frozen=True, slots=True)
class _Line:
    """What a line of any form says; `state` is the SQLSTATE, empty where the form has none."""

    at: datetime
    login: str
    address: str
    session: str
    fatal: bool
    state: str
    message: str


def sign_ins(connection: Connection, since: datetime) -> SignIns:
    """Return who was refused since then, and when each login last came in, from the server's log.

    Where the log may not be read, the answer says so, and for which role a grant is missing.
    """
    rows = connection.execute(_LINES, {"since": since}).all()
    form, said = rows[0]
    if form == "denied":
        return SignIns(LogAccess.DENIED, owner=said)
    if form == "none":
        return SignIns(LogAccess.NONE)
    setting = json.loads(said)
    zone = _zone(setting["zone"])
    parse: Callable[[str], _Line | None] = {
        "jsonlog": partial(_from_json, zone),
        "csvlog": partial(_from_csv, zone),
    }.get(form, partial(_from_text, _pattern_of(setting["prefix"]), zone))
    lines = [line for row in rows[1:] if (line := parse(_unescaped(row.line))) is not None]
    return _told(sorted(lines, key=_at), since)


def _told(lines: Iterable[_Line], since: datetime) -> SignIns:
    refused: list[Attempt] = []
    came: dict[str, tuple[str, datetime]] = {}
    addresses: dict[str, str] = {}
    for line in lines:
        if found := re.search(r"connection received: host=(\S+)", line.message):
            addresses[line.session] = found[1]
        elif line.fatal:
            # A login that may not sign in is authorised first, and refused then.
            came.pop(line.session, None)
            reason = _reason(line)
            if reason is not None and line.at >= since:
                address = line.address or addresses.get(line.session, "")
                refused.append(Attempt(line.at, _login_of(line), address, reason))
        elif line.message.startswith("connection authorized: "):
            came[line.session] = (_login_of(line), line.at)
    last: dict[str, datetime] = {}
    for login, at in came.values():
        last[login] = max(at, last.get(login, at))
    return SignIns(LogAccess.READ, tuple(refused), tuple(sorted(last.items())))


def _reason(line: _Line) -> AttemptReason | None:
    if "no pg_hba.conf entry" in line.message or "pg_hba.conf rejects" in line.message:
        return AttemptReason.NO_ENTRY
    if line.state == _WRONG_PASSWORD or "authentication failed" in line.message:
        return AttemptReason.PASSWORD
    if line.state == _NOT_ALLOWED or re.search(r'role ".*" (does not exist|is not permitted)', line.message):
        return AttemptReason.NOT_ALLOWED
    return None


def _login_of(line: _Line) -> str:
    if line.login:
        return line.login
    found = re.search(r'user[ =]"?([^" ]+)|role "([^"]+)"', line.message)
    return (found[1] or found[2]) if found else ""


def _from_json(zone: ZoneInfo, said: str) -> _Line | None:
    try:
        record = json.loads(said)
    except ValueError:
        return None  # the end of a line whose beginning is not read
    return _Line(
        _moment(record.get("timestamp", ""), zone),
        record.get("user", ""),
        record.get("remote_host", ""),
        record.get("session_id", ""),
        record.get("error_severity") == "FATAL" and record.get("state_code") in _REFUSED,
        record.get("state_code", ""),
        record.get("message", ""),
    )


def _from_csv(zone: ZoneInfo, said: str) -> _Line | None:
    # A record may go on over further lines: what is asked for stands in its first one.
    fields = next(csv.reader([said + ('"' if said.count('"') % 2 else "")]), [])
    if len(fields) < 14 or fields[11] not in ("FATAL", "LOG"):
        return None
    address = fields[4].rpartition(":")[0] or fields[4]
    fatal = fields[11] == "FATAL" and fields[12] in _REFUSED
    return _Line(_moment(fields[0], zone), fields[1], address, fields[5], fatal, fields[12], fields[13])


def _from_text(pattern: re.Pattern[str], zone: ZoneInfo, said: str) -> _Line | None:
    found = pattern.match(said)
    if found is None or found["level"] not in ("LOG", "FATAL"):
        return None
    parts = found.groupdict()
    at = datetime.fromtimestamp(float(parts["epoch"]), UTC) if parts.get("epoch") else None
    address = (parts.get("host") or "").replace("[local]", "")
    return _Line(
        at or _moment(parts.get("time") or "", zone),
        (parts.get("user") or "").replace("[unknown]", ""),
        re.sub(r"\(\d+\)$", "", address),
        parts.get("session") or parts.get("pid") or "",
        parts["level"] == "FATAL",
        parts.get("state") or "",
        parts["message"],
    )


_ESCAPES = {
    "m": r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \S+)",
    "t": r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+)",
    "n": r"(?P<epoch>\d+\.\d+)",
    "p": r"(?P<pid>\d+)",
    "c": r"(?P<session>[0-9a-f.]+)",
    "u": r"(?P<user>.*?)",
    "h": r"(?P<host>\S*?)",
    "r": r"(?P<host>\S*?)",
    "e": r"(?P<state>\w{5})",
    "q": "",
    "%": "%",
}


def _pattern_of(prefix: str) -> re.Pattern[str]:
    """Return what matches a plain line behind the server's `log_line_prefix`."""
    parts: list[str] = []
    seen: set[str] = set()
    for literal, padding, letter in re.findall(r"([^%]+)|%(-?\d*)(.)", prefix):
        if literal:
            parts.append(re.escape(literal))
            continue
        wanted = _ESCAPES.get(letter, r".*?")
        name = re.search(r"\?P<(\w+)>", wanted)
        if name is not None and name[1] in seen:
            wanted = r".*?"  # %h and %r in one prefix
        elif name is not None:
            seen.add(name[1])
        parts.append(rf"\s*{wanted}\s*" if padding else wanted)
    # Any level: a line of another one (STATEMENT) must not be read as far as words like these in its text.
    return re.compile("".join(parts) + r"(?P<level>\w+):\s+(?P<message>.*)")


def _moment(said: str, zone: ZoneInfo) -> datetime:
    """Return a moment that the server wrote in its own zone; the zone's short name is ambiguous (CST)."""
    try:
        local = datetime.fromisoformat(" ".join(said.split(" ")[:2]))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return local.replace(tzinfo=zone).astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo({"GMT": "UTC"}.get(name, name))
    except (KeyError, ValueError):
        return ZoneInfo("UTC")


def _unescaped(line: str) -> str:
    """Return a line as the server wrote it; bytes that are no UTF-8 are marked."""
    raw = re.sub(rb"\\(\\|[0-7]{3})", _byte, line.encode("ascii", "replace"))
    return raw.decode("utf-8", "replace").rstrip("\r")


def _byte(found: re.Match[bytes]) -> bytes:
    return b"\\" if found[1] == b"\\" else bytes([int(found[1], 8)])


def _at(line: _Line) -> datetime:
    return line.at


def grants_for(owner: str) -> Iterator[str]:
    """Yield the statements by which a superuser lets admins see refused attempts, in this database."""
    name = '"' + owner.replace('"', '""') + '"'
    yield f"GRANT pg_monitor TO {name};"
    # Before version 16 no monitor may ask for it.
    yield f"GRANT EXECUTE ON FUNCTION pg_catalog.pg_current_logfile(text) TO {name};"
    yield (
        f"GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) TO {name};"
    )


_LINES = text("SELECT format, line FROM sign_in_lines(:since)")
