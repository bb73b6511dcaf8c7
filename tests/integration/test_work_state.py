"""The whole record leaves one database and is the same, byte for byte, in another."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pytest
import pytest_asyncio
from sqlalchemy import func, select
from sqlmodel import col

from overturn.db import tables
from overturn.db.session import Sessions, create_engine, create_sessions
from overturn.work_state import (
    LEFT_OUT,
    MANIFEST,
    Manifest,
    WorkStateError,
    export_work_state,
    import_work_state,
)
from tests.conftest import fresh_database
from tests.integration.records import take_in
from tests.web_factories import NOW, CaseSeed, add_case, person
from tests.x12_files import denied_claim, paid_claim, remittance, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

FILES = [submission("P1", "P2"), remittance(paid_claim("P1"), denied_claim("P2"))]
LATER = [submission("P9"), remittance(paid_claim("P9"), trace="T9")]
NAME = 'O\u2019Hara \\ "Quoted"\nof two lines \U0001f600'


def quiet(_table: str, _rows: int) -> None:
    """Tell nobody."""


@pytest_asyncio.fixture
async def record(sessions: Sessions) -> Sessions:
    """Two claims, a case with letter and bytes, awkward text, and someone signed in."""
    await take_in(sessions, *FILES)
    async with sessions.begin() as session:
        await add_case(session, CaseSeed("A1"))
        dana = person("dana", display_name=NAME)
        session.add(dana)
        await session.flush()
        session.add(
            tables.UserSession(
                token_hash="0" * 64, user_id=dana.id, form_token="f", created_at=NOW, last_seen_at=NOW
            )
        )
        profile = await session.scalar(select(tables.Claim).limit(1))
        assert profile is not None
        profile.charge_amount = Decimal("12345678.90")
    return sessions


@pytest_asyncio.fixture
async def empty(postgres_port: int) -> AsyncIterator[Sessions]:
    with fresh_database(postgres_port) as url:
        engine = create_engine(url)
        yield create_sessions(engine)
        await engine.dispose()


async def exported(sessions: Sessions) -> tuple[bytes, Manifest]:
    out = io.BytesIO()
    async with sessions.begin() as session:
        manifest = await export_work_state(session, out, progress=quiet)
    return out.getvalue(), manifest


async def imported(sessions: Sessions, path: Path) -> Manifest:
    async with sessions.begin() as session:
        return await import_work_state(session, path, progress=quiet)


def rewritten(content: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The same ZIP with some members changed, or gone where the change is None."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            changed = change(name, old.read(name))
            if changed is not None:
                new.writestr(name, changed)
    return out.getvalue()


async def rows_in(sessions: Sessions) -> int:
    async with sessions() as session:
        return int(await session.scalar(select(func.count()).select_from(tables.Claim)) or 0)


async def test_what_went_out_comes_in_the_same(record: Sessions, empty: Sessions, tmp_path: Path) -> None:
    content, manifest = await exported(record)
    path = tmp_path / "all.zip"
    path.write_bytes(content)
    assert await imported(empty, path) == manifest
    _, again = await exported(empty)
    assert again == manifest
    assert manifest.tables["claim"].rows == 3
    assert set(manifest.tables) == set(tables.metadata.tables) - LEFT_OUT
    async with empty() as session:
        names = set(await session.scalars(select(col(tables.UserAccount.display_name))))
        charges = set(await session.scalars(select(col(tables.Claim.charge_amount))))
        letter = (await session.scalars(select(tables.Letter))).one()
        signed_in = await session.scalar(select(func.count()).select_from(tables.UserSession))
    assert NAME in names
    assert Decimal("12345678.90") in charges
    assert letter.pdf.startswith(b"%PDF")
    assert signed_in == 0


async def test_work_goes_on_after_it_came_in(record: Sessions, empty: Sessions, tmp_path: Path) -> None:
    """Numbers the database gives go on after the highest, and events keep their order."""
    path = tmp_path / "all.zip"
    path.write_bytes((await exported(record))[0])
    await imported(empty, path)
    await take_in(empty, *LATER)
    async with empty() as session:
        sequences = list(await session.scalars(select(col(tables.Outbox.id)).order_by(col(tables.Outbox.id))))
    assert len(sequences) == len(set(sequences))
    assert await rows_in(empty) == 4


async def test_a_database_in_use_takes_nothing_in(record: Sessions, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes((await exported(record))[0])
    with pytest.raises(WorkStateError, match=r"is in use: .* has rows"):
        await imported(record, path)


def _other_revision(name: str, content: bytes) -> bytes:
    return content.replace(b'"revision": "', b'"revision": "x') if name == MANIFEST else content


def _other_format(name: str, content: bytes) -> bytes:
    return content.replace(b'"format": 1', b'"format": 2') if name == MANIFEST else content


def _changed_dollars(name: str, content: bytes) -> bytes:
    return content.replace(b"12345678.90", b"12345678.91") if name == "claim.jsonl" else content


def _lost_row(name: str, content: bytes) -> bytes:
    return b"".join(content.splitlines(keepends=True)[:-1]) if name == "outbox.jsonl" else content


def _lost_table(name: str, content: bytes) -> bytes | None:
    return None if name == "letter.jsonl" else content


def _no_manifest(name: str, content: bytes) -> bytes | None:
    return None if name == MANIFEST else content


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_other_revision, "take it in with the release that wrote it"),
        (_other_format, "has format 2"),
        (_changed_dollars, "The rows of claim are not those that were exported"),
        (_lost_row, "The rows of outbox are not those"),
        (_lost_table, "no file of work state"),
        (_no_manifest, "no file of work state"),
    ],
)
async def test_a_damaged_file_leaves_nothing_behind(
    record: Sessions,
    empty: Sessions,
    tmp_path: Path,
    change: Callable[[str, bytes], bytes | None],
    said: str,
) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(rewritten((await exported(record))[0], change))
    with pytest.raises(WorkStateError, match=said):
        await imported(empty, path)
    assert await rows_in(empty) == 0


@pytest.mark.parametrize("keep", [0, 10, 5_000])
async def test_a_cut_file_is_told(record: Sessions, empty: Sessions, tmp_path: Path, keep: int) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes((await exported(record))[0][:keep])
    with pytest.raises(WorkStateError, match="is no file of work state, or damaged"):
        await imported(empty, path)


async def post_one(url: str) -> None:
    engine = create_engine(url)
    await take_in(create_sessions(engine), *LATER)
    await engine.dispose()


async def test_an_export_is_of_one_moment(record: Sessions, database_url: str) -> None:
    """A claim that is posted while the export runs is in none of its tables."""

    def post_meanwhile(table: str, _rows: int) -> None:
        if table == "claim":
            elsewhere = Thread(target=asyncio.run, args=(post_one(database_url),))
            elsewhere.start()
            elsewhere.join()

    async with record.begin() as session:
        manifest = await export_work_state(session, io.BytesIO(), progress=post_meanwhile)
    assert (manifest.tables["claim"].rows, manifest.tables["claim_payment"].rows) == (3, 3)
    assert await rows_in(record) == 4
