"""One denial, with our own claim and the record beside it, as the classifier decides it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from overturn.domain.causes.proven import Proven, Stand
from overturn.domain.causes.tables import NO_RECORD, ClaimRecord
from overturn.domain.classification import ClaimDecision, Denial, classify
from overturn.domain.payers import PayerContext
from overturn.domain.remittance import ClaimPayment, Party, ServiceLine
from overturn.domain.submission import SubmittedClaim, SubmittedLine
from overturn.rulebook import Rulebook
from tests.unit.domain.claim_payments import claim_payment, service_line

DAY = date(2024, 8, 1)
"""Inside the quarter of the bundled edit tables."""

LATER = date(2026, 8, 3)


def paid(procedure: str, *modifiers: str, number: int, units: int = 1) -> ServiceLine:
    """A line that was paid as contracted."""
    return on_line("CO-45 20.00", procedure, *modifiers, number=number, units=units)


def on_line(
    adjustments: str, procedure: str, *modifiers: str, number: int = 1, units: int = 1, rarcs: str = ""
) -> ServiceLine:
    line = service_line(
        *adjustments.split(" + "),
        rarcs=rarcs.split(),
        procedure=procedure,
        modifiers=modifiers or ("GP",),
        number=number,
    )
    return replace(line, units=Decimal(units), segment_index=20 + number)


def answer(*lines: ServiceLine, on: date = DAY, rarcs: str = "", **changes: object) -> ClaimPayment:
    claim = claim_payment(*lines, rarcs=rarcs.split())
    return replace(claim, service_from=on, service_to=on, **changes)  # type: ignore[arg-type]


def decide(
    rulebook: Rulebook,
    payer: PayerContext,
    claim: ClaimPayment,
    *,
    sent: SubmittedClaim | None = None,
    record: ClaimRecord = NO_RECORD,
) -> ClaimDecision:
    return classify(claim, table=rulebook.denials, payer=payer, submitted=sent, record=record)


def only_denial(
    rulebook: Rulebook,
    payer: PayerContext,
    claim: ClaimPayment,
    *,
    sent: SubmittedClaim | None = None,
    record: ClaimRecord = NO_RECORD,
) -> Denial:
    (denial,) = decide(rulebook, payer, claim, sent=sent, record=record).denials
    return denial


def refutation(denial: Denial) -> Proven:
    """The proof that the payer is wrong, which the explanation must say."""
    assert denial.proven
    assert denial.proven.stand is Stand.REFUTED
    assert "This refutes the payer" in denial.explanation
    return denial.proven


def sent_line(number: int, procedure: str, *modifiers: str, units: int = 1, on: date = DAY) -> SubmittedLine:
    return SubmittedLine(
        number, procedure, modifiers or ("GP",), Decimal("100.00"), Decimal(units), on, 30 + number
    )


def sent_claim(*lines: SubmittedLine, segments: tuple[str, ...] = (), **changes: object) -> SubmittedClaim:
    claim = SubmittedClaim(
        patient_control_number="SPECIMEN1",
        charge_amount=Decimal(100 * len(lines)),
        place_of_service="11",
        frequency_code="1",
        billing_provider=Party(name="SPECIMEN THERAPY"),
        subscriber=Party(identifier="SPECIMEN-ID"),
        payer=Party(name="SPECIMEN PAYER"),
        segment_index=25,
        lines=list(lines),
        segments=list(segments),
    )
    return replace(claim, **changes)  # type: ignore[arg-type]
