"""E-mail against a real SMTP server on loopback: what arrives, and what a refusal means."""

import email
import email.policy
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from overturn.channels import CannotTellError, ChannelAwayError, ChannelRefusedError
from overturn.channels.email import EmailChannel
from tests.integration.channels.samples import FILES, KEY, NOW, clock, package
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.asyncio


class Mailbox:
    """Keeps what arrives; answers as told."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answer = "250 OK"
        self.recipient = "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.messages.append(message)
        if not self.answer:
            server.transport.close()
        return self.answer or "250 OK"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def channel(mailbox: Mailbox, unused_port: int) -> Iterator[EmailChannel]:
    server = Controller(mailbox, hostname="127.0.0.1", port=unused_port, ready_timeout=PATIENCE_SECONDS)
    server.start()
    yield EmailChannel("127.0.0.1", unused_port, "billing@practice.test", clock, tls=None)
    server.stop()


async def test_every_file_arrives_and_the_receipt_names_the_message(
    channel: EmailChannel, mailbox: Mailbox
) -> None:
    receipt = await channel.send(package("appeals@plan.test"))
    (message,) = mailbox.messages
    assert [part.get_content() for part in message.iter_attachments()] == [file.content for file in FILES]
    assert message["Message-ID"] == receipt.confirmation == f"<{KEY}@practice.test>"
    assert (receipt.destination, receipt.sent_at) == ("appeals@plan.test", NOW)
    assert receipt.content_sha256 == package("appeals@plan.test").content_sha256


async def test_the_subject_says_nothing_of_the_patient(channel: EmailChannel, mailbox: Mailbox) -> None:
    await channel.send(package("appeals@plan.test"))
    assert mailbox.messages[0]["Subject"] == "Appeal, documents attached"


@pytest.mark.parametrize(
    ("answer", "error"), [("552 too large", ChannelRefusedError), ("451 try later", ChannelAwayError)]
)
async def test_a_refusal_says_whether_trying_again_helps(
    channel: EmailChannel, mailbox: Mailbox, answer: str, error: type[Exception]
) -> None:
    mailbox.answer = answer
    with pytest.raises(error, match=answer):
        await channel.send(package("appeals@plan.test"))


async def test_an_unknown_address_is_refused_for_good(channel: EmailChannel, mailbox: Mailbox) -> None:
    mailbox.recipient = "550 no such box"
    with pytest.raises(ChannelRefusedError, match="no such box"):
        await channel.send(package("nobody@plan.test"))
    assert mailbox.messages == []


async def test_an_address_cannot_bring_a_header_of_its_own(channel: EmailChannel, mailbox: Mailbox) -> None:
    with pytest.raises(ChannelRefusedError, match="is no e-mail address"):
        await channel.send(package("a@plan.test\nBcc: all@plan.test"))
    assert mailbox.messages == []


async def test_a_server_that_is_away_may_be_tried_again(unused_port: int) -> None:
    away = EmailChannel("127.0.0.1", unused_port, "billing@practice.test", clock, tls=None)
    with pytest.raises(ChannelAwayError, match="could not be reached"):
        await away.send(package("appeals@plan.test"))


async def test_mail_cannot_tell_what_it_was_handed(channel: EmailChannel) -> None:
    with pytest.raises(CannotTellError, match="mail log"):
        await channel.find(package("appeals@plan.test"))


async def test_a_server_that_hangs_up_in_the_middle_leaves_the_question_open(
    channel: EmailChannel, mailbox: Mailbox
) -> None:
    """It may have the message: neither refused nor away, so `find` is asked before a second try."""
    mailbox.answer = ""
    with pytest.raises(smtplib.SMTPException) as failed:
        await channel.send(package("appeals@plan.test"))
    assert len(mailbox.messages) == 1
    assert not isinstance(failed.value, smtplib.SMTPResponseException)


async def test_the_fax_by_mail_is_the_same_server_under_another_name(channel: EmailChannel) -> None:
    fax = channel.to_fax()
    assert (fax.name, fax.host, fax.port) == ("email_to_fax", channel.host, channel.port)
