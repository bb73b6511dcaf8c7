"""Temporal task queues: which process works on what. Not to be mixed up with the work queues of people."""

from typing import Final

DENIAL_CASES: Final = "denial-cases"
"""Workflows and their record-keeping, by `python -m workflows`."""

APPEALS: Final = "appeals"
"""Letters, by `python -m services.appeals`."""
