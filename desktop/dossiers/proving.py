"""Proves an exported dossier: by itself, without a database and without a window."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from desktop.dossiers import form
from desktop.dossiers.opening import DossierError, Opened, checksum, content, opened
from domain.dossier_proof import (
    Covered,
    Flaw,
    Record,
    chain_flaws,
    covered,
    frozen_flaws,
    named_evidence,
)
from domain.seal import Seal, SealedHead, spelled

UNREADABLE = "读不出：{0}"


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proved of a dossier, and what does not fit.

    `fingerprint` is the SHA-256 of its manifest, in hex: on paper, it holds every byte. `missing` are the
    checksums that events name and that were not kept when it was exported. `seals` were computed again.
    """

    number: str
    ticket: str
    as_of: str
    files: int
    streams: int
    events: int
    evidence: int
    missing: tuple[str, ...]
    covered: tuple[Covered, ...]
    seals: tuple[Seal, ...]
    sealed_until: str | None
    fingerprint: str
    flaws: tuple[Flaw, ...]

    @property
    def is_proved(self) -> bool:
        """Whether everything fits."""
        return not self.flaws


def prove(path: Path, printed: tuple[date, bytes] | None = None, fingerprint: str | None = None) -> Proof:
    """Return what an exported dossier, a ZIP or a folder, proves.

    `printed` is a seal on paper, `fingerprint` the manifest's SHA-256 on paper, to compare it with.

    Raises:
        DossierError: it is no dossier that this program can read.
    """
    with opened(path) as of:
        return _prove(of, path, printed, fingerprint)


def _prove(of: Opened, path: Path, printed: tuple[date, bytes] | None, fingerprint: str | None) -> Proof:
    if form.MANIFEST not in of.entries:
        raise DossierError(f"{path} 里没有 {form.MANIFEST}", "它不是本程序导出的卷宗，或缺了文件。")
    flaws = [Flaw(name, reason) for name, reason in of.unsafe]
    try:
        raw = content(of, form.MANIFEST)
    except ValueError as error:
        raise DossierError(f"{form.MANIFEST} 读不出：{error}", "请重新取得卷宗。") from error
    manifest = _manifest(raw, path)
    own = hashlib.sha256(raw).hexdigest()
    streams, of_streams = _streams(of, manifest)
    seals, heads, of_seals = _seals(of)
    found, of_sealed = covered(streams, seals, heads)
    flaws += [*of_streams, *frozen_flaws(streams), *of_seals, *of_sealed]
    kept, missing, of_evidence = _evidence(of, streams)
    flaws += of_evidence
    flaws += [*_listed(of, manifest), *_own_sum(of, own)]
    flaws += [*_on_paper(seals, printed), *_fingerprint(own, fingerprint)]
    return Proof(
        str(manifest.get("number", "")),
        str(manifest.get("ticket", "")),
        str(manifest.get("as_of", "")),
        len(of.entries),
        len(streams),
        sum(map(len, streams.values())),
        kept,
        missing,
        found,
        tuple(seals.values()),
        manifest.get("sealed_until"),
        own,
        tuple(dict.fromkeys(flaws)),
    )


def _manifest(raw: bytes, path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise DossierError(f"{form.MANIFEST} 读不出：{error}", "清单被改动，或卷宗不完整。") from error
    said = found.get("format") if isinstance(found, dict) else None
    if said != form.FORMAT:
        raise DossierError(
            f"{path} 不是本版本的卷宗（格式 {said!r}）", f"本程序能查证 {form.FORMAT}；请用导出它的版本。"
        )
    if not all(isinstance(found.get(key), list) for key in ("streams", "files")):
        raise DossierError(f"{form.MANIFEST} 没有列出事件和文件", "清单被改动，或卷宗不完整。")
    return found


def _streams(of: Opened, manifest: Mapping[str, Any]) -> tuple[dict[str, tuple[Record, ...]], list[Flaw]]:
    found: dict[str, tuple[Record, ...]] = {}
    flaws: list[Flaw] = []
    listed = [row for row in _rows(manifest, "streams") if isinstance(row, dict)]
    if not listed:
        flaws.append(Flaw(form.MANIFEST, "没有列出任何事件流"))
    for row in listed:
        stream, name, head = (str(row.get(key, "")) for key in ("stream", "file", "head"))
        if name not in of.entries:
            flaws.append(Flaw(name or stream, "清单所列的事件文件不在卷宗里"))
            continue
        try:
            records = _records(stream, json.loads(content(of, name)))
        except ValueError as error:
            flaws.append(Flaw(name, UNREADABLE.format(error)))
            continue
        found[stream] = records
        flaws += chain_flaws(stream, records, _hex(head))
        if row.get("events") != len(records):
            flaws.append(Flaw(stream, f"清单列有 {row.get('events')} 个事件，实有 {len(records)} 个"))
    return found, flaws


def _records(stream: str, values: object) -> tuple[Record, ...]:
    if not isinstance(values, dict) or values.get("stream") != stream:
        raise ValueError(f"不是 {stream} 的事件")
    return tuple(form.record_of(stream, row) for row in _rows(values, "events"))


def _seals(of: Opened) -> tuple[dict[date, Seal], dict[date, tuple[SealedHead, ...]], list[Flaw]]:
    seals: dict[date, Seal] = {}
    heads: dict[date, tuple[SealedHead, ...]] = {}
    flaws: list[Flaw] = []
    for name in sorted(of.entries):
        if not name.startswith(f"{form.SEALS}/"):
            continue
        try:
            seal, own = form.seal_of(json.loads(content(of, name)))
        except ValueError as error:
            flaws.append(Flaw(name, UNREADABLE.format(error)))
            continue
        seals[seal.day], heads[seal.day] = seal, own
    return seals, heads, flaws


def _evidence(of: Opened, streams: Mapping[str, Sequence[Record]]) -> tuple[int, tuple[str, ...], list[Flaw]]:
    """How many files there are, which ones events name that were never kept, and what does not fit."""
    flaws: list[Flaw] = []
    named = named_evidence(streams)
    try:
        listed = json.loads(content(of, form.EVIDENCE))
        rows = [row for row in _rows(listed, "files") if isinstance(row, dict)]
        said_missing = {str(each) for each in _rows(listed, "missing")}
    except (KeyError, ValueError) as error:
        return 0, (), [Flaw(form.EVIDENCE, UNREADABLE.format(error))]
    names = {str(row.get("file", "")): str(row.get("sha256", "")) for row in rows}
    for name, total in names.items():
        if name not in of.entries:
            by = "、".join(named.get(total, ())) or "登记"
            flaws.append(Flaw(name, f"证据不在卷宗里（{by}）"))
            continue
        try:
            real = checksum(of, name)[1]
        except ValueError as error:
            flaws.append(Flaw(name, UNREADABLE.format(error)))
            continue
        if real != total:
            by = "、".join(named.get(total, ())) or "登记"
            flaws.append(Flaw(name, f"证据内容与校验和不符：被改动或调换（{by} 所登记的是 {total[:16]}…）"))
    there = set(names.values())
    for total, by_events in named.items():
        if total not in there and total not in said_missing:
            flaws.append(Flaw("、".join(by_events), f"登记的证据 {total[:16]}… 不在卷宗里"))
    missing = tuple(total for total in named if total not in there)
    return len(names), missing, flaws


def _listed(of: Opened, manifest: Mapping[str, Any]) -> Iterator[Flaw]:
    """What the manifest lists that is not so, and what it does not list."""
    rows = [row for row in _rows(manifest, "files") if isinstance(row, dict)]
    listed = {str(row.get("path", "")): row for row in rows}
    if len(listed) != len(rows):
        yield Flaw(form.MANIFEST, "同一文件列了两次")
    for name, row in listed.items():
        if name not in of.entries:
            yield Flaw(name, "清单所列的文件不在卷宗里")
            continue
        try:
            size, total = checksum(of, name)
        except ValueError as error:
            yield Flaw(name, UNREADABLE.format(error))
            continue
        if (size, total) != (row.get("size"), row.get("sha256")):
            yield Flaw(name, "与清单的校验和不符：文件被改动")
    for name in of.entries:
        if name not in listed and name not in (form.MANIFEST, form.SUM):
            yield Flaw(name, "清单里没有这个文件：是后来加进来的")


def _own_sum(of: Opened, own: str) -> Iterator[Flaw]:
    if form.SUM not in of.entries:
        yield Flaw(form.SUM, "不在卷宗里")
        return
    try:
        said = content(of, form.SUM, 4096)
    except ValueError as error:
        yield Flaw(form.SUM, UNREADABLE.format(error))
        return
    if said != f"{own}  {form.MANIFEST}\n".encode():
        yield Flaw(form.MANIFEST, f"与 {form.SUM} 不符：两者之一被改动")


def _on_paper(seals: Mapping[date, Seal], printed: tuple[date, bytes] | None) -> Iterator[Flaw]:
    if printed is None:
        return
    day, digits = printed
    if day not in seals:
        days = "、".join(map(str, seals)) or "没有日封"
        yield Flaw(f"seal/{day}", f"卷宗里没有这一天的日封（有：{days}）")
    elif seals[day].hash != digits:
        yield Flaw(f"seal/{day}", f"与纸上的不同：卷宗中为 {spelled(seals[day].hash)}")


def _fingerprint(own: str, given: str | None) -> Iterator[Flaw]:
    if given is not None and given != own:
        yield Flaw(form.MANIFEST, f"与所给的清单指纹不同：现为 {spelled(bytes.fromhex(own))}")


def _rows(values: Mapping[str, Any], key: str) -> list[Any]:
    found = values.get(key)
    if not isinstance(found, list):
        raise ValueError(f"缺少“{key}”")
    return found


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
