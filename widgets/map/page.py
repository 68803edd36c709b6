"""Writes the map's page, once, with folium: local files only, no network, colours from the tokens.

The page never changes afterwards. Data reach it through the channel (channel.py), in small differences.
"""

import base64
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import folium
from branca.element import MacroElement
from folium.template import Template
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


class TicketMapPage(folium.Map):
    """folium's map with our lists of files instead of its ten remote ones.

    The lists are class attributes of this class on purpose: `add_js_link` would change those of folium.Map
    for the whole process (folium 0.20, elements.py `_add_link`).
    """

    default_js = [  # noqa: RUF012 - folium's own attribute, a list
        ("leaflet", "leaflet.js"),
        ("channel", CHANNEL_SCRIPT),
        ("marks", "marks.js"),
        ("heat", "heat.js"),
        ("layers", "layers.js"),
        ("overlays", "overlays.js"),
        ("map", "map.js"),
    ]
    default_css = [  # noqa: RUF012
        ("leaflet_css", "leaflet.css"),
        ("tokens_css", TOKENS_CSS),
        ("map_css", "map.css"),
    ]


class _Start(MacroElement):
    """The last script of the page: hands folium's map and the constant data to map.js."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "startTicketMap({{ this._parent.get_name() }}, {{ this.constants|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, constants: Mapping[str, object]) -> None:
        super().__init__()
        self._name = "start"
        self._id = "map"
        self.constants = constants


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
    _write(folder / PAGE, _html(document, text).encode())
    return folder / PAGE


def _html(boundaries: Mapping[str, object], text: PageText) -> str:
    page = TicketMapPage(
        location=[0, 0],
        tiles=None,
        zoom_control=False,
        font_size="18px",
        # Fractional zoom fits the city exactly; there are no tiles that would blur.
        zoom_snap=0,
        zoom_delta=0.5,
        wheel_px_per_zoom_level=120,
        # An animated zoom is dear without a GPU, and a wall should not swim.
        zoom_animation=False,
        fade_animation=False,
        inertia=False,
        attribution_control=False,
        double_click_zoom=False,
        # Own keys, see map.js: Leaflet's would pan by arrows only while the container has the focus.
        keyboard=False,
    )
    # folium names elements by random ids; a fixed one makes the page the same every time.
    page._id = "tickets"
    page.add_child(_Start({"boundaries": boundaries, "text": _plain(text)}))
    figure = page.get_root()
    figure.title = "tickets"
    html = str(figure.render())
    html = html.replace("<html>", f'<html lang="{text.language}">', 1)
    policy = POLICY.format(scripts=" ".join(_script_hashes(html)))
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return html.replace("<head>", f"<head>\n    {meta}", 1)


def _plain(text: PageText) -> dict[str, object]:
    return {
        "states": [
            {"colour": _variable(s.colour_name), "shape": s.shape, "word": s.word} for s in text.states
        ],
        "legend": list(text.legend),
        "words": dict(text.words),
        "approval": text.approval,
    }


def _script_hashes(html: str) -> list[str]:
    """Return the policy's sources of the page's own inline scripts, so that no other may run."""
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


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
