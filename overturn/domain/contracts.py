"""What payers agreed to allow, as far as the practice has written it down (`rules/contracts.csv`)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ContractPrice:
    """One row. Either `unit_amount` in US dollars for one procedure, or `locality` whose Medicare fees hold
    for every procedure the fee schedule has."""

    payer_key: str
    procedure: str | None
    unit_amount: Decimal | None
    locality: str | None
    effective_from: date | None
    effective_to: date | None
    source: str

    def speaks_for(self, payer_key: str | None, procedure: str, on: date) -> bool:
        """Whether the row holds for this payer, procedure and day of service."""
        in_force = (self.effective_from or on) <= on <= (self.effective_to or on)
        return self.payer_key == payer_key and self.procedure in (None, procedure) and in_force
