"""The life of something people work: which step leads from which status to which; others are refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

Status = TypeVar("Status", bound=StrEnum)
Step = TypeVar("Step", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Life(Generic[Status, Step]):
    """`transitions` alone says what fits: the record validates with it, the page offers its buttons by it."""

    of: str  # as a refusal names it: "case"
    transitions: Mapping[Step, Mapping[Status, Status]]
    persons_steps: tuple[Step, ...]  # in the order the page offers them
    refusal: type[ValueError]

    def allowed_steps(self, status: Status) -> tuple[Step, ...]:
        """The steps a person may take now, in the order the page offers them."""
        return tuple(step for step in self.persons_steps if status in self.transitions[step])

    def next_status(self, status: Status, step: Step) -> Status:
        """Where `step` leads from `status`.

        Raises:
            `refusal`: the step does not fit the status; the words are for the person who tried.
        """
        try:
            return self.transitions[step][status]
        except KeyError:
            raise self.refusal(self._misfit(status, step)) from None

    def _misfit(self, status: Status, step: Step) -> str:
        fitting = " or ".join(_words(each) for each in self.transitions[step])
        return (
            f"This {self.of} is {_words(status)}; '{_words(step)}' needs one that is {fitting}. "
            "Reload the page to see what happened meanwhile."
        )


def _words(value: StrEnum) -> str:
    return value.value.replace("_", " ")
