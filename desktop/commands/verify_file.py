"""`verify FILE`: what an exported dossier proves, in one look."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

from desktop.dossiers.proving import Proof, prove
from desktop.errors import WorldError
from desktop.reports.values import print_json
from domain.seal import DIGITS, read_out, spelled

MOST = 40
"""Flaws that are named one by one on the terminal; all are in the JSON."""


def prove_file(
    file: Path, printed: tuple[date, bytes] | None, fingerprint: str | None, *, as_json: bool
) -> int:
    """Prove a dossier, say so, and return the command's code: 0 proved, 1 something does not fit.

    Raises:
        WorldError: it is no dossier that can be read, or the fingerprint is none.
    """
    proof = prove(file, printed, None if fingerprint is None else _digits(fingerprint))
    if as_json:
        values = asdict(proof)
        for seal, said in zip(proof.seals, values["seals"], strict=True):
            said["spelled"] = spelled(seal.hash)
            said.pop("sealed_at")  # no hash covers it: it is not in the dossier
        print_json({"ok": proof.is_proved, **values, "not_proved": list(_not_proved(proof))})
    else:
        sys.stdout.write("\n".join(_lines(proof)) + "\n")
    return 0 if proof.is_proved else 1


def _lines(proof: Proof) -> Iterator[str]:
    of = proof.number if proof.number == proof.ticket else f"{proof.number}（工单 {proof.ticket}）"
    counts = f"{proof.streams} 条流 {proof.events:,} 个事件、{proof.evidence} 份证据、{proof.files} 个文件"
    if proof.is_proved:
        yield f"● 已证明：卷宗 {of}：{counts}，逐一重算，全部吻合。"
    else:
        yield f"■ 不吻合：卷宗 {of}：{len(proof.flaws)} 处（已查 {counts}）"
        yield from (f"  ■ {flaw.where}：{flaw.reason}" for flaw in proof.flaws[:MOST])
        if len(proof.flaws) > MOST:
            yield f"  … 另有 {len(proof.flaws) - MOST} 处，见 --json"
    for each in proof.covered:
        if each.day is not None:
            yield f"  ● {each.stream} #1–#{each.seq}：由 {each.day} 的日封覆盖"
    for seal in proof.seals:
        yield f"  日封 {seal.day}：{spelled(seal.hash)}"
    yield from (f"  ○ 不能证明：{line}" for line in _not_proved(proof))
    yield f"  清单指纹：{spelled(bytes.fromhex(proof.fingerprint))}"


def _not_proved(proof: Proof) -> Iterator[str]:
    """What the file alone cannot show, said whether or not all of it fits."""
    for each in proof.covered:
        if each.day is None:
            open_ = "末尾是否被截去、整条链是否被重写，须与指纹或库对照"
            yield f"{each.stream} 的 {each.events} 个事件尚无日封覆盖：{open_}"
        elif each.unsealed:
            first = each.seq + 1
            span = f"#{first}" if each.unsealed == 1 else f"#{first}–#{each.events}"
            yield f"{each.stream} {span} 尚无日封覆盖：其后是否还有事件被截去，须与指纹或库对照"
    if proof.seals:
        days = "、".join(str(seal.day) for seal in proof.seals)
        yield f"日封本身出自该库：请与 {days} 日报上印出的 64 位对照（--seal 日期 散列）"
    if proof.missing:
        sums = "、".join(f"{total[:16]}…" for total in proof.missing[:5])
        yield f"{len(proof.missing)} 份证据登记了校验和，导出时库中没有文件：{sums}"


def _digits(text: str) -> str:
    try:
        return read_out(text).hex()
    except ValueError as error:
        raise WorldError(
            f"--fingerprint {text!r}：不是 {DIGITS} 位十六进制数（{error}）", "照导出时记下的抄写，空格不限。"
        ) from error
