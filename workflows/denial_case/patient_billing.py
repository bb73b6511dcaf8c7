"""What must hold before a person may bill the patient for what a payer denied."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import CaseEvent, Denial, DenialCase
from overturn.domain.codes import Action
from overturn.domain.denial_case import Step, StepRefusedError
from overturn.domain.rule_row import AdjustmentFacts
from overturn.domain.rule_table import DenialTable

PATIENTS: Final = "PR"
MEDICARE: Final = "Medicare FFS"
BENEFIT_USED_UP: Final = "119"
SENT: Final = (Step.SENT, Step.SUBMIT)


async def refuse_billing(session: AsyncSession, case: DenialCase, table: DenialTable) -> None:
    """Raises StepRefusedError where a line of the case is not the patient's, or not yet.

    Only amounts in group PR may go to the patient, and what `rules/guardrails.csv` bars does not. A benefit
    that is used up (119) may be Medicare's therapy threshold: the exception that KX asks for comes first.
    """
    denials = (await session.scalars(select(Denial).where(col(Denial.case_id) == case.id))).all()
    for denial in denials:
        _refuse(denial, case, table)
    if case.line_of_business == MEDICARE and any(denial.carc == BENEFIT_USED_UP for denial in denials):
        await _refuse_untried(session, case)


def _refuse(denial: Denial, case: DenialCase, table: DenialTable) -> None:
    place = f"Line {denial.line_number}" if denial.line_number else "The claim"
    if denial.group_code != PATIENTS:
        group = denial.group_code or "no group"
        raise StepRefusedError(
            f"{place} is denied under {group}: only amounts in group PR may go to the patient."
        )
    facts = AdjustmentFacts(
        carc=denial.carc or "",
        group=PATIENTS,
        payer=case.payer_key,
        line_of_business=case.line_of_business,
        procedure=denial.procedure,
    )
    rails = table.find_guardrails(facts, rarcs=denial.rarcs, action=Action.BILL_PATIENT)
    texts = [rail.text for rail in rails if Action.BILL_PATIENT in rail.replaces]
    if texts:
        raise StepRefusedError(f"{place} may not go to the patient: {'; '.join(texts)}.")


async def _refuse_untried(session: AsyncSession, case: DenialCase) -> None:
    """The reopening that adds KX may have been a round of this claim before this case."""
    tried = await session.scalar(
        select(col(CaseEvent.id))
        .join(DenialCase, col(DenialCase.id) == col(CaseEvent.case_id))
        .where(col(DenialCase.claim_id) == case.claim_id, col(CaseEvent.kind).in_(SENT))
        .limit(1)
    )
    if tried is None:
        raise StepRefusedError(
            "The therapy threshold is reached (119): first send the reopening that adds KX where the notes "
            "support it. Only what is denied after that may go to the patient."
        )
