"""From facts to what a page shows: words, chips and marked segments. Pure; `today` is an argument."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from overturn.domain.codes import format_dollars, format_stake
from overturn.domain.deadline_changes import BY_THE_RULES, MOVED, day_words
from overturn.domain.denial_case import CaseStatus, Outcome
from overturn.reporting.case_page import DenialFacts, PaymentFacts
from overturn.reporting.work_list import UNSENT, DenialCode
from services.web.labels import CodeLabels

URGENT_DAYS: Final = 3
SOON_DAYS: Final = 10
NOTHING: Final = "\N{EN DASH}"
ACRONYMS: Final = {"kx": "KX", "npi": "NPI"}


@dataclass(frozen=True, slots=True)
class Chip:
    """A deadline in a glance: text, an icon that works without colour, and a tone that is its colour."""

    text: str
    icon: str
    tone: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class CodeChip:
    """A bare code, and what it says in our words (empty where we have none)."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a segment as it stood in the file, marked where a decision rests on it."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """A raw segment with its number in the file (from 1)."""

    number: int
    elements: tuple[Element, ...]
    marked: bool


@dataclass(frozen=True, slots=True)
class DerivationRow:
    """One step of a deadline's arithmetic."""

    step: str
    on: str
    because: str


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """A deadline with its proof; `missing` says what must be supplied, `never_closes` why there is none,
    `by_the_rules` what they say beside a day that a person set, `moved` what its last move changed."""

    chip: Chip
    steps: tuple[DerivationRow, ...] = ()
    safe_on: str = ""
    source: str = ""
    missing: str = ""
    never_closes: str = ""
    by_the_rules: str = ""
    moved: str = ""


def dollars(amount: Decimal | None) -> str:
    return NOTHING if amount is None else format_dollars(amount)


def stake(denied_amount: Decimal, unpriced_amount: Decimal) -> str:
    """Denied dollars, and how many more there may be of denials without a price."""
    return format_stake(denied_amount, unpriced_amount)


def day(on: date | None) -> str:
    """Dec 3, 2026"""
    return NOTHING if on is None else f"{on:%b} {on.day}, {on.year}"


def moment(at: datetime) -> str:
    """Dec 3, 2026 14:05 EST: in the time zone of the machine, which it names."""
    local = at.astimezone()
    return f"{day(local.date())} {local:%H:%M %Z}"


def words(key: str | None) -> str:
    """modifier_kx -> Modifier KX"""
    if not key:
        return NOTHING
    text = " ".join(ACRONYMS.get(word, word) for word in key.split("_"))
    return text[0].upper() + text[1:]


def percent(share: Decimal | float) -> str:
    return f"{share * 100:.1f} %"


def plural(count: int, noun: str) -> str:
    """1 case, 2,000 cases"""
    ending = "" if count == 1 else "es" if noun.endswith(("s", "ch")) else "s"
    return f"{count:,} {noun}{ending}"


def counted(kinds: Sequence[str]) -> str:
    """277, 277, 835 -> 277 (2), 835"""
    shown = [kind if count == 1 else f"{kind} ({count})" for kind, count in Counter(kinds).items()]
    return ", ".join(shown) or NOTHING


def service_dates(first: date | None, last: date | None) -> str:
    if first is None or last is None or first == last:
        return day(first or last)
    return f"{day(first)} to {day(last)}"


def deadline_chip(
    due_on: date | None, unknown: str | None, today: date, status: CaseStatus, outcome: str | None = None
) -> Chip:
    """`unknown` is what the record says is missing; without it and without a date nothing runs.

    Only an unsent case counts days: what was sent in time cannot expire, and a closed case is over.
    """
    if status not in UNSENT:
        return _stopped(due_on, status, outcome)
    if due_on is None:
        if unknown is None:
            return Chip("no deadline", "○", "calm")
        return Chip("unknown: set the window", "?", "unknown", unknown)
    left = (due_on - today).days
    on = f"{due_on:%b} {due_on.day}" if due_on.year == today.year else day(due_on)
    if left < 0:
        return Chip(f"{-left} d late · {on}", "■", "late")
    tone, icon = (
        ("urgent", "▲") if left <= URGENT_DAYS else ("soon", "●") if left <= SOON_DAYS else ("calm", "○")
    )
    return Chip(f"{left} d · {on}" if left else f"today · {on}", icon, tone)


def _stopped(due_on: date | None, status: CaseStatus, outcome: str | None) -> Chip:
    if outcome == Outcome.EXPIRED and due_on:
        return Chip(f"missed {day(due_on)}", "■", "late")
    state, icon = ("closed", "□") if status is CaseStatus.RESOLVED else ("sent", "✓")
    return Chip(f"{state}, was due {day(due_on)}" if due_on else state, icon, "calm")


def deadline_view(
    deadline: Mapping[str, Any],
    due_on: date | None,
    today: date,
    status: CaseStatus,
    outcome: str | None = None,
) -> DeadlineView:
    """The stored derivation as rows; `overturn.domain.deadlines.deadline_document` made it."""
    unknown = deadline.get("unknown")
    rule = deadline.get("rule") or {}
    safe_on = deadline.get("safe_on")
    rules_say = deadline.get(BY_THE_RULES)
    return DeadlineView(
        chip=deadline_chip(due_on, unknown, today, status, outcome),
        steps=tuple(_derivation(deadline.get("derivation", ()))),
        safe_on=day(date.fromisoformat(safe_on)) if safe_on else "",
        source=_source(rule),
        missing=unknown or "",
        never_closes=deadline.get("open", ""),
        by_the_rules=day_words(rules_say) if rules_say else "",
        moved=deadline.get(MOVED, ""),
    )


def _derivation(steps: Iterable[Mapping[str, Any]]) -> Iterable[DerivationRow]:
    for step in steps:
        yield DerivationRow(words(step["step"]), day(date.fromisoformat(step["date"])), step["because"])


def _source(rule: Mapping[str, Any]) -> str:
    if not rule:
        return ""
    version = f" ({rule['version']})" if rule.get("version") else ""
    trust = f"; confidence {rule['confidence']}" if rule.get("confidence") else ""
    return f"Rule {rule['id']}{version}: {rule['source']}{trust}"


def code_chips(codes: Sequence[DenialCode], labels: CodeLabels) -> list[CodeChip]:
    """Each reason and remark once, in order."""
    chips: dict[str, CodeChip] = {}
    for found in codes:
        reason = f"{found.group_code}-{found.carc}"
        chips.setdefault(reason, CodeChip(reason, labels.carcs.get(found.carc, "")))
        for rarc in found.rarcs:
            chips.setdefault(rarc, CodeChip(rarc, labels.rarcs.get(rarc, "")))
    return list(chips.values())


def segments(payment: PaymentFacts, denials: Iterable[DenialFacts]) -> list[Segment]:
    """The claim loop as it stood in the file, with every segment and element some denial rests on marked."""
    marks: dict[int, set[int]] = {}
    for denial in denials:
        if denial.claim_payment_id == payment.id:
            for proof in denial.evidence:
                marks.setdefault(proof["segment_index"], set()).add(proof["element"])
    numbered = enumerate(payment.segments, start=payment.segment_index)
    return [_segment(number, raw, marks.get(number)) for number, raw in numbered]


def _segment(number: int, raw: str, marks: set[int] | None) -> Segment:
    parts = raw.split("*")
    elements = tuple(Element(text, place > 0 and place in (marks or ())) for place, text in enumerate(parts))
    return Segment(number, elements, marks is not None)


def evidence_words(proof: Mapping[str, Any]) -> str:
    """segment 17, CAS02 = 50"""
    return f"segment {proof['segment_index']}, {proof['segment']}{proof['element']:02d} = {proof['value']}"


def place_words(place: Mapping[str, Any]) -> str:
    """837P segment 33, SV101 = 97110, of claim P1; the claim only where it is another one."""
    of = f", of claim {place['claim']}" if place.get("claim") else ""
    return f"{place['document']} {evidence_words(place)}{of}"


def finding_words(finding: Mapping[str, Any]) -> str:
    """Where in the file, then what is wrong: Segment 17 (CLP03): ..."""
    place = ""
    if finding.get("segment_index"):
        name = finding.get("segment") or ""
        element = f"{finding['element']:02d}" if name and finding.get("element") else ""
        place = f"Segment {finding['segment_index']}{f' ({name}{element})' if name else ''}: "
    return f"{place}{finding.get('message') or finding.get('code', '')}"
