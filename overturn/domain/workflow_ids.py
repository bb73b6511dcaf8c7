"""Ids of workflows on Temporal: the business's own identity, so that starting twice starts once.

They are shown in clear.
"""

from typing import Final
from uuid import UUID

DENIAL_CASE: Final = "denial-case/"


def denial_case(case_id: UUID) -> str:
    return f"{DENIAL_CASE}{case_id}"


def case_of(workflow_id: str) -> UUID | None:
    """The case that a workflow id of `denial_case` names; None for any other id."""
    try:
        return UUID(workflow_id.removeprefix(DENIAL_CASE)) if workflow_id.startswith(DENIAL_CASE) else None
    except ValueError:
        return None


def credentialing_gap(payer: str, npi: str) -> str:
    """`payer` by its key, or by its name where the rules know none; the NPI is a provider's."""
    return f"credentialing-gap/{payer}/{npi}"


def appeal(case_id: UUID, level: int) -> str:
    return f"appeal/{case_id}/{level}"


def corrected_claim(case_id: UUID, number: int) -> str:
    """`number` counts the case's corrected claims from 1."""
    return f"corrected-claim/{case_id}/{number}"


def recoupment(recoupment_id: UUID) -> str:
    return f"recoupment/{recoupment_id}"


def records_request(request_id: UUID) -> str:
    return f"records-request/{request_id}"


def appeal_batch(batch_id: UUID) -> str:
    return f"appeal-batch/{batch_id}"
