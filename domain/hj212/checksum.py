"""The check of HJ 212 (2017, annex A): related to Modbus' CRC, and not the same.

The standard's register drops its low byte before each byte is taken in, so what Modbus libraries compute is
wrong here. Devices exist that send it all the same; `kind_of` names what a wrong check really is.
"""

from enum import StrEnum

_START = 0xFFFF
_POLYNOMIAL = 0xA001
_BLOCK = 8
"""Bytes after which a byte's effect on the register repeats (see `crc`)."""


class CrcKind(StrEnum):
    """What the four digits behind a segment are."""

    HJ212 = "hj212"
    MODBUS = "modbus"
    MODBUS_BYTESWAPPED = "modbus_byteswapped"
    WRONG = "wrong"


def _shifted(register: int) -> int:
    for _ in range(8):
        register = (register >> 1) ^ _POLYNOMIAL if register & 1 else register >> 1
    return register


_TABLE = tuple(_shifted(byte) for byte in range(256))
_MASKS = tuple((1 << (8 * _BLOCK << power)) - 1 for power in range(11))
"""Of the lower half of 16, 32, … 16,384 bytes: more than a frame can have. The next ones take megabytes."""


def crc(segment: bytes) -> int:
    """Return the check of a data segment, 0 to 0xFFFF, by the standard's own algorithm.

    Only the register's high byte survives a step, and the step is linear with period 8: a byte counts like
    one that stands 8 places further. So blocks of 8 may be added up (XOR) before the steps are taken, which
    is many times faster. It also means that the check cannot see two blocks of 8 that changed places.
    """
    size = len(segment)
    if not size:
        return _START
    blocks = int.from_bytes(segment, "big") ^ (0xFF << 8 * (size - 1))
    for power in reversed(range(((size - 1) // _BLOCK).bit_length())):
        width = 8 * _BLOCK << power
        mask = _MASKS[power] if power < len(_MASKS) else (1 << width) - 1
        blocks = (blocks >> width) ^ (blocks & mask)
    register = 0
    for byte in blocks.to_bytes(_BLOCK, "big"):
        register = _TABLE[(register >> 8) ^ byte]
    return register


def modbus_crc(segment: bytes) -> int:
    """Return what plain Modbus would give, which some devices send."""
    register = _START
    for byte in segment:
        register = (register >> 8) ^ _TABLE[(register ^ byte) & 0xFF]
    return register


def kind_of(segment: bytes, given: int) -> CrcKind:
    """Return what the check `given` behind a segment is."""
    if crc(segment) == given:
        return CrcKind.HJ212
    modbus = modbus_crc(segment)
    if modbus == given:
        return CrcKind.MODBUS
    if ((modbus & 0xFF) << 8 | modbus >> 8) == given:
        return CrcKind.MODBUS_BYTESWAPPED
    return CrcKind.WRONG
