"""Where each shape of the adversarial month is to be found: by claim, by payment, by file."""

from collections.abc import Iterable
from typing import Final

from overturn.synthetic.files import MonthFile
from overturn.synthetic.payments import Payment
from overturn.synthetic.scenarios import OWN_FILE, Scenario, Shape
from overturn.synthetic.segments import ODD_DELIMITERS
from overturn.synthetic.stories import ClaimStory

ShapesTruth = dict[str, dict[str, list[str]]]

CODES: Final = {
    "unprocessable": "MA130",
    "missing_modifier": "N822",
    "assistant_reduction": "N851",
    "sequestration": "253",
    "multiple_procedure_reduction": "59",
}
"""Shapes that a CARC or RARC in any answer to the claim makes."""

PROVIDER_ADJUSTMENTS: Final = {"take_back": "WO", "interest": "L6"}
"""Shapes that a PLB reason makes."""


def shapes_truth(stories: list[ClaimStory], payments: list[Payment], files: list[MonthFile]) -> ShapesTruth:
    """Every shape with its patient control numbers, trace numbers and file names, sorted by shape."""
    found = {shape.value: _of_shape(shape, stories, files) for shape in Shape}
    found |= {name: _entry(claims=_answered_with(code, stories)) for name, code in CODES.items()}
    found |= {name: _adjusted(reason, payments) for name, reason in PROVIDER_ADJUSTMENTS.items()}
    found["reversal_and_correction"] = _entry(
        claims=(s for s in stories if any(a.is_reversal for a in s.adjudications))
    )
    found["zero_pay_deductible"] = _entry(claims=_of_scenario(Scenario.DEDUCTIBLE, stories))
    found["foreign_claim"] = _entry(claims=_of_scenario(Scenario.FOREIGN, stories))
    refused = set(found[Shape.REFUSED_BATCH]["claims"])
    found["rejected_by_277ca"] = _entry(
        claims=(s for s in stories if s.is_rejected and s.patient_control_number not in refused)
    )
    found["resent_file"] = _entry(files=(f for f in files if f.resent_of))
    found["odd_delimiters"] = _entry(files=(f for f in files if f.dialect == ODD_DELIMITERS))
    return dict(sorted(found.items()))


def _entry(
    claims: Iterable[ClaimStory] = (),
    payments: Iterable[Payment] = (),
    files: Iterable[MonthFile] = (),
) -> dict[str, list[str]]:
    return {
        "claims": [story.patient_control_number for story in claims],
        "payments": [payment.trace_number for payment in payments],
        "files": [file.name for file in files],
    }


def _of_shape(shape: Shape, stories: list[ClaimStory], files: list[MonthFile]) -> dict[str, list[str]]:
    own = [f for f in files if shape in f.shapes] if shape in OWN_FILE else []
    return _entry(claims=(s for s in stories if s.plan.shape is shape), files=own)


def _of_scenario(scenario: Scenario, stories: list[ClaimStory]) -> Iterable[ClaimStory]:
    return (story for story in stories if story.plan.scenario is scenario)


def _answered_with(code: str, stories: list[ClaimStory]) -> Iterable[ClaimStory]:
    return (story for story in stories if code in _codes(story))


def _codes(story: ClaimStory) -> set[str]:
    lines = [line for answer in story.adjudications for line in answer.lines]
    claims = {code for answer in story.adjudications for code in answer.claim_remarks}
    carcs = {a.carc for answer in story.adjudications for a in answer.adjustments()}
    return claims | carcs | {code for line in lines for code in line.remarks}


def _adjusted(reason: str, payments: list[Payment]) -> dict[str, list[str]]:
    """The payments with this PLB reason, and the claims whose control number it refers to."""
    carrying = [p for p in payments if any(a.reason == reason for a in p.provider_adjustments)]
    references = {
        number
        for p in carrying
        for a in p.provider_adjustments
        if a.reason == reason
        for number in a.reference.split()
    }
    answers = [(story, answer) for payment in payments for story, answer in payment.answers]
    named = {s.patient_control_number: s for s, answer in answers if answer.control_number in references}
    return _entry(claims=named.values(), payments=carrying)
