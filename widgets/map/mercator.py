"""Web Mercator as Leaflet has it, in world units: the whole world is the unit square, y grows southwards.

A length in world units times `pixels_per_world(zoom)` is a length in page pixels at that zoom.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

TILE = 256.0
# The latitude where the projected world is square (Leaflet's L.Projection.SphericalMercator.MAX_LATITUDE).
MAX_LATITUDE = 85.0511287798

Floats = NDArray[np.float64]


def project(lng: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Return WGS-84 degrees as world units."""
    x = (np.asarray(lng, dtype=np.float64) + 180.0) / 360.0
    sine = np.sin(np.radians(np.clip(np.asarray(lat, dtype=np.float64), -MAX_LATITUDE, MAX_LATITUDE)))
    y = 0.5 - np.arctanh(sine) / (2.0 * np.pi)
    return x, y


def unproject(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Return world units as WGS-84 degrees: (longitude, latitude)."""
    lng = np.asarray(x, dtype=np.float64) * 360.0 - 180.0
    lat = np.degrees(np.arcsin(np.tanh((0.5 - np.asarray(y, dtype=np.float64)) * 2.0 * np.pi)))
    return lng, lat


def pixels_per_world(zoom: float) -> float:
    """Return how many page pixels the width of the world has at a zoom."""
    return TILE * float(2.0**zoom)
