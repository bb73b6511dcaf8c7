"""The same input gives the same bytes: `classify` and `replay` as processes of their own, twice, and under
other hash seeds, which shuffle every set."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from overturn.db.session import Sessions
from overturn.demo.month import month_files
from overturn.paths import ROOT
from overturn.settings import PREFIX
from overturn.synthetic.month import make_month, write_month
from tests.integration.records import adjudications, classify, post
from tests.integration.test_reconciling import SETTINGS
from tests.integration.test_replay import as_coding, folder

__all__ = ["folder"]

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

SEEDS = ("0", "0", "1")


@pytest.fixture
def month(tmp_path: Path) -> list[Path]:
    for _ in write_month(make_month(claims=40, seed=3), tmp_path / "month"):
        pass
    return month_files(tmp_path / "month")


async def told(arguments: Sequence[str], *, seed: str, database_url: str = "") -> bytes:
    given = SETTINGS | {"database_url": database_url}
    settings = {f"{PREFIX}{name.upper()}": str(value) for name, value in given.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from overturn.cli import main; main()", *arguments),
        env={**os.environ, **settings, "PYTHONHASHSEED": seed},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    answer, problems = await process.communicate()
    assert process.returncode == 0, problems.decode()
    return answer


async def test_classifying_a_month_gives_the_same_bytes(month: list[Path]) -> None:
    first, *others = [await told(["classify", *map(str, month), "--json"], seed=seed) for seed in SEEDS]
    assert len(json.loads(first)) > 5
    assert others == [first, first]


async def test_replaying_a_month_gives_the_same_bytes(
    sessions: Sessions, database_url: str, folder: Path, month: list[Path]
) -> None:
    for path in month:
        await post(sessions, path.read_bytes(), path.name)
    await classify(sessions, await adjudications(sessions))
    as_coding(folder)
    arguments = ["replay", "--rules", str(folder), "--as-of", "2020-01-01", "--json"]
    first, *others = [await told(arguments, seed=seed, database_url=database_url) for seed in SEEDS]
    assert json.loads(first)["adjudications"] > 30
    assert others == [first, first]
