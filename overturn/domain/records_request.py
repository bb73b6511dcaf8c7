"""A payer asks for records: the life of the request, its last day, and what the payer's answer makes of it.

The table below is the only place that says which step fits which status.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from overturn.domain.deadlines import (
    Deadline,
    DeadlineAnswer,
    DeadlineKind,
    DerivationStep,
    FilingWindows,
    StartDates,
    WindowReference,
    derive_deadline,
    stated_deadline,
)
from overturn.domain.denial_case import StepRefusedError
from overturn.domain.life import Life
from overturn.domain.remittance import ZERO


class Requester(StrEnum):
    """Who asks. All but the payer itself are Medicare's contractors."""

    PAYER = "payer"
    MAC = "mac"  # the contractor that pays
    RAC = "rac"  # recovery auditor
    UPIC = "upic"  # program integrity contractor


OUTSIDERS: Final = frozenset({Requester.RAC, Requester.UPIC})
"""They take their answers under their own name and address, not the payer's."""


class Notice(StrEnum):
    """How the practice heard of it."""

    LETTER = "letter"
    REMITTANCE = "remittance"  # CARC 226, 227, 252 and the like: the claim is denied already
    CLAIM_STATUS = "claim_status"  # 277


class RequestStatus(StrEnum):
    """Where a request stands. `missed` and `closed` are over."""

    GATHERING = "gathering"  # documents are still to come
    READY = "ready"  # all there, not yet sent
    SENDING = "sending"  # the system is sending it through a channel
    SENT = "sent"  # the payer has the next step
    MISSED = "missed"  # the last day passed and nothing was sent
    CLOSED = "closed"


OVER: Final = frozenset({RequestStatus.MISSED, RequestStatus.CLOSED})
PRESSING: Final = frozenset({RequestStatus.GATHERING, RequestStatus.READY})
"""Where the last day runs: what was sent in time cannot be missed."""


class RequestOutcome(StrEnum):
    """How a request ended."""

    PAID = "paid"
    PARTLY_PAID = "partly_paid"
    ACCEPTED = "accepted"  # the payer is content and no money moved
    DENIED = "denied"
    UPHELD = "upheld"  # it was denied before, and still is
    MISSED = "missed"
    WITHDRAWN = "withdrawn"  # by the payer, or entered by mistake


class RequestStep(StrEnum):
    """What moves a request: a person (`PERSONS_STEPS`), or a fact (the others)."""

    ASSIGN = "assign"
    GATHERED = "gathered"
    UNDO = "undo"
    SEND = "send"
    MARK_SENT = "mark_sent"
    SET_DEADLINE = "set_deadline"
    DECIDE = "decide"
    WITHDRAW = "withdraw"
    SENT = "sent"
    NOT_SENT = "not_sent"
    REMITTANCE = "remittance"
    EXPIRE = "expire"


_S = RequestStatus
TRANSITIONS: Final[dict[RequestStep, dict[RequestStatus, RequestStatus]]] = {
    RequestStep.ASSIGN: {status: status for status in (_S.GATHERING, _S.READY, _S.SENDING, _S.SENT)},
    RequestStep.GATHERED: {_S.GATHERING: _S.READY},
    RequestStep.UNDO: {_S.READY: _S.GATHERING},
    RequestStep.SEND: {_S.READY: _S.SENDING},
    RequestStep.SENT: {_S.SENDING: _S.SENT},
    RequestStep.NOT_SENT: {_S.SENDING: _S.READY},
    RequestStep.MARK_SENT: {_S.READY: _S.SENT},
    # A payer that gives more time after the last day opens it again.
    RequestStep.SET_DEADLINE: {_S.GATHERING: _S.GATHERING, _S.READY: _S.READY, _S.MISSED: _S.GATHERING},
    # The payer's decision by letter; most come as a remittance.
    RequestStep.DECIDE: {_S.SENT: _S.CLOSED},
    RequestStep.WITHDRAW: {_S.GATHERING: _S.CLOSED, _S.READY: _S.CLOSED, _S.SENT: _S.CLOSED},
    # What is on its way goes out first.
    RequestStep.REMITTANCE: {_S.GATHERING: _S.CLOSED, _S.READY: _S.CLOSED, _S.SENT: _S.CLOSED},
    RequestStep.EXPIRE: {_S.GATHERING: _S.MISSED, _S.READY: _S.MISSED},
}

PERSONS_STEPS: Final = (
    *(RequestStep.ASSIGN, RequestStep.GATHERED, RequestStep.UNDO, RequestStep.SEND, RequestStep.MARK_SENT),
    *(RequestStep.DECIDE, RequestStep.SET_DEADLINE, RequestStep.WITHDRAW),
)


_LIFE: Final = Life("request", TRANSITIONS, PERSONS_STEPS, StepRefusedError)
allowed_steps: Final = _LIFE.allowed_steps
next_status: Final = _LIFE.next_status

PRINTED: Final = WindowReference("printed", "", "the request itself", "high")


def derive_records_deadline(
    requested_on: date,
    *,
    requester: Requester,
    printed_on: date | None,
    windows: FilingWindows,
    payer_key: str | None,
    line_of_business: str | None,
    state: str | None = None,
    holidays: AbstractSet[date] = frozenset(),
    state_holidays: AbstractSet[date] = frozenset(),
) -> DeadlineAnswer:
    """The last day to answer a request of that date: the printed day or the rule's, whichever is earlier.

    Medicare: 45 days from the date of the request, 30 where a UPIC asks (42 CFR 405.929). Unknown where
    nothing is printed and no rule is known.
    """
    kind = DeadlineKind.UPIC_RECORDS if requester is Requester.UPIC else DeadlineKind.RECORDS
    ruled = derive_deadline(
        kind,
        windows=windows,
        payer_key=payer_key,
        line_of_business=line_of_business,
        starts=StartDates(notice_on=requested_on),
        state=state,
        holidays=holidays,
        state_holidays=state_holidays,
    )
    if printed_on is None:
        return ruled
    printed = stated_deadline(
        printed_on,
        kind=kind,
        because="the last day printed in the request",
        windows=windows,
        payer_key=payer_key,
        holidays=holidays,
    )
    return _earlier(ruled, printed)


def _earlier(ruled: DeadlineAnswer, printed: Deadline) -> Deadline:
    """Of two days the earlier one counts; the other stays in the derivation."""
    if isinstance(ruled, Deadline) and ruled.due_on < printed.due_on:
        later = DerivationStep("printed", printed.due_on, "printed in the request; the earlier day counts")
        return replace(ruled, derivation=(*ruled.derivation, later))
    known = ruled.derivation[:-1] if isinstance(ruled, Deadline) else ()
    return replace(printed, rule=PRINTED, derivation=(*known, *printed.derivation))


@dataclass(frozen=True, slots=True)
class ClaimMoney:
    """A claim's dollars at one time: net paid, and denied and unpaid. US dollars."""

    paid: Decimal
    denied: Decimal


def stake(*, charged: Decimal, adjudicated: bool, money: ClaimMoney) -> Decimal:
    """What is lost if the records do not come, in US dollars: the denial; of a paid claim, the payment; of
    one that is not answered yet, the charge."""
    if not adjudicated:
        return charged
    return money.denied if money.denied > ZERO else max(money.paid, ZERO)


def outcome_by_money(before: ClaimMoney, after: ClaimMoney) -> RequestOutcome:
    """What a later remittance makes of a request; `before` is the claim when the request was opened."""
    gained = after.paid > before.paid
    if after.denied > ZERO:
        if gained:
            return RequestOutcome.PARTLY_PAID
        return RequestOutcome.UPHELD if before.denied > ZERO else RequestOutcome.DENIED
    if gained:
        return RequestOutcome.PAID
    if after.paid < before.paid:
        return RequestOutcome.DENIED
    return RequestOutcome.UPHELD if before.denied > ZERO else RequestOutcome.ACCEPTED


def outcome_by_letter(*, accepted: bool, before: ClaimMoney) -> RequestOutcome:
    """What the payer's word makes of a request, where no remittance says it."""
    if accepted:
        return RequestOutcome.ACCEPTED
    return RequestOutcome.UPHELD if before.denied > ZERO else RequestOutcome.DENIED
