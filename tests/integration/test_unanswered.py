"""Claims whose payers are silent: which are listed, which are not, and the 276 that asks after them."""

import asyncio
import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from overturn.cli import app
from overturn.db.session import Sessions
from overturn.domain.answer_times import AnswerTime, AnswerTimes
from overturn.domain.deadlines import DeadlineKind
from overturn.reporting.unanswered import UnansweredClaim, unanswered_claims
from overturn.rulebook import load_rulebook
from overturn.x12 import read_file
from tests.integration.records import post, take_in
from tests.integration.test_reconciling import SETTINGS
from tests.x12_files import acknowledgement, denied_claim, remittance, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

RULES = load_rulebook()
LONG_AFTER = date(2027, 6, 1)


async def unanswered(
    sessions: Sessions, today: date = LONG_AFTER, times: AnswerTimes = RULES.answer_times
) -> list[UnansweredClaim]:
    async with sessions() as session:
        return await unanswered_claims(session, times=times, payers=RULES.payers, today=today)


async def numbers(sessions: Sessions, today: date = LONG_AFTER) -> list[str]:
    return [one.claim.claim_number for one in await unanswered(sessions, today)]


async def test_only_what_no_remittance_answered_is_listed(sessions: Sessions) -> None:
    await take_in(sessions, submission("P1", "P2"), remittance(denied_claim("P1")))
    assert await numbers(sessions) == ["P2"]


async def test_a_payer_within_its_usual_time_is_not_silent(sessions: Sessions) -> None:
    await post(sessions, submission("P1"))
    [one] = await unanswered(sessions)
    assert await numbers(sessions, one.silence.answer_due_on) == []
    slow = (AnswerTime(None, None, DeadlineKind.CLAIM, None, 3650, 30, "a contract"),)
    assert await unanswered(sessions, times=slow) == []


async def test_a_rejected_claim_waits_for_us_and_not_for_the_payer(sessions: Sessions) -> None:
    await post(sessions, submission("P1", "P2"))
    await post(sessions, acknowledgement(("P1", "A3:21"), ("P2", "A2:20")), "ack.277")
    [one] = await unanswered(sessions)
    assert (one.claim.claim_number, one.claim.acknowledgement) == ("P2", "accepted")


async def test_a_claim_sent_again_is_counted_from_the_last_time(sessions: Sessions) -> None:
    await post(sessions, submission("P1"))
    [first] = await unanswered(sessions)
    again = submission("P1", control="2").replace(b"*20260902*", b"*20261002*")
    await post(sessions, again)
    [second] = await unanswered(sessions)
    assert second.claim.sent_on > first.claim.sent_on


async def test_the_command_lists_them_and_writes_the_question(
    sessions: Sessions, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(sessions, submission("P1", "P2"))
    for name, value in {**SETTINGS, "database_url": database_url}.items():
        monkeypatch.setenv(f"OVERTURN_{name.upper()}", value)
    out = tmp_path / "ask.276"
    options = ["--out", str(out), "--sender", "HILLSIDEPT", "--receiver", "NORTHPLAN"]

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["unanswered", *words])
        return result.exit_code, result.stdout

    code, text = await asyncio.to_thread(run, "--json")
    listed = json.loads(text)
    assert (code, [one["patient_control_number"] for one in listed]) == (0, ["P1", "P2"])
    assert listed[0]["rule"]["source"]
    code, _ = await asyncio.to_thread(run, *options, "--control-number", "9")
    assert code == 0
    assert out.read_text().count("TRN*1*P") == 2
    assert [t.type for t in read_file(out.read_bytes()).transactions] == ["276"]
    code, _ = await asyncio.to_thread(run, *options, "--control-number", "10")
    assert code == 2  # the file is there already
