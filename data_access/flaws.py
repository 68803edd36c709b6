"""What a proof finds: the first thing of a store that does not fit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flaw:
    """Where, and why in the words of the screen. `seq` is None for what is no event: a cached row, a seal.

    `stream` is the name of a stream, `seal/DAY`, or the kind and key of a cached row.
    """

    stream: str
    seq: int | None
    reason: str
