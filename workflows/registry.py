"""Which workflows run on which task queue; activities are made where their adapters are."""

from typing import Final

from workflows.appeal.workflow import AppealWorkflow
from workflows.appeal_batch.workflow import BatchAppealWorkflow
from workflows.corrected_claim.workflow import CorrectedClaimWorkflow
from workflows.credentialing_gap.workflow import CredentialingGapWorkflow
from workflows.denial_case.workflow import DenialCaseWorkflow
from workflows.nightly.workflow import NightlyWorkflow
from workflows.records_request.workflow import RecordsRequestWorkflow
from workflows.recoupment.workflow import RecoupmentWorkflow
from workflows.task_queues import DENIAL_CASES

WORKFLOWS: Final[dict[str, list[type]]] = {
    DENIAL_CASES: [
        DenialCaseWorkflow,
        AppealWorkflow,
        BatchAppealWorkflow,
        CorrectedClaimWorkflow,
        CredentialingGapWorkflow,
        RecoupmentWorkflow,
        RecordsRequestWorkflow,
        NightlyWorkflow,
    ]
}
