"""What crosses the boundary of `BatchAppealWorkflow`: an id and counts."""

from uuid import UUID

from workflows.denial_case.types import Message


class BatchInput(Message):
    """The batch to see through; the counts where an earlier run of it has come to its history's end."""

    batch_id: UUID
    taken: int = 0
    left_out: int = 0


class AskCasesInput(Message):
    """The batch whose next cases are to be asked."""

    batch_id: UUID


class AskedCases(Message):
    """What came of it: steps taken, cases left out, and how many are still to be asked."""

    taken: int
    left_out: int
    owed: int


class BatchStoppedInput(Message):
    """The batch cannot go on; `problem` is the kind of error."""

    batch_id: UUID
    problem: str


class BatchProgress(Message):
    """How many cases were asked since the workflow was started; what they stand at is in Postgres."""

    taken: int
    left_out: int
    owed: int | None
