"""The map's page as folium writes it. Loaded only to write one: folium takes its time to load."""

import base64
import hashlib
import re
from collections.abc import Mapping

import folium
from branca.element import MacroElement
from folium.template import Template

from widgets.map.page import CHANNEL_SCRIPT, POLICY, TOKENS_CSS, PageText, plain


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


def html_of(boundaries: Mapping[str, object], text: PageText) -> str:
    """Return the page with folium's map on it, the same for the same boundaries and words."""
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
    page.add_child(_Start({"boundaries": boundaries, "text": plain(text)}))
    figure = page.get_root()
    figure.title = "tickets"
    html = str(figure.render())
    html = html.replace("<html>", f'<html lang="{text.language}">', 1)
    policy = POLICY.format(scripts=" ".join(_script_hashes(html)))
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return html.replace("<head>", f"<head>\n    {meta}", 1)


def _script_hashes(html: str) -> list[str]:
    """Return the policy's sources of the page's own inline scripts, so that no other may run."""
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
