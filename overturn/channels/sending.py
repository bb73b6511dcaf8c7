"""What every channel gives back, and how it says that it could not send."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from overturn.packages import PackageFile


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of a submission: what was sent where, what the other side answered, and the hash of all files."""

    channel: str
    destination: str
    reference: str
    answer: str
    content_sha256: str
    sent_at: datetime


class ChannelError(Exception):
    """The package was not sent; the message says why. `permanent`: sending it again as it is cannot help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


def content_hash(files: list[PackageFile]) -> str:
    """SHA-256 over names and contents: the same package has the same hash on every channel."""
    digest = sha256()
    for file in files:
        digest.update(f"{file.name} {len(file.content)}\n".encode())
        digest.update(file.content)
    return digest.hexdigest()
