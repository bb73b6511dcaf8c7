"""Which work queue owns a denial, and what the work item is called: the first row that fits and has room."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from overturn.domain.codes import Action, Category, Confidence
from overturn.domain.rule_cells import FigureCell


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """A work list for people. `skill` is what a specialist needs to be given work from it."""

    key: str
    label: str
    skill: str


@dataclass(frozen=True, slots=True)
class Routed:
    """What a route can ask about. `amount` is denied, in US dollars; `days_left` those that the case began
    with, None where it has no last day; `route` the queue that its denial's own rule asks for."""

    category: Category
    action: Action
    confidence: Confidence | None = None
    payer_key: str | None = None
    amount: Decimal | None = None
    days_left: int | None = None
    route: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One row of `rules/queues.csv`; None, or a blank figure, matches anything. `workload` is held against
    the number of work items that wait in the row's queue: a full one leaves the denial to the rows below."""

    category: Category | None
    action: Action | None
    queue: WorkQueue
    confidence: Confidence | None = None
    payer_key: str | None = None
    amount: FigureCell = field(default_factory=FigureCell)
    days_left: FigureCell = field(default_factory=FigureCell)
    workload: FigureCell = field(default_factory=FigureCell)

    @property
    def asks_of_case(self) -> bool:
        """Whether it asks for more than what was denied and what is to be done."""
        figures = not (self.amount.blank and self.days_left.blank)
        return figures or self.confidence is not None or self.payer_key is not None

    @property
    def takes_all(self) -> bool:
        asks = self.asks_of_case or not self.workload.blank
        return not asks and (self.category, self.action) == (None, None)

    def fits(self, denied: Routed) -> bool:
        return (
            self.category in (None, denied.category)
            and self.action in (None, denied.action)
            and self.confidence in (None, denied.confidence)
            and self.payer_key in (None, denied.payer_key)
            and self.amount.holds(denied.amount)
            and self.days_left.holds(denied.days_left)
        )


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
    """Routes in order, and what each action is called as work; `waiting` is the number of open work items of
    each queue, where it counts."""

    routes: tuple[Route, ...]
    templates: Mapping[Action, WorkItemTemplate]
    waiting: Mapping[str, int] = field(default_factory=dict)

    @property
    def asks_for_workload(self) -> bool:
        return any(not row.workload.blank for row in self.routes)

    def choose_queue(self, denied: Routed) -> WorkQueue:
        """The one queue that owns such a denial.

        A row that asks for confidence, payer, amount or days left goes before the queue that the denial's
        rule asks for, and that before a row of its category or action. A route that is no queue of this table
        counts as none. Raises LookupError when no row matches; a loaded table always ends in one for all.
        """
        for queue, workload in self._in_order(denied):
            if workload.holds(self.waiting.get(queue.key, 0)):
                return queue
        raise LookupError(
            f"no queue takes {denied.category} with {denied.action}: add a last row with blank conditions"
        )

    def may_own(self, denied: Routed) -> set[str]:
        """The queues that such a denial comes to, whatever waits in them. Raises LookupError as above."""
        keys = {self.choose_queue(denied).key}
        for queue, workload in self._in_order(denied):
            keys.add(queue.key)
            if workload.blank:
                break
        return keys

    def _in_order(self, denied: Routed) -> Iterator[tuple[WorkQueue, FigureCell]]:
        fitting = [row for row in self.routes if row.fits(denied)]
        yield from ((row.queue, row.workload) for row in fitting if row.asks_of_case)
        asked = {row.queue.key: row.queue for row in self.routes}.get(denied.route or "")
        if asked:
            yield asked, FigureCell()
        yield from ((row.queue, row.workload) for row in fitting)

    @property
    def skills(self) -> frozenset[str]:
        return frozenset(row.queue.skill for row in self.routes)

    def queues_for(self, skills: Collection[str]) -> frozenset[str]:
        """The queues whose work asks for one of these skills."""
        return frozenset(row.queue.key for row in self.routes if row.queue.skill in skills)

    def plan_work(self, denied: Routed, *, subject: str) -> WorkItem:
        """Queue, kind and title of the next step; `subject` says in a few words what was denied and why."""
        template = self.templates[denied.action]
        queue = self.choose_queue(denied)
        return WorkItem(queue=queue, kind=template.kind, title=f"{template.title}: {subject}")
