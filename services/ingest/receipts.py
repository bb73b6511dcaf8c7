"""What whoever brought a file is told: at once, later, and when the same bytes come again."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from overturn.db.received_files import POSTING, percent, progress
from overturn.db.tables import ReceivedFile
from overturn.x12 import Finding, Severity

POSTED: Final = "posted"
PARTLY_POSTED: Final = "partly_posted"
QUARANTINED: Final = "quarantined"
KNOWN: Final = "known"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to whoever brought the file."""

    state: str  # posted, partly_posted, quarantined, known; posting while it is not done
    sha256: str
    file_name: str
    claims: int
    message: str
    findings: list[dict[str, Any]]
    held_back: bool  # the file, or a part of it, was not posted: now, or when it came before
    percent: int = 100  # of reading, then of posting
    members: list[dict[str, Any]] = field(default_factory=list)  # of an archive: the receipt of each file


def receipt(file: ReceivedFile, file_name: str) -> Receipt:
    """What has become of the file so far."""
    return Receipt(
        state=file.state,
        sha256=file.sha256,
        file_name=file_name,
        claims=file.claims,
        message=progress(file) if file.state == POSTING else _message(file),
        findings=file.findings,
        held_back=file.state not in (POSTED, POSTING),
        percent=percent(file) if file.state == POSTING else 100,
    )


def known(file: ReceivedFile, file_name: str) -> Receipt:
    """The same bytes came before, and were posted or put aside then."""
    before = f"{file.received_at:%Y-%m-%d %H:%M} UTC as {file.file_name}"
    held_back = file.state != POSTED
    why = " ".join(finding["message"] for finding in file.findings[:3]) if held_back else ""
    return Receipt(
        state=KNOWN,
        sha256=file.sha256,
        file_name=file_name,
        claims=0,
        message=f"This file came before, on {before} ({file.state}); nothing changed. {why}".strip(),
        findings=file.findings,
        held_back=held_back,
    )


def claims_posted(claims: int) -> str:
    return "1 claim posted" if claims == 1 else f"{claims} claims posted"


def documents(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [asdict(finding) for finding in findings]


def _message(file: ReceivedFile) -> str:
    """What became of the file, and the gravest of what was found."""
    gravest = sorted(file.findings, key=lambda finding: finding["severity"] != Severity.FATAL)
    said = " ".join(finding["message"] for finding in gravest[:3])
    posted = claims_posted(file.claims)
    if file.state == QUARANTINED:
        return f"Quarantined, nothing was posted. {said}"
    if file.state == PARTLY_POSTED:
        return f"{posted}; a part of the file was held back. {said}"
    return f"{posted}. {said}".strip()
