"""What our classifier and settlement make of the files is, claim by claim, the truth's final standing."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from overturn.domain import identifiers
from overturn.domain.answering import answer_of, lines_sent
from overturn.domain.answers import Adjudication
from overturn.domain.classification import classify
from overturn.domain.remittance import ClaimPayment, Remittance
from overturn.domain.settlement import Standing, settle
from overturn.domain.submission import SubmittedClaim
from overturn.domain.take_backs import TAKES_BACK, TakeBack, numbers_in
from overturn.reference.causes import with_cause_tables
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
    return answer_of(
        claim,
        decision,
        payment_id=identifiers.claim_payment_id(identifiers.remittance_id(remittance), place),
        payment_on=remittance.payment_on,
        submitted=sent,
    )


def take_backs(found: list[Remittance]) -> dict[str, list[TakeBack]]:
    """As the record pairs them: by the likeliest number in the reference that a claim bears."""
    bearers = {
        number: str(claim.patient_control_number)
        for remittance in found
        for claim in remittance.claims
        for number in (claim.patient_control_number, claim.payer_claim_control_number)
    }
    taken: dict[str, list[TakeBack]] = defaultdict(list)
    for remittance in found:
        for plb in remittance.provider_adjustments:
            named = next((bearers[n] for n in numbers_in(plb.reference) if n in bearers), None)
            if named and plb.reason in TAKES_BACK:
                taken[named].append(
                    TakeBack(uuid4(), remittance.payment_on, plb.reason, plb.amount, plb.segment_index)
                )
    return taken


def settled(month: Month, directory: Path) -> dict[str, Standing]:
    rules, sent = with_cause_tables(load_rulebook()), submitted_claims(directory)
    found = list(remittances(month, directory))
    adjudications: dict[str, list[Adjudication]] = defaultdict(list)
    for remittance in found:
        for place, claim in enumerate(remittance.claims, start=1):
            number = str(claim.patient_control_number)
            made = adjudication(claim, place, remittance, sent.get(number), rules)
            adjudications[number].append(made)
    charges = {story.patient_control_number: story.charge for story in month.stories}
    taken = take_backs(found)
    return {
        n: settle(
            adjudications[n],
            charge_amount=charge,
            sent_lines=lines_sent(sent.get(n)),
            take_backs=taken.get(n, ()),
        )
        for n, charge in charges.items()
    }


def found(standing: Standing) -> Figures:
    return (
        standing.paid_amount,
        standing.contractual_amount,
        standing.patient_amount,
        standing.denied_amount + standing.unanswered_amount + standing.taken_back_amount,
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
