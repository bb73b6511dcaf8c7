"""What every event has: an id that is the same for the same fact, and the key by which its order is kept."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """A fact of the past. One that is about no claim keeps no order: its key is its own id.

    Readers ignore fields they do not know, so that a newer writer may add some; all else is a new version.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    topic: ClassVar[str]

    event_id: UUID

    @property
    def key(self) -> str:
        """The message key: events of one key stay in order."""
        return str(self.event_id)


class ClaimEvent(Event):
    """A fact about one claim, whose events stay in order."""

    claim_id: UUID

    @property
    def key(self) -> str:
        return str(self.claim_id)
