"""A score says how well two claims agree, and in what; only full agreement is certain."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from overturn.domain.matching import CERTAIN, ClaimFacts, Score, score

FIRST, LAST = date(2026, 9, 1), date(2026, 9, 3)
FACTS = ClaimFacts("M0001", FIRST, FIRST, ("97110", "97110", "97140"), Decimal("100.00"))


def against(**changes: Any) -> Score:
    return score(FACTS, replace(FACTS, **changes))


def test_full_agreement_is_certain() -> None:
    found = against()
    assert (found.points, found.certain) == (CERTAIN, True)
    assert found.words == "same member, same date, all 3 procedures, same charge"


def test_a_single_procedure_is_called_so() -> None:
    one = replace(FACTS, procedures=("97110",))
    assert score(one, one).words == "same member, same date, same procedure, same charge"


@pytest.mark.parametrize(
    ("changes", "points", "words"),
    [
        ({"member_identifier": "M2"}, 60, "same date, all 3 procedures, same charge"),
        ({"member_identifier": None}, 60, "same date, all 3 procedures, same charge"),
        ({"service_to": LAST}, 90, "same member, overlapping dates, all 3 procedures, same charge"),
        ({"service_from": LAST, "service_to": LAST}, 80, "same member, all 3 procedures, same charge"),
        ({"service_from": None, "service_to": None}, 80, "same member, all 3 procedures, same charge"),
        ({"procedures": ("97110", "97140")}, 93, "same member, same date, 2 of 3 procedures, same charge"),
        ({"procedures": ("97110",) * 3}, 93, "same member, same date, 2 of 3 procedures, same charge"),
        ({"procedures": ("97530",)}, 80, "same member, same date, same charge"),
        ({"procedures": ()}, 80, "same member, same date, same charge"),
        ({"charge_amount": Decimal("99.99")}, 80, "same member, same date, all 3 procedures"),
    ],
)
def test_what_does_not_agree_costs_points_and_is_not_named(
    changes: dict[str, Any], points: int, words: str
) -> None:
    found = against(**changes)
    assert (found.points, found.words, found.certain) == (points, words, False)


def test_two_that_do_not_say_who_or_when_do_not_agree_in_it() -> None:
    silent = replace(FACTS, member_identifier=None, service_from=None, service_to=None, procedures=())
    assert score(silent, silent) == Score(20, "same charge")


def test_a_last_day_left_out_is_the_first() -> None:
    assert against(service_to=None).certain


def test_the_same_span_is_the_same_dates() -> None:
    span = replace(FACTS, service_to=LAST)
    assert score(span, span).words.startswith("same member, same dates, ")
