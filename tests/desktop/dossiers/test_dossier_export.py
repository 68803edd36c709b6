"""What an exported dossier holds, and how it is written (Y28, X06, X13)."""

import hashlib
import json
import re
import stat
import unicodedata
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PureWindowsPath

import pytest
from PySide6.QtCore import QBuffer
from PySide6.QtPdf import QPdfDocument

from data_access.errors import StoreError
from data_access.rules import load_rules
from desktop.dossiers import export, form
from desktop.dossiers.export import Exporting
from desktop.dossiers.paper import paper_of, sheets_of
from desktop.dossiers.paper_words import Section
from desktop.dossiers.proving import prove
from desktop.errors import WorldError
from desktop.exports.names import file_name
from tests.desktop.dossiers.conftest import NEVER_KEPT, PHOTO, REPORT, TICKET, Case, Parts


def test_it_holds_what_there_is(case: Case, parts: Parts) -> None:
    """Events of ticket, file and directive as hashed, clocks, evidence by sum, the seal that covers them."""
    dossier = json.loads(parts.files[form.DOSSIER])
    assert [row["to"] for row in dossier["hand_overs"]] == ["ecology", None, "housing"]
    (file,) = dossier["re_supervision_files"]
    assert [each["explanation"] for each in file["exchanges"]] == ["车辆外出"]
    assert {row["node"] for row in dossier["nodes"]} >= {"accept", "sign", "arrive"}
    assert dossier["directives"][0]["number"] == case.numbers["directive"]
    streams = [row["stream"] for row in json.loads(parts.files[form.MANIFEST])["streams"]]
    assert streams == [
        f"ticket/{TICKET}",
        f"re_supervision/{case.numbers['file']}",
        f"directive/{case.numbers['directive']}",
    ]
    photo, report = (hashlib.sha256(content).hexdigest() for content in (PHOTO, REPORT))
    assert parts.files[f"evidence/{photo}.png"] == PHOTO
    assert parts.files[f"evidence/{report}.pdf"] == REPORT
    listed = json.loads(parts.files[form.EVIDENCE])
    assert {row["name"] for row in listed["files"]} == {"CON.png", "值班表.pdf"}
    assert listed["missing"] == [NEVER_KEPT]
    assert f"seals/{case.numbers['day']}.json" in parts.files
    assert TICKET in parts.files[form.READ_ME].decode()


def test_no_complainant_is_in_it(case: Case, tmp_path: Path) -> None:
    """Who complained, and who looked at them, stays in the store."""
    name, phone = "欧阳绮罗", "13912345678"
    case.store.write(
        lambda c: c.exec_driver_sql(
            "INSERT INTO complainant VALUES (%s, %s, %s, false) ON CONFLICT DO NOTHING", (TICKET, name, phone)
        )
    )
    case.export(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        for entry in archive.namelist():
            content = archive.read(entry).decode(errors="replace")
            assert name not in content
            assert phone not in content
            assert not entry.startswith("events/") or "access" not in entry


def test_names_inside_are_safe_on_every_system(parts: Parts) -> None:
    for name in parts.files:
        path = PureWindowsPath(name)
        assert not path.is_absolute()
        assert ".." not in path.parts
        assert all(
            part == file_name(part.rpartition(".")[0], f".{part.rpartition('.')[2]}")
            for part in path.parts[-1:]
        )
    assert len({name.casefold() for name in parts.files}) == len(parts.files)


def test_the_same_store_and_moment_give_the_same_bytes(case: Case, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        case.export(tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.fixture
def paper(case: Case, qapp: object, tmp_path: Path) -> bytes:
    case.export(tmp_path / "with.zip", case.numbers["file"], paper=paper_of)
    with zipfile.ZipFile(tmp_path / "with.zip") as archive:
        return archive.read(form.PAPER)


def test_the_paper_says_all_of_it(case: Case, paper: bytes, tmp_path: Path) -> None:
    """Case, file with question and answer, clocks, hand-overs, events, evidence with its picture, heads."""
    buffer = QBuffer()
    buffer.setData(paper)
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    # Some Han letters come out of a PDF of Qt's as the radicals that look the same.
    pages = (document.getAllText(page).text() for page in range(document.pageCount()))
    said = unicodedata.normalize("NFKC", "".join(pages)).replace("⻋", "车")
    for words in ("夜间打桩", "为何超时", "车辆外出", "责任清单 3.12", "属工地噪声", "值班表.pdf", "38 m"):
        assert words in said
    assert case.numbers["file"] in said
    assert NEVER_KEPT[:32] in said.replace("\r\n", "")
    assert paper.count(b"/Subtype /Image") == 1


def test_the_same_paper_is_the_same_bytes(case: Case, paper: bytes, tmp_path: Path) -> None:
    """From another thread, and at another time of day."""
    work = Exporting(case.numbers["file"], tmp_path / "again.zip", case.moment, paper_of)
    later = case.moment + timedelta(seconds=1)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(case.store.read, lambda c: work(c, load_rules(c), later)).result()
    with zipfile.ZipFile(tmp_path / "again.zip") as archive:
        assert archive.read(form.PAPER) == paper
    assert f"(D:{case.moment:%Y%m%d%H%M%S}".encode() in paper


def test_a_folder_has_the_same_files(case: Case, packed: Path, tmp_path: Path) -> None:
    case.export(tmp_path / "folder", case.numbers["file"])
    with zipfile.ZipFile(packed) as archive:
        for name in archive.namelist():
            assert (tmp_path / "folder" / name).read_bytes() == archive.read(name)
    assert prove(tmp_path / "folder").is_proved


def test_a_past_moment_has_only_what_had_happened(case: Case, tmp_path: Path) -> None:
    early = case.store.read(
        lambda c: c.exec_driver_sql("SELECT min(at) FROM event WHERE kind = 'Signed'").scalar_one()
    )
    found = case.export(tmp_path / "past.zip", moment=early - timedelta(minutes=1))
    assert (found.events, found.evidence) == (5, 1)
    proof = prove(tmp_path / "past.zip")
    # The day's seal is over a later event of the stream, which is not in it.
    assert proof.is_proved
    assert [each.day for each in proof.covered] == [None]


@pytest.mark.parametrize("name", ["there.zip", "there"])
def test_nothing_is_overwritten_unless_asked(case: Case, tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    if name == "there":
        target.mkdir()
        (target / "mine.txt").write_text("mine")
    else:
        target.write_text("mine")
    with pytest.raises(WorldError, match="已经存在"):
        case.export(target)
    assert (target / "mine.txt" if name == "there" else target).read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_gives_way_when_asked(case: Case, tmp_path: Path) -> None:
    (tmp_path / "there.zip").write_text("mine")
    case.export(tmp_path / "there.zip", replace=True)
    assert prove(tmp_path / "there.zip").is_proved
    assert stat.S_IMODE((tmp_path / "there.zip").stat().st_mode) & 0o400


@pytest.mark.parametrize("name", ["a.zip", "a"])
def test_a_failed_export_leaves_nothing(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "close", full)
    with pytest.raises(OSError, match="No space"):
        case.export(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(case: Case, tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="写不了"):
        case.export(tmp_path / "no" / "a.zip")


def test_what_there_is_not_is_told(case: Case, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="没有工单或再监督"):
        case.export(tmp_path / "a.zip", "Z-2026-9999")
    assert list(tmp_path.iterdir()) == []


def _pages_of(paper: bytes) -> list[str]:
    """The text of each page without its blanks: a PDF has letters at places, not words."""
    buffer = QBuffer()
    buffer.setData(paper)
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    pages = (document.getAllText(page).text() for page in range(document.pageCount()))
    return ["".join(unicodedata.normalize("NFKC", page).split()) for page in pages]


def test_every_page_of_a_sample_says_so_and_clocks_have_their_seconds(case: Case, paper: bytes) -> None:
    pages = _pages_of(paper)
    assert len(pages) > 1
    assert all("(示例数据)·截至" in page for page in pages)
    said = "".join(pages)
    clocks = said[said.index("各环节时钟") : said.index("移交")]
    moments = re.findall(r"\d\d-\d\d-\d\d\d\d:\d\d(?::\d\d)?", clocks)
    # Accepting has a limit of minutes.
    assert len(moments) > 6
    assert all(len(moment) == len("26-10-0112:00:00") for moment in moments)


def test_what_stands_together_is_not_torn_by_the_end_of_a_page(qapp: object) -> None:
    """Wherever the page before it ends, the proof's heading is on the page of its last hash."""
    proof = Section("PROOF", tuple(f"stream-{n}\n{'ab' * 32}" for n in range(6)), together=True)
    torn = 0
    moment = datetime(2026, 10, 1, 4, 0, tzinfo=UTC)
    for before in range(26, 50, 3):
        events = Section("事件", tuple(f"event {n}" for n in range(before)))
        for section in (proof, replace(proof, together=False)):
            pages = _pages_of(sheets_of("卷宗", "题", (events, section), moment))
            heading = next(n for n, page in enumerate(pages) if "PROOF" in page)
            last = next(n for n, page in enumerate(pages) if "stream-5" in page)
            if section.together:
                assert heading == last
            else:
                torn += heading != last
    assert torn
