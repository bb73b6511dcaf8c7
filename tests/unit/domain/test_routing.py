"""One queue for every denial, and a title a person can act on."""

from dataclasses import replace
from decimal import Decimal

import pytest

from overturn.domain.codes import NOT_DENIALS, Action, Category, Confidence
from overturn.domain.routing import Route, Routed, RoutingTable, WorkQueue
from overturn.domain.rule_cells import FigureCell
from overturn.rulebook import Rulebook


@pytest.mark.parametrize("category", [c for c in Category if c not in NOT_DENIALS])
@pytest.mark.parametrize("action", Action)
def test_every_denial_has_a_queue_and_a_title(rulebook: Rulebook, category: Category, action: Action) -> None:
    item = rulebook.routing.plan_work(Routed(category, action), subject="missing KX")
    assert item.queue.label
    assert item.kind
    assert item.title.endswith(": missing KX")


@pytest.mark.parametrize(
    ("category", "action", "queue"),
    [
        (Category.MODIFIER_KX, Action.REOPENING, "modifiers"),
        (Category.CREDENTIALING_NPI, Action.NEW_CLAIM, "credentialing"),
        (Category.DOCUMENTATION, Action.SEND_RECORDS, "records"),
        (Category.BUNDLING, Action.APPEAL, "coding"),
        (Category.BUNDLING, Action.WRITE_OFF, "write_off_review"),
        (Category.TIMELY_FILING, Action.WRITE_OFF, "timely_filing"),
        (Category.ELIGIBILITY_COVERAGE, Action.BILL_PATIENT, "patient_billing"),
        (Category.OTHER, Action.CALL_PAYER, "payer_calls"),
    ],
)
def test_the_first_row_that_matches_owns_the_denial(
    rulebook: Rulebook, category: Category, action: Action, queue: str
) -> None:
    assert rulebook.routing.choose_queue(Routed(category, action)).key == queue


def test_one_queue_key_has_one_label(rulebook: Rulebook) -> None:
    queues = {route.queue for route in rulebook.routing.routes}
    assert len(queues) == len({queue.key for queue in queues})


def test_a_table_without_a_last_row_says_what_is_missing() -> None:
    with pytest.raises(LookupError, match="no queue takes other with appeal"):
        RoutingTable(routes=(), templates={}).choose_queue(Routed(Category.OTHER, Action.APPEAL))


REST, CODING = WorkQueue("rest", "The rest", "billing"), WorkQueue("coding", "Coding", "coding")
LARGE, RUSH = WorkQueue("large", "Large", "appeals"), WorkQueue("rush", "Rush", "appeals")
PAYER = WorkQueue("medicare", "Medicare", "medicare")
WATERFALL = RoutingTable(
    routes=(
        Route(None, None, RUSH, days_left=FigureCell.parse("<=7")),
        Route(Category.CODING, None, LARGE, amount=FigureCell.parse(">=1000")),
        Route(None, Action.APPEAL, PAYER, payer_key="medicare"),
        Route(Category.CODING, None, CODING),
        Route(None, None, REST),
    ),
    templates={},
)
CODED = Routed(
    Category.CODING, Action.APPEAL, payer_key="aetna", amount=Decimal("999.99"), days_left=8, route="rest"
)


@pytest.mark.parametrize(
    ("denied", "queue"),
    [
        (replace(CODED, route=None), "coding"),
        (CODED, "rest"),  # what its own rule asks for, before its category's row
        (replace(CODED, amount=Decimal("1000.00")), "large"),
        (replace(CODED, payer_key="medicare"), "medicare"),
        (replace(CODED, payer_key="medicare", amount=Decimal(1000)), "large"),  # the first row that fits
        (replace(CODED, amount=Decimal(1000), days_left=7), "rush"),
        (replace(CODED, days_left=None), "rest"),  # no last day is no short one
        (replace(CODED, category=Category.OTHER, amount=Decimal(1000)), "rest"),
        (replace(CODED, confidence=Confidence.LOW), "rest"),
    ],
)
def test_payer_amount_and_days_left_choose_before_category(denied: Routed, queue: str) -> None:
    assert WATERFALL.choose_queue(denied).key == queue


FULL = RoutingTable(
    routes=(
        Route(Category.CODING, None, CODING, workload=FigureCell.parse("<40")),
        Route(Category.CODING, None, LARGE, workload=FigureCell.parse("<10")),
        Route(None, None, REST),
    ),
    templates={},
)


@pytest.mark.parametrize(
    ("waiting", "queue"),
    [
        ({}, "coding"),
        ({"coding": 39, "large": 50}, "coding"),
        ({"coding": 40}, "large"),
        ({"coding": 40, "large": 10}, "rest"),
        ({"coding": 40, "large": 10, "rest": 9000}, "rest"),  # the last row takes everything
    ],
)
def test_a_full_queue_leaves_its_work_to_the_rows_below(waiting: dict[str, int], queue: str) -> None:
    denied = replace(CODED, route=None)
    assert replace(FULL, waiting=waiting).choose_queue(denied).key == queue


def test_a_queue_that_a_denial_could_have_come_to_may_own_it() -> None:
    denied = replace(CODED, route=None)
    assert FULL.may_own(denied) == {"coding", "large", "rest"}
    assert WATERFALL.may_own(denied) == {"coding"}
    assert FULL.may_own(replace(denied, route="rest")) == {"rest"}


def test_a_skill_names_the_queues_that_ask_for_it() -> None:
    assert WATERFALL.queues_for(["appeals", "coding"]) == {"large", "rush", "coding"}
    assert "medicare" in WATERFALL.skills
    assert (FULL.asks_for_workload, WATERFALL.asks_for_workload) == (True, False)


def test_a_last_row_that_can_be_full_does_not_take_all() -> None:
    assert FULL.routes[-1].takes_all
    assert not replace(FULL.routes[-1], workload=FigureCell.parse("<5")).takes_all
