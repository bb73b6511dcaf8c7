"""Proof of when the remittance, or the decision, that a case answers was received: its last day follows."""

from datetime import date
from typing import Final

from overturn.db.tables import Claim
from overturn.domain.deadlines import Deadline, deadline_document
from overturn.domain.denial_case import StepRefusedError
from overturn.domain.practice_day import practice_date
from workflows.denial_case import planning
from workflows.denial_case.desk import Desk
from workflows.denial_case.rederiving import Move, write_move

MOVES_NOTHING: Final = (
    "No last day of this case is counted from receipt, so this moves nothing. If the payer grants more time, "
    "set the last day by hand."
)


async def prove_receipt(desk: Desk, received_on: date, *, proof: str) -> str:
    """Keep the day on the locked case and derive its last day from it, in the place of a presumed receipt and
    of a day that a person set; what to say in the timeline.

    Raises:
        StepRefusedError: it was received before it was written, or no open last day follows from it.
    """
    case = desk.case
    written_on = case.answered_on or case.denied_on
    if written_on and received_on < written_on:
        raise StepRefusedError(
            f"What this case answers is dated {written_on} and cannot have been received on {received_on}. "
            "Give the day on which it came."
        )
    if received_on == case.received_on:
        raise StepRefusedError(f"It is on record already that this was received on {received_on}.")
    claim = await desk.session.get_one(Claim, case.claim_id)
    before = planning.find_deadline(case, claim, rulebook=desk.rulebook)
    case.received_on = received_on
    after = planning.find_deadline(case, claim, rulebook=desk.rulebook)
    if not isinstance(after, Deadline) or after == before:
        raise StepRefusedError(MOVES_NOTHING)
    if after.due_on < practice_date(desk.at):
        raise StepRefusedError(
            f"Received on {received_on}, its last day was {after.due_on}, which is over. If the payer grants "
            "more time, set the last day by hand; else write the case off."
        )
    moved = await write_move(desk, Move(case.deadline, deadline_document(after), stated=False))
    return f"Received on {received_on}, proven by: {proof} {moved}"
