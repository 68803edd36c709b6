"""The curve of memory as a picture: docs/benchmarks-memory.png, drawn from benchmarks/memory.json."""

import json
from pathlib import Path

from benchmarks.figures.memory import SERIES
from benchmarks.machine import ROOT
from desktop import environment

PICTURE = ROOT / "docs" / "benchmarks-memory.png"
WIDTH, HEIGHT = 1200, 480
CURVES = (
    ("together", "together, PSS", "text_faint"),
    ("window_rss", "window, RSS", "accent"),
    ("web_rss", "web process, RSS", "done"),
)
"""RSS is what is judged. PSS, which the budget speaks of, falls when others have the same libraries open."""


def draw(series: Path = SERIES, picture: Path = PICTURE) -> bool:
    """Draw the curve; return whether there is one to draw."""
    if not series.exists():
        return False
    samples = json.loads(series.read_text("utf-8"))["samples"]
    environment.prepare()
    environment.use_offscreen()
    # Qt is loaded only where a picture is drawn.
    import pyqtgraph

    from desktop.runtime.loop import application
    from widgets.style import load_fonts
    from widgets.tokens import tokens

    application()
    load_fonts()
    pyqtgraph.setConfigOptions(
        background=tokens().colour("panel"), foreground=tokens().colour("text_muted"), antialias=True
    )
    plot = pyqtgraph.PlotWidget()
    plot.resize(WIDTH, HEIGHT)
    plot.addLegend(offset=(-20, 10))
    plot.setLabel("left", "MB")
    plot.setLabel("bottom", "minutes")
    plot.setYRange(0, 1.3 * max(sample["window"] + sample["web"] for sample in samples))
    plot.showGrid(y=True, alpha=0.2)
    minutes = [sample["seconds"] / 60 for sample in samples]
    for key, name, colour in CURVES:
        together = key == "together"
        values = [sample["window"] + sample["web"] if together else sample[key] for sample in samples]
        plot.plot(minutes, values, pen=pyqtgraph.mkPen(tokens().qcolor(colour), width=2), name=name)
    saved = plot.grab().save(str(picture), "PNG")
    plot.deleteLater()
    return bool(saved)
