"""Figure 6 from inside: the program's map, then folium's FastMarkerCluster, on pages of the same size.

`python -m benchmarks.maps TURNS` reads the open tickets of the store that QINGSHAO_DATABASE_URL names.
"""

import asyncio
import re
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import folium
import numpy as np
from folium.plugins import FastMarkerCluster
from PySide6.QtCore import QUrl
from PySide6.QtWebEngineWidgets import QWebEngineView
from xstatic.pkg import leaflet, leaflet_markercluster

from benchmarks.window import tell
from data_access.log import transaction_time
from data_access.readers.board import open_tickets
from data_access.store import Connection
from desktop import runtime
from desktop.city import CITY_FOLDER
from desktop.live.board import STATES, URGENCIES, Board
from desktop.pages.map import FrameFeeder
from widgets.map.points import PointColumns
from widgets.map.view import TicketMap
from widgets.scale import Scale
from widgets.style import load_fonts

WIDTH, HEIGHT = 1366, 768
CHANGED = 50
"""Tickets that change between two pictures: what 500 changes a second bring in a tick."""

SHIFT = 180
ZOOM = 11
PATIENCE_SECONDS = 120
REST_SECONDS = 0.5
POLL_SECONDS = 0.002
FRAMES = 5
"""As many frames as the program's own page waits before it says that something is on screen (map.js)."""

# folium's page says in its title when what was drawn is on screen.
SAY_PAINTED = """
(function () {
    function after(left) {
        var drawn = document.querySelector(".leaflet-marker-icon");
        if (left === 0) document.title = (drawn ? "painted " : "nothing drawn ") + %d;
        else requestAnimationFrame(function () { after(left - 1); });
    }
    %s
    after(%d);
})();
"""
PLAIN_MARKER = "function (row) { return L.marker(new L.LatLng(row[0], row[1])); }"
PAN = "%s.panBy([%d, 0], { animate: false });"


async def _warm_up() -> None:
    """Start Chromium's processes on an empty page, so that neither map bears that alone."""
    view = QWebEngineView()
    view.resize(WIDTH, HEIGHT)
    view.show()
    view.page().setHtml("<title>warm</title>")
    while view.page().title() != "warm":
        await asyncio.sleep(POLL_SECONDS)
    view.deleteLater()


async def ours(board: Board, now: object, turns: int) -> None:
    """The map as the program has it, its frames made beside the window's thread."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        scale = Scale()
        ticket_map = TicketMap(scale, CITY_FOLDER / "boundaries.geojson", Path(folder))
        feeder = FrameFeeder(ticket_map, ticket_map)
        ticket_map.resize(WIDTH, HEIGHT)
        ticket_map.show()
        codes = tuple(ticket_map.county_codes)
        states = board.states(now)  # type: ignore[arg-type]
        ticket_map.show_columns(_columns(board, states, codes))
        await _settled(ticket_map)
        tell("ours_first", ms=_since(begun))
        random = Random(3)  # noqa: S311 - the same changes every time
        for _ in range(turns):
            await asyncio.sleep(REST_SECONDS)
            changed = states.copy()
            for place in random.sample(range(len(board)), min(CHANGED, len(board))):
                changed[place] = random.randrange(len(STATES) - 1)
            begun = time.perf_counter()
            ticket_map.show_columns(_columns(board, changed, codes))
            await _settled(ticket_map)
            tell("ours_update", ms=_since(begun))
        ticket_map.page.runJavaScript(f"map_tickets.setZoom({ZOOM}); 1")
        await asyncio.sleep(2)
        for turn in range(turns):
            await asyncio.sleep(REST_SECONDS)
            wanted = ticket_map.render_state().wanted
            begun = time.perf_counter()
            ticket_map.page.runJavaScript(PAN % ("map_tickets", SHIFT * (-1) ** turn))
            while ticket_map.render_state().wanted == wanted and _since(begun) < 1000 * PATIENCE_SECONDS:
                await asyncio.sleep(POLL_SECONDS)
            await _settled(ticket_map)
            tell("ours_pan", ms=_since(begun))
        feeder.deleteLater()
        ticket_map.deleteLater()
        await asyncio.sleep(REST_SECONDS)


async def theirs(board: Board, turns: int) -> None:
    """folium writes a page with all points; for each update it is written and loaded again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        points = np.stack([board.lat, board.lng], axis=1)
        points = points[~np.isnan(points).any(axis=1)].tolist()
        begun = time.perf_counter()
        view = QWebEngineView()
        view.resize(WIDTH, HEIGHT)
        view.show()
        page = _folium_page(folder, points)
        await _load(view, page)
        tell("folium_first", ms=_since(begun))
        for _ in range(min(turns, 5)):
            await asyncio.sleep(REST_SECONDS)
            begun = time.perf_counter()
            page = _folium_page(folder, points)
            await _load(view, page)
            tell("folium_update", ms=_since(begun))
        await _run(view, f"{page.map_name}.setZoom({ZOOM}, {{ animate: false }});", -1)
        for turn in range(turns):
            await asyncio.sleep(REST_SECONDS)
            begun = time.perf_counter()
            await _run(view, PAN % (page.map_name, SHIFT * (-1) ** turn), turn)
            tell("folium_pan", ms=_since(begun))
        view.deleteLater()
        await asyncio.sleep(REST_SECONDS)


class _Page:
    def __init__(self, file: Path, map_name: str) -> None:
        self.file, self.map_name = file, map_name


def _folium_page(folder: Path, points: list[list[float]]) -> _Page:
    """What a Python user writes, but for the scripts: from local packages instead of the network."""
    made = folium.Map(location=[34.2, 117.3], zoom_start=9, tiles=None, prefer_canvas=True, maxZoom=18)
    # The default callback wants the plugin of folium's coloured icons, too; a plain marker is quicker.
    FastMarkerCluster(points, callback=PLAIN_MARKER).add_to(made)
    html = made.get_root().render()
    for remote, local in _local_scripts(html):
        html = html.replace(remote, local)
    file = folder / "folium.html"
    file.write_text(html, "utf-8")
    return _Page(file, made.get_name())


def _local_scripts(html: str) -> list[tuple[str, str]]:
    """Return each remote address with the local file in its place, an empty page for what needs none."""
    cluster = Path(leaflet_markercluster.BASE_DIR)
    files = {
        "leaflet.js": Path(leaflet.BASE_DIR) / "leaflet.js",
        "leaflet.css": Path(leaflet.BASE_DIR) / "leaflet.css",
        "leaflet.markercluster.js": cluster / "leaflet.markercluster.js",
        "MarkerCluster.css": cluster / "MarkerCluster.css",
        "MarkerCluster.Default.css": cluster / "MarkerCluster.Default.css",
    }
    found = []
    for address in set(re.findall(r'(?:src|href)="(https://[^"]+)"', html)):
        local = files.get(address.rsplit("/", 1)[-1])
        found.append((address, local.as_uri() if local else "data:,"))
    return found


async def _load(view: QWebEngineView, page: _Page) -> None:
    loaded = asyncio.Event()

    def take(_ok: bool) -> None:
        loaded.set()

    view.page().loadFinished.connect(take)
    view.page().load(QUrl.fromLocalFile(str(page.file)))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await loaded.wait()
    view.page().loadFinished.disconnect(take)
    await _run(view, "", 1_000_000)


async def _run(view: QWebEngineView, script: str, turn: int) -> None:
    """Run a script in folium's page and wait until its effect is on screen."""
    wanted = f"painted {turn}"
    view.page().runJavaScript(SAY_PAINTED % (turn, script, FRAMES))
    end = time.monotonic() + PATIENCE_SECONDS
    while view.page().title() != wanted:
        if time.monotonic() > end:
            raise TimeoutError("folium's page does not answer")
        await asyncio.sleep(POLL_SECONDS)


async def _settled(ticket_map: TicketMap) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not ((state := ticket_map.render_state()).settled and state.marks):
        if time.monotonic() > end:
            raise TimeoutError(f"the map does not settle: {state}")
        await asyncio.sleep(POLL_SECONDS)


def _columns(board: Board, states: object, counties: tuple[str, ...]) -> PointColumns:
    return PointColumns.from_arrays(
        numbers=board.number,
        lng=board.lng,
        lat=board.lat,
        state=states,  # type: ignore[arg-type]
        states=STATES,
        urgency=board.urgency,
        urgencies=URGENCIES,
        counties=counties,
        area=board.area,
        areas=board.areas.names,
    )


def _board(connection: Connection) -> tuple[Board, object]:
    return Board.of(open_tickets(connection)), transaction_time(connection)


def _since(begun: float) -> float:
    return round(1000 * (time.perf_counter() - begun), 2)


def main(arguments: list[str]) -> int:
    """Run both, ours first."""
    from desktop import environment, settings
    from desktop.application import open_store

    environment.prepare()
    environment.use_offscreen()
    environment.settle_sandbox()
    store = open_store(settings.load())
    turns = int(arguments[0])
    try:
        board, now = store.read(_board)
        tell("points", count=len(board))

        async def run() -> None:
            load_fonts()
            await _warm_up()
            await ours(board, now, turns)
            await theirs(board, turns)

        return runtime.run(run)
    finally:
        store.close()
        tell("end")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
