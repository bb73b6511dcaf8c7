"""The form of a corrected claim: what a biller types, and what the claim is told to change."""

from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from overturn.domain.remittance import Party
from overturn.domain.resubmission import Corrections, LineCorrection
from services.web.forms import ResubmitForm
from workflows.denial_case.types import ResubmitInput


def form(**typed: Any) -> ResubmitForm:
    return ResubmitForm(form_token="t", step_id=uuid4(), case_version=2, **typed)


def test_each_line_gets_its_own_modifiers() -> None:
    corrections = form(add_modifiers=" 1:kx 2:59 1:GP ", remove_modifiers="2:XU").corrections
    assert corrections == Corrections(
        (LineCorrection(1, ("KX", "GP")), LineCorrection(2, ("59",), ("XU",))),
    )


def test_provider_and_authorization_are_corrected_alone() -> None:
    corrections = form(rendering_npi="1234567893", authorization="A-1").corrections
    assert corrections == Corrections((), Party(identifier="1234567893"), "A-1")


def test_an_empty_form_corrects_nothing() -> None:
    assert form().corrections.empty


@pytest.mark.parametrize("typed", ["KX", "1:K", "1-KX", "1:KX,2:59", "x:KX"])
def test_what_names_no_line_and_modifier_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        form(add_modifiers=typed)


def test_the_workflow_is_not_told_what_was_typed() -> None:
    filled, person = form(authorization="SECRET-1"), uuid4()
    asked = filled.asks(ResubmitInput, person)
    assert (asked.step_id, asked.actor_id, asked.case_version) == (filled.step_id, person, 2)
    assert "SECRET-1" not in asked.model_dump_json()
    assert "SECRET-1" in filled.words
