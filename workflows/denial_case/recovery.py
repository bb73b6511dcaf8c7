"""What came back of a case's dollars, and what that makes of the case.

- Recovered: by how much the claim's net payments rose since the case opened, never below zero (a takeback)
  and never above what was denied and is so no more: the next payer's payment of the patient's part recovers
  nothing. What a payer moved from denied to contractual or to the patient is not recovered; it is no longer
  open either. What was recovered and then taken back outside any claim (PLB) is told apart: the payer did
  overturn the denial, and the money is gone again.
- Still denied: the denials of the adjudication in force. While nothing is in force (a reversal without its
  correction) all that is not recovered is still denied.
- A denial without a price is worth what comes of it: once it is in force no more, what was paid since, beyond
  what priced denials explain and up to all that it left unpaid, counts as denied and recovered. Until then
  it keeps the case open and is in no sum.
- Nothing denied any more ends the case: `recovered` when money came, `upheld` when the payer only gave the
  denial another name.
- Money that came before a case ends otherwise makes it `partly_recovered` when a person or the payer ends
  it. A missed deadline stays `expired`, whatever came: it is the one loss that is our own doing.
"""

from overturn.db.tables import Claim, DenialCase
from overturn.domain.denial_case import Outcome
from overturn.domain.remittance import ZERO
from workflows.denial_case.types import CaseStanding


def weigh(case: DenialCase, claim: Claim) -> CaseStanding:
    """The case's dollars as the claim stands now, in US dollars."""
    gained = max(claim.paid_amount - case.paid_before_amount, ZERO)
    once = max(claim.paid_amount + claim.taken_back_amount - case.paid_before_amount, gained)
    still_denied, unpriced = claim.denied_amount, claim.unpriced_amount
    if claim.current_payment_id is None:
        still_denied, unpriced = case.denied_amount - min(once, case.denied_amount), case.unpriced_amount
    no_longer_denied = max(case.denied_amount - still_denied, ZERO)
    no_longer_unpriced = max(case.unpriced_amount - unpriced, ZERO)
    found = min(once - min(once, no_longer_denied), no_longer_unpriced)
    recovered = min(gained, no_longer_denied + found)
    return CaseStanding(
        denied_amount=case.denied_amount + found,
        recovered_amount=recovered,
        still_denied_amount=still_denied,
        taken_back_amount=min(once, no_longer_denied + found) - recovered,
        unpriced_amount=unpriced,
    )


def settled_outcome(standing: CaseStanding) -> Outcome | None:
    """How the claim's own standing ends the case; None while something is denied."""
    if standing.still_denied_amount + standing.unpriced_amount > ZERO:
        return None
    once = standing.recovered_amount + standing.taken_back_amount
    return Outcome.RECOVERED if once > ZERO else Outcome.UPHELD


def ended_outcome(ending: Outcome, standing: CaseStanding) -> Outcome:
    """How a case ends that the payer upheld or a person wrote off."""
    return Outcome.PARTLY_RECOVERED if standing.recovered_amount > ZERO else ending
