"""Look, wait, look again: what each answer of a look leads to."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from temporalio import workflow

from workflows.looking import Looking

AT_ONCE, TOMORROW = timedelta(), timedelta(days=1)
OVER, NEWS = None, "news"


class Continued(Exception):  # noqa: N818 - it stands for an ending that is no error
    """The next run has begun."""


class Scripted(Looking):
    """Looks as it is told, and counts; `NEWS` is news that come while it looks."""

    def __init__(self, *answers: timedelta | str | None) -> None:
        super().__init__()
        self.looks = 0
        self._answers = list(answers)

    async def _look(self) -> timedelta | None:
        self.looks += 1
        answer = self._answers.pop(0)
        if isinstance(answer, str):
            self.look()
            return None
        return answer

    def run(self) -> None:
        asyncio.run(self._look_until_over("given"))


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[timedelta]:
    """How long it waited, each time to the end; its history is short."""
    waited: list[timedelta] = []

    async def passes(_: Callable[[], bool], **given: timedelta) -> None:
        waited.append(given["timeout"])
        raise TimeoutError

    monkeypatch.setattr(workflow, "wait_condition", passes)
    is_long(monkeypatch, long=False)
    return waited


def is_long(monkeypatch: pytest.MonkeyPatch, *, long: bool) -> None:
    def continued(given: object) -> None:
        raise Continued(given)

    info = SimpleNamespace(is_continue_as_new_suggested=lambda: long)
    monkeypatch.setattr(workflow, "info", lambda: info)
    monkeypatch.setattr(workflow, "continue_as_new", continued)


@pytest.mark.parametrize(
    ("answers", "waited"),
    [
        ((OVER,), []),
        ((TOMORROW, TOMORROW, OVER), [TOMORROW, TOMORROW]),
        ((AT_ONCE, OVER), []),  # it looks again, and waits for nothing
        ((NEWS, OVER), []),  # what came while it looked is looked at before it ends
        ((NEWS, TOMORROW, AT_ONCE, OVER), [TOMORROW]),
    ],
)
def test_it_looks_until_it_is_over(
    waits: list[timedelta], answers: tuple[timedelta | str | None, ...], waited: list[timedelta]
) -> None:
    looking = Scripted(*answers)
    looking.run()
    assert (waits, looking.looks) == (waited, len(answers))


@pytest.mark.parametrize("wait", [AT_ONCE, TOMORROW])
@pytest.mark.usefixtures("waits")
def test_a_long_history_goes_on_in_another_run(monkeypatch: pytest.MonkeyPatch, wait: timedelta) -> None:
    is_long(monkeypatch, long=True)
    with pytest.raises(Continued, match="given"):
        Scripted(wait).run()


@pytest.mark.usefixtures("waits")
def test_what_is_over_ends_however_long_its_history(monkeypatch: pytest.MonkeyPatch) -> None:
    is_long(monkeypatch, long=True)
    Scripted(OVER).run()
