"""Payers' own forms, as data: the fields in the form's order, filled from what the letter rests on."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from overturn.domain.appeal_package import Form, FormField, FormSection
from overturn.paths import FORM_TEMPLATES


class _Field(BaseModel):
    """`fact` names what is filled in, `value` what always stands there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    fact: str | None = None
    value: str = ""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    fields: tuple[_Field, ...]


class FormTemplate(BaseModel):
    """One file of `templates/forms`: for which line of business and levels, and its fields in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    line_of_business: str
    levels: tuple[int, ...]
    sections: tuple[_Section, ...]


@cache
def form_templates(folder: Path = FORM_TEMPLATES) -> tuple[FormTemplate, ...]:
    """Every form, in the order of the file names."""
    return tuple(
        FormTemplate.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.yaml"))
    )


def forms_for(line_of_business: str | None, level: int, facts: Mapping[str, str]) -> tuple[Form, ...]:
    """The forms this payer wants at this level, filled; a fact that is not known is left blank."""
    return tuple(
        _filled(template, facts)
        for template in form_templates()
        if template.line_of_business == line_of_business and level in template.levels
    )


def _filled(template: FormTemplate, facts: Mapping[str, str]) -> Form:
    return Form(
        template.title,
        tuple(
            FormSection(
                section.title,
                tuple(
                    FormField(field.label, facts.get(field.fact, "") if field.fact else field.value)
                    for field in section.fields
                ),
            )
            for section in template.sections
        ),
    )
