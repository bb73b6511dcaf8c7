"""Temporal task queues: which process works on what. Not to be mixed up with the work queues of people."""

from typing import Final

DENIAL_CASES: Final = "denial-cases"
"""Workflows and their record-keeping, by `python -m workflows`."""

APPEALS: Final = "appeals"
"""Letters, by `python -m services.appeals`."""

BATCHES: Final = "appeal-batches"
"""The steps of batches, by `python -m workflows`. They wait for cases, whose record-keeping needs the slots
of `denial-cases`: on that queue enough of them would wait for each other."""
