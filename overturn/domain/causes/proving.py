"""A denial's question put to every family in turn; the first that proves something answers."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from overturn.domain.causes.authorizations import (
    prove_authorization,
    prove_authorization_was_there,
    prove_retroactive,
)
from overturn.domain.causes.bundling import prove_bundling, prove_two_evaluations
from overturn.domain.causes.duplicates import prove_duplicate
from overturn.domain.causes.filing import prove_filing
from overturn.domain.causes.proven import Proven
from overturn.domain.causes.providers import prove_assistant_rendering, prove_enrolment
from overturn.domain.causes.question import Question
from overturn.domain.causes.therapy_modifiers import (
    prove_assistant,
    prove_discipline,
    prove_kx,
    prove_modifiers_there,
)
from overturn.domain.causes.units import prove_never_paid_alone, prove_units
from overturn.domain.codes import Answer
from overturn.domain.rule_row import DenialRule

FAMILIES: Final[tuple[Callable[[Question], Proven | None], ...]] = (
    *(prove_two_evaluations, prove_never_paid_alone, prove_bundling, prove_units),
    *(prove_discipline, prove_assistant, prove_kx, prove_modifiers_there),
    *(prove_assistant_rendering, prove_enrolment),
    *(prove_authorization, prove_authorization_was_there, prove_retroactive),
    *(prove_filing, prove_duplicate),
)
"""In order of precedence: where two speak of one denial, the earlier one does."""

PROVEN_CAUSES: Final = frozenset(
    {
        *("two_evaluations", "not_separately_payable", "ncci_never_together", "ncci_modifier_missing"),
        *("ncci_modifier_ignored", "ncci_no_edit", "mue_within_limit", "mue_units"),
        *("missing_kx", "missing_therapy_modifier", "wrong_therapy_modifier", "therapy_modifier_was_there"),
        *("assistant_evaluation", "assistant_modifier_mismatch", "assistant_modifier_missing"),
        *("assistant_rendering", "rendering_npi_enrolled", "rendering_npi_not_enrolled"),
        *("authorization_in_force", "authorization_not_required", "authorization_wrong_number"),
        *("authorization_number_left_out", "authorization_used_up", "authorization_expired"),
        *("authorization_dates", "authorization_other_services", "authorization_retroactive"),
        *("authorization_number_was_there", "filed_in_time", "filing_limit_missed"),
        *("duplicate_of_paid", "duplicate_of_unpaid"),
    }
)
"""Every cause a family may give; each needs its label in `causes.csv`."""


def prove_cause(question: Question) -> Proven | None:
    """The finer cause or the refutation that holds for this denial, or None where nothing is proved."""
    return next((proven for prove in FAMILIES if (proven := prove(question))), None)


def apply_proof(rule: DenialRule, proven: Proven) -> DenialRule:
    """The row with what is proved in the place of what its codes say. A guardrail of the row stays unless
    the proof has its own, or opens the appeal by refuting the payer."""
    opened = proven.refutes and proven.appealable in {Answer.YES, Answer.MAYBE}
    return replace(
        rule,
        category=proven.category or rule.category,
        cause=proven.cause,
        action=proven.action or rule.action,
        appealable=proven.appealable or rule.appealable,
        guardrail=proven.guardrail or (None if opened else rule.guardrail),
        note=proven.advice,
        playbook=proven.playbook or (rule.playbook if proven.action in (None, rule.action) else None),
    )
