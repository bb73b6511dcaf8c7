"""Stored history under other rules: what would change, counted and shown, and nothing changed.

Only adjudications that a differing row could touch, and with a reason that some row takes for a denial, are
decided again, under both sets of rules; the others come out the same by construction.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.claim_records import claim_records
from overturn.db.history import Chunk, Stored, build, read_chunks
from overturn.domain.causes.tables import ClaimRecord
from overturn.domain.classification import Ruling, rule_claim
from overturn.domain.codes import Action
from overturn.domain.deadlines import Deadline
from overturn.domain.payers import PayerContext
from overturn.domain.priority import expect_recovery
from overturn.domain.remittance import ZERO
from overturn.domain.rule_row import SILENT, UMBRELLA, DenialRule
from overturn.domain.rule_table import DenialTable
from overturn.domain.silent import CONTRACTUAL_CARC
from overturn.rulebook import Rulebook
from overturn.rulebook.case_deadline import derive_case_deadline

RESOLVED: Final = "resolved"
NO_DENIAL: Final = "no denial"
SHOWN: Final = 1_000
REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one set of rules makes of a line. `expected_amount` is what it is worth working, in US dollars."""

    category: str
    cause: str
    action: str
    due_on: date | None
    denied_amount: Decimal
    unpriced_amount: Decimal  # the most it can be worth, where it has no price; in no sum
    expected_amount: Decimal
    rule_id: str = field(compare=False)  # another row that decides alike changes nothing


@dataclass(frozen=True, slots=True)
class Change:
    """A line (None: the whole claim) that another set of rules sees otherwise; None: no denial there."""

    patient_control_number: str | None
    case_id: UUID | None
    case_open: bool
    line: int | None
    before: Outcome | None
    after: Outcome | None


@dataclass(slots=True)
class Replay:
    """What was read and what would change. `changes` holds the first ones, `kinds` counts all of them."""

    before_version: str
    after_version: str
    adjudications: int = 0
    decided_again: int = 0
    changed_lines: int = 0
    changed_adjudications: int = 0
    changed_open_cases: int = 0
    changed_deadlines: int = 0
    denied_before_amount: Decimal = ZERO  # of the changed lines
    denied_after_amount: Decimal = ZERO
    expected_before_amount: Decimal = ZERO
    expected_after_amount: Decimal = ZERO
    kinds: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # what, before, after
    changes: list[Change] = field(default_factory=list)


async def replay(
    session: AsyncSession,
    *,
    before: Rulebook,
    after: Rulebook,
    since: date | None = None,
    as_of: date | None = None,
    shown: int = SHOWN,
) -> Replay:
    """Hold the record against both sets of rules; with `as_of` the second one as it stands on that day."""
    replaying = Replaying(before=before, after=after, as_of=as_of, shown=shown)
    return await replay_record(session, replaying, since=since)


async def replay_record(
    session: AsyncSession,
    replaying: "Replaying",
    *,
    since: date | None = None,
    until: date | None = None,
) -> Replay:
    """Take everything that remittances from `since` to `until` say."""
    async for chunk in read_chunks(await session.connection(), since=since, until=until):
        await replaying.take(session, chunk)
    return replaying.found


class Replaying:
    """Both sets of rules, held against one chunk of the record after the other; `found` grows with each."""

    def __init__(
        self, *, before: Rulebook, after: Rulebook, as_of: date | None = None, shown: int = SHOWN
    ) -> None:
        table = after.denials.in_force_on(as_of) if as_of else after.denials
        self.found = Replay(before.version, after.version)
        self._sides = _Side(before, before.denials), _Side(after, table)
        self._touches = _Touched(before, after, table)
        self._shown = shown

    async def take(self, session: AsyncSession, chunk: Chunk) -> None:
        """Decide what a differing row could touch, under both, with what the record knows of each claim."""
        self.found.adjudications += len(chunk.payments)
        touched = build(chunk, self._touches.among(chunk))
        self.found.decided_again += len(touched)
        records = await claim_records(session, {stored.claim_id for stored in touched}) if touched else {}
        for stored in touched:
            _count(self.found, _compare(stored, records[stored.claim_id], *self._sides), self._shown)


class _Touched:
    """Whether an adjudication could come out otherwise: some code of it is in a row that differs."""

    def __init__(self, before: Rulebook, after: Rulebook, table: DenialTable) -> None:
        old, new = ({rule.id: rule for rule in rules.rules} for rules in (before.denials, table))
        labels = ("guardrails", "reasons", "remarks", "groups")
        self._everything = not _same_ground(before, after)
        self._everything |= any(getattr(before.denials, n) != getattr(table, n) for n in labels)
        # Between equal rows the order decides.
        self._everything |= [name for name in old if name in new] != [name for name in new if name in old]
        differing = [
            rule for name in old.keys() | new.keys() for rule in _differing(old.get(name), new.get(name))
        ]
        self._cells = [rule.when.carc for rule in differing if not rule.when.carc.exact]
        self._carcs = {code for rule in differing for code in rule.when.carc.codes}
        if UMBRELLA in self._carcs:
            self._carcs |= {code for code, reason in before.denials.reasons.items() if reason.umbrella}
        self._everything |= not SILENT.isdisjoint(self._carcs)
        self._tables = (before.denials, table)
        self._known: dict[tuple[str, str], bool] = {}
        self._priced = bool(before.contracts or after.contracts)

    def among(self, chunk: Chunk) -> set[int]:
        """The places of the adjudications to be decided again: nothing is built of the others."""
        wanted = {row[0] for row in chunk.adjustments if self._matters(row[2], row[3])}
        return wanted | set(_cut_silently(chunk, priced=self._priced)) if self._everything else wanted

    def _matters(self, group: str, reason: str) -> bool:
        known = self._known.get((group, reason))
        if known is None:
            known = self._known[group, reason] = self._may_change(group, reason)
        return known

    def _may_change(self, group: str, reason: str) -> bool:
        touched = reason in self._carcs or any(cell.holds(reason) for cell in self._cells)
        if not touched and not self._everything:
            return False
        return not all(table.index.never_denies(reason, group) for table in self._tables)


def _cut_silently(chunk: Chunk, *, priced: bool) -> Iterator[int]:
    """The places of adjudications with a line that may have been cut without a code (`domain.silent`):
    otherwise answered than sent, not paid without a word, or, where prices are agreed, written off at all."""
    sent = {row[0]: row.lines or () for row in chunk.submitted}
    unpaid: dict[tuple[int, int], Decimal] = {}
    for line in chunk.lines:
        place, number, _, _, _, paid, _, submitted_procedure, *_, submitted_units = line
        if submitted_procedure or submitted_units or not _as_sent(line, sent.get(place, ())):
            yield place
        elif not paid:
            unpaid[place, number] = ZERO
    places = {place for place, _ in unpaid}
    for place, number, _, _, amount, *_ in (row for row in chunk.adjustments if row[0] in places):
        if (place, number) in unpaid:
            unpaid[place, number] += amount
    yield from (place for (place, _), said in unpaid.items() if not said)
    if priced:
        yield from (row[0] for row in chunk.adjustments if row[3] == CONTRACTUAL_CARC)


def _as_sent(answered: Any, lines: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the line of our claim in the same place, if we know it, is surely this one, procedure and units
    alike."""
    _, number, procedure, _, _, _, units, _, _, _, _, control, *_ = answered
    if not lines:
        return True
    if number > len(lines):
        return False
    line = lines[number - 1]
    same_line = not (control and line["control_number"]) or control == line["control_number"]
    return same_line and bool(line["procedure"] == procedure and line["units"] == str(units))


def _differing(old: DenialRule | None, new: DenialRule | None) -> list[DenialRule]:
    """Both versions of a row that does not decide alike: other cells, another outcome, another pack."""
    told = [(rule.when, rule.outcome, rule.pack_order) for rule in (old, new) if rule]
    return [] if len(told) == 2 and told[0] == told[1] else [rule for rule in (old, new) if rule]  # noqa: PLR2004


def _same_ground(before: Rulebook, after: Rulebook) -> bool:
    """Whether all tables but the rules themselves give the same payers, deadlines and chances."""

    def ground(rules: Rulebook) -> tuple[object, ...]:
        payers, windows = rules.payers, rules.filing_windows
        proofs = (rules.contracts, rules.enrolments, rules.retroactive_authorizations)
        return (payers.payers, payers.indicators, windows.windows, windows.margins, rules.priorities, proofs)

    return ground(before) == ground(after)


def _compare(stored: Stored, record: ClaimRecord, before: "_Side", after: "_Side") -> list[Change]:
    old, new = before.outcomes(stored, record), after.outcomes(stored, record)
    return [
        Change(
            patient_control_number=stored.claim.patient_control_number,
            case_id=stored.case_id,
            case_open=stored.case_status not in {None, RESOLVED},
            line=line,
            before=old.get(line),
            after=new.get(line),
        )
        for line in sorted(old.keys() | new.keys(), key=lambda line: line or 0)
        if old.get(line) != new.get(line)
    ]


class _Side:
    """One set of rules, with what it said before: of each payer, and of each deadline, there are few."""

    def __init__(self, rulebook: Rulebook, table: DenialTable) -> None:
        self._rulebook = rulebook
        self._table = table
        self._payer = lru_cache(REMEMBERED)(self._resolve)
        self._due_on = lru_cache(REMEMBERED)(self._derive)
        self._prior = lru_cache(REMEMBERED)(rulebook.priorities.find_prior)

    def outcomes(self, stored: Stored, record: ClaimRecord) -> dict[int | None, Outcome]:
        """What these rules make of each line that they take for denied."""
        payer = self._payer(stored.payer_name, stored.payer_identifier, stored.claim.filing_indicator)
        ruled = rule_claim(
            stored.claim,
            table=self._table,
            payer=payer,
            submitted=stored.submitted,
            paid_on=stored.payment_on,
            record=record,
        )
        lines = ((ruling.target.line, ruling) for ruling in ruled.rulings)
        return {line.line_number if line else None: self._outcome(r, stored, payer) for line, r in lines}

    def _resolve(self, name: str | None, identifier: str | None, indicator: str | None) -> PayerContext:
        return self._rulebook.payers.resolve(name=name, identifier=identifier, filing_indicator=indicator)

    def _derive(
        self, action: Action, payer: PayerContext, service_from: date | None, denied_on: date | None
    ) -> date | None:
        deadline = derive_case_deadline(
            action,
            rulebook=self._rulebook,
            payer_key=payer.key,
            line_of_business=payer.line_of_business,
            service_from=service_from,
            denied_on=denied_on,
        )
        return deadline.due_on if isinstance(deadline, Deadline) else None

    def _outcome(self, ruling: Ruling, stored: Stored, payer: PayerContext) -> Outcome:
        category, action = ruling.rule.category, ruling.action
        prior = self._prior(category=category, action=action)
        return Outcome(
            category=category,
            cause=ruling.rule.cause,
            action=action,
            due_on=self._due_on(action, payer, stored.claim.service_from, stored.payment_on),
            denied_amount=ruling.amount,
            unpriced_amount=ruling.unpriced_amount,
            expected_amount=expect_recovery(ruling.amount, prior.probability),
            rule_id=ruling.rule.id,
        )


def _count(found: Replay, changes: list[Change], shown: int) -> None:
    found.changed_lines += len(changes)
    found.changed_adjudications += bool(changes)
    found.changed_open_cases += any(change.case_open for change in changes)
    for change in changes:
        old, new = change.before, change.after
        found.denied_before_amount += old.denied_amount if old else ZERO
        found.denied_after_amount += new.denied_amount if new else ZERO
        found.expected_before_amount += old.expected_amount if old else ZERO
        found.expected_after_amount += new.expected_amount if new else ZERO
        found.changed_deadlines += (old.due_on if old else None) != (new.due_on if new else None)
        for what in ("category", "action"):
            was, becomes = (str(getattr(o, what)) if o else NO_DENIAL for o in (old, new))
            if was != becomes:
                found.kinds[what, was, becomes] += 1
        if len(found.changes) < shown:
            found.changes.append(change)
