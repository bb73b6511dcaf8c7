"""Which letter a case's row asks for, and at which level of the ladder of appeals."""

from typing import Final

from overturn.db.tables import DenialCase
from overturn.domain.appeals import REOPENING_LEVEL, choose_letter
from overturn.domain.codes import Action, PayerScope
from overturn.domain.payers import MEDICARE_FFS

BEFORE_THE_LADDER: Final = frozenset({Action.REOPENING, Action.SEND_RECORDS})
"""What is asked of a payer without appealing: the first appeal is still to come."""


def letter_level(case: DenialCase) -> int:
    return REOPENING_LEVEL if case.action in BEFORE_THE_LADDER else case.appeal_level


def chosen_letter(case: DenialCase) -> str | None:
    """The letter that goes with the case's action, or None."""
    medicare = case.line_of_business == MEDICARE_FFS
    return choose_letter(
        case.category,
        cause=case.cause,
        action=case.action,
        payer_scope=PayerScope.MEDICARE if medicare else PayerScope.ANY,
        level=letter_level(case),
        payer=case.payer_key,
        line_of_business=case.line_of_business,
    )
