"""`overturn reconcile`: the whole record is proved from its raw rows, and what does not hold is named."""

import asyncio
import base64
import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, update
from sqlmodel import col
from typer.testing import CliRunner

from overturn.cli import app
from overturn.db import tables
from overturn.db.session import Sessions
from overturn.demo.month import month_files
from overturn.domain.proof import Check
from overturn.reporting import reconciliation
from overturn.reporting.reconciliation import Reconciliation, reconcile
from overturn.rulebook import load_rulebook
from overturn.synthetic.month import make_month, write_month
from tests.integration.records import adjudications, classify, only, post, rows, take_in
from tests.x12_files import adjudicated_claim, denied_claim, paid_claim, remittance, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

RULES = load_rulebook()
SETTINGS = {
    "kafka_bootstrap_servers": "127.0.0.1:9",
    "temporal_address": "127.0.0.1:9",
    "ingest_token": "t" * 40,
    "payload_key": base64.b64encode(b"k" * 32).decode(),
}
THREE = [submission("P1", "P2", "P3"), remittance(paid_claim("P1"), denied_claim("P2"))]


async def prove(sessions: Sessions) -> Reconciliation:
    async with sessions() as session:
        return await reconcile(session, payers=RULES.payers, denials=RULES.denials, progress=lambda *_: None)


async def problems(sessions: Sessions) -> set[tuple[Check, str | None, Decimal]]:
    found = await prove(sessions)
    assert found.holds is not bool(found.problems)
    return {(p.fault.check, p.claim_number, p.fault.amount) for p in found.problems}


async def change(sessions: Sessions, statement: Any) -> None:
    async with sessions.begin() as session:
        await session.execute(statement)


@pytest.mark.parametrize("adversarial", [False, True])
async def test_a_generated_month_holds_but_for_what_its_payers_got_wrong(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, adversarial: bool
) -> None:
    monkeypatch.setattr(reconciliation, "BATCH", 7)
    for _ in write_month(make_month(claims=60, seed=7, adversarial=adversarial), tmp_path):
        pass
    for path in month_files(tmp_path):
        await post(sessions, path.read_bytes(), path.name)
    await classify(sessions, await adjudications(sessions))
    found = await prove(sessions)
    claims = await rows(sessions, tables.Claim)
    assert found.claims == len(claims)
    out = {c.id for c in claims if c.imbalance_amount}
    assert {p.claim_id for p in found.problems} == out
    assert {p.fault.check for p in found.problems} <= {Check.BALANCE}


async def test_an_empty_record_holds(sessions: Sessions) -> None:
    found = await prove(sessions)
    assert (found.holds, found.claims, found.ledger.billed) == (True, 0, Decimal("0.00"))


async def test_a_remittance_that_was_not_settled_is_named_with_its_place(sessions: Sessions) -> None:
    await post(sessions, remittance(paid_claim("P1")), "late.835")
    found = await prove(sessions)
    assert {(p.fault.check, p.fault.amount) for p in found.problems if p.claim_id} == {
        (Check.STANDING, Decimal("-70.00")),
        (Check.STANDING, Decimal("-30.00")),
        (Check.STANDING, Decimal("100.00")),
    }
    assert {p.places for p in found.problems if p.claim_id} == {("late.835, segment 11",)}
    assert found.in_flight == 1


async def test_a_standing_that_was_changed_by_hand_is_named(sessions: Sessions) -> None:
    await take_in(sessions, *THREE)
    assert await problems(sessions) == set()
    is_paid = col(tables.Claim.patient_control_number) == "P1"
    await change(
        sessions, update(tables.Claim).where(is_paid).values(patient_amount=5, contractual_amount=25)
    )
    assert await problems(sessions) == {
        (Check.STANDING, "P1", Decimal("-5.00")),
        (Check.STANDING, "P1", Decimal("5.00")),
    }


async def test_an_adjustment_that_hangs_on_no_line_is_named(sessions: Sessions) -> None:
    await take_in(sessions, *THREE)
    paid = await only(sessions, tables.ClaimPayment, col(tables.ClaimPayment.patient_control_number) == "P1")
    astray = update(tables.Adjustment).where(col(tables.Adjustment.claim_payment_id) == paid.id)
    await change(sessions, astray.values(line_number=9))
    assert (Check.ADJUSTMENTS, "P1", Decimal("30.00")) in await problems(sessions)


async def test_a_denial_without_a_case_is_named_once_for_the_claim_and_once_for_the_ledger(
    sessions: Sessions,
) -> None:
    await take_in(sessions, *THREE)
    for table in (tables.CaseEvent, tables.Denial, tables.Classification, tables.DenialCase):
        await change(sessions, delete(table))
    assert await problems(sessions) == {
        (Check.CASES, "P2", Decimal("100.00")),
        (Check.LEDGER, None, Decimal("100.00")),
    }


async def test_a_case_that_counts_dollars_twice_is_named(sessions: Sessions) -> None:
    await take_in(sessions, *THREE)
    await change(sessions, update(tables.DenialCase).values(recovered_amount=40))
    assert await problems(sessions) == {(Check.CASES, "P2", Decimal("40.00"))}


async def test_a_payment_that_was_added_by_hand_is_named(sessions: Sessions) -> None:
    await take_in(sessions, *THREE)
    paid = await only(sessions, tables.ClaimPayment, col(tables.ClaimPayment.patient_control_number) == "P1")
    async with sessions.begin() as session:
        copied = paid.model_dump() | {"id": uuid4(), "position": 99}
        session.add(tables.ClaimPayment.model_validate(copied))
    assert {check for check, _, _ in await problems(sessions)} >= {Check.STANDING, Check.BALANCE}


async def run(monkeypatch: pytest.MonkeyPatch, database_url: str, *arguments: str) -> Any:
    for name, value in (SETTINGS | {"database_url": database_url}).items():
        monkeypatch.setenv(f"OVERTURN_{name.upper()}", value)
    return await asyncio.to_thread(CliRunner().invoke, app, ["reconcile", *arguments])


async def test_the_command_prints_the_proof_and_ends_with_0(
    sessions: Sessions, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take_in(sessions, *THREE)
    answer = await run(monkeypatch, database_url)
    assert answer.exit_code == 0, answer.output
    assert "billed 300.00 = paid 70.00 + adjusted 30.00 + open 200.00, difference 0.00" in answer.output
    assert "All 3 claims hold" in answer.output


async def test_the_command_names_claim_amount_place_and_remedy_and_ends_with_1(
    sessions: Sessions, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take_in(sessions, remittance(adjudicated_claim("P1", ("60.00", ["CO*45*30.00"]))))
    answer = await run(monkeypatch, database_url)
    assert answer.exit_code == 1
    for said in (
        "Claim P1: billed $100.00 is not paid $60.00 + adjusted $30.00 + denied or unanswered $0.00 (10.00).",
        "Look at: remit.835, segment 11",
        "Likely: the payer's figures do not add up",
        "remit.835: Segment 13 (SVC), line 1 of claim P1: $10.00 of the charge",
        "1 of 1 claims do not hold (problems: 1).",
    ):
        assert said in answer.output


async def test_the_json_has_every_figure(
    sessions: Sessions, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take_in(sessions, remittance(adjudicated_claim("P1", ("60.00", ["CO*45*30.00"]))))
    answer = json.loads((await run(monkeypatch, database_url, "--json")).stdout)
    assert (answer["holds"], answer["claims"]) == (False, 1)
    assert answer["ledger"] == {
        "billed": "100.00",
        "paid": "60.00",
        "adjusted": "30.00",
        "open": "0.00",
        "taken_back": "0.00",
        "difference": "10.00",
    }
    [problem], [imbalance] = answer["problems"], answer["imbalances"]
    assert (problem["check"], problem["claim_number"], problem["amount"]) == ("balance", "P1", "10.00")
    assert problem["places"] == ["remit.835, segment 11"]
    assert (imbalance["level"], imbalance["amount"], imbalance["payment_on"]) == (
        "line",
        "10.00",
        "2026-09-15",
    )


async def test_a_database_that_is_away_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = await run(monkeypatch, "postgresql+psycopg://nobody:x@127.0.0.1:1/none")
    assert answer.exit_code == 2
    assert "overturn status" in answer.output
