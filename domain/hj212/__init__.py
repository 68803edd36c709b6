"""HJ 212, the protocol by which monitors speak to a platform: editions 2005, 2017 and (accepted) 2025.

Bytes → `Unframer` → `Frame` → `read_message` → `Message` → `Joiner` → `read_upload` → samples of a station;
`answer` is what goes back. How a receiver uses it, for one connection:

    unframer, joiner = Unframer(), Joiner()
    for frame in unframer.feed(data):
        if not frame.ok:
            continue                                   # never answered; unframer.bad and .skipped count
        message = read_message(frame.segment)          # MalformedSegmentError: as a bad frame
        station = registry.get(message.mn)             # message.pw against the registry
        joined = joiner.add(message, now)
        if joined is None:
            continue                                   # a part that waits for its neighbours
        upload = read_upload(joined.message, station, factors)
        … store upload.samples, commit …
        for source in joined.sources:
            if (reply := answer(source)) is not None:
                send(reply)
"""

from domain.hj212.answers import answer
from domain.hj212.checksum import CrcKind, crc
from domain.hj212.factors import Factor, Factors
from domain.hj212.frame import Frame, FrameError, Unframer
from domain.hj212.message import Edition, MalformedSegmentError, Message, read_message
from domain.hj212.oddities import Oddity
from domain.hj212.parts import GivenUp, Joined, Joiner
from domain.hj212.upload import Upload, brings_values, read_upload
from domain.hj212.writing import write_frame, write_time, write_upload

__all__ = [
    "CrcKind",
    "Edition",
    "Factor",
    "Factors",
    "Frame",
    "FrameError",
    "GivenUp",
    "Joined",
    "Joiner",
    "MalformedSegmentError",
    "Message",
    "Oddity",
    "Unframer",
    "Upload",
    "answer",
    "brings_values",
    "crc",
    "read_message",
    "read_upload",
    "write_frame",
    "write_time",
    "write_upload",
]
