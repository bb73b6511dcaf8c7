"""The tables behind the work itself: queues, work items, priorities, money moved outside claims."""

from collections.abc import Collection
from pathlib import Path
from typing import Final

from overturn.domain.codes import NOT_DENIALS, Action, Category, Confidence, ProviderAdjustmentCode
from overturn.domain.priority import PriorityTable, RecoveryPrior, UrgencyStep
from overturn.domain.routing import Route, RoutingTable, WorkItemTemplate, WorkQueue
from overturn.rulebook.cells import Row, RulebookError, check_unique, convert, read_rows

ROUTE_COLUMNS: Final = (
    *("category", "action", "confidence", "payer_key", "amount", "days_left", "workload"),
    *("queue", "label", "skill"),
)


def load_routing(directory: Path, payer_keys: Collection[str]) -> RoutingTable:
    """Queues in order of precedence, the last one for everything, and the work item of every action."""
    rows = read_rows(directory / "queues.csv", ROUTE_COLUMNS)
    routes = convert(rows, lambda row: _route(row, payer_keys))
    if not routes or not routes[-1].takes_all:
        raise RulebookError(
            ["queues.csv: the last row must have its conditions blank: add a queue for the rest"]
        )
    items = read_rows(directory / "work_items.csv", ("action", "kind", "title"))
    check_unique(items, "action")
    built = convert(items, _work_item)
    missing = ", ".join(action for action in Action if action not in dict(built))
    if missing:
        raise RulebookError([f"work_items.csv: there is no row for {missing}: add it"])
    return RoutingTable(routes=routes, templates=dict(built))


def load_priorities(directory: Path) -> PriorityTable:
    """Chances of recovery with a row for the rest, and urgency steps in ascending days."""
    rows = read_rows(
        directory / "recovery_priors.csv", ("category", "action", "probability", "cost_amount", "source")
    )
    check_unique(rows, "category", "action")
    priors = convert(rows, _prior)
    if not any((prior.category, prior.action) == (None, None) for prior in priors):
        raise RulebookError(["recovery_priors.csv: there is no row with category and action blank: add it"])
    steps = read_rows(directory / "urgency.csv", ("days_left_up_to", "factor", "source"))
    check_unique(steps, "days_left_up_to")
    urgency = convert(steps, lambda r: UrgencyStep(r.whole("days_left_up_to"), r.decimal("factor")))
    if not urgency:
        raise RulebookError(["urgency.csv: there is no step: add one"])
    return PriorityTable(priors=priors, urgency=tuple(sorted(urgency, key=lambda s: s.days_left_up_to)))


def load_provider_adjustments(directory: Path) -> dict[str, ProviderAdjustmentCode]:
    """PLB reasons by code."""
    rows = read_rows(directory / "provider_adjustment_codes.csv", ("code", "label", "sign", "source"))
    check_unique(rows, "code")
    built = convert(
        rows, lambda r: ProviderAdjustmentCode(r.text("code"), r.text("label"), r.optional("sign") or "")
    )
    return {code.code: code for code in built}


def _route(row: Row, payer_keys: Collection[str]) -> Route:
    queue = WorkQueue(row.text("queue"), row.text("label"), row.text("skill"))
    action, confidence = row.optional_choice("action", Action), row.optional_choice("confidence", Confidence)
    payer = row.known("payer_key", payer_keys, table="payers.csv") if row.optional("payer_key") else None
    return Route(
        _category(row),
        action,
        queue,
        confidence,
        payer,
        amount=row.figures("amount"),
        days_left=row.figures("days_left"),
        workload=row.figures("workload"),
    )


def _work_item(row: Row) -> tuple[Action, WorkItemTemplate]:
    return row.choice("action", Action), WorkItemTemplate(row.text("kind"), row.text("title"))


def _prior(row: Row) -> RecoveryPrior:
    probability = row.decimal("probability")
    if not 0 <= probability <= 1:
        raise row.fail("probability", f"{probability} is not between 0 and 1: write 0.52 for 52 %")
    return RecoveryPrior(
        category=_category(row),
        action=row.optional_choice("action", Action),
        probability=probability,
        cost_amount=row.decimal("cost_amount"),
        source=row.text("source"),
    )


def _category(row: Row) -> Category | None:
    category = row.optional_choice("category", Category)
    if category in NOT_DENIALS:
        raise row.fail("category", f"{category} is no denial and is never worked: choose another")
    return category
