"""Bytes to text, block by block: which encoding, and no NUL."""

import codecs
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, Final

from overturn.x12.findings import FindingList, Severity

BLOCK_BYTES: Final = 64 * 1024
"""Read at once: some hundred claims."""

_UTF_16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LATIN_1_WHERE_NOT_UTF_8: Final = "overturn-latin-1"


def text_blocks(source: BinaryIO, findings: FindingList) -> Iterator[str]:
    """Yield the source's text. Whether there were NUL bytes (they are taken out) becomes a finding."""
    nul_seen = False
    for text in _decoded(source):
        if "\0" in text and not nul_seen:
            nul_seen = True
            message = "The file contains NUL bytes; they were taken out."
            findings.add("nul-bytes", Severity.ENVELOPE, message)
        yield text.replace("\0", "") if nul_seen else text


def decode(data: bytes) -> str:
    """The text of a file that is held in memory, NULs and all."""
    return "".join(_decoded(BytesIO(data)))


def _decoded(source: BinaryIO) -> Iterator[str]:
    """UTF-8 with or without a mark, UTF-16 with one. A byte that is not UTF-8 is read as Latin-1, which
    cannot fail: a file in Latin-1 has no two bytes in a row that look like UTF-8, or hardly ever."""
    data = source.read(len(codecs.BOM_UTF16))
    if data.startswith(_UTF_16_MARKS):
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
    else:
        decoder = codecs.getincrementaldecoder("utf-8-sig")(_LATIN_1_WHERE_NOT_UTF_8)
    while data:
        yield decoder.decode(data)
        data = source.read(BLOCK_BYTES)
    yield decoder.decode(b"", final=True)


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error(_LATIN_1_WHERE_NOT_UTF_8, _as_latin_1)
