"""The deadline of a denied claim's next step, by the action the rules ask for."""

from datetime import date
from typing import Final

from overturn.domain.codes import Action
from overturn.domain.deadlines import (
    DeadlineAnswer,
    DeadlineKind,
    StartDates,
    UnknownDeadline,
    derive_deadline,
)
from overturn.rulebook.holidays import federal_holidays, state_holidays
from overturn.rulebook.loader import Rulebook

FIRST_LEVEL: Final = 1
YEARS_AHEAD: Final = 5

# What has to reach the payer in time. Of several, the first that the rules know a window for.
CLAIM_ACTIONS: Final[dict[Action, tuple[DeadlineKind, ...]]] = {
    Action.CORRECTED_CLAIM: (DeadlineKind.CORRECTED_CLAIM, DeadlineKind.CLAIM),
    Action.NEW_CLAIM: (DeadlineKind.CLAIM,),
    Action.ENROL_THEN_RESUBMIT: (DeadlineKind.CLAIM,),
    Action.BILL_OTHER_PAYER: (DeadlineKind.CLAIM,),
}
# Records, a reopening or a call may fail, and then only the appeal is left: its window is what counts.
APPEAL_ACTIONS: Final = frozenset({Action.APPEAL, Action.SEND_RECORDS, Action.REOPENING, Action.CALL_PAYER})


def derive_case_deadline(
    action: Action,
    *,
    rulebook: Rulebook,
    payer_key: str | None,
    line_of_business: str | None,
    service_from: date | None,
    denied_on: date | None,
    answered_on: date | None = None,
    received_on: date | None = None,
    level: int = FIRST_LEVEL,
) -> DeadlineAnswer | None:
    """The deadline of the action at this level of appeal; None where the action needs none. `answered_on` is
    the date of the decision that is appealed where it is not the remittance, `received_on` the proven day on
    which what is answered was received.

    Where no window is known the answer says so for the kind that was asked first: there is no default.
    """
    payer = rulebook.payers.find(payer_key)
    starts = StartDates(
        service_on=service_from,
        notice_on=answered_on or denied_on,
        received_on=received_on,
        first_notice_on=denied_on,
    )
    days = [day for day in (service_from, denied_on) if day]
    state = payer.state if payer else None
    answers = [
        derive_deadline(
            kind,
            windows=rulebook.filing_windows,
            payer_key=payer_key,
            line_of_business=line_of_business,
            starts=starts,
            level=level,
            state=state,
            holidays=holidays_from(min(days).year) if days else frozenset(),
            state_holidays=state_holidays_from(state, min(days).year) if days else frozenset(),
        )
        for kind in deadline_kinds(action)
    ]
    known = [answer for answer in answers if not isinstance(answer, UnknownDeadline)]
    return next(iter(known or answers), None)


def deadline_kinds(action: Action) -> tuple[DeadlineKind, ...]:
    return (DeadlineKind.APPEAL,) if action in APPEAL_ACTIONS else CLAIM_ACTIONS.get(action, ())


def holidays_from(year: int) -> frozenset[date]:
    """Those a window that starts in this year can meet: none is longer than four years."""
    return federal_holidays(year, year + YEARS_AHEAD)


def state_holidays_from(state: str | None, year: int) -> frozenset[date]:
    """Those of a payer's state, for as long."""
    return state_holidays(state, year, year + YEARS_AHEAD)
