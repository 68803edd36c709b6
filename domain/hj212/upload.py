"""From a message to samples of a registered station (commands 2011, 2021, 2031, 2041, 2051, 2061, 2081)."""

from dataclasses import dataclass
from datetime import datetime

from domain.hj212.factors import Factors
from domain.hj212.message import Message
from domain.hj212.oddities import Oddity
from domain.stations import Sample, Station


@dataclass(frozen=True, slots=True)
class Upload:
    """What a message brought for its station.

    `samples` has the factors that the station is registered with, in its own units; `strangers` the codes
    that it is not. `restarted_at` is of command 2081. All times UTC.
    """

    samples: tuple[Sample, ...]
    strangers: tuple[str, ...] = ()
    restarted_at: datetime | None = None
    oddities: tuple[Oddity, ...] = ()


def read_upload(message: Message, station: Station, factors: Factors) -> Upload:
    """Return what a message says about a station; empty for commands that bring no values. Never raises.

    Factors beside the plain code, where a station is registered with them: `a34013-Zs` the value converted to
    standard conditions, `SB1-RS` a facility's state (2021), `SB1-RT` its hours of running a day (2041),
    `Leq-Day` and `Leq-Night` a day's (2031). Day and night levels named Ld and Ln stay Ld and Ln.
    `total` (Cou) is an amount with a unit of its own and is kept as it came.
    """
    raise NotImplementedError
