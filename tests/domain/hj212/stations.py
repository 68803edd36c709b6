"""Stations and the table of factors, for tests of HJ 212."""

from datetime import UTC, datetime
from pathlib import Path

from domain.hj212 import Factors
from domain.stations import Measure, Station, StationKind

FACTORS = Factors.of_csv(
    (Path(__file__).parents[3] / "resources" / "hj212" / "factors.csv").read_text(encoding="utf-8")
)
NOW = datetime(2026, 11, 21, 0, 0, 5, tzinfo=UTC)
MN = "010000A8900016F000169DC0"


def station(*factors: str, kind: StationKind = StationKind.WATER, times: float = 1.0) -> Station:
    """A station that measures these factors, `times` turning what it sends into its unit."""
    return Station(
        7, "s7", "", kind, MN, tuple(Measure(factor, "", times) for factor in factors), every_seconds=60
    )


def segment(cp: str, cn: str = "2011", st: str = "32", flag: str = "Flag=5;", qn: str = "") -> bytes:
    """A data segment with these parameters."""
    qn = qn or "20261121080000123"
    return f"QN={qn};ST={st};CN={cn};PW=123456;MN={MN};{flag}CP=&&{cp}&&".encode()
