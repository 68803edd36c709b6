"""Exports a dossier from a store: events as they were hashed, what follows from them, evidence, seals, paper.

Blocking: call from a worker thread. The same store and the same moment give the same bytes.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from data_access import evidence
from data_access.errors import StoreError
from data_access.readers.bundle import Bundle, Kept, read_bundle
from data_access.rules import Rules
from data_access.store import Connection
from desktop.dossiers import form
from desktop.dossiers.package import Package, close, package
from desktop.dossiers.read_me import read_me
from desktop.exports.names import file_name
from desktop.reports.values import dossier_values
from domain.dossier_proof import Record, named_evidence
from domain.frozen_facts import hand_overs
from domain.re_supervision import ReSupervision
from domain.seal import spelled

Paper = Callable[[Bundle, Callable[[str], bytes | None]], bytes]
"""Makes the readable PDF of a dossier; gets the content of a kept file by its checksum."""


class NoSuchDossierError(StoreError):
    """There is no such ticket or file, for whoever asks."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: where, how many files, events and files of evidence, and the manifest's SHA-256."""

    path: Path
    number: str
    files: int
    events: int
    evidence: int
    missing: int
    sealed_until: str | None
    fingerprint: str

    @property
    def spelled(self) -> str:
        """The fingerprint as it is read out."""
        return spelled(bytes.fromhex(self.fingerprint))


class Exporting:
    """A reading that writes a dossier as it reads it, in one snapshot of the store.

    `moment` None is now, to the second. `paper` None leaves the PDF out.
    """

    def __init__(
        self, number: str, path: Path, moment: datetime | None, paper: Paper | None, *, replace: bool = False
    ) -> None:
        self._number = number
        self._path = path
        self._moment = moment
        self._paper = paper
        self._replace = replace

    def __call__(self, connection: Connection, rules: Rules, now: datetime) -> Exported:
        """Write it.

        Raises:
            NoSuchDossierError: there is no such ticket or file, for whoever asks.
            EvidenceError: a file of evidence is not what its checksum says.
            WorldError: it cannot be written; nothing is left of it.
        """
        moment = (self._moment or now).replace(microsecond=0)
        bundle = read_bundle(connection, rules, self._number, moment, max(now, moment))
        if bundle is None:
            raise NoSuchDossierError(
                f"没有工单或再监督 {self._number}，或您看不到它。", "核对编号，例如 Z-2026-0001。"
            )
        with package(self._path, moment, replace=self._replace) as into:
            return _write(connection, rules, bundle, into, self._paper)


def _write(
    connection: Connection, rules: Rules, bundle: Bundle, into: Package, paper: Paper | None
) -> Exported:
    def content(checksum: str) -> bytes | None:
        kept = bundle.evidence.get(checksum)
        return evidence.content_of(connection, kept.matter, checksum) if kept is not None else None

    zone = rules.calendar.zone
    if paper is not None:
        into.add(form.PAPER, paper(bundle, content))
    into.add(form.READ_ME, read_me(bundle, zone).encode())
    into.add(form.DOSSIER, form.json_bytes(_dossier(bundle, rules)))
    streams = []
    for place, (stream, records) in enumerate(bundle.streams.items(), start=1):
        name = f"{form.EVENTS}/{place:02d}-{file_name(stream.replace('/', '-'), '.json')}"
        into.add(name, form.json_bytes({"stream": stream, "events": list(map(form.record_values, records))}))
        streams.append(_listed(stream, name, records))
    missing = _write_evidence(bundle, into, content)
    for seal in bundle.seals:
        name = f"{form.SEALS}/{seal.day}.json"
        into.add(name, form.json_bytes(form.seal_values(seal, bundle.heads[seal.day])))
    until = bundle.sealed_until.isoformat() if bundle.sealed_until is not None else None
    manifest: dict[str, object] = {
        "format": form.FORMAT,
        "number": bundle.number,
        "ticket": bundle.ticket,
        "city": bundle.city,
        "as_of": bundle.dossier.clock.as_of,
        "streams": streams,
        "sealed_until": until,
        "left_out": ["complainant", "access"],
    }
    count = len(into.listed) + 2
    total = close(into, manifest)
    events = sum(map(len, bundle.streams.values()))
    return Exported(
        into.path, bundle.number, count, events, len(bundle.evidence), missing, until, total.hex()
    )


def _write_evidence(bundle: Bundle, into: Package, content: Callable[[str], bytes | None]) -> int:
    """Add the files of evidence and their names; return how many events name that are not kept."""
    named = named_evidence(bundle.streams)
    files = []
    for checksum, kept in sorted(bundle.evidence.items()):
        found = content(checksum)
        if found is None:
            continue
        name = f"{form.FILES}/{checksum}{form.ENDINGS[kept.file.media_type]}"
        into.add(name, found)
        files.append(_evidence(name, kept, named.get(checksum, [])))
    there = {row["sha256"] for row in files}
    missing = sorted(checksum for checksum in named if checksum not in there)
    into.add(form.EVIDENCE, form.json_bytes({"files": files, "missing": missing}))
    return len(missing)


def _evidence(name: str, kept: Kept, named_by: list[str]) -> dict[str, Any]:
    file = kept.file
    return {
        "sha256": file.sha256,
        "file": name,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "kept_with": kept.matter,
        "kept_at": file.kept_at,
        "named_by": named_by,
    }


def _listed(stream: str, name: str, records: tuple[Record, ...]) -> dict[str, Any]:
    return {"stream": stream, "file": name, "events": len(records), "head": records[-1].hash.hex()}


def _dossier(bundle: Bundle, rules: Rules) -> dict[str, Any]:
    """What follows from the events, for people and programs: it can be computed again from them."""
    shown = bundle.dossier
    values = dossier_values(shown, rules.calendar.zone)
    # The events themselves stand in their own files, as they were hashed.
    for name in ("events", "chain_ok", "facts"):
        values.pop(name)
    facts = asdict(shown.facts)
    for name in ("complainant", "secrecy"):
        facts.pop(name)
    events = [row.event for row in shown.log]
    return {
        **values,
        "facts": facts,
        "hand_overs": list(hand_overs(events)),
        "re_supervision_files": [_file(file) for file in bundle.files],
        "names": dict(sorted(shown.names.items())),
    }


def _file(file: ReSupervision) -> dict[str, Any]:
    values = asdict(file)
    # The frozen facts stand in the event that launched it.
    values.pop("facts")
    return values
