"""One queue for every denial, and a title a person can act on."""

import pytest

from overturn.domain.codes import NOT_DENIALS, Action, Category
from overturn.domain.routing import RoutingTable
from overturn.rulebook import Rulebook


@pytest.mark.parametrize("category", [c for c in Category if c not in NOT_DENIALS])
@pytest.mark.parametrize("action", Action)
def test_every_denial_has_a_queue_and_a_title(rulebook: Rulebook, category: Category, action: Action) -> None:
    item = rulebook.routing.plan_work(category=category, action=action, subject="missing KX")
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
    assert rulebook.routing.choose_queue(category=category, action=action).key == queue


def test_one_queue_key_has_one_label(rulebook: Rulebook) -> None:
    queues = {route.queue for route in rulebook.routing.routes}
    assert len(queues) == len({queue.key for queue in queues})


def test_a_table_without_a_last_row_says_what_is_missing() -> None:
    with pytest.raises(LookupError, match="no queue takes other with appeal"):
        RoutingTable(routes=(), templates={}).choose_queue(category=Category.OTHER, action=Action.APPEAL)
