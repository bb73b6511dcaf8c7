"""The loop of one claim (CLM to its last line) with a new frequency and what was corrected in it."""

from collections.abc import Sequence
from typing import Final

from overturn.domain.remittance import Party
from overturn.domain.resubmission import Frequency, LineCorrection, Resubmission

_BEFORE_REFERENCES: Final = frozenset({"CLM", "DTP", "PWK", "CN1", "AMT", "REF"})
"""What may stand in front of a REF of the claim itself (loop 2300)."""

_LOOPS_BELOW: Final = frozenset({"NM1", "SBR", "LX"})
_OTHER_LOOPS: Final = frozenset({"SBR", "LX"})  # another payer's, and the lines
_PROVIDERS_AFTER_RENDERING: Final = frozenset({"77", "DQ", "PW", "45"})
_MODIFIERS: Final = slice(2, 6)

Segments = list[list[str]]


def corrected_claim(resubmission: Resubmission) -> list[str]:
    """The original's segments as they go out again; `resubmission` has no faults."""
    corrections = resubmission.corrections
    segments = [segment.split("*") for segment in resubmission.original.segments]
    _set_frequency(segments[0], resubmission.frequency)
    if corrections.prior_authorization is not None:
        segments = _with_reference(segments, "G1", corrections.prior_authorization)
    anew = resubmission.frequency is Frequency.ORIGINAL
    number = None if anew else resubmission.payer_claim_control_number
    segments = _with_reference(segments, "F8", number)
    if corrections.rendering_provider is not None:
        former = resubmission.original.rendering_provider
        segments = _with_rendering_provider(segments, corrections.rendering_provider, former)
    _correct_lines(segments, corrections.lines)
    return ["*".join(segment) for segment in segments]


def _set_frequency(claim_information: list[str], frequency: str) -> None:
    place_of_service, qualifier, *_ = [*claim_information[5].split(":"), ""]
    claim_information[5] = ":".join([place_of_service, qualifier or "B", frequency])


def _with_reference(segments: Segments, qualifier: str, value: str | None) -> Segments:
    """The claim's own REF of this qualifier set to `value`, None for without; other payers' and lines' are
    let be."""
    below = _first(segments, _LOOPS_BELOW)
    own = [segment for segment in segments[:below] if segment[:2] != ["REF", qualifier]]
    place = next((n for n, s in enumerate(own) if s[0] not in _BEFORE_REFERENCES), len(own))
    reference = [] if value is None else [["REF", qualifier, value]]
    return [*own[:place], *reference, *own[place:], *segments[below:]]


def _with_rendering_provider(segments: Segments, provider: Party, former: Party | None) -> Segments:
    """The claim's rendering provider, and the lines' where they name the same person, changed or added."""
    below = _first(segments, _OTHER_LOOPS)
    if former is None:
        later = (n for n, s in enumerate(segments) if s[0] == "NM1" and s[1] in _PROVIDERS_AFTER_RENDERING)
        place = min(next(later, below), below)
        return [*segments[:place], _renamed(["NM1", "82", "1"], provider), *segments[place:]]
    return [
        _renamed(segment, provider)
        if segment[:2] == ["NM1", "82"] and (n < below or segment[9:] == [former.identifier])
        else segment
        for n, segment in enumerate(segments)
    ]


def _renamed(name: list[str], provider: Party) -> list[str]:
    kept = [*name, *[""] * 8][:8]
    if provider.name:
        kept = [*kept[:3], provider.name, provider.first_name or "", "", "", ""]
    return [*kept, "XX", provider.identifier or ""]


def _correct_lines(segments: Segments, corrections: Sequence[LineCorrection]) -> None:
    by_number = {correction.line_number: correction for correction in corrections}
    services = (segment for segment in segments if segment[0] == "SV1")
    for number, service in enumerate(services, start=1):
        if number in by_number:
            service[1] = _with_modifiers(service[1], by_number[number])


def _with_modifiers(procedure: str, correction: LineCorrection) -> str:
    parts = procedure.split(":")
    after = correction.apply(tuple(filter(None, parts[_MODIFIERS])))
    places = _MODIFIERS.stop - _MODIFIERS.start
    return ":".join([*parts[:2], *[*after, *[""] * places][:places], *parts[6:]]).rstrip(":")


def _first(segments: Segments, names: frozenset[str]) -> int:
    return next((n for n, segment in enumerate(segments) if segment[0] in names), len(segments))
