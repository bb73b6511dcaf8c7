"""A package by e-mail over TLS, or to a fax service that takes e-mail; one message, the files attached."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Final

from overturn.channels.sending import ChannelError, Receipt, content_hash
from overturn.packages import PackageFile

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

    def send(self, files: list[PackageFile], *, to: str, idempotency_key: str) -> Receipt:
        """Send the files in one message. The key is the message's id, by which a mail system drops a second.

        Raises:
            ChannelError: the server refused it (5yz: for good) or could not be reached.
        """
        message = self._message(files, to, idempotency_key)
        self._deliver(message, to)
        return Receipt("email", to, message["Message-ID"], "accepted", content_hash(files), self.clock())

    def notify(self, words: str, *, subject: str, to: str, key: str) -> None:
        """Send words alone, under a subject; raises ChannelError as `send` does."""
        message = self._addressed(to, key, subject)
        message.set_content(words)
        self._deliver(message, to)

    def _deliver(self, message: EmailMessage, to: str) -> None:
        try:
            with smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS) as server:
                self._open(server)
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            raise _refused(to, code, answer) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(to, error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise ChannelError(
                f"The mail server {self.host} could not be reached.", permanent=False
            ) from error

    def _message(self, files: list[PackageFile], to: str, key: str) -> EmailMessage:
        message = self._addressed(to, key, SUBJECT)
        message.set_content("The documents of an appeal are attached.")
        for file in files:
            message.add_attachment(file.content, maintype="application", subtype="pdf", filename=file.name)
        return message

    def _addressed(self, to: str, key: str, subject: str) -> EmailMessage:
        message = EmailMessage()
        try:
            message["From"], message["To"], message["Subject"] = self.sender, to, subject
        except ValueError as error:  # a line break in an address
            raise ChannelError(f"{to!r} is no e-mail address.", permanent=True) from error
        message["Message-ID"] = f"<{key}@{self.sender.rpartition('@')[2]}>"
        return message

    def _open(self, server: smtplib.SMTP) -> None:
        if self.tls is not None:
            server.starttls(context=self.tls)
        if self.user_name:
            server.login(self.user_name, self.password)


def _refused(to: str, code: int, answer: bytes | str) -> ChannelError:
    words = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return ChannelError(
        f"The mail server refused the message to {to}: {code} {words}", permanent=code >= PERMANENT_FROM
    )
