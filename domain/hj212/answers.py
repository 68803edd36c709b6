"""What a platform says back: 9014 to data, 9013 to notices (HJ 212-2017, 6.6.5). 9011 is the device's word: a
platform that takes an upload not says nothing, and the device sends it again.
"""

from domain.hj212.frame import LONGEST
from domain.hj212.message import Edition, Message
from domain.hj212.writing import write_frame

DATA = frozenset({"2011", "2021", "2031", "2041", "2051", "2061", "2081", "3015", "3019", "3020"})
"""Commands by which a device uploads by itself: answered by 9014. 3015 on: its samples, numbers and logs."""

NOTICES = frozenset({"1013", "2012", "2022", "9015"})
"""Commands that only tell something: answered by 9013. 9015 is the heartbeat of 2025 (not verified)."""

LOGIN = "9021"
"""A device of 2005 presents itself; it waits for a 9022. The edition of 2017 dropped it (not verified)."""

_SYSTEM = "91"
_VERSION_BITS = 0xFC


def answer(message: Message) -> bytes | None:
    """Return the frame to send back once the message is stored, or None where none is due.

    None without bit A of the flag, and for what is neither data nor a notice nor a login (9011 to 9014, …).
    The answer carries the message's QN, MN and PW, and its edition's version bits.
    """
    if message.cn in DATA:
        return _reply(message, "9014")
    if message.cn in NOTICES:
        return _reply(message, "9013")
    return _reply(message, "9022", "Logon=1") if message.cn == LOGIN else None


def _reply(message: Message, cn: str, said: str = "") -> bytes | None:
    if not message.wants_answer:
        return None
    head = f"ST={_SYSTEM};CN={cn};PW={message.pw};MN={message.mn};Flag={message.flag & _VERSION_BITS};"
    if message.edition is Edition.OF_2005:
        # Its answers name the request among their parameters, not in front.
        named = f"QN={message.qn}" if message.qn else ""
        segment = f"{head}CP=&&{';'.join(filter(None, (named, said)))}&&"
    else:
        segment = f"QN={message.qn};{head}CP=&&{said}&&"
    return write_frame(segment) if len(segment.encode()) <= LONGEST else None
