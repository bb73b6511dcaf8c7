"""The adversarial month posted and classified: every figure of the record is the truth's, in any order."""

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select
from sqlmodel import col

from overturn.db import tables
from overturn.db.session import Sessions
from overturn.demo.agreement import compare
from overturn.events import ClaimAdjudicated
from overturn.reporting.summary import summarise
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from overturn.synthetic.month import Month, make_month, write_month
from overturn.synthetic.practice import HOSTILE_TEXTS
from services.classifier.claim_classifier import ClaimClassifier
from services.ingest.receiving import receive_file

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

RECOVERY = {"recovered cases", "recovered"}
"""Figures that the case's workflow writes, which does not run here."""

POSTED = {"837P", "277CA", "835"}


@pytest.fixture(scope="module")
def month() -> Month:
    return make_month(claims=60, seed=7, adversarial=True)


async def post_all(sessions: Sessions, month: Month, directory: Path, order: Random | None) -> None:
    list(write_month(month, directory))
    files = list(month.files)
    if order:
        order.shuffle(files)
    for file in files:
        content = (directory / file.name).read_bytes()
        receipt = await receive_file(sessions, file_name=file.name, content=content, source="upload")
        assert receipt.state == "posted" or file.kind not in POSTED, (file.name, receipt.message)


async def classify_all(sessions: Sessions) -> None:
    """Every `claim.adjudicated.v1` in the outbox, as the classifier would get it."""
    async with sessions.begin() as session:
        rows = await session.scalars(
            select(tables.Outbox).where(col(tables.Outbox.topic) == ClaimAdjudicated.topic)
        )
        events = [ClaimAdjudicated.model_validate(row.payload) for row in rows.all()]
        await ClaimClassifier(RulesInForce(load_rulebook()))(session, events)


@pytest.mark.parametrize("order", [None, 1, 2], ids=["as sent", "shuffled", "shuffled otherwise"])
async def test_the_record_says_what_the_generator_meant(
    sessions: Sessions, month: Month, tmp_path: Path, order: int | None
) -> None:
    shuffle = None if order is None else Random(order)  # noqa: S311 - repeatable on purpose
    await post_all(sessions, month, tmp_path, shuffle)
    await classify_all(sessions)
    async with sessions() as session:
        figures = compare(await summarise(session), month.truth())
    assert [f for f in figures if f.name not in RECOVERY and not f.agrees] == []


async def test_hostile_text_is_stored_as_it_came(sessions: Sessions, month: Month, tmp_path: Path) -> None:
    await post_all(sessions, month, tmp_path, None)
    async with sessions() as session:
        payers = set(await session.scalars(select(col(tables.Remittance.payer_name))))
        patients = set(await session.scalars(select(col(tables.Claim.patient_name))))
    assert set(HOSTILE_TEXTS) <= payers
    assert all(any(text in str(name) for name in patients) for text in HOSTILE_TEXTS)
