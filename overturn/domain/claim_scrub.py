"""What will be denied or rejected about a claim, found before it is sent: one function for each rule.

A rule sees one claim of an 837P with the tables and the payer it is for, and names the line, the fix and the
source. Lines are compared within the claim and the day.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from typing import Final

from overturn.domain.codes import format_dollars
from overturn.domain.deadlines import Deadline, DeadlineAnswer, UnknownDeadline
from overturn.domain.edit_pairs import EditTables, Verdict, bypassed_by
from overturn.domain.payers import MEDICARE_FFS, PayerContext
from overturn.domain.submission import SubmittedClaim, SubmittedLine

VOID: Final = "8"
THERAPY_MODIFIERS: Final = frozenset({"GP", "GO", "GN"})
ASSISTANT_DISCIPLINES: Final = {"CQ": "GP", "CO": "GO"}
REPEATED: Final = frozenset({"76", "77", "59", "XE", "XS", "XP", "XU", "91"})
PT_EVALUATIONS: Final = frozenset({"97161", "97162", "97163", "97164"})
OT_EVALUATIONS: Final = frozenset({"97165", "97166", "97167", "97168"})
EVALUATION_MODIFIERS: Final = {
    **dict.fromkeys(PT_EVALUATIONS, "GP"),
    **dict.fromkeys(OT_EVALUATIONS, "GO"),
}
NEAR: Final = timedelta(days=14)
NPI_LENGTH: Final = 10
NPI_PREFIX_SUM: Final = 24  # of 80840, which stands before every NPI (45 CFR 162.406)

CMS_THERAPY: Final = "CMS therapy services page; Novitas on CO-16 with N822 and N823"
IMPLEMENTATION_GUIDE: Final = "005010X222A1"


class Severity(StrEnum):
    """An error will be denied or rejected; a warning may be, or needs a person to look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class ScrubFinding:
    """One thing to put right; `line` is None where the whole claim is meant."""

    rule: str
    severity: Severity
    line: int | None
    message: str
    fix: str
    source: str


@dataclass(frozen=True, slots=True)
class ScrubTables:
    """What the rules look up. `always_therapy` is None for a code no table knows; `primaries` names the
    procedures one of which an add-on code needs, and their table."""

    edits: EditTables
    always_therapy: Callable[[str, date], bool | None]
    primaries: Callable[[str, date], tuple[Sequence[str], str]]


@dataclass(frozen=True, slots=True)
class ClaimToScrub:
    """One claim with its payer, the tables, today, and by when it has to be there."""

    claim: SubmittedClaim
    payer: PayerContext
    tables: ScrubTables
    today: date
    filing: DeadlineAnswer | None

    @property
    def strict(self) -> Severity:
        """Traditional Medicare denies for certain; other payers follow its rules mostly."""
        return Severity.ERROR if self.payer.line_of_business == MEDICARE_FFS else Severity.WARNING

    @property
    def days(self) -> dict[date, list[SubmittedLine]]:
        """Lines by day of service; lines without one have a finding of their own."""
        by_day: defaultdict[date, list[SubmittedLine]] = defaultdict(list)
        for line in self.claim.lines:
            if line.service_on is not None:
                by_day[line.service_on].append(line)
        return by_day


def scrub_claim(claim: ClaimToScrub) -> list[ScrubFinding]:
    """Every finding of every rule, by line. A void takes a claim back as it was and is not looked at."""
    if claim.claim.frequency_code == VOID:
        return []
    found = [finding for rule in RULES for finding in rule(claim)]
    return sorted(found, key=lambda finding: finding.line or 0)


def valid_npi(npi: str) -> bool:
    """Ten digits whose last is the Luhn check digit, counted with the prefix 80840 (45 CFR 162.406)."""
    if len(npi) != NPI_LENGTH or not (npi.isascii() and npi.isdigit()):
        return False
    doubled = [int(figure) * (2 if place % 2 == 0 else 1) for place, figure in enumerate(npi)]
    return (NPI_PREFIX_SUM + sum(value // 10 + value % 10 for value in doubled)) % 10 == 0


def _pair_edits(c: ClaimToScrub) -> Iterator[ScrubFinding]:
    for day, lines in c.days.items():
        for first, second in combinations(lines, 2):
            if first.procedure == second.procedure:
                continue
            answer = c.tables.edits.verdict(first.procedure, second.procedure, day, c.payer)
            if answer.edit is None or answer.source is None:
                continue
            column2 = first if first.procedure == answer.edit.column2 else second
            pair = f"{answer.edit.column1} and {answer.edit.column2} on {day}"
            source = f"NCCI {answer.source.quarter}{' (stale)' if answer.stale else ''}: {answer.source.name}"
            if answer.verdict is Verdict.NEVER_TOGETHER:
                yield ScrubFinding(
                    "ncci-never-together",
                    c.strict,
                    column2.line_number,
                    f"{pair} are never paid together; {column2.procedure} is column 2 and will be denied.",
                    f"Take {column2.procedure} off this day; no modifier helps.",
                    source,
                )
            elif not bypassed_by((*first.modifiers, *second.modifiers)):
                yield ScrubFinding(
                    "ncci-modifier-needed",
                    c.strict,
                    column2.line_number,
                    f"{pair} are paid together only with an NCCI modifier; neither line has one.",
                    f"If they were distinct and the note shows it, add 59 or an X modifier to "
                    f"{column2.procedure}; else take it off.",
                    source,
                )


def _unit_limits(c: ClaimToScrub) -> Iterator[ScrubFinding]:
    for day, lines in c.days.items():
        by_code: defaultdict[str, list[SubmittedLine]] = defaultdict(list)
        for line in lines:
            by_code[line.procedure].append(line)
        for code, same in by_code.items():
            answer = c.tables.edits.limit(code, day, c.payer)
            if answer.limit is None or answer.source is None:
                continue
            by_line = answer.limit.adjudication_indicator == "1"
            billed = [line.units or Decimal(0) for line in same]
            units = max(billed) if by_line else sum(billed, Decimal(0))
            if units <= answer.limit.units:
                continue
            stale = " (stale)" if answer.stale else ""
            yield ScrubFinding(
                "mue-units",
                c.strict if answer.limit.absolute or by_line else Severity.WARNING,
                same[-1].line_number,
                f"{code} has {units:f} units on {day}; at most {answer.limit.units} are paid.",
                "Bill the units up to the limit; no appeal raises it."
                if answer.limit.absolute
                else "Check the units against the note, and keep the records that show the need.",
                f"MUE {answer.source.quarter}{stale}, MAI {answer.limit.adjudication_indicator}: "
                f"{answer.source.name}",
            )


def _therapy_modifiers(c: ClaimToScrub) -> Iterator[ScrubFinding]:
    for line in c.claim.lines:
        named = sorted(THERAPY_MODIFIERS.intersection(line.modifiers))
        wanted = EVALUATION_MODIFIERS.get(line.procedure)
        if not named and line.service_on and c.tables.always_therapy(line.procedure, line.service_on):
            yield ScrubFinding(
                "therapy-modifier-missing",
                c.strict,
                line.line_number,
                f"{line.procedure} is always therapy and has none of GP, GO and GN.",
                f"Add {wanted or 'GP (physical), GO (occupational) or GN (speech)'} by the plan of care.",
                CMS_THERAPY,
            )
        elif len(named) > 1 or (named and wanted and wanted not in named):
            yield ScrubFinding(
                "therapy-modifier-wrong",
                c.strict,
                line.line_number,
                f"{line.procedure} has {' and '.join(named)}"
                + (f", and is an evaluation under {wanted}." if wanted else "; a line has one plan of care."),
                f"Keep {wanted or 'the one of the plan of care'}.",
                CMS_THERAPY,
            )


def _assistants(c: ClaimToScrub) -> Iterator[ScrubFinding]:
    for line in c.claim.lines:
        for modifier, discipline in ASSISTANT_DISCIPLINES.items():
            if modifier not in line.modifiers:
                continue
            if line.procedure in EVALUATION_MODIFIERS:
                yield ScrubFinding(
                    "assistant-evaluation",
                    c.strict,
                    line.line_number,
                    f"{line.procedure} is an evaluation and has {modifier}: an assistant may not evaluate.",
                    f"Take {modifier} away if the therapist evaluated; else take the line off.",
                    "CMS page on CQ/CO modifiers; 42 CFR 410.60, 410.59",
                )
            elif discipline not in line.modifiers:
                yield ScrubFinding(
                    "assistant-discipline",
                    c.strict,
                    line.line_number,
                    f"{line.procedure} has {modifier} without {discipline}.",
                    f"{modifier} goes with {discipline}: correct the one that is wrong.",
                    "CMS page on CQ/CO modifiers",
                )


def _add_ons(c: ClaimToScrub) -> Iterator[ScrubFinding]:
    for day, lines in c.days.items():
        billed = {line.procedure for line in lines}
        for line in lines:
            primaries, source = c.tables.primaries(line.procedure, day)
            if primaries and billed.isdisjoint(primaries):
                yield ScrubFinding(
                    "add-on-without-primary",
                    c.strict,
                    line.line_number,
                    f"{line.procedure} is an add-on code; {' or '.join(primaries)} is not on {day}.",
                    "Bill the primary procedure of the day, or take the add-on off.",
                    f"NCCI add-on codes: {source}",
                )


def _npis(c: ClaimToScrub) -> Iterator[ScrubFinding]:
    claim = c.claim
    parties = {
        "billing provider": claim.billing_provider,
        "rendering provider": claim.rendering_provider,
        "referring provider": claim.referring_provider,
    }
    named = [(role, party.identifier, None) for role, party in parties.items() if party and party.identifier]
    lines = [
        ("rendering provider", li.rendering_npi, li.line_number) for li in claim.lines if li.rendering_npi
    ]
    for role, npi, number in (*named, *lines):
        if not valid_npi(npi):
            yield ScrubFinding(
                "npi-check-digit",
                Severity.ERROR,
                number,
                f"The {role}'s NPI {npi} is not one: its check digit does not fit.",
                "Look the NPI up and correct it; the payer will reject the claim.",
                "45 CFR 162.406",
            )


def _duplicates(c: ClaimToScrub) -> Iterator[ScrubFinding]:
    seen: dict[tuple[object, ...], int] = {}
    for line in c.claim.lines:
        key = (
            line.procedure,
            frozenset(line.modifiers),
            line.service_on,
            line.service_to,
            line.rendering_npi,
        )
        if key in seen and REPEATED.isdisjoint(line.modifiers):
            yield ScrubFinding(
                "duplicate-line",
                Severity.ERROR,
                line.line_number,
                f"{line.procedure} stands with the same modifiers and day in line {seen[key]} already.",
                "Put the units on one line, or add the modifier that says why it is there twice.",
                "CARC 18; own rule",
            )
        seen.setdefault(key, line.line_number)


def _diagnosis_pointers(c: ClaimToScrub) -> Iterator[ScrubFinding]:
    known = len(c.claim.diagnoses)
    for line in c.claim.lines:
        astray = [p for p in line.diagnosis_pointers if not p.isdigit() or not 1 <= int(p) <= known]
        if line.diagnosis_pointers and not astray:
            continue
        problem = f"points at diagnosis {astray[0]} of {known}" if astray else "points at no diagnosis"
        yield ScrubFinding(
            "diagnosis-pointer",
            Severity.ERROR,
            line.line_number,
            f"{line.procedure} {problem}.",
            "Let SV107 point at a diagnosis of the claim (HI) that the treatment is for.",
            f"{IMPLEMENTATION_GUIDE}, SV107; CARC 16",
        )


def _completeness(c: ClaimToScrub) -> Iterator[ScrubFinding]:
    for line in c.claim.lines:
        missing = [
            what for what, value in (("date of service", line.service_on), ("units", line.units)) if not value
        ]
        for what in missing:
            yield ScrubFinding(
                "line-incomplete",
                Severity.ERROR,
                line.line_number,
                f"{line.procedure} has no {what}.",
                f"Fill in the {what}.",
                IMPLEMENTATION_GUIDE,
            )
    charges = sum((line.charge_amount for line in c.claim.lines), Decimal("0.00"))
    if charges != c.claim.charge_amount:
        yield ScrubFinding(
            "charges-differ",
            Severity.ERROR,
            None,
            f"CLM02 is {format_dollars(c.claim.charge_amount)}, its lines are {format_dollars(charges)}.",
            "Make CLM02 the sum of the lines' charges.",
            f"{IMPLEMENTATION_GUIDE}, CLM02",
        )


def _filing_window(c: ClaimToScrub) -> Iterator[ScrubFinding]:
    if isinstance(c.filing, UnknownDeadline):
        yield ScrubFinding(
            "filing-window-unknown",
            Severity.WARNING,
            None,
            f"Until when this claim may be filed is unknown: {c.filing.missing}.",
            "Add the payer's window to rules/filing_windows.csv.",
            "own rule",
        )
    elif isinstance(c.filing, Deadline) and c.filing.due_on < c.today + NEAR:
        days = (c.filing.due_on - c.today).days
        over = f"was {c.filing.due_on}" if days < 0 else f"is {c.filing.due_on}, in {days} days"
        yield ScrubFinding(
            "filing-window",
            Severity.ERROR if days < 0 else Severity.WARNING,
            None,
            f"The last day to be received by the payer {over}.",
            "Send it today." if days >= 0 else "Send it only with proof of timely filing or of an exception.",
            c.filing.rule.source,
        )


Rule = Callable[[ClaimToScrub], Iterable[ScrubFinding]]

RULES: Final[tuple[Rule, ...]] = (
    *(_pair_edits, _unit_limits, _therapy_modifiers, _assistants, _add_ons, _npis, _duplicates),
    *(_diagnosis_pointers, _completeness, _filing_window),
)
