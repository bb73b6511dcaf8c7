"""The decision table of denials: which row speaks for an adjustment, and which guardrail binds it.

A blank cell matches anything; a cell of several codes matches any of them. Of all rows that match, the most
specific wins: payer and RARC, RARC, payer, CARC with group, CARC. Within the same rank, more conditions
(modifiers, procedures) win, then the order of the file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from overturn.domain.codes import (
    Action,
    Answer,
    Category,
    Cause,
    GroupCode,
    PayerScope,
    ReasonCode,
    RemarkCode,
)

UMBRELLA = "UMBRELLA"
"""In a rule's CARC cell: any CARC that means nothing without its remark (X12 usage notes to 16, 96, ...)."""

DOWNCODED = "DOWNCODED"
"""In a rule's CARC cell: the line was paid as another procedure than was billed, whatever the codes say."""

ANY_RANGE = ""  # the index key of rules whose CARC cell holds a range


@dataclass(frozen=True, slots=True)
class CodeCell:
    """A condition on one code: single codes and ranges of equal length; empty matches anything."""

    codes: frozenset[str] = frozenset()
    ranges: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> "CodeCell":
        """Read `16 96`, `97161..97168` or nothing. Raises ValueError on a range that runs backwards."""
        terms = text.split()
        spans = [tuple(term.split("..")) for term in terms if ".." in term]
        for span in spans:
            if len(span) != 2 or len(span[0]) != len(span[1]) or span[0] > span[1]:  # noqa: PLR2004 a pair
                raise ValueError(f"{'..'.join(span)} is not a range of codes such as 97161..97168")
        return cls(
            codes=frozenset(term for term in terms if ".." not in term),
            ranges=tuple((span[0], span[1]) for span in spans),
        )

    @property
    def blank(self) -> bool:
        return not self.codes and not self.ranges

    def holds(self, code: str | None) -> bool:
        """True when the code is in the cell; a blank cell holds everything, even no code at all."""
        if self.blank or code in self.codes:
            return True
        return code is not None and any(
            len(code) == len(low) and low <= code <= high for low, high in self.ranges
        )


ANY = CodeCell()


@dataclass(frozen=True, slots=True)
class AdjustmentFacts:
    """What a row is held against: one adjustment on one line (or claim) of one payer."""

    carc: str
    group: str
    scope: PayerScope
    procedure: str | None = None
    modifiers: frozenset[str] = frozenset()
    service_on: date | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """The matching half of a row, the same for denial rules and guardrails."""

    carc: CodeCell = ANY
    group: CodeCell = ANY
    rarc: str | None = None
    scope: PayerScope = PayerScope.ANY
    procedures: CodeCell = ANY
    modifiers: CodeCell = ANY  # any of these is on the line
    modifiers_absent: CodeCell = ANY  # none of these is on the line
    effective_from: date | None = None
    effective_to: date | None = None

    @property
    def specificity(self) -> tuple[int, ...]:
        extras = (self.procedures, self.modifiers, self.modifiers_absent)
        return (
            int(self.rarc is not None),
            int(self.scope is not PayerScope.ANY),
            int(UMBRELLA not in self.carc.codes),
            int(not self.group.blank),
            sum(not cell.blank for cell in extras),
        )

    def match(self, facts: AdjustmentFacts, *, umbrella: bool) -> bool:
        """True when every cell but the RARC, which the table looks up, fits the facts."""
        return (
            (self.carc.holds(facts.carc) or (umbrella and UMBRELLA in self.carc.codes))
            and self.group.holds(facts.group)
            and self.scope in (PayerScope.ANY, facts.scope)
            and self.procedures.holds(facts.procedure)
            and (self.modifiers.blank or any(self.modifiers.holds(m) for m in facts.modifiers))
            and not any(m in self.modifiers_absent.codes for m in facts.modifiers)
            and self._in_force(facts.service_on)
        )

    def _in_force(self, service_on: date | None) -> bool:
        if service_on is None:
            return True
        return (self.effective_from or service_on) <= service_on <= (self.effective_to or service_on)


@dataclass(frozen=True, slots=True)
class DenialRule:
    """One row of `rules/denials.csv`."""

    id: str
    when: Conditions
    category: Category
    cause: str
    action: Action
    is_denial: bool
    appealable: Answer
    preventable: Answer
    guardrail: str | None
    note: str
    therapy_note: str
    source: str
    source_level: str


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A limit set by law or by the payer's own remark, over whatever rule decided the category.

    An action listed in `replaces` gives way to `action`: an unprocessable claim cannot be appealed.
    """

    id: str
    when: Conditions
    forbids_appeal: bool
    replaces: frozenset[Action]
    action: Action
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class DenialTable:
    """Rules, guardrails and code labels of one version."""

    version: str
    rules: tuple[DenialRule, ...]
    guardrails: tuple[Guardrail, ...]
    reasons: Mapping[str, ReasonCode]
    remarks: Mapping[str, RemarkCode]
    groups: Mapping[str, GroupCode]
    causes: Mapping[str, Cause]
    steps: Mapping[Action, str]  # what each action is called as work
    _by_codes: Mapping[tuple[str | None, str], tuple[DenialRule, ...]] = field(init=False)

    def __post_init__(self) -> None:
        index: dict[tuple[str | None, str], list[DenialRule]] = {}
        for rule in self.rules:
            for code in [*rule.when.carc.codes, *([ANY_RANGE] if rule.when.carc.ranges else [])]:
                index.setdefault((rule.when.rarc, code), []).append(rule)
        object.__setattr__(self, "_by_codes", {key: tuple(rules) for key, rules in index.items()})

    def is_umbrella(self, carc: str) -> bool:
        """True for a CARC that needs a remark to mean anything."""
        reason = self.reasons.get(carc)
        return reason is not None and reason.umbrella

    def find_rule(self, facts: AdjustmentFacts, *, rarcs: Iterable[str]) -> DenialRule | None:
        """The most specific row for an adjustment; `rarcs` are those allowed to decide, in order.

        None when not even the CARC alone is in the table.
        """
        umbrella = self.is_umbrella(facts.carc)
        keys = [facts.carc, ANY_RANGE, *([UMBRELLA] if umbrella else [])]
        fits = [
            rule
            for rarc in [*rarcs, None]
            for key in keys
            for rule in self._by_codes.get((rarc, key), ())
            if rule.when.match(facts, umbrella=umbrella)
        ]
        return max(fits, key=lambda rule: rule.when.specificity, default=None)

    def find_guardrails(
        self, facts: AdjustmentFacts, *, rarcs: Iterable[str], action: Action
    ) -> tuple[Guardrail, ...]:
        """Every guardrail that bars an appeal or this action, in file order; alert remarks count too."""
        umbrella, present = self.is_umbrella(facts.carc), {None, *rarcs}
        return tuple(
            rail
            for rail in self.guardrails
            if (rail.forbids_appeal or action in rail.replaces)
            and rail.when.rarc in present
            and rail.when.match(facts, umbrella=umbrella)
        )
