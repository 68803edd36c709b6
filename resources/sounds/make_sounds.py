"""Makes the alarm's tones, of nothing but sines: `python resources/sounds/make_sounds.py` writes them anew.

Red calls: three quick pairs of falling notes, bright, that stand out of talk and telephones. Yellow asks: two
soft notes that rise, like a chime. They differ in rhythm, direction and height, so that nobody has to know
pitch to tell them apart, and both lie between 500 and 3,000 Hz, where worn ears still hear.
"""

import array
import math
import sys
import wave
from dataclasses import dataclass
from pathlib import Path

RATE = 22_050
"""Samples a second."""

LOUDEST = 0.8
"""Of full scale: loudspeakers of screens rattle above."""


@dataclass(frozen=True)
class Note:
    """A note: when it begins and how long it lasts in seconds, its pitch in Hz, the shares of its overtones.

    `fade` is after how many seconds it has fallen to a third.
    """

    at: float
    lasts: float
    pitch: float
    overtones: tuple[float, ...]
    fade: float


BRIGHT = (1.0, 0.45, 0.3, 0.12)
SOFT = (1.0, 0.18, 0.05)

TONES = {
    "red": [
        Note(pair * 0.42 + after, 0.17, pitch, BRIGHT, 0.3)
        for pair in range(3)
        for after, pitch in ((0.0, 988.0), (0.17, 740.0))
    ],
    "yellow": [Note(0.0, 0.75, 587.3, SOFT, 0.22), Note(0.24, 0.95, 784.0, SOFT, 0.28)],
}


def samples(notes: list[Note]) -> array.array:
    """Return a tone as 16-bit samples, with a moment of quiet at its end."""
    whole = max(note.at + note.lasts for note in notes) + 0.05
    mixed = [0.0] * round(whole * RATE)
    for note in notes:
        begin = round(note.at * RATE)
        for index in range(round(note.lasts * RATE)):
            seconds = index / RATE
            # Neither begin nor end may click.
            edge = min(1.0, seconds / 0.008, (note.lasts - seconds) / 0.03)
            strength = edge * math.exp(-seconds / note.fade)
            mixed[begin + index] += strength * sum(
                share * math.sin(math.tau * note.pitch * (place + 1) * seconds)
                for place, share in enumerate(note.overtones)
            )
    peak = max(abs(value) for value in mixed)
    made = array.array("h", (round(value / peak * LOUDEST * 32_767) for value in mixed))
    if sys.byteorder == "big":
        made.byteswap()
    return made


def write(folder: Path) -> None:
    """Write every tone into a folder, as a WAV file by its level's name."""
    for name, notes in TONES.items():
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples(notes).tobytes())


if __name__ == "__main__":
    write(Path(__file__).parent)
