"""What an empty field and a choice of nobody mean, in every form that has them."""

from uuid import UUID, uuid4

import pytest
from pydantic import TypeAdapter, ValidationError

from services.web.forms import NO_ONE, Assignee, OptionalDate

DAY: TypeAdapter[OptionalDate] = TypeAdapter(OptionalDate)
PERSON: TypeAdapter[Assignee] = TypeAdapter(Assignee)


def test_a_date_that_was_left_empty_is_none() -> None:
    assert DAY.validate_python("") is None


@pytest.mark.parametrize("written", [NO_ONE, "soon", "2026-02-30", " "])
def test_a_date_that_is_none_is_refused_and_not_taken_for_an_empty_one(written: str) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_python(written)


def test_a_choice_of_people_says_nobody_and_an_empty_one_is_refused() -> None:
    person = uuid4()
    assert PERSON.validate_python(NO_ONE) is None
    assert PERSON.validate_python(str(person)) == UUID(str(person))
    with pytest.raises(ValidationError):
        PERSON.validate_python("")
