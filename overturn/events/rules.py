"""What became of the rules themselves: another set is in force."""

from typing import ClassVar
from uuid import UUID

from overturn.events.envelope import Event


class RulesPublished(Event):
    """Rules were put in force, by publishing or by a rollback: open cases after `after_case_id` are due, or,
    with `after_claim_id`, claims without an open case after that one (the id of zeros: all of them).

    A page is decided anew for each event; its last case or claim begins the next one's event.
    """

    topic: ClassVar[str] = "rules.published.v1"
    publication: int  # the step in the life of rules that put them in force
    after_case_id: UUID | None = None
    after_claim_id: UUID | None = None
