"""Cases and their workflows held against each other: which of the two lacks the other."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CaseInRecord:
    """A case of the record; `settled` where it has stood as it is for longer than a moment."""

    case_id: UUID
    resolved: bool
    settled: bool


@dataclass(frozen=True, slots=True)
class Strays:
    """`without_workflow`: open in the record, and nothing runs for them. `ended`: closed in the record, and
    their workflow does not know. `unknown`: a workflow runs, and the record has no such case.
    """

    without_workflow: frozenset[UUID]
    ended: frozenset[UUID]
    unknown: frozenset[UUID]
    foreign: bool  # none of the workflows belongs to this record: one of the two addresses is wrong


def find_strays(cases: Iterable[CaseInRecord], running: Collection[UUID]) -> Strays:
    """`running` are the cases with a workflow; what has changed a moment ago is left alone."""
    cases, runs = list(cases), frozenset(running)
    open_cases = {case.case_id for case in cases if not case.resolved and case.settled}
    closed = {case.case_id for case in cases if case.resolved and case.settled}
    unknown = runs - {case.case_id for case in cases}
    return Strays(
        without_workflow=frozenset(open_cases - runs),
        ended=runs & closed,
        unknown=unknown,
        foreign=bool(unknown) and unknown == runs,
    )
