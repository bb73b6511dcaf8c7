"""Each claim's whole story: the visit, when it was sent, and every answer the payer gave to it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from overturn.synthetic.adjudication import (
    PRIMARY_AND_FORWARDED,
    Adjudication,
    LineResult,
    deny,
    part,
    pay_as_secondary,
    pay_downcoded,
    pay_in_full,
    reverse,
)
from overturn.synthetic.denial_reasons import Extent
from overturn.synthetic.fees import ZERO
from overturn.synthetic.practice import OFF_CYCLE_DAY, Payer
from overturn.synthetic.scenarios import Plan, Scenario, Shape
from overturn.synthetic.visits import Draft, Visit

PAYMENT_SPREAD_DAYS: Final = 5
REWORK_DAYS: Final = (8, 21)  # from a denial to the payment that overturns it
EARLY_REWORK_DAYS: Final = 8
CORRECTION_DAYS: Final = 5  # from a reversal sent alone to its correction

DOWNCODED_AS: Final[dict[Shape | None, tuple[str, Decimal]]] = {
    Shape.DOWNCODED: ("97110", Decimal("6.31")),
    Shape.DOWNCODED_UNSEEN: ("97161", Decimal("18.00")),
}
"""The procedure the payer pays instead, and the dollars it pays less."""


@dataclass(slots=True)
class ClaimStory:
    """One claim from visit to last answer. `adjudications` is in the order of payment."""

    patient_control_number: str
    plan: Plan
    visit: Visit
    submitted_on: date
    adjudications: list[Adjudication] = field(default_factory=list)
    taken_back: Decimal = ZERO  # by PLB, outside of the answers

    @property
    def payer(self) -> Payer:
        return self.visit.payer

    @property
    def charge(self) -> Decimal:
        return self.visit.charge

    @property
    def is_foreign(self) -> bool:
        return self.plan.scenario is Scenario.FOREIGN

    @property
    def is_rejected(self) -> bool:
        return self.plan.scenario is Scenario.REJECTED

    @property
    def current(self) -> Adjudication | None:
        """The answer that counts: the last one, which is never a reversal; of an answer in parts the last
        word on each line."""
        lines: dict[int, LineResult] = {}
        for answer in self.adjudications:
            own = {line.billed.number: line for line in answer.lines}
            lines = lines | own if answer.is_part else own
        if not self.adjudications:
            return None
        return replace(self.adjudications[-1], lines=tuple(lines[number] for number in sorted(lines)))


def tell_stories(
    rng: Random, drafts: Iterable[Draft], month: date, *, own_prefix: str = "BGT", issued: int = 0
) -> list[ClaimStory]:
    """Number the drafts in the order given and let the payers answer.

    The payers have given out `issued` control numbers before.
    """
    teller = StoryTeller(rng, issued)
    stories = []
    for number, draft in enumerate(drafts, start=1):
        prefix = "OLD" if draft.plan.scenario is Scenario.FOREIGN else own_prefix
        story = ClaimStory(f"{prefix}{month:%y%m}-{number:05d}", draft.plan, draft.visit, draft.submitted_on)
        story.adjudications.extend(teller.answers(story))
        stories.append(story)
    return stories


def next_pay_day(payer: Payer, day: date) -> date:
    """The payer's first pay day on or after `day`."""
    return next(d for d in (day + timedelta(days=n) for n in range(7)) if d.weekday() in payer.pay_days)


@dataclass(slots=True)
class StoryTeller:
    """Answers claims and hands out payer claim control numbers."""

    rng: Random
    issued: int = 0

    def answers(self, story: ClaimStory) -> Iterator[Adjudication]:
        if story.plan.scenario in {Scenario.REJECTED, Scenario.UNANSWERED}:
            return
        wait = story.payer.days_to_pay
        wait += 0 if story.plan.early else self.rng.randrange(PAYMENT_SPREAD_DAYS + 1)
        paid_on = next_pay_day(story.payer, story.submitted_on + timedelta(days=wait))
        if story.plan.shape in DOWNCODED_AS:
            yield self._downcoded(story, paid_on)
        elif story.plan.shape is Shape.SPLIT:
            yield from self._split(story, paid_on)
        elif story.visit.secondary:
            yield from self._paid_by_two(story, story.visit.secondary, paid_on)
        elif story.plan.reasons:
            yield from self._denied(story, paid_on)
        elif story.plan.scenario is Scenario.REVERSED:
            yield from self._reversed_and_corrected(story, paid_on)
        else:
            deductible = story.plan.scenario is Scenario.DEDUCTIBLE
            yield self._paid(story, paid_on, by_deductible=deductible)

    def _paid(self, story: ClaimStory, paid_on: date, *, by_deductible: bool = False) -> Adjudication:
        number = self._control_number(story.payer)
        return pay_in_full(story.visit, paid_on=paid_on, control_number=number, by_deductible=by_deductible)

    def _downcoded(self, story: ClaimStory, paid_on: date) -> Adjudication:
        procedure, cut = DOWNCODED_AS[story.plan.shape]
        number, (reason,) = self._control_number(story.payer), story.plan.reasons
        return pay_downcoded(story.visit, reason, procedure, cut, paid_on=paid_on, control_number=number)

    def _split(self, story: ClaimStory, paid_on: date) -> Iterator[Adjudication]:
        """The first line in one remittance, the others in a later one, all under one number."""
        whole = self._paid(story, paid_on)
        first, *others = (line.billed.number for line in whole.lines)
        yield part(whole, [first])
        later = next_pay_day(story.payer, paid_on + timedelta(days=EARLY_REWORK_DAYS))
        yield replace(part(whole, others), paid_on=later)

    def _paid_by_two(self, story: ClaimStory, secondary: Payer, paid_on: date) -> Iterator[Adjudication]:
        first = replace(self._paid(story, paid_on), status=PRIMARY_AND_FORWARDED)
        yield first
        again_on = next_pay_day(secondary, paid_on + timedelta(days=secondary.days_to_pay))
        number = self._control_number(secondary)
        yield pay_as_secondary(first, secondary, paid_on=again_on, number=number)

    def _denied(self, story: ClaimStory, paid_on: date) -> Iterator[Adjudication]:
        number = self._control_number(story.payer)
        first = deny(self.rng, story.visit, story.plan.reasons, paid_on=paid_on, control_number=number)
        yield first
        if story.plan.scenario is Scenario.RECOVERED:
            yield from self._recovered(story, first)

    def _recovered(self, story: ClaimStory, first: Adjudication) -> Iterator[Adjudication]:
        """Paid after all. Where lines were paid before, the payer takes that back first."""
        days = EARLY_REWORK_DAYS if story.plan.early else self.rng.randint(*REWORK_DAYS)
        again_on = next_pay_day(story.payer, first.paid_on + timedelta(days=days))
        reason = first.denials[0].reason
        if story.plan.shape is Shape.LINE_DECIDED_AGAIN:
            yield part(self._paid(story, again_on), [d.line for d in first.denials if d.line])
            return
        if reason.extent is Extent.ONE_LINE:
            yield reverse(first, reversed_on=again_on)
        yield replace(
            self._paid(story, again_on),
            replaces=first.control_number,
            frequency="7" if reason.action == "corrected_claim" else "1",
        )

    def _reversed_and_corrected(self, story: ClaimStory, paid_on: date) -> Iterator[Adjudication]:
        number = self._control_number(story.payer)
        first = pay_in_full(story.visit, paid_on=paid_on, control_number=number, underpaid=True)
        reversed_on = self._reversal_day(story, paid_on)
        pause = timedelta(days=CORRECTION_DAYS if story.plan.off_cycle else 0)
        yield first
        yield reverse(first, reversed_on=reversed_on)
        yield replace(self._paid(story, next_pay_day(story.payer, reversed_on + pause)), replaces=number)

    def _reversal_day(self, story: ClaimStory, paid_on: date) -> date:
        if story.plan.off_cycle:
            return paid_on + timedelta(days=7 + (OFF_CYCLE_DAY - paid_on.weekday()) % 7)
        return next_pay_day(story.payer, paid_on + timedelta(days=self.rng.randint(*REWORK_DAYS)))

    def _control_number(self, payer: Payer) -> str:
        self.issued += 1
        return f"{payer.control_number_prefix}{self.issued:09d}00"
