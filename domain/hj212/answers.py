"""What a platform says back: 9014 to data, 9013 to notices, 9011 to what it refuses (HJ 212-2017, 6.6.5)."""

from enum import IntEnum

from domain.hj212.message import Message

DATA = frozenset({"2011", "2021", "2031", "2041", "2051", "2061", "2081", "3015", "3019", "3020"})
"""Commands by which a device uploads by itself: answered by 9014. 3015 on: its samples, numbers and logs."""

NOTICES = frozenset({"1013", "2012", "2022", "9015"})
"""Commands that only tell something: answered by 9013. 9015 is the heartbeat of 2025 (not verified)."""


class QnRtn(IntEnum):
    """How a request was received (table 6): what 9011 says."""

    READY = 1
    REFUSED = 2
    WRONG_PW = 3
    WRONG_MN = 4
    WRONG_ST = 5
    WRONG_FLAG = 6
    WRONG_QN = 7
    WRONG_CN = 8
    WRONG_CRC = 9
    UNKNOWN = 100


def answer(message: Message) -> bytes | None:
    """Return the frame to send back once the message is stored, or None where none is due.

    None without bit A of the flag, and for what is neither data nor a notice (9011 to 9014, 9021 …).
    The answer carries the message's QN, and its edition's version bits.
    """
    raise NotImplementedError


def refusal(message: Message, reason: QnRtn) -> bytes | None:
    """Return a 9011 that says why a message was not taken, or None without bit A of the flag."""
    raise NotImplementedError
