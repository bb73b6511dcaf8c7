"""Replay reads the whole record under other rules, says what would change, and changes nothing."""

import asyncio
import json
import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from overturn.cli import app
from overturn.db import history, tables
from overturn.db.session import Sessions
from overturn.demo.month import month_files
from overturn.domain.codes import Action
from overturn.paths import RULES
from overturn.reference.causes import with_cause_tables
from overturn.replay import Replay, Replaying, replay, replay_record
from overturn.rulebook import Rulebook, load_rulebook
from overturn.synthetic.month import make_month, write_month
from tests.integration.records import adjudications, classify, picture, post, rows, take_in
from tests.integration.test_reconciling import SETTINGS
from tests.integration.test_rule_sets import change
from tests.unit.cli.test_classify import REMITTANCE
from tests.x12_files import acknowledgement, adjudicated_claim, remittance, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

SHIPPED = load_rulebook()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


async def held_against(
    sessions: Sessions, after: Rulebook, *, before: Rulebook = SHIPPED, **limits: Any
) -> Replay:
    async with sessions() as session:
        return await replay(session, before=before, after=after, **limits)


def as_coding(folder: Path) -> Rulebook:
    change(folder, "co-16-n290,", ",credentialing_npi,", ",coding,")
    change(folder, "co-16-n290,", ",new_claim", ",corrected_claim")
    return load_rulebook(folder)


async def test_the_rules_in_force_change_nothing(sessions: Sessions) -> None:
    await take_in(sessions, REMITTANCE.encode())
    found = await held_against(sessions, load_rulebook())
    assert (found.adjudications, found.decided_again, found.changes) == (1, 0, [])


async def test_a_changed_row_is_told_with_case_category_action_and_dollars(
    sessions: Sessions, folder: Path
) -> None:
    await take_in(sessions, REMITTANCE.encode())
    before = await picture(sessions)
    found = await held_against(sessions, as_coding(folder))
    [told] = found.changes
    [case] = await rows(sessions, tables.DenialCase)
    assert (told.patient_control_number, told.line, told.case_id, told.case_open) == (
        "CLAIM1",
        2,
        case.id,
        True,
    )
    assert told.before
    assert told.after
    assert (told.before.category, told.after.category) == ("credentialing_npi", "coding")
    # MA130 stands over both rows: an unprocessable claim is sent anew whatever the row says.
    assert (told.before.action, told.after.action) == ("new_claim", "new_claim")
    assert (found.denied_before_amount, found.denied_after_amount) == (Decimal("100.00"), Decimal("100.00"))
    assert dict(found.kinds) == {("category", "credentialing_npi", "coding"): 1}
    assert await picture(sessions) == before


async def test_only_answers_that_a_changed_row_could_touch_are_decided_again(
    sessions: Sessions, folder: Path
) -> None:
    await take_in(
        sessions,
        REMITTANCE.encode(),
        REMITTANCE.replace("16*100", "50*100").replace("SPECIMEN1", "S2").encode(),
    )
    found = await held_against(sessions, as_coding(folder))
    assert (found.adjudications, found.decided_again, found.changed_adjudications) == (2, 1, 1)


async def test_what_the_record_proves_beyond_the_codes_is_proved_in_a_replay_too(
    sessions: Sessions, folder: Path
) -> None:
    """Two late filings; of one an accepted 277CA is on file, which other words for the row do not touch."""
    late = [adjudicated_claim(number, ("0.00", ["CO*29*100.00"])) for number in ("P1", "P2")]
    await take_in(sessions, submission("P1", "P2"), acknowledgement(("P1", "A2")), remittance(*late))
    change(folder / "packs" / "medicare", "co-29-medicare,", ",write_off", ",call_payer")
    before, after = (with_cause_tables(rules) for rules in (SHIPPED, load_rulebook(folder)))
    found = await held_against(sessions, after, before=before)
    assert [told.patient_control_number for told in found.changes] == ["P2"]
    assert (found.decided_again, dict(found.kinds)) == (2, {("action", "write_off", "call_payer"): 1})


async def test_a_day_before_or_after_a_row_s_dates_is_another_answer(
    sessions: Sessions, folder: Path
) -> None:
    await take_in(sessions, REMITTANCE.encode())
    as_coding(folder)
    table = folder / "denials.csv"
    lines = table.read_text().splitlines()
    table.write_text("\n".join(f"{ln}2026-06-30" if ln.startswith("co-16-n290,") else ln for ln in lines))
    limited = load_rulebook(folder)
    assert (await held_against(sessions, limited, before=limited)).changes == []
    found = await held_against(sessions, limited, before=limited, as_of=date(2026, 7, 1))
    assert dict(found.kinds) == {("category", "coding", "credentialing_npi"): 1}


async def test_remittances_before_the_day_are_left_out(sessions: Sessions, folder: Path) -> None:
    await take_in(sessions, REMITTANCE.encode())
    changed = as_coding(folder)
    assert (await held_against(sessions, changed, since=date(2026, 2, 1))).adjudications == 0
    assert (await held_against(sessions, changed, since=date(2026, 1, 31))).adjudications == 1


async def test_remittances_after_the_last_day_are_left_out(sessions: Sessions, folder: Path) -> None:
    await take_in(sessions, REMITTANCE.encode())
    replaying = Replaying(before=SHIPPED, after=as_coding(folder))
    async with sessions() as session:
        assert (await replay_record(session, replaying, until=date(2026, 1, 30))).adjudications == 0
        assert (await replay_record(session, replaying, until=date(2026, 1, 31))).adjudications == 1


async def test_a_cut_that_no_code_tells_is_decided_again_when_its_row_changes(
    sessions: Sessions,
) -> None:
    silent = (
        REMITTANCE.replace("CAS*CO*16*100~LQ*HE*N290~", "").replace("*MA130", "").replace("SE*17*", "SE*15*")
    )
    await take_in(sessions, silent.encode())
    table = SHIPPED.denials
    rules = [replace(rule, action=Action.APPEAL) if rule.id == "zero-paid" else rule for rule in table.rules]
    found = await held_against(sessions, replace(SHIPPED, denials=replace(table, rules=tuple(rules))))
    assert dict(found.kinds) == {("action", "call_payer", "appeal"): 1}


async def test_nothing_paid_with_adjustments_that_come_to_nothing_is_decided_again(
    sessions: Sessions,
) -> None:
    """CO-45 alone would never be: no row takes it for a denial."""
    unpaid = adjudicated_claim("P1", ("0.00", ["CO*45*10.00", "CO*45*-10.00"]))
    await take_in(sessions, remittance(unpaid))
    table = SHIPPED.denials
    rules = [replace(rule, action=Action.APPEAL) if rule.id == "zero-paid" else rule for rule in table.rules]
    found = await held_against(sessions, replace(SHIPPED, denials=replace(table, rules=tuple(rules))))
    assert dict(found.kinds) == {("action", "call_payer", "appeal"): 1}


async def test_units_that_only_the_remittance_says_were_left_out_are_decided_again(
    sessions: Sessions,
) -> None:
    """SVC07 has two units, one was paid; no claim of ours is on record to tell."""
    partly = adjudicated_claim("P1", ("30.00", ["CO*45*70.00"]))
    await take_in(sessions, remittance([segment.replace("**2", "**1**2") for segment in partly]))
    table = SHIPPED.denials
    rules = [
        replace(rule, action=Action.CALL_PAYER) if rule.cause == "partial_units" else rule
        for rule in table.rules
    ]
    found = await held_against(sessions, replace(SHIPPED, denials=replace(table, rules=tuple(rules))))
    assert dict(found.kinds) == {("action", "appeal", "call_payer"): 1}


async def test_the_record_is_read_in_chunks_and_never_as_a_whole(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        await post(sessions, REMITTANCE.replace("SPECIMEN1", f"S{number}").encode())
    monkeypatch.setattr(history, "CHUNK", 2)
    async with sessions() as session:
        chunks = [chunk async for chunk in history.read_chunks(await session.connection())]
    assert [len(chunk.payments) for chunk in chunks] == [2, 2, 1]


@pytest.mark.parametrize("chunk", [3, 1_000])
async def test_a_month_under_its_own_rules_comes_out_as_it_was_classified(
    sessions: Sessions, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(history, "CHUNK", chunk)
    for _ in write_month(make_month(claims=40, seed=3), tmp_path / "month"):
        pass
    for path in month_files(tmp_path / "month"):
        await post(sessions, path.read_bytes(), path.name)
    await classify(sessions, await adjudications(sessions))
    (folder / "urgency.csv").write_text((folder / "urgency.csv").read_text().replace("2.0", "2.5"))
    found = await held_against(sessions, load_rulebook(folder))
    assert found.adjudications > 30
    assert 0 < found.decided_again < found.adjudications
    assert found.changes == []


async def test_the_same_record_and_rules_give_the_same_bytes(
    sessions: Sessions, database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take_in(sessions, REMITTANCE.encode())
    as_coding(folder)
    for name, value in (SETTINGS | {"database_url": database_url}).items():
        monkeypatch.setenv(f"OVERTURN_{name.upper()}", value)
    arguments = ["replay", "--rules", str(folder), "--json"]
    first, second = [await asyncio.to_thread(CliRunner().invoke, app, arguments) for _ in range(2)]
    assert (first.exit_code, first.stdout) == (0, second.stdout)
    document = json.loads(first.stdout)
    assert document["kinds"] == [
        {"what": "category", "before": "credentialing_npi", "after": "coding", "lines": 1}
    ]
    assert document["changes"][0]["after"]["denied_amount"] == "100.00"
    words = await asyncio.to_thread(CliRunner().invoke, app, arguments[:-1])
    assert "1 of 1 answers change, 1 of them with an open case" in words.stdout
    assert "Nothing was changed." in words.stdout
