"""What a night does for all cases together, on Temporal's own server and with a real mail server."""

import asyncio
import email
import email.policy
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow, WorkflowHandle
from temporalio.testing import ActivityEnvironment

from overturn.channels import ChannelAwayError
from overturn.channels.email import EmailChannel
from overturn.db.authorizations import save_authorizations
from overturn.db.session import create_engine, create_sessions
from overturn.db.tables import CaseEvent, DenialCase, WorkItem
from overturn.domain.authorizations import Authorization
from overturn.domain.causes.tables import Enrolment
from overturn.domain.denial_case import CaseStatus
from overturn.domain.expiries import Notice
from overturn.domain.practice_day import practice_date
from overturn.reporting.untouched import untouched_cases
from overturn.rule_sets import RulesInForce
from overturn.rulebook import Rulebook, load_rulebook
from overturn.settings import SettingsError, load_settings
from overturn.stack.part import free_port
from tests.replay.recorded import history_converter
from tests.waiting import PATIENCE_SECONDS, until
from tests.workflow.record import PATIENT, Record, create_record
from tests.workflow.test_histories import keep
from workflows.nightly.activities import DigestPost, NightlyActivities
from workflows.nightly.schedule import NIGHTLY, ensure_schedules
from workflows.nightly.types import NightInput
from workflows.worker import _digest_post, create_worker

pytestmark = [pytest.mark.asyncio, pytest.mark.temporal, pytest.mark.postgres]

NOW = datetime(2026, 11, 23, 12, 5, tzinfo=UTC)  # a Monday
TODAY = practice_date(NOW)
URL = "https://overturn.practice.test"
ENDING = ["Authorizations that end soon", "Enrolments that end soon", "Authorizations with few visits left"]
LEADS = ("lead@practice.test", "manager@practice.test")


class Mailbox:
    """Keeps what arrives; refuses those it is told to, as it is told to."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refuses: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.refuses.get(address, "250 OK")

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.messages.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def channel(mailbox: Mailbox) -> Iterator[EmailChannel]:
    port = free_port()
    server = Controller(mailbox, hostname="127.0.0.1", port=port, ready_timeout=PATIENCE_SECONDS)
    server.start()
    yield EmailChannel("127.0.0.1", port, "overturn@practice.test", lambda: NOW, tls=None)
    server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def record(database_url: str) -> AsyncIterator[Record]:
    engine = create_engine(database_url)
    yield await create_record(create_sessions(engine))
    await engine.dispose()


def activities(
    record: Record, tmp_path: Path, channel: EmailChannel | None = None, rulebook: Rulebook | None = None
) -> NightlyActivities:
    post = DigestPost(channel, LEADS, URL) if channel else None
    return NightlyActivities(
        record.sessions,
        RulesInForce(rulebook or load_rulebook()),
        reference_dir=tmp_path,
        notice=Notice((60, 30, 14), few_visits=2),
        post=post,
    )


async def work_case(
    record: Record, *, due_on: date | None = None, moved_on: date = TODAY, actor: str = "workflow"
) -> UUID:
    """A case to be worked whose timeline was last written on `moved_on`."""
    case_id = await record.add_denied_claim(denied_on=TODAY - timedelta(days=20))
    async with record.sessions.begin() as session:
        case = await session.get_one(DenialCase, case_id)
        case.status, case.due_on, case.queue = CaseStatus.NEEDS_WORK, due_on, "appeals"
        case.opened_at = datetime(2026, 10, 1, tzinfo=UTC)
        at = datetime.combine(moved_on, NOW.timetz())
        session.add(
            CaseEvent(id=case_id, case_id=case_id, kind="opened", summary="-", actor=actor, happened_at=at)
        )
        session.add(
            WorkItem(id=case_id, case_id=case_id, queue="appeals", kind="k", title="t", priority=Decimal(0))
        )
    return case_id


async def night(done: Any) -> Any:
    return await ActivityEnvironment().run(done, NightInput(at=NOW))


async def test_every_case_to_be_worked_is_weighed_by_the_days_it_has_left(
    record: Record, tmp_path: Path
) -> None:
    near, far = [await work_case(record, due_on=TODAY + timedelta(days=days)) for days in (2, 90)]
    for _ in range(2):
        assert await night(activities(record, tmp_path).weigh_open_cases) == 2
        (near_item,), (far_item,) = await record.open_items(near), await record.open_items(far)
        assert near_item.priority > far_item.priority > 0
        assert near_item.priority == (await record.case(near)).priority
    assert "2 days left" in (await record.case(near)).priority_reason


async def test_what_is_closed_or_with_the_payer_is_left_alone(record: Record, tmp_path: Path) -> None:
    await record.add_denied_claim(denied_on=TODAY)  # not yet prepared
    assert await night(activities(record, tmp_path).weigh_open_cases) == 0


async def test_untouched_is_what_nothing_but_the_clock_has_moved_for_a_working_week(record: Record) -> None:
    still = await work_case(record, moved_on=date(2026, 11, 12))
    reminded = await work_case(record, moved_on=date(2026, 11, 20), actor="clock")
    await work_case(record, moved_on=date(2026, 11, 17))
    pended = await work_case(record, moved_on=date(2026, 11, 2))
    async with record.sessions.begin() as session:
        (await session.get_one(DenialCase, pended)).pended_until = date(2026, 12, 1)
    async with record.sessions() as session:
        found = {case.case_id for case in await untouched_cases(session, today=TODAY, holidays=frozenset())}
    assert found == {still, reminded}


async def test_each_lead_gets_the_figures_and_no_patient(
    record: Record, tmp_path: Path, channel: EmailChannel, mailbox: Mailbox
) -> None:
    case_id = await work_case(record, due_on=TODAY + timedelta(days=2), moved_on=date(2026, 11, 2))
    assert await night(activities(record, tmp_path, channel).send_digest) is True
    assert [message["To"] for message in mailbox.messages] == list(LEADS)
    assert len({message["Message-ID"] for message in mailbox.messages}) == 2
    words = mailbox.messages[0].get_content()
    assert f"Open cases: 1, $120.00 ({URL}/queue)" in words
    assert f"Untouched for 5 business days: 1, $120.00 ({URL}/missed)" in words
    assert f"{URL}/cases/{case_id}" in words
    assert f"Unanswered claims: 0, $0.00 ({URL}/unanswered)" in words
    assert f"Requests for records to answer: 0, $0.00 ({URL}/records)" in words
    for private in (PATIENT, "PCN", "MEMBER1", "GENERATED"):
        assert private not in words


async def test_reference_tables_whose_time_is_over_are_named(
    record: Record, tmp_path: Path, channel: EmailChannel, mailbox: Mailbox
) -> None:
    late = NightInput(at=NOW + timedelta(days=2000))
    await ActivityEnvironment().run(activities(record, tmp_path, channel).send_digest, late)
    assert re.search(r"Reference table out of date: \w+, \d{4}", mailbox.messages[0].get_content())


async def test_what_ends_before_long_is_counted_once_per_threshold_and_names_nobody(
    record: Record, tmp_path: Path, channel: EmailChannel, mailbox: Mailbox
) -> None:
    ends = TODAY + timedelta(days=31)
    rulebook = replace(load_rulebook(), enrolments=(Enrolment("2999000134", "cigna", TODAY, ends, "letter"),))
    held = Authorization("aetna", "MEMBER1", "A4711", TODAY, ends, visits=2, reference="letter")
    async with record.sessions.begin() as session:
        await save_authorizations(session, [held], by=None, at=NOW)
    nightly = activities(record, tmp_path, channel, rulebook)
    news = {}
    for days in (0, 0, 1, 2, 17, 18, 32):
        mailbox.messages.clear()
        await ActivityEnvironment().run(nightly.send_digest, NightInput(at=NOW + timedelta(days=days)))
        words = mailbox.messages[0].get_content()
        news[days] = [name for name in ENDING if f"{name}: 1 ({URL}/manager)" in words]
        assert not any(private in words for private in ("MEMBER1", "A4711", "2999000134"))
    assert news == {0: ENDING, 1: ENDING[:2], 2: [], 17: ENDING[:2], 18: [], 32: []}


async def test_a_lead_who_is_refused_keeps_nobody_else_waiting(
    record: Record, tmp_path: Path, channel: EmailChannel, mailbox: Mailbox
) -> None:
    mailbox.refuses[LEADS[0]] = "550 no such person"
    await night(activities(record, tmp_path, channel).send_digest)
    assert [message["To"] for message in mailbox.messages] == [LEADS[1]]
    mailbox.refuses[LEADS[0]] = "451 try later"
    with pytest.raises(ChannelAwayError):
        await night(activities(record, tmp_path, channel).send_digest)


async def test_without_a_mail_server_none_is_sent(record: Record, tmp_path: Path) -> None:
    assert await night(activities(record, tmp_path).send_digest) is False


async def test_a_mail_server_without_anyone_to_write_to_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = {
        "DATABASE_URL": "postgresql+psycopg://u:p@h/d",
        "KAFKA_BOOTSTRAP_SERVERS": "k:1",
        "TEMPORAL_ADDRESS": "t:1",
        "INGEST_TOKEN": "t" * 32,
        "PAYLOAD_KEY": "A" * 43 + "=",
        "SMTP_HOST": "mail.practice.test",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"OVERTURN_{name}", value)
    with pytest.raises(SettingsError, match="set OVERTURN_SMTP_SENDER and OVERTURN_DIGEST_TO"):
        _digest_post(load_settings(tmp_path))
    monkeypatch.setenv("OVERTURN_SMTP_SENDER", "overturn@practice.test")
    monkeypatch.setenv("OVERTURN_DIGEST_TO", '["lead@practice.test"]')
    post = _digest_post(load_settings(tmp_path))
    assert post is not None
    assert (post.url, post.channel.port) == ("http://127.0.0.1:8080", 587)


async def has_mail(client: Client, mailbox: Mailbox, *, seconds: float = 240) -> None:
    """Until the first message is there; what the server knows of the night is shown if not."""
    try:
        async with asyncio.timeout(seconds):
            while not mailbox.messages:  # noqa: ASYNC110 - what is waited for happens in a mail server
                await asyncio.sleep(0.1)
    except TimeoutError:
        schedule = (await client.get_schedule_handle(NIGHTLY).describe()).info
        nights = [night async for night in client.list_workflows("WorkflowType = 'NightlyWorkflow'")]
        pending = [
            (await client.get_workflow_handle(night.id, run_id=night.run_id).describe()).raw_description
            for night in nights
        ]
        pytest.fail(f"no mail after {seconds} seconds\n{schedule}\n{pending}")


async def started_night(client: Client) -> WorkflowHandle[Any, Any]:
    """The run that the schedule began."""

    async def run_id() -> list[tuple[str, str]]:
        actions = (await client.get_schedule_handle(NIGHTLY).describe()).info.recent_actions
        begun = [each.action for each in actions]
        return [
            (run.workflow_id, run.first_execution_run_id)
            for run in begun
            if isinstance(run, ScheduleActionExecutionStartWorkflow)
        ]

    [(workflow_id, first_run_id)] = await until(run_id)
    return client.get_workflow_handle(workflow_id, run_id=first_run_id)


async def test_the_schedule_is_made_once_and_its_night_runs(
    record: Record, tmp_path: Path, temporal_address: str, channel: EmailChannel, mailbox: Mailbox
) -> None:
    client = await Client.connect(temporal_address, data_converter=history_converter())
    for _ in range(2):
        await ensure_schedules(client)
    schedule = client.get_schedule_handle(NIGHTLY)
    case_id = await work_case(record, due_on=datetime.now(UTC).date() + timedelta(days=2))
    async with create_worker(client, activities(record, tmp_path, channel)):
        await schedule.trigger()
        await has_mail(client, mailbox)
        night = await started_night(client)
        await asyncio.wait_for(night.result(), PATIENCE_SECONDS)
    await keep("nightly_night", await night.fetch_history())
    assert (await record.case(case_id)).priority > 0
    assert len((await schedule.describe()).schedule.spec.calendars) == 1
    await schedule.delete()
