"""E-mail against a real SMTP server on loopback: what arrives, and what a refusal means."""

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from overturn.channels.email import EmailChannel
from overturn.channels.sending import ChannelError, content_hash
from tests.integration.channels.samples import FILES, NOW, clock

KEY = "appeal-7f"


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

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.messages.append(message)
        return self.answer


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def channel(mailbox: Mailbox, unused_port: int) -> Iterator[EmailChannel]:
    server = Controller(mailbox, hostname="127.0.0.1", port=unused_port)
    server.start()
    yield EmailChannel("127.0.0.1", unused_port, "billing@practice.test", clock, tls=None)
    server.stop()


def test_every_file_arrives_and_the_receipt_names_the_message(
    channel: EmailChannel, mailbox: Mailbox
) -> None:
    receipt = channel.send(FILES, to="appeals@plan.test", idempotency_key=KEY)
    (message,) = mailbox.messages
    assert [part.get_content() for part in message.iter_attachments()] == [file.content for file in FILES]
    assert message["Message-ID"] == receipt.reference == f"<{KEY}@practice.test>"
    assert (receipt.content_sha256, receipt.sent_at) == (content_hash(FILES), NOW)


def test_the_subject_says_nothing_of_the_patient(channel: EmailChannel, mailbox: Mailbox) -> None:
    channel.send(FILES, to="appeals@plan.test", idempotency_key=KEY)
    assert mailbox.messages[0]["Subject"] == "Appeal, documents attached"


@pytest.mark.parametrize(("answer", "permanent"), [("552 too large", True), ("451 try later", False)])
def test_a_refusal_says_whether_trying_again_helps(
    channel: EmailChannel, mailbox: Mailbox, answer: str, permanent: bool
) -> None:
    mailbox.answer = answer
    with pytest.raises(ChannelError, match=answer) as refused:
        channel.send(FILES, to="appeals@plan.test", idempotency_key=KEY)
    assert refused.value.permanent is permanent


def test_an_unknown_address_is_refused_for_good(channel: EmailChannel, mailbox: Mailbox) -> None:
    mailbox.recipient = "550 no such box"
    with pytest.raises(ChannelError, match="no such box") as refused:
        channel.send(FILES, to="nobody@plan.test", idempotency_key=KEY)
    assert refused.value.permanent
    assert mailbox.messages == []


def test_an_address_cannot_bring_a_header_of_its_own(channel: EmailChannel, mailbox: Mailbox) -> None:
    with pytest.raises(ChannelError, match="is no e-mail address"):
        channel.send(FILES, to="a@plan.test\nBcc: all@plan.test", idempotency_key=KEY)
    assert mailbox.messages == []


def test_a_server_that_is_away_may_be_tried_again(unused_port: int) -> None:
    away = EmailChannel("127.0.0.1", unused_port, "billing@practice.test", clock, tls=None)
    with pytest.raises(ChannelError, match="could not be reached") as refused:
        away.send(FILES, to="appeals@plan.test", idempotency_key=KEY)
    assert not refused.value.permanent
