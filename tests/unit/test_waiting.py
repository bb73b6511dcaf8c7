"""Waiting ends with what was waited for, or says what there was instead."""

import pytest

from tests.waiting import until, until_so

pytestmark = pytest.mark.asyncio


async def test_the_first_true_answer_is_handed_on() -> None:
    answers = iter([0, 0, 7, 8])

    async def look() -> int:
        return next(answers)

    assert await until(look, pause=0) == 7


async def test_who_waits_in_vain_is_told_what_was_seen_last() -> None:
    async def look() -> list[str]:
        return []

    with pytest.raises(pytest.fail.Exception, match=r"in vain: the last look gave \[\]"):
        await until(look, 0.01)
    with pytest.raises(pytest.fail.Exception, match="the last look gave False"):
        await until_so(lambda: False, 0.01)


async def test_a_timeout_of_what_is_looked_at_is_not_ours() -> None:
    async def look() -> bool:
        raise TimeoutError("the server's")

    with pytest.raises(TimeoutError, match="the server's"):
        await until(look)
