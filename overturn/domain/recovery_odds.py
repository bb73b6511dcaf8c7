"""The chance to recover a denial, learned from how the practice's own cases ended.

Empirical Bayes in steps from the general to the particular: the published figure (rules/recovery_priors.csv)
moved by how the practice fares against those figures in all its cases; then its cases of this category and
action; of these the ones with the same state of records, of the same payer, of the same age. Each step starts
from the one before it as if that had been seen in so many cases, and how many is read from the record
too: where payers differ much a payer's few cases count, where they do not, they hardly do. With no outcome at
all the published figure stands. A chance orders work; it never writes anything off.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import exp, lgamma, log, sqrt
from typing import Final

from overturn.domain.codes import Action, Category
from overturn.domain.priority import Odds, PriorityTable

AGE_BANDS: Final = ((30, "0 to 30 days"), (60, "31 to 60 days"), (120, "61 to 120 days"))
OLDER: Final = "over 120 days"
AGE_UNKNOWN: Final = "unknown"

USUAL_WEIGHT: Final = 20.0
"""Cases a starting figure counts for until the record says otherwise: judgement."""
WEIGHTS: Final = (2.0, 5.0, 10.0, USUAL_WEIGHT, 50.0, 100.0, 200.0, 500.0)
FLOOR: Final = 0.01
CEILING: Final = 0.99
TWO_SIDED_95: Final = 1.96
TENTH_OF_A_PERCENT: Final = Decimal("0.001")

Group = tuple[str, ...]
STEPS: Final = (2, 3, 4, 5)
"""How many parts a group of each step has: category and action, records, payer, age."""


def age_band(days: int | None) -> str:
    """From the date of service to the denial, in days; None where either is unknown."""
    if days is None:
        return AGE_UNKNOWN
    return next((name for up_to, name in AGE_BANDS if days <= up_to), OLDER)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What makes one case like another. `records` says what of the supporting records is on file."""

    category: Category
    action: Action
    records: str
    payer: str
    age: str

    @property
    def groups(self) -> tuple[Group, ...]:
        """Category with action; then with records; then with the payer; then with the age."""
        parts = (self.category.value, self.action.value, self.records, self.payer, self.age)
        return tuple(parts[:length] for length in STEPS)


@dataclass(frozen=True, slots=True)
class EndedCases:
    """Cases that are alike and have a known outcome: how many, and of these how many were won."""

    likeness: Likeness
    ended: int
    won: int


class RecoveryOdds:
    """Answers for any likeness. Made once from all ended cases; the order they come in does not matter."""

    def __init__(self, record: Sequence[EndedCases], *, table: PriorityTable) -> None:
        self._table = table
        self._ended, self._won = _count(record)
        self._against_published = self._compare(record)
        self._weights = self._learn_weights()

    def find(self, likeness: Likeness) -> Odds:
        """The chance for a case of this likeness; LookupError where the table of priors has a hole."""
        chance, cases = self._start(likeness.groups[0]), USUAL_WEIGHT
        for group, weight in zip(likeness.groups, self._weights, strict=True):
            if ended := self._ended[group]:
                chance, cases = self._learn(chance, weight, group), weight + ended
        own = likeness.groups[0]
        if chance:  # nothing a payer decides is certain
            chance = min(max(chance, FLOOR), CEILING)
        low, high = beta_interval(chance, cases) if chance else (0.0, 0.0)
        return Odds(
            round_share(chance), round_share(low), round_share(high), n=self._ended[own], won=self._won[own]
        )

    def _start(self, kind: Group) -> float:
        """The published figure, moved by how the practice fares against all of them."""
        return min(CEILING, float(self._published(kind)) * self._against_published)

    def _published(self, kind: Group) -> Decimal:
        category, action = Category(kind[0]), Action(kind[1])
        return self._table.find_prior(category=category, action=action).probability

    def _learn(self, start: float, weight: float, group: Group) -> float:
        return (start * weight + self._won[group]) / (weight + self._ended[group])

    def _compare(self, record: Sequence[EndedCases]) -> float:
        """Cases won over cases the published figures promised; 1 where nothing has ended yet."""
        promised = sum(cases.ended * float(self._published(cases.likeness.groups[0])) for cases in record)
        return (sum(cases.won for cases in record) + USUAL_WEIGHT) / (promised + USUAL_WEIGHT)

    def _learn_weights(self) -> tuple[float, ...]:
        """For each step, how many cases its starting figure counts for."""
        chances: dict[Group, float] = {}
        weights = []
        for length in STEPS:
            groups = sorted(group for group in self._ended if len(group) == length)
            starts = {group: chances[group[:-1]] if chances else self._start(group) for group in groups}
            weight = _likeliest_weight([(starts[g], self._ended[g], self._won[g]) for g in groups])
            chances.update({group: self._learn(starts[group], weight, group) for group in groups})
            weights.append(weight)
        return tuple(weights)


def _count(record: Sequence[EndedCases]) -> tuple[Counter[Group], Counter[Group]]:
    ended: Counter[Group] = Counter()
    won: Counter[Group] = Counter()
    for cases in record:
        for group in cases.likeness.groups:
            ended[group] += cases.ended
            won[group] += cases.won
    return ended, won


def _likeliest_weight(seen: Sequence[tuple[float, int, int]]) -> float:
    """The weight under which these outcomes (start, ended, won) are likeliest: beta-binomial likelihood.

    A mild preference for the usual weight keeps two or three groups from deciding it.
    """
    return max(
        WEIGHTS,
        key=lambda weight: (
            sum(_log_likelihood(*one, weight) for one in seen) - log(weight / USUAL_WEIGHT) ** 2 / 2
        ),
    )


def _log_likelihood(start: float, ended: int, won: int, weight: float) -> float:
    mean = min(max(start, FLOOR), CEILING)
    wins, losses = mean * weight, (1 - mean) * weight
    return _log_beta(wins + won, losses + ended - won) - _log_beta(wins, losses)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def beta_interval(chance: float, cases: float) -> tuple[float, float]:
    """95 % of a beta distribution of this mean and weight, by the normal law of its log-odds.

    `chance` lies between 0 and 1, neither included; `cases` is what it was seen in.
    """
    spread = TWO_SIDED_95 * sqrt(1 / (chance * cases) + 1 / ((1 - chance) * cases))
    odds = log(chance / (1 - chance))
    return _from_log_odds(odds - spread), _from_log_odds(odds + spread)


def _from_log_odds(odds: float) -> float:
    return 1 / (1 + exp(-odds))


def round_share(part: float) -> Decimal:
    """A share as it is kept and shown: to a tenth of a percent."""
    return Decimal(str(part)).quantize(TENTH_OF_A_PERCENT, rounding=ROUND_HALF_UP)
