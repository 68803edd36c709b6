"""The check of HJ 212 (2017, annex A): related to Modbus' CRC, and not the same.

The standard's register drops its low byte before each byte is taken in, so what Modbus libraries compute is
wrong here. Devices exist that send it all the same; `kind_of` names what a wrong check really is.
"""

from enum import StrEnum

_START = 0xFFFF
_POLYNOMIAL = 0xA001


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


def crc(segment: bytes) -> int:
    """Return the check of a data segment, 0 to 0xFFFF, by the standard's own algorithm."""
    register = _START
    for byte in segment:
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
