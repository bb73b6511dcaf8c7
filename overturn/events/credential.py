"""What the practice learned of a provider's credentials with a payer."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from overturn.domain.credentialing import GapState
from overturn.events.envelope import Event


class CredentialChanged(Event):
    """A person recorded the payer's answer on an incident; it stands in Postgres. NPIs are providers'."""

    topic: ClassVar[str] = "credential.changed.v1"
    gap_id: UUID
    payer: str
    npi: str
    state: GapState
    effective_on: date | None = None

    @property
    def key(self) -> str:
        return str(self.gap_id)
