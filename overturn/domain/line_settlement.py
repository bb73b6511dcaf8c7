"""Which answer stands for each service line of one payer, where it answers a claim in parts.

A payer may split a claim over two remittances, or decide one line again without taking the first answer
back. CLP02 does not say so, the lines do:

- An answer whose lines come to the whole charge, or that has no lines, is about the whole claim and takes the
  place of all before it: that is what a payer means that sends a claim again.
- An answer about less is a part. Each of its lines takes the place of the same line, since a payer's last
  word on a line is what a biller can hold it to; a line not answered before stands beside the others as
  long as the claim's charge has room for it.
- A line that could be any of several with different results, or for which there is no room, is set aside:
  nothing tells what it answers. Its payment is money all the same, so the claim shows an imbalance until the
  payer or a person explains it.
- A part of which no line is known and none has room is a new answer in other terms, as when a payer bundles
  procedures: it stands for the whole claim, and what it leaves over is an imbalance.
- A claim denied as one denies each of its lines, so a line answered later is taken out of that denial.
- What a CLP says beyond its lines stands as long as one of them does.
- A reversal of some lines takes those back that it repeats with opposite signs, or nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from overturn.domain.answers import Adjudication, LineAnswer, LineIdentity, find_same
from overturn.domain.remittance import ZERO, sum_amounts


@dataclass(frozen=True, slots=True)
class LineInForce:
    """The answer that stands for one line, where it came from, and all that was paid for the line so far."""

    answer: LineAnswer
    by: Adjudication
    paid_amount: Decimal


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line of a part, and the line in force whose place it takes."""

    answer: LineAnswer
    instead_of: LineInForce | None

    def standing(self, by: Adjudication) -> LineInForce:
        paid = self.instead_of.paid_amount if self.instead_of else ZERO
        return LineInForce(self.answer.after(paid), by, paid + self.answer.paid_amount)


class PayerLines:
    """One payer's lines in force, as its answers are taken in the order of their dates."""

    def __init__(self, charge_amount: Decimal) -> None:
        self._charge_amount = charge_amount
        self.lines: list[LineInForce] = []
        self.paid_amount = ZERO

    def take(self, adjudication: Adjudication) -> None:
        """Take the next answer, or the reversal of some lines."""
        if adjudication.is_reversal:
            self._take_back(adjudication)
            return
        self.paid_amount += adjudication.paid_amount
        placed = list(self._placed(adjudication.lines))
        whole = adjudication.lines_charge_amount >= self._charge_amount
        if whole or not (placed or self._knows_any(adjudication.lines)):
            self._answer_whole(adjudication, placed)
        elif placed:
            self._answer_part(adjudication, placed)

    def _knows_any(self, answers: Sequence[LineAnswer]) -> bool:
        return any(answer.identity and find_same(answer.identity, self.identities) for answer in answers)

    @property
    def identities(self) -> list[LineIdentity | None]:
        return [line.answer.identity for line in self.lines]

    @property
    def answers(self) -> list[LineAnswer]:
        return [line.answer for line in self.lines]

    @property
    def charge_amount(self) -> Decimal:
        """The charge of what is answered."""
        return sum_amounts(answer.charge_amount for answer in self.answers)

    def unanswered_amount(self, expected: Sequence[LineIdentity]) -> Decimal:
        """The charge of the expected lines without an answer; zero where they are not all that is missing."""
        missing = list(expected)
        for identity in filter(None, self.identities):
            for place in find_same(identity, missing)[:1]:
                del missing[place]
        rest = self._charge_amount - self.charge_amount
        return rest if rest == sum_amounts(line.charge_amount for line in missing) else ZERO

    def _answer_whole(self, by: Adjudication, placed: Sequence[_Placed]) -> None:
        before = {p.answer.number: p for p in placed}
        paid = sum_amounts(line.paid_amount for line in self.lines)
        beyond = by.beyond_lines if by.lines else by.beyond_lines.after(paid)
        lines = [before.get(answer.number, _Placed(answer, None)).standing(by) for answer in by.lines]
        self.lines = [*lines, LineInForce(beyond, by, beyond.paid_amount + (ZERO if by.lines else paid))]

    def _answer_part(self, by: Adjudication, placed: Sequence[_Placed]) -> None:
        gone = {id(p.instead_of) for p in placed}
        lines = [line for line in self.lines if id(line) not in gone]
        lines += [p.standing(by) for p in placed]
        lines.append(LineInForce(by.beyond_lines, by, by.beyond_lines.paid_amount))
        over = sum_amounts(line.answer.charge_amount for line in lines) - self._charge_amount
        self.lines = list(_without_orphans([_less_denied(line, over) for line in lines]))

    def _placed(self, answers: Sequence[LineAnswer]) -> Iterator[_Placed]:
        free = [line for line in self.lines if line.answer.identity]
        denied_as_one = sum_amounts(a.charge_amount for a in self.answers if _is_denied_as_one(a))
        room = self._charge_amount - self.charge_amount + denied_as_one
        for answer in answers:
            if answer.identity is None:
                continue
            found = [
                free[place] for place in find_same(answer.identity, [line.answer.identity for line in free])
            ]
            if found and _tells_which(answer, answers, found):
                free.remove(found[0])
                yield _Placed(answer, found[0])
            elif not found and answer.charge_amount <= room:
                room -= answer.charge_amount
                yield _Placed(answer, None)

    def _take_back(self, reversal: Adjudication) -> None:
        left = list(self.lines)
        for answer in reversal.lines:
            taken = next((line for line in left if _is_opposite(answer, line)), None)
            if taken is None:
                return
            left.remove(taken)
        if len(left) < len(self.lines):
            self.paid_amount += reversal.paid_amount
            self.lines = list(_without_orphans(left))


def _is_denied_as_one(answer: LineAnswer) -> bool:
    return answer.identity is None and ZERO < answer.charge_amount == answer.denied_amount


def _less_denied(line: LineInForce, over: Decimal) -> LineInForce:
    """A claim denied as one, less the charge of the lines that were answered since."""
    answer = line.answer
    if over <= ZERO or not _is_denied_as_one(answer):
        return line
    left = answer.charge_amount - over
    return replace(line, answer=replace(answer, charge_amount=left, denied_amount=left))


def _tells_which(answer: LineAnswer, answers: Sequence[LineAnswer], found: Sequence[LineInForce]) -> bool:
    """Whether it does not matter which of several like lines is meant, or all of them are answered again."""
    results = {(f.paid_amount, f.answer.contractual_amount, f.answer.patient_amount) for f in found}
    alike = sum(1 for a in answers if a.identity == answer.identity)
    return len(results) == 1 or alike >= len(found)


def _is_opposite(answer: LineAnswer, line: LineInForce) -> bool:
    """Whether a reversal's line takes this one back: the same service, the charge and the money negative."""
    is_same = bool(answer.identity and find_same(answer.identity.negative, [line.answer.identity]))
    return is_same and -answer.paid_amount in {line.paid_amount, line.answer.paid_amount}


def _without_orphans(lines: Sequence[LineInForce]) -> Iterator[LineInForce]:
    """What was said beyond lines goes with the last of them."""
    with_lines = {line.by.payment_id for line in lines if line.answer.identity}
    for line in lines:
        if line.answer.identity or not line.by.lines or line.by.payment_id in with_lines:
            yield line
