"""Where a claim stands after everything its payers have said, in whatever order they said it.

Adjudications are put in order by their own dates, reversals are paired with what they reverse, and the
latest one still standing is in force (docs/adr/0007), line by line where a payer answers in parts
(`overturn.domain.line_settlement`): a reversal alone is no denial, denied dollars are counted once in the
current state, and a later remittance that pays takes a denial away. Of several payers each has its own in
force; the next one answers only for what the one before left open. What a payer took back outside any claim
(`overturn.domain.take_backs`) is neither paid nor adjusted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from overturn.domain.answers import Adjudication, LineIdentity, distinct_lines, find_same
from overturn.domain.line_settlement import PayerLines
from overturn.domain.remittance import ZERO, sum_amounts
from overturn.domain.take_backs import TakeBack


@dataclass(frozen=True, slots=True)
class Standing:
    """A claim's dollars now: charge = paid + taken back + contractual + patient + denied + imbalance +
    unanswered."""

    charge_amount: Decimal
    paid_amount: Decimal  # net of every adjudication, reversals and what was taken back negative
    contractual_amount: Decimal = ZERO
    patient_amount: Decimal = ZERO
    denied_amount: Decimal = ZERO
    imbalance_amount: Decimal = ZERO
    unanswered_amount: Decimal = ZERO  # of the whole claim, or of lines that no answer is about
    taken_back_amount: Decimal = ZERO  # below zero while a recovery is put off to a later remittance
    unpriced_amount: Decimal = ZERO  # the most that denials without a price can be worth; in no sum
    in_force: Adjudication | None = None

    @property
    def at_stake_amount(self) -> Decimal:
        """What is denied, and the most that denials without a price can be worth."""
        return self.denied_amount + self.unpriced_amount


def standing_after(
    adjudication: Adjudication,
    adjudications: Iterable[Adjudication],
    *,
    charge_amount: Decimal,
    sent_lines: Sequence[LineIdentity] = (),
    take_backs: Iterable[TakeBack] = (),
) -> Standing:
    """The claim's standing when this adjudication was its latest: what is dated later is left out."""
    day = adjudication.order[0]
    return settle(
        [a for a in adjudications if a.order <= adjudication.order],
        charge_amount=charge_amount,
        sent_lines=sent_lines,
        take_backs=[t for t in take_backs if t.day <= day],
    )


def settle(
    adjudications: Iterable[Adjudication],
    *,
    charge_amount: Decimal,
    sent_lines: Sequence[LineIdentity] = (),
    take_backs: Iterable[TakeBack] = (),
) -> Standing:
    """The claim's standing.

    `charge_amount` is what was billed, `sent_lines` the lines of our own claim where it is known. With
    nothing in force (never answered, or reversed and not yet corrected) what is not paid is unanswered.
    """
    ordered = sorted(adjudications, key=lambda a: a.order)
    received = sum_amounts(a.paid_amount for a in ordered)
    taken_back = sum_amounts(t.amount for t in take_backs)
    claim = Standing(charge_amount, received - taken_back, taken_back_amount=taken_back)
    payers = _in_force(ordered, charge_amount)
    if not payers:
        return replace(claim, unanswered_amount=charge_amount - received)
    unpaid = charge_amount - received + sum_amounts(p.paid_amount for p in payers[1:])
    unanswered = payers[0].unanswered_amount(sent_lines or _seen_lines(ordered))
    left = _first_payer(payers[0], unpaid - unanswered)
    for payer in payers[1:]:
        left = _next_payer(left, payer, _not_asked(payers[0], payer))
    return replace(
        claim,
        contractual_amount=left.contractual_amount,
        patient_amount=left.patient_amount,
        denied_amount=left.denied_amount,
        imbalance_amount=left.imbalance_amount,
        unanswered_amount=unanswered,
        unpriced_amount=min(_unpriced(payers), max(charge_amount - received - left.patient_amount, ZERO)),
        in_force=max((line.by for line in payers[-1].lines), key=lambda a: a.order),
    )


def billed_amount(adjudications: Iterable[Adjudication]) -> Decimal:
    """What was billed, as far as payers tell: the largest charge of any answer."""
    return max((abs(a.charge_amount) for a in adjudications), default=ZERO)


@dataclass(frozen=True, slots=True)
class _Left:
    """What the payers so far did not pay, bucket by bucket."""

    contractual_amount: Decimal
    patient_amount: Decimal
    denied_amount: Decimal
    imbalance_amount: Decimal


@dataclass(frozen=True, slots=True)
class _NotAsked:
    """What the payer before left open on lines that the next payer has not answered yet."""

    patient_amount: Decimal = ZERO
    denied_amount: Decimal = ZERO


def _in_force(ordered: Sequence[Adjudication], charge_amount: Decimal) -> list[PayerLines]:
    """Each payer's lines in force, the primary payer first; a payer with none is left out."""
    standing = _standing_adjudications(ordered)
    payers = []
    for rank in sorted({a.rank for a in standing if not a.is_reversal}):
        payer = PayerLines(charge_amount)
        for adjudication in (a for a in standing if a.rank == rank):
            payer.take(adjudication)
        payers.append(payer)
    return [payer for payer in payers if payer.lines]


def _unpriced(payers: Sequence[PayerLines]) -> Decimal:
    return sum_amounts(answer.unpriced_amount for payer in payers for answer in payer.answers)


def _seen_lines(ordered: Sequence[Adjudication]) -> list[LineIdentity]:
    """Every line that any answer was about, once."""
    answers = [a for a in ordered if not a.is_reversal]
    first = set(distinct_lines(answers).values())
    return [
        line.identity
        for a in answers
        for line in a.lines
        if line.identity and (a.payment_id, line.number) in first
    ]


def _first_payer(payer: PayerLines, unpaid_amount: Decimal) -> _Left:
    contractual = sum_amounts(a.contractual_amount for a in payer.answers)
    patient = sum_amounts(a.patient_amount for a in payer.answers)
    denied = sum_amounts(a.denied_amount for a in payer.answers)
    return _Left(contractual, patient, denied, unpaid_amount - contractual - patient - denied)


def _next_payer(left: _Left, payer: PayerLines, not_asked: _NotAsked) -> _Left:
    """What the payer before left open (the patient's part, and what it denied) after the next one answered.

    Its payment counts against the patient's part first; what it pays beyond that takes a denial away. What
    it neither pays nor leaves open is its own write-off. Its CARC 23 only repeats the one before.
    """
    patient_before = left.patient_amount - not_asked.patient_amount
    denied_before = left.denied_amount - not_asked.denied_amount
    patient = sum_amounts(a.patient_amount for a in payer.answers)
    open_amount = patient_before + denied_before - payer.paid_amount - patient
    beyond = max(ZERO, payer.paid_amount + patient - patient_before)
    still_denied = max(ZERO, denied_before - beyond) + sum_amounts(a.denied_amount for a in payer.answers)
    denied = max(ZERO, min(still_denied, open_amount))
    return _Left(
        contractual_amount=left.contractual_amount + max(ZERO, open_amount - denied),
        patient_amount=patient + not_asked.patient_amount,
        denied_amount=denied + not_asked.denied_amount,
        imbalance_amount=left.imbalance_amount + min(ZERO, open_amount),
    )


def _not_asked(first: PayerLines, payer: PayerLines) -> _NotAsked:
    """Of the primary payer's lines those that this payer, which answers line by line, says nothing of."""
    if payer.charge_amount >= first.charge_amount or None in [
        a.identity for a in payer.answers if a.charge_amount
    ]:
        return _NotAsked()
    silent = [a for a in first.answers if a.identity and not find_same(a.identity, payer.identities)]
    return _NotAsked(
        sum_amounts(a.patient_amount for a in silent), sum_amounts(a.denied_amount for a in silent)
    )


def _standing_adjudications(ordered: Sequence[Adjudication]) -> list[Adjudication]:
    """Those that no reversal takes back, and the reversals that take back none of them as a whole.

    A reversal takes back one of equal and opposite amounts: rather one of the same lines, then one with its
    payer claim control number, and the earliest of several.
    """
    standing = [a for a in ordered if not a.is_reversal]
    of_lines = []
    for reversal in (a for a in ordered if a.is_reversal):
        opposite = [a for a in standing if _opposite(a, reversal) and _precedes(a, reversal, standing)]
        if opposite:
            standing.remove(min(opposite, key=lambda a: _unlikeness(a, reversal)))
        else:
            of_lines.append(reversal)
    return sorted([*standing, *of_lines], key=lambda a: a.order)


def _opposite(adjudication: Adjudication, reversal: Adjudication) -> bool:
    return (
        adjudication.charge_amount == -reversal.charge_amount
        and adjudication.paid_amount == -reversal.paid_amount
    )


def _unlikeness(adjudication: Adjudication, reversal: Adjudication) -> tuple[bool, bool]:
    lines = [line.identity for line in adjudication.lines]
    others = [
        line.number
        for line in reversal.lines
        if line.identity and not find_same(line.identity.negative, lines)
    ]
    return (
        bool(others),
        adjudication.payer_claim_control_number != reversal.payer_claim_control_number,
    )


def _precedes(adjudication: Adjudication, reversal: Adjudication, standing: Sequence[Adjudication]) -> bool:
    """Whether the reversal can mean this one. The only one of the reversal's own day is its correction, and
    what was reversed came in a file we do not have."""
    day, reversed_on = adjudication.payment_on or date.min, reversal.payment_on or date.min
    same_day = [a for a in standing if (a.payment_on or date.min) == reversed_on]
    return day < reversed_on or (day == reversed_on and len(same_day) > 1)
