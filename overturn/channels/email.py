"""A package by e-mail over TLS, or to a fax service that takes e-mail; one message, the files attached."""

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import EmailMessage
from typing import Final, NoReturn

from overturn.channels import CannotTellError, ChannelAwayError, ChannelRefusedError, Package, Receipt
from overturn.domain.channel_names import ChannelName

TIMEOUT_SECONDS: Final = 60
SUBJECT: Final = "Appeal, documents attached"
"""No name and no claim number: the subject of a message is read on the way."""
PERMANENT_FROM: Final = 500  # RFC 5321: 4yz may be tried again, 5yz may not


@dataclass(frozen=True, slots=True)
class EmailChannel:
    """An SMTP server of the practice. `tls` None only where the server is on this machine."""

    host: str
    port: int
    sender: str
    clock: Callable[[], datetime]
    user_name: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = field(default_factory=ssl.create_default_context)
    name: ChannelName = ChannelName.EMAIL
    label: str = "E-mail"

    def to_fax(self) -> "EmailChannel":
        """The same server, to a service that faxes what it is mailed."""
        return replace(self, name=ChannelName.EMAIL_TO_FAX, label="Fax by e-mail")

    async def find(self, package: Package) -> Receipt | None:  # noqa: ARG002 - the contract's
        """Mail keeps no account of what was handed over.

        Raises:
            CannotTellError: always.
        """
        raise CannotTellError(
            f"The mail server {self.host} was handed the message and its answer was lost. Look in the mail "
            "log or ask the payer whether it arrived."
        )

    async def send(self, package: Package) -> Receipt:
        """Send the files in one message, whose id is the package's key."""
        return await asyncio.to_thread(self._send, package)

    def notify(self, words: str, *, subject: str, to: str, key: str) -> None:
        """Send words alone, under a subject; raises as `send` does."""
        message = self._addressed(to, key, subject)
        message.set_content(words)
        self._deliver(message, to)

    def _send(self, package: Package) -> Receipt:
        message = self._addressed(package.destination, str(package.key), SUBJECT)
        message.set_content("The documents of an appeal are attached.")
        for file in package.files:
            message.add_attachment(file.content, maintype="application", subtype="pdf", filename=file.name)
        self._deliver(message, package.destination)
        return package.receipt(message["Message-ID"], answer="accepted", sent_at=self.clock())

    def _addressed(self, to: str, key: str, subject: str) -> EmailMessage:
        message = EmailMessage()
        try:
            message["From"], message["To"], message["Subject"] = self.sender, to, subject
        except ValueError as error:  # a line break in an address
            raise ChannelRefusedError(f"{to!r} is no e-mail address.") from error
        message["Message-ID"] = f"<{key}@{self.sender.rpartition('@')[2]}>"
        return message

    def _deliver(self, message: EmailMessage, to: str) -> None:
        with self._open() as server:
            try:
                server.send_message(message)
            except smtplib.SMTPRecipientsRefused as error:
                _refused(to, *next(iter(error.recipients.values())))
            except smtplib.SMTPResponseException as error:
                _refused(to, error.smtp_code, error.smtp_error)

    def _open(self) -> smtplib.SMTP:
        """A connection over which nothing has gone yet."""
        try:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
            if self.tls is not None:
                server.starttls(context=self.tls)
            if self.user_name:
                server.login(self.user_name, self.password)
        except smtplib.SMTPAuthenticationError as error:
            raise ChannelRefusedError(
                f"The mail server {self.host} refuses our user name and password. "
                "Tell whoever runs this system."
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise ChannelAwayError(f"The mail server {self.host} could not be reached.") from error
        return server


def _refused(to: str, code: int, answer: bytes | str) -> NoReturn:
    """A server that answers with a code has not taken the message."""
    words = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    kind = ChannelRefusedError if code >= PERMANENT_FROM else ChannelAwayError
    raise kind(f"The mail server refused the message to {to}: {code} {words}")
