"""What a denial is worth working: expected recovery, urgency and cost, with the arithmetic in plain sight."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from overturn.domain.codes import Action, Category, format_dollars
from overturn.domain.remittance import ZERO

CENT: Final = Decimal("0.01")
NO_URGENCY: Final = Decimal("1.0")


@dataclass(frozen=True, slots=True)
class RecoveryPrior:
    """One row of `rules/recovery_priors.csv`: chance (0 to 1) and cost in US dollars; None matches any."""

    category: Category | None
    action: Action | None
    probability: Decimal
    cost_amount: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class UrgencyStep:
    """Up to so many days left, the expected recovery is weighed by this factor."""

    days_left_up_to: int
    factor: Decimal


@dataclass(frozen=True, slots=True)
class Odds:
    """A chance (0 to 1), its 95 % interval, and the practice's own cases it rests on.

    `n` and `won` count cases of the same category and action; with `n` 0 the published figure speaks.
    """

    chance: Decimal
    low: Decimal
    high: Decimal
    n: int
    won: int

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Odds":
        """From what `written` gave."""
        chance, low, high = (Decimal(stored[name]) for name in ("chance", "low", "high"))
        return cls(chance, low, high, n=stored["n"], won=stored["won"])

    def written(self) -> dict[str, Any]:
        """In plain JSON values, as a case keeps it."""
        chances = {"chance": str(self.chance), "low": str(self.low), "high": str(self.high)}
        return {**chances, "n": self.n, "won": self.won}

    @property
    def basis(self) -> str:
        span = f"{self.low * 100:.0f} to {self.high * 100:.0f} %"
        if not self.n:
            return f"published figure, n 0, {span}"
        return f"{self.won} of {self.n} own cases won, {span}"


@dataclass(frozen=True, slots=True)
class Priority:
    """Higher scores first; an unknown deadline before all of them (sort by `sort_key`, ascending)."""

    expected_recovery_amount: Decimal
    score: Decimal
    deadline_unknown: bool
    arithmetic: str

    @property
    def sort_key(self) -> tuple[bool, Decimal]:
        return (not self.deadline_unknown, -self.score)


@dataclass(frozen=True, slots=True)
class PriorityTable:
    """Published or judged chances of recovery, and urgency by days left, ascending."""

    priors: tuple[RecoveryPrior, ...]
    urgency: tuple[UrgencyStep, ...]

    def find_prior(self, *, category: Category, action: Action) -> RecoveryPrior:
        """The prior for category and action, else for the action, else for the category, else for all.

        Raises LookupError when nothing matches; a loaded table always has a row for everything.
        """
        fits = [p for p in self.priors if p.category in (None, category) and p.action in (None, action)]
        if not fits:
            raise LookupError(f"no recovery prior for {category} with {action}: add a row with blank cells")
        return max(fits, key=lambda p: (p.action is not None, p.category is not None))

    def find_urgency(self, days_left: int | None) -> Decimal:
        """The factor for so many days; the greatest one where the deadline is unknown."""
        if days_left is None:
            return max(step.factor for step in self.urgency)
        return next((s.factor for s in self.urgency if days_left <= s.days_left_up_to), NO_URGENCY)


def expect_recovery(denied_amount: Decimal, probability: Decimal) -> Decimal:
    """Denied dollars times the chance to get them, in cents, half up."""
    return (denied_amount * probability).quantize(CENT, rounding=ROUND_HALF_UP)


def prioritise(
    denied_amount: Decimal,
    *,
    unpriced_amount: Decimal = ZERO,
    table: PriorityTable,
    category: Category,
    action: Action,
    days_left: int | None,
    odds: Odds | None = None,
) -> Priority:
    """Score = denied dollars x chance x urgency - cost to work, in US dollars.

    What has no price is ranked by `unpriced_amount`, the most that it can be worth, and is not expected.
    `days_left` is counted to the due date, None when no deadline is known; `odds`, learned from the
    practice's own outcomes, take the place of the published prior.
    """
    prior = table.find_prior(category=category, action=action)
    chance = odds.chance if odds else prior.probability
    urgency = table.find_urgency(days_left)
    expected = expect_recovery(denied_amount, chance)
    at_stake = denied_amount + unpriced_amount
    score = (at_stake * chance * urgency - prior.cost_amount).quantize(CENT, rounding=ROUND_HALF_UP)
    left = "deadline unknown" if days_left is None else _days(days_left)
    basis = f" ({odds.basis})" if odds else ""
    arithmetic = (
        f"{'at most ' if unpriced_amount else ''}{format_dollars(at_stake)} x "
        f"{(chance * 100).normalize():f} %{basis} x {urgency:f} ({left})"
        f" - {format_dollars(prior.cost_amount)}"
    )
    return Priority(expected, score, deadline_unknown=days_left is None, arithmetic=arithmetic)


def _days(days_left: int) -> str:
    if days_left < 0:
        return f"{-days_left} days overdue"
    return "1 day left" if days_left == 1 else f"{days_left} days left"
