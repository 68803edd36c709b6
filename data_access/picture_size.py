"""How large a picture is, from its header alone: nothing is unpacked (PNG: ISO 15948, JPEG: ITU-T T.81)."""

_PNG = b"\x89PNG\r\n\x1a\n"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG that begin a frame, whose size follows."""
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))
"""Markers without a length."""


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels of a PNG or a JPEG, None where its header does not say."""
    if content.startswith(_PNG):
        return _said(content[20:24], content[16:20]) if content[12:16] == b"IHDR" else None
    return _jpeg_size(content) if content.startswith(b"\xff\xd8") else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content):
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _ALONE:
            at += 2
        elif marker in _FRAMES:
            return _said(content[at + 5 : at + 7], content[at + 7 : at + 9])
        else:
            length = int.from_bytes(content[at + 2 : at + 4], "big")
            if length < 2:
                return None
            at += 2 + length
    return None


def _said(height: bytes, width: bytes) -> tuple[int, int] | None:
    size = int.from_bytes(width, "big"), int.from_bytes(height, "big")
    return size if all(size) else None
