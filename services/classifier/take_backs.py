"""What was recovered and taken back again is not recovered: a claim's cases follow its dollars."""

from collections.abc import Sequence
from decimal import Decimal

from overturn.db.tables import DenialCase
from overturn.domain.remittance import ZERO


def correct_recovered(cases: Sequence[DenialCase], paid_amount: Decimal) -> None:
    """Move between recovered and taken back, case by case of one claim in the order of their rounds.

    A case recovered at most by how much the claim's net payments rose from its opening to the next one's. Its
    workflow may be over: the outcome stays what it was then. Nothing is lost by it: money that the payer
    gives back moves the figure back, so the order in which the two become known does not matter.
    """
    ends = [case.paid_before_amount for case in cases[1:]] + [paid_amount]
    for place, case in enumerate(cases):
        gained = max(min(ends[place:]) - case.paid_before_amount, ZERO)
        once = case.recovered_amount + case.taken_back_amount
        case.recovered_amount = min(once, gained)
        case.taken_back_amount = once - case.recovered_amount
