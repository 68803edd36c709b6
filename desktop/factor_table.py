"""The table of factors that comes with the program: annex B of HJ 212-2017."""

from functools import lru_cache
from pathlib import Path

from domain.hj212 import Factors

_FILE = Path(__file__).parents[1] / "resources" / "hj212" / "factors.csv"


@lru_cache(maxsize=1)
def load_factors() -> Factors:
    """Return the codes that a device may send, by the standard."""
    return Factors.of_csv(_FILE.read_text(encoding="utf-8"))
