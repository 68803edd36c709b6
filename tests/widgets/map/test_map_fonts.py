"""The page holds on to the fonts of its canvas, so that the browser's process does not grow."""

import json

from pytestqt.qtbot import QtBot

from tests.widgets.map.driving import run, show
from tests.widgets.map.samples import scattered
from widgets.map.view import TicketMap

LISTEN = """(() => {
    const own = Object.getOwnPropertyDescriptor(CanvasRenderingContext2D.prototype, "font");
    window.fontsOfCanvas = new Set();
    Object.defineProperty(CanvasRenderingContext2D.prototype, "font", {
        get: own.get,
        set(value) { own.set.call(this, value); window.fontsOfCanvas.add(own.get.call(this)); },
    });
    map_tickets.ticketPage.marks.draw();
})()"""
FONTS = """(() => {
    const of = (style) => `${style.fontWeight} ${style.fontSize} ${style.fontFamily.split(",")[0]}`;
    const drawn = [...window.fontsOfCanvas].map((font) => {
        const text = document.createElement("span");
        text.style.font = font;
        document.body.append(text);
        const said = of(getComputedStyle(text));
        text.remove();
        return said;
    });
    const laid = (span) => span.getClientRects().length > 0;
    const kept = [...document.querySelectorAll(".kept-fonts span")].filter(laid);
    return JSON.stringify([drawn, kept.map((span) => of(getComputedStyle(span)))]);
})()"""


def test_every_font_of_the_canvas_is_that_of_text_in_the_page(qtbot: QtBot, ticket_map: TicketMap) -> None:
    """Chromium drops a local() face that only a canvas uses, and loads it anew: 28 MB an hour were lost."""
    show(qtbot, ticket_map, scattered(300))
    run(ticket_map, LISTEN)
    qtbot.waitUntil(lambda: run(ticket_map, "window.fontsOfCanvas.size > 0") is True)
    drawn, kept = json.loads(str(run(ticket_map, FONTS)))
    assert {font.partition(" ")[0] for font in drawn} == {"400", "600"}
    assert set(drawn) <= set(kept)
