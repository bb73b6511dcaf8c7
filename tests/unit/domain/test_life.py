"""What is true of every life: the buttons a person gets are the steps the record takes, and no others."""

from enum import StrEnum

import pytest

from overturn.domain.life import Life


class Mail(StrEnum):
    WRITTEN = "written"
    ON_ITS_WAY = "on_its_way"
    THERE = "there"


class Do(StrEnum):
    POST = "post"
    CALL_BACK = "call_back"
    ARRIVE = "arrive"


class LostError(ValueError):
    """What this life refuses with."""


LIFE = Life(
    "postcard",
    {
        Do.POST: {Mail.WRITTEN: Mail.ON_ITS_WAY},
        Do.CALL_BACK: {Mail.ON_ITS_WAY: Mail.WRITTEN, Mail.THERE: Mail.WRITTEN},
        Do.ARRIVE: {Mail.ON_ITS_WAY: Mail.THERE},
    },
    (Do.CALL_BACK, Do.POST),
    LostError,
)


def test_a_person_is_offered_what_fits_in_the_order_of_the_page_and_never_a_fact() -> None:
    assert LIFE.allowed_steps(Mail.WRITTEN) == (Do.POST,)
    assert LIFE.allowed_steps(Mail.ON_ITS_WAY) == (Do.CALL_BACK,)


def test_every_offered_step_is_taken() -> None:
    for status in Mail:
        for step in LIFE.allowed_steps(status):
            assert LIFE.next_status(status, step) in Mail


def test_a_fact_moves_it_too() -> None:
    assert LIFE.next_status(Mail.ON_ITS_WAY, Do.ARRIVE) is Mail.THERE


def test_a_misfit_is_refused_in_words_that_say_what_fits_and_what_to_do() -> None:
    with pytest.raises(LostError) as refused:
        LIFE.next_status(Mail.WRITTEN, Do.CALL_BACK)
    assert str(refused.value) == (
        "This postcard is written; 'call back' needs one that is on its way or there. "
        "Reload the page to see what happened meanwhile."
    )
