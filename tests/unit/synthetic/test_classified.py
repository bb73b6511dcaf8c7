"""The truth and our own classifier, made apart from each other, agree on every denial."""

from pathlib import Path
from typing import Any

import pytest

from overturn.domain.classification import classify
from overturn.domain.submission import SubmittedClaim
from overturn.reference.causes import with_cause_tables
from overturn.rulebook.loader import load_rulebook
from overturn.synthetic.month import Month
from tests.unit.synthetic.month_reading import remittances, submitted_claims

Denials = list[tuple[Any, ...]]


def classified(month: Month, directory: Path, sent: dict[str, SubmittedClaim]) -> dict[str, Denials]:
    """Each claim's denials in its first answer, as line, category, cause, action and amount."""
    rules = with_cause_tables(load_rulebook())
    first: dict[str, Denials] = {}
    for remittance in remittances(month, directory):
        for claim in remittance.claims:
            number = str(claim.patient_control_number)
            payer = rules.payers.resolve(
                name=remittance.payer.name,
                identifier=remittance.payer_identifier,
                filing_indicator=claim.filing_indicator,
            )
            decision = classify(claim, table=rules.denials, payer=payer, submitted=sent.get(number))
            denials = [
                (d.line, d.category.value, d.cause, d.action.value, str(d.denied_amount))
                for d in decision.denials
            ]
            first.setdefault(number, denials)
    return first


def meant(month: Month) -> dict[str, Denials]:
    columns = ("line", "category", "cause", "action", "denied_amount")
    answered = {story.patient_control_number for story in month.stories if story.adjudications}
    return {
        claim["patient_control_number"]: [tuple(d[c] for c in columns) for d in claim["denials"]]
        for claim in month.truth()["claims"]
        if claim["patient_control_number"] in answered
    }


@pytest.mark.parametrize("with_837p", [True, False])
def test_the_classifier_finds_what_the_generator_meant(large: tuple[Month, Path], with_837p: bool) -> None:
    month, directory = large
    sent = submitted_claims(directory) if with_837p else {}
    assert bool(sent) is with_837p
    assert classified(month, directory, sent) == meant(month)
