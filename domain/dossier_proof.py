"""What an exported dossier proves by itself: its events, by their hashes, seals and frozen heads (Y28).

Pure: it takes what a reader has found in the dossier, and asks no store. What it cannot prove it says:
behind the last event that a seal covers, others may have been cut off.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.chain import GENESIS, event_hash
from domain.seal import Seal, SealedHead, seal_hash

LAUNCHED = "ReSupervisionLaunched"
TICKET = "ticket/"


@dataclass(frozen=True, slots=True)
class Record:
    """An event as it was hashed: `data` is the canonical text, moments are aware."""

    stream: str
    seq: int
    kind: str
    at: datetime
    role: str
    person: str
    body: str | None
    data: str
    recorded_at: datetime
    previous: bytes
    hash: bytes

    @property
    def computed(self) -> bytes | None:
        """The hash that follows from its fields; None where a field cannot be told from its neighbours."""
        who = (self.role, self.person, self.body)
        try:
            return event_hash(
                self.previous, self.stream, self.seq, self.kind, self.at, who, self.data, self.recorded_at
            )
        except ValueError:
            return None

    @property
    def values(self) -> Mapping[str, Any]:
        """The fields of the fact; none where the text is no object."""
        try:
            found = json.loads(self.data)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that does not fit: where it is (`ticket/XZ-1 #5`, a file's path), and what."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Covered:
    """How far a seal vouches for a stream: up to event `seq`, by that of `day`; 0 and None for not at all."""

    stream: str
    events: int
    seq: int = 0
    day: date | None = None

    @property
    def unsealed(self) -> int:
        """How many events are behind what the seal covers."""
        return self.events - self.seq


def chain_flaws(stream: str, records: Sequence[Record], head: bytes | None) -> Iterator[Flaw]:
    """Yield what does not fit in a stream: each event's hash, the chain, the head that the manifest names."""
    previous, expected = GENESIS, 1
    last: Record | None = None
    for record in records:
        where = f"{stream} #{record.seq}"
        if record.stream != stream:
            yield Flaw(where, f"属于另一条流 {record.stream}")
        if record.seq != expected:
            yield Flaw(where, _out_of_place(record.seq, expected))
        elif record.previous != previous:
            if last is not None and record.computed == record.hash:
                # It is as it was, and points at what stood before it: that is another one now.
                yield Flaw(f"{stream} #{last.seq}", f"被改动，连同它的散列：#{record.seq} 仍指向原来的散列")
            else:
                yield Flaw(where, "所记的前一事件的散列不符")
        if record.computed != record.hash:
            yield Flaw(where, "内容与散列不符：事件被改动")
        previous, expected, last = record.hash, record.seq + 1, record
    if head is not None and (last is None or last.hash != head):
        end = f"{stream} #{last.seq}" if last is not None else stream
        yield Flaw(end, "末端与清单所列的不符：其后的事件被删去，或末端连同散列被改动")


def frozen_flaws(records: Mapping[str, Sequence[Record]]) -> Iterator[Flaw]:
    """Yield where a ticket is not as a file that was launched on it has frozen it.

    A launch names the hash of the ticket's last event then: whoever cuts the ticket's log off before it, or
    writes it anew, would have to write the file anew as well.
    """
    for stream, events in records.items():
        drafted = events[0].values if events else {}
        ticket = TICKET + str(drafted.get("ticket", ""))
        if ticket not in records:
            continue
        hashes = {record.hash.hex(): record for record in records[ticket]}
        for event in events:
            if event.kind != LAUNCHED:
                continue
            head = str(event.values.get("head", ""))
            frozen = _frozen_events(event)
            where = f"{stream} #{event.seq}"
            if head not in hashes:
                yield Flaw(
                    ticket, f"启动再监督时的末端 {head[:16]}… 不在其中：此前的事件被改动或删去（{where}）"
                )
            elif frozen is not None:
                seen = [r for r in records[ticket] if r.seq <= hashes[head].seq]
                if not _are(frozen, seen):
                    yield Flaw(where, "启动时固定的事实与工单的事件不符")


def covered(
    records: Mapping[str, Sequence[Record]],
    sealed: Mapping[date, Seal],
    heads: Mapping[date, Sequence[SealedHead]],
) -> tuple[tuple[Covered, ...], tuple[Flaw, ...]]:
    """Return how far seals vouch for each stream, and what of the seals does not fit.

    `heads` are all heads that a day's seal was made over: the seal is computed again from them.
    """
    flaws: list[Flaw] = []
    best = {stream: Covered(stream, len(found)) for stream, found in records.items()}
    for day in sorted(sealed):
        seal, own = sealed[day], sorted(heads.get(day, ()), key=_by_name)
        found = seal_hash(seal.previous, seal.day, seal.until, seal.streams, seal.events, own)
        if found != seal.hash or len(own) != seal.streams:
            flaws.append(Flaw(f"seal/{day}", "日封与它所封的各流末端不符：日封或末端被改动"))
            continue
        for head in own:
            if head.stream not in records:
                continue
            event = next((r for r in records[head.stream] if r.seq == head.seq), None)
            if event is None:
                reason = f"{day} 封存时到 #{head.seq}，现在没有这个事件：末尾被删去"
                flaws.append(Flaw(f"{head.stream} #{head.seq}", reason))
            elif event.hash != head.hash:
                reason = f"与 {day} 封存的不同：它或它之前的事件被改动，其后的链已重算"
                flaws.append(Flaw(f"{head.stream} #{head.seq}", reason))
            elif head.seq > best[head.stream].seq:
                best[head.stream] = Covered(head.stream, len(records[head.stream]), head.seq, day)
    return tuple(best.values()), tuple(flaws)


def named_evidence(records: Mapping[str, Sequence[Record]]) -> dict[str, list[str]]:
    """Return the checksums that events name, each with the events that do, as `stream #seq`."""
    found: dict[str, list[str]] = {}
    for stream, events in records.items():
        for event in events:
            sums = event.values.get("evidence", ())
            for checksum in sums if isinstance(sums, list) else ():
                found.setdefault(str(checksum), []).append(f"{stream} #{event.seq}")
    return found


def _out_of_place(seq: int, expected: int) -> str:
    if seq > expected:
        missing = f"#{expected}" if seq == expected + 1 else f"#{expected} 至 #{seq - 1}"
        return f"前面的事件 {missing} 缺失，或次序被打乱"
    return f"次序不符：应为 #{expected}"


def _frozen_events(event: Record) -> list[Any] | None:
    try:
        found = json.loads(str(event.values.get("facts", "")))["events"]
    except (KeyError, TypeError, ValueError):
        return None
    return found if isinstance(found, list) else None


def _are(frozen: Sequence[Any], records: Sequence[Record]) -> bool:
    """Whether these are the frozen events: the same facts by the same people at the same moments."""
    in_time = sorted(records, key=_moment)
    return len(frozen) == len(in_time) and all(
        isinstance(fact, dict)
        and (fact.get("kind"), fact.get("person"), fact.get("role"), fact.get("body"))
        == (record.kind, record.person, record.role, record.body)
        and fact.get("data") == record.values
        and _is_moment(fact.get("at"), record.at)
        for fact, record in zip(frozen, in_time, strict=True)
    )


def _is_moment(text: object, moment: datetime) -> bool:
    try:
        return datetime.fromisoformat(str(text)) == moment
    except (TypeError, ValueError):
        return False


def _moment(record: Record) -> tuple[datetime, int]:
    return (record.at, record.seq)


def _by_name(head: SealedHead) -> bytes:
    return head.stream.encode()
