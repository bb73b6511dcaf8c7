"""Which claim of the month meets which fate: the plan everything else is made from."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import Final

from overturn.synthetic.denial_reasons import (
    CATEGORY_WEIGHTS,
    FINAL_CATEGORIES,
    UNKNOWN_REASON,
    DenialReason,
    Extent,
    reasons_of,
)
from overturn.synthetic.practice import (
    AETNA,
    COMMERCIAL_PAYERS,
    MEDICARE,
    PAYERS,
    UNITEDHEALTHCARE,
    UNKNOWN_TRUST,
    Payer,
)

FEWEST_CLAIMS: Final = 40
"""Fewer claims cannot hold one of every scenario."""

REJECTED_PERCENT: Final = 2
UNANSWERED_PERCENT: Final = 2
DEDUCTIBLE_PERCENT: Final = 6
REVERSED_PERCENT: Final = 1
DENIED_PERCENT: Final = 13
RECOVERED_SHARE: Final = 0.35


class Scenario(StrEnum):
    """The fate of one claim."""

    PAID = "paid"
    DEDUCTIBLE = "zero_pay_deductible"
    REJECTED = "rejected"
    UNANSWERED = "unanswered"
    REVERSED = "reversed_and_corrected"
    DENIED = "denied"
    DENIED_TWO_CATEGORIES = "denied_two_categories"
    RECOVERED = "denied_then_paid"
    FOREIGN = "foreign"


class Shape(StrEnum):
    """What is odd on purpose about a claim of the adversarial month."""

    MISSING_MODIFIER = "missing_modifier"
    ASSISTANT = "assistant_reduction"
    SECONDARY = "secondary_payer"
    DOWNCODED = "downcoded_line"
    DOWNCODED_UNSEEN = "downcoded_line_inside_contractual"
    HUGE = "huge_claim"
    HOSTILE_TEXT = "hostile_text"
    REFUSED_BATCH = "rejected_by_999"
    SPLIT = "split_payment"
    LINE_DECIDED_AGAIN = "line_decided_again"
    RECOVERED_AND_TAKEN_BACK = "recovered_and_taken_back"


OWN_FILE: Final = (Shape.HOSTILE_TEXT, Shape.HUGE, Shape.REFUSED_BATCH)
"""Shapes whose claims are sent in an 837P of their own, odd itself."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One claim's fate. `early` claims are seen in the month's first days, so that what is recovered is
    recovered before its end; an `off_cycle` reversal comes alone and its correction in a later remittance."""

    scenario: Scenario
    payer: Payer
    reasons: tuple[DenialReason, ...] = ()
    early: bool = False
    off_cycle: bool = False
    shape: Shape | None = None

    @property
    def category(self) -> str | None:
        return self.reasons[0].category if self.reasons else None

    @property
    def cause(self) -> str | None:
        return self.reasons[0].cause if self.reasons else None


def plan_claims(rng: Random, claims: int) -> list[Plan]:
    """The fates of `claims` submitted claims, and one foreign claim more, in random order."""
    if claims < FEWEST_CLAIMS:
        raise ValueError(f"{claims} claims cannot hold every scenario: ask for {FEWEST_CLAIMS} or more")
    plans = [*_not_answered(rng, claims), *_reversed(rng, claims), *_denied(rng, claims)]
    plans += _several(rng, Scenario.DEDUCTIBLE, max(2, claims * DEDUCTIBLE_PERCENT // 100))
    plans += _several(rng, Scenario.PAID, claims - len(plans))
    rng.shuffle(plans)
    return [*plans, Plan(Scenario.FOREIGN, AETNA)]


def any_payer(rng: Random, payers: tuple[Payer, ...] = PAYERS) -> Payer:
    return rng.choices(payers, weights=[p.share for p in payers])[0]


def _several(rng: Random, scenario: Scenario, number: int) -> list[Plan]:
    return [Plan(scenario, any_payer(rng)) for _ in range(number)]


def _not_answered(rng: Random, claims: int) -> list[Plan]:
    rejected = _several(rng, Scenario.REJECTED, max(2, claims * REJECTED_PERCENT // 100))
    return rejected + _several(rng, Scenario.UNANSWERED, max(1, claims * UNANSWERED_PERCENT // 100))


def _reversed(rng: Random, claims: int) -> Iterator[Plan]:
    yield Plan(Scenario.REVERSED, AETNA, early=True, off_cycle=True)
    for _ in range(max(1, claims * REVERSED_PERCENT // 100)):
        yield Plan(Scenario.REVERSED, any_payer(rng))


def _denied(rng: Random, claims: int) -> Iterator[Plan]:
    """One of each category, the claim denied for two, then as many as the denial rate asks for."""
    certain = list(_certain_denials(rng))
    yield from certain
    answered = claims - claims * (REJECTED_PERCENT + UNANSWERED_PERCENT) // 100
    for _ in range(answered * DENIED_PERCENT // 100 - len(certain)):
        category = rng.choices(list(CATEGORY_WEIGHTS), weights=list(CATEGORY_WEIGHTS.values()))[0]
        plan = _denial(rng, rng.choice(reasons_of(category)))
        recovered = category not in FINAL_CATEGORIES and rng.random() < RECOVERED_SHARE
        yield replace(plan, scenario=Scenario.RECOVERED) if recovered else plan


def _certain_denials(rng: Random) -> Iterator[Plan]:
    first = {category: reasons_of(category)[0] for category in CATEGORY_WEIGHTS}
    yield Plan(Scenario.RECOVERED, UNITEDHEALTHCARE, (first.pop("documentation"),), early=True)
    yield Plan(Scenario.RECOVERED, MEDICARE, (first.pop("bundling"),), early=True)
    yield Plan(Scenario.DENIED, UNKNOWN_TRUST, (first.pop("authorization"),))
    for reason in (*first.values(), UNKNOWN_REASON):
        yield _denial(rng, reason)
    yield Plan(Scenario.DENIED_TWO_CATEGORIES, UNITEDHEALTHCARE, _two_reasons())


def _two_reasons() -> tuple[DenialReason, DenialReason]:
    bundling = next(r for r in reasons_of("bundling") if r.payers == COMMERCIAL_PAYERS)
    documentation = next(r for r in reasons_of("documentation") if r.extent is Extent.ONE_LINE)
    return bundling, documentation


def _denial(rng: Random, reason: DenialReason) -> Plan:
    return Plan(Scenario.DENIED, any_payer(rng, reason.payers), (reason,))
