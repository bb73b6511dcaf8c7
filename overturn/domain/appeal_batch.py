"""Like denials appealed together: what makes cases alike, and which of them can be approved or sent at once.

A batch is a list. Each case is approved and sent by steps of its own, which may refuse what was possible
when the list was made; the words here say why one is left out.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

from overturn.domain.denial_case import CaseStatus, Outcome, Step

MOST_CASES: Final = 1_000
"""In one batch: more than anybody reviews at once."""

Key = TypeVar("Key")


class Order(StrEnum):
    """What a person has a batch do with each of its cases: the step they would take with one."""

    APPROVE = "approve"
    SEND = "send"
    CALL_BACK = "call_back"


class MemberState(StrEnum):
    """How far the batch is with one case. What became of a letter that is out, its sending says."""

    CHOSEN = "chosen"  # its letter can be approved
    APART = "apart"  # it cannot be approved or sent with the others; the words say why
    APPROVED = "approved"
    SENDING = "sending"  # to be sent by its own appeal


STEP_OF: Final[dict[Order, Step]] = {
    Order.APPROVE: Step.APPROVE,
    Order.SEND: Step.SEND,
    Order.CALL_BACK: Step.UNDO,
}

OWED: Final[dict[Order, MemberState]] = {
    Order.APPROVE: MemberState.CHOSEN,
    Order.SEND: MemberState.APPROVED,
    Order.CALL_BACK: MemberState.SENDING,
}
"""The members that an order is about."""

TAKEN: Final[dict[Order, MemberState]] = {
    Order.APPROVE: MemberState.APPROVED,
    Order.SEND: MemberState.SENDING,
    Order.CALL_BACK: MemberState.APPROVED,
}


class BatchRefusedError(ValueError):
    """It does not fit the batch as it is now; the message is for the person who tried."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What cases of one batch have in common. `payer` is its key in the rules, or its name; `letter` the
    template; `level` the step of the payer's ladder of appeals."""

    payer: str
    line_of_business: str
    category: str
    cause: str
    letter: str
    level: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One case as it stands. `likeness` is None where it is not worked by a letter; `letter_state` where
    none is drafted; `needs` names the blanks of the letter."""

    status: CaseStatus
    outcome: Outcome | None
    likeness: Likeness | None
    letter_state: str | None
    needs: Sequence[str] = ()


class Standing(NamedTuple):
    """Where a case stands in a batch; the words are empty unless it is apart."""

    state: MemberState
    words: str = ""


def stand(candidate: Candidate, alike: Likeness) -> Standing:
    """Whether this case can be approved, or sent, with a batch of such cases."""
    reason = _apart(candidate, alike)
    if reason:
        return Standing(MemberState.APART, reason)
    approved = candidate.status is CaseStatus.APPROVED
    return Standing(MemberState.APPROVED if approved else MemberState.CHOSEN)


def _apart(candidate: Candidate, alike: Likeness) -> str:
    """The first reason that holds; empty where none does."""
    return _not_workable(candidate) or _unready(candidate, alike)


def _not_workable(candidate: Candidate) -> str:
    match candidate.status:
        case CaseStatus.RESOLVED:
            return f"It is closed{_how(candidate.outcome)}."
        case CaseStatus.OPENED:
            return "It is still being prepared. Look again in a moment."
        case CaseStatus.NEEDS_WORK | CaseStatus.APPROVED:
            return ""
        case status:
            return f"It is {status.value.replace('_', ' ')}: its letter is out or going out already."


def _unready(candidate: Candidate, alike: Likeness) -> str:
    if candidate.likeness is None:
        return "It is worked by another action than a letter. Open it to see which."
    if candidate.likeness != alike:
        return f"It is not like the others: {_unlike(candidate.likeness, alike)} differs."
    if candidate.letter_state is None:
        return "Its letter is not drafted yet. Look again in a moment."
    return f"Its letter needs: {', '.join(candidate.needs)}." if candidate.needs else ""


def _how(outcome: Outcome | None) -> str:
    return f": {outcome.value.replace('_', ' ')}" if outcome else ""


def _unlike(one: Likeness, other: Likeness) -> str:
    names = ("payer", "line_of_business", "category", "cause", "letter", "level")
    return ", ".join(n.replace("_", " ") for n in names if getattr(one, n) != getattr(other, n))


def group_alike(found: Mapping[Key, Likeness | None]) -> dict[Likeness, list[Key]]:
    """The cases by what they have in common, the largest group first; those without a letter with that one.

    Nothing is left out: what cannot go with the others is shown apart. Empty where no case has a letter.
    """
    groups: defaultdict[Likeness, list[Key]] = defaultdict(list)
    for key, likeness in found.items():
        if likeness is not None:
            groups[likeness].append(key)
    ordered = dict(sorted(groups.items(), key=lambda group: -len(group[1])))
    for rest in list(ordered.values())[:1]:
        rest += [key for key, likeness in found.items() if likeness is None]
    return ordered


def moved(status: CaseStatus, outcome: Outcome | None, owner: str | None) -> str:
    """Why a case that changed after it was reviewed is left out; `owner` is who has it now."""
    if status is CaseStatus.RESOLVED:
        return f"It was closed meanwhile{_how(outcome)}. Nothing was done."
    now = f"it is {status.value.replace('_', ' ')}{f' and with {owner}' if owner else ''}"
    return f"It changed after it was reviewed: {now}. Look at it, then take it in again."
