"""The ways a case can take, as data: each act is a step of the written transition table."""

from enum import StrEnum
from typing import Final, NamedTuple

from overturn.domain.denial_case import TRANSITIONS, CaseStatus, Outcome, Step

LAST_LEVEL: Final = 5
"""Of Medicare's ladder: from redetermination to the federal court."""


TO_ANSWER_DAYS: Final = 80
"""A payer takes its time over a decision."""


class Act(StrEnum):
    """What a person, a payer, a channel or the clock does to a case."""

    ASSIGN = "assign"
    APPROVE = "approve"
    SEND = "send"
    GOES_OUT = "goes out"
    IS_REFUSED = "is refused by the channel"
    SUBMIT = "submit by hand"
    RESUBMIT = "resubmit"
    IS_OUT = "the claim is out"
    TAKEN_IN = "taken in"
    REJECTED = "rejected"
    RECORDS = "records go out"
    OVERTURNED = "overturned"
    UPHELD = "upheld"
    UPHELD_FOR_GOOD = "upheld for good"
    PAID = "paid"
    PAID_IN_PART = "paid in part"
    RENAMED = "denied no more, and not paid"
    WRITE_OFF = "write off"
    BILL = "bill the patient"
    NO_DENIAL = "not a denial"
    PEND = "pend"
    SET_DAY = "set the last day"
    PROVE = "prove a late receipt"
    UNDO = "undo"
    REOPEN = "reopen"
    WAIT = "wait past the last day"


_STEPS: Final = {
    Act.ASSIGN: Step.ASSIGN,
    Act.APPROVE: Step.APPROVE,
    Act.SEND: Step.SEND,
    Act.GOES_OUT: Step.SENT,
    Act.IS_REFUSED: Step.NOT_SENT,
    Act.SUBMIT: Step.SUBMIT,
    Act.RESUBMIT: Step.RESUBMIT,
    Act.IS_OUT: Step.SENT,
    Act.TAKEN_IN: Step.ACCEPTED,
    Act.REJECTED: Step.REJECTED,
    Act.RECORDS: Step.SENT,
    Act.OVERTURNED: Step.DECIDE,
    Act.UPHELD: Step.DECIDE,
    Act.UPHELD_FOR_GOOD: Step.DECIDE,
    Act.PAID: Step.REMITTANCE,
    Act.PAID_IN_PART: Step.REMITTANCE,
    Act.RENAMED: Step.REMITTANCE,
    Act.WRITE_OFF: Step.WRITE_OFF,
    Act.BILL: Step.BILL_PATIENT,
    Act.NO_DENIAL: Step.NOT_A_DENIAL,
    Act.PEND: Step.PEND,
    Act.SET_DAY: Step.SET_DEADLINE,
    Act.PROVE: Step.PROVE_RECEIPT,
    Act.UNDO: Step.UNDO,
    Act.REOPEN: Step.REOPEN,
    Act.WAIT: Step.EXPIRE,
}

Transition = tuple[Step, CaseStatus]


def step_of(act: Act) -> Step:
    return _STEPS[act]


def after(act: Act, status: CaseStatus) -> CaseStatus:
    """Where an act leads by the table, and by what stands beside it: upheld goes to the next level, or ends;
    a part of the money settles nothing, and what comes after the end changes nothing.

    Raises:
        KeyError: the table does not have it.
    """
    by_table = TRANSITIONS[_STEPS[act]][status]
    match act:
        case Act.UPHELD:
            return CaseStatus.NEEDS_WORK
        case Act.UPHELD_FOR_GOOD:
            return CaseStatus.RESOLVED
        case Act.PAID_IN_PART:
            return status
        case _:
            return by_table


class Path(NamedTuple):
    """What is done with a case that its rules gave `action`, and how it has to end."""

    name: str
    action: str
    acts: tuple[Act, ...]
    outcome: Outcome

    def walked(self) -> list[Transition]:
        """Each step with the status it is taken in; what goes before a case is prepared is the first."""
        status, taken = CaseStatus.NEEDS_WORK, []
        for act in self.acts:
            taken.append((_STEPS[act], status))
            status = after(act, status)
        return taken


class Way(NamedTuple):
    """How far a case comes: until it is to be sent, and what sends it."""

    name: str
    action: str
    before: tuple[Act, ...]
    sent: tuple[Act, ...]


BY_CHANNEL: Final = (Act.APPROVE, Act.SEND, Act.GOES_OUT)
BY_HAND: Final = (Act.APPROVE, Act.SUBMIT)
AS_CLAIM: Final = (Act.APPROVE, Act.RESUBMIT, Act.IS_OUT)


def appeal_at(level: int) -> Way:
    """The first goes out by a channel, those after an upheld one by hand."""
    before = (*BY_CHANNEL, Act.UPHELD) + (*BY_HAND, Act.UPHELD) * (level - 2) if level > 1 else ()
    return Way(f"appeal at level {level}", "appeal", before, BY_HAND if level > 1 else BY_CHANNEL)


WAYS: Final = (
    Way("decided without sending", "call_payer", (), ()),
    Way("approved and not sent", "appeal", (Act.APPROVE,), ()),
    appeal_at(1),
    appeal_at(2),
    appeal_at(LAST_LEVEL),
    Way("clerical reopening", "reopening", (), BY_HAND),
    Way("appeal after a refused reopening", "reopening", (*BY_HAND, Act.UPHELD), BY_HAND),
    Way("corrected claim", "corrected_claim", (), (*AS_CLAIM, Act.TAKEN_IN)),
    Way("corrected claim after a rejection", "corrected_claim", (*AS_CLAIM, Act.REJECTED), AS_CLAIM),
    Way("records that the payer asked for", "send_records", (), (Act.RECORDS,)),
)

ENDS: Final[dict[Outcome, tuple[Act, ...]]] = {
    Outcome.RECOVERED: (Act.PAID,),
    Outcome.PARTLY_RECOVERED: (Act.PAID_IN_PART, Act.WRITE_OFF),
    Outcome.UPHELD: (Act.UPHELD_FOR_GOOD,),
    Outcome.WRITTEN_OFF: (Act.WRITE_OFF,),
    Outcome.EXPIRED: (Act.WAIT,),
    Outcome.BILLED_TO_PATIENT: (Act.BILL,),
    Outcome.NOT_A_DENIAL: (Act.NO_DENIAL,),
}
BEFORE_IT_IS_SENT: Final = frozenset({Outcome.EXPIRED, Outcome.NOT_A_DENIAL})
"""What was sent in time cannot expire, and was a denial."""


def _cell(way: Way, outcome: Outcome) -> Path:
    acts = way.before if outcome in BEFORE_IT_IS_SENT else way.before + way.sent
    unsent = outcome is Outcome.UPHELD and not way.sent
    end = (Act.RENAMED,) if unsent else ENDS[outcome]
    return Path(f"{way.name}: {outcome}", way.action, acts + end, outcome)


MATRIX: Final = tuple(_cell(way, outcome) for way in WAYS for outcome in Outcome)
"""Every way to every outcome."""

TURNS: Final = (
    Path("paid as decided", "appeal", (*BY_HAND, Act.OVERTURNED, Act.PAID, Act.PAID), Outcome.RECOVERED),
    Path(
        "the decision was a mistake",
        "appeal",
        (*BY_HAND, Act.OVERTURNED, Act.ASSIGN, Act.UNDO, Act.UPHELD_FOR_GOOD),
        Outcome.UPHELD,
    ),
    Path(
        "overturned and never paid",
        "appeal",
        (*BY_HAND, Act.OVERTURNED, Act.WRITE_OFF),
        Outcome.WRITTEN_OFF,
    ),
    Path("paid while it goes out", "appeal", (Act.APPROVE, Act.SEND, Act.PAID), Outcome.RECOVERED),
    Path(
        "refused by the channel",
        "appeal",
        (Act.APPROVE, Act.SEND, Act.IS_REFUSED, Act.BILL),
        Outcome.BILLED_TO_PATIENT,
    ),
    Path(
        "sent by mistake",
        "appeal",
        (*BY_HAND, Act.ASSIGN, Act.UNDO, Act.NO_DENIAL),
        Outcome.NOT_A_DENIAL,
    ),
    Path("records go out after all", "send_records", (Act.APPROVE, Act.RECORDS, Act.PAID), Outcome.RECOVERED),
    Path(
        "back and forth at the desk",
        "appeal",
        (
            *(Act.APPROVE, Act.SEND, Act.ASSIGN, Act.UNDO),
            *(Act.ASSIGN, Act.PEND, Act.PROVE, Act.SET_DAY, Act.UNDO),
            *(Act.ASSIGN, Act.PEND, Act.PROVE, Act.SET_DAY, Act.WRITE_OFF, Act.REOPEN, Act.WAIT),
        ),
        Outcome.EXPIRED,
    ),
)
"""What the matrix does not come by."""


def reachable() -> set[Transition]:
    """Every step of the table with each status that a prepared case can come to."""
    known, new = set[CaseStatus](), {CaseStatus.NEEDS_WORK}
    while new:
        known |= new
        new = {
            to for leads in TRANSITIONS.values() for status, to in leads.items() if status in known
        } - known
    return {(step, status) for step, leads in TRANSITIONS.items() for status in leads if status in known}
