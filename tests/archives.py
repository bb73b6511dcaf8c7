"""ZIP files made by hand, for tests about archives."""

import io
import zipfile


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return packed.getvalue()


def encrypted(archive: bytes) -> bytes:
    """The archive with every entry marked as encrypted, in both of its headers."""
    marked = bytearray(archive)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = marked.find(mark)
        while at >= 0:
            marked[at + flags] |= 1
            at = marked.find(mark, at + 4)
    return bytes(marked)


def with_stated_size(archive: bytes, size: int) -> bytes:
    """The archive whose headers all say this unpacked size, whatever comes out."""
    told = bytearray(archive)
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = told.find(mark)
        while at >= 0:
            told[at + place : at + place + 4] = size.to_bytes(4, "little")
            at = told.find(mark, at + 4)
    return bytes(told)
