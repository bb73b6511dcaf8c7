"""The life of a denial case: statuses, outcomes, the steps a person or a fact may take, and what follows.

The table below is the only place that says which step fits which status; the workflow validates with it,
the case page offers its buttons from it.
"""

from datetime import date
from enum import StrEnum
from typing import Final

from overturn.domain.life import Life


class CaseStatus(StrEnum):
    """Where a case stands. Everything but `resolved` is open."""

    OPENED = "opened"  # classified, not yet prepared by its workflow
    NEEDS_WORK = "needs_work"  # a person has the next step: letter, corrected claim, records, call
    APPROVED = "approved"  # the letter or the correction is approved, not yet sent
    SENDING = "sending"  # the system is sending it through a channel
    SUBMITTED = "submitted"  # sent; the payer has the next step
    AWAITING_PAYMENT = "awaiting_payment"  # overturned; the money is not here yet
    RESOLVED = "resolved"


class Outcome(StrEnum):
    """How a case ended."""

    RECOVERED = "recovered"
    PARTLY_RECOVERED = "partly_recovered"
    UPHELD = "upheld"
    WRITTEN_OFF = "written_off"
    EXPIRED = "expired"
    BILLED_TO_PATIENT = "billed_to_patient"
    NOT_A_DENIAL = "not_a_denial"


class MissedCause(StrEnum):
    """Why a case expired: what to change, so that the next one does not."""

    ARRIVED_LATE = "arrived_late"  # the last day was over when we heard of the denial
    NOBODYS = "nobodys"  # nobody had it
    NOT_DONE = "not_done"  # somebody had it and did not get it ready
    NOT_SENT = "not_sent"  # ready, and not sent


def missed_cause(*, status: CaseStatus, owned: bool, opened_on: date, due_on: date | None) -> MissedCause:
    """The first of the causes that holds."""
    if due_on and opened_on > due_on:
        return MissedCause.ARRIVED_LATE
    if status is CaseStatus.APPROVED:
        return MissedCause.NOT_SENT
    return MissedCause.NOT_DONE if owned else MissedCause.NOBODYS


class Step(StrEnum):
    """What moves a case: a person (`PERSONS_STEPS`), or a fact (the others)."""

    ASSIGN = "assign"
    APPROVE = "approve"
    SEND = "send"
    RESUBMIT = "resubmit"
    SUBMIT = "submit"
    DECIDE = "decide"
    WRITE_OFF = "write_off"
    BILL_PATIENT = "bill_patient"
    NOT_A_DENIAL = "not_a_denial"
    PEND = "pend"
    SET_DEADLINE = "set_deadline"
    PROVE_RECEIPT = "prove_receipt"
    UNDO = "undo"
    REOPEN = "reopen"
    SENT = "sent"
    NOT_SENT = "not_sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REMITTANCE = "remittance"
    EXPIRE = "expire"


class PayerDecision(StrEnum):
    """The payer's answer to an appeal or a corrected claim."""

    OVERTURNED = "overturned"
    UPHELD = "upheld"


TRANSITIONS: Final[dict[Step, dict[CaseStatus, CaseStatus]]] = {
    Step.ASSIGN: {
        CaseStatus.NEEDS_WORK: CaseStatus.NEEDS_WORK,
        CaseStatus.APPROVED: CaseStatus.APPROVED,
        CaseStatus.SENDING: CaseStatus.SENDING,
        CaseStatus.SUBMITTED: CaseStatus.SUBMITTED,
        CaseStatus.AWAITING_PAYMENT: CaseStatus.AWAITING_PAYMENT,
    },
    Step.APPROVE: {CaseStatus.NEEDS_WORK: CaseStatus.APPROVED},
    # A channel of ours, and what came of it.
    Step.SEND: {CaseStatus.APPROVED: CaseStatus.SENDING},
    Step.RESUBMIT: {CaseStatus.APPROVED: CaseStatus.SENDING},
    Step.SENT: {
        CaseStatus.SENDING: CaseStatus.SUBMITTED,
        # The records it asked for went out by their own request.
        CaseStatus.NEEDS_WORK: CaseStatus.SUBMITTED,
        CaseStatus.APPROVED: CaseStatus.SUBMITTED,
    },
    Step.NOT_SENT: {CaseStatus.SENDING: CaseStatus.APPROVED},
    # What a 999 or 277CA made of a corrected claim.
    Step.ACCEPTED: {CaseStatus.SUBMITTED: CaseStatus.SUBMITTED},
    Step.REJECTED: {CaseStatus.SUBMITTED: CaseStatus.NEEDS_WORK},
    # By hand.
    Step.SUBMIT: {CaseStatus.APPROVED: CaseStatus.SUBMITTED},
    # Upheld leads to the next level of appeal (NEEDS_WORK) while its window is open, else to RESOLVED.
    Step.DECIDE: {CaseStatus.SUBMITTED: CaseStatus.AWAITING_PAYMENT},
    Step.WRITE_OFF: {
        CaseStatus.NEEDS_WORK: CaseStatus.RESOLVED,
        CaseStatus.APPROVED: CaseStatus.RESOLVED,
        CaseStatus.SUBMITTED: CaseStatus.RESOLVED,
        CaseStatus.AWAITING_PAYMENT: CaseStatus.RESOLVED,
    },
    # What the payer says the patient owes, and what was denied by no one.
    Step.BILL_PATIENT: {
        CaseStatus.NEEDS_WORK: CaseStatus.RESOLVED,
        CaseStatus.APPROVED: CaseStatus.RESOLVED,
        CaseStatus.SUBMITTED: CaseStatus.RESOLVED,
    },
    Step.NOT_A_DENIAL: {
        CaseStatus.NEEDS_WORK: CaseStatus.RESOLVED,
        CaseStatus.APPROVED: CaseStatus.RESOLVED,
    },
    # It stays where it is and leaves the queue for some days.
    Step.PEND: {
        CaseStatus.NEEDS_WORK: CaseStatus.NEEDS_WORK,
        CaseStatus.APPROVED: CaseStatus.APPROVED,
    },
    Step.SET_DEADLINE: {
        CaseStatus.NEEDS_WORK: CaseStatus.NEEDS_WORK,
        CaseStatus.APPROVED: CaseStatus.APPROVED,
    },
    # The remittance or decision came on another day than presumed: its last day is derived anew.
    Step.PROVE_RECEIPT: {
        CaseStatus.NEEDS_WORK: CaseStatus.NEEDS_WORK,
        CaseStatus.APPROVED: CaseStatus.APPROVED,
    },
    # Back by one; what waits to go out is called back, what a channel sent is out and cannot be.
    Step.UNDO: {
        CaseStatus.APPROVED: CaseStatus.NEEDS_WORK,
        CaseStatus.SENDING: CaseStatus.APPROVED,
        CaseStatus.SUBMITTED: CaseStatus.APPROVED,
        CaseStatus.AWAITING_PAYMENT: CaseStatus.SUBMITTED,
    },
    Step.REOPEN: {CaseStatus.RESOLVED: CaseStatus.NEEDS_WORK},
    # A fact is taken in whatever the status; it resolves only what it settles.
    Step.REMITTANCE: dict.fromkeys(CaseStatus, CaseStatus.RESOLVED),
    # What was sent in time cannot expire.
    Step.EXPIRE: {
        CaseStatus.NEEDS_WORK: CaseStatus.RESOLVED,
        CaseStatus.APPROVED: CaseStatus.RESOLVED,
    },
}

PERSONS_STEPS: Final = (
    *(Step.ASSIGN, Step.APPROVE, Step.SEND, Step.RESUBMIT, Step.SUBMIT, Step.DECIDE),
    *(
        Step.WRITE_OFF,
        Step.PEND,
        Step.SET_DEADLINE,
        Step.PROVE_RECEIPT,
        Step.UNDO,
        Step.REOPEN,
        Step.BILL_PATIENT,
        Step.NOT_A_DENIAL,
    ),
)


class StepRefusedError(ValueError):
    """The step does not fit the case's status; the message says so to the person who tried."""


_LIFE: Final = Life("case", TRANSITIONS, PERSONS_STEPS, StepRefusedError)
allowed_steps: Final = _LIFE.allowed_steps
next_status: Final = _LIFE.next_status
