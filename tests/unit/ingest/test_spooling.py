"""Bytes are counted and hashed on their way to the disk, and refused as soon as there are too many."""

from hashlib import sha256
from io import BytesIO

import pytest

from services.ingest.spooling import IN_MEMORY, Spool, TooLargeError, spool


@pytest.mark.parametrize("size", [0, 1, IN_MEMORY + 1], ids=["nothing", "a byte", "more than memory"])
def test_what_was_taken_is_there_whole_with_its_digest_and_size(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    taken = spool(BytesIO(content), size)
    with taken.file:
        assert (taken.sha256, taken.size) == (sha256(content).hexdigest(), size)
        assert taken.head(4) == content[:4]
        assert taken.file.read() == content


def test_more_than_the_limit_is_refused_before_the_end() -> None:
    class Endless(BytesIO):
        read_so_far = 0

        def read(self, size: int | None = -1) -> bytes:
            Endless.read_so_far += size or 0
            return bytes(size or 0)

    with pytest.raises(TooLargeError, match=r"3 MB at most \(OVERTURN_MAX_FILE_MEGABYTES\)"):
        spool(Endless(), 3 * 2**20)
    assert Endless.read_so_far == 4 * 2**20


def test_what_is_not_done_leaves_no_file_open() -> None:
    with Spool(100) as taken:
        taken.add(b"half a fi")
    assert taken._file.closed


def test_a_source_that_changes_meanwhile_changes_nothing() -> None:
    source = BytesIO(b"ISA*00")
    with spool(source, 100).file as file:
        source.seek(0)
        source.write(b"OTHER!")
        assert file.read() == b"ISA*00"
