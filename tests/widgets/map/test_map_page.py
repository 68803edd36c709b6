"""The page on disk: written once, the same every time, and with no address beyond this machine."""

import re
from dataclasses import replace
from pathlib import Path

import folium
import pytest

from tests.widgets.map.samples import write_boundaries
from widgets.map.folium_page import TicketMapPage
from widgets.map.page import LEAFLET, Legend, PageText, write_page
from widgets.tokens import tokens

TEXT = PageText(
    states=(Legend("overdue", "square", "超期"), Legend("done", "circle", "已办")),
    legend=(1, 0),
    words={"home": "全市"},
)
REMOTE = re.compile(r"""(?:https?:)?//[\w.-]+\.\w+""")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return write_page(tmp_path / "page", write_boundaries(tmp_path), tokens(), TEXT)


def test_the_page_names_no_remote_address(page: Path) -> None:
    # Leaflet's own file names its home in a line that is off (attribution_control) and is no request.
    for name in (
        "index.html",
        "tokens.css",
        "map.css",
        "map.js",
        "marks.js",
        "heat.js",
        "layers.js",
        "overlays.js",
    ):
        found = REMOTE.findall((page.parent / name).read_text(encoding="utf-8").replace("qrc:///", ""))
        assert found == [], name


def test_all_that_the_page_loads_lies_beside_it(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    addresses = re.findall(r'(?:src|href)="([^"]+)"', html)
    local = [address for address in addresses if not address.startswith("qrc:///")]
    assert len(local) >= 6
    for address in local:
        assert (page.parent / address).is_file(), address


def test_the_policy_denies_the_network_and_foreign_scripts(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html).group(1)
    assert policy.startswith("default-src 'none';")
    scripts = re.search(r"script-src ([^;]+)", policy).group(1)
    assert "unsafe" not in scripts
    assert "http" not in policy
    assert scripts.count("sha256-") == len(re.findall(r"<script>", html))
    # The policy stands before the first script, or it would come too late for it.
    assert html.index("Content-Security-Policy") < html.index("<script")


def test_leaflet_is_the_one_that_folium_is_written_for() -> None:
    named = dict(folium.Map.default_js)["leaflet"]
    version = re.search(r"leaflet@([\d.]+)", named).group(1)
    assert f"Leaflet {version}" in (LEAFLET / "leaflet.js").read_text(encoding="utf-8")[:200]


def test_foliums_own_lists_stay_as_they_are() -> None:
    assert TicketMapPage.default_js is not folium.Map.default_js
    assert len(folium.Map.default_js) >= 4
    assert all(url.startswith("https://") for _, url in folium.Map.default_js)


def test_writing_again_touches_no_file(tmp_path: Path, page: Path) -> None:
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in page.parent.iterdir()}
    again = write_page(page.parent, write_boundaries(tmp_path), tokens(), TEXT)
    after = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in page.parent.iterdir()}
    assert again == page
    assert after == before


def test_a_page_that_was_spoilt_or_is_of_other_things_is_written_again(tmp_path: Path, page: Path) -> None:
    whole = page.read_bytes()
    for spoil in (b"", whole.replace("超期".encode(), b"x")):
        page.write_bytes(spoil)
        write_page(page.parent, write_boundaries(tmp_path), tokens(), TEXT)
        assert page.read_bytes() == whole
    write_page(page.parent, write_boundaries(tmp_path), tokens(), replace(TEXT, words={"home": "全区"}))
    assert page.read_bytes() != whole


def test_every_colour_of_the_page_is_a_token(page: Path) -> None:
    known = set(re.findall(r"(--[\w-]+):", (page.parent / "tokens.css").read_text(encoding="utf-8")))
    for name in ("map.css", "marks.js"):
        source = (page.parent / name).read_text(encoding="utf-8")
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b", source), name
        used = set(re.findall(r"""(?:var\(|")(--[\w-]+)""", source))
        assert used
        assert used <= known, name


def test_names_that_look_like_markup_stay_text(tmp_path: Path) -> None:
    boundaries = write_boundaries(tmp_path)
    evil = "</script><script>alert(1)</script>"
    boundaries.write_text(boundaries.read_text(encoding="utf-8").replace("甲县", evil), encoding="utf-8")
    path = write_page(tmp_path / "page", boundaries, tokens(), replace(TEXT, approval=evil))
    assert "alert(1)</script>" not in path.read_text(encoding="utf-8")


def test_the_approval_number_is_on_the_page(tmp_path: Path) -> None:
    text = replace(TEXT, approval="审图号：GS（示例）0000号")
    path = write_page(tmp_path / "page", write_boundaries(tmp_path), tokens(), text)
    html = path.read_text(encoding="utf-8")
    assert "GS" in html
    assert '"approval": "' in html
