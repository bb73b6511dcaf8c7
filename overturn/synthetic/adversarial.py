"""The claims of the adversarial month: each odd on purpose, told from the seed apart from the plain month."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Final

from overturn.synthetic.denial_reasons import DENIAL_REASONS, DenialReason, Extent
from overturn.synthetic.patients import Patient, make_patient
from overturn.synthetic.practice import (
    AETNA,
    HOSTILE_PAYERS,
    MEDICARE,
    SUPPLEMENT,
    UNITEDHEALTHCARE,
    Payer,
)
from overturn.synthetic.scenarios import OWN_FILE, Plan, Scenario, Shape
from overturn.synthetic.stories import ClaimStory, tell_stories
from overturn.synthetic.visits import SATURDAY, BilledLine, Draft, Scheduler, billed_line, weekdays

MOST_LINES: Final = 999
"""What one claim of an 835 may hold (loop 2110); an 837P allows 50 (loop 2400)."""

FIRST_PATIENT: Final = 90_001  # by threes from here, all are patients of physical therapy
FIRST_CONTROL_NUMBER: Final = 500_000

_BILLED: Final = {
    Shape.ASSISTANT: (("97110", "97140", "97530"), ("GP", "CQ")),
    Shape.DOWNCODED: (("97530", "97110"), ("GP",)),
    Shape.DOWNCODED_UNSEEN: (("97163", "97110"), ("GP",)),
    Shape.SPLIT: (("97110", "97140", "97530"), ("GP",)),
    Shape.LINE_DECIDED_AGAIN: (("97110", "97110", "97530"), ("GP",)),
    Shape.HUGE: (("97110",) * MOST_LINES, ("GP",)),
}


def _downcoding(cause: str, carc: str) -> DenialReason:
    return DenialReason("coding", cause, "appeal", "CO", carc, (), Extent.ONE_LINE, (AETNA, UNITEDHEALTHCARE))


def adversarial_stories(seed: int, month: date) -> list[ClaimStory]:
    """Every shape once, hostile texts each once; the same arguments give the same claims."""
    rng = Random(f"{seed} adversarial")  # noqa: S311 - repeatable on purpose
    plans = list(_plans())
    scheduler = Scheduler(rng, weekdays(month), _patients(rng, plans))
    drafts = sorted((_dressed(scheduler.draft(p), month) for p in plans), key=lambda d: d.submitted_on)
    return tell_stories(rng, drafts, month, own_prefix="ADV", issued=FIRST_CONTROL_NUMBER)


def _plans() -> Iterator[Plan]:
    by_codes = {(r.carc, *r.all_rarcs, r.extent): r for r in DENIAL_REASONS}
    no_modifier = by_codes["16", "N822", "MA130", Extent.ALL_LINES]
    no_records = by_codes["252", "N706", Extent.ALL_LINES]
    no_report = by_codes["252", "N393", Extent.ONE_LINE]
    told, unseen = _downcoding("downcoded_service", "150"), _downcoding("downcoded_evaluation", "45")
    yield Plan(Scenario.DENIED, MEDICARE, (no_modifier,), shape=Shape.MISSING_MODIFIER)
    yield Plan(Scenario.PAID, MEDICARE, shape=Shape.ASSISTANT)
    yield Plan(Scenario.PAID, MEDICARE, shape=Shape.SECONDARY)
    yield Plan(Scenario.DENIED, UNITEDHEALTHCARE, (told,), shape=Shape.DOWNCODED)
    yield Plan(Scenario.DENIED, AETNA, (unseen,), shape=Shape.DOWNCODED_UNSEEN)
    yield Plan(Scenario.DENIED, UNITEDHEALTHCARE, (no_report,), shape=Shape.HUGE)
    yield Plan(Scenario.REJECTED, UNITEDHEALTHCARE, shape=Shape.REFUSED_BATCH)
    yield Plan(Scenario.PAID, AETNA, early=True, shape=Shape.SPLIT)
    yield Plan(Scenario.RECOVERED, UNITEDHEALTHCARE, (no_report,), early=True, shape=Shape.LINE_DECIDED_AGAIN)
    taken_back = Shape.RECOVERED_AND_TAKEN_BACK
    yield Plan(Scenario.RECOVERED, UNITEDHEALTHCARE, (no_records,), early=True, shape=taken_back)
    for payer in HOSTILE_PAYERS:
        yield Plan(Scenario.DENIED, payer, (no_records,), shape=Shape.HOSTILE_TEXT)


def _patients(rng: Random, plans: list[Plan]) -> dict[str, list[Patient]]:
    payers: dict[str, Payer] = {plan.payer.key: plan.payer for plan in plans}
    return {
        key: [make_patient(rng, payer, FIRST_PATIENT + 3 * place)]
        for place, (key, payer) in enumerate(payers.items())
    }


def _dressed(draft: Draft, month: date) -> Draft:
    """The draft with what makes its shape."""
    shape, visit = draft.plan.shape, draft.visit
    if shape in _BILLED:
        visit = replace(visit, lines=tuple(_lines(shape, visit.payer)))
    if shape is Shape.SECONDARY:
        visit = replace(visit, secondary=SUPPLEMENT)
    if shape is Shape.HOSTILE_TEXT:
        text = visit.payer.name
        visit = replace(visit, note=text, patient=replace(visit.patient, last_name=text))
    submitted_on = draft.submitted_on
    if shape in OWN_FILE:
        submitted_on = _saturday_after(month, OWN_FILE.index(shape))
    return replace(draft, visit=visit, submitted_on=submitted_on)


def _lines(shape: Shape, payer: Payer) -> Iterator[BilledLine]:
    procedures, modifiers = _BILLED[shape]
    for number, procedure in enumerate(procedures, start=1):
        yield billed_line(number, procedure, modifiers, 1, payer)


def _saturday_after(month: date, weeks: int) -> date:
    """A day on which nothing else is sent, so that its 837P holds this shape alone."""
    last = weekdays(month)[-1]
    return last + timedelta(days=SATURDAY - last.weekday(), weeks=weeks)
