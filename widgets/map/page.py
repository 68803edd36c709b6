"""Writes the map's page, once, with folium: local files only, no network, colours from the tokens.

The page never changes afterwards. Data reach it through the channel (channel.py), in small differences. What
it was made of is kept beside it, so that the next start need not make it again (folium_page.py).
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from xstatic.pkg import leaflet

from widgets.map.counties import read_boundaries
from widgets.tokens import Tokens

RESOURCES = Path(__file__).resolve().parents[2] / "resources" / "map"
# Leaflet comes from its package, whose version is the one that this folium's templates are written for.
LEAFLET = Path(leaflet.BASE_DIR)
OWN_FILES = ("map.js", "marks.js", "heat.js", "layers.js", "overlays.js", "map.css")
LEAFLET_FILES = ("leaflet.js", "leaflet.css")
# Qt serves this file from its own resources: no copy to keep in step with the library.
CHANNEL_SCRIPT = "qrc:///qtwebchannel/qwebchannel.js"
PAGE = "index.html"
MADE_OF = "index.made-of"
TOKENS_CSS = "tokens.css"
POLICY = (
    "default-src 'none'; script-src file: qrc: {scripts}; style-src file: 'unsafe-inline'; img-src file:;"
    " worker-src 'none'; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, slots=True)
class Legend:
    """One state on the map: its colour's token, its shape ("circle", "triangle", …) and its word."""

    colour_name: str
    shape: str
    word: str


@dataclass(frozen=True, slots=True)
class PageText:
    """All that the page says. `states`: one legend a state, in the order of points.STATES.

    `legend`: positions in `states` in the order of the legend on screen; `words`: the rest, by the names that
    overlays.js has for them; `approval`: the approval number (审图号) of the boundaries, empty for none.
    """

    states: tuple[Legend, ...]
    legend: tuple[int, ...]
    words: Mapping[str, str]
    approval: str = ""
    language: str = "zh-CN"


def write_page(folder: Path, boundaries: Path, tokens: Tokens, text: PageText) -> Path:
    """Write the page and its files into a folder, those that differ, and return the page's path.

    Several programs may share the folder: every file appears whole or not at all.

    Raises:
        OSError: a file cannot be read or written.
        ValueError: the boundaries' file is no GeoJSON of counties (counties.read_boundaries).
    """
    document = read_boundaries(boundaries)
    folder.mkdir(parents=True, exist_ok=True)
    for name in LEAFLET_FILES:
        _write(folder / name, (LEAFLET / name).read_bytes())
    for name in OWN_FILES:
        _write(folder / name, (RESOURCES / name).read_bytes())
    _write(folder / TOKENS_CSS, _tokens_css(tokens).encode())
    page = folder / PAGE
    made_of = _digest(
        Path(__file__).with_name("folium_page.py").read_bytes(),
        *(version(library).encode() for library in ("folium", "branca")),
        json.dumps(document).encode(),
        json.dumps(plain(text), ensure_ascii=True).encode(),
        text.language.encode(),
    )
    if _is_made_of(page, made_of):
        return page
    from widgets.map.folium_page import html_of

    content = html_of(document, text).encode()
    _write(page, content)
    _write(folder / MADE_OF, f"{made_of} {_digest(content)}".encode())
    return page


def _is_made_of(page: Path, made_of: str) -> bool:
    """Whether the page lies there as it was written, of the same things."""
    try:
        written = page.with_name(MADE_OF).read_text("utf-8")
        return written == f"{made_of} {_digest(page.read_bytes())}"
    except (OSError, UnicodeError):
        return False


def _digest(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        # The length first: two parts are never taken for others that make the same bytes.
        whole.update(f"{len(part)}:".encode() + part)
    return whole.hexdigest()


def plain(text: PageText) -> dict[str, object]:
    """Return the words as the page's scripts take them."""
    return {
        "states": [
            {"colour": _variable(s.colour_name), "shape": s.shape, "word": s.word} for s in text.states
        ],
        "legend": list(text.legend),
        "words": dict(text.words),
        "approval": text.approval,
    }


def _variable(name: str) -> str:
    return "--" + name.replace("_", "-")


def _tokens_css(tokens: Tokens) -> str:
    """Return the style sheet that hands every token to the page.

    The face is the installed font under a name of its own, all weights: as a system font the variable CJK
    font has its regular weight only in Chromium 130.
    """
    lines = [f"    {_variable(name)}: {value};" for name, value in tokens.colours.items()]
    lines += [f"    {_variable(name)}: {value}px;" for name, value in tokens.sizes.items()]
    family = json.dumps(tokens.family)
    return (
        f'@font-face {{ font-family: "Tickets"; src: local({family}); font-weight: 100 900; }}\n'
        f':root {{\n    --family: "Tickets", {family}, "Microsoft YaHei", "PingFang SC", sans-serif;\n'
        + "\n".join(lines)
        + "\n}\n"
    )


def _write(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
