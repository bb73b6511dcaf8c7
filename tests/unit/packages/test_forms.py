"""The Medicare forms, filled from facts."""

import pytest

from overturn.packages.forms import FormTemplate, form_templates, forms_for

FACTS = {"patient_name": "Avery Quill", "member_id": "1EG4TE5MK73", "prior_decision_on": "August 20, 2024"}


def values(line_of_business: str, level: int) -> dict[str, str]:
    (form,) = forms_for(line_of_business, level, FACTS)
    return {field.label: field.value for section in form.sections for field in section.fields}


def test_the_first_level_of_medicare_has_the_redetermination_request() -> None:
    (form,) = forms_for("Medicare FFS", 1, FACTS)
    assert form.title.startswith("CMS-20027")
    found = values("Medicare FFS", 1)
    assert list(found)[:2] == ["Beneficiary's name", "Medicare number"]
    assert (found["Beneficiary's name"], found["Medicare number"]) == ("Avery Quill", "1EG4TE5MK73")


def test_the_second_level_names_the_decision_below() -> None:
    (form,) = forms_for("Medicare FFS", 2, FACTS)
    assert form.title.startswith("CMS-20033")
    assert (
        values("Medicare FFS", 2)["Date of the redetermination notice (a copy is enclosed)"]
        == "August 20, 2024"
    )


def test_what_is_not_known_stays_blank() -> None:
    assert values("Medicare FFS", 1)["Telephone number"] == ""
    assert values("Medicare FFS", 1)["Signature"] == " "  # room for a pen, not a blank for a typist


@pytest.mark.parametrize(
    ("line", "level"), [("Commercial", 1), ("Medicare FFS", 0), ("Medicare FFS", 3), (None, 1)]
)
def test_another_payer_or_level_has_no_form(line: str | None, level: int) -> None:
    assert forms_for(line, level, FACTS) == ()


@pytest.mark.parametrize("template", form_templates(), ids=lambda template: template.title[:9])
def test_every_field_is_a_fact_or_a_constant_and_asked_for_once(template: FormTemplate) -> None:
    fields = [field for section in template.sections for field in section.fields]
    assert not [field.label for field in fields if field.fact and field.value]
    labels = [field.label for field in fields]
    assert len(labels) == len(set(labels))
