"""Whether a person's step can be taken now; the sentence that refuses it is what the person reads."""

from datetime import date

from overturn.domain.denial_case import Step, StepRefusedError, next_status
from workflows.denial_case.types import DecideInput, PersonsStep, ProveReceiptInput, StepResult, SubmitInput

STALE = "This case has changed since the page was loaded. Reload the page to see what happened meanwhile."


def refuse_misfit(step: PersonsStep, standing: StepResult, *, drafting: bool) -> None:
    """Check a step against where the case stands.

    An older `case_version` is refused here. A newer one was read from Postgres, which knows already what the
    workflow is about to hear; it decides.

    Raises:
        StepRefusedError: it does not fit.
    """
    if step.step is Step.APPROVE and drafting:
        raise StepRefusedError("The letter is still being drafted. Try again in a moment.")
    if step.case_version > standing.case_version:
        return
    next_status(standing.status, step.step)
    if step.case_version < standing.case_version:
        raise StepRefusedError(STALE)


def refuse_future(step: PersonsStep, *, today: date) -> None:
    """Check the date of a step against the practice's; once past, it stays past and needs no second look.

    Raises:
        StepRefusedError: it says that something has happened that is still to come.
    """
    happened_on = _happened_on(step)
    if happened_on is not None and happened_on > today:
        raise StepRefusedError(f"{happened_on} lies in the future. Give the date on which it happened.")


def _happened_on(step: PersonsStep) -> date | None:
    match step:
        case SubmitInput():
            return step.submitted_on
        case DecideInput():
            return step.decided_on
        case ProveReceiptInput():
            return step.received_on
        case _:
            return None
