"""Which work queue owns a denial, and what the work item is called: the first matching row decides."""

from collections.abc import Mapping
from dataclasses import dataclass

from overturn.domain.codes import Action, Category, Confidence


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """A work list for people. `skill` is what a specialist needs to be given work from it."""

    key: str
    label: str
    skill: str


@dataclass(frozen=True, slots=True)
class Route:
    """One row of `rules/queues.csv`; None matches any category, action or confidence."""

    category: Category | None
    action: Action | None
    queue: WorkQueue
    confidence: Confidence | None = None

    def fits(self, category: Category, action: Action) -> bool:
        return self.category in (None, category) and self.action in (None, action)


@dataclass(frozen=True, slots=True)
class WorkItemTemplate:
    """What an action asks of a person: the kind of work item and its imperative title."""

    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A work item ready to be queued."""

    queue: WorkQueue
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """Routes in order, and what each action is called as work."""

    routes: tuple[Route, ...]
    templates: Mapping[Action, WorkItemTemplate]

    def choose_queue(
        self,
        *,
        category: Category,
        action: Action,
        confidence: Confidence | None = None,
        route: str | None = None,
    ) -> WorkQueue:
        """The one queue that owns such a denial; `route` is the queue its rule asks for.

        A route that is no queue of this table counts as none. What needs a person's judgement goes where its
        confidence says, whatever its rule asks for. Raises LookupError when no row matches; a loaded table
        always ends in a row for everything.
        """
        for row in self.routes:
            if confidence is not None and row.confidence is confidence and row.fits(category, action):
                return row.queue
        asked = {row.queue.key: row.queue for row in self.routes}.get(route or "")
        if asked:
            return asked
        for row in self.routes:
            if row.confidence is None and row.fits(category, action):
                return row.queue
        raise LookupError(f"no queue takes {category} with {action}: add a last row with both cells blank")

    def plan_work(
        self,
        *,
        category: Category,
        action: Action,
        subject: str,
        confidence: Confidence | None = None,
        route: str | None = None,
    ) -> WorkItem:
        """Queue, kind and title of the next step; `subject` says in a few words what was denied and why."""
        template = self.templates[action]
        queue = self.choose_queue(category=category, action=action, confidence=confidence, route=route)
        return WorkItem(queue=queue, kind=template.kind, title=f"{template.title}: {subject}")
