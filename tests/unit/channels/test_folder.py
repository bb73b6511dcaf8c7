"""Print and mail: whole, once, and still known when the envelope is gone."""

import os
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from overturn.channels import Package
from overturn.channels.folder import PrintFolder
from overturn.packages import PackageFile

pytestmark = pytest.mark.asyncio
PACKAGE = Package(
    key=uuid4(),
    destination="",
    files=(PackageFile("letter.pdf", b"%PDF generated", 1),),
)


def letters_in(folder: Path) -> int:
    return len(list(folder.rglob("letter.pdf")))


async def test_a_package_is_a_folder_with_its_files_and_a_receipt(tmp_path: Path) -> None:
    channel = PrintFolder(tmp_path / "print")
    receipt = await channel.send(PACKAGE)
    written = tmp_path / "print" / str(PACKAGE.key) / "letter.pdf"
    assert written.read_bytes() == b"%PDF generated"
    assert receipt.confirmation == str(PACKAGE.key)[:8].upper()
    assert receipt.sent_at.tzinfo is not None
    assert receipt.file_hashes == {"letter.pdf": sha256(b"%PDF generated").hexdigest()}
    assert receipt.content_sha256 == PACKAGE.content_sha256


async def test_the_same_key_again_writes_nothing_and_gives_the_same_receipt(tmp_path: Path) -> None:
    channel = PrintFolder(tmp_path)
    first = await channel.send(PACKAGE)
    os.utime(tmp_path / str(PACKAGE.key))
    assert await channel.send(PACKAGE) == first
    assert await channel.find(PACKAGE) == first
    assert letters_in(tmp_path) == 1


async def test_what_was_mailed_is_not_written_again(tmp_path: Path) -> None:
    channel = PrintFolder(tmp_path)
    first = await channel.send(PACKAGE)
    (tmp_path / str(PACKAGE.key)).rename(tmp_path / "mailed" / str(PACKAGE.key))
    assert await channel.send(PACKAGE) == first
    assert not (tmp_path / str(PACKAGE.key)).exists()


async def test_nothing_sent_is_nothing_found(tmp_path: Path) -> None:
    assert await PrintFolder(tmp_path).find(PACKAGE) is None


async def test_what_a_crash_left_half_written_is_not_found_and_then_written_whole(tmp_path: Path) -> None:
    aside = tmp_path / f".{PACKAGE.key}"
    aside.mkdir()
    (aside / "letter.pdf").write_bytes(b"%PD")
    channel = PrintFolder(tmp_path)
    assert await channel.find(PACKAGE) is None
    await channel.send(PACKAGE)
    assert (tmp_path / str(PACKAGE.key) / "letter.pdf").read_bytes() == b"%PDF generated"
