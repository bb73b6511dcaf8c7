"""What posting one transaction set gives back."""

from collections.abc import Sequence
from dataclasses import dataclass

from overturn.domain.submission import ClaimAcknowledgement, FunctionalAcknowledgement, SubmittedClaim
from overturn.events import Event
from overturn.x12 import Finding, Transaction


@dataclass(frozen=True, slots=True)
class Posted:
    """The events to publish, how many claims were added, and what a person should know."""

    events: Sequence[Event]
    claims: int
    findings: Sequence[Finding]


Listed = SubmittedClaim | ClaimAcknowledgement | FunctionalAcknowledgement


def listed(transaction: Transaction) -> Sequence[Listed]:
    """What a transaction set lists: claims, or acknowledgements of claims."""
    return transaction.content if isinstance(transaction.content, list) else ()
