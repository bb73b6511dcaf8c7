"""A row of the decision table: its conditions, and what it decides where they fit an adjustment's facts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Protocol

from overturn.domain.codes import Action, Answer, Category
from overturn.domain.rule_cells import ANY, ANY_FIGURE, AnyOf, CodeCell, FigureCell, NoneOf

UMBRELLA: Final = "UMBRELLA"
"""In a rule's CARC cell: any CARC that means nothing without its remark (X12 usage notes to 16, 96, ...)."""

DOWNCODED: Final = "DOWNCODED"
"""In a rule's CARC cell: the line was paid as another procedure than was billed, whatever the codes say."""

PARTIAL_UNITS: Final = "PARTIAL_UNITS"
ZERO_PAID: Final = "ZERO_PAID"
BELOW_CONTRACT: Final = "BELOW_CONTRACT"

SILENT: Final = frozenset({DOWNCODED, PARTIAL_UNITS, ZERO_PAID, BELOW_CONTRACT})
"""In a rule's CARC cell: cuts that no code tells (`overturn.domain.silent`)."""

BASE_PACK: Final = "base"
FOUND: Final = "found"
"""`source_level` of a row whose source says what the row says; others rest on judgement, in part or whole."""

FACT_OF: Final[Mapping[str, str]] = {
    "group": "group",
    "payer": "payer",
    "line_of_business": "line_of_business",
    "procedures": "procedure",
    "modifiers": "modifiers",
    "modifiers_absent": "modifiers",
    "place_of_service": "place_of_service",
    "provider_type": "provider_type",
    "amount": "amount",
    "days_since_service": "days_since_service",
    "frequency_code": "frequency_code",
}
"""Each condition column but reason and remark, which the table looks up, and the fact it is held against.
A new column is a line here, a cell in `Conditions` and a fact in `AdjustmentFacts`."""


EFFECTIVE: Final = "effective dates"
_RANKED: Final = frozenset({"group", "payer", "line_of_business"})


class Test(Protocol):
    """A cell that can be held against its fact."""

    def holds(self, fact: Any, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class AdjustmentFacts:
    """What a row is held against: one adjustment on one line (or claim) of one payer.

    `amount` is the adjustment's in US dollars; `days_since_service` are counted to the remittance;
    `provider_type` is the taxonomy code our own claim was sent with. None is what nobody told us.
    """

    carc: str
    group: str
    payer: str | None = None  # key of rules/payers.csv
    line_of_business: str | None = None
    procedure: str | None = None
    modifiers: frozenset[str] = frozenset()
    place_of_service: str | None = None
    provider_type: str | None = None
    amount: Decimal | None = None
    days_since_service: int | None = None
    frequency_code: str | None = None
    service_on: date | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """The matching half of a row, the same for denial rules and guardrails."""

    carc: CodeCell = ANY
    group: CodeCell = ANY
    rarc: CodeCell = ANY
    payer: CodeCell = ANY
    line_of_business: CodeCell = ANY
    procedures: CodeCell = ANY
    modifiers: CodeCell = ANY  # any of these is on the line
    modifiers_absent: CodeCell = ANY  # none of these is on the line
    place_of_service: CodeCell = ANY
    provider_type: CodeCell = ANY
    amount: FigureCell = ANY_FIGURE
    days_since_service: FigureCell = ANY_FIGURE
    frequency_code: CodeCell = ANY
    effective_from: date | None = None
    effective_to: date | None = None

    @property
    def specificity(self) -> tuple[int, ...]:
        """Higher wins: the remark, the payer, the reason (listed before pattern before umbrella), the group,
        and how many other cells are filled in."""
        return (
            0 if self.rarc.blank else 1 + self.rarc.exact,
            2 * (not self.payer.blank) + (not self.line_of_business.blank),
            0 if UMBRELLA in self.carc.codes else 1 + self.carc.exact,
            int(not self.group.blank),
            sum(column not in _RANKED for column, _ in self.cells()),
        )

    def cells(self) -> Iterator[tuple[str, CodeCell | FigureCell]]:
        """Every cell that is filled in, but reason and remark, with its column."""
        for column in FACT_OF:
            cell: CodeCell | FigureCell = getattr(self, column)
            if not cell.blank:
                yield column, cell

    def tests(self) -> Iterator[tuple[str, Test]]:
        """The same cells as tests of their facts."""
        for column, cell in self.cells():
            if column == "modifiers":
                yield column, AnyOf(self.modifiers)
            elif column == "modifiers_absent":
                yield column, NoneOf(self.modifiers_absent)
            else:
                yield column, cell

    def holds_carc(self, carc: str, *, umbrella: bool) -> bool:
        """Whether the reason fits; `umbrella` says that it means nothing without its remark."""
        return self.carc.holds(carc) or (umbrella and UMBRELLA in self.carc.codes)

    def holds_any(self, rarcs: Iterable[str]) -> bool:
        """Whether the remark cell is blank or one of the remarks fits."""
        cell = self.rarc
        if cell.exact:
            return cell.blank or not cell.codes.isdisjoint(rarcs)
        return any(cell.holds(rarc) for rarc in rarcs)

    def missed(self, facts: AdjustmentFacts) -> list[str]:
        """The columns that do not fit the facts; reason and remark are looked up and not among them."""
        wrong = [column for column, test in self.tests() if not test.holds(getattr(facts, FACT_OF[column]))]
        return wrong if self.in_force(facts.service_on) else [*wrong, EFFECTIVE]

    def match(self, facts: AdjustmentFacts, *, umbrella: bool) -> bool:
        """True when every cell but the remark fits the facts."""
        return self.holds_carc(facts.carc, umbrella=umbrella) and not self.missed(facts)

    def in_force(self, service_on: date | None) -> bool:
        """Whether the row speaks for that date of service; one that is not known bars no row."""
        if service_on is None:
            return True
        return (self.effective_from or service_on) <= service_on <= (self.effective_to or service_on)


@dataclass(frozen=True, slots=True)
class DenialRule:
    """One row of a pack. `place` says where it stands, for messages; `pack_order` grows with each pack."""

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
    route: str | None = None  # the queue, where not the one of queues.csv
    playbook: str | None = None
    pack: str = BASE_PACK
    pack_order: int = 0
    place: str = ""

    @property
    def rank(self) -> tuple[int, ...]:
        """What decides between rows that fit: specificity, then the pack."""
        return (*self.when.specificity, self.pack_order)

    @property
    def outcome(self) -> tuple[object, ...]:
        """What the row decides, without its words."""
        told = (self.category, self.cause, self.action, self.is_denial, self.appealable, self.preventable)
        return (*told, self.guardrail, self.route, self.playbook)


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
