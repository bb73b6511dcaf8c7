"""What came to be known of our claims and may decide cases that are open already."""

from typing import ClassVar
from uuid import UUID

from overturn.events.envelope import Event


class EvidenceAdded(Event):
    """A fact that open cases may be decided by stands in Postgres, or stands there no more.

    Of a claim (sent, acknowledged or answered), which may be a case's own or another one of its patient; of
    an authorization; or, with both, of an authorization that was removed and a claim it was held against.
    """

    topic: ClassVar[str] = "evidence.added.v1"
    claim_id: UUID | None = None
    authorization_id: UUID | None = None

    @property
    def key(self) -> str:
        return str(self.claim_id or self.authorization_id)
