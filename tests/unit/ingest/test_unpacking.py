"""Archives are unpacked within limits that no header can move; a bad member leaves the others alone."""

import gzip
import random
import zipfile
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from typing import NamedTuple

import pytest

from overturn.settings import MOST_BYTES
from services.ingest import unpacking
from services.ingest.spooling import Spooled, spool
from services.ingest.unpacking import ArchiveRefusedError
from tests.archives import encrypted, with_stated_size, zipped

ZEROS = bytes(2 * 1024 * 1024)


class Member(NamedTuple):
    name: str
    content: bytes = b""
    refused: str = ""


def spooled(content: bytes, limit: int = MOST_BYTES) -> Spooled:
    return spool(BytesIO(content), limit)


def unpack(name: str, packed: bytes, limit: int = MOST_BYTES) -> list[Member]:
    """All members, each read before the next one is asked for."""
    with (whole := spooled(packed)).file:
        return [
            Member(m.name, m.content.file.read() if m.content else b"", m.refused)
            for m in unpacking.unpack(name, replace(whole, limit=limit))
        ]


def test_members_come_in_order_under_the_archive_s_name() -> None:
    packed = zipped(("b.835", b"ISA-b"), ("sub/a.835", b"ISA-a"))
    assert unpack("files.zip", packed) == [
        Member("files.zip/b.835", b"ISA-b"),
        Member("files.zip/sub/a.835", b"ISA-a"),
    ]


def test_folders_and_hidden_files_are_left_out() -> None:
    packed = zipped(("sub/", b""), ("__MACOSX/._a.835", b"x"), (".DS_Store", b"x"), ("a.835", b"ISA"))
    assert [member.name for member in unpack("files.zip", packed)] == ["files.zip/a.835"]


@pytest.mark.parametrize(
    ("name", "inner"),
    [("remit.835.gz", "remit.835.gz/remit.835"), ("REMIT.GZ", "REMIT.GZ/REMIT"), ("x", "x/x")],
)
def test_a_gzip_file_holds_one_file_named_after_it(name: str, inner: str) -> None:
    assert unpack(name, gzip.compress(b"ISA")) == [Member(inner, b"ISA")]


def test_a_gzip_file_of_several_parts_is_read_to_its_end() -> None:
    assert unpack("a.gz", gzip.compress(b"ISA") + gzip.compress(b"*00"))[0].content == b"ISA*00"


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../remit.835", "a/../../remit.835", "C:\\remit.835", "..\\remit.835", "//h/x"]
)
def test_a_name_that_leads_out_is_refused_and_the_others_are_taken(name: str) -> None:
    bad, good = unpack("files.zip", zipped((name, b"ISA"), ("good.835", b"ISA-good")))
    assert "leads out of the archive" in bad.refused
    assert (bad.content, good.content, good.refused) == (b"", b"ISA-good", "")


def test_two_dots_within_a_name_are_just_a_name() -> None:
    assert unpack("files.zip", zipped(("remit..835", b"ISA")))[0].content == b"ISA"


def test_encrypted_members_are_refused_in_words() -> None:
    assert "without a password" in unpack("files.zip", encrypted(zipped(("a.835", b"ISA"))))[0].refused


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_of_packing_are_refused_in_words(method: int) -> None:
    assert "ordinary ZIP" in unpack("files.zip", zipped(("a.835", b"ISA"), method=method))[0].refused


@pytest.mark.parametrize(
    "inner", [zipped(("a.835", b"ISA")), gzip.compress(b"ISA"), bytes(257) + b"ustar" + bytes(250)]
)
def test_an_archive_within_is_refused_whatever_its_name(inner: bytes) -> None:
    assert "archive within" in unpack("files.zip", zipped(("a.835", inner)))[0].refused
    assert "archive within" in unpack("a.gz", gzip.compress(inner))[0].refused


def test_a_damaged_member_leaves_the_others_alone() -> None:
    packed = bytearray(zipped(("a.835", b"ISA-a" * 100), ("b.835", b"ISA-b"), method=zipfile.ZIP_STORED))
    packed[packed.find(b"ISA-a")] ^= 0xFF
    damaged, whole = unpack("files.zip", bytes(packed))
    assert "damaged" in damaged.refused
    assert whole.content == b"ISA-b"


@pytest.mark.parametrize("packed", [zipped(("a", ZEROS)), gzip.compress(ZEROS)], ids=["zip", "gzip"])
def test_what_unpacks_to_far_more_than_it_was_is_refused(packed: bytes) -> None:
    with pytest.raises(ArchiveRefusedError, match="over 100 times its size"):
        unpack("bomb", packed)


def test_a_header_that_states_little_does_not_help_a_bomb() -> None:
    packed = with_stated_size(zipped(("a", ZEROS)), 2)
    # The library stops at the stated size and finds the checksum wrong: little came out, and it is damaged.
    assert "damaged" in unpack("bomb.zip", packed)[0].refused


def test_what_a_header_states_is_not_held_against_a_file() -> None:
    """The stated 4 GB are over every limit, but only what comes out counts."""
    member = unpack("a.zip", with_stated_size(zipped(("a.835", b"ISA" * 9)), 0xFFFFFFF0))[0]
    assert member == Member("a.zip/a.835", b"ISA" * 9)


def test_the_sum_over_all_members_is_limited() -> None:
    noise = random.Random(1).randbytes(600)  # noqa: S311 - a test's noise
    with pytest.raises(ArchiveRefusedError, match="send it in parts"):
        unpack("files.zip", zipped(("a", noise), ("b", noise)), limit=1000)
    assert len(unpack("files.zip", zipped(("a", noise)), limit=1000)) == 1


def test_unpacking_stops_at_the_limit_and_not_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gigabyte of zeros is never held: the limit is met within a chunk."""
    monkeypatch.setattr(unpacking, "CHUNK", 1000)
    monkeypatch.setattr(unpacking, "HARMLESS", 5000)
    taken: list[int] = []
    take = unpacking._Allowance.take

    def counted(self: unpacking._Allowance, size: int) -> None:
        taken.append(size)
        take(self, size)

    monkeypatch.setattr(unpacking._Allowance, "take", counted)
    with pytest.raises(ArchiveRefusedError):
        unpack("bomb.gz", gzip.compress(bytes(10_000_000))[:2000])
    assert sum(taken) <= 100 * 2000 + 1000


def test_more_members_than_allowed_are_refused_before_they_are_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = zipped(*((f"{n}.835", b"ISA") for n in range(unpacking.MAX_MEMBERS + 1)))
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(ArchiveRefusedError, match="over 1000 files"):
        unpack("files.zip", many)


@pytest.mark.parametrize("packed", [zipped(), zipped(("sub/", b""), (".hidden", b"x"))])
def test_an_archive_of_nothing_is_refused(packed: bytes) -> None:
    with pytest.raises(ArchiveRefusedError, match="no file"):
        unpack("empty.zip", packed)


@pytest.mark.parametrize(
    ("packed", "says"), [(b"PK\x03\x04 and no more", "ZIP"), (gzip.compress(b"ISA")[:-9], "gzip")]
)
def test_a_damaged_archive_is_refused_in_words(packed: bytes, says: str) -> None:
    with pytest.raises(ArchiveRefusedError, match=f"{says}.*damaged"):
        unpack("x", packed)


def test_whatever_is_flipped_or_cut_off_is_an_answer_and_no_crash() -> None:
    chance = random.Random(20260301)  # noqa: S311 - the same noise each time
    for packed in (zipped(("a.835", b"ISA" * 300), ("b.835", b"GS" * 300)), gzip.compress(b"ISA" * 300)):
        for _ in range(1500):
            broken = bytearray(
                packed[: chance.randrange(4, len(packed) + 1)] if chance.random() < 0.3 else packed
            )
            for _ in range(chance.randrange(1, 6)):
                broken[chance.randrange(2, len(broken))] = chance.randrange(256)
            with suppress(ArchiveRefusedError):
                unpack("x.zip", bytes(broken))


def test_an_x12_file_is_not_taken_for_an_archive() -> None:
    for content in (b"ISA*00*", b""):
        with (file := spooled(content)).file:
            assert not unpacking.is_packed(file)
