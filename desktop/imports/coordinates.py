"""GCJ-02, the shifted datum of Chinese web maps, made into WGS-84 once, when a point comes in."""

from math import cos, pi, sin, sqrt

# Krasovsky 1940, on which the published approximation of GCJ-02 rests.
_AXIS = 6_378_245.0
_ECCENTRICITY_2 = 0.006_693_421_622_965_943
_NEAR_ENOUGH = 1e-9


def gcj02_to_wgs84(lng: float, lat: float) -> tuple[float, float]:
    """Return the WGS-84 point (degrees) whose GCJ-02 point is the given one, to about a millimetre.

    Outside of China the two datums are the same.
    """
    if not (72.004 <= lng <= 137.8347 and 0.8293 <= lat <= 55.8271):
        return lng, lat
    guess_lng, guess_lat = lng, lat
    for _ in range(10):
        shift_lng, shift_lat = _shift(guess_lng, guess_lat)
        next_lng, next_lat = lng - shift_lng, lat - shift_lat
        moved = max(abs(next_lng - guess_lng), abs(next_lat - guess_lat))
        guess_lng, guess_lat = next_lng, next_lat
        if moved < _NEAR_ENOUGH:
            break
    return guess_lng, guess_lat


def _shift(lng: float, lat: float) -> tuple[float, float]:
    x, y = lng - 105.0, lat - 35.0
    wave = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += (wave + 20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += (wave + 20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    angle = lat / 180 * pi
    magic = 1 - _ECCENTRICITY_2 * sin(angle) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY_2) / (magic * sqrt(magic))
    return east * 180 / (_AXIS / sqrt(magic) * cos(angle) * pi), north * 180 / (meridian * pi)
