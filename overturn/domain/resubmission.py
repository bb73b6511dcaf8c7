"""A claim sent again: to replace what the payer has, to take it back, or anew; what must hold for it.

Frequency codes are those of the claim frequency type (CLM05-3); the payer finds the claim it has by its own
claim control number (CLP07 of the remittance, REF*F8 of the new claim).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from overturn.domain.codes import Action
from overturn.domain.remittance import Party
from overturn.domain.submission import SubmittedClaim, SubmittedLine

MOST_MODIFIERS: Final = 4
MODIFIER_LENGTH: Final = 2
NPI_LENGTH: Final = 10
NPI_PREFIX: Final = "80840"
"""Goes before an NPI when its check digit is counted (45 CFR 162.406)."""


class Frequency(StrEnum):
    """CLM05-3: anew, for a payer that could not process what it got; or about a claim that the payer has."""

    ORIGINAL = "1"
    REPLACEMENT = "7"
    VOID = "8"


RESUBMITTED: Final = {
    Action.CORRECTED_CLAIM: Frequency.REPLACEMENT,
    Action.ENROL_THEN_RESUBMIT: Frequency.REPLACEMENT,
    Action.NEW_CLAIM: Frequency.ORIGINAL,
}
"""The actions done by a claim, and as which claim it goes: what was unprocessable (MA130) was never taken in,
so there is nothing to replace."""


@dataclass(frozen=True, slots=True)
class LineCorrection:
    """Modifiers to add to, and to take from, one service line; `line_number` counts from 1."""

    line_number: int
    add_modifiers: tuple[str, ...] = ()
    remove_modifiers: tuple[str, ...] = ()

    def apply(self, modifiers: tuple[str, ...]) -> tuple[str, ...]:
        """The line's modifiers after it: those that stay in their order, then the added ones."""
        return (*(m for m in modifiers if m not in self.remove_modifiers), *self.add_modifiers)


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a replacement changes. `rendering_provider.identifier` is the NPI; a name left out stays."""

    lines: tuple[LineCorrection, ...] = ()
    rendering_provider: Party | None = None
    prior_authorization: str | None = None

    @property
    def empty(self) -> bool:
        return not self.lines and self.rendering_provider is None and self.prior_authorization is None


@dataclass(frozen=True, slots=True)
class Resubmission:
    """One claim to be sent again, as it was stored but for the corrections."""

    original: SubmittedClaim
    frequency: Frequency
    payer_claim_control_number: str
    corrections: Corrections = Corrections()

    def faults(self) -> list[str]:
        """Why it cannot be sent so, one sentence each, in words for a biller; empty when nothing is wrong."""
        name = f"Claim {self.original.patient_control_number}"
        found = [*self._identity_faults(), *self._correction_faults()]
        return [f"{name} {fault}" for fault in found]

    def _identity_faults(self) -> Iterator[str]:
        anew = self.frequency is Frequency.ORIGINAL
        if not anew and not self.payer_claim_control_number.strip():
            yield (
                "has no payer claim control number, so the payer cannot tell which claim is meant: "
                "take it from the remittance (CLP07)."
            )
        if not anew and self.original.frequency_code == Frequency.VOID:
            yield "was itself sent as a void (frequency 8): send a new claim instead."
        if not self.original.place_of_service:
            yield "has no place of service (CLM05): correct it where the claim was made."
        if not self.original.lines:
            yield "has no service line: load its 837P again."

    def _correction_faults(self) -> Iterator[str]:
        if self.frequency is Frequency.VOID and not self.corrections.empty:
            yield "is to be voided as it was sent: leave the corrections out, or send a replacement."
        numbers = [correction.line_number for correction in self.corrections.lines]
        if len(numbers) != len(set(numbers)):
            yield "has two corrections for the same line: give them as one."
        lines = {line.line_number: line for line in self.original.lines}
        for correction in self.corrections.lines:
            line = lines.get(correction.line_number)
            if line is None:
                yield f"has no line {correction.line_number}: its lines are numbered 1 to {len(lines)}."
            else:
                yield from _modifier_faults(line, correction)
        yield from self._provider_faults()
        authorization = self.corrections.prior_authorization
        if authorization is not None and not authorization.strip():
            yield "is to get an authorization number that is blank."

    def _provider_faults(self) -> Iterator[str]:
        provider = self.corrections.rendering_provider
        if provider is None:
            return
        if not is_national_provider_identifier(provider.identifier or ""):
            yield f"is to get the rendering NPI '{provider.identifier or ''}', which is no valid NPI."
        if self.original.rendering_provider is None and not provider.name:
            yield "names no rendering provider so far: give the new one's name along with the NPI."


def _modifier_faults(line: SubmittedLine, correction: LineCorrection) -> Iterator[str]:
    place = f"line {line.line_number}"
    for modifier in correction.remove_modifiers:
        if modifier not in line.modifiers:
            yield f"has no modifier {modifier} on {place} that could be taken away."
    for modifier in correction.add_modifiers:
        if len(modifier) != MODIFIER_LENGTH or not (modifier.isascii() and modifier.isalnum()):
            yield f"is to get the modifier '{modifier}' on {place}: a modifier has two letters or digits."
    after = correction.apply(line.modifiers)
    for modifier in sorted({m for m in after if after.count(m) > 1}):
        yield f"would carry the modifier {modifier} twice on {place}."
    if len(after) > MOST_MODIFIERS:
        yield f"would carry {len(after)} modifiers on {place}; a line holds {MOST_MODIFIERS}."


def is_national_provider_identifier(text: str) -> bool:
    """Ten digits, the last of which is right by the Luhn formula."""
    if len(text) != NPI_LENGTH or not (text.isascii() and text.isdigit()):
        return False
    digits = [int(digit) for digit in NPI_PREFIX + text]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
