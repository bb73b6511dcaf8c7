"""What became of the rules themselves: another set is in force."""

from typing import ClassVar
from uuid import UUID

from overturn.events.envelope import Event


class RulesPublished(Event):
    """Rules were put in force, by publishing or by a rollback: open cases after `after_case_id` are due.

    A page of cases is decided anew for each event; the last case of a page begins the next one's event.
    """

    topic: ClassVar[str] = "rules.published.v1"
    publication: int  # the step in the life of rules that put them in force
    after_case_id: UUID | None = None
