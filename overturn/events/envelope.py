"""What every event has: an id that is the same for the same fact, and the claim whose order it keeps."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """A fact of the past. `claim_id` is the message key: one claim's events stay in order.

    Readers ignore fields they do not know, so that a newer writer may add some; all else is a new version.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    topic: ClassVar[str]

    event_id: UUID
    claim_id: UUID
