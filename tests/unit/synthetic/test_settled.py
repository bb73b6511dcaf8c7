"""What our classifier and settlement make of the files is, claim by claim, the truth's final standing."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from overturn.domain import identifiers
from overturn.domain.classification import classify
from overturn.domain.remittance import ClaimPayment, Remittance, sum_amounts
from overturn.domain.settlement import PRIOR_PAYER_CARC, Adjudication, Standing, settle
from overturn.domain.submission import SubmittedClaim
from overturn.rulebook import Rulebook, load_rulebook
from overturn.synthetic.month import Month
from tests.unit.synthetic.month_reading import remittances, submitted_claims

Figures = tuple[Decimal, ...]


def adjudication(
    claim: ClaimPayment,
    place: int,
    remittance: Remittance,
    sent: SubmittedClaim | None,
    rules: Rulebook,
) -> Adjudication:
    """As the classifier service makes it from the record."""
    payer = rules.payers.resolve(
        name=remittance.payer.name,
        identifier=remittance.payer_identifier,
        filing_indicator=claim.filing_indicator,
    )
    decision = classify(claim, table=rules.denials, payer=payer, submitted=sent)
    return Adjudication(
        payment_id=identifiers.claim_payment_id(identifiers.remittance_id(remittance), place),
        payment_on=remittance.payment_on,
        status_code=claim.status_code,
        payer_claim_control_number=claim.payer_claim_control_number,
        charge_amount=claim.charge_amount,
        paid_amount=claim.paid_amount,
        contractual_amount=decision.contractual_amount,
        patient_amount=decision.patient_amount,
        denied_amount=decision.denied_amount,
        prior_payer_amount=sum_amounts(
            a.amount for a in claim.all_adjustments() if a.reason == PRIOR_PAYER_CARC
        ),
    )


def settled(month: Month, directory: Path) -> dict[str, Standing]:
    rules, sent = load_rulebook(), submitted_claims(directory)
    adjudications: dict[str, list[Adjudication]] = defaultdict(list)
    for remittance in remittances(month, directory):
        for place, claim in enumerate(remittance.claims, start=1):
            number = str(claim.patient_control_number)
            made = adjudication(claim, place, remittance, sent.get(number), rules)
            adjudications[number].append(made)
    charges = {story.patient_control_number: story.charge for story in month.stories}
    return {n: settle(adjudications[n], charge_amount=charge) for n, charge in charges.items()}


def found(standing: Standing) -> Figures:
    return (
        standing.paid_amount,
        standing.contractual_amount,
        standing.patient_amount,
        standing.denied_amount + standing.unanswered_amount,
        standing.imbalance_amount,
    )


def test_every_claim_is_settled_as_the_truth_has_it(large: tuple[Month, Path]) -> None:
    month, directory = large
    columns = ("paid", "contractual", "patient_responsibility", "open")
    meant = {
        claim["patient_control_number"]: (*(Decimal(claim[c]) for c in columns), Decimal(0))
        for claim in month.truth()["claims"]
    }
    assert {number: found(standing) for number, standing in settled(month, directory).items()} == meant
