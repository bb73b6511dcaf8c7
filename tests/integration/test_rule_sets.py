"""The life of rules: tried, approved by a second person, in force in running services, taken back."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col
from typer.testing import CliRunner

from overturn import rule_sets
from overturn.accounts import Role, add_account
from overturn.cli import app
from overturn.db import tables
from overturn.db.session import Sessions
from overturn.paths import RULES
from overturn.rule_sets import RuleSetError, RulesInForce, State
from overturn.rulebook import load_rulebook
from overturn.rulebook.loader import hash_tables
from services.classifier.claim_classifier import ClaimClassifier
from tests.integration.records import adjudications, post, rows
from tests.integration.test_reconciling import SETTINGS
from tests.unit.cli.test_classify import REMITTANCE

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

PASSWORD = "a long enough pass phrase"
SHIPPED = load_rulebook()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The committed rules with N290 as a coding denial."""
    rules = Path(shutil.copytree(RULES, tmp_path / "rules"))
    change(rules, "co-16-n290,", ",credentialing_npi,", ",coding,")
    return rules


def change(rules: Path, row: str, old: str, new: str) -> None:
    for table in (rules / "denials.csv", rules / "denial_tests.csv"):
        lines = table.read_text().splitlines()
        table.write_text(
            "\n".join(line.replace(old, new) if line.startswith(row) else line for line in lines)
        )


async def person(sessions: Sessions, name: str) -> UUID:
    async with sessions.begin() as session:
        await add_account(session, user_name=name, password=PASSWORD, role=Role.MANAGER)
        found = select(col(tables.UserAccount.id)).where(col(tables.UserAccount.user_name) == name)
        return (await session.execute(found)).scalar_one()


async def published(sessions: Sessions, folder: Path, ana: UUID, max_: UUID) -> str:
    async with sessions.begin() as session:
        version = (await rule_sets.submit(session, folder, by=ana)).version
        await rule_sets.approve(session, version, by=max_)
        await rule_sets.publish(session, version, by=max_)
    return version


async def test_rules_are_tested_approved_by_another_published_and_taken_back(
    sessions: Sessions, folder: Path
) -> None:
    ana, max_ = await person(sessions, "ana"), await person(sessions, "max")
    in_force = RulesInForce(SHIPPED)
    async with sessions.begin() as session:
        submitted = await rule_sets.submit(session, folder, by=ana)
        assert submitted.state == State.TESTED
        with pytest.raises(RuleSetError, match="has to be approved"):
            await rule_sets.publish(session, submitted.version[:12], by=max_)
        with pytest.raises(RuleSetError, match="ask a second person"):
            await rule_sets.approve(session, submitted.version[:12], by=ana)
        await rule_sets.approve(session, submitted.version[:12], by=max_)
        assert (await in_force.current(session)).content_hash == SHIPPED.content_hash
        await rule_sets.publish(session, submitted.version[:12], by=max_)
        assert (await in_force.current(session)).content_hash == submitted.version
        assert await rule_sets.roll_back(session, by=max_) is None
        assert (await in_force.current(session)).content_hash == SHIPPED.content_hash
        with pytest.raises(RuleSetError, match="Nothing is published"):
            await rule_sets.roll_back(session, by=max_)


async def test_a_later_set_supersedes_and_a_rollback_brings_the_former_back(
    sessions: Sessions, folder: Path
) -> None:
    ana, max_ = await person(sessions, "ana"), await person(sessions, "max")
    first = await published(sessions, folder, ana, max_)
    change(folder, "co-16-n257,", ",credentialing_npi,", ",coding,")
    second = await published(sessions, folder, ana, max_)
    async with sessions.begin() as session:
        states = {facts.version: facts.state for facts in await rule_sets.list_sets(session)}
        assert states == {first: State.SUPERSEDED, second: State.PUBLISHED}
        former = await rule_sets.roll_back(session, by=ana, note="too early")
        assert former is not None
        assert (former.version, former.state) == (first, State.PUBLISHED)
        assert (await rule_sets.find_set(session, second)).state == State.ROLLED_BACK


async def test_a_folder_with_a_problem_stays_a_draft_until_it_is_correct(
    sessions: Sessions, folder: Path
) -> None:
    ana, max_ = await person(sessions, "ana"), await person(sessions, "max")
    (folder / "denial_tests.csv").write_text((RULES / "denial_tests.csv").read_text())
    async with sessions.begin() as session:
        draft = await rule_sets.submit(session, folder, by=ana)
        assert (draft.state, "co-16-n290" in draft.problems[0]) == (State.DRAFT, True)
        with pytest.raises(RuleSetError, match="is draft; to approve it, it has to be tested"):
            await rule_sets.approve(session, draft.version, by=max_)
        assert (await rule_sets.submit(session, folder, by=ana)).state == State.DRAFT


async def test_the_same_folder_is_not_submitted_twice_and_a_vague_version_is_refused(
    sessions: Sessions, folder: Path
) -> None:
    ana = await person(sessions, "ana")
    async with sessions.begin() as session:
        await rule_sets.submit(session, folder, by=ana)
        with pytest.raises(RuleSetError, match="was submitted before"):
            await rule_sets.submit(session, folder, by=ana)
        with pytest.raises(RuleSetError, match="no one set of rules 'ffffffffffffffff'"):
            await rule_sets.find_set(session, "f" * 16)


async def test_the_classifier_takes_published_rules_without_a_restart_and_keeps_what_was_decided(
    sessions: Sessions, folder: Path
) -> None:
    ana, max_ = await person(sessions, "ana"), await person(sessions, "max")
    classifier = ClaimClassifier(RulesInForce(SHIPPED))
    await post(sessions, REMITTANCE.encode())
    events = await adjudications(sessions)
    async with sessions.begin() as session:
        await classifier(session, events)
    version = await published(sessions, folder, ana, max_)
    async with sessions.begin() as session:
        await classifier(session, events)
    [denial] = await rows(sessions, tables.Denial)
    kept = {(row.category, row.rule_version) for row in await rows(sessions, tables.Classification)}
    assert (denial.category, denial.rule_version) == ("coding", version[:12])
    assert kept == {("credentialing_npi", SHIPPED.version), ("coding", version[:12])}
    async with sessions.begin() as session:
        await classifier(session, events)
    assert len(await rows(sessions, tables.Classification)) == 2


async def test_a_published_set_that_cannot_be_read_leaves_the_old_one_in_force(
    sessions: Sessions, folder: Path
) -> None:
    ana, max_ = await person(sessions, "ana"), await person(sessions, "max")
    version = await published(sessions, folder, ana, max_)
    in_force = RulesInForce(SHIPPED)
    async with sessions.begin() as session:
        held = await in_force.current(session)
        broken = tables.RuleSet(version="f" * 64, state="approved", tables={"denials.csv": "id\n"})
        session.add(broken)
        await rule_sets.publish(session, broken.version, by=max_)
        assert (await in_force.current(session)) is held
        assert held.content_hash == version
        shipped = await RulesInForce(SHIPPED).current(session)
        assert shipped.content_hash == SHIPPED.content_hash


async def run(
    monkeypatch: pytest.MonkeyPatch, database_url: str, *arguments: str, password: str = PASSWORD
) -> Any:
    for name, value in (SETTINGS | {"database_url": database_url}).items():
        monkeypatch.setenv(f"OVERTURN_{name.upper()}", value)
    return await asyncio.to_thread(CliRunner().invoke, app, ["rules", *arguments], input=f"{password}\n")


async def test_the_commands_lead_a_folder_through_its_life(
    sessions: Sessions, database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ana", "max"):
        await person(sessions, name)
    submitted = await run(monkeypatch, database_url, "submit", str(folder), "--by", "ana", "--note", "N290")
    assert (submitted.exit_code, "is tested." in submitted.stdout) == (0, True), submitted.output
    version = hash_tables(folder)[:12]
    refused = await run(monkeypatch, database_url, "approve", version, "--by", "ana")
    assert (refused.exit_code, "ask a second person" in refused.stderr) == (2, True)
    for step in ("approve", "publish"):
        done = await run(monkeypatch, database_url, step, version, "--by", "max")
        assert done.exit_code == 0, done.output
    listed = json.loads((await run(monkeypatch, database_url, "list", "--json")).stdout)
    assert [(facts["version"][:12], facts["state"], facts["by"]) for facts in listed] == [
        (version, "published", "max")
    ]
    back = await run(monkeypatch, database_url, "rollback", "--by", "ana")
    assert "The shipped folder is in force again." in back.stdout


async def test_a_wrong_password_takes_no_step(
    sessions: Sessions, database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await person(sessions, "ana")
    for name, password in (("nobody", PASSWORD), ("ana", "something else entirely")):
        submit = ("submit", str(folder), "--by", name)
        answered = await run(monkeypatch, database_url, *submit, password=password)
        assert (answered.exit_code, "Name or password are wrong." in answered.stderr) == (2, True)
    assert await rows(sessions, tables.RuleSet) == []


async def test_a_stored_set_is_opened_with_the_tables_that_prove_causes(
    sessions: Sessions, folder: Path
) -> None:
    """As it decides once published: else a replay of it would miss every cause that a table proves."""
    ana = await person(sessions, "ana")
    async with sessions.begin() as session:
        submitted = await rule_sets.submit(session, folder, by=ana)
        opened = rule_sets.open_set(await rule_sets.find_set(session, submitted.version))
    assert opened.content_hash == submitted.version
    assert opened.denials.cause_tables is not None
