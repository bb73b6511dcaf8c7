"""The decision table of denials: which row speaks for an adjustment, and which guardrail binds it.

A blank cell fits anything. Of all rows that fit, the most specific wins: remark, payer, reason, group, then
the number of other cells that are filled in; of equals the row of the later pack, then the first in its file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from overturn.domain.causes.tables import CauseTables
from overturn.domain.codes import Action, Cause, GroupCode, ReasonCode, RemarkCode
from overturn.domain.rule_index import RuleIndex
from overturn.domain.rule_row import AdjustmentFacts, DenialRule, Guardrail

Dated = TypeVar("Dated", DenialRule, Guardrail)


@dataclass(frozen=True, slots=True)
class DenialTable:
    """Rules of all packs, guardrails and code labels of one version."""

    version: str
    rules: tuple[DenialRule, ...]
    guardrails: tuple[Guardrail, ...]
    reasons: Mapping[str, ReasonCode]
    remarks: Mapping[str, RemarkCode]
    groups: Mapping[str, GroupCode]
    causes: Mapping[str, Cause]
    steps: Mapping[Action, str]  # what each action is called as work
    playbooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # steps in order
    cause_tables: CauseTables | None = None  # None: nothing beyond the codes is proved
    index: RuleIndex = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index = RuleIndex(self.rules, reasons=self.reasons, remarks=self.remarks)
        object.__setattr__(self, "index", index)

    def is_umbrella(self, carc: str) -> bool:
        """True for a CARC that needs a remark to mean anything."""
        reason = self.reasons.get(carc)
        return reason is not None and reason.umbrella

    def find_rule(self, facts: AdjustmentFacts, *, rarcs: Iterable[str]) -> DenialRule | None:
        """The row that wins for an adjustment; `rarcs` are those allowed to decide, in order.

        None when not even the CARC alone is in the table.
        """
        return self.index.find(facts, rarcs)

    def find_guardrails(
        self, facts: AdjustmentFacts, *, rarcs: Iterable[str], action: Action
    ) -> tuple[Guardrail, ...]:
        """Every guardrail that bars an appeal or this action, in file order; alert remarks count too."""
        umbrella, present = self.is_umbrella(facts.carc), tuple(rarcs)
        return tuple(
            rail
            for rail in self.guardrails
            if (rail.forbids_appeal or action in rail.replaces)
            and rail.when.holds_any(present)
            and rail.when.match(facts, umbrella=umbrella)
        )

    def in_force_on(self, day: date) -> "DenialTable":
        """The table as though every service had been on that day: its rows, and no dates any more."""
        return replace(
            self,
            rules=tuple(_undated(rule) for rule in self.rules if rule.when.in_force(day)),
            guardrails=tuple(_undated(rail) for rail in self.guardrails if rail.when.in_force(day)),
        )


def _undated(row: Dated) -> Dated:
    return replace(row, when=replace(row.when, effective_from=None, effective_to=None))
