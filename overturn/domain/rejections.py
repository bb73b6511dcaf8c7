"""What a rejection says: its codes, and the reason in our words. Pure; values of the file never enter."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final

from overturn.domain.submission import REJECTED_CATEGORIES, FunctionalAcknowledgement, SegmentError

ERRORS_SHOWN: Final = 5
TAKEN_IN_WITH_ERRORS: Final = "E"
ELSEWHERE: Final = "The errors that were named are in other claims of the batch."


class RejectionSource(StrEnum):
    """What told of a rejection."""

    CLAIM = "277CA"
    BATCH = "999"


class CodeKind(StrEnum):
    """Where a code stands, and so what it means: `kind` of `rules/rejection_codes.csv`."""

    CATEGORY = "claim_status_category"  # STC01-1
    CLAIM_STATUS = "claim_status"  # STC01-2: what the category is about
    ENTITY = "entity"  # STC01-3: whose
    BATCH_STATUS = "batch_status"  # IK501, AK901
    BATCH_ERROR = "batch_error"  # IK502 to IK506
    GROUP_ERROR = "group_error"  # AK905 to AK909
    SEGMENT_ERROR = "segment_error"  # IK304
    ELEMENT_ERROR = "element_error"  # IK403


RejectionLabels = Mapping[tuple[CodeKind, str], str]

REJECTING_BATCH_STATUSES: Final = frozenset({"E", "M", "R", "W", "X"})
"""IK501 (and AK901 of a whole group). E took the batch in, yet some payers drop the claims with the errors:
it is listed until the payer's own answer closes it."""


def claim_codes(statuses: Iterable[Mapping[str, Any]]) -> list[str]:
    """The rejecting statuses of one 277CA answer as A7:562:85, each once, in order."""
    codes = [
        ":".join(filter(None, (s["category"], s["status"], s["entity"])))
        for s in statuses
        if s["category"] in REJECTED_CATEGORIES
    ]
    return list(dict.fromkeys(codes))


def claim_reason(codes: Iterable[str], labels: RejectionLabels) -> str:
    """Rejected: information is invalid. About: NPI, billing provider (A7, status code 562, entity 85)."""
    sentences = []
    for code in codes:
        category, status, entity = [*code.split(":"), "", ""][:3]
        told = [category, status and f"status code {status}", entity and f"entity {entity}"]
        label = labels.get((CodeKind.CATEGORY, category), "Rejected")
        sentences.append(f"{label}{_about(status, entity, labels)} ({', '.join(filter(None, told))}).")
    return " ".join(sentences)


def _about(status: str, entity: str, labels: RejectionLabels) -> str:
    """What the claim was refused for, and whose it is; nothing where we have no words for the code."""
    what = labels.get((CodeKind.CLAIM_STATUS, status))
    whose = labels.get((CodeKind.ENTITY, entity))
    return f". About: {', '.join(filter(None, (what, whose)))}" if what else ""


def about_claim(
    answer: FunctionalAcknowledgement, number: str | None, of_batch: Collection[str]
) -> FunctionalAcknowledgement | None:
    """The answer to a batch as far as it concerns one claim of it: errors that name another claim of the
    batch (`of_batch`, their patient control numbers) left out. None where the batch was taken in and every
    error is another claim's."""
    errors = [e for e in answer.errors if e.claim_number == number or e.claim_number not in of_batch]
    if answer.status == TAKEN_IN_WITH_ERRORS and answer.errors and not errors:
        return None
    return replace(answer, errors=errors)


def batch_codes(answer: FunctionalAcknowledgement) -> list[str]:
    """Status, errors of the batch, then CLM@22:8 and CLM@22.2:7 (segment, place, element, error)."""
    codes = [answer.status, *answer.error_codes]
    for error in answer.errors:
        place = f"{error.segment}@{error.position or ''}"
        codes += [f"{place}:{code}" for code in error.error_codes]
        codes += [f"{place}.{element}:{code}" for element, code, _ in error.element_errors]
    return list(dict.fromkeys(codes))


def batch_reason(answer: FunctionalAcknowledgement, labels: RejectionLabels) -> str:
    """One sentence for the batch, and one for each of its first errors."""
    status = labels.get((CodeKind.BATCH_STATUS, answer.status), "The batch was not accepted")
    kind = CodeKind.BATCH_ERROR if answer.transaction_type else CodeKind.GROUP_ERROR
    sentences = [f"{status} ({answer.status})."]
    sentences += [f"{_first_upper(_label(labels, kind, code))}." for code in answer.error_codes]
    sentences += [sentence for error in answer.errors for sentence in _error_sentences(error, labels)]
    more = len(sentences) - 1 - ERRORS_SHOWN
    shown = sentences[: 1 + ERRORS_SHOWN]
    return " ".join([*shown, f"And {more} more." if more > 0 else ""]).strip()


def _error_sentences(error: SegmentError, labels: RejectionLabels) -> Iterator[str]:
    place = f"Segment {error.segment}" + (f", place {error.position}" if error.position else "")
    for code in error.error_codes:
        yield f"{place}: {_label(labels, CodeKind.SEGMENT_ERROR, code)}."
    for element, code, _ in error.element_errors:
        yield f"{place}, element {element}: {_label(labels, CodeKind.ELEMENT_ERROR, code)}."


def _label(labels: RejectionLabels, kind: CodeKind, code: str) -> str:
    return f"{labels.get((kind, code), 'error')} ({code})"


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
