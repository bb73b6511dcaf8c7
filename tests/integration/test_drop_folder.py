"""The watched folder: only whole files are taken, nothing is lost, and one bad file does not stop it."""

import asyncio
from pathlib import Path

import pytest

from overturn.db import tables
from overturn.db.session import Sessions, create_engine, create_sessions
from overturn.settings import MOST_BYTES
from services.ingest import drop_folder
from services.ingest.drop_folder import QUIET_LOOKS, DropFolder
from services.ingest.intake import Intake
from services.ingest.spooling import Spooled
from tests.archives import zipped
from tests.integration.records import content_of, count, only
from tests.waiting import until
from tests.x12_files import denied_claim, paid_claim, remittance

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

CONTENT = remittance(denied_claim("P1"))


@pytest.fixture
def folder(sessions: Sessions, tmp_path: Path) -> DropFolder:
    return DropFolder(tmp_path / "drop", Intake(sessions, MOST_BYTES))


async def look(folder: DropFolder, times: int = QUIET_LOOKS + 1) -> None:
    for _ in range(times):
        await folder.look()


def drop(folder: DropFolder, name: str, content: bytes = CONTENT) -> Path:
    folder.folder.mkdir(parents=True, exist_ok=True)
    path = folder.folder / name
    path.write_bytes(content)
    return path


def names(folder: DropFolder, kind: str = ".") -> list[str]:
    return sorted(p.name for p in (folder.folder / kind).iterdir() if p.is_file())


async def test_a_quiet_file_is_posted_and_put_aside(folder: DropFolder, sessions: Sessions) -> None:
    drop(folder, "remit.835")
    await look(folder)
    received = await only(sessions, tables.ReceivedFile)
    assert (received.file_name, received.source, received.state) == ("remit.835", "drop", "posted")
    assert names(folder) == []
    assert names(folder, "posted") == [f"{received.sha256[:12]}-remit.835"]


async def test_a_file_that_still_grows_is_left_until_it_is_quiet(
    folder: DropFolder, sessions: Sessions
) -> None:
    half = len(CONTENT) // 2
    path = drop(folder, "remit.835", CONTENT[:half])
    for size in range(half, len(CONTENT), len(CONTENT) // 10):
        await look(folder, 1)
        path.write_bytes(CONTENT[:size])
    assert await count(sessions, tables.ReceivedFile) == 0
    path.write_bytes(CONTENT)
    await look(folder)
    assert await content_of(sessions, await only(sessions, tables.ReceivedFile)) == CONTENT


@pytest.mark.parametrize("suffix", [".part", ".tmp", ".filepart", ".crdownload", ".PART"])
async def test_a_file_is_taken_when_its_sender_gives_it_its_name(
    folder: DropFolder, sessions: Sessions, suffix: str
) -> None:
    partial = drop(folder, f"remit.835{suffix}")
    await look(folder)
    assert await count(sessions, tables.ReceivedFile) == 0
    partial.rename(folder.folder / "remit.835")
    await look(folder)
    assert await count(sessions, tables.ReceivedFile) == 1


async def test_hidden_files_and_sub_folders_are_left_alone(folder: DropFolder, sessions: Sessions) -> None:
    hidden = drop(folder, ".remit.835")
    (folder.folder / "sub").mkdir()
    inside = drop(folder, "sub/remit.835")
    await look(folder)
    assert await count(sessions, tables.ReceivedFile) == 0
    assert (hidden.exists(), inside.exists()) == (True, True)


async def test_what_is_quarantined_lies_beside_its_reason_also_when_it_comes_again(
    folder: DropFolder, sessions: Sessions
) -> None:
    for name in ("broken.835", "broken again.835"):
        drop(folder, name, CONTENT[:-60])
        await look(folder)
    kept = names(folder, "quarantined")
    assert len(kept) == 4
    reasons = [n for n in kept if n.endswith(".reason.txt")]
    for reason in reasons:
        assert "uarantined" in (folder.folder / "quarantined" / reason).read_text(encoding="utf-8")
    assert names(folder, "posted") == []
    assert await count(sessions, tables.ReceivedFile) == 1


async def test_an_archive_with_a_bad_file_lies_beside_what_happened_to_each(
    folder: DropFolder, sessions: Sessions
) -> None:
    drop(folder, "files.zip", zipped(("good.835", CONTENT), ("bad.835", CONTENT[:-60])))
    await look(folder)
    assert await count(sessions, tables.ClaimPayment) == 1
    [reason] = [n for n in names(folder, "quarantined") if n.endswith(".reason.txt")]
    said = (folder.folder / "quarantined" / reason).read_text(encoding="utf-8").splitlines()
    assert said[0] == "1 of 2 files in it were taken whole; 1 claim posted."
    assert said[1].startswith("files.zip/good.835: 1 claim posted.")
    assert said[2].startswith("files.zip/bad.835: Quarantined")


async def test_one_name_twice_keeps_both_files(folder: DropFolder, sessions: Sessions) -> None:
    for content in (CONTENT, remittance(paid_claim("P2"), trace="T2")):
        drop(folder, "remit.835", content)
        await look(folder)
    assert await count(sessions, tables.ReceivedFile) == 2
    assert len(names(folder, "posted")) == 2


async def test_an_outage_leaves_the_file_and_the_next_look_takes_it(
    folder: DropFolder, sessions: Sessions, tmp_path: Path
) -> None:
    engine = create_engine("postgresql+psycopg://nobody:nothing@127.0.0.1:9/none")
    away = DropFolder(folder.folder, Intake(create_sessions(engine), MOST_BYTES))
    drop(folder, "remit.835")
    await look(away)
    await engine.dispose()
    assert names(folder) == ["remit.835"]
    await look(folder)
    assert names(folder) == []
    assert await count(sessions, tables.ReceivedFile) == 1


async def test_a_file_that_cannot_be_read_or_vanishes_does_not_stop_the_others(
    folder: DropFolder, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(folder, "a-unreadable.835")
    drop(folder, "b-good.835")
    (folder.folder / "c-dangling.835").symlink_to(folder.folder / "nowhere")
    read = drop_folder._content

    def refused(path: Path, limit: int) -> Spooled:
        if path.name.startswith("a-"):
            raise PermissionError(13, "Permission denied")
        return read(path, limit)

    monkeypatch.setattr(drop_folder, "_content", refused)
    await look(folder)
    assert (await only(sessions, tables.ReceivedFile)).file_name == "b-good.835"
    assert "a-unreadable.835" in names(folder)


async def test_a_file_that_is_too_large_is_put_aside_unread(folder: DropFolder, sessions: Sessions) -> None:
    folder.intake.limit = 10
    drop(folder, "huge.835")
    await look(folder)
    assert await count(sessions, tables.ReceivedFile) == 0
    assert names(folder, "quarantined") == ["too-large-huge.835", "too-large-huge.835.reason.txt"]


async def test_the_longest_name_a_file_can_have_is_put_aside_too(
    folder: DropFolder, sessions: Sessions
) -> None:
    drop(folder, "é" * 125 + ".835")
    await look(folder)
    assert await count(sessions, tables.ReceivedFile) == 1
    assert names(folder) == []
    assert len(names(folder, "posted")) == 1


async def test_watching_goes_on_when_the_folder_cannot_be_read(
    folder: DropFolder, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drop_folder, "LOOK_SECONDS", 0.01)
    folder.folder.parent.mkdir(exist_ok=True)
    folder.folder.write_text("a file where the folder should be")
    watching = asyncio.create_task(folder.watch())
    await asyncio.sleep(0.1)
    folder.folder.unlink()
    await until(lambda: asyncio.to_thread((folder.folder / "posted").is_dir))
    drop(folder, "remit.835")
    await until(lambda: count(sessions, tables.ReceivedFile))
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
