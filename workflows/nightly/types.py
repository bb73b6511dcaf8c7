"""What crosses the boundary of `NightlyWorkflow`: the clock."""

from datetime import datetime

from workflows.denial_case.types import Message


class NightInput(Message):
    """`at` is the workflow's clock."""

    at: datetime
