"""From an approved letter to a stored proof over every channel: Temporal's server, real protocols."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar
from uuid import UUID, uuid4

import asyncssh
import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from overturn.channels import Channel, Package, Receipt
from overturn.channels.email import EmailChannel
from overturn.channels.fax import FaxChannel
from overturn.channels.folder import PrintFolder
from overturn.channels.portal import PortalChannel
from overturn.channels.sftp import SftpChannel
from overturn.db import tables
from overturn.db.session import create_engine, create_sessions
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, StepRefusedError
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from overturn.stack.part import free_port
from overturn.temporal.search_attributes import register_search_attributes
from services.appeals.app import create_worker as create_appeals_worker
from tests.integration.channels.test_email import Mailbox
from tests.integration.channels.test_fax import FaxService
from tests.integration.channels.test_sftp import known, server
from tests.replay.recorded import history_converter
from tests.waiting import PATIENCE_SECONDS, until
from tests.workflow.record import Record, create_record
from workflows.denial_case.activities import DenialCaseActivities
from workflows.denial_case.starting import open_case
from workflows.denial_case.step_client import take_step
from workflows.denial_case.types import ApproveInput, SendInput
from workflows.worker import create_worker

pytestmark = [pytest.mark.asyncio, pytest.mark.temporal, pytest.mark.postgres]

CONFIRMATION = "PORTAL-7"


@dataclass
class Desk:
    """A running system with one way to the payer."""

    client: Client
    record: Record

    async def send(self, channel: ChannelName, words: str = "") -> UUID:
        """Open a case, approve its letter, and have it sent by this channel."""
        day = tables.utc_now().date()
        case_id = await self.record.add_denied_claim(denied_on=day)
        await open_case(self.client, case_id)
        await self._until_status(case_id, CaseStatus.NEEDS_WORK, letter=True)
        await self.record.fill_letter(case_id)
        mine = {"actor_id": self.record.person_id}
        approve = ApproveInput(step_id=uuid4(), case_version=1, **mine)
        await self._approve(case_id, approve)
        send = SendInput(step_id=uuid4(), case_version=2, channel=channel, **mine)
        await take_step(self.client, self.record.sessions, case_id, send, words)
        return case_id

    async def _approve(self, case_id: UUID, step: ApproveInput) -> None:
        """The letter is on record a moment before its workflow knows."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    await take_step(self.client, self.record.sessions, case_id, step)
                except StepRefusedError as error:
                    if "still being drafted" not in str(error):
                        raise
                    await asyncio.sleep(0.2)
                else:
                    return

    async def sent(self, case_id: UUID) -> tables.Sending:
        await self._until_status(case_id, CaseStatus.SUBMITTED)
        (sending,) = await self.record.sendings(case_id)
        return sending

    async def given_back(self, case_id: UUID) -> str:
        await self._until_status(case_id, CaseStatus.APPROVED)
        return (await self.record.timeline(case_id))[-1].summary

    async def _until_status(self, case_id: UUID, status: CaseStatus, *, letter: bool = False) -> None:
        async def has_status() -> bool:
            case = await self.record.case(case_id)
            return case.status == status and (not letter or bool(await self.record.letters(case_id)))

        await until(has_status)


@dataclass
class DiesOnce:
    """A channel whose worker dies between 'sent' and 'recorded', the first time."""

    behind: Channel
    left: list[Exception] = field(default_factory=lambda: [ConnectionResetError("killed")])

    @property
    def name(self) -> ChannelName:
        return self.behind.name

    @property
    def label(self) -> str:
        return self.behind.label

    async def find(self, package: Package) -> Receipt | None:
        return await self.behind.find(package)

    async def send(self, package: Package) -> Receipt:
        receipt = await self.behind.send(package)
        if self.left:
            raise self.left.pop()
        return receipt


@pytest_asyncio.fixture(loop_scope="session")
async def client(temporal_address: str) -> Client:
    connected = await Client.connect(temporal_address, data_converter=history_converter())
    await register_search_attributes(connected)
    return connected


@pytest_asyncio.fixture(loop_scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = create_engine(database_url)
    yield made
    await made.dispose()


@asynccontextmanager
async def working(client: Client, engine: AsyncEngine, channel: Channel, to: str) -> AsyncIterator[Desk]:
    """Both workers, with one channel and the payer's address for it."""
    sessions, rules = create_sessions(engine), RulesInForce(load_rulebook())
    activities = DenialCaseActivities(
        sessions, rules, reminder_days=(1,), escalation_days=1, recall_seconds=1
    )
    async with (
        create_worker(client, activities),
        create_appeals_worker(
            client, sessions, rules, {channel.name: channel}, claims_folder=Path("never-used")
        ),
    ):
        record = await create_record(sessions)
        await record.add_contact(channel.name, to)
        yield Desk(client, record)


class CarefulFaxService(FaxService):
    """Faxes once for each key, and answers the same to it again."""

    ids: ClassVar[dict[str, str]] = {}
    faxed: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:  # noqa: N802 - the library's name
        key, content = self.headers["Idempotency-Key"], self.rfile.read(int(self.headers["Content-Length"]))
        if key not in self.ids:
            self.faxed.append(content)
            self.ids[key] = f"fax-{len(self.faxed)}"
        answer = f'{{"id": "{self.ids[key]}"}}'.encode()
        self.send_response(202)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


@pytest.fixture
def faxes() -> Iterator[tuple[str, type[CarefulFaxService]]]:
    class Fresh(CarefulFaxService):
        ids: ClassVar[dict[str, str]] = {}
        faxed: ClassVar[list[bytes]] = []

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Fresh)
    thread = Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}/faxes", Fresh
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.fixture
def mailbox() -> Iterator[tuple[EmailChannel, Mailbox]]:
    box, port = Mailbox(), free_port()
    listening = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=PATIENCE_SECONDS)
    listening.start()
    yield EmailChannel("127.0.0.1", port, "billing@practice.test", tables.utc_now, tls=None), box
    listening.stop()


def proves(sending: tables.Sending, received: list[bytes]) -> bool:
    """Whether the stored proof is of exactly what arrived."""
    return sorted(sending.proof["files"].values()) == sorted(sha256(file).hexdigest() for file in received)


async def test_by_mail(client: Client, engine: AsyncEngine, tmp_path: Path) -> None:
    async with working(client, engine, PrintFolder(tmp_path), "") as desk:
        sending = await desk.sent(await desk.send(ChannelName.MAIL))
    laid_out = [path.read_bytes() for path in (tmp_path / str(sending.id)).iterdir()]
    assert proves(sending, laid_out)


@pytest.mark.parametrize("name", [ChannelName.EMAIL, ChannelName.EMAIL_TO_FAX])
async def test_by_mail_server(
    client: Client, engine: AsyncEngine, mailbox: tuple[EmailChannel, Mailbox], name: ChannelName
) -> None:
    channel, box = mailbox
    channel = channel if name is ChannelName.EMAIL else channel.to_fax()
    async with working(client, engine, channel, "appeals@payer.test") as desk:
        sending = await desk.sent(await desk.send(name))
    (message,) = box.messages
    assert (sending.confirmation, message["To"]) == (message["Message-ID"], "appeals@payer.test")
    assert proves(sending, [part.get_content() for part in message.iter_attachments()])


async def test_by_fax_service_whose_answer_is_lost_once(
    client: Client, engine: AsyncEngine, faxes: tuple[str, type[CarefulFaxService]]
) -> None:
    """The second try has the first one's keys: the service faxes once, and the proof is the first one's."""
    url, service = faxes
    channel = DiesOnce(FaxChannel(url, tables.utc_now))
    async with working(client, engine, channel, "(555) 555-0100") as desk:
        sending = await desk.sent(await desk.send(ChannelName.FAX))
    assert channel.left == []
    assert (sending.confirmation, sending.proof["destination"]) == ("fax-1", "5555550100")
    assert proves(sending, service.faxed)


async def test_a_mail_server_whose_answer_is_lost_is_a_persons_question(
    client: Client, engine: AsyncEngine, mailbox: tuple[EmailChannel, Mailbox]
) -> None:
    channel, box = mailbox
    async with working(client, engine, DiesOnce(channel), "appeals@payer.test") as desk:
        case_id = await desk.send(ChannelName.EMAIL)
        summary = await desk.given_back(case_id)
        (item,) = await desk.record.open_items(case_id)
    assert summary.startswith("It may have gone out. The mail server")
    assert (len(box.messages), item.kind) == (1, "send")


async def test_a_refusal_for_good_is_a_persons_at_once_in_the_servers_words(
    client: Client, engine: AsyncEngine, mailbox: tuple[EmailChannel, Mailbox]
) -> None:
    channel, box = mailbox
    box.recipient = "550 no such box"
    async with working(client, engine, channel, "appeals@payer.test") as desk:
        summary = await desk.given_back(await desk.send(ChannelName.EMAIL))
    assert "nothing went out" in summary
    assert "550 no such box" in summary
    assert box.messages == []


async def test_a_server_that_is_busy_is_tried_again(
    client: Client, engine: AsyncEngine, mailbox: tuple[EmailChannel, Mailbox]
) -> None:
    channel, box = mailbox
    box.recipient = "451 try later"
    async with working(client, engine, channel, "appeals@payer.test") as desk:
        case_id = await desk.send(ChannelName.EMAIL)
        await asyncio.sleep(2)
        box.recipient = "250 OK"
        sending = await desk.sent(case_id)
    assert (sending.state, len(box.messages)) == ("sent", 1)


async def test_by_sftp(client: Client, engine: AsyncEngine, tmp_path: Path) -> None:
    for name in ("ours", "host"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(str(tmp_path / name))
        key.write_public_key(str(tmp_path / f"{name}.pub"))
    (tmp_path / "box" / "in").mkdir(parents=True)
    host = asyncssh.read_private_key(str(tmp_path / "host"))
    with server(tmp_path / "box", host, tmp_path / "ours.pub") as port:
        channel = SftpChannel("practice", tmp_path / "ours", known(tmp_path, port, "host"), tables.utc_now)
        async with working(client, engine, channel, f"sftp://127.0.0.1:{port}/in") as desk:
            sending = await desk.sent(await desk.send(ChannelName.SFTP))
    assert proves(sending, [path.read_bytes() for path in (tmp_path / "box" / "in").iterdir()])


async def test_by_portal(client: Client, engine: AsyncEngine) -> None:
    channel = PortalChannel(tables.utc_now)
    async with working(client, engine, channel, "https://portal.payer.test/appeals") as desk:
        with pytest.raises(StepRefusedError, match="confirmation number"):
            await desk.send(ChannelName.PORTAL)
        case_id = await desk.send(ChannelName.PORTAL, CONFIRMATION)
        sending = await desk.sent(case_id)
        kept = await desk.record.sent_files(sending.id)
    assert sending.confirmation == CONFIRMATION
    assert proves(sending, [file.content for file in kept])
