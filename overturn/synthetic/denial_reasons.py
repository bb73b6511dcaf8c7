"""The denials a generated payer can give: codes as payers send them, and what they truly mean."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from overturn.synthetic.practice import CIGNA, COMMERCIAL_PAYERS, MEDICARE, MEDICARE_ADVANTAGE, PAYERS, Payer

UNKNOWN_CARC: Final = "999"
UNKNOWN_RARC: Final = "N999"


class Extent(StrEnum):
    """What a denial strikes: the claim as one, every line, or one line of several."""

    CLAIM = "claim"
    ALL_LINES = "lines"
    ONE_LINE = "line"


@dataclass(frozen=True, slots=True)
class DenialReason:
    """One way to be denied. `claim_rarcs` stand in the claim's MOA, `rarcs` on the line (or also in the
    MOA when the whole claim is denied without lines). `guardrail` is what the law forbids: no appeal, or no
    statement to the patient."""

    category: str
    cause: str
    action: str
    group: str
    carc: str
    rarcs: tuple[str, ...]
    extent: Extent
    payers: tuple[Payer, ...]
    claim_rarcs: tuple[str, ...] = ()
    guardrail: str | None = None

    @property
    def all_rarcs(self) -> tuple[str, ...]:
        return self.rarcs + self.claim_rarcs


PAYER_GROUPS: Final = {
    "any": PAYERS,
    "part_b": (MEDICARE,),
    "managed": (MEDICARE_ADVANTAGE, *COMMERCIAL_PAYERS),
    "commercial": COMMERCIAL_PAYERS,
    "cigna": (CIGNA,),
}

GUARDRAILS: Final = {"-": None, "stop": "no_appeal", "hold": "no_statement"}

# The first reason of each category occurs in every generated month. A pair whose meaning depends on
# Medicare is never given by the Medicare Advantage plan, whose contract may follow either; category and
# action are those of the denial map's most specific row; for bundling, those that the claim and the edit
# prove. Columns: category, cause, action, group, CARC, RARC of the line, RARC of the claim, what is denied,
# which payers do so, what the law forbids.
_TABLE: Final = """
documentation            documentation_missing        send_records        CO 252 N706 -     lines any -
documentation            progress_report_missing      send_records        CO 252 N393 -     line  any -
documentation            plan_of_care_missing         send_records        CO 252 M141 -     lines any -
documentation            records_requested            send_records        CO 226 M127 -     lines any -
documentation            progress_report_incomplete   send_records        CO 251 N394 -     line  any -
modifier_kx              missing_kx                   reopening           PR 119 -    -     lines part_b hold
modifier_kx              missing_therapy_modifier     new_claim           CO 16  N822 MA130 lines part_b stop
modifier_kx              wrong_therapy_modifier       new_claim           CO 16  N823 MA130 lines part_b stop
modifier_kx              modifier_mismatch            corrected_claim     CO 4   -    -     line  commercial -
credentialing_npi        rendering_npi_not_enrolled   enrol_then_resubmit CO B7  -    -     lines cigna -
credentialing_npi        rendering_npi_not_enrolled   enrol_then_resubmit CO 185 -    -     lines cigna -
credentialing_npi        rendering_npi_not_enrolled   enrol_then_resubmit CO 96  N198 -     lines cigna -
credentialing_npi        rendering_npi_invalid        new_claim           CO 16  N290 MA130 lines part_b stop
bundling                 ncci_modifier_missing        reopening           CO 236 -    -     line  part_b -
bundling                 ncci_modifier_missing        corrected_claim     CO 236 -    -     line  commercial -
bundling                 ncci_modifier_missing        reopening           CO 97  M80  -     line  part_b -
bundling                 ncci_modifier_missing        corrected_claim     CO 97  N20  -     line  commercial -
bundling                 ncci_modifier_missing        reopening           CO B15 M80  -     line  part_b -
authorization            authorization_missing        appeal              CO 197 -    -     lines managed -
authorization            authorization_dates          appeal              CO 198 N351 -     line  managed -
authorization            authorization_number_missing corrected_claim     CO 16  M62  -     lines managed -
eligibility_coverage     coverage_ended               call_payer          CO 27  -    -     claim managed -
eligibility_coverage     member_not_found             corrected_claim     CO 31  -    -     claim managed -
eligibility_coverage     advantage_plan_patient       bill_other_payer    CO 24  -    -     claim part_b -
coordination_of_benefits other_coverage_primary       bill_other_payer    CO 22  -    -     claim commercial -
coordination_of_benefits other_coverage_primary       bill_other_payer    CO 22  N598 -     claim part_b -
medical_necessity        not_medically_necessary      appeal              CO 50  -    -     lines commercial -
medical_necessity        local_coverage_determination appeal              CO 50  N115 -     line  part_b -
medical_necessity        level_not_supported          appeal              CO 150 -    -     line  any -
timely_filing            filing_limit_missed          write_off           CO 29  -    -     claim commercial -
timely_filing            filing_limit_missed          write_off           CO 29  N211 -     claim part_b stop
duplicate                duplicate_claim              none                OA 18  -    -     claim any stop
coding                   diagnosis_mismatch           corrected_claim     CO 11  -    -     line  any -
coding                   diagnosis_unspecific         new_claim           CO 16  M81  MA130 lines part_b stop
coding                   units_invalid                corrected_claim     CO 16  M53  -     line  commercial -
"""


def _reason(row: str) -> DenialReason:
    category, cause, action, group, carc, rarc, claim_rarc, extent, payers, guardrail = row.split()
    return DenialReason(
        category=category,
        cause=cause,
        action=action,
        group=group,
        carc=carc,
        rarcs=() if rarc == "-" else (rarc,),
        extent=Extent(extent),
        payers=PAYER_GROUPS[payers],
        claim_rarcs=() if claim_rarc == "-" else (claim_rarc,),
        guardrail=GUARDRAILS[guardrail],
    )


DENIAL_REASONS: Final = tuple(_reason(row) for row in _TABLE.strip().splitlines())

UNKNOWN_REASON: Final = DenialReason(
    category="other",
    cause="unknown_code",
    action="call_payer",
    group="CO",
    carc=UNKNOWN_CARC,
    rarcs=(UNKNOWN_RARC,),
    extent=Extent.ALL_LINES,
    payers=COMMERCIAL_PAYERS,
)
"""A code in no list: the month's one denial nobody can name."""

CATEGORY_WEIGHTS: Final = {
    "documentation": 22,
    "modifier_kx": 17,
    "credentialing_npi": 17,
    "bundling": 16,
    "authorization": 8,
    "eligibility_coverage": 6,
    "coordination_of_benefits": 4,
    "medical_necessity": 4,
    "timely_filing": 2,
    "duplicate": 2,
    "coding": 4,
}

FINAL_CATEGORIES: Final = frozenset({"timely_filing", "duplicate", "other"})
"""Denials nobody overturns in a generated month."""


def reasons_of(category: str) -> tuple[DenialReason, ...]:
    return tuple(reason for reason in DENIAL_REASONS if reason.category == category)
